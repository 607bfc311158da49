"""Dates and instants: one reading for each spelling."""

from datetime import UTC, date, datetime

import pytest

from policies.errors import FactsError
from policies.times import LAST_INSTANT, day_of, read_day, read_end, read_instant, show_instant


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-10", datetime(2026, 3, 10, tzinfo=UTC)),
        ("2026-03-10T12:30Z", datetime(2026, 3, 10, 12, 30, tzinfo=UTC)),
        ("2026-03-10T12:30:00Z", datetime(2026, 3, 10, 12, 30, tzinfo=UTC)),
        ("2026-03-10T12:30:00.5+01:30", datetime(2026, 3, 10, 11, 0, 0, 500000, tzinfo=UTC)),
    ],
)
def test_instants(text, instant):
    """A bare date is its first instant; an instant counts with its offset."""
    assert read_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [None, 5, "", "soon", "2026-3-10", "2026-02-30", "2026-03-10T12:30:00", "2026-03-10 12:30:00Z", "2026-03-10T25:00:00Z",
     "2026-03-10T12:30:00+25:00", "0001-01-01T00:00:00+01:00", "２０２６-03-10", "2026-03-10\n", "20260310", "2026-W11-2"],
)
def test_not_times(text):
    """Anything else, and an instant without offset, is an error of the room."""
    with pytest.raises(FactsError):
        read_instant(text)


def test_ends():
    """A bare date as an end includes its day; an instant is the end itself; the last day there is has no next."""
    assert read_end("2026-03-10") == read_instant("2026-03-11")
    assert read_end("2026-03-10T12:00:00Z") == read_instant("2026-03-10T12:00:00Z")
    assert read_end("9999-12-31") == LAST_INSTANT


def test_days():
    """The day of an instant is the one it has in UTC."""
    assert read_day("2026-03-10T00:30:00+01:00") == date(2026, 3, 9)
    assert day_of(read_instant("2026-03-10T23:59:59Z")) == date(2026, 3, 10)


def test_one_spelling():
    """An instant prints in UTC with Z, and with a fraction only where there is one."""
    assert show_instant(read_instant("2026-03-10T13:00:00+01:00")) == "2026-03-10T12:00:00Z"
    assert show_instant(read_instant("2026-03-10T12:00:00.25Z")) == "2026-03-10T12:00:00.250000Z"
