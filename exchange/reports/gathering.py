"""Gathering a report's facts from its rows, its statements, and the directory as the caller's unit sees them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from exchange.audit.statements import Statements, Stored, Subject
from exchange.db import UnitOfWork
from exchange.directory.snapshots import Snapshots
from exchange.reports import chains, published, regimes, rows
from exchange.reports.chains import Determined
from exchange.reports.facts import ChainedDecision, DocumentFacts, EndedDecision
from exchange.reports.recipients import EVIDENCE
from exchange.reports.rows import Named, ReportRow
from exchange.sealing.descriptor import PartDescriptor
from exchange.statements import determination, grant, lift, recall, report_header, stop
from exchange.statements.publication import Publication
from exchange.statements.recall import Recall
from exchange.statements.report_header import ReportHeader
from exchange.web.errors import NotAvailableError
from keys.encoding import b64u, parse_time
from keys.replay_directory import Directory
from policies import vocabulary as words
from policies.facts import Document, Emergency, OriginatorDecision, Part, StatutoryRecipient
from policies.times import read_instant
from policies.vocabulary import STATE_PREFIX

FREE: Final = "free"
CONFIDENTIAL: Final = "confidential"
ALERT: Final = "alert"
# What a header's own decision, and a grant, permit to the recipients they name.
TRANSMITTED: Final = ("view", "download")
# The subjects under which statements about a report, and a body's standing determinations, are found.
REPORT: Final = "report"
STANDING: Final = "standing"


@dataclass(frozen=True)
class Record:
    """All that is stored of one report, read once."""

    row: ReportRow
    header: Stored
    values: ReportHeader
    parts: tuple[PartDescriptor, ...]
    named: tuple[Named, ...]
    stops: tuple[Stored, ...]
    lifts: tuple[Stored, ...]
    recalls: tuple[Stored, ...]
    grants: tuple[Stored, ...]
    determined: tuple[Determined, ...]
    publishing: tuple[Stored, ...]

    @property
    def stored(self) -> tuple[Stored, ...]:
        """Every statement, the header first: what facts rest on."""
        determined = (each.stored for each in self.determined)
        closing = (*self.stops, *self.lifts, *self.recalls)
        return (self.header, *closing, *self.grants, *self.publishing, *determined)

    @cached_property
    def publications(self) -> dict[bytes, Publication]:
        """The publications that stand, by hash."""
        return published.standing(self.publishing)

    @property
    def stopped(self) -> bool:
        """Whether a stop stands that no lift names."""
        return bool(standing_stops(self.stops, self.lifts))

    def recalled(self, part: bytes) -> str | None:
        """Whom a recall of a part that no lift ended reaches, as policy names it; the widest where there are several."""
        standing = (recall.read(each.statement) for each in standing_stops(self.recalls, self.lifts))
        reaches = {self._reach(each) for each in standing if each.concerns(part)}
        return next((reach for reach in words.RECALLS if reach in reaches), None)

    def _reach(self, values: Recall) -> str:
        # An allegation goes where a person decided, never by a State's agreement: a recall of it leaves nothing open.
        everyone, agreement = words.RECALLS
        alert = self.values.tier == ALERT or self.values.kind == words.ALERT_KIND
        return agreement if values.of_agreement and not alert else everyone


def standing_stops(stops: Iterable[Stored], lifts: Iterable[Stored]) -> list[Stored]:
    """Return the stops, or recalls, that no lift ended."""
    lifted = {lift.read(each.statement).stop for each in lifts}
    return [each for each in stops if each.hash not in lifted]


def stored_header(uow: UnitOfWork, statements: Statements, row: ReportRow) -> Stored:
    """Return a report's header as stored; NotAvailableError where it is gone, which `flask fsck` reports."""
    found = statements.find(uow, row.header)
    if found is None:
        raise NotAvailableError("a report's header is not among the statements")
    return found


class Gathering:
    """Reads records and turns them into facts."""

    def __init__(self, statements: Statements, snapshots: Snapshots) -> None:
        self._statements = statements
        self._snapshots = snapshots

    def facts(
        self, uow: UnitOfWork, listed: Sequence[ReportRow], known: datetime | None = None
    ) -> dict[str, DocumentFacts]:
        """Return what policy needs to know of each report, by id, as of this unit; or as of the end of the second `known`,
        without what was recorded later and without the reports that came later.

        However many they are, the database is asked the same number of questions: about statements, parts and recipients.
        NotAvailableError where a report's header is gone.
        """
        if not listed:
            return {}
        directory = self._snapshots.required(uow)
        records = self._records(uow, listed)
        if known is None:
            return {record.row.report: self._facts(record, directory) for record in records}
        found = {record.row.report: self._past(uow, record).at(known) for record in records}
        return {report: facts for report, facts in found.items() if facts is not None}

    def past(self, uow: UnitOfWork, row: ReportRow) -> "Past":
        """Return a report's facts as they were known at any instant; read once, however many are asked about."""
        return self._past(uow, self._records(uow, [row])[0])

    def _past(self, uow: UnitOfWork, record: Record) -> "Past":
        return Past(record, self._snapshots, uow, self._facts)

    def _facts(self, record: Record, directory: Directory) -> DocumentFacts:
        row, values = record.row, record.values
        document = self._document(record, directory)
        return DocumentFacts(
            report=row.report,
            header=row.header,
            owner=row.owner,
            registered=row.registered,
            reference=values.reference,
            source_label=values.source_label,
            kind=values.kind,
            adopted_on=document.adopted_on,
            document=document,
            sent=_sent(record),
            decisions=tuple(self._decisions(record)),
            document_events=_events(record.determined),
            basis=tuple(each.hash for each in record.stored),
        )

    def _records(self, uow: UnitOfWork, listed: Sequence[ReportRow]) -> list[Record]:
        reports = [row.report for row in listed]
        subjects = [Subject(REPORT, report) for report in reports]
        owners = dict.fromkeys(Subject(STANDING, row.owner) for row in listed)
        about = self._statements.about(uow, [*subjects, *owners])
        parts, named = rows.described(uow.session, reports), rows.named_in(uow.session, reports)
        return [_record(row, about, parts[row.report], named[row.report]) for row in listed]

    def _document(self, record: Record, directory: Directory) -> Document:
        values, row = record.values, record.row
        if values.adopted_on is None:
            raise NotAvailableError("a report without a day of adoption was never registered")
        return Document(
            id=row.report,
            kind=values.kind,
            originators=values.originators,
            deposited_by=row.owner,
            addressed_to=tuple(sorted({each.recipient.organisation for each in record.named} - {row.owner})),
            regime=values.regime,
            adopted_on=values.adopted_on,
            visit=values.visit,
            class_ordinal=values.class_ordinal,
            tier=_tier(record, directory),
            statutory_recipients=tuple(self._statutory(record, directory)),
            override=chains.case_of(record.determined),
            person_recipients=(),
            emergency=_emergency(record.determined, directory),
            stopped=record.stopped,
            held_until=values.held_until,
            parts=tuple(_part(part, record) for part in record.parts),
        )

    def _statutory(self, record: Record, directory: Directory) -> Iterable[StatutoryRecipient]:
        """Who receives by the treaty itself: the State of a part that concerns no other, a national body the originator
        found it relevant for, and for evidence the States and the owner's audit office."""
        values = record.values
        if values.tier == EVIDENCE:
            office = directory.audit_office(values.owner)
            if office is not None:
                yield StatutoryRecipient(organisation=office, parts=None)
            yield from _by_state(record.parts, alone=False)
            return
        if regimes.state_by_statute(values.owner, values.kind):
            yield from _by_state(record.parts, alone=True)
        if regimes.national_body_by_statute(values.owner, values.kind):
            yield from _relevant(record, directory)

    def _decisions(self, record: Record) -> list[ChainedDecision | EndedDecision]:
        """The header's own decision first, then each grant's, then what the originator determined, in its order."""
        row = record.row
        first = [each for each in record.named if each.statement == row.header]
        chain = chains.report_chain(row.report, row.header, row.owner)
        named: list[ChainedDecision | EndedDecision] = [
            ChainedDecision(chain, each) for each in self._transmitted(record, first, row.header)
        ]
        for stored in record.grants:
            later = [each for each in record.named if each.statement == stored.hash]
            named += [ChainedDecision(None, each) for each in self._transmitted(record, later, stored.hash)]
        return [*named, *chains.decisions(record.determined, row.owner)]

    def _transmitted(self, record: Record, named: Sequence[Named], statement: bytes) -> list[OriginatorDecision]:
        everything = {part.id for part in record.parts}
        parts: dict[str, set[bytes]] = {}
        for each in named:
            parts.setdefault(each.recipient.organisation, set()).add(each.recipient.part)
        return [
            OriginatorDecision(
                organisation=record.row.owner,
                effect="permit",
                grantee=organisation,
                actions=TRANSMITTED,
                parts=None if found == everything else tuple(sorted(b64u(part) for part in found)),
                kinds=None,
                states=None,
                valid_from=None,
                valid_to=None,
                ref=b64u(statement),
            )
            for organisation, found in sorted(parts.items())
            if organisation != record.row.owner
        ]


def _record(
    row: ReportRow,
    about: Mapping[Subject, list[Stored]],
    parts: Sequence[PartDescriptor],
    named: Sequence[Named],
) -> Record:
    own = about[Subject(REPORT, row.report)]
    header = next((each for each in own if each.hash == row.header), None)
    if header is None:
        raise NotAvailableError("a report's header is not among the statements")
    standing = [each for each in about[Subject(STANDING, row.owner)] if each.label == determination.LABEL]
    determined = [*_of_label(own, determination.LABEL), *standing]
    return Record(
        row=row,
        header=header,
        values=report_header.read(header.statement),
        parts=tuple(parts),
        named=tuple(named),
        stops=_of_label(own, stop.LABEL),
        lifts=_of_label(own, lift.LABEL),
        recalls=_of_label(own, recall.LABEL),
        grants=_of_label(own, grant.LABEL),
        publishing=tuple(each for each in own if each.label in published.LABELS),
        determined=chains.read_all(sorted(determined, key=lambda each: (each.ticket.n, each.ticket.index))),
    )


@dataclass(frozen=True)
class Past:
    """One report through time: what was known of it at an instant, without what was recorded later."""

    record: Record
    snapshots: Snapshots
    uow: UnitOfWork
    facts_of: Callable[[Record, Directory], DocumentFacts]

    def at(self, known: datetime, directory: Directory | None = None) -> DocumentFacts | None:
        """Return the facts as of the end of an instant's second; None where the report was not registered yet.

        `directory`: one to take in the place of that instant's, which would have to be replayed.
        """
        if self.record.header.recorded > known:
            return None
        then = self.snapshots.as_of(self.uow, known) if directory is None else directory
        return self.facts_of(_as_known(self.record, known), then)

    def instants(self) -> list[datetime]:
        """Return when something about the report was recorded, in order."""
        return sorted({each.recorded for each in self.record.stored})


def _as_known(record: Record, known: datetime) -> Record:
    def then(stored: Iterable[Stored]) -> tuple[Stored, ...]:
        return tuple(each for each in stored if each.recorded <= known)

    grants = then(record.grants)
    naming = {record.header.hash, *(each.hash for each in grants)}
    return replace(
        record,
        # Whom a later grant names was not named at an earlier instant.
        named=tuple(each for each in record.named if each.statement in naming),
        stops=then(record.stops),
        lifts=then(record.lifts),
        recalls=then(record.recalls),
        grants=grants,
        publishing=then(record.publishing),
        determined=tuple(each for each in record.determined if each.stored.recorded <= known),
    )


def _of_label(stored: Iterable[Stored], label: str) -> tuple[Stored, ...]:
    return tuple(each for each in stored if each.label == label)


def _sent(record: Record) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for each in record.named:
        if each.recipient.organisation != record.row.owner:
            found.setdefault(each.recipient.organisation, set()).add(b64u(each.recipient.part))
    return {organisation: frozenset(parts) for organisation, parts in found.items()}


def _part(part: PartDescriptor, record: Record) -> Part:
    return Part(
        id=b64u(part.id),
        states=part.states,
        language=part.language,
        variant=part.variant,
        personal_data=part.personal_data,
        published=published.is_published(part, record.determined, record.publications.values()),
        regime=part.regime,
        recalled=record.recalled(part.id),
    )


def _tier(record: Record, directory: Directory) -> str:
    """Free by the nature of such documents, or by two officers: those of the header or of a determination, which may also
    end it."""
    tier = record.values.tier
    determined = chains.value_of(record.determined, "tier_free")
    if determined is not None and tier in (FREE, CONFIDENTIAL):
        return FREE if determined else CONFIDENTIAL
    if tier != FREE:
        return tier
    by_nature = regimes.is_free(record.values.owner, record.values.kind)
    return FREE if by_nature or len(_officers(record.header.statement.kids, directory)) > 1 else CONFIDENTIAL


def _officers(kids: Iterable[bytes], directory: Directory) -> list[str]:
    found = {officer.id for officer in map(directory.officer_at, kids) if officer is not None}
    return sorted(b64u(officer) for officer in found)


def _emergency(determined: Sequence[Determined], directory: Directory) -> Emergency | None:
    found = chains.standing(determined, "emergency").get(None)
    if found is None or found.values.value is None:
        return None
    officers = _officers(found.key_ids, directory)
    value = found.values.value
    confirmed = officers[1] if len(officers) > 1 else None
    return Emergency(by=officers[0], confirmed_by=confirmed, at=parse_time(value["at"]), to=tuple(value["to"]))


def _events(determined: Sequence[Determined]) -> dict[str, datetime]:
    found = chains.standing(determined, "event")
    values = [each.values.value for each in found.values()]
    return {value["name"]: read_instant(value["on"]) for value in values if value["on"] is not None}


def _by_state(parts: Iterable[PartDescriptor], *, alone: bool) -> list[StatutoryRecipient]:
    found: dict[str, list[str]] = {}
    for part in parts:
        if len(part.states) == 1 or not alone:
            for state in part.states:
                found.setdefault(state, []).append(b64u(part.id))
    return [
        StatutoryRecipient(organisation=STATE_PREFIX + state, parts=tuple(ids)) for state, ids in sorted(found.items())
    ]


def _relevant(record: Record, directory: Directory) -> Iterable[StatutoryRecipient]:
    """National bodies for which the report was determined to be relevant: of parts that concern their State alone."""
    names = {each.name for each in record.determined if each.fact == "relevance" and each.name is not None}
    for name in sorted(names):
        state = directory.organisation(name).state if directory.has_organisation(name) else None
        ids = [
            b64u(part.id)
            for part in record.parts
            if part.states == (state,) and _is_relevant(record.determined, part.id, name)
        ]
        if ids:
            yield StatutoryRecipient(organisation=name, parts=tuple(ids))


def _is_relevant(determined: Sequence[Determined], part: bytes, name: str) -> bool:
    found = chains.standing(determined, "relevance", part).get(name)
    return found is not None and found.values.value["relevant"] is True
