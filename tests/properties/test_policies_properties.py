"""What never opens a part, and what changes nothing: properties of the decision over random facts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.case_file import parse_case
from policies.decision import PERMIT, decide
from policies.errors import FactsError
from policies.facts import Event, Instrument, OriginatorDecision, PersonConsent, Provision
from policies.offers import is_listed, permitted_actions, readable_parts
from policies.times import read_instant
from tests.unit.policies.random_cases import EVENTS, ORGS, Maker

MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def cases(draw, wild=None):
    """A random case, near the permitting example or far from it."""
    rng = draw(st.randoms(use_true_random=False))
    return parse_case(Maker(rng, draw(st.sampled_from([0.05, 0.1, 0.2, 0.4])) if wild is None else wild).case())


def opened(facts, now):
    return set(decide(facts, now).parts)


def never_opens(before, after, now):
    """No part that was closed is open after; the mutated facts still decide."""
    assert opened(after, now) <= opened(before, now)


def deny(rng_index, state):
    """An exclusion in an instrument that supersedes nothing, recorded by one person."""
    provision = Provision(
        effect="deny", scope="all", scope_ref=(), time_scope=None, adopted_from=None, adopted_to=None, grantees=None,
        actions=("see_existence", "forward", "publish"), purposes=None, languages=None, variants=None, valid_from=None,
        valid_to=None, embargo_until=None, embargo_event=None, embargo_rule="last",
    )
    recorded = Event(type="recorded", at=read_instant("2024-01-01"), by="z", by_state=False, effective=None)
    return Instrument(
        id=f"added-{rng_index}", state=state, kind="specific", authority_competent=True,
        received_on=read_instant("2024-01-01"), reply_by=None, amends=(), supersedes=(), provisions=(provision,),
        conditions=(), undertaking=None, events=(recorded,),
    )


@MANY
@given(cases(), st.sampled_from(["XA", "XB", "XC"]), st.booleans())
def test_an_exclusion_never_opens(case, state, first):
    """Adding an exclusion, anywhere in the order, opens no part."""
    added = (deny(0, state),)
    instruments = added + case.facts.instruments if first else case.facts.instruments + added
    never_opens(case.facts, replace(case.facts, instruments=instruments), case.now)


@MANY
@given(cases(), st.sampled_from(["XA", "XB", "XC", "XD"]))
def test_a_further_state_never_opens(case, state):
    """Adding a State to the parts that have one opens none of them."""
    parts = tuple(
        replace(part, states=(*part.states, state)) if part.states else part for part in case.facts.document.parts
    )
    never_opens(case.facts, replace(case.facts, document=replace(case.facts.document, parts=parts)), case.now)


@MANY
@given(cases(), st.sampled_from([*ORGS, "un-srt"]))
def test_a_further_originator_never_opens(case, originator):
    """Adding an originator other than the requester to a document that has one opens no part."""
    document, requester = case.facts.document, case.facts.request.organisation
    if not document.originators or originator == requester:
        return
    more = replace(document, originators=(*document.originators, originator))
    never_opens(case.facts, replace(case.facts, document=more), case.now)


@MANY
@given(cases(), st.integers(0, 5))
def test_a_missing_decision_never_opens(case, index):
    """Taking away an originator's permit opens no part."""
    decisions = case.facts.originator_decisions
    kept = tuple(each for at, each in enumerate(decisions) if at != index or each.effect != "permit")
    never_opens(case.facts, replace(case.facts, originator_decisions=kept), case.now)


@MANY
@given(cases(), st.integers(0, 4))
def test_a_missing_agreement_never_opens(case, index):
    """Taking away an instrument that only permits, rests on no undertaking and supersedes nothing opens no part."""
    kept = tuple(
        each for at, each in enumerate(case.facts.instruments)
        if at != index or each.undertaking or each.supersedes or any(one.type == "refused" for one in each.events)
        or any(provision.effect == "deny" for provision in each.provisions)
    )
    never_opens(case.facts, replace(case.facts, instruments=kept), case.now)


@MANY
@given(cases(), st.integers(0, 3))
def test_a_missing_acceptance_or_consent_never_opens(case, index):
    """Taking away an accepted undertaking, or a person's consent, opens no part."""
    facts = case.facts
    fewer = replace(
        facts,
        undertakings_accepted=tuple(each for at, each in enumerate(facts.undertakings_accepted) if at != index),
        person_consents=tuple(each for at, each in enumerate(facts.person_consents) if at != index),
    )
    never_opens(facts, fewer, case.now)


@MANY
@given(cases())
def test_one_person_in_place_of_two_never_opens(case):
    """Where one person did what two did, nothing opens, save by ending a supersession or an undertaking."""
    facts = case.facts
    plain = tuple(replace(each, supersedes=(), undertaking=None) for each in facts.instruments)
    before = replace(facts, instruments=plain)

    def one(name):
        return "a" if name == "b" else name

    after = tuple(
        replace(each, events=tuple(replace(event, by=one(event.by)) for event in each.events)) for each in plain
    )
    document = facts.document
    if document.emergency is not None:
        emergency = replace(
            document.emergency, by=one(document.emergency.by), confirmed_by=one(document.emergency.confirmed_by)
        )
        document = replace(document, emergency=emergency)
    never_opens(before, replace(before, instruments=after, document=document), case.now)


@MANY
@given(cases(), st.integers(0, 4), st.sampled_from(EVENTS), st.booleans())
def test_the_future_changes_nothing(case, index, kind, by_state):
    """An answer at an instant does not depend on events recorded after it."""
    later = Event(type=kind, at=case.now + timedelta(seconds=1), by="z", by_state=by_state, effective=None)
    instruments = tuple(
        replace(each, events=(later, *each.events)) if at == index else each
        for at, each in enumerate(case.facts.instruments)
    )
    after = replace(case.facts, instruments=instruments)
    assert decide(after, case.now) == decide(case.facts, case.now)


@MANY
@given(cases(), st.randoms(use_true_random=False))
def test_order_opens_and_closes_nothing(case, rng):
    """In whatever order things are listed, the same parts are open until the same instant; events keep theirs."""

    def shuffled(items):
        return tuple(rng.sample(list(items), len(items)))

    facts = case.facts
    document = replace(
        facts.document,
        parts=shuffled([replace(part, states=shuffled(part.states)) for part in facts.document.parts]),
        originators=shuffled(facts.document.originators),
        statutory_recipients=shuffled(facts.document.statutory_recipients),
    )
    instruments = shuffled(
        [
            replace(each, provisions=shuffled(each.provisions), conditions=shuffled(each.conditions))
            for each in facts.instruments
        ]
    )
    other = replace(
        facts, document=document, instruments=instruments,
        originator_decisions=shuffled(facts.originator_decisions),
        person_consents=shuffled(facts.person_consents), successions=shuffled(facts.successions),
        undertakings_accepted=shuffled(facts.undertakings_accepted),
    )
    one, two = decide(facts, case.now), decide(other, case.now)
    assert set(one.parts) == set(two.parts)
    assert one.not_after == two.not_after
    assert set(one.obligations) == set(two.obligations)
    assert set(one.withheld) == set(two.withheld)


@MANY
@given(cases(wild=0.9))
def test_nothing_permitted_comes_with_a_refusal(case):
    """A decision permits parts or none: what is withheld names no part that is permitted."""
    decision = decide(case.facts, case.now)
    assert decision.permitted == (decision.outcome == PERMIT) == bool(decision.parts)
    assert not set(decision.parts) & set(decision.withheld)
    assert decision.not_after is None or decision.not_after > case.now


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_offers_are_what_would_be_permitted(case):
    """Every pair offered would be permitted, every other would not; pieces are served where viewing would be."""
    facts, now = case.facts, case.now
    offered = set(permitted_actions(facts, now))
    asked = replace(facts.request, language=None, variant=None)
    readable = set()
    for action in ("see_existence", "view", "publish"):
        for purpose in ("follow_up", "complaint_handling", "publication"):
            decision = decide(replace(facts, request=replace(asked, action=action, purpose=purpose)), now)
            assert decision.permitted == ((action, purpose) in offered)
            readable |= set(decision.parts) if action == "view" else set()
    assert readable <= set(readable_parts(facts, now))
    assert is_listed(facts, now) or not readable
    assert bool(readable_parts(facts, now)) == any(action == "view" for action, _ in offered)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["permit", "un-spt", "R1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@MANY
@given(ANYTHING, ANYTHING)
def test_no_input_raises(facts, now):
    """Whatever comes in, the answer is a decision that permits nothing."""
    decision = decide(facts, now)
    assert (decision.outcome, decision.reason, decision.parts) == ("WITHHOLD", "W_NO_CONSENT", ())
    assert permitted_actions(facts, now) == () == readable_parts(facts, now)
    assert not is_listed(facts, now)


@MANY
@given(st.dictionaries(st.sampled_from(["organisation", "effect", "grantee", "actions", "part", "action"]), ANYTHING))
def test_facts_are_made_whole_or_not_at_all(fields):
    """A fact with anything missing or of another kind cannot be made, and nothing but the room's error says so."""
    for kind in (OriginatorDecision, PersonConsent):
        with pytest.raises((FactsError, TypeError)):
            kind(**fields)
