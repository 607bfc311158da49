"""`recall`: one officer of the owner asks every recipient of a report, or of one part, to give up what it was given.

Payload: common fields with a nonce, `report` (UUID), `header` (hash of the report's header), `part` (8 bytes, or null for
all), `reason` (a word of REASONS), `instrument` (16 bytes: the State's agreement that ended, or null), `reply_by` (the last
day for an answer, or null). A recall also closes, at once; what ends it is a `lift` that names its hash.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from exchange.statements import form
from exchange.statements.errors import OtherSubjectError
from exchange.statements.form import Stamp
from exchange.statements.signers import Signer, SignerBook, of_bodies, only
from keys import fields
from keys.encoding import b64u, unb64u
from keys.errors import MalformedError
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/recall/v1"

# What ended was a State's agreement: whoever has the report by the treaty itself, or because it is public, keeps it.
OF_AGREEMENT: Final = ("withdrawal", "expiry")
# The others reach everyone who was sent it: sent in error, replaced by another, to protect a person, or no more is said.
REASONS: Final = (*OF_AGREEMENT, "error", "replaced", "protection", "stop")

_SCHEMA: Final[fields.Schema] = {
    "header": fields.HASH,
    "instrument": fields.nullable(fields.ID16),
    "part": fields.nullable(fields.ID8),
    "reason": fields.one_of(*REASONS),
    "reply_by": fields.nullable(fields.day),
    "report": fields.uuid,
}


@dataclass(frozen=True)
class Recall:
    """A recall of `report` (header's hash, 32 bytes), or of one part (8 bytes; None: of all); `instrument` is 16 bytes."""

    stamp: Stamp
    report: str
    header: bytes
    part: bytes | None
    reason: str
    instrument: bytes | None
    reply_by: date | None

    @property
    def of_agreement(self) -> bool:
        """Whether it reaches those alone who have the report by a State's agreement."""
        return self.reason in OF_AGREEMENT

    def concerns(self, part: bytes) -> bool:
        """Whether a part is recalled by this."""
        return self.part is None or self.part == part


def build(recall: Recall) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    body = {
        "header": b64u(recall.header),
        "instrument": None if recall.instrument is None else b64u(recall.instrument),
        "part": None if recall.part is None else b64u(recall.part),
        "reason": recall.reason,
        "reply_by": None if recall.reply_by is None else recall.reply_by.isoformat(),
        "report": recall.report,
    }
    statement = form.build(LABEL, recall.stamp, body)
    read(statement)
    return statement


def read(statement: Statement) -> Recall:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    stamp, body = form.read_stamped(statement, LABEL, _SCHEMA)
    part, instrument, reply_by = body["part"], body["instrument"], body["reply_by"]
    recall = Recall(
        stamp,
        body["report"],
        unb64u(body["header"]),
        None if part is None else unb64u(part),
        body["reason"],
        None if instrument is None else unb64u(instrument),
        None if reply_by is None else date.fromisoformat(reply_by),
    )
    if recall.instrument is not None and not recall.of_agreement:
        raise MalformedError("field 'instrument': for a withdrawal or an expiry alone")
    if recall.reply_by is not None and recall.reply_by < stamp.time.date():
        raise MalformedError("field 'reply_by': before the day of the recall")
    return recall


def parse(text: bytes) -> tuple[Recall, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(
    recall: Recall, statement: Statement, book: SignerBook, owners: Collection[str], header: bytes | None = None
) -> Signer:
    """Return who recalled, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. one officer signed, of the owner (TooManySignersError, WrongSignerError);
    3. it names this header, where the verifier knows it (OtherSubjectError): a recipient may by now be shown none.
    """
    signers = book.signers(statement, recall.stamp.exchange)
    signer = only(signers)
    of_bodies(signers, owners)
    if header is not None and recall.header != header:
        raise OtherSubjectError("a recall names another header")
    return signer
