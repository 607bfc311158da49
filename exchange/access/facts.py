"""Gathering all that a decision rests on: the report's facts, the States' instruments that bear on it, who asks.

Of a State's register those instruments are read that speak of the report, those that replace them, and the one that comes
nearest where none of these says more (`exchange.access.nearest`): so the work does not grow with what States agreed to about
other reports, and the decision is the one on the whole register.

What cannot be known here is left out, which opens nothing: no undertaking is accepted, no State has succeeded another, and
no person has consented, until statements for them exist.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from exchange.access.asker import Asker
from exchange.access.instruments import counted
from exchange.access.nearest import Nearest
from exchange.consents.register import Register, Registered
from exchange.consents.scopes import names_of
from exchange.db import UnitOfWork
from exchange.reports.facts import DocumentFacts
from exchange.reports.queries import Reports
from exchange.reports.rows import ReportRow
from keys.encoding import b64u
from policies import register as standing
from policies.decision import register_of
from policies.facts import Facts, Part, Request
from policies.vocabulary import STATE_PREFIX


@dataclass(frozen=True)
class Gathered:
    """The facts for one asker and one report, and the statements behind them."""

    document: DocumentFacts
    registered: tuple[Registered, ...]
    facts: Facts
    _registers: dict[datetime, standing.Register] = field(default_factory=dict, repr=False, compare=False)

    def part(self, part: str) -> "Gathered | None":
        """Return the same facts for one part alone (id as base64url); None where the report has no such part."""
        mine = tuple(each for each in self.facts.document.parts if each.id == part)
        if not mine:
            return None
        return replace(self, facts=replace(self.facts, document=replace(self.facts.document, parts=mine)))

    def asking(self, action: str, purpose: str) -> "Gathered":
        """Return the same facts for another action and purpose."""
        return replace(self, facts=replace(self.facts, request=replace(self.facts.request, action=action, purpose=purpose)))

    def asked_by(self, asker: Asker) -> "Gathered":
        """Return the facts for another asker: of the same report and the same instruments."""
        return replace(
            self,
            facts=replace(
                self.facts,
                request=request_of(asker, self.document),
                originator_decisions=self.document.decisions_for(asker.organisation),
            ),
        )

    def register(self, now: datetime) -> standing.Register:
        """Return the register a decision at an instant reads: one for all askers, parts and actions."""
        if now not in self._registers:
            self._registers[now] = register_of(self.facts, now)
        return self._registers[now]

    @property
    def states(self) -> tuple[str, ...]:
        """The States whose register bears on the report."""
        return concerned(self.document)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts these facts are about."""
        return self.facts.document.parts

    def find(self, instrument: str) -> Registered | None:
        """Return one of the instruments of the States concerned, by its id or the base64url hash of its record."""
        return next((each for each in self.registered if instrument in (each.row.id, b64u(each.row.record))), None)

    def hashes(self, instruments: Iterable[str]) -> frozenset[bytes]:
        """Return the hashes of all statements of these instruments (ids, or the base64url hash of a record)."""
        named = set(instruments)
        return frozenset(
            event.statement
            for each in self.registered
            if each.row.id in named or b64u(each.row.record) in named
            for event in each.events
        )


class Gatherer:
    """Reads the facts in the caller's unit."""

    def __init__(self, reports: Reports, register: Register, nearest: Nearest) -> None:
        self._reports = reports
        self._register = register
        self._nearest = nearest

    def gather(self, uow: UnitOfWork, asker: Asker, report: str, at: datetime | None = None) -> Gathered | None:
        """Return what bears on `asker` viewing a report; None where there is no such report, or was none at that instant.

        `at`: the instant that is to be decided for, None for now: with nothing that was recorded after it.
        """
        row = self._reports.find(uow, report)
        return None if row is None else self.gather_all(uow, asker, [row], at=at).get(report)

    def gather_all(
        self,
        uow: UnitOfWork,
        asker: Asker,
        listed: Sequence[ReportRow],
        *,
        reasons: bool = True,
        at: datetime | None = None,
    ) -> dict[str, Gathered]:
        """Return what bears on `asker` viewing each of these reports, by id; at another instant those that were there then.

        The database is asked the same number of questions however many reports, instruments and bodies there are; once more
        where a State's register has changed. Without `reasons` what is permitted is exact, and why something is not may
        name another reason than the whole register gives: for lists that show no reasons.
        """
        documents = self._reports.all_facts(uow, listed, at)
        states = {report: concerned(document) for report, document in documents.items()}
        names = {report: names_of(document.document) for report, document in documents.items()}
        pairs = {
            (state, _bodies(document)) for report, document in documents.items() for state in states[report]
        }
        nearest = self._nearest.of(uow, pairs, at) if reasons else {}
        read = self._register.bearing(
            uow, {state for state, _bodies in pairs}, _joined(names.values()), _joined(nearest.values()), at
        )
        bearing = Bearing(read)
        found = {}
        for report, document in documents.items():
            also = _joined(nearest.get((state, _bodies(document)), ()) for state in states[report])
            own = bearing.on(states[report], names[report], also)
            found[report] = gathered_of(request_of(asker, document), document, own, at or uow.now)
        return found


def _joined(sets: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(each for names in sets for each in names)


def _bodies(document: DocumentFacts) -> frozenset[str]:
    return frozenset(document.document.originators)


def gathered_of(
    request: Request, document: DocumentFacts, registered: tuple[Registered, ...], now: datetime
) -> Gathered:
    """Return the facts for a request, a document and the instruments that bear on it, as they stand at an instant."""
    facts = Facts(
        request=request,
        document=document.document,
        originator_decisions=document.decisions_for(request.organisation),
        instruments=counted(registered, document.document.originators, now),
        undertakings_accepted=(),
        document_events=document.document_events,
        person_consents=document.person_consents,
        successions=(),
    )
    return Gathered(document, registered, facts)


class Bearing:
    """Instruments read for several documents: finds those that bear on one."""

    def __init__(self, read: Sequence[Registered]) -> None:
        self._read = read
        self._replacing: dict[str, list[str]] = {}
        for each in read:
            for named in each.instrument.supersedes:
                self._replacing.setdefault(named, []).append(each.row.id)

    def on(self, states: Collection[str], names: frozenset[str], also: frozenset[str]) -> tuple[Registered, ...]:
        """Return those of these States that speak of one of these names, those with the ids `also`, and whatever replaces
        any of them, at any remove; in the order recorded."""
        own = [each for each in self._read if each.row.state in states]
        found = {each.row.id for each in own if each.row.id in also or not names.isdisjoint(each.speaks_of)}
        waiting = list(found)
        while waiting:
            replacing = set(self._replacing.get(waiting.pop(), ())) - found
            found |= replacing
            waiting += replacing
        return tuple(each for each in own if each.row.id in found)


def concerned(document: DocumentFacts) -> tuple[str, ...]:
    """Return the States whose register bears on a document: those of its parts, and those that made it."""
    states = {state for part in document.document.parts for state in part.states}
    authors = document.document.originators
    states.update(each.removeprefix(STATE_PREFIX) for each in authors if each.startswith(STATE_PREFIX))
    return tuple(sorted(states))


def request_of(asker: Asker, document: DocumentFacts) -> Request:
    """Return the request of an asker to view a document for follow-up: what is asked in particular, `asking` says."""
    return Request(
        organisation=asker.organisation,
        organisation_kind=asker.kind,
        officer=asker.officer,
        role=asker.role,
        action="view",
        purpose="follow_up",
        language=None,
        variant=None,
        clearance=asker.clearance,
        active=asker.active,
        recused=asker.recused(state for part in document.document.parts for state in part.states),
    )
