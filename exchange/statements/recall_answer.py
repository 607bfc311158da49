"""`recall-answer`: one officer of a recipient says what became of a part that was recalled; a later answer replaces it.

Payload: common fields with `prev` (the body's last answer about this part of this recall, null for the first), `recall`
(hash), `report` (UUID), `part` (8 bytes), `organisation` (the body that answers), `answer` (a word of ANSWERS).
"""

from dataclasses import dataclass
from typing import Final

from exchange.statements import form
from exchange.statements.errors import BrokenLinkError, OtherSubjectError
from exchange.statements.form import Link
from exchange.statements.signers import Signer, SignerBook, of_bodies, only
from keys import fields
from keys.encoding import b64u, unb64u
from keys.statement import Statement
from keys.statement import parse as parse_statement

LABEL: Final = "exchange/recall-answer/v1"

NEVER_OPENED: Final = "never_opened"
# Destroyed; returned; retained under the body's archive rules, with access closed; the body says it never opened it.
ANSWERS: Final = ("destroyed", "returned", "retained_archive", NEVER_OPENED)

_SCHEMA: Final[fields.Schema] = {
    "answer": fields.one_of(*ANSWERS),
    "organisation": fields.organisation,
    "part": fields.ID8,
    "recall": fields.HASH,
    "report": fields.uuid,
}


@dataclass(frozen=True)
class RecallAnswer:
    """What a body answers about a part (8 bytes) to the recall with the hash `recall` (32 bytes)."""

    link: Link
    recall: bytes
    report: str
    part: bytes
    organisation: str
    answer: str


def build(answer: RecallAnswer) -> Statement:
    """Return the unsigned statement; MalformedError if a value is not in form."""
    body = {
        "answer": answer.answer,
        "organisation": answer.organisation,
        "part": b64u(answer.part),
        "recall": b64u(answer.recall),
        "report": answer.report,
    }
    statement = form.build(LABEL, answer.link, body)
    read(statement)
    return statement


def read(statement: Statement) -> RecallAnswer:
    """Return the values of a statement of this label; MalformedError otherwise. Signatures are not looked at."""
    link, body = form.read_linked(statement, LABEL, _SCHEMA)
    return RecallAnswer(
        link, unb64u(body["recall"]), body["report"], unb64u(body["part"]), body["organisation"], body["answer"]
    )


def parse(text: bytes) -> tuple[RecallAnswer, Statement]:
    """Parse a statement's one spelling; MalformedError or UnknownVersionError. Signatures are not looked at."""
    statement = parse_statement(text, LABEL)
    return read(statement), statement


def verify(answer: RecallAnswer, statement: Statement, book: SignerBook, recall: bytes, report: str) -> Signer:
    """Return who answered, once all of this holds:

    1. exchange, keys and signatures are good (SignerBook.signers);
    2. one officer signed, of the body that answers (TooManySignersError, WrongSignerError);
    3. it names this recall and this report (OtherSubjectError).
    Whether that body was told of the recall is for the caller, who knows.
    """
    signers = book.signers(statement, answer.link.exchange)
    signer = only(signers)
    of_bodies(signers, (answer.organisation,))
    if (answer.recall, answer.report) != (recall, report):
        raise OtherSubjectError("an answer names another recall or report")
    return signer


def follows(answer: RecallAnswer, last: bytes | None) -> None:
    """Hold an answer to its chain: `last` is the hash of the one before, None for the first (BrokenLinkError)."""
    if answer.link.prev != last:
        raise BrokenLinkError("an answer does not follow the last one")
