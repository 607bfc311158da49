"""`grant`: two officers of the owner name later recipients of a report. Opening takes two.

Payload: common fields with a nonce, `report` (UUID), `header` (hash), `recipients`: objects {organisation, epoch, key,
part, envelope}, sorted by (organisation, part), none twice.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from exchange.statements import form
from exchange.statements.errors import OtherSubjectError
from exchange.statements.form import Stamp
from exchange.statements.signers import Signer, SignerBook, at_least, of_bodies
from keys import fields
from keys.encoding import b64u, unb64u
from keys.errors import MalformedError
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/grant/v1"
OFFICERS: Final = 2

_RECIPIENT: Final[fields.Schema] = {
    "envelope": fields.HASH,
    "epoch": fields.integer(1, 2**32 - 1),
    "key": fields.HASH,
    "organisation": fields.organisation,
    "part": fields.ID8,
}
_SCHEMA: Final[fields.Schema] = {
    "header": fields.HASH,
    "recipients": fields.list_of(fields.an_object(_RECIPIENT), least=1),
    "report": fields.uuid,
}


@dataclass(frozen=True)
class GrantRecipient:
    """A later recipient of a part: the epoch and key id the envelope was wrapped to, and the envelope's hash."""

    organisation: str
    epoch: int
    key: bytes
    part: bytes
    envelope: bytes

    def body(self) -> dict[str, Any]:
        """Return the recipient as JSON values."""
        return {
            "envelope": b64u(self.envelope),
            "epoch": self.epoch,
            "key": b64u(self.key),
            "organisation": self.organisation,
            "part": b64u(self.part),
        }


@dataclass(frozen=True)
class Grant:
    """Later recipients of `report`, whose header has the hash `header` (32 bytes)."""

    stamp: Stamp
    report: str
    header: bytes
    recipients: tuple[GrantRecipient, ...]


def build(grant: Grant) -> Statement:
    """Return the unsigned statement, recipients in order; MalformedError if a value is not in form."""
    recipients = sorted(grant.recipients, key=_place)
    body = {"header": b64u(grant.header), "recipients": [r.body() for r in recipients], "report": grant.report}
    statement = form.build(LABEL, grant.stamp, body)
    read(statement)
    return statement


def read(statement: Statement) -> Grant:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    stamp, body = form.read_stamped(statement, LABEL, _SCHEMA)
    recipients = tuple(_recipient(item) for item in body["recipients"])
    if any(not _place(a) < _place(b) for a, b in pairwise(recipients)):
        raise MalformedError("field 'recipients': not sorted by organisation and part, each once")
    return Grant(stamp, body["report"], unb64u(body["header"]), recipients)


def parse(text: bytes) -> tuple[Grant, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(grant: Grant, statement: Statement, book: SignerBook, header: bytes, owner: str) -> tuple[Signer, ...]:
    """Return who granted, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. every signer is an officer of the owner (WrongSignerError);
    3. it names this header (OtherSubjectError);
    4. two different officers signed (TooFewSignersError: pending).
    """
    signers = book.signers(statement, grant.stamp.exchange)
    of_bodies(signers, (owner,))
    if grant.header != header:
        raise OtherSubjectError("a grant names another header")
    at_least(signers, OFFICERS)
    return signers


def _recipient(body: dict[str, Any]) -> GrantRecipient:
    return GrantRecipient(
        body["organisation"], body["epoch"], unb64u(body["key"]), unb64u(body["part"]), unb64u(body["envelope"])
    )


def _place(recipient: GrantRecipient) -> tuple[str, bytes]:
    return recipient.organisation, recipient.part
