"""What a body could know of a report at any instant before: from its statements and the register, as each stood then.

No table says who knew of what, or who opened it. So whoever is to be told of a recall is found by deciding again: at every
instant at which something bearing on the report changed, on what had been recorded by then. Between two such instants no
answer changes. Whatever cannot be decided is no: nobody learns by a notice of a report that was never theirs to know of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from exchange.access.asker import CLEARED, Asker, Askers
from exchange.access.decide import judge_gathered, purposes_alike
from exchange.access.facts import Gathered, Gatherer, gathered_of
from exchange.consents.register import Registered
from exchange.db import UnitOfWork
from exchange.directory.snapshots import Snapshots
from exchange.reports.facts import ChainedDecision, DocumentFacts
from exchange.reports.gathering import Past as ReportPast
from exchange.reports.queries import Reports
from exchange.reports.recalls import Notice
from exchange.reports.rows import ReportRow
from keys.encoding import b64u, unb64u
from keys.errors import KeysError
from keys.replay_directory import Directory
from policies.decision import PartResult
from policies.facts import Event
from policies.vocabulary import LADDER

# What a State's or an originator's agreement opens; every other permit is the treaty's own, or open to anyone.
BY_AGREEMENT: Final = frozenset({"P_CONSENT", "P_ORIGINATOR"})
_EXISTENCE: Final = LADDER[0]
_NAMED: Final = "named_readers_only"
# What ends an agreement's effect, at once or from a day on.
_CLOSING: Final = frozenset({"suspended", "disputed", "withdrawn", "superseded", "invalidated", "refused", "lapsed"})
_BEFORE: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Past:
    """One report at every instant until now, for any asker."""

    report: ReportPast
    directory: Directory
    registered: tuple[Registered, ...]
    latest: Gathered
    now: datetime
    _seen: dict[datetime, Gathered] = field(default_factory=dict, repr=False, compare=False)

    def at(self, moment: datetime) -> Gathered:
        """Return the facts as they stood at an instant since the registration, for the asker of `latest`.

        The directory is that of now: to replay it for each instant would hold up whoever waits for the recall.
        """
        if moment not in self._seen:
            document = self.report.at(moment, self.directory)
            if document is None:
                raise LookupError("a report is asked about at an instant before its registration")
            registered = tuple(each for found in self.registered if (each := as_at(found, moment)) is not None)
            self._seen[moment] = gathered_of(self.latest.facts.request, document, registered, moment)
        return self._seen[moment]

    def instants(self) -> list[datetime]:
        """Return every instant at which an answer may have changed, newest first, beginning with now."""
        first = self.latest.document.registered
        found = {self.now, *self.report.instants(), *_named_in(self.latest.document)}
        found.update(moment for each in self.registered for moment in _instants(each))
        return sorted((moment for moment in found if first <= moment <= self.now), reverse=True)


class Lookback:
    """Decides on the past, in the caller's unit; nothing here writes."""

    def __init__(self, gatherer: Gatherer, askers: Askers, reports: Reports, snapshots: Snapshots) -> None:
        self._gatherer = gatherer
        self._askers = askers
        self._reports = reports
        self._snapshots = snapshots

    def past(self, uow: UnitOfWork, row: ReportRow) -> Past:
        """Return a report's past as its owner's officers in general would be asked about it."""
        asker = self._askers.body(uow, row.owner)
        gathered = self._gatherer.gather_all(uow, asker, [row])[row.report]
        directory = self._snapshots.required(uow)
        return Past(self._reports.past(uow, row), directory, gathered.registered, gathered, uow.now)

    def told(self, uow: UnitOfWork, row: ReportRow, part: bytes | None, *, of_agreement: bool) -> frozenset[Notice]:
        """Return who is told of a recall of a report, or of one part, that is about to be recorded.

        A body named as recipient of the part, its owner left out, that could know of it at some instant until now. With
        `of_agreement` only what an agreement opened counts, and whoever has the part by the treaty itself, or as anyone may,
        is left out. Where only readers whom an agreement names could know of it, these are told and nobody else of the body.
        """
        past = self.past(uow, row)
        told: set[Notice] = set()
        for organisation, parts in past.latest.document.sent.items():
            wanted = frozenset(parts if part is None else parts & {b64u(part)})
            general = self._askers.body(uow, organisation)
            if of_agreement:
                wanted -= _open_otherwise(past.at(uow.now).asked_by(general), uow.now)
            found = _could_know(past, general, wanted, of_agreement)
            told |= {Notice(organisation, unb64u(each)) for each in found}
            for officer in self._named_readers(uow, past, organisation):
                named = replace(general, officer=officer, clearance=CLEARED)
                more = _could_know(past, named, wanted - found, of_agreement)
                told |= {Notice(organisation, unb64u(each), officer) for each in more}
        return frozenset(told)

    def rested(self, uow: UnitOfWork, row: ReportRow, instrument: Registered) -> dict[str, list[str]]:
        """Return what of a report a body could view by an agreement right before it ended, or by one that has not ended now:
        part ids (base64url), each with the bodies, both sorted."""
        past = self.past(uow, row)
        moment = min([uow.now, *(_acts(event.at, event.effective) - _BEFORE for event in _closing(instrument))])
        if moment < row.registered:
            return {}
        then, names = past.at(moment), {instrument.row.id, b64u(instrument.row.record)}
        found: dict[str, list[str]] = {}
        for organisation, sent in sorted(then.document.sent.items()):
            gathered = then.asked_by(self._askers.body(uow, organisation))
            for result in _permitted(gathered, "view", moment):
                if result.part in sent and names.intersection(result.basis):
                    bodies = found.setdefault(result.part, [])
                    bodies += [organisation] if organisation not in bodies else []
        return found

    def _named_readers(self, uow: UnitOfWork, past: Past, organisation: str) -> list[str]:
        """The officers of a body whom some agreement names as its readers."""
        named = {
            officer
            for each in past.registered
            for condition in each.instrument.conditions
            if condition.kind == _NAMED and isinstance(condition.parameter, tuple)
            for officer in condition.parameter
        }
        directory = self._snapshots.required(uow)
        return sorted(officer for officer in named if _body_of(directory, officer) == organisation)


def as_at(registered: Registered, moment: datetime) -> Registered | None:
    """Return an instrument with what had been recorded of it at an instant; None before its record."""
    pairs = [
        (row, event)
        for row, event in zip(registered.events, registered.instrument.events, strict=True)
        if event.at <= moment
    ]
    if not pairs:
        return None
    instrument = replace(registered.instrument, events=tuple(event for _row, event in pairs))
    return replace(registered, events=tuple(row for row, _event in pairs), instrument=instrument)


def _could_know(past: Past, asker: Asker, wanted: frozenset[str], of_agreement: bool) -> frozenset[str]:
    found: set[str] = set()
    for moment in past.instants() if wanted else ():
        for result in _permitted(past.at(moment).asked_by(asker), _EXISTENCE, moment):
            if result.part in wanted and (not of_agreement or result.reason in BY_AGREEMENT):
                found.add(result.part)
        if found == wanted:
            break
    return frozenset(found)


def _open_otherwise(gathered: Gathered, now: datetime) -> frozenset[str]:
    """The parts a body may know of now for another reason than an agreement."""
    return frozenset(each.part for each in _permitted(gathered, _EXISTENCE, now) if each.reason not in BY_AGREEMENT)


def _permitted(gathered: Gathered, action: str, moment: datetime) -> Iterator[PartResult]:
    for alike in purposes_alike(gathered.facts):
        decision = judge_gathered(gathered.asking(action, alike[0]), moment)
        yield from (each for each in decision.results if each.permitted)


def _closing(registered: Registered) -> list[Event]:
    closing = [event for event in registered.instrument.events if event.type in _CLOSING]
    return closing[-1:]


def _acts(at: datetime, effective: datetime | None) -> datetime:
    return at if effective is None else max(at, effective)


def _named_in(facts: DocumentFacts) -> Iterator[datetime]:
    """The instants that the statements about a report themselves name."""
    if facts.document.held_until is not None:
        yield facts.document.held_until
    if facts.document.emergency is not None:
        yield facts.document.emergency.at
    yield from facts.document_events.values()
    for each in facts.decisions:
        if isinstance(each, ChainedDecision):
            yield from (end for end in (each.decision.valid_from, each.decision.valid_to) if end is not None)


def _instants(registered: Registered) -> Iterator[datetime]:
    """The instants at which something about an instrument may have begun or ended."""
    instrument = registered.instrument
    found: list[object] = [instrument.received_on, instrument.reply_by]
    for event in instrument.events:
        found += [event.at, event.effective]
    for provision in instrument.provisions:
        found += [provision.valid_from, provision.valid_to, provision.embargo_until]
    found += [condition.parameter for condition in instrument.conditions]
    yield from (each for each in found if isinstance(each, datetime))


def _body_of(directory: Directory, officer: str) -> str | None:
    try:
        identity = unb64u(officer, 16)
    except KeysError:
        return None
    return next((each.organisation for each in directory.officers if each.id == identity), None)
