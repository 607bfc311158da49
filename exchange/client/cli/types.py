"""What arguments are made of: ids and hashes, times and days, bodies."""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

from keys import fields
from keys.encoding import parse_time, unb64u
from keys.errors import KeysError

# An id in base64url may begin with a hyphen; it must not be taken for an option.
SHIELD: Final = "id:"
_ID: Final = re.compile(r"-[A-Za-z0-9_-]{21}|-[A-Za-z0-9_-]{42}")


def shielded(words: Sequence[str], options: Collection[str]) -> list[str]:
    """Return a command line with a mark before each id or hash that would read as an option."""
    return [SHIELD + word if word not in options and _ID.fullmatch(word) else word for word in words]


class Id(click.ParamType[bytes]):
    """An id or hash of so many bytes, in base64url."""

    name = "id"

    def __init__(self, length: int) -> None:
        """Take the length in bytes."""
        self.length = length

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        """Return the bytes."""
        if isinstance(value, bytes):
            return value
        try:
            return unb64u(str(value).removeprefix(SHIELD), self.length)
        except KeysError:
            self.fail(f"{str(value).removeprefix(SHIELD)!r}", param, ctx)


class Body(click.ParamType[str]):
    """The id of a participating body."""

    name = "body"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the id."""
        try:
            fields.organisation(value)
        except KeysError:
            self.fail(f"{value!r}", param, ctx)
        return str(value)


class StateCode(click.ParamType[str]):
    """A State's two letters."""

    name = "state"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the code."""
        try:
            fields.state(value)
        except KeysError:
            self.fail(f"{value!r}", param, ctx)
        return str(value)


class Moment(click.ParamType[datetime]):
    """A time (RFC 3339, whole seconds, Z), or a day: its first instant, or with `end` the instant after its last."""

    name = "time"

    def __init__(self, *, end: bool = False) -> None:
        """Say whether a day stands for its end."""
        self.end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the aware UTC time."""
        if isinstance(value, datetime):
            return value
        try:
            if "T" in value:
                return parse_time(value)
            day = fields.parse_date(value)
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            return start + timedelta(days=1) if self.end else start
        except (KeysError, OverflowError):
            self.fail(f"{value!r}", param, ctx)


OFFICER: Final = Id(16)
HASH: Final = Id(32)
BODY: Final = Body()
FROM: Final = Moment()
TO: Final = Moment(end=True)
