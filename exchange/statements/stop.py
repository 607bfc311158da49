"""`stop`: one officer of an originator stops a report, at once, at any hour.

Payload: common fields with a nonce, `report` (UUID), `header` (hash of the report's header).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from exchange.statements import form
from exchange.statements.errors import OtherSubjectError
from exchange.statements.form import Stamp
from exchange.statements.signers import Signer, SignerBook, of_bodies, only
from keys import fields
from keys.encoding import b64u, unb64u
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/stop/v1"

_SCHEMA: Final[fields.Schema] = {"header": fields.HASH, "report": fields.uuid}


@dataclass(frozen=True)
class Stop:
    """A stop of `report`, whose header has the hash `header` (32 bytes)."""

    stamp: Stamp
    report: str
    header: bytes


def build(stop: Stop) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    statement = form.build(LABEL, stop.stamp, {"header": b64u(stop.header), "report": stop.report})
    read(statement)
    return statement


def read(statement: Statement) -> Stop:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    stamp, body = form.read_stamped(statement, LABEL, _SCHEMA)
    return Stop(stamp, body["report"], unb64u(body["header"]))


def parse(text: bytes) -> tuple[Stop, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(stop: Stop, statement: Statement, book: SignerBook, header: bytes, originators: Collection[str]) -> Signer:
    """Return who stopped the report, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. one officer signed, of an originator of the report (TooManySignersError, WrongSignerError);
    3. it names this header (OtherSubjectError).
    """
    signers = book.signers(statement, stop.stamp.exchange)
    signer = only(signers)
    of_bodies(signers, originators)
    if stop.header != header:
        raise OtherSubjectError("a stop names another header")
    return signer
