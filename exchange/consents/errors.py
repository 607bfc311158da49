"""Errors of the room `consents`. What is wrong with a statement itself, `exchange.statements` says."""

from typing import ClassVar


class ConsentsError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "consents_failed"


class TransitionError(ConsentsError):
    """An event that cannot follow what the register holds: nothing is granted again that was withdrawn."""

    code = "consent_transition"


class KeeperError(ConsentsError):
    """The signer may not keep this part of the register: not a focal point, or of another body."""

    code = "consent_keeper"


class EvidenceMissingError(ConsentsError):
    """The evidence an instrument names has not been transmitted, or is not evidence."""

    code = "consent_evidence"


class ComputedEventError(ConsentsError):
    """An event that nobody signs: it follows from the clock or from another instrument."""

    code = "consent_computed"


class UnreadableInstrumentError(ConsentsError):
    """An instrument in form whose values the rules cannot read: a date that does not exist, or a condition of no kind."""

    code = "consent_instrument"


class UnknownInstrumentNamedError(ConsentsError):
    """An instrument that replaces or limits one that the register does not hold for the same State."""

    code = "consent_names_unknown"


class NotAskedError(ConsentsError):
    """An answer to what the State was not asked, or to a request that has ended."""

    code = "consent_not_asked"


class AnsweredError(ConsentsError):
    """A request that has had its answer: what the State says now is recorded as an authorisation of its own."""

    code = "consent_answered"


class WordError(ConsentsError):
    """A confirmation that says the State agreed to all it was asked where it agreed to a part, or the other way round."""

    code = "consent_word"


class FindingError(ConsentsError):
    """One person alone finds void what replaced another instrument, which would stand again."""

    code = "consent_finding"
