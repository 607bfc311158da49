"""Requests and their answers: what may be answered, and by which word an answer is confirmed (docs/spec/consent.md).

The word is computed, here and by the program, from the signed terms alone: whoever may read both can compute it again.
"""

from datetime import datetime

from exchange.consents.errors import AnsweredError, NotAskedError, UnknownInstrumentNamedError, WordError
from exchange.consents.register import Register, Registered
from exchange.db import UnitOfWork
from exchange.statements import instrument as instruments
from exchange.statements.consent import Consent
from exchange.statements.signers import Signer
from policies import comparison, status
from policies.times import read_instant

# What a request takes until it is answered.
_OF_A_REQUEST = frozenset({"requested", "deferred", "granted", "partially_granted", "refused"})


def check_answers(uow: UnitOfWork, register: Register, record: Consent, signer: Signer) -> None:
    """Hold a record that answers a request to it: UnknownInstrumentNamedError, NotAskedError.

    The request is in the register for the same State and the signer's body may see it; it was asked, and has no end yet. The
    clock is not asked: a State may answer after the day by which an answer was expected.
    """
    named = instruments.answers(record.body)
    if named is None:
        return
    state = record.body["state"]
    asked = register.find(uow, named)
    if asked is None or asked.row.state != state or signer.organisation not in (asked.row.recorder_body, f"state:{state}"):
        raise UnknownInstrumentNamedError("an instrument answers one that is not in the register")
    if asked.recorded_state != status.PENDING:
        raise NotAskedError("an instrument answers what was not asked, or has ended")


def check_unanswered(uow: UnitOfWork, register: Register, found: Registered, event: str) -> None:
    """AnsweredError for the next event of a request whose answer has been confirmed."""
    if event in _OF_A_REQUEST and found.recorded_state == status.PENDING and register.answered(uow, found.row.id):
        raise AnsweredError("the request has had its answer")


def check_word(uow: UnitOfWork, register: Register, found: Registered, event: Consent) -> None:
    """WordError unless a confirmation says what comparing with the request gives."""
    effective = None if event.body["effective"] is None else read_instant(event.body["effective"])
    due = word_due(uow, register, found, effective)
    if event.event != due:
        raise WordError(f"this is confirmed as '{due}'")


def word_due(uow: UnitOfWork, register: Register, found: Registered, effective: datetime | None) -> str:
    """Return the word by which an instrument is confirmed: compared with the request it answers, or that it is itself.

    Where the State was asked nothing, there is nothing it could have agreed to in part.
    """
    asked = found if found.recorded_state == status.PENDING else None
    if found.answers is not None:
        asked = register.find(uow, found.answers)
    if asked is None:
        return comparison.GRANTED
    return comparison.compare(asked.instrument, found.instrument, effective).event
