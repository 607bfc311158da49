"""The rows of a report: written once at registration, added to by a grant, read by everything else."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.db import UnitOfWork
from exchange.logs.faults import Faults
from exchange.reports.deposit import Deposit
from exchange.reports.locks import KeptEnvelope
from exchange.reports.models import Report, ReportEnvelope, ReportLink, ReportPart, Upload
from exchange.sealing import descriptors
from exchange.sealing.descriptor import LinkDescriptor, PartDescriptor, RecipientDescriptor
from exchange.sealing.descriptors import Descriptors, Salted
from exchange.web.caller import Caller
from keys.encoding import canonical, parse_json


@dataclass(frozen=True)
class ReportRow:
    """A registered report: its owner, the hash of its header, when it was registered, and the officer who sent it.

    `number` is its place in lists, and leaves no server.
    """

    report: str
    owner: str
    header: bytes
    registered: datetime
    officer: str
    number: int


@dataclass(frozen=True, order=True)
class NamedRecipient:
    """A recipient of a part: the body, the part's id (8 bytes), and the epoch its envelope is for."""

    organisation: str
    part: bytes
    epoch: int


@dataclass(frozen=True)
class Named:
    """A recipient of a part, and the hash of the header or grant that names it."""

    recipient: NamedRecipient
    statement: bytes


def find(uow: UnitOfWork, report: str) -> ReportRow | None:
    """Return a report by its id, or None."""
    row = uow.session.scalars(select(Report).where(Report.id == report)).one_or_none()
    return None if row is None else row_of(row)


def row_of(row: Report) -> ReportRow:
    """Return a table's row as a plain value."""
    return ReportRow(row.id, row.owner, row.header, row.registered, row.officer, row.number)


def write(uow: UnitOfWork, deposit: Deposit, uploads: Collection[Upload], who: Caller, faults: Faults) -> None:
    """Write every row of a registration and bind its uploads to it; the caller has checked all of it in this unit."""
    session, report, header = uow.session, deposit.header.report, deposit.statement.hash
    faults.at("reports.register.before-report")
    row = Report(id=report, owner=deposit.header.owner, officer=who.officer, header=header, registered=uow.now)
    session.add(row)
    session.flush()
    faults.at("reports.register.after-report")
    by_part = {upload.part: upload for upload in uploads}
    for salted in deposit.package.descriptors.parts:
        by_part[salted.value.id].registered = True
        session.add(
            ReportPart(
                report=report,
                part=salted.value.id,
                upload=by_part[salted.value.id].id,
                salt=salted.salt,
                descriptor=canonical(salted.value.to_json()),
                manifest=deposit.package.manifests[salted.value.id],
            )
        )
    for link in deposit.package.descriptors.links:
        session.add(ReportLink(report=report, relation=link.value.relation, target=link.value.report, salt=link.salt))
    session.flush()
    faults.at("reports.register.after-parts")
    session.add_all(_envelope(deposit, each, header, row.number) for each in deposit.package.descriptors.recipients)
    session.flush()
    faults.at("reports.register.after-envelopes")


def _envelope(deposit: Deposit, salted: Salted[RecipientDescriptor], header: bytes, number: int) -> ReportEnvelope:
    named = salted.value
    locked = deposit.package.envelopes[named.envelope]
    return ReportEnvelope(
        report=deposit.header.report,
        part=named.part,
        organisation=named.organisation,
        epoch=named.epoch,
        key=named.key,
        hash=named.envelope,
        lock_key=locked.lock_key,
        sealed=locked.sealed,
        salt=salted.salt,
        statement=header,
        arrived=None if named.organisation == deposit.header.owner else number,
    )


def parts_of(session: Session, report: str) -> list[Salted[PartDescriptor]]:
    """Return the part descriptors of a report with their salts, in the order of language, variant and id.

    The owner's own order is in the sealed manifests alone.
    """
    rows = session.scalars(select(ReportPart).where(ReportPart.report == report))
    found = [Salted(row.salt, PartDescriptor.from_json(parse_json(row.descriptor))) for row in rows]
    return sorted(found, key=lambda item: (item.value.language, item.value.variant, item.value.id))


def descriptors_of(session: Session, report: str) -> Descriptors:
    """Return all descriptors that a report's header names, with their salts."""
    envelopes = session.scalars(
        select(ReportEnvelope).where(ReportEnvelope.report == report, ReportEnvelope.salt.is_not(None))
    )
    links = session.scalars(select(ReportLink).where(ReportLink.report == report))
    return descriptors.of(
        parts_of(session, report),
        [Salted(row.salt or b"", _recipient(row)) for row in envelopes],
        [Salted(row.salt, LinkDescriptor(row.relation, row.target)) for row in links],
    )


def kept(row: ReportEnvelope) -> KeptEnvelope:
    """Return an envelope's row as a plain value."""
    return KeptEnvelope(
        row.report, row.part, row.organisation, row.epoch, row.key, row.hash, row.lock_key, row.sealed, row.statement
    )


def envelopes_of(session: Session, report: str, organisation: str | None = None) -> list[KeptEnvelope]:
    """Return the envelopes of a report, of one body if given, by body, part and epoch."""
    query = select(ReportEnvelope).where(ReportEnvelope.report == report)
    if organisation is not None:
        query = query.where(ReportEnvelope.organisation == organisation)
    order = (ReportEnvelope.organisation, ReportEnvelope.part, ReportEnvelope.epoch)
    return [kept(row) for row in session.scalars(query.order_by(*order))]


def described(session: Session, reports: Iterable[str]) -> Mapping[str, list[PartDescriptor]]:
    """Return the part descriptors of several reports by report, each's in the order of `parts_of`."""
    found: dict[str, list[PartDescriptor]] = {report: [] for report in reports}
    query = select(ReportPart.report, ReportPart.descriptor).where(ReportPart.report.in_(found))
    for report, descriptor in session.execute(query):
        found[report].append(PartDescriptor.from_json(parse_json(descriptor)))
    for parts in found.values():
        parts.sort(key=lambda part: (part.language, part.variant, part.id))
    return found


def named_in(session: Session, reports: Iterable[str]) -> Mapping[str, list[Named]]:
    """Return who is named by the headers and grants of several reports, by report, by body, part and epoch."""
    found: dict[str, list[Named]] = {report: [] for report in reports}
    query = select(
        ReportEnvelope.report,
        ReportEnvelope.organisation,
        ReportEnvelope.part,
        ReportEnvelope.epoch,
        ReportEnvelope.statement,
    ).where(ReportEnvelope.report.in_(found))
    for report, organisation, part, epoch, statement in session.execute(query):
        found[report].append(Named(NamedRecipient(organisation, part, epoch), statement))
    for named in found.values():
        named.sort(key=lambda each: each.recipient)
    return found


def _recipient(row: ReportEnvelope) -> RecipientDescriptor:
    return RecipientDescriptor(row.organisation, row.epoch, row.key, row.part, row.hash)
