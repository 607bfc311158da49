"""Reading the register: instruments with their events as policies takes them, and who may see which.

However many instruments a question finds, the database is asked the same number of times about them. `known` asks for the
register as it was at the end of an instant's second: without what was recorded later, whatever it says of that time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Select, exists, or_, select, union_all

from exchange.audit.statements import Statements
from exchange.consents.models import ConsentEvent, ConsentHead, ConsentInstrument, ConsentReplacement, ConsentScope
from exchange.consents.scopes import spoken_of
from exchange.db import UnitOfWork
from exchange.statements import consent as consents
from exchange.statements import instrument as instruments
from keys.encoding import b64u
from policies import status as statuses
from policies.case_file import instrument_from_json
from policies.facts import Event, Instrument
from policies.status import Status

# Instruments asked about in one statement: well below the most parameters of any engine.
_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Registered:
    """An instrument of the register: what policies reads, and who stands behind it.

    `confirmed_by` are the bodies that granted; `by_state` whether the State's own authority did.
    """

    row: ConsentInstrument
    events: tuple[ConsentEvent, ...]
    instrument: Instrument
    terms: dict[str, object]

    @property
    def confirmed_by(self) -> frozenset[str]:
        """The bodies whose officers confirmed."""
        return frozenset(e.by_body for e in self.events if e.type in statuses.GRANTING)

    @property
    def by_state(self) -> bool:
        """Whether the State itself confirmed."""
        return any(e.by_state for e in self.events if e.type in statuses.GRANTING)

    @property
    def closed_by_state(self) -> bool:
        """Whether the State's own authority suspended or disputed it, and has not resumed it since."""
        said = [e.type for e in self.events if e.by_state and (e.type in statuses.SUSPENDING or e.type == "resumed")]
        return bool(said) and said[-1] != "resumed"

    @cached_property
    def speaks_of(self) -> frozenset[str]:
        """The names of what its provisions speak of (`exchange.consents.scopes`)."""
        return spoken_of(self.instrument)

    @property
    def answers(self) -> str | None:
        """The request it answers; None where it answers none."""
        return instruments.answers(self.terms)

    @property
    def recorded_state(self) -> str:
        """The status that everything recorded leads to, whether or not it acts yet."""
        return statuses.replay(self.instrument.events)

    def status(self, now: datetime) -> Status:
        """The status at `now`."""
        return statuses.status(self.instrument, now)


class Register:
    """The register as a transaction sees it."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find(self, uow: UnitOfWork, instrument: str, known: datetime | None = None) -> Registered | None:
        """Return one instrument (id as base64url); None when it is not recorded."""
        row = uow.session.get(ConsentInstrument, instrument)
        return None if row is None else next(iter(self._load(uow, [row], known)), None)

    def of_states(self, uow: UnitOfWork, states: Collection[str], known: datetime | None = None) -> list[Registered]:
        """Return every instrument of these States, in the order recorded."""
        rows = uow.session.scalars(select(ConsentInstrument).where(ConsentInstrument.state.in_(sorted(states))))
        return self._load(uow, rows.all(), known)

    def bearing(
        self,
        uow: UnitOfWork,
        states: Collection[str],
        names: Collection[str],
        also: Collection[str] = (),
        known: datetime | None = None,
    ) -> list[Registered]:
        """Return the instruments of these States that speak of one of these names, those with the ids `also`, and
        whatever replaces any of them, at any remove; in the order recorded."""
        of_scope = select(ConsentScope.instrument.label("id")).where(
            ConsentScope.about.in_(sorted(names)), ConsentScope.state.in_(sorted(states))
        )
        by_id = select(ConsentInstrument.id.label("id")).where(ConsentInstrument.id.in_(sorted(also)))
        found = select(union_all(of_scope, by_id).subquery().c.id).cte("bearing", recursive=True)
        replacing = select(ConsentReplacement.instrument).join(found, ConsentReplacement.named == found.c.id)
        found = found.union(replacing)
        rows = uow.session.scalars(select(ConsentInstrument).where(ConsentInstrument.id.in_(select(found.c.id))))
        return self._load(uow, rows.all(), known)

    def answered(self, uow: UnitOfWork, request: str) -> bool:
        """Return whether an answer to a request was confirmed, and not found void since."""
        naming = select(ConsentReplacement.instrument).where(ConsentReplacement.named == request)
        rows = uow.session.scalars(select(ConsentInstrument).where(ConsentInstrument.id.in_(naming)))
        return any(
            each.answers == request
            and statuses.is_verified(each.instrument.events)
            and each.recorded_state != statuses.INVALIDATED
            for each in self._load(uow, rows.all(), None)
        )

    def first_heard(
        self,
        uow: UnitOfWork,
        after: Mapping[str, int],
        bodies: Collection[str],
        limit: int,
        known: datetime | None = None,
    ) -> dict[str, list[tuple[int, str]]]:
        """Return for each State in `after` up to `limit` of its instruments that were recorded after that version, as
        (version, id) in the order recorded: those that one of `bodies` recorded, or of which the State's authority said
        something, or that were refused."""
        queries = [
            self._heard(state, version, bodies, known).limit(limit).subquery() for state, version in after.items()
        ]
        found: dict[str, list[tuple[int, str]]] = {state: [] for state in after}
        if queries:
            rows = union_all(*(select(query) for query in queries))
            for state, version, instrument in uow.session.execute(rows):
                found[state].append((version, instrument))
        return {state: sorted(listed) for state, listed in found.items()}

    def _heard(
        self, state: str, after: int, bodies: Collection[str], known: datetime | None
    ) -> Select[str, int, str]:
        events = exists().where(ConsentEvent.instrument == ConsentInstrument.id)
        if known is not None:
            events = events.where(ConsentEvent.at <= known)
        said = events.where(or_(ConsentEvent.by_state, ConsentEvent.type == statuses.REFUSED))
        query = (
            select(ConsentInstrument.state, ConsentInstrument.version, ConsentInstrument.id)
            .where(ConsentInstrument.state == state, ConsentInstrument.version > after)
            .where(or_(ConsentInstrument.recorder_body.in_(sorted(bodies)), said))
            .order_by(ConsentInstrument.version)
        )
        return query if known is None else query.where(events)

    def visible_to(
        self, uow: UnitOfWork, organisation: str, state: str | None, known: datetime | None = None
    ) -> list[Registered]:
        """Return what a body may see: what it recorded, and a State its own; nobody else's, not even as a count."""
        own_state = organisation.removeprefix("state:") if organisation.startswith("state:") else None
        mine = ConsentInstrument.recorder_body == organisation
        query = select(ConsentInstrument).where(
            mine if own_state is None else mine | (ConsentInstrument.state == own_state)
        )
        if state is not None:
            query = query.where(ConsentInstrument.state == state)
        return self._load(uow, uow.session.scalars(query).all(), known)

    def waiting(self, uow: UnitOfWork, organisation: str) -> list[Registered]:
        """Return of what a body may see that to which nobody has said yes or no yet, in the order recorded."""
        said = exists().where(
            ConsentEvent.instrument == ConsentInstrument.id, ConsentEvent.type.not_in(sorted(statuses.BEFORE_GRANTING))
        )
        own_state = organisation.removeprefix("state:") if organisation.startswith("state:") else None
        mine = ConsentInstrument.recorder_body == organisation
        seen = mine if own_state is None else mine | (ConsentInstrument.state == own_state)
        return self._load(uow, uow.session.scalars(select(ConsentInstrument).where(seen, ~said)).all(), None)

    def versions(self, uow: UnitOfWork, states: Iterable[str]) -> dict[str, int]:
        """Return the versions of these States' heads, 0 for one without any; a writing unit locks them to its end.

        On SQLite the writer lock of the unit is the lock; the rows are read for their versions alone.
        """
        wanted = sorted(set(states))
        query = select(ConsentHead.state, ConsentHead.version).where(ConsentHead.state.in_(wanted))
        if uow.write:
            query = query.order_by(ConsentHead.state).with_for_update()
        found = {state: version for state, version in uow.session.execute(query)}
        return {state: found.get(state, 0) for state in wanted}

    def raise_version(self, uow: UnitOfWork, state: str) -> int:
        """Raise a State's version by one and return it."""
        row = uow.session.get(ConsentHead, state, with_for_update=True)
        if row is None:
            row = ConsentHead(state=state, version=0)
            uow.session.add(row)
        row.version += 1
        return row.version

    def _load(
        self, uow: UnitOfWork, rows: Sequence[ConsentInstrument], known: datetime | None
    ) -> list[Registered]:
        found: list[tuple[tuple[int, int], Registered]] = []
        for start in range(0, len(rows), _AT_ONCE):
            found += self._some(uow, rows[start : start + _AT_ONCE])
        every = [registered for _place, registered in sorted(found, key=lambda item: item[0])]
        return every if known is None else [cut for each in every if (cut := as_known(each, known)) is not None]

    def _some(
        self, uow: UnitOfWork, rows: Sequence[ConsentInstrument]
    ) -> Iterable[tuple[tuple[int, int], Registered]]:
        events: dict[str, list[ConsentEvent]] = {row.id: [] for row in rows}
        query = select(ConsentEvent).where(ConsentEvent.instrument.in_(events)).order_by(ConsentEvent.number)
        for event in uow.session.scalars(query):
            events[event.instrument].append(event)
        records = self._statements.all(uow, [row.record for row in rows])
        for row in rows:
            stored = records.get(row.record)
            if stored is None:
                raise LookupError(f"the record of instrument '{row.id}' is not among the statements")
            terms = consents.read(stored.statement).body
            instrument = instrument_of(row.id, terms, in_order(events[row.id]), b64u(row.record))
            place = (stored.ticket.n, stored.ticket.index)
            yield place, Registered(row, tuple(events[row.id]), instrument, terms)


def as_known(found: Registered, at: datetime) -> Registered | None:
    """Return an instrument as the register had it at the end of an instant's second; None where it was not recorded yet.

    What is recorded later is left out even where it acts earlier: a decision of that instant did not know it.
    """
    events = tuple(event for event in found.events if event.at <= at)
    if len(events) == len(found.events):
        return found
    if not events:
        return None
    return replace(found, events=events, instrument=replace(found.instrument, events=tuple(in_order(events))))


def with_event(found: Registered, event: str, body: str, now: datetime) -> Registered:
    """Return an instrument as it would be if an officer of `body` recorded one more event now; nothing of it is written."""
    row = ConsentEvent(
        instrument=found.row.id,
        number=len(found.events),
        type=event,
        at=now,
        effective=None,
        by="-",  # nobody's id: a second person, who ends an exclusion, is not assumed
        by_body=body,
        by_state=body == f"state:{found.row.state}",
        statement=bytes(32),
    )
    events = (*found.events, row)
    return replace(found, events=events, instrument=replace(found.instrument, events=tuple(in_order(events))))


def instrument_of(id: str, terms: Mapping[str, Any], events: Iterable[Event], ref: str | None) -> Instrument:
    """Return what policies reads of a record's body; PoliciesError where it cannot read it."""
    return instrument_from_json({"id": id, **instruments.read_by_policy(terms)}, events, ref=ref)


def in_order(rows: Sequence[ConsentEvent]) -> list[Event]:
    """Return an instrument's events as policies reads them, each at an instant of its own.

    The database's clock counts whole seconds, and policy looks at what an instrument is at the end of an instant: a grant and
    a withdrawal of one second would be read as if nothing had ever been granted, and what the grant replaced would stand
    again. So of events of one second all but the last are put a microsecond or more before it, in the order recorded.
    """
    found = []
    for number, row in enumerate(rows):
        later = sum(1 for other in rows[number + 1 :] if other.at == row.at)
        at = row.at - timedelta(microseconds=later)
        found.append(Event(type=row.type, at=at, by=row.by, by_state=row.by_state, effective=row.effective))
    return found
