"""`lift`: two officers of the originators end a stop. Stopping takes one person, opening takes two.

Payload: common fields with a nonce, `report` (UUID), `stop` (hash of the stop it ends).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from exchange.statements import form
from exchange.statements.errors import OtherSubjectError
from exchange.statements.form import Stamp
from exchange.statements.signers import Signer, SignerBook, at_least, of_bodies
from keys import fields
from keys.encoding import b64u, unb64u
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/lift/v1"
OFFICERS: Final = 2

_SCHEMA: Final[fields.Schema] = {"report": fields.uuid, "stop": fields.HASH}


@dataclass(frozen=True)
class Lift:
    """The end of the stop whose hash is `stop` (32 bytes); other stops of the report stand."""

    stamp: Stamp
    report: str
    stop: bytes


def build(lift: Lift) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    statement = form.build(LABEL, lift.stamp, {"report": lift.report, "stop": b64u(lift.stop)})
    read(statement)
    return statement


def read(statement: Statement) -> Lift:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    stamp, body = form.read_stamped(statement, LABEL, _SCHEMA)
    return Lift(stamp, body["report"], unb64u(body["stop"]))


def parse(text: bytes) -> tuple[Lift, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(
    lift: Lift, statement: Statement, book: SignerBook, report: str, stop: bytes, originators: Collection[str]
) -> tuple[Signer, ...]:
    """Return who lifted the stop, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. every signer is an officer of an originator of the report (WrongSignerError);
    3. it names this report and this stop (OtherSubjectError);
    4. two different officers signed (TooFewSignersError: pending).
    """
    signers = book.signers(statement, lift.stamp.exchange)
    of_bodies(signers, originators)
    if (lift.report, lift.stop) != (report, stop):
        raise OtherSubjectError("a lift names another report or stop")
    at_least(signers, OFFICERS)
    return signers
