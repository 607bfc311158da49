"""The plain files of publications: taken from the second officer, kept durably, given to anyone once they are published.

A file is taken only for a statement that a first officer has signed and that waits, and from another officer: no single
person puts plain text of a report on this server. It counts once its bytes are durable and have the SHA-256 signed; nothing
replaces it from then on. What was never published, or was withdrawn, is removed.
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

from sqlalchemy import delete, select

from exchange.audit.statements import Statements
from exchange.db import Database, UnitOfWork
from exchange.directory.signers import signer_book
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.publications.errors import FileDiffersError, FirstSignerError
from exchange.publications.models import Publication, PublicationFile
from exchange.statements import publication
from exchange.statements.publication import PublicFile
from exchange.storage.pieces import LocalPieceStore, Place
from exchange.web.caller import Caller
from exchange.web.errors import NotAvailableError
from exchange.web.incoming import Incoming
from keys.encoding import b64u

_ID_BYTES: Final = 16
_BUFFER_BYTES: Final = 1 << 20


class PublicStore(LocalPieceStore):
    """Where published files lie: a folder of their own, apart from everything sealed."""


class PublicFiles:
    """The one writer of published files."""

    def __init__(
        self, database: Database, store: PublicStore, statements: Statements, snapshots: Snapshots, faults: Faults
    ) -> None:
        self._database = database
        self._store = store
        self._statements = statements
        self._snapshots = snapshots
        self._faults = faults

    def put(self, who: Caller, statement: bytes, role: str, body: Incoming) -> None:
        """Store a file of a publication that waits for its second officer; the same again changes nothing.

        1. the publication waits, is of the caller's body and names such a file (NotAvailableError), another officer signed it
        (FirstSignerError), and the length is the one signed (FileDiffersError); 2. its place is this request's alone; 3. the
        bytes arrive, are hashed and written; 4. they have the SHA-256 signed (FileDiffersError) and are durable (StorageError,
        DiskFullError: send again); 5. its row says so.
        """
        with self._database.unit_of_work(write=True) as uow:
            due = self._due(uow, who, statement, role)
            if body.length != due.size:
                raise FileDiffersError("a file has another length than was signed")
            key = _opened(uow, statement, role)
        self._faults.at("publications.file.before-bytes")
        with self._store.place(key, 0, due.size) as place:
            with self._database.unit_of_work() as uow:
                row = uow.session.get(PublicationFile, key)
                if row is None:
                    raise NotAvailableError("a file that was given up meanwhile")
                stored = row.stored
            if stored:
                body.skip()
                return
            digest = _write(body, place)
            if not hmac.compare_digest(digest, due.sha256):
                raise FileDiffersError("a file has another SHA-256 than was signed")
            place.sync(name=True)
            self._faults.at("publications.file.after-bytes")
            with self._database.unit_of_work(write=True) as uow:
                row = uow.session.get(PublicationFile, key)
                if row is None:
                    raise NotAvailableError("a file that was given up meanwhile")
                row.stored = True
        self._faults.at("publications.file.after-row")

    def complete(self, uow: UnitOfWork, statement: bytes, roles: list[str]) -> bool:
        """Whether every file that a publication names is stored."""
        query = select(PublicationFile.role).where(PublicationFile.statement == statement, PublicationFile.stored)
        return set(uow.session.scalars(query)) >= set(roles)

    def path(self, uow: UnitOfWork, statement: bytes, role: str) -> Path:
        """Return where a file of a publication lies; NotAvailableError. Whether it is published, the caller has asked."""
        row = _find(uow, statement, role)
        if row is None or not row.stored:
            raise NotAvailableError("no such file of a publication")
        return self._store.path(row.id)

    def purge(self) -> int:
        """Remove the files of what waits no longer and of what was withdrawn, and files without a row; say how many.

        Rows go first, and a file is made after its row: so none is taken for left behind that has just been begun.
        """
        kept = self._store.keys()
        with self._database.unit_of_work(write=True) as uow:
            shown = select(Publication.statement).where(Publication.withdrawn.is_(None))
            standing = set(uow.session.scalars(shown))
            gone = [
                row.id
                for row in uow.session.scalars(select(PublicationFile))
                if row.statement not in standing and self._statements.pending(uow, row.statement) is None
            ]
            uow.session.execute(delete(PublicationFile).where(PublicationFile.id.in_(gone)))
        with self._database.unit_of_work() as uow:
            known = set(uow.session.scalars(select(PublicationFile.id)))
        left = [key for key in kept if key not in known]
        for key in left:
            self._store.delete(key)
        return len(left)

    def _due(self, uow: UnitOfWork, who: Caller, statement: bytes, role: str) -> PublicFile:
        waiting = self._statements.pending(uow, statement)
        if waiting is None or waiting.label != publication.LABEL or waiting.body != who.organisation:
            raise NotAvailableError("no publication of this body waits under that hash")
        due = publication.read(waiting.statement).files.get(role)
        if due is None:
            raise NotAvailableError("the publication names no such file")
        book = signer_book(uow, self._snapshots.required(uow))
        signed = {b64u(found.officer) for found in map(book.signer_of, waiting.statement.kids) if found is not None}
        if who.officer in signed:
            raise FirstSignerError("the second officer sends the file")
        return due


def _opened(uow: UnitOfWork, statement: bytes, role: str) -> str:
    row = _find(uow, statement, role)
    if row is None:
        row = PublicationFile(
            id=b64u(secrets.token_bytes(_ID_BYTES)), statement=statement, role=role, stored=False
        )
        uow.session.add(row)
        uow.session.flush()
    return row.id


def _find(uow: UnitOfWork, statement: bytes, role: str) -> PublicationFile | None:
    query = select(PublicationFile).where(PublicationFile.statement == statement, PublicationFile.role == role)
    return uow.session.scalars(query).one_or_none()


def _write(body: Incoming, place: Place) -> bytes:
    digest, offset = hashlib.sha256(), 0
    buffer = memoryview(bytearray(min(body.length, _BUFFER_BYTES)))
    while offset < body.length:
        piece = buffer[: body.length - offset]
        body.read_into(piece)
        digest.update(piece)
        place.write(piece, offset)
        offset += len(piece)
    return digest.digest()
