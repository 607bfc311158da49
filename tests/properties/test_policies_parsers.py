"""The parser of case files: what parses prints back the same, and anything else gives the room's error alone."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.case_file import (
    Case,
    case_to_json,
    facts_from_json,
    facts_to_json,
    parse_case,
    read_cases,
)
from policies.case_shown import SHOWN
from policies.errors import CaseError, FactsError
from policies.times import read_end, read_instant, show_instant
from tests.unit.policies.random_cases import Maker

MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.sampled_from(
    [[], {}, [None], [{}], "2026-02-30", "9999-12-31", "permit", ["x"], {"a": 1}]
)


@MANY
@given(st.randoms(use_true_random=False), st.sampled_from([0.1, 0.5, 0.9]))
def test_prints_back_the_same(rng, wild):
    """A case, and facts alone, come back equal from their own JSON, through bytes."""
    case = parse_case(Maker(rng, wild).case())
    text = json.dumps(case_to_json(case))
    assert parse_case(json.loads(text)) == case
    assert json.dumps(case_to_json(parse_case(json.loads(text)))) == text
    assert facts_from_json(facts_to_json(case.facts)) == case.facts


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


PLACES = [path for path in places(SHOWN) if path]


@MANY
@given(st.sampled_from(PLACES), ODD)
def test_a_strange_value_anywhere(path, odd):
    """Any value at any place of the shown case either parses or gives the room's error."""
    case = json.loads(json.dumps(SHOWN))
    inner = case
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = odd
    try:
        assert isinstance(parse_case(case), Case)
    except CaseError as error:
        assert error.code.startswith("case_") and str(error)


@MANY
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes(text):
    """Any bytes give cases, or errors of the room in their place."""
    try:
        found = read_cases(text)
    except CaseError:
        return
    assert all(isinstance(each, CaseError) for each in found)


@MANY
@given(st.text(max_size=12) | st.dates().map(str) | st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()))
def test_times(text):
    """What reads as an instant prints in one spelling that reads back the same; an end is never before it."""
    try:
        moment = read_instant(text)
    except FactsError:
        return
    assert read_instant(show_instant(moment)) == moment
    assert show_instant(read_instant(show_instant(moment))) == show_instant(moment)
    assert read_end(text) >= moment
