"""Taking a part's ciphertext, piece by piece, in any order and in parallel. Pieces are stored as they come, never joined.

A piece is durable before its row says so; nothing replaces a stored piece; only the body that opened an upload sees it.
Uploads that are never registered are purged a week after they were touched last.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select

from exchange.db import Database, UnitOfWork
from exchange.logs.faults import Faults
from exchange.reports.digest import check_digest
from exchange.reports.errors import PieceDiffersError, TooManyUploadsError, UploadDiffersError, UploadTooLargeError
from exchange.reports.models import Upload, UploadPiece
from exchange.sealing.pieces import HEAD_BYTES, layout, piece_hash
from exchange.storage.errors import PieceConflictError
from exchange.storage.pieces import PieceStore
from exchange.web.caller import Caller
from exchange.web.errors import NotAvailableError
from keys.encoding import b64u

LIFE: Final = timedelta(days=7)

_ID_BYTES: Final = 16
_COMMITMENT_AT: Final = 24


@dataclass(frozen=True)
class Bounds:
    """The most bytes of one report's parts together, and what one body may have open: uploads, and reports' worth of bytes."""

    report_bytes: int
    open_uploads: int = 256
    open_reports: int = 4


@dataclass(frozen=True)
class Opened:
    """An upload as its body sees it; `new` when this call opened it."""

    id: str
    report: str
    part: bytes
    size: int
    pieces: int
    new: bool = False


class Uploads:
    """The one writer of uploads and their pieces."""

    def __init__(self, database: Database, store: PieceStore, faults: Faults, bounds: Bounds) -> None:
        """Take what `exchange.reports.feature` gives."""
        self._database = database
        self._store = store
        self._faults = faults
        self._bounds = bounds

    def open(self, uow: UnitOfWork, who: Caller, report: str, part: bytes, size: int) -> Opened:
        """Return the upload of this part of the caller's body, opening it where there is none.

        Raises BadSizeError for a size no padded file has, UploadTooLargeError, UploadDiffersError when it is open with
        another size, TooManyUploadsError.
        """
        pieces = layout(size).count
        if size > self._bounds.report_bytes:
            raise UploadTooLargeError(f"a part is over {self._bounds.report_bytes} bytes")
        found = find(uow, who.organisation, report, part)
        if found is not None:
            if found.size != size:
                raise UploadDiffersError("an upload of this part stands with another size")
            found.touched = uow.now
            return Opened(found.id, report, part, size, pieces)
        self._check_room(uow, who.organisation, size)
        row = Upload(
            id=b64u(secrets.token_bytes(_ID_BYTES)),
            organisation=who.organisation,
            report=report,
            part=part,
            size=size,
            commitment=None,
            touched=uow.now,
            registered=False,
        )
        self._faults.at("reports.upload.before-open")
        uow.session.add(row)
        uow.session.flush()
        self._faults.at("reports.upload.after-open")
        return Opened(row.id, report, part, size, pieces, new=True)

    def put(self, who: Caller, upload: str, number: int, data: bytes, digest: str | None) -> None:
        """Store a whole piece; the same bytes again change nothing. Opens units of its own: not inside one of yours.

        1. the upload is the caller's body's (NotAvailableError); 2. the number and the size are its piece's
        (PieceNumberError, PieceSizeError); 3. the bytes give the digest (DigestMissingError, DigestMismatchError);
        4. the store has the bytes, durably (PieceDiffersError for others; StorageError, DiskFullError: send again);
        5. the row says so.
        """
        with self._database.unit_of_work() as uow:
            size = self._own(uow, who, upload).size
        layout(size).check(number, len(data))
        check_digest(digest, data)
        self._faults.at("reports.upload.before-piece")
        try:
            self._store.put(upload, number, data)
        except PieceConflictError as error:
            raise PieceDiffersError(f"other bytes are stored as piece {number}") from error
        self._faults.at("reports.upload.after-piece")
        with self._database.unit_of_work(write=True) as uow:
            # The purge may have come between: then the upload is gone, and with it what was just stored.
            self._keep(uow, self._own(uow, who, upload), number, data)
        self._faults.at("reports.upload.after-row")

    def show(self, uow: UnitOfWork, who: Caller, upload: str) -> tuple[Opened, list[int]]:
        """Return the caller's body's upload and the numbers of the pieces it has; NotAvailableError for any other."""
        row = self._own(uow, who, upload)
        opened = Opened(row.id, row.report, row.part, row.size, layout(row.size).count)
        return opened, stored_numbers(uow, row.id)

    def purge(self) -> int:
        """Remove what was never registered and not touched for a week, and what lies in the store without a row.

        Rows go first, so that a piece that arrives meanwhile finds no upload. Returns how many keys were emptied.
        """
        with self._database.unit_of_work(write=True) as uow:
            old = select(Upload.id).where(Upload.registered.is_(False), Upload.touched < uow.now - LIFE)
            gone = uow.session.scalars(old).all()
            uow.session.execute(delete(UploadPiece).where(UploadPiece.upload.in_(gone)))
            uow.session.execute(delete(Upload).where(Upload.id.in_(gone)))
        kept = self._store.keys()
        with self._database.unit_of_work() as uow:
            known = set(uow.session.scalars(select(Upload.id)))
        left = [key for key in kept if key not in known]
        for key in left:
            self._store.delete(key)
        return len(left)

    def _check_room(self, uow: UnitOfWork, organisation: str, size: int) -> None:
        count, total = uow.session.execute(
            select(func.count(), func.coalesce(func.sum(Upload.size), 0)).where(
                Upload.organisation == organisation, Upload.registered.is_(False)
            )
        ).one()
        bounds = self._bounds
        if count >= bounds.open_uploads or total + size > bounds.open_reports * bounds.report_bytes:
            raise TooManyUploadsError("a body has too many uploads that are not registered")

    def _own(self, uow: UnitOfWork, who: Caller, upload: str) -> Upload:
        row = uow.session.get(Upload, upload)
        if row is None or row.organisation != who.organisation:
            raise NotAvailableError("no such upload of this body")
        return row

    def _keep(self, uow: UnitOfWork, row: Upload, number: int, data: bytes) -> None:
        digest = piece_hash(data)
        piece = uow.session.get(UploadPiece, (row.id, number))
        if piece is None:
            uow.session.add(UploadPiece(upload=row.id, number=number, hash=digest))
        elif not hmac.compare_digest(piece.hash, digest):
            raise PieceDiffersError(f"other bytes are recorded as piece {number}")
        if number == 0:
            row.commitment = data[_COMMITMENT_AT:HEAD_BYTES]
        row.touched = uow.now


def find(uow: UnitOfWork, organisation: str, report: str, part: bytes) -> Upload | None:
    """Return a body's upload of a part, or None."""
    return uow.session.scalars(
        select(Upload).where(Upload.organisation == organisation, Upload.report == report, Upload.part == part)
    ).one_or_none()


def stored_numbers(uow: UnitOfWork, upload: str) -> list[int]:
    """Return the numbers of an upload's stored pieces, in order."""
    return list(
        uow.session.scalars(select(UploadPiece.number).where(UploadPiece.upload == upload).order_by(UploadPiece.number))
    )


def stored_hashes(uow: UnitOfWork, upload: str) -> list[bytes]:
    """Return the leaf hashes of an upload's stored pieces, in order; numbers may be missing."""
    return list(
        uow.session.scalars(select(UploadPiece.hash).where(UploadPiece.upload == upload).order_by(UploadPiece.number))
    )
