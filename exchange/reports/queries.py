"""What other rooms ask of reports, always inside the caller's unit of work. Whether somebody may is never decided here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Select, select

from exchange.audit.statements import Statements, Stored
from exchange.db import UnitOfWork
from exchange.reports import chains, published, rows
from exchange.reports.facts import DocumentFacts
from exchange.reports.gathering import STANDING, Gathering, Past, standing_stops, stored_header
from exchange.reports.locks import KeptEnvelope, Locks
from exchange.reports.models import Report, ReportEnvelope, ReportPart, Upload
from exchange.reports.recipients import EVIDENCE
from exchange.reports.rows import NamedRecipient, ReportRow
from exchange.sealing import descriptors
from exchange.sealing.descriptors import Descriptors
from exchange.sealing.errors import PieceNumberError
from exchange.sealing.pieces import layout
from exchange.statements import determination, grant, lift, report_header, stop
from exchange.statements.determination_values import OVERRIDE
from exchange.storage.errors import NoSuchPieceError, StorageError
from exchange.storage.pieces import PieceStore
from exchange.web.errors import NotAvailableError

INBOX: Final = "inbox"
SENT: Final = "sent"


@dataclass(frozen=True)
class SealedContent:
    """A part's whole ciphertext: its name among the pieces, the file, and its bytes."""

    key: str
    path: Path
    size: int


class Reports:
    """Questions about registered reports."""

    def __init__(self, statements: Statements, gathering: Gathering, locks: Locks, store: PieceStore) -> None:
        self._statements = statements
        self._gathering = gathering
        self._locks = locks
        self._store = store

    def find(self, uow: UnitOfWork, report: str) -> ReportRow | None:
        """Return a report by its id, or None, also for a text that is no id."""
        return rows.find(uow, report)

    def required(self, uow: UnitOfWork, report: str) -> ReportRow:
        """Return a report by its id; NotAvailableError where there is none."""
        found = rows.find(uow, report)
        if found is None:
            raise NotAvailableError("no such report")
        return found

    def document_facts(self, uow: UnitOfWork, report: str) -> DocumentFacts:
        """Return everything policy needs to know of a report as of this unit; NotAvailableError where there is none."""
        return self._gathering.facts(uow, [self.required(uow, report)])[report]

    def all_facts(
        self, uow: UnitOfWork, listed: Sequence[ReportRow], known: datetime | None = None
    ) -> dict[str, DocumentFacts]:
        """As `document_facts` for several reports, by id, in as many questions to the database as for one.

        `known`: as everything recorded by the end of that second made them; a report that came later is left out.
        """
        return self._gathering.facts(uow, listed, known)

    def past(self, uow: UnitOfWork, row: ReportRow) -> Past:
        """Return a report's facts as they were known at any instant, read once."""
        return self._gathering.past(uow, row)

    def is_evidence(self, uow: UnitOfWork, report: str) -> bool:
        """Whether there is a report of this id that was transmitted as evidence."""
        found = rows.find(uow, report)
        if found is None:
            return False
        header = report_header.read(stored_header(uow, self._statements, found).statement)
        return header.tier == EVIDENCE

    def list_candidates(
        self, uow: UnitOfWork, organisation: str, box: str, after: str | None, limit: int
    ) -> list[ReportRow]:
        """Return up to `limit` reports a body may be asking for, newest first, after the report `after`.

        `box`: "sent" (it is the owner) or "inbox" (it is named as recipient of a part, and not the owner). The caller
        leaves out what the body may not know to exist. NotAvailableError for an `after` that is no candidate itself.
        """
        last = None if after is None else self._place(uow, organisation, box, after)
        numbers = _numbers(organisation, box, last).limit(limit)
        found = uow.session.scalars(select(Report).where(Report.number.in_(numbers)).order_by(Report.number.desc()))
        return [rows.row_of(row) for row in found]

    def _place(self, uow: UnitOfWork, organisation: str, box: str, after: str) -> int:
        row = rows.find(uow, after)
        numbers = None if row is None else _numbers(organisation, box, row.number + 1).limit(1)
        if row is None or numbers is None or uow.session.scalar(numbers) != row.number:
            raise NotAvailableError("no such place in a list")
        return row.number

    def newest(self, uow: UnitOfWork) -> str | None:
        """Return the id of the report registered last, whoever's it is; None before the first."""
        return uow.session.scalar(select(Report.id).order_by(Report.number.desc()).limit(1))

    def header(self, uow: UnitOfWork, report: str) -> Stored:
        """Return the header's statement with its ticket; NotAvailableError where there is no such report."""
        return stored_header(uow, self._statements, self.required(uow, report))

    def grants(self, uow: UnitOfWork, report: str, organisation: str | None = None) -> list[Stored]:
        """Return the grants of a report, those that name a body if one is given, in the order recorded."""
        found = self._statements.of(uow, "report", report, grant.LABEL)
        if organisation is None:
            return found
        return [each for each in found if _names(each, organisation)]

    def stops(self, uow: UnitOfWork, report: str) -> list[Stored]:
        """Return every stop of a report, lifted or not."""
        return self._statements.of(uow, "report", report, stop.LABEL)

    def lifts(self, uow: UnitOfWork, report: str) -> list[Stored]:
        """Return the lifts of a report's stops."""
        return self._statements.of(uow, "report", report, lift.LABEL)

    def standing_decisions(self, uow: UnitOfWork, organisation: str) -> list[Stored]:
        """Return every standing determination of a body, also those that ended or were ended, in the order recorded."""
        return self._statements.of(uow, STANDING, organisation, determination.LABEL)

    def standing_stops(self, uow: UnitOfWork, report: str) -> list[Stored]:
        """Return the stops that no lift ended."""
        return standing_stops(self.stops(uow, report), self.lifts(uow, report))

    def determinations(self, uow: UnitOfWork, report: str) -> list[Stored]:
        """Return the determinations on this report, then its owner's standing ones."""
        owner = self.required(uow, report).owner
        own = self._statements.of(uow, "report", report, determination.LABEL)
        return [*own, *self._statements.of(uow, STANDING, owner, determination.LABEL)]

    def made_public(self, uow: UnitOfWork, report: str, statement: bytes) -> bool:
        """Whether a statement on a report, which stands, says that the State made a part of it public (OPCAT art. 16(2))."""
        own = self._statements.of(uow, "report", report)
        determined = chains.read_all(each for each in own if each.label == determination.LABEL)
        return published.made_public(statement, determined, published.standing(own))

    def override(self, uow: UnitOfWork, report: str) -> bytes | None:
        """Return the hash of the determination by which a case provided for by the treaty stands, or None."""
        determined = chains.read_all(self._statements.of(uow, "report", report, determination.LABEL))
        found = chains.standing(determined, OVERRIDE).get(None)
        return None if found is None or found.values.value is None else found.stored.hash

    def descriptors(self, uow: UnitOfWork, report: str) -> Descriptors:
        """Return all descriptors that the header names, with their salts: the owner's view."""
        return rows.descriptors_of(uow.session, report)

    def shown(
        self,
        uow: UnitOfWork,
        report: str,
        organisation: str,
        parts: Collection[bytes],
        reports: Collection[str] = (),
    ) -> Descriptors:
        """Return the descriptors a body may be shown: of the parts given, its own as recipient of these, and links to the
        reports given. The owner gets everything, whatever is given."""
        every = rows.descriptors_of(uow.session, report)
        if self.required(uow, report).owner == organisation:
            return every
        return descriptors.of(
            [each for each in every.parts if each.value.id in parts],
            [each for each in every.recipients if each.value.organisation == organisation and each.value.part in parts],
            [each for each in every.links if each.value.report in reports],
        )

    def recipients(self, uow: UnitOfWork, report: str) -> list[NamedRecipient]:
        """Return who is named by header or grant, sorted."""
        return [each.recipient for each in rows.named_in(uow.session, [report])[report]]

    def envelope_for(self, uow: UnitOfWork, report: str, part: bytes, organisation: str) -> KeptEnvelope | None:
        """Return a body's locked envelope of a part, of its newest epoch; None where it was never named."""
        query = select(ReportEnvelope).where(
            ReportEnvelope.report == report,
            ReportEnvelope.part == part,
            ReportEnvelope.organisation == organisation,
        )
        row = uow.session.scalars(query.order_by(ReportEnvelope.epoch.desc()).limit(1)).one_or_none()
        return None if row is None else rows.kept(row)

    def unlock(self, kept: KeptEnvelope) -> bytes:
        """Return the inner envelope, 1,168 bytes: for a release that is permitted and has its entry in the same unit.

        The only place where a lock comes off for good. EnvelopeError or UnknownKeyError: the instance is damaged.
        """
        return self._locks.unlock(kept)

    def manifest(self, uow: UnitOfWork, report: str, part: bytes) -> bytes:
        """Return a part's sealed manifest; NotAvailableError where there is no such part."""
        return self._part(uow, report, part).manifest

    def piece(self, uow: UnitOfWork, report: str, part: bytes, n: int) -> bytes:
        """Return a whole sealed piece; NotAvailableError where there is no such part or number."""
        row = self._part(uow, report, part)
        due = layout(self._size(uow, row))
        try:
            return self._store.read(row.upload, due.offset(n), due.length(n))
        except (PieceNumberError, NoSuchPieceError) as error:
            raise NotAvailableError("no such piece") from error

    def content(self, uow: UnitOfWork, report: str, part: bytes) -> SealedContent:
        """Return where a part's ciphertext lies, and its length; NotAvailableError where there is no such part.

        StorageError where its file is not as long as the ciphertext: the instance is damaged.
        """
        row = self._part(uow, report, part)
        size = self._size(uow, row)
        if self._store.size(row.upload) != size:
            raise StorageError("the file of a part is not as long as its ciphertext")
        return SealedContent(row.upload, self._store.path(row.upload), size)

    def _size(self, uow: UnitOfWork, part: ReportPart) -> int:
        upload = uow.session.get(Upload, part.upload)
        if upload is None:
            raise NotAvailableError("no such upload")
        return upload.size

    def _part(self, uow: UnitOfWork, report: str, part: bytes) -> ReportPart:
        row = uow.session.get(ReportPart, (report, part))
        if row is None:
            raise NotAvailableError("no such part")
        return row


def _numbers(organisation: str, box: str, below: int | None) -> Select[tuple[int]]:
    """The numbers of a body's candidates below one, newest first: read off an index, however many there are of others."""
    if box == SENT:
        number: Any = Report.number
        query = select(number).where(Report.owner == organisation)
    elif box == INBOX:
        number = ReportEnvelope.arrived
        query = select(number).distinct().where(ReportEnvelope.organisation == organisation, number.is_not(None))
    else:
        raise NotAvailableError("no such box")
    return (query if below is None else query.where(number < below)).order_by(number.desc())


def _names(stored: Stored, organisation: str) -> bool:
    return any(each.organisation == organisation for each in grant.read(stored.statement).recipients)
