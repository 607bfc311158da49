"""What `flask fsck` asks of reports: everything a registered report needs is there, and is what its header names."""

import hmac
from collections.abc import Iterator

from sqlalchemy import select

from exchange.audit.statements import Statements
from exchange.db import Database, UnitOfWork
from exchange.reports import rows, uploads
from exchange.reports.locks import KeptEnvelope, Locks
from exchange.reports.models import Recall, RecallNotice, Report, ReportEnvelope, ReportPart, Upload, UploadPiece
from exchange.reports.rows import ReportRow
from exchange.sealing.descriptor import PartDescriptor
from exchange.sealing.descriptors import HeaderLists, check_all
from exchange.sealing.errors import SealingError
from exchange.sealing.manifest import sealed_hash
from exchange.sealing.pieces import layout, piece_hash, root_of
from exchange.statements import grant, recall, report_header
from exchange.storage.errors import StorageError
from exchange.storage.pieces import PieceStore
from exchange.web.feature import Check
from exchange.web.services import Services
from keys.encoding import b64u, parse_json
from keys.errors import KeysError


def check_reports(services: Services) -> Iterator[str]:
    """Yield what is wrong with rows and statements: header, descriptors, manifests, envelopes and the locks around them."""
    statements, locks = services.get(Statements), services.get(Locks)
    with services.get(Database).unit_of_work() as uow:
        for row in uow.session.scalars(select(Report).order_by(Report.number)):
            report = rows.row_of(row)
            yield from _check_statement(uow, statements, report)
            yield from _check_manifests(uow, report.report)
            envelopes = rows.envelopes_of(uow.session, report.report)
            for kept in envelopes:
                yield from _check_envelope(uow, statements, locks, kept)
            yield from _check_recalls(uow, statements, report, {(kept.organisation, kept.part) for kept in envelopes})


def _check_statement(uow: UnitOfWork, statements: Statements, row: ReportRow) -> Iterator[str]:
    stored = statements.find(uow, row.header)
    if stored is None:
        yield f"report {row.report}: its header is not among the statements"
        return
    try:
        header = report_header.read(stored.statement)
        check_all(
            HeaderLists(header.parts, header.recipients, header.links), rows.descriptors_of(uow.session, row.report)
        )
    except (KeysError, SealingError) as error:
        yield f"report {row.report}: {error}"
        return
    if (header.report, header.owner) != (row.report, row.owner):
        yield f"report {row.report}: its header is another report's"


def _check_manifests(uow: UnitOfWork, report: str) -> Iterator[str]:
    for part in uow.session.scalars(select(ReportPart).where(ReportPart.report == report)):
        try:
            named = PartDescriptor.from_json(parse_json(part.descriptor)).manifest
            if sealed_hash(part.manifest) != named:
                yield f"report {report}: the manifest of part {b64u(part.part)} is not the one its descriptor names"
        except (KeysError, SealingError) as error:
            yield f"report {report}: part {b64u(part.part)}: {error}"


def _check_envelope(uow: UnitOfWork, statements: Statements, locks: Locks, kept: KeptEnvelope) -> Iterator[str]:
    place = f"report {kept.report}: the envelope of part {b64u(kept.part)} for '{kept.organisation}'"
    try:
        locks.unlock(kept)
    except (SealingError, KeysError) as error:
        yield f"{place}: {error}"
    row = uow.session.get(ReportEnvelope, (kept.report, kept.part, kept.organisation, kept.epoch))
    if row is None or row.salt is not None:
        return
    stored = statements.find(uow, kept.statement)
    named = () if stored is None or stored.label != grant.LABEL else grant.read(stored.statement).recipients
    if kept.hash not in {each.envelope for each in named}:
        yield f"{place} is named by no grant"


def _check_recalls(
    uow: UnitOfWork, statements: Statements, report: ReportRow, named: set[tuple[str, bytes]]
) -> Iterator[str]:
    """Every recall has its row, so that whoever is told finds it; and nobody is told who was never named as recipient."""
    found = {row.hash: row for row in uow.session.scalars(select(Recall).where(Recall.report == report.report))}
    signed = {each.hash for each in statements.of(uow, "report", report.report, recall.LABEL)}
    for digest in sorted(signed - found.keys()):
        yield f"report {report.report}: recall {b64u(digest)} has no row"
    for digest in sorted(found.keys() - signed):
        yield f"report {report.report}: recall {b64u(digest)} is not among the statements"
    numbers = [row.number for row in found.values()]
    for notice in uow.session.scalars(select(RecallNotice).where(RecallNotice.recall.in_(numbers))):
        if (notice.organisation, notice.part) not in named:
            yield f"report {report.report}: '{notice.organisation}' is told of a recall of what it was never sent"


def check_pieces(services: Services) -> Iterator[str]:
    """Yield what is wrong with pieces: each that a row speaks of is read, one at a time, and gives its row's hash; those of
    a registered part give the root; there is no file without an upload."""
    store = services.get(PieceStore)
    with services.get(Database).unit_of_work() as uow:
        for part in uow.session.scalars(select(ReportPart).order_by(ReportPart.report, ReportPart.part)):
            yield from _check_part(uow, part)
        known = set()
        for upload in uow.session.scalars(select(Upload).order_by(Upload.id)):
            known.add(upload.id)
            yield from _check_upload(uow, store, upload)
    for key in store.keys():
        if key not in known:
            yield f"file '{key}' belongs to no upload"


def _check_part(uow: UnitOfWork, part: ReportPart) -> Iterator[str]:
    place = f"report {part.report}: part {b64u(part.part)}"
    try:
        named = PartDescriptor.from_json(parse_json(part.descriptor))
        due = layout(named.size)
    except (KeysError, SealingError) as error:
        yield f"{place}: {error}"
        return
    hashes = uploads.stored_hashes(uow, part.upload)
    if len(hashes) != due.count:
        yield f"{place}: {due.count - len(hashes)} pieces are missing"
    elif root_of(hashes) != named.root:
        yield f"{place}: its pieces do not give the root its descriptor names"


def _check_upload(uow: UnitOfWork, store: PieceStore, upload: Upload) -> Iterator[str]:
    """A row says that a piece is durable: then it is there. Bytes without a row are written anew, and are no fault."""
    due = layout(upload.size)
    query = select(UploadPiece.number, UploadPiece.hash).where(UploadPiece.upload == upload.id)
    recorded = uow.session.execute(query.order_by(UploadPiece.number)).all()
    if recorded and not store.size(upload.id):
        yield f"{_named(upload)}: its file is missing"
        return
    for number, digest in recorded:
        try:
            found = piece_hash(store.read(upload.id, due.offset(number), due.length(number)))
        except (SealingError, StorageError) as error:
            yield f"{_named(upload)}: piece {number}: {error}"
            continue
        if not hmac.compare_digest(found, digest):
            yield f"{_named(upload)}: the bytes of piece {number} do not give its hash"


def _named(upload: Upload) -> str:
    if upload.registered:
        return f"report {upload.report}: part {b64u(upload.part)}"
    return f"upload {upload.id}"


CHECKS = (Check("reports", check_reports), Check("report-pieces", check_pieces))
