"""Taking a part's ciphertext in runs of whole pieces, in any order and in parallel, each piece at its place in one file.

A piece is durable before its row says so, and its row has the hash of the bytes on the disk: who writes has the place to
itself from looking at the rows until its own rows are committed. So nothing replaces a piece that has a row, and bytes
without a row are nobody's. Only the body that opened an upload sees it. Uploads that are never registered are purged a
week after they were touched last.
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, insert, or_, select

from exchange.db import Database, UnitOfWork
from exchange.logs.faults import Faults
from exchange.reports.digest import Named, named_by
from exchange.reports.errors import (
    DigestMismatchError,
    PieceDiffersError,
    TooManyUploadsError,
    UploadDiffersError,
    UploadTooLargeError,
)
from exchange.reports.models import Upload, UploadPiece
from exchange.reports.receiving import Received, Span, receive, run_of
from exchange.sealing.pieces import layout
from exchange.storage.pieces import PieceStore
from exchange.web.caller import Caller
from exchange.web.errors import NotAvailableError
from exchange.web.incoming import Incoming
from keys.encoding import b64u

LIFE: Final = timedelta(days=7)

_ID_BYTES: Final = 16
# Uploads whose sizes a process remembers at most.
_SIZES: Final = 1_024


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
        self._sizes: dict[tuple[str, str], int] = {}

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

    def put(
        self, who: Caller, upload: str, number: int, body: Incoming, digest: str | None, hashes: str | None = None
    ) -> None:
        """Store a run of whole pieces, `number` the first; the same bytes again change nothing. Opens units of its own.

        1. the upload is the caller's body's (NotAvailableError); 2. the body is whole pieces of it (PieceNumberError,
        PieceSizeError) and has a digest or the pieces' hashes (DigestMissingError); 3. the run's place is this request's
        alone; 4. pieces arrive, are hashed, and written where they have no row; 5. they give what was sent with them
        (DigestMismatchError) and the hashes that rows have (PieceDiffersError); 6. what was written is durable
        (StorageError, DiskFullError: send again); 7. the rows say so, in one unit. Until then nothing of the run counts.
        """
        run = run_of(layout(self._size(who, upload)), number, body.length)
        due = named_by(digest, hashes, len(run))
        self._faults.at("reports.upload.before-piece")
        with self._store.place(upload, run[0].offset, body.length) as place:
            with self._database.unit_of_work() as uow:
                first, stored = _recorded(uow, upload, run)

            def keep(span: Span, piece: memoryview) -> None:
                if span.number not in stored:
                    place.write(piece, span.offset)

            received = receive(body, run, keep, digest=due.whole is not None)
            _check_named(due, received)
            _check_same(run, received, stored)
            if len(stored) < len(run):
                place.sync(name=first)
            self._faults.at("reports.upload.after-piece")
            with self._database.unit_of_work(write=True) as uow:
                # The purge may have come between: then the upload is gone, and with it what was just stored.
                self._keep(uow, self._own(uow, who, upload), run, received, stored)
        self._faults.at("reports.upload.after-row")

    def show(self, uow: UnitOfWork, who: Caller, upload: str) -> tuple[Opened, list[int]]:
        """Return the caller's body's upload and the numbers of the pieces it has; NotAvailableError for any other."""
        row = self._own(uow, who, upload)
        opened = Opened(row.id, row.report, row.part, row.size, layout(row.size).count)
        return opened, stored_numbers(uow, row.id)

    def purge(self) -> int:
        """Remove what was never registered and not touched for a week, and files that have no row.

        Rows go first, so that a piece that arrives meanwhile finds no upload; and a file is made after its upload's row, so
        that none is taken for left behind which another process has just begun. Returns how many files were removed.
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

    def _size(self, who: Caller, upload: str) -> int:
        """Return the size of a body's upload; NotAvailableError. It never changes, so it is asked for once a process.

        Of an upload that was purged since, rows will tell before anything of it counts.
        """
        known = self._sizes.get((who.organisation, upload))
        if known is None:
            with self._database.unit_of_work() as uow:
                known = self._own(uow, who, upload).size
            if len(self._sizes) >= _SIZES:
                self._sizes.clear()
            self._sizes[who.organisation, upload] = known
        return known

    def _own(self, uow: UnitOfWork, who: Caller, upload: str) -> Upload:
        row = uow.session.get(Upload, upload)
        if row is None or row.organisation != who.organisation:
            raise NotAvailableError("no such upload of this body")
        return row

    def _keep(
        self, uow: UnitOfWork, row: Upload, run: Sequence[Span], received: Received, stored: Mapping[int, bytes]
    ) -> None:
        """Record what is not among `stored`; the place is held since that was read, so nobody has recorded any since."""
        fresh = [
            {"upload": row.id, "number": span.number, "hash": leaf}
            for span, leaf in zip(run, received.hashes, strict=True)
            if span.number not in stored
        ]
        if fresh:
            uow.session.execute(insert(UploadPiece), fresh)
        if received.commitment is not None:
            row.commitment = received.commitment
        row.touched = uow.now


def _recorded(uow: UnitOfWork, upload: str, run: Sequence[Span]) -> tuple[bool, Mapping[int, bytes]]:
    """Return whether no piece of an upload is recorded at all, and the hashes of those of a run, by number."""
    start, end = run[0].number, run[-1].number
    least = select(func.min(UploadPiece.number)).where(UploadPiece.upload == upload).scalar_subquery()
    rows = uow.session.execute(
        select(UploadPiece.number, UploadPiece.hash).where(
            UploadPiece.upload == upload, or_(UploadPiece.number.between(start, end), UploadPiece.number == least)
        )
    ).all()
    return not rows, {number: digest for number, digest in rows if start <= number <= end}


def _check_named(due: Named, received: Received) -> None:
    if due.whole is not None and not hmac.compare_digest(received.digest or b"", due.whole):
        raise DigestMismatchError("the bytes are not those of the digest sent with them")
    if due.pieces is not None and not hmac.compare_digest(b"".join(received.hashes), b"".join(due.pieces)):
        raise DigestMismatchError("the pieces are not those of the hashes sent with them")


def _check_same(run: Sequence[Span], received: Received, stored: Mapping[int, bytes]) -> None:
    for span, leaf in zip(run, received.hashes, strict=True):
        if span.number in stored and not hmac.compare_digest(stored[span.number], leaf):
            raise PieceDiffersError(f"other bytes are stored as piece {span.number}")


def find(uow: UnitOfWork, organisation: str, report: str, part: bytes) -> Upload | None:
    """Return a body's upload of a part, or None."""
    return uow.session.scalars(
        select(Upload).where(Upload.organisation == organisation, Upload.report == report, Upload.part == part)
    ).one_or_none()


def stored_numbers(uow: UnitOfWork, upload: str, most: int | None = None) -> list[int]:
    """Return the numbers of an upload's stored pieces, in order, `most` of them."""
    numbers = select(UploadPiece.number).where(UploadPiece.upload == upload).order_by(UploadPiece.number)
    return list(uow.session.scalars(numbers.limit(most)))


def stored_hashes(uow: UnitOfWork, upload: str) -> list[bytes]:
    """Return the leaf hashes of an upload's stored pieces, in order; numbers may be missing."""
    return list(
        uow.session.scalars(select(UploadPiece.hash).where(UploadPiece.upload == upload).order_by(UploadPiece.number))
    )
