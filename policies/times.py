"""Dates and instants of the policy model: one reading for each spelling.

A bare date is its first instant in UTC. Where it ends something (`valid_to`, `retain_until`) it includes its day, so
its end is the first instant of the next one. An instant always carries its offset; what carries none is an error.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from policies.errors import FactsError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
LAST_INSTANT = datetime.max.replace(tzinfo=UTC)


def read_instant(text: object) -> datetime:
    """The instant that `text` names, in UTC: a bare date is its first instant.

    Raises FactsError for anything but `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM[:SS[.ffffff]](Z|±HH:MM)`.
    """
    if not isinstance(text, str) or not (_DAY.fullmatch(text) or _INSTANT.fullmatch(text)):
        raise FactsError(f"not a date or instant: {text!r:.60}")
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FactsError(f"not a date or instant: {text!r:.60}") from None


def read_end(text: object) -> datetime:
    """The instant at which something valid to `text` has expired: after a bare date, the next day's first instant."""
    moment = read_instant(text)
    if isinstance(text, str) and _DAY.fullmatch(text):
        return end_of(moment.date())
    return moment


def end_of(day: date) -> datetime:
    """The first instant in UTC after `day`; the last instant there is, after the last day there is."""
    if day == date.max:
        return LAST_INSTANT
    return first_instant(day + timedelta(days=1))


def first_instant(day: date) -> datetime:
    """The first instant of `day` in UTC."""
    return datetime.combine(day, time.min, UTC)


def read_day(text: object) -> date:
    """The day, in UTC, of the date or instant that `text` names. Raises FactsError as `read_instant`."""
    return read_instant(text).date()


def day_of(moment: datetime) -> date:
    """The day in UTC of an instant that carries its offset."""
    return moment.astimezone(UTC).date()


def show_instant(moment: datetime) -> str:
    """The one spelling of an instant: UTC, with `Z`, and a fraction of a second only where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def looks_like_time(text: str) -> bool:
    """Whether a text that may name a date or an event is meant as a date: it starts with a digit, no event does."""
    return text[:1].isdigit()


def is_instant(value: object) -> bool:
    """Whether `value` is an instant that carries its offset, and so can be compared with any other."""
    return isinstance(value, datetime) and value.utcoffset() is not None
