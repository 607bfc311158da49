"""What was asked against what was agreed to: the same is granted, anything narrower is granted in part, and nothing that is
called granted withholds what was asked for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.case_file import parse_case
from policies.comparison import DIFFERENCES, SIDES, compare
from policies.decision import decide
from policies.facts import Condition, Event, Instrument
from policies.times import read_instant
from tests.unit.policies.random_cases import Maker

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
RECEIVED = read_instant("2024-03-01")


@st.composite
def instruments(draw, wild=0.2):
    """An instrument of a random case with at least one permit, received on one day."""
    rng = draw(st.randoms(use_true_random=False))
    case = parse_case(Maker(rng, wild).case())
    found = [each for each in case.facts.instruments if any(p.effect == "permit" for p in each.provisions)]
    if not found:
        found = list(parse_case({"id": "x", "expect": {"outcome": "PERMIT", "reason": "P_CONSENT"}}).facts.instruments)
    return replace(found[0], received_on=RECEIVED, authority_competent=True, amends=(), supersedes=())


def shuffled(instrument, rng):
    """The same agreement, written in another order."""
    def mixed(values):
        return None if values is None else tuple(rng.sample(values, len(values)))

    provisions = tuple(
        replace(each, **{name: mixed(getattr(each, name)) for name in
                         ("scope_ref", "grantees", "actions", "purposes", "languages", "variants")})
        for each in instrument.provisions
    )
    return replace(instrument, provisions=mixed(provisions), conditions=mixed(instrument.conditions))


@MANY
@given(instruments(), st.randoms(use_true_random=False))
def test_the_same_is_granted(asked, rng):
    """What was asked, in whatever order it is written, is granted, and is no more than was asked."""
    for same in (asked, shuffled(asked, rng)):
        found = compare(asked, same)
        assert (found.event, found.narrower, found.wider) == ("granted", (), ())


def only(instrument, **changes):
    """The instrument with each permit changed."""
    provisions = tuple(replace(p, **changes) if p.effect == "permit" else p for p in instrument.provisions)
    return replace(instrument, provisions=provisions)


BASE = parse_case({"id": "x", "expect": {"outcome": "PERMIT", "reason": "P_CONSENT"}, "instruments": [
    {"id": "I", "kind": "standing", "provisions": [{"grantees": ["un-spt", "npm-xa"], "actions": ["download", "quote"],
     "purposes": ["follow_up", "npm_support"], "languages": ["en", "fr"], "scope": "kind",
     "scope_ref": ["visit_report", "state_response"], "valid_to": "2026-12-31"}]}]}).facts.instruments[0]
NARROWER = {
    "scope": only(BASE, scope_ref=("visit_report",)),
    "recipients": only(BASE, grantees=("un-spt",)),
    "actions": only(BASE, actions=("view", "quote")),
    "purposes": only(BASE, purposes=("follow_up",)),
    "languages": only(BASE, languages=("fr",)),
    "variants": only(BASE, variants=("redacted",)),
    "adopted": only(BASE, time_scope="between", adopted_from=read_instant("2025-01-01").date()),
    "period": only(BASE, valid_to=read_instant("2026-06-30")),
    "embargo": only(BASE, embargo_event="response_received"),
    "denials": replace(BASE, provisions=(*BASE.provisions, replace(BASE.provisions[0], effect="deny"))),
    "conditions": replace(BASE, conditions=(Condition(kind="no_onward_sharing", parameter=None),)),
    "undertaking": replace(BASE, undertaking="no-onward"),
    "kind": replace(BASE, kind="specific"),
    "authority": replace(BASE, authority_competent=False),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_each_narrowing_is_in_part_and_named(name):
    """Narrower in one respect: granted in part, that respect is named; the other way round it is wider, and granted."""
    less = compare(BASE, NARROWER[name])
    assert less.event == "partially_granted"
    assert name in less.narrower
    more = compare(NARROWER[name], BASE)
    assert name in more.wider
    if name not in ("adopted",):
        assert (less.narrower, less.wider, more.event) == ((name,), (), "granted")


def test_a_confirmation_that_acts_later_is_narrower():
    """From a later day on: less than was asked, which was from its receipt on."""
    found = compare(BASE, BASE, BASE.received_on + timedelta(days=1))
    assert (found.event, found.narrower) == ("partially_granted", ("period",))
    assert compare(BASE, BASE, BASE.received_on).event == "granted"


def test_what_several_permits_cover_together_is_granted():
    """Split by body, by language and by year, it is still all that was asked; with a gap of a day it is not."""
    by_body = [replace(BASE.provisions[0], grantees=(body,)) for body in ("un-spt", "npm-xa")]
    by_tongue = [replace(each, languages=(tag,)) for each in by_body for tag in ("en", "fr")]
    year = read_instant("2025-01-01")
    split = [replace(each, valid_to=year) for each in by_tongue] + [replace(each, valid_from=year) for each in by_tongue]
    assert compare(BASE, replace(BASE, provisions=tuple(split))).narrower == ()
    gap = [each if each.valid_from is None else replace(each, valid_from=year + timedelta(days=1)) for each in split]
    assert compare(BASE, replace(BASE, provisions=tuple(gap))).event == "partially_granted"


def test_a_part_lies_in_its_report():
    """A whole report covers each of its parts, and no part covers the report."""
    part, whole = only(BASE, scope="part", scope_ref=("D1/p1",)), only(BASE, scope="document", scope_ref=("D1",))
    assert (compare(part, whole).narrower, compare(part, whole).wider) == ((), ("scope",))
    assert compare(whole, part).narrower == ("scope",)
    assert compare(only(part, scope_ref=("D10/p1",)), whole).narrower == ("scope",)


@MANY
@given(instruments(0.4), instruments(0.4))
def test_one_way_narrower_is_the_other_way_wider(first, second):
    """The same words tell both directions, and the event is the comparison's."""
    found, back = compare(first, second), compare(second, first)
    assert (found.narrower, found.wider) == (back.wider, back.narrower)
    assert found.event == ("partially_granted" if found.narrower else "granted")
    assert set(found.narrower) | set(found.wider) <= set(DIFFERENCES)
    assert set(SIDES) < set(DIFFERENCES)


def in_force(instrument: Instrument, state):
    """The instrument of this State as granted by two people."""
    events = tuple(
        Event(type=kind, at=RECEIVED + timedelta(days=day), by=by, by_state=False, effective=None)
        for day, (kind, by) in enumerate((("recorded", "a"), ("granted", "b")))
    )
    return replace(instrument, id="only", state=state, events=events)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), instruments(0.1), instruments(0.1), st.booleans())
def test_what_is_called_granted_opens_all_that_was_asked(rng, first, second, near):
    """Whatever the asked terms would open, an answer that is called granted opens: decided by the whole procedure."""
    case = parse_case(Maker(rng, 0.1).case())
    second = replace(first, provisions=(*second.provisions, *first.provisions)) if near else second
    if compare(first, second).event != "granted":
        return
    states = {state for part in case.facts.document.parts for state in part.states} or {"XA"}
    for state in sorted(states):
        facts = replace(case.facts, undertakings_accepted=("no-onward",))
        as_asked = decide(replace(facts, instruments=(in_force(first, state),)), case.now)
        as_given = decide(replace(facts, instruments=(in_force(second, state),)), case.now)
        assert set(as_asked.parts) <= set(as_given.parts)
