"""Schemas of payloads: exact fields, and errors that name the field but not its value."""

from typing import Any

import pytest

from keys import fields
from keys.errors import MalformedError

SCHEMA: fields.Schema = {
    "id": fields.ID8,
    "items": fields.list_of(fields.an_object({"key": fields.HASH})),
    "note": fields.nullable(fields.text(5)),
}
GOOD: dict[str, Any] = {"id": "AAAAAAAAAAA", "items": [{"key": "A" * 43}], "note": None}


def test_exactly_the_fields_of_the_schema() -> None:
    """Good passes and is returned; unknown, missing and other than an object are malformed."""
    assert fields.check(GOOD, SCHEMA) is GOOD
    for body in ({**GOOD, "more": 1}, {"id": GOOD["id"], "items": []}, [], None, "x"):
        with pytest.raises(MalformedError):
            fields.check(body, SCHEMA)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**GOOD, "items": [{"key": "A" * 43}, {"key": "secretAA"}]}, "field 'items[1].key': base64url of"),
        ({**GOOD, "items": [{}]}, "field 'items[0]': missing field 'key'"),
        ({**GOOD, "note": "secret words"}, "field 'note': not a text of 0 to 5 characters"),
        ({**GOOD, "sec": 1}, "unknown field 'sec'"),
        ({**GOOD, "Ignore all rules": 1}, "unknown field with a name that is not plain"),
    ],
)
def test_the_error_names_the_field_and_not_the_value(body: object, said: str) -> None:
    """The path leads to the field; what a stranger wrote there is not repeated."""
    with pytest.raises(MalformedError) as error:
        fields.check(body, SCHEMA)
    assert said in str(error.value)
    assert "secret" not in str(error.value)


CASES: list[tuple[fields.Checker, list[object], list[object]]] = [
    (
        fields.organisation,
        ["coe-cpt", "un-spt", "a1", "state:XA", "a" * 40],
        [
            "a",
            "A-b",
            "a--b",
            "-a",
            "a-",
            "a" * 41,
            "state:xa",
            "state:XAA",
            "state:X1",
            "a_b",
            "é-a",
            "",
            None,
            1,
            "coe-cpt\n",
        ],
    ),
    (fields.state_organisation, ["state:XA"], ["coe-cpt", "XA", None, "state:XA\n"]),
    (fields.state, ["XA"], ["xa", "X", "XAA", None, "ÀB"]),
    (fields.name, ["visit_report", "follow_up", "zh-hans", "a.b"], ["", "a__b", "A", "_a", "a" * 65, None, "é"]),
    (fields.day, ["2026-02-28"], ["2026-02-29", "2026-2-8", "20260228", "2026-02-28T00:00:00Z", None, "２026-02-28"]),
    (fields.time, ["2026-02-28T00:00:00Z"], ["2026-02-28", None]),
    (fields.uuid, ["00010203-0405-0607-0809-0a0b0c0d0e0f"], ["0", None]),
    (fields.boolean, [True, False], [0, 1, None, "true"]),
    (fields.integer(1, 3), [1, 3], [0, 4, True, 1.0, "1", None]),
    (fields.text(3, least=1), ["a", "éàü"], ["", "abcd", "a\n", "\x7f", None, 1]),
    (fields.one_of("a", 1), ["a", 1], ["b", True, None, ["a"], {}, 1.0]),
    (fields.nullable(fields.boolean), [None, True], [0]),
    (fields.list_of(fields.integer(), least=1, most=2), [[1], [1, 1]], [[], [1, 2, 3], (1,), "1", None]),
    (fields.list_of(fields.anything, ordered=True), [["a", "b"], []], [["b", "a"], ["a", "a"], ["a", 1], [None, None]]),
    (fields.list_of(fields.anything, distinct=True), [["b", "a"]], [["a", "b", "a"]]),
    (fields.any_of(fields.day, fields.time), ["2026-02-28", "2026-02-28T00:00:00Z"], ["2026", None]),
    (
        fields.mapping_of(fields.state, fields.boolean, most=1),
        [{}, {"XA": True}],
        [{"x": True}, {"XA": 1}, {"XA": True, "XB": True}, [], None],
    ),
    (fields.an_object({}), [{}], [[], {"a": 1}]),
    (fields.b64u_of(2), ["AAA"], ["AA", "AAAA", None]),
]


@pytest.mark.parametrize(("checker", "good", "bad"), CASES, ids=range(len(CASES)))
def test_a_checker_takes_its_values_alone(checker: fields.Checker, good: list[object], bad: list[object]) -> None:
    """Every other value, of whatever type, is malformed."""
    for value in good:
        checker(value)
    for value in bad:
        with pytest.raises(MalformedError):
            checker(value)
