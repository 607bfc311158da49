"""What the fields of a fact may hold: each check raises FactsError and names record and field, never more.

Facts are checked when they are made, so that a decision never meets a value it does not know.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from policies.errors import FactsError

Test = Callable[[Any], bool]


def is_text(value: object) -> bool:
    """Whether `value` is a text that names something."""
    return isinstance(value, str) and value != ""


def is_date(value: object) -> bool:
    """Whether `value` is a day, and not an instant, which Python counts among the days."""
    return isinstance(value, date) and not isinstance(value, datetime)


def is_number(value: object) -> bool:
    """Whether `value` is a whole number from 0, and not a flag."""
    return type(value) is int and value >= 0


def is_flag(value: object) -> bool:
    """Whether `value` is true or false itself."""
    return isinstance(value, bool)


def or_none(test: Test) -> Test:
    """The test that also lets `None` pass."""
    return lambda value: value is None or test(value)


def each(test: Test) -> Test:
    """The test for a tuple each of whose items passes `test`."""
    return lambda value: isinstance(value, tuple) and all(test(item) for item in value)


def among(values: Sequence[str]) -> Test:
    """The test for one of a closed list."""
    return lambda value: isinstance(value, str) and value in values


def made_of(kind: type) -> Test:
    """The test for an instance of one class of facts."""
    return lambda value: isinstance(value, kind)


def unique(values: Sequence[str], what: str) -> None:
    """Raise FactsError if an id is there twice."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise FactsError(f"{what} given twice: {value!r:.60}")
        seen.add(value)


def require(record: object, expected: str, test: Test, *fields: str) -> None:
    """Raise FactsError unless each of the record's `fields` passes `test`; `expected` says what it should be."""
    for field in fields:
        value = getattr(record, field)
        if not test(value):
            raise FactsError(f"{type(record).__name__.lower()} {field} is not {expected}: {value!r:.60}")


