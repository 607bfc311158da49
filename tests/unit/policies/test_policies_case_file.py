"""The parser of case files: strict, with one error and code for each way to be wrong."""

import json

import pytest

from policies.case_file import (
    Case,
    case_paths,
    facts_from_json,
    facts_to_json,
    instrument_from_json,
    parse_case,
    read_cases,
    read_files,
    read_json,
)
from policies.errors import CaseError, CaseUnreadable
from policies.times import read_instant
from tests.unit.policies.examples import case_of, facts_of

EXPECT = {"outcome": "PERMIT", "reason": "P_CONSENT"}


def wrong(value):
    """The code of what is wrong with a case."""
    with pytest.raises(CaseError) as caught:
        parse_case(value)
    assert str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "case_value"),
        ({}, "case_missing_key"),
        ({"id": "T"}, "case_missing_key"),
        ({"expect": EXPECT}, "case_missing_key"),
        ({"id": "", "expect": EXPECT}, "case_value"),
        ({"id": "a\nb", "expect": EXPECT}, "case_value"),
        ({"id": 5, "expect": EXPECT}, "case_value"),
        ({"id": "T", "title": None, "expect": EXPECT}, "case_value"),
        ({"id": "T", "now": "soon", "expect": EXPECT}, "case_value"),
        ({"id": "T", "note": 1, "expect": EXPECT}, "case_unknown_key"),
        ({"id": "T", "expect": None}, "case_value"),
        ({"id": "T", "expect": {"outcome": "PERMIT"}}, "case_missing_key"),
        ({"id": "T", "expect": {"reason": "P_CONSENT"}}, "case_missing_key"),
        ({"id": "T", "expect": {**EXPECT, "gate": "own"}}, "case_unknown_key"),
        ({"id": "T", "expect": {**EXPECT, "outcome": "YES"}}, "case_value"),
        ({"id": "T", "expect": {**EXPECT, "reason": "N_ACCOUNT"}}, "case_value"),
        ({"id": "T", "expect": {**EXPECT, "parts": "p1"}}, "case_value"),
        ({"id": "T", "expect": {**EXPECT, "withheld": {"p1": "no"}}}, "case_value"),
        ({"id": "T", "expect": {**EXPECT, "obligations": ["be_kind"]}}, "case_value"),
        ({"id": "T", "expect": {**EXPECT, "not_after": "never"}}, "case_value"),
    ],
)
def test_case_level(value, code):
    """What is wrong with the case itself, or with what it expects."""
    assert wrong(value) == code


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"request": None}, "case_value"),
        ({"request": {"name": "x"}}, "case_unknown_key"),
        ({"request": {"organisation": ""}}, "case_value"),
        ({"request": {"organisation_kind": "ngo"}}, "case_value"),
        ({"request": {"action": "read"}}, "case_value"),
        ({"request": {"purpose": None}}, "case_value"),
        ({"request": {"variant": "summary"}}, "case_value"),
        ({"request": {"clearance": True}}, "case_value"),
        ({"request": {"clearance": -1}}, "case_value"),
        ({"request": {"active": 1}}, "case_value"),
        ({"document": {}}, "case_missing_key"),
        ({"document": None}, "case_value"),
        ({"document": {"id": "D1", "kind": "novel"}}, "case_value"),
        ({"document": {"id": "D1", "regime": None}}, "case_value"),
        ({"document": {"id": "D1", "adopted_on": None}}, "case_value"),
        ({"document": {"id": "D1", "adopted_on": "2025-02-30"}}, "case_value"),
        ({"document": {"id": "D1", "tier": "secret"}}, "case_value"),
        ({"document": {"id": "D1", "override": "majority"}}, "case_value"),
        ({"document": {"id": "D1", "originators": "coe-cpt"}}, "case_value"),
        ({"document": {"id": "D1", "held_until": "2026-03-10T12:00:00"}}, "case_value"),
        ({"document": {"id": "D1", "parts": {}}}, "case_value"),
        ({"document": {"id": "D1", "parts": [{}]}}, "case_missing_key"),
        ({"document": {"id": "D1", "parts": [{"id": "p1"}, {"id": "p1"}]}}, "case_duplicate_id"),
        ({"document": {"id": "D1", "statutory_recipients": [{"organisation": "x"}]}}, "case_missing_key"),
        ({"document": {"id": "D1", "statutory_recipients": [5]}}, "case_value"),
        ({"document": {"id": "D1", "emergency": {"by": "a", "confirmed_by": "b", "at": "2026-03-09"}}}, "case_missing_key"),
        ({"document": {"id": "D1", "emergency": {"by": "a", "confirmed_by": "b", "at": None, "to": []}}}, "case_value"),
        ({"originator_decisions": [{"effect": "maybe"}]}, "case_value"),
        ({"originator_decisions": [{"kinds": ["novel"]}]}, "case_value"),
        ({"instruments": [{}]}, "case_missing_key"),
        ({"instruments": [{"id": "I1"}, {"id": "I1"}]}, "case_duplicate_id"),
        ({"instruments": [{"id": "I1", "kind": "general"}]}, "case_value"),
        ({"instruments": [{"id": "I1", "received_on": None}]}, "case_value"),
        ({"instruments": [{"id": "I1", "ref": "x"}]}, "case_unknown_key"),
        ({"instruments": [{"id": "I1", "provisions": [{"grantees": None}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "provisions": [{"actions": None}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "provisions": [{"scope": "chapter"}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "provisions": [{"scope_ref": [1]}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "provisions": [{"embargo_rule": "any"}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "events": [{"type": "signed"}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "events": [{"by_state": None}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "conditions": ["be_kind"]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "conditions": ["parts_only"]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "conditions": [{"parameter": 1}]}]}, "case_missing_key"),
        ({"instruments": [{"id": "I1", "conditions": [7]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "conditions": [{"kind": "view_only", "parameter": "x"}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "conditions": [{"kind": "retain_until", "parameter": "later"}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "conditions": [{"kind": "retain_until"}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "conditions": [{"kind": "embargo_until", "parameter": "2026-13-01"}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "conditions": [{"kind": "embargo_until"}]}]}, "case_value"),
        ({"instruments": [{"id": "I1", "conditions": [{"kind": "purpose_limitation", "parameter": ["fun"]}]}]}, "case_value"),
        ({"document_events": []}, "case_value"),
        ({"document_events": {"published": None}}, "case_value"),
        ({"person_consents": [{"part": "p1", "action": "view"}]}, "case_missing_key"),
        ({"person_consents": [{"action": "view", "grantee": "x", "withdrawn": None}]}, "case_value"),
        ({"successions": [{"predecessor": "XA", "successor": "XB", "on": "2026-01-01"}]}, "case_missing_key"),
        ({"successions": [{"predecessor": "XA", "successor": "XB", "on": "2026-01-01", "mode": "joins"}]}, "case_value"),
    ],
)
def test_facts_level(keys, code):
    """What is wrong with the facts, at whatever depth."""
    assert wrong({"id": "T", "expect": EXPECT, **keys}) == code


def test_defaults_at_every_depth():
    """A key left out takes the value shown; a list given replaces the shown one, its items take the first one's keys."""
    facts = facts_of(instruments=[{"id": "I9", "events": [{"type": "granted"}], "provisions": [{}, {"effect": "deny"}]}])
    (instrument,) = facts.instruments
    assert (instrument.state, instrument.kind) == ("XA", "standing")
    assert [(event.type, event.by, event.at) for event in instrument.events] == [
        ("granted", "a", read_instant("2024-03-01"))
    ]
    assert [provision.scope_ref for provision in instrument.provisions] == [("visit_report",)] * 2
    assert facts_of(instruments=[]).instruments == ()
    assert [each.id for each in facts_of().instruments] == ["I1"]
    assert facts_of(document={"id": "D7"}).document.parts[0].id == "p1"


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff", b'{"id": 1, "id": 2}', b"NaN", b"[Infinity]", b"[" * 100_000, b"9" * 5_000, b"\xef\xbb\xbf{}"],
)
def test_not_json(text):
    """What is not one JSON text in UTF-8 with each name once is told as that."""
    with pytest.raises(CaseError) as caught:
        read_json(text)
    assert caught.value.code == "case_not_json"


def test_one_bad_case_leaves_the_others():
    """A file with one malformed case still gives the others, in order."""
    text = json.dumps([{"id": "A", "expect": EXPECT}, {"id": "B"}, {"id": "C", "expect": EXPECT}]).encode()
    one, two, three = read_cases(text)
    assert isinstance(one, Case) and isinstance(three, Case)
    assert isinstance(two, CaseError) and two.code == "case_missing_key"


def test_ids_are_unique_over_a_run(tmp_path):
    """The same id in two files of one run is malformed; the same file named twice is read once."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"id": "T", "expect": EXPECT}))
    (tmp_path / "notes.txt").write_text("not a case")
    found = read_files(case_paths([tmp_path, tmp_path / "a.json"]))
    assert [path.name for path, _ in found] == ["a.json", "b.json"]
    assert [case.code for _, case in found if isinstance(case, CaseError)] == ["case_duplicate_id"]


def test_paths_that_hold_no_case(tmp_path):
    """A folder without case files, and a path that does not exist, are errors, not nothing to do."""
    for path in (tmp_path, tmp_path / "missing.json"):
        with pytest.raises(CaseUnreadable):
            case_paths([path])


def test_a_file_that_vanishes(tmp_path):
    """A file that cannot be read, or is no JSON, is told in its place."""
    (tmp_path / "bad.json").write_bytes(b"{")
    found = read_files([tmp_path / "gone.json", tmp_path / "bad.json"])
    assert [case.code for _, case in found if isinstance(case, CaseError)] == ["case_unreadable", "case_not_json"]


def test_facts_need_every_key():
    """Outside of case files nothing is filled in: facts come back from their own JSON, and from nothing less."""
    facts = case_of(
        document={"id": "D1", "statutory_recipients": ["npm-xa"],
                  "emergency": {"by": "a", "confirmed_by": None, "at": "2026-03-09", "to": []}},
        instruments=[{"id": "I1", "conditions": ["view_only", {"kind": "embargo_until", "parameter": "published"}]}],
    ).facts
    value = facts_to_json(facts)
    assert facts_from_json(value) == facts
    for key in value:
        with pytest.raises(CaseError) as caught:
            facts_from_json({name: inner for name, inner in value.items() if name != key})
        assert caught.value.code == "case_missing_key"
    del value["instruments"][0]["conditions"]
    with pytest.raises(CaseError):
        facts_from_json(value)


def test_an_instrument_with_the_register_s_events():
    """An instrument of a consent record comes without events and with every other key; the events are the register's."""
    facts = facts_of()
    (instrument,) = facts.instruments
    value = facts_to_json(facts)["instruments"][0]
    events = value.pop("events")
    made = instrument_from_json(value, instrument.events, ref="hash")
    assert (made.ref, made.events, made.provisions) == ("hash", instrument.events, instrument.provisions)
    for bad in (None, {**value, "events": events}, {key: value[key] for key in value if key != "provisions"}):
        with pytest.raises(CaseError):
            instrument_from_json(bad, ())
