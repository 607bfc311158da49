"""Determinations: one officer may close, everything that opens takes two, and a body decides for itself alone."""

from dataclasses import replace
from typing import Any

import pytest

from exchange.statements import determination
from exchange.statements.determination import Determination, StandingScope
from exchange.statements.determination_values import FACTS, check_value, opens
from exchange.statements.errors import BrokenLinkError, OtherSubjectError, TooFewSignersError, WrongSignerError
from exchange.statements.form import Link
from keys.encoding import b64u
from keys.errors import MalformedError
from tests.unit.statements.cast import BOOK, DECISION, DETERMINATION, EXCHANGE, HEADER, NOW, OVERRIDE, PART, key

DENY = replace(DETERMINATION, value={**DECISION, "effect": "deny"})
STANDING = replace(
    DETERMINATION,
    scope=StandingScope("coe-cpt", ("visit_report",), ("XA",)),
    value={**DECISION, "kinds": ["visit_report"], "states": ["XA"]},
)


def verify(value: Determination, *names: str, header: bytes | None = HEADER) -> int:
    statement = determination.build(value)
    for name in names:
        statement = statement.signed_by(key(name))
    return len(determination.verify(value, statement, BOOK, header))


def test_opening_takes_two_and_closing_one() -> None:
    """A permit, and a denial, of an originator."""
    assert verify(DETERMINATION, "anna", "boris") == 2
    assert verify(DENY, "anna") == 1
    for names in (("anna",), ("anna", "anna-2")):
        with pytest.raises(TooFewSignersError):
            verify(DETERMINATION, *names)


def test_a_body_decides_for_itself_alone() -> None:
    """Not with officers of two bodies, nor in another's name, nor in another's standing scope."""
    for value, names in (
        (DETERMINATION, ("anna", "chen")),
        (DETERMINATION, ("chen",)),
        (STANDING, ("chen",)),
        (replace(DENY, value={**DENY.value, "organisation": "un-spt"}), ("anna",)),
    ):
        with pytest.raises(WrongSignerError):
            verify(value, *names)


def test_it_names_the_header_it_is_about() -> None:
    """A determination on one report is held against that report's header; a standing one has none."""
    for header in (b"o" * 32, None):
        with pytest.raises(OtherSubjectError):
            verify(DENY, "anna", header=header)
    assert verify(STANDING, "anna", "boris", header=None) == 2


VALUES: list[tuple[str, Any, bool]] = [
    ("originator_decision", DECISION, True),
    ("originator_decision", {**DECISION, "effect": "deny", "grantee": None}, False),
    ("relevance", {"organisation": "npm-xa", "relevant": True}, True),
    ("relevance", {"organisation": "npm-xa", "relevant": False}, False),
    ("override", OVERRIDE, True),
    ("override", None, False),
    ("publication", True, True),
    ("publication", False, False),
    ("emergency", {"at": "2026-03-10T12:00:00Z", "to": ["coe-cpt"]}, True),
    ("emergency", None, False),
    ("event", {"name": "response_received", "on": "2026-03-01"}, True),
    ("event", {"name": "response_received", "on": None}, False),
    ("tier_free", True, True),
    ("tier_free", False, False),
    ("approval", False, True),
    ("approval", True, False),
]


@pytest.mark.parametrize(("fact", "value", "opening"), VALUES, ids=range(len(VALUES)))
def test_each_fact_has_values_that_open_and_values_that_close(fact: str, value: Any, opening: bool) -> None:
    """And both are read back."""
    scope = StandingScope("coe-cpt") if fact == "approval" else DETERMINATION.scope
    made = replace(DETERMINATION, fact=fact, value=value, scope=scope)
    assert determination.read(determination.build(made)) == made
    assert made.opens is opening


def test_every_fact_is_covered() -> None:
    """The table above misses none, with both answers; what is not known to close opens."""
    for fact in FACTS:
        assert {opening for name, _, opening in VALUES if name == fact} == {True, False}
    assert opens("unheard_of", None) is True
    with pytest.raises(MalformedError):
        check_value("unheard_of", None)


@pytest.mark.parametrize(
    "change",
    [
        {"fact": "mood"},
        {"fact": "publication", "value": "yes"},
        {"fact": "override", "value": "because"},
        {"fact": "emergency", "value": {"at": "2026-03-10T12:00:00Z", "to": []}},
        {"value": {**DECISION, "grantee": None}},
        {"value": {**DECISION, "kinds": ["visit_report"]}},
        {"value": {**DECISION, "states": ["XA"]}},
        {"value": {**DECISION, "actions": []}},
        {"part": PART},
        {"part": b"short"},
        {"scope": StandingScope("coe-cpt"), "value": {**DECISION, "kinds": ["visit_report"]}},
        {"scope": StandingScope("un-spt")},
        {"scope": StandingScope("coe-cpt"), "part": PART, "value": {**DECISION, "parts": [b64u(PART)]}},
        {"scope": StandingScope("coe-cpt"), "value": {**DECISION, "parts": [b64u(PART)]}},
        {"scope": StandingScope("coe-cpt"), "fact": "publication", "value": True},
        {"scope": StandingScope("coe-cpt", ("b", "a"))},
        {"fact": "approval", "value": True},
        {"scope": StandingScope("coe-cpt", ("visit_report",)), "fact": "approval", "value": True},
        {"scope": StandingScope("coe-cpt"), "fact": "approval", "value": True, "part": PART},
    ],
    ids=range(19),
)
def test_another_form_is_malformed(change: dict[str, Any]) -> None:
    """Unknown facts, values of another fact, limits that differ between scope and value."""
    with pytest.raises(MalformedError):
        determination.build(replace(DETERMINATION, **change))


def test_a_decision_on_one_part_names_it_twice() -> None:
    """In the chain and in the value, so that the value reads alone as it acts."""
    value = replace(DETERMINATION, part=PART, value={**DECISION, "parts": [b64u(PART)]})
    assert determination.read(determination.build(value)) == value


def test_chains_are_kept_apart() -> None:
    """By body, scope, part and fact."""
    names = {
        DETERMINATION.chain("coe-cpt"),
        DETERMINATION.chain("un-spt"),
        STANDING.chain("coe-cpt"),
        replace(DETERMINATION, part=PART).chain("coe-cpt"),
        replace(DETERMINATION, fact="publication").chain("coe-cpt"),
    }
    assert len(names) == 5
    assert DENY.chain("coe-cpt") == DETERMINATION.chain("coe-cpt")


def test_each_follows_the_last_of_its_chain() -> None:
    """The first has no `prev`; a second first, and a fork, are refused."""
    second = replace(DENY, link=Link(NOW, EXCHANGE, b"l" * 32))
    determination.follows(DENY, None)
    determination.follows(second, b"l" * 32)
    for value, last in ((DENY, b"l" * 32), (second, None), (second, b"o" * 32)):
        with pytest.raises(BrokenLinkError):
            determination.follows(value, last)


def override(case: str, **vote: Any) -> dict[str, Any]:
    return {**OVERRIDE, "case": case, "vote": {**OVERRIDE["vote"], **vote}}


@pytest.mark.parametrize(
    ("value", "stands"),
    [
        (override("opcat-16-4-report", **{"for": 6}), True),
        (override("opcat-16-4-statement", **{"for": 5}), False),
        (override("opcat-16-4-report", **{"for": 10, "against": 0, "abstaining": 0}), True),
        (override("ecpt-10-2-statement", members=9, **{"for": 6}), True),
        (override("ecpt-10-2-statement", members=46, **{"for": 31, "against": 0, "abstaining": 0}), True),
        (override("ecpt-10-2-statement", members=46, **{"for": 30, "against": 0, "abstaining": 0}), False),
        (override("ecpt-10-2-statement", members=8, **{"for": 6}), False),
        (override("opcat-16-4-report", on="2026-02-28"), False),
        (override("opcat-16-4-report", on="2026-03-11"), False),
        ({**OVERRIDE, "heard_on": "2026-03-02"}, True),
        ({**OVERRIDE, "heard_on": "2026-03-03"}, False),
        ("opcat-16-4-report", False),
        ({**OVERRIDE, "more": 1}, False),
        ({"case": "opcat-16-4-report"}, False),
    ],
    ids=range(14),
)
def test_a_case_of_the_treaty_carries_its_vote_and_hearing(value: Any, stands: bool) -> None:
    """Of the members, a majority is more than half and two thirds are two thirds; no more votes than members; the State was
    heard by the day of the vote, which has come; and the word alone, as it was spelled once, is malformed."""
    made = replace(DETERMINATION, fact="override", value=value)
    if stands:
        assert determination.read(determination.build(made)) == made
    else:
        with pytest.raises(MalformedError, match="value"):
            determination.build(made)
