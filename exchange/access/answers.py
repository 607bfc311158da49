"""How a decision is told: the owner's side gets reason, sentence and nearest miss, a requester the N_ code alone."""

from typing import Any, Final

from exchange.access.facts import Gathered
from keys.encoding import format_time
from policies.consent import PERMIT, Answer
from policies.decision import WITHHOLD, Decision
from policies.reasons import OUTWARD, REASONS, Sentence

_FRENCH: Final = "fr"


def sentence_of(code: str, language: str) -> str:
    """Return the exact sentence of a P_, W_ or N_ code, in English unless the language is French."""
    found: Sentence = OUTWARD[code] if code in OUTWARD else REASONS[code]
    return found.fr if language == _FRENCH else found.en


def told_to_owner(gathered: Gathered, decision: Decision, language: str, eyes: str) -> dict[str, Any]:
    """Return outcome, reason, sentence, end, obligations and the nearest miss.

    `eyes`: the body that looks, which is shown the ids of instruments it recorded or that are its own, and of no others.
    """
    return {
        "outcome": decision.outcome,
        "reason": decision.reason,
        "sentence": sentence_of(decision.reason, language),
        "not_after": None if decision.not_after is None else format_time(decision.not_after),
        "obligations": list(decision.obligations),
        "nearest": _nearest(gathered, decision, eyes),
    }


def told_to_requester(outward: str, language: str) -> dict[str, Any]:
    """Return what a requester is told of what is withheld: the same members, and nothing in them but the N_ code."""
    return {
        "outcome": WITHHOLD,
        "reason": outward,
        "sentence": sentence_of(outward, language),
        "not_after": None,
        "obligations": [],
        "nearest": None,
    }


def _nearest(gathered: Gathered, decision: Decision, eyes: str) -> dict[str, Any] | None:
    """The first State that does not permit the first withheld part, and the instrument that denies or came nearest."""
    for result in decision.results:
        if result.permitted:
            continue
        for answer in result.answers:
            if answer.outcome != PERMIT:
                return _shown(gathered, result.part, answer, eyes)
    return None


def _shown(gathered: Gathered, part: str, answer: Answer, eyes: str) -> dict[str, Any]:
    registered = None if answer.instrument is None else gathered.find(answer.instrument)
    visible = registered is not None and eyes in (registered.row.recorder_body, f"state:{registered.row.state}")
    return {
        "part": part,
        "state": answer.state,
        "outcome": answer.outcome,
        "reason": answer.reason,
        "instrument": registered.row.id if registered is not None and visible else None,
        "provision": answer.provision if visible else None,
        "test": answer.test if visible else None,
    }
