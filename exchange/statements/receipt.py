"""`receipt`: the officer who asked confirms that the part was opened, naming request and release entry.

Payload: common fields with a nonce, `report` (UUID), `part` (8 bytes), `request` (hash of the release request), `n` and
`index` of the release entry in the audit log.
"""

from dataclasses import dataclass
from typing import Final

from exchange.statements import form
from exchange.statements.errors import OtherSubjectError, WrongSignerError
from exchange.statements.form import Stamp
from exchange.statements.signers import Signer, SignerBook, only
from keys import fields
from keys.encoding import b64u, unb64u
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/receipt/v1"

_SCHEMA: Final[fields.Schema] = {
    "index": fields.integer(),
    "n": fields.integer(1),
    "part": fields.ID8,
    "report": fields.uuid,
    "request": fields.HASH,
}


@dataclass(frozen=True)
class Receipt:
    """What was opened: a part (8 bytes) of a report, asked for by `request` (hash), released by entry (n, index)."""

    stamp: Stamp
    report: str
    part: bytes
    request: bytes
    n: int
    index: int


def build(receipt: Receipt) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    body = {
        "index": receipt.index,
        "n": receipt.n,
        "part": b64u(receipt.part),
        "report": receipt.report,
        "request": b64u(receipt.request),
    }
    statement = form.build(LABEL, receipt.stamp, body)
    read(statement)
    return statement


def read(statement: Statement) -> Receipt:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    stamp, body = form.read_stamped(statement, LABEL, _SCHEMA)
    return Receipt(stamp, body["report"], unb64u(body["part"]), unb64u(body["request"]), body["n"], body["index"])


def parse(text: bytes) -> tuple[Receipt, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


@dataclass(frozen=True)
class Released:
    """What a receipt is held against: the request's hash and officer (16 bytes), its report and part, the entry."""

    request: bytes
    officer: bytes
    report: str
    part: bytes
    n: int
    index: int


def verify(receipt: Receipt, statement: Statement, book: SignerBook, released: Released | None = None) -> Signer:
    """Return who received, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. one officer signed (TooManySignersError);
    3. where the release is at hand: the receipt names it in all its fields (OtherSubjectError), and the officer is the
       one who asked (WrongSignerError). The server keeps no table of releases, so it passes None; readers of views do not.
    """
    signer = only(book.signers(statement, receipt.stamp.exchange))
    if released is not None:
        named = (receipt.request, receipt.report, receipt.part, receipt.n, receipt.index)
        if named != (released.request, released.report, released.part, released.n, released.index):
            raise OtherSubjectError("a receipt names another release")
        if signer.officer != released.officer:
            raise WrongSignerError("a receipt is signed by another officer than asked")
    return signer
