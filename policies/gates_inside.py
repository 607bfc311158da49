"""Steps 6 to 11: the originators' decisions, clearance, the States' consent, the persons', and what was undertaken.

Each function is the test of one gate of `gates.py`, which names its legal basis.
"""

from collections.abc import Iterable
from datetime import datetime

from policies import vocabulary as words
from policies.asked import Asked
from policies.consent import PERMIT
from policies.facts import PersonConsent
from policies.gate import Verdict, permit, withhold


def recalled(asked: Asked) -> Verdict | None:
    """Step 6: no recall stands that reaches whoever has the part by agreement; the treaty's own cases came before."""
    return withhold("W_ORIGINATOR") if asked.part.recalled is not None and not asked.by_originator else None


def has_originator(asked: Asked) -> Verdict | None:
    """Step 6: somebody made the document, and so can decide on it."""
    return None if asked.document.originators else withhold("W_ORIGINATOR")


def exchanged_kind(asked: Asked) -> Verdict | None:
    """Step 6: kinds that no decision opens to another body."""
    return withhold("W_SCOPE_DOCUMENT") if asked.document.kind in words.NEVER_EXCHANGED else None


def originators(asked: Asked) -> Verdict | None:
    """Step 6: every originator decided that this body may have documents of this kind, and none that it may not."""
    have = len(asked.originator_permits)
    if have == len(asked.deciding):
        return None
    if have:
        return withhold("W_CO_ORIGINATOR")
    # The treaty's list of recipients is there and leaves this national body out: that is what is missing.
    left_out = asked.request.organisation_kind == "npm" and asked.document.statutory_recipients
    return withhold("W_SCOPE_RECIPIENT" if left_out else "W_ORIGINATOR")


def originators_scope(asked: Asked) -> Verdict | None:
    """Step 6: their decisions cover this action and part, now."""
    reason, _ = asked.narrowed
    return None if reason is None else withhold(reason)


def clearance(asked: Asked) -> Verdict | None:
    """Step 7: the person is cleared for the document's class."""
    return withhold("W_CLEARANCE") if asked.request.clearance < asked.document.class_ordinal else None


def states(asked: Asked) -> Verdict | None:
    """Step 8: every State concerned by the part consents; the other regimes rest on the originators."""
    if asked.regime != "R1":
        return None
    if not asked.part.states:
        return withhold("W_NO_CONSENT")
    if asked.all_states_permit:
        return None
    if any(each.outcome == PERMIT for each in asked.answers):
        return withhold("W_OTHER_STATE")
    return withhold(asked.answers[0].reason or "W_NO_CONSENT")


def persons(asked: Asked) -> Verdict | None:
    """Step 9: data on a person go to a body only with that person's express consent."""
    if not asked.part.personal_data or any(_consents(each, asked) for each in asked.facts.person_consents):
        return None
    return withhold("W_PERSONAL_DATA")


def _consents(consent: PersonConsent, asked: Asked) -> bool:
    withdrawn = consent.withdrawn
    stands = asked.now < withdrawn if isinstance(withdrawn, datetime) else not withdrawn
    return (
        stands
        and asked.names_this_part((consent.part,))
        and consent.action in words.PERMITTED_BY[asked.request.action]
        and consent.grantee == asked.request.organisation
    )


def undertakings(asked: Asked) -> Verdict | None:
    """Step 10: the body accepted the undertakings on which the States' consent rests."""
    missing = set(relied_on(asked, "undertakings")) - set(asked.facts.undertakings_accepted)
    return withhold("W_UNDERTAKING") if missing else None


def consented(asked: Asked) -> Verdict | None:
    """Step 11: everything asked for is there."""
    return permit("P_CONSENT" if asked.regime == "R1" else "P_ORIGINATOR", _ends(asked))


def relied_on(asked: Asked, what: str) -> tuple[str, ...]:
    """The `obligations`, `undertakings` or `basis` of the States' answers a part of regime R1 rests on, in order."""
    answers = asked.answers if asked.regime == "R1" else ()
    return tuple(name for each in answers for name in getattr(each, what))


def _ends(asked: Asked) -> datetime | None:
    """The earliest end relied on: each originator's longest decision, each State's longest permit."""
    _, decisions = asked.narrowed
    ends = [_longest(each.valid_to for each in permits) for permits in decisions.values()]
    if asked.regime == "R1":
        ends += [each.ends for each in asked.answers]
    return min((end for end in ends if end is not None), default=None)


def _longest(ends: Iterable[datetime | None]) -> datetime | None:
    """The latest of several ends; None, which is no end, if one of them has none."""
    known = list(ends)
    return None if None in known else max(end for end in known if end is not None)
