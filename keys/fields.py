"""Schemas of payloads: which fields an object has, and what each may hold (docs/spec/encoding.md).

A schema is a mapping from a field's name to a checker; a checker takes a JSON value and raises MalformedError when it
is not one of its values. `check` wants exactly the schema's fields: an unknown or a missing one is malformed. The
message of an error names the field by its path ("recipients[2].key") and never repeats the value.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from itertools import pairwise
from typing import Any, Final, TypeAlias

from keys.encoding import MAX_INTEGER, parse_time, parse_uuid, unb64u
from keys.errors import MalformedError

Checker: TypeAlias = Callable[[object], None]
Schema: TypeAlias = Mapping[str, Checker]

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ORGANISATION: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_STATE: Final = re.compile(r"state:[A-Z]{2}", re.ASCII)
_STATE_CODE: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*", re.ASCII)


def check(body: object, schema: Schema) -> dict[str, Any]:
    """Return `body` when it is an object with exactly the schema's fields, each as its checker wants it.

    Raises MalformedError naming the field: its path for a nested one.
    """
    if not isinstance(body, dict):
        raise MalformedError("not an object")
    unknown = sorted(str(name) for name in body.keys() - schema.keys())
    if unknown:
        raise MalformedError(f"unknown field {_shown(unknown[0])}")
    for name, checker in schema.items():
        if name not in body:
            raise MalformedError(f"missing field '{name}'")
        _at(name, checker, body[name])
    return body


def b64u_of(length: int) -> Checker:
    """Return a checker for strict base64url of exactly `length` bytes."""

    def checker(value: object) -> None:
        unb64u(value, length)

    return checker


ID8: Final[Checker] = b64u_of(8)
ID16: Final[Checker] = b64u_of(16)
HASH: Final[Checker] = b64u_of(32)


def time(value: object) -> None:
    """Check an RFC 3339 time in whole seconds and Z."""
    parse_time(value)


def day(value: object) -> None:
    """Check a calendar date, YYYY-MM-DD."""
    parse_date(value)


def uuid(value: object) -> None:
    """Check a UUID in its lower-case spelling."""
    parse_uuid(value)


def organisation(value: object) -> None:
    """Check an organisation id: lower-case words joined by single hyphens, 2 to 40 characters, or `state:XA`."""
    if not isinstance(value, str):
        raise MalformedError("not an organisation id")
    if _STATE.fullmatch(value) or (2 <= len(value) <= 40 and _ORGANISATION.fullmatch(value)):
        return
    raise MalformedError("not an organisation id")


def state_organisation(value: object) -> None:
    """Check the organisation id of a State's authority, `state:XA`."""
    if not isinstance(value, str) or not _STATE.fullmatch(value):
        raise MalformedError("not the organisation id of a state")


def state(value: object) -> None:
    """Check a State's code: two capitals."""
    if not isinstance(value, str) or not _STATE_CODE.fullmatch(value):
        raise MalformedError("not a state code")


def name(value: object) -> None:
    """Check a machine's word: lower-case letters and digits joined by single `.`, `_` or `-`, 1 to 64 characters."""
    if not isinstance(value, str) or len(value) > 64 or not _NAME.fullmatch(value):
        raise MalformedError("not a name")


def boolean(value: object) -> None:
    """Check true or false."""
    if not isinstance(value, bool):
        raise MalformedError("not true or false")


def anything(_value: object) -> None:
    """Accept any value our JSON can hold: for what another room reads and checks."""


def integer(least: int = 0, most: int = MAX_INTEGER) -> Checker:
    """Return a checker for an integer from `least` to `most`, both included."""

    def checker(value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise MalformedError(f"not an integer from {least} to {most}")

    return checker


def text(most: int, *, least: int = 0) -> Checker:
    """Return a checker for a string of `least` to `most` characters without control characters."""

    def checker(value: object) -> None:
        if not isinstance(value, str) or not least <= len(value) <= most:
            raise MalformedError(f"not a text of {least} to {most} characters")
        if any(ord(c) < 32 or ord(c) == 127 for c in value):
            raise MalformedError("a text has a control character")

    return checker


def one_of(*values: str | int) -> Checker:
    """Return a checker for one of a closed list of strings or integers."""
    allowed: Collection[str | int] = frozenset(values)

    def checker(value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in allowed:
            raise MalformedError("not one of the known values")

    return checker


def nullable(inner: Checker) -> Checker:
    """Return a checker for null or what `inner` takes."""

    def checker(value: object) -> None:
        if value is not None:
            inner(value)

    return checker


def list_of(
    inner: Checker, *, least: int = 0, most: int = 1024, ordered: bool = False, distinct: bool = False
) -> Checker:
    """Return a checker for a list of `least` to `most` items of `inner`.

    `ordered`: strictly ascending (by code point, or by number), so none twice. `distinct`: none twice, any order.
    """

    def checker(value: object) -> None:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise MalformedError(f"not a list of {least} to {most} items")
        for index, item in enumerate(value):
            _at(f"[{index}]", inner, item)
        if ordered and not _ascending(value):
            raise MalformedError("a list is not in ascending order, each item once")
        if distinct and any(item in value[:index] for index, item in enumerate(value)):
            raise MalformedError("a list has an item twice")

    return checker


def an_object(schema: Schema) -> Checker:
    """Return a checker for a nested object of exactly the fields of `schema`."""

    def checker(value: object) -> None:
        check(value, schema)

    return checker


def any_of(*checkers: Checker) -> Checker:
    """Return a checker for a value that at least one of `checkers` takes."""

    def checker(value: object) -> None:
        for inner in checkers:
            try:
                inner(value)
            except MalformedError:
                continue
            return
        raise MalformedError("in none of the permitted forms")

    return checker


def mapping_of(key: Checker, inner: Checker, *, most: int = 1024) -> Checker:
    """Return a checker for an object whose names `key` takes and whose values `inner` takes."""

    def checker(value: object) -> None:
        if not isinstance(value, dict) or len(value) > most:
            raise MalformedError(f"not an object of at most {most} fields")
        for field, item in value.items():
            key(field)
            _at(field, inner, item)

    return checker


def parse_date(value: object) -> date:
    """Return the date of `YYYY-MM-DD`; MalformedError for another spelling or a day that does not exist."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise MalformedError("not a date")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise MalformedError("not a day that exists") from error


def _ascending(values: list[Any]) -> bool:
    try:
        return all(a < b for a, b in pairwise(values))
    except TypeError:
        return False


def _at(field: str, checker: Checker, value: object) -> None:
    """Run `checker` and put `field` in front of the path its error names."""
    try:
        checker(value)
    except FieldError as error:
        joint = "" if error.path.startswith("[") else "."
        raise FieldError(f"{field}{joint}{error.path}", error.reason) from None
    except MalformedError as error:
        raise FieldError(field, str(error)) from None


class FieldError(MalformedError):
    """A MalformedError that knows the path of its field; callers need only its parent."""

    def __init__(self, path: str, reason: str) -> None:
        """Keep the path and the reason apart, so that an outer object can lengthen the path."""
        super().__init__(f"field '{path}': {reason}")
        self.path = path
        self.reason = reason


def _shown(field: str) -> str:
    """A field's name fit for a message: names come from strangers, so only a short plain one is repeated."""
    return f"'{field}'" if len(field) <= 40 and _NAME.fullmatch(field) else "with a name that is not plain"
