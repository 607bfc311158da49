"""The status of one instrument by its own events, as pages show it."""

import pytest

from policies import consent
from policies.status import acts_at, closes_at, first_stood
from policies.times import read_instant
from tests.unit.policies.examples import instrument_of

NOW = read_instant("2026-03-10T12:00:00Z")
RECORDED, GRANTED = ("recorded", "2024-03-01", "a"), ("granted", "2024-03-02", "b")


@pytest.mark.parametrize(
    ("events", "state", "verified", "reason"),
    [
        ([], "none", False, None),
        ([RECORDED], "recorded", False, "W_UNVERIFIED"),
        ([RECORDED, GRANTED], "in_force", True, None),
        ([RECORDED, ("granted", "2024-03-02", "a")], "in_force", False, "W_UNVERIFIED"),
        ([("requested", "2024-03-01", "a")], "pending", False, "W_PENDING"),
        ([RECORDED, ("refused", "2024-03-02", "b")], "refused", False, "W_REFUSED"),
        ([RECORDED, GRANTED, ("withdrawn", "2025-01-01", "b")], "withdrawn", True, "W_WITHDRAWN"),
        ([RECORDED, GRANTED, ("disputed", "2025-01-01", "b")], "suspended", True, "W_SUSPENDED"),
        ([RECORDED, ("rejected", "2025-01-01", "b")], "rejected", False, None),
        ([RECORDED, GRANTED, ("superseded", "2025-01-01", "b")], "superseded", True, None),
        ([RECORDED, GRANTED, ("invalidated", "2025-01-01", "b")], "invalidated", True, "W_INVALID_AUTHORITY"),
    ],
)
def test_status(events, state, verified, reason):
    """State, verification and reason follow from the events."""
    found = consent.status(instrument_of(*events), NOW)
    assert (found.state, found.verified, found.reason) == (state, verified, reason)


def test_a_period_that_is_over_is_lapsed():
    """A reply that was awaited until a date is no longer awaited from that instant."""
    asked = instrument_of(("requested", "2024-03-01", "a"), reply_by="2026-03-10T12:00:00Z")
    assert consent.status(asked, NOW).reason == "W_LAPSED"
    assert consent.status(asked, read_instant("2026-03-10T11:59:59Z")).reason == "W_PENDING"


def test_a_granting_event_never_acts_before_receipt():
    """An agreement acts when it was received at the earliest; a pause acts at once."""
    instrument = instrument_of(GRANTED, ("suspended", "2024-03-02", "b"), received_on="2025-01-01")
    granted, suspended = instrument.events
    assert acts_at(instrument, granted) == read_instant("2025-01-01")
    assert acts_at(instrument, suspended) == read_instant("2024-03-02")


def test_when_it_first_stood_and_when_it_closes():
    """The first instant at which it stood, and the first one at which what is recorded ends it."""
    instrument = instrument_of(
        RECORDED, GRANTED, {"type": "withdrawn", "at": "2026-03-01", "by": "b", "effective": "2026-06-01"}
    )
    assert first_stood(instrument, NOW) == read_instant("2024-03-02")
    assert closes_at(instrument, NOW) == read_instant("2026-06-01")
    assert closes_at(instrument, read_instant("2026-02-01")) is None
    assert first_stood(instrument_of(RECORDED), NOW) is None
