"""Whose record counts for whose report, and how an instrument's events are put in order."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exchange.access.instruments import counted, stands_behind
from exchange.consents.models import ConsentEvent, ConsentInstrument
from exchange.consents.register import Registered, in_order, instrument_of
from policies.facts import Instrument
from tests.web.access_maker import deny, instrument, permit

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """One event: its type, whose officer said it, and whether that was the State's authority."""

    type: str
    body: str = "coe-cpt"
    by_state: bool = False


def registered(*events: Said, provisions: Any = None, **changes: Any) -> Registered:
    """An instrument of XA with these events, a minute apart, each by another officer."""
    rows = tuple(
        ConsentEvent(
            instrument="I1", number=n, type=event.type, at=NOW - timedelta(hours=1) + timedelta(minutes=n),
            effective=None, by=f"officer {n}", by_body=event.body, by_state=event.by_state, statement=bytes([n]) * 32,
        )
        for n, event in enumerate(events)
    )
    terms = instrument("XA", provisions or [permit("un-spt"), deny("npm-xa")], **changes)
    row = ConsentInstrument(
        id="I1", state="XA", recorder="officer 0", recorder_body=events[0].body, record=bytes(32), evidence=None
    )
    return Registered(row, rows, instrument_of("I1", terms, in_order(rows), None), terms)


RECORDED, GRANTED = Said("recorded"), Said("granted")
STRANGER = "un-spt"


@pytest.mark.parametrize(
    ("events", "stands"),
    [
        ([RECORDED], True),
        ([RECORDED, GRANTED], True),
        ([Said("recorded", STRANGER)], False),
        ([Said("recorded", STRANGER), Said("granted", STRANGER)], False),
        ([Said("recorded", STRANGER), Said("granted", "state:XA", True)], True),
        ([Said("recorded", "state:XA", True)], True),
        ([Said("recorded", "state:XA", True), Said("granted", "state:XA")], False),
        ([Said("recorded", "state:XA", True), Said("granted", "state:XA", True)], True),
        ([Said("recorded", STRANGER), GRANTED], False),
        ([RECORDED, Said("granted", STRANGER)], False),
        ([Said("recorded", STRANGER), Said("refused", "state:XA", True)], False),
    ],
)
def test_who_stands_behind_a_permit(events: list[Said], stands: bool) -> None:
    """The State's own confirmation, or recorder and confirmer of a body that made the report; nobody else."""
    assert stands_behind(registered(*events), ["coe-cpt"]) is stands


def heard(*events: Said, **changes: Any) -> Instrument | None:
    """What a decision on a report of the CPT hears."""
    found = counted([registered(*events, **changes)], ["coe-cpt"], NOW)
    return found[0] if found else None


def test_of_a_strangers_instrument_the_denials_are_heard() -> None:
    """Its permits, conditions and undertaking go; it replaces and limits nothing."""
    left = heard(
        Said("recorded", STRANGER), Said("granted", STRANGER), conditions=["view_only"], undertaking="U1",
        supersedes=["AAAAAAAAAAAAAAAAAAAAAA"], amends=["AAAAAAAAAAAAAAAAAAAAAQ"],
    )
    assert left is not None
    assert [provision.effect for provision in left.provisions] == ["deny"]
    assert (left.conditions, left.undertaking, left.supersedes, left.amends) == ((), None, (), ())


def test_a_strangers_instrument_without_denials_is_not_heard() -> None:
    """Not even as the nearest miss."""
    assert heard(Said("recorded", STRANGER), Said("granted", STRANGER), provisions=[permit("un-spt")]) is None


def test_a_refusal_is_heard_whole_whoever_recorded_it() -> None:
    """A State that refused denies what it was asked for, and what it replaces is not silenced by it."""
    left = heard(
        Said("recorded", STRANGER), Said("refused", STRANGER), provisions=[permit("un-spt")],
        supersedes=["AAAAAAAAAAAAAAAAAAAAAA"],
    )
    assert left is not None and len(left.provisions) == 1 and left.supersedes == ()


def test_ones_own_instrument_is_heard_as_it_stands() -> None:
    """Nothing of it is changed."""
    made = registered(RECORDED, GRANTED, conditions=["view_only"], supersedes=["AAAAAAAAAAAAAAAAAAAAAA"])
    assert counted([made], ["coe-cpt"], NOW) == (made.instrument,)


def test_events_of_one_second_follow_each_other() -> None:
    """The last is at its second, those before it a microsecond earlier each; no event is ever read as later."""
    at = [NOW, NOW, NOW, NOW + timedelta(seconds=1)]
    rows = [
        ConsentEvent(
            instrument="I1", number=n, type="suspended", at=moment, effective=None, by="a", by_body="coe-cpt",
            by_state=False, statement=bytes([n]) * 32,
        )
        for n, moment in enumerate(at)
    ]
    found = [event.at for event in in_order(rows)]
    step = timedelta(microseconds=1)
    assert found == [NOW - 2 * step, NOW - step, NOW, NOW + timedelta(seconds=1)]
    assert all(event.at <= row.at for event, row in zip(in_order(rows), rows, strict=True))
