"""What may be offered to a requester now: actions and purposes, parts, and whether a document is listed at all.

Pages offer nothing that a decision would not permit. Built on `decision` alone.
"""

from dataclasses import replace
from datetime import datetime

from policies import vocabulary as words
from policies.decision import WITHHOLD, Decision, decide, decide_with, register_of
from policies.facts import Facts, Request


def permitted_actions(facts: Facts, now: datetime) -> tuple[tuple[str, str], ...]:
    """The pairs of action and purpose that would be permitted now for any rendition: the only ones a page offers.

    The request's own action, purpose, language and variant do not matter. Empty where anything fails.
    """
    pairs = [(action, purpose) for action in words.ACTIONS for purpose in words.PURPOSES]
    return tuple(pair for pair, decision in zip(pairs, _ask_all(facts, now, pairs), strict=False) if decision.permitted)


def readable_parts(facts: Facts, now: datetime) -> tuple[str, ...]:
    """The parts whose sealed pieces may be served: those that could be viewed now for some purpose, in document order.

    Whoever may download or print may view, so nothing of the ladder that needs the pieces is left out.
    """
    return _parts_for_some_purpose(facts, now, "view")


def is_listed(facts: Facts, now: datetime) -> bool:
    """Whether the requester may know that the document exists: without it, it is in no list of theirs."""
    return bool(_parts_for_some_purpose(facts, now, "see_existence"))


def decide_forward(facts: Facts, recipient: Request, now: datetime) -> tuple[Decision, Decision]:
    """Forwarding is decided twice: forward for the requester, and view for the body it goes to. Both have to permit."""
    try:
        forward = replace(facts, request=replace(facts.request, action="forward"))
        view = replace(facts, request=replace(recipient, action="view"))
    except Exception:  # As in `decide`: what cannot be read is withheld.
        return Decision(WITHHOLD, "W_NO_CONSENT"), Decision(WITHHOLD, "W_NO_CONSENT")
    return decide(forward, now), decide(view, now)


def _parts_for_some_purpose(facts: Facts, now: datetime, action: str) -> tuple[str, ...]:
    decisions = _ask_all(facts, now, [(action, purpose) for purpose in words.PURPOSES])
    parts = {part for decision in decisions for part in decision.parts}
    return tuple(part.id for part in facts.document.parts if part.id in parts) if parts else ()


def _ask_all(facts: Facts, now: datetime, pairs: list[tuple[str, str]]) -> list[Decision]:
    try:
        register = register_of(facts, now)
        return [decide_with(_asking(facts, action, purpose), now, register) for action, purpose in pairs]
    except Exception:  # As in `decide`: what fails is not offered.
        return []


def _asking(facts: Facts, action: str, purpose: str) -> Facts:
    request = replace(facts.request, action=action, purpose=purpose, language=None, variant=None)
    return replace(facts, request=request)
