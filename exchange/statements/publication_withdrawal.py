"""`publication-withdrawal`: one officer of the owner takes a published rendition off the page. Closing takes one person.

Payload: common fields with a nonce, `report` (UUID), `publication` (hash of what it withdraws). That it was published, and
with which SHA-256, stays known.
"""

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

LABEL: Final = "exchange/publication-withdrawal/v1"

_SCHEMA: Final[fields.Schema] = {"publication": fields.HASH, "report": fields.uuid}


@dataclass(frozen=True)
class PublicationWithdrawal:
    """The end of the publication whose hash is `publication` (32 bytes); other publications of the report stand."""

    stamp: Stamp
    report: str
    publication: bytes


def build(withdrawal: PublicationWithdrawal) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    body = {"publication": b64u(withdrawal.publication), "report": withdrawal.report}
    statement = form.build(LABEL, withdrawal.stamp, body)
    read(statement)
    return statement


def read(statement: Statement) -> PublicationWithdrawal:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    stamp, body = form.read_stamped(statement, LABEL, _SCHEMA)
    return PublicationWithdrawal(stamp, body["report"], unb64u(body["publication"]))


def parse(text: bytes) -> tuple[PublicationWithdrawal, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(
    withdrawal: PublicationWithdrawal, statement: Statement, book: SignerBook, report: str, owner: str
) -> Signer:
    """Return who withdrew the publication, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. one officer signed, of the owner (TooManySignersError, WrongSignerError);
    3. it names this report (OtherSubjectError).
    """
    signers = book.signers(statement, withdrawal.stamp.exchange)
    signer = only(signers)
    of_bodies(signers, (owner,))
    if withdrawal.report != report:
        raise OtherSubjectError("a withdrawal names another report")
    return signer
