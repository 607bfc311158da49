"""`release-request`: one officer asks for the envelope of a part, for an action and a purpose.

Payload: common fields with a nonce, `report` (UUID), `part` (8 bytes), `action`, `purpose`. The release entry and the
receipt name its hash, so the log shows that this request, and no other, was answered.
"""

from dataclasses import dataclass
from typing import Final

from exchange.statements import form, words
from exchange.statements.form import Stamp
from exchange.statements.signers import Signer, SignerBook, only
from keys import fields
from keys.encoding import b64u, unb64u
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/release-request/v1"

_SCHEMA: Final[fields.Schema] = {
    "action": fields.one_of(*words.ACTIONS),
    "part": fields.ID8,
    "purpose": fields.one_of(*words.PURPOSES),
    "report": fields.uuid,
}


@dataclass(frozen=True)
class ReleaseRequest:
    """What is asked for: a part (8 bytes) of a report, an action and a purpose."""

    stamp: Stamp
    report: str
    part: bytes
    action: str
    purpose: str


def build(request: ReleaseRequest) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    body = {"action": request.action, "part": b64u(request.part), "purpose": request.purpose, "report": request.report}
    statement = form.build(LABEL, request.stamp, body)
    read(statement)
    return statement


def read(statement: Statement) -> ReleaseRequest:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    stamp, body = form.read_stamped(statement, LABEL, _SCHEMA)
    return ReleaseRequest(stamp, body["report"], unb64u(body["part"]), body["action"], body["purpose"])


def parse(text: bytes) -> tuple[ReleaseRequest, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(request: ReleaseRequest, statement: Statement, book: SignerBook) -> Signer:
    """Return who asks, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. one officer signed (TooManySignersError).
    Whether that officer may have it is for policy to say; whether the time is near, `signers.check_clock`.
    """
    return only(book.signers(statement, request.stamp.exchange))
