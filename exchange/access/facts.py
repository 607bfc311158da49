"""Gathering all that one decision rests on: the report's facts, the States' instruments, who asks.

What cannot be known here is left out, which opens nothing: no undertaking is accepted, no State has succeeded another, and
no person has consented, until statements for them exist.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from exchange.access.asker import Asker
from exchange.access.instruments import counted
from exchange.consents.register import Register, Registered
from exchange.db import UnitOfWork
from exchange.reports.facts import DocumentFacts
from exchange.reports.queries import Reports
from keys.encoding import b64u
from policies.facts import Facts, Part, Request
from policies.vocabulary import STATE_PREFIX


@dataclass(frozen=True)
class Gathered:
    """The facts for one asker and one report, and the statements behind them."""

    document: DocumentFacts
    registered: tuple[Registered, ...]
    facts: Facts

    def part(self, part: str) -> "Gathered | None":
        """Return the same facts for one part alone (id as base64url); None where the report has no such part."""
        mine = tuple(each for each in self.facts.document.parts if each.id == part)
        if not mine:
            return None
        return replace(self, facts=replace(self.facts, document=replace(self.facts.document, parts=mine)))

    def asking(self, action: str, purpose: str) -> "Gathered":
        """Return the same facts for another action and purpose."""
        return replace(self, facts=replace(self.facts, request=replace(self.facts.request, action=action, purpose=purpose)))

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

    def __init__(self, reports: Reports, register: Register) -> None:
        self._reports = reports
        self._register = register

    def gather(self, uow: UnitOfWork, asker: Asker, report: str) -> Gathered | None:
        """Return what bears on `asker` viewing a report; None where there is no such report."""
        if self._reports.find(uow, report) is None:
            return None
        document = self._reports.document_facts(uow, report)
        registered = tuple(self._register.of_states(uow, concerned(document)))
        facts = Facts(
            request=_request(asker, document),
            document=document.document,
            originator_decisions=document.decisions_for(asker.organisation),
            instruments=counted(registered, document.document.originators, uow.now),
            undertakings_accepted=(),
            document_events=document.document_events,
            person_consents=document.person_consents,
            successions=(),
        )
        return Gathered(document, registered, facts)


def concerned(document: DocumentFacts) -> tuple[str, ...]:
    """Return the States whose register bears on a document: those of its parts, and those that made it."""
    states = {state for part in document.document.parts for state in part.states}
    authors = document.document.originators
    states.update(each.removeprefix(STATE_PREFIX) for each in authors if each.startswith(STATE_PREFIX))
    return tuple(sorted(states))


def _request(asker: Asker, document: DocumentFacts) -> Request:
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
