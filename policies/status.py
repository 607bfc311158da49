"""What an instrument's own events make of it: its status, whether two people or the State stand behind it, its denials.

Pure replay: events in, value out; a status is never stored. Source: `docs/spec/consent.md`, "One State".
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from policies.facts import Event, Instrument

NONE, RECORDED, PENDING, IN_FORCE, SUSPENDED = "none", "recorded", "pending", "in_force", "suspended"
REFUSED, LAPSED, WITHDRAWN = "refused", "lapsed", "withdrawn"
SUPERSEDED, REJECTED, INVALIDATED = "superseded", "rejected", "invalidated"
FINAL = frozenset({REFUSED, LAPSED, WITHDRAWN, SUPERSEDED, REJECTED})
# With these it is as if the instrument did not exist: no permit, and nothing that was nearly one.
ABSENT = frozenset({NONE, SUPERSEDED, REJECTED})

GRANTING = frozenset({"granted", "partially_granted"})
BEFORE_GRANTING = frozenset({"recorded", "requested", "deferred"})
SUSPENDING = frozenset({"suspended", "disputed"})
ENDS_A_DENY = frozenset({"withdrawn", "lapsed", "superseded", "rejected", "invalidated"})
ENDS_A_REFUSAL = frozenset({"invalidated"})

_REASONS = {
    RECORDED: "W_UNVERIFIED", PENDING: "W_PENDING", SUSPENDED: "W_SUSPENDED", REFUSED: "W_REFUSED", LAPSED: "W_LAPSED",
    WITHDRAWN: "W_WITHDRAWN", INVALIDATED: "W_INVALID_AUTHORITY",
}


@dataclass(frozen=True)
class Status:
    """Where an instrument stands at an instant: `state` by its events, `verified`, and the reason it does not open."""

    state: str
    verified: bool
    reason: str | None


def acts_at(instrument: Instrument, event: Event) -> datetime:
    """The instant at which an event acts: when recorded or when effective, a granting one never before receipt."""
    instant = event.at if event.effective is None else max(event.at, event.effective)
    return max(instant, instrument.received_on) if event.type in GRANTING else instant


def timeline(instrument: Instrument, known_at: datetime) -> list[tuple[datetime, Event]]:
    """The events recorded by `known_at` with the instants they act, in that order; of one instant as listed."""
    acting = [(acts_at(instrument, event), event) for event in instrument.events if event.at <= known_at]
    return sorted(acting, key=lambda entry: entry[0])


def acting(instrument: Instrument, now: datetime) -> tuple[Event, ...]:
    """The events that act by `now`, in the order in which they act."""
    return tuple(event for instant, event in timeline(instrument, now) if instant <= now)


def replay(events: Iterable[Event]) -> str:
    """The status that acting events lead to, whoever stands behind them and whatever the clock says."""
    events = tuple(events)
    if any(event.type == "invalidated" for event in events):
        return INVALIDATED
    return replay_without_invalidation(events)


def replay_without_invalidation(events: Iterable[Event]) -> str:
    """The status as if nobody had found the instrument void: tells a refusal from what is not one."""
    state, may_open, resumed = NONE, True, _People()
    for event in events:
        if event.type in FINAL:
            return event.type
        if event.type in SUSPENDING:
            state, resumed = SUSPENDED, _People()
        elif event.type in ("requested", "deferred"):
            state = PENDING
        elif event.type in GRANTING and may_open:
            state = IN_FORCE
        elif event.type == "resumed" and state == SUSPENDED and resumed.enough_with(event):
            state = IN_FORCE
        elif state == NONE:
            state = RECORDED
        may_open = may_open and event.type in BEFORE_GRANTING
    return state


def is_verified(events: Sequence[Event]) -> bool:
    """Whether the State itself granted, or a named person other than every recorder.

    Where nobody is named as recorder there is one person only, and that is not enough.
    """
    recorders = {event.by for event in events if event.type == "recorded" and event.by}
    return any(
        event.by_state or bool(event.by and recorders and event.by not in recorders)
        for event in events
        if event.type in GRANTING
    )


def status(instrument: Instrument, now: datetime) -> Status:
    """The status of an instrument by its own events at `now`; what others do to it is the register's."""
    events = acting(instrument, now)
    state = replay(events)
    verified = is_verified(events)
    unconfirmed = state == IN_FORCE and not verified
    return Status(state, verified, "W_UNVERIFIED" if unconfirmed else reason_of(state, instrument.reply_by, now))


def reason_of(state: str, reply_by: datetime | None, now: datetime) -> str | None:
    """Why a status does not open: None where it is in force, or where it is as if it did not exist."""
    if state == PENDING and reply_by is not None and now >= reply_by:
        return "W_LAPSED"
    return _REASONS.get(state)


def first_stood(instrument: Instrument, now: datetime) -> datetime | None:
    """The first instant by `now` at which the instrument was verified and in force, by its own events."""
    for instant, events in _instants(instrument, now):
        if instant <= now and stands(events):
            return instant
    return None


def closes_at(instrument: Instrument, now: datetime) -> datetime | None:
    """The first instant after `now` at which an event already recorded ends what stands now, if there is one."""
    for instant, events in _instants(instrument, now):
        if instant > now and not stands(events):
            return instant
    return None


def stands(events: Sequence[Event]) -> bool:
    """Whether these acting events leave an instrument verified and in force."""
    return replay(events) == IN_FORCE and is_verified(events)


def ended(events: Iterable[Event], kinds: frozenset[str]) -> bool:
    """Whether the State, or two people by the same kind of event, ended what no one person ends."""
    people: dict[str, _People] = {}
    enough = False
    for event in events:
        if event.type in kinds:
            enough = people.setdefault(event.type, _People()).enough_with(event) or enough
    return enough


def _instants(instrument: Instrument, known_at: datetime) -> Iterator[tuple[datetime, tuple[Event, ...]]]:
    """Each instant at which something acts, with all that has acted by its end."""
    so_far: list[Event] = []
    entries = timeline(instrument, known_at)
    for index, (instant, event) in enumerate(entries):
        so_far.append(event)
        if index + 1 == len(entries) or entries[index + 1][0] != instant:
            yield instant, tuple(so_far)


class _People:
    """Who did the same thing: enough once the State did it itself or two different named people did."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def enough_with(self, event: Event) -> bool:
        """Count this event, and tell whether those counted so far are enough."""
        if event.by:
            self._names.add(event.by)
        return event.by_state or len(self._names) > 1
