"""Case files: worked examples that people, tests and tools share, read strictly.

One JSON object or a list of them, in the format of `docs/spec/consent.md`. Unknown keys, and values outside the lists,
are errors; a key left out takes the value shown there; ids and `expect` have no default.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from policies import case_shape
from policies import vocabulary as words
from policies.case_shown import EXPECT_KEYS, SHOWN
from policies.checks import is_text
from policies.errors import (
    CaseDuplicateId,
    CaseError,
    CaseMissingKey,
    CaseNotJSON,
    CaseUnknownKey,
    CaseUnreadable,
    CaseValue,
    FactsError,
)
from policies.facts import Event, Facts, Instrument
from policies.reasons import REASONS
from policies.times import read_instant, show_instant

OUTCOMES = ("PERMIT", "WITHHOLD")
_SHOWN = {key: value for key, value in SHOWN.items() if key not in ("id", "expect")}


@dataclass(frozen=True)
class Case:
    """One worked example: facts, instant, and what is expected; `expect` holds only the keys that were given."""

    id: str
    title: str
    now: datetime
    facts: Facts
    expect: Mapping[str, Any]


def read_json(text: bytes) -> Any:
    """The JSON value in `text`: UTF-8, every name once in its object, no NaN. Raises CaseNotJSON."""
    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=_each_name_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CaseNotJSON(f"not json: {str(error)[:80]}") from None


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise CaseNotJSON("an object has a name twice")
    return names


def _no_constant(name: str) -> Any:
    raise CaseNotJSON(f"not a number of json: {name}")


def parse_case(value: Any) -> Case:
    """The case that a JSON object tells. Raises CaseError, with the code of what is wrong."""
    given = case_shape.take(value, "case", _SHOWN, ("id", "expect"), complete=False)
    if not is_text(given["id"]) or not given["id"].isprintable():
        raise CaseValue(f"id is not a printable text: {given['id']!r:.60}")
    if not isinstance(given["title"], str):
        raise CaseValue("title is not a text")
    try:
        now = read_instant(given["now"])
    except FactsError as error:
        raise CaseValue(f"now: {error}") from None
    facts = {key: given[key] for key in case_shape.FACTS.keys}
    return Case(given["id"], given["title"], now, case_shape.read(case_shape.FACTS, facts, ""), _expect(given["expect"]))


def _expect(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CaseValue("expect is not an object")
    for key in value:
        if key not in EXPECT_KEYS:
            raise CaseUnknownKey(f"expect has an unknown key: {key!r:.60}")
    for key in ("outcome", "reason"):
        if key not in value:
            raise CaseMissingKey(f"expect lacks a key: {key!r}")
    expected = dict(value)
    tests: dict[str, Callable[[Any], bool]] = {
        "outcome": lambda given: given in OUTCOMES,
        "reason": lambda given: isinstance(given, str) and given in REASONS,
        "parts": lambda given: isinstance(given, list) and all(is_text(item) for item in given),
        "withheld": lambda given: isinstance(given, dict)
        and all(isinstance(item, str) and item in REASONS for item in given.values()),
        "obligations": lambda given: isinstance(given, list) and all(item in words.CONDITIONS for item in given),
    }
    for key, test in tests.items():
        if key in expected and not test(expected[key]):
            raise CaseValue(f"expect.{key} is not one it can have: {expected[key]!r:.60}")
    if expected.get("not_after") is not None:
        try:
            expected["not_after"] = read_instant(expected["not_after"])
        except FactsError as error:
            raise CaseValue(f"expect.not_after: {error}") from None
    return expected


def case_to_json(case: Case) -> dict[str, Any]:
    """The case as JSON, complete: what `parse_case` reads back as the same case."""
    return {
        "id": case.id,
        "title": case.title,
        "now": show_instant(case.now),
        **facts_to_json(case.facts),
        "expect": cast("dict[str, Any]", case_shape.show(case.expect)),
    }


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """Facts in the format of case files, every key given. The callers' `ref`s are left out."""
    return cast("dict[str, Any]", case_shape.show(facts))


def facts_from_json(value: Any) -> Facts:
    """Facts from JSON in the format of case files with every key given, as `facts_to_json` prints. Raises CaseError."""
    return cast(Facts, case_shape.read(case_shape.FACTS, value, "", complete=True))


def instrument_from_json(value: Any, events: Iterable[Event], *, ref: str | None = None) -> Instrument:
    """An instrument from its JSON without `events`, every other key given, and the events the register holds.

    Nothing is filled in: what a person did not say about a State's agreement must not be taken from an example.
    Raises CaseError.
    """
    if not isinstance(value, dict) or "events" in value:
        raise CaseUnknownKey("an instrument is an object without events")
    read = cast(Instrument, case_shape.read(case_shape.INSTRUMENT, {**value, "events": []}, "instrument", complete=True))
    return Instrument(**{**_fields(read), "events": tuple(events), "ref": ref})


def _fields(instrument: Instrument) -> dict[str, Any]:
    return {name: getattr(instrument, name) for name in instrument.__dataclass_fields__}


def read_cases(text: bytes) -> list[Case | CaseError]:
    """The cases of one file in order; in place of each that cannot be read, why. Raises CaseNotJSON."""
    value = read_json(text)
    found: list[Case | CaseError] = []
    for item in value if isinstance(value, list) else [value]:
        try:
            found.append(parse_case(item))
        except CaseError as error:
            found.append(error)
    return found


def case_paths(paths: Iterable[Path]) -> list[Path]:
    """The files that `paths` name: files as they are, folders with every `.json` below them, each once, in order.

    Raises CaseUnreadable for what does not exist and for a folder without a case file.
    """
    found: dict[Path, Path] = {}  # by the real path, so that one file named in two ways is one
    for path in paths:
        if path.is_dir():
            inside = sorted(entry for entry in path.rglob("*.json") if entry.is_file())
            if not inside:
                raise CaseUnreadable(f"no case file in folder: {str(path)!r}")
        elif path.is_file():
            inside = [path]
        else:
            raise CaseUnreadable(f"no such file or folder: {str(path)!r}")
        for entry in inside:
            found.setdefault(entry.resolve(), entry)
    return list(found.values())


def read_files(paths: Iterable[Path]) -> list[tuple[Path, Case | CaseError]]:
    """The cases of several files in order, ids being unique over all of them; errors in place, as in `read_cases`."""
    found: list[tuple[Path, Case | CaseError]] = []
    seen: set[str] = set()
    for path in paths:
        try:
            cases = read_cases(path.read_bytes())
        except OSError:
            cases = [CaseUnreadable(f"cannot be read: {str(path)!r}")]
        except CaseError as error:
            cases = [error]
        for case in cases:
            if isinstance(case, Case) and case.id in seen:
                case = CaseDuplicateId(f"a case id is given twice: {case.id!r:.60}")
            elif isinstance(case, Case):
                seen.add(case.id)
            found.append((path, case))
    return found
