"""Steps 1 to 5: what is decided outside the State's consent, for the requester, the document and treaty cases.

Each function is the test of one gate of `gates.py`, which names its legal basis.
"""

from datetime import datetime, timedelta

from policies import vocabulary as words
from policies.asked import Asked
from policies.facts import Facts
from policies.gate import Verdict, permit, withhold


def account(facts: Facts) -> Verdict | None:
    """Step 1: the body, the person and their access are active."""
    return None if facts.request.active else withhold("W_ACCOUNT")


def recusal(facts: Facts) -> Verdict | None:
    """Step 1: the person is not recused from this document."""
    return withhold("W_RECUSED") if facts.request.recused else None


def never_to_state(asked: Asked) -> Verdict | None:
    """Step 2: an allegation of reprisals never goes to a State, not even to one that is among its originators."""
    return withhold("W_NEVER_TO_STATE") if asked.is_alert and asked.by_state else None


def stopped(asked: Asked) -> Verdict | None:
    """Step 2: the document is not stopped; to its originators it stays open."""
    return withhold("W_ORIGINATOR") if asked.document.stopped and not asked.by_originator else None


def recalled(asked: Asked) -> Verdict | None:
    """Step 2: no recall stands that reaches everyone who was sent the part; to its originators it stays open."""
    return withhold("W_ORIGINATOR") if asked.part.recalled == "everyone" and not asked.by_originator else None


def held(asked: Asked) -> Verdict | None:
    """Step 2: the time for which its sender holds the document back is over."""
    until = asked.document.held_until
    if until is not None and asked.now < until and not asked.by_originator:
        return withhold("W_EMBARGO")
    return None


def allegation(asked: Asked) -> Verdict | None:
    """Step 2: an allegation of reprisals goes where the person decided, or in an emergency two people; no further."""
    if not asked.is_alert:
        return None
    request = asked.request
    if asked.by_originator:
        return withhold("W_SCOPE_ACTION") if request.action in ("forward", "publish") else permit("P_OWN")
    if request.organisation in asked.document.person_recipients:
        return permit("P_PERSON") if asked.on_the_ladder else withhold("W_SCOPE_ACTION")
    ends = _emergency_ends(asked)
    if ends is not None and request.action in ("see_existence", "view"):
        return permit("P_EMERGENCY", ends)
    return withhold("W_SCOPE_RECIPIENT")


def _emergency_ends(asked: Asked) -> datetime | None:
    """When the emergency that names the requester ends; None if two people did not invoke one, or it is not under way."""
    emergency = asked.document.emergency
    if emergency is None or asked.request.organisation not in emergency.to:
        return None
    if not emergency.by or not emergency.confirmed_by or emergency.by == emergency.confirmed_by:
        return None
    age = asked.now - emergency.at
    limit = timedelta(hours=words.EMERGENCY_HOURS)
    return emergency.at + limit if timedelta(0) <= age < limit else None


def published(asked: Asked) -> Verdict | None:
    """Step 3: what is published is for anyone, save a rendition with data on persons."""
    return permit("P_PUBLIC") if asked.part.published and not asked.part.personal_data else None


def non_confidential(asked: Asked) -> Verdict | None:
    """Step 3: non-confidential information, and kinds that are public where the regime is R5."""
    if asked.part.personal_data:
        return None
    public_kind = asked.regime == "R5" and asked.document.kind in words.FREE_IN_R5
    return permit("P_FREE_TIER") if asked.document.tier == "free" or public_kind else None


def treaty_case(asked: Asked) -> Verdict | None:
    """Step 3: a public statement under OPCAT 16(4) or ECPT 10(2), or an SPT report that CAT publishes under 16(4)."""
    document = asked.document
    if asked.part.personal_data or document.override is None:
        return None
    report = (
        document.override == "opcat-16-4-report"
        and document.kind == "visit_report"
        and set(document.originators) == {"un-spt"}
    )
    return permit("P_OVERRIDE") if report or document.kind == "public_statement" else None


def anyone(asked: Asked) -> Verdict | None:
    """Step 3: to the public nothing else is open."""
    return withhold("W_SCOPE_RECIPIENT") if asked.request.organisation_kind == "public" else None


def own(asked: Asked) -> Verdict | None:
    """Step 4: a body has its own document, but passes on or publishes it only as the rest of the procedure permits."""
    on_its_own = asked.by_originator and asked.request.action not in ("forward", "publish")
    return permit("P_OWN") if on_its_own else None


def statutory(asked: Asked) -> Verdict | None:
    """Step 5: a body to which the treaty itself sends the document reads it, and does nothing more with it."""
    mine = [each for each in asked.document.statutory_recipients if each.organisation == asked.request.organisation]
    if not mine:
        return None
    if not any(asked.names_this_part(each.parts) for each in mine):
        return withhold("W_SCOPE_PART")
    return permit("P_STATUTORY") if asked.on_the_ladder else withhold("W_SCOPE_ACTION")


def state_sent(asked: Asked) -> Verdict | None:
    """Step 5: what the State concerned, and no other, itself sent to the requester."""
    document, states = asked.document, set(asked.part.states)
    sent = (
        asked.regime == "R1"
        and document.kind not in words.NEVER_EXCHANGED
        and len(states) == 1
        and document.deposited_by in {words.STATE_PREFIX + state for state in states}
        and asked.request.organisation in document.addressed_to
        and asked.on_the_ladder
    )
    return permit("P_STATE_SENT") if sent else None


def closed_circle(asked: Asked) -> Verdict | None:
    """Step 5: evidence goes to its statutory recipients alone; audit offices and other States receive no document."""
    outside = (
        asked.document.tier == "evidence"
        or asked.request.organisation_kind == "audit"
        or (asked.by_state and not asked.by_originator)
    )
    return withhold("W_SCOPE_RECIPIENT") if outside else None
