"""What can be signed can be decided: the closed lists, and the instruments and decisions, are those of `policies`.

The rooms do not import each other, so that each can be read alone; this test keeps them in step.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.statements import determination_values, instrument, words
from keys.errors import MalformedError
from policies import case_shape, vocabulary
from tests.unit.statements.cast import DECISION, INSTRUMENT, PROVISION

OURS_ALONE = ("evidence", "form", "reference")


def decide(body: dict[str, Any]) -> None:
    """Read a signed instrument as `policies` reads facts: complete, nothing filled in."""
    facts = {name: value for name, value in body.items() if name not in OURS_ALONE}
    case_shape.read(case_shape.INSTRUMENT, {**facts, "id": "I1", "events": []}, "instrument", complete=True)


def test_the_closed_lists_are_the_same() -> None:
    """Word for word; order says nothing."""
    pairs = [
        (words.ACTIONS, vocabulary.ACTIONS),
        (words.LADDER, vocabulary.LADDER),
        (words.PURPOSES, vocabulary.PURPOSES),
        (words.VARIANTS, vocabulary.VARIANTS),
        (words.TIERS, vocabulary.TIERS),
        (words.REGIMES, vocabulary.REGIMES),
        (words.SCOPES, vocabulary.SCOPES),
        (words.TIME_SCOPES, vocabulary.TIME_SCOPES),
        (words.EFFECTS, vocabulary.EFFECTS),
        (words.OVERRIDES, vocabulary.OVERRIDES),
        (words.EVENTS, vocabulary.EVENT_TYPES),
        (words.LIST_CONDITIONS, vocabulary.CONDITIONS_WITH_LIST),
        (words.DATED_CONDITIONS, vocabulary.CONDITIONS_WITH_TIME),
        (words.PLAIN_CONDITIONS, vocabulary.CONDITIONS_PLAIN),
    ]
    for ours, theirs in pairs:
        assert set(ours) == set(theirs)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"provisions": []},
        {"provisions": [{**PROVISION, "effect": "deny", "grantees": None, "scope": "all", "scope_ref": None}]},
        {"provisions": [{**PROVISION, "scope": "part", "scope_ref": ["D1/p1", "D1/p2"], "languages": None}]},
        {
            "provisions": [
                {**PROVISION, "time_scope": "between", "adopted_from": "2020-01-01", "adopted_to": "2021-01-01"}
            ]
        },
        {"provisions": [{**PROVISION, "embargo_until": "2027-01-01", "embargo_event": "response_received"}]},
        {"conditions": [{"kind": "named_readers_only", "parameter": ["o1"]}, "view_only", "no_quotation"]},
        {"conditions": [{"kind": "embargo_until", "parameter": "2027-01-01T00:00:00Z"}]},
        {"conditions": [{"kind": "embargo_until", "parameter": "response_received"}]},
        {"conditions": [{"kind": "retain_until", "parameter": "2027-01-01"}]},
        {"reply_by": "2026-06-01T00:00:00Z", "undertaking": "U1", "amends": ["AAAAAAAAAAAAAAAAAAAAAA"]},
    ],
    ids=range(11),
)
def test_a_signed_instrument_is_one_that_policies_reads(change: dict[str, Any]) -> None:
    """Complete, as facts outside case files must be."""
    decide(instrument.check({**INSTRUMENT, **change}))


ODD = (
    st.none()
    | st.booleans()
    | st.sampled_from(["XA", "2026-01-01", "2026-01-01T00:00:00Z", "all", "deny", "view", "en", "un-spt", "first", ""])
    | st.lists(st.sampled_from(["view", "fr", "un-spt", "follow_up", "original", "D1"]), max_size=2, unique=True)
)


@given(st.sampled_from(sorted(PROVISION)), ODD, st.sampled_from(sorted(set(INSTRUMENT) - {"provisions"})), ODD)
def test_nothing_is_signed_that_policies_would_not_read(field: str, odd: Any, outer: str, other: Any) -> None:
    """Any field of the instrument and of a provision replaced: what passes here is read there."""
    body = {**INSTRUMENT, outer: other, "provisions": [{**PROVISION, field: odd}]}
    for candidate in (body, {**INSTRUMENT, "provisions": body["provisions"]}, {**INSTRUMENT, outer: other}):
        try:
            instrument.check(candidate)
        except MalformedError:
            continue
        decide(candidate)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"effect": "deny", "grantee": None},
        {"kinds": ["visit_report"], "states": ["XA"]},
        {"valid_to": "2027-01-01"},
    ],
    ids=range(4),
)
def test_a_signed_decision_is_one_that_policies_reads(change: dict[str, Any]) -> None:
    """One object of `originator_decisions`, every field given."""
    value = {**DECISION, **change}
    determination_values.check_value("originator_decision", value)
    record = case_shape.FACTS.lists["originator_decisions"]
    case_shape.read(record, value, "decision", complete=True)
