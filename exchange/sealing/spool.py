"""The spool: a sealed report on its sender's machine, written once, from which sending copies and resumes.

One folder a report (0700), named by its UUID and the fingerprint of the command that made it; in it, 0600, a part's
`.pieces` (the ciphertext), `.hashes` (of its pieces) and `.key` (the content key sealed to the officer), `deposit-<n>`
(the package without parts), and last `record.json`. The record is the commit point: without it sealing never ended and
starts anew. Nothing here can read what it holds.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from exchange.sealing import disk, package
from exchange.sealing.content import REPORT_BYTES, Sink
from exchange.sealing.disk import disk_errors
from exchange.sealing.errors import (
    DiskError,
    PackageError,
    PieceMissingError,
    SealingError,
    SpoolDifferentError,
    SpoolMissingError,
    SpoolUnfinishedError,
)
from exchange.sealing.long_file import LongFile
from exchange.sealing.package import Package
from exchange.sealing.piece_file import PieceFile
from exchange.sealing.pieces import Layout, layout, piece_hash, root_of
from keys import fields
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import KeysError, MalformedError

HASH_BYTES: Final = 32
FINGERPRINT_BYTES: Final = 32

_RECORD: Final = "record.json"
_NOTES: Final = "notes.json"
_SCHEMA: Final[fields.Schema] = {
    "deposit": fields.HASH,
    "fingerprint": fields.b64u_of(FINGERPRINT_BYTES),
    "kept_by": fields.HASH,
    "renewed": fields.integer(0, 10**6),
    "report": fields.uuid,
    "version": fields.one_of(1),
}


class SpoolWriter:
    """A spool being filled. As a context manager it removes all it wrote, unless `commit` was reached."""

    def __init__(self, directory: Path, report: bytes, fingerprint: bytes) -> None:
        """Take what `begin` has made; call that."""
        self.directory = directory
        self.report = report
        self._fingerprint = fingerprint
        self._committed = False

    @classmethod
    def begin(cls, root: Path, report: bytes, fingerprint: bytes) -> Self:
        """Make the folder of a new report under `root` and return its writer; DiskFullError, DiskError.

        `fingerprint`: 32 bytes by which the caller finds the spool of the same command again (`find`). A folder of this
        name must not exist; what a killed sealing left is for `discard_unfinished` to remove.
        """
        if len(report) != REPORT_BYTES or len(fingerprint) != FINGERPRINT_BYTES:
            raise SealingError("a report id has 16 bytes, a fingerprint 32")
        directory = root / _folder_name(report, fingerprint)
        with disk_errors("the spool could not be made"):
            root.mkdir(mode=disk.PRIVATE_DIRECTORY, parents=True, exist_ok=True)
            directory.mkdir(mode=disk.PRIVATE_DIRECTORY)
            disk.sync_directory(root)
        return cls(directory, report, fingerprint)

    @contextmanager
    def part(self, part: bytes) -> Iterator[Sink]:
        """Give a sink for a part's ciphertext; the file is durable when the block ends. DiskFullError, DiskError."""
        with disk_errors("the spool could not be written"):
            descriptor = disk.create_private(_file(self.directory, part, "pieces"))
        file = LongFile(descriptor)
        try:

            def sink(view: memoryview) -> None:
                with disk_errors("the spool could not be written"):
                    file.write(view)

            yield sink
            with disk_errors("the spool could not be written"):
                file.sync()
        finally:
            file.close()
            os.close(descriptor)

    def keep_hashes(self, part: bytes, hashes: tuple[bytes, ...]) -> None:
        """Record a part's piece hashes; DiskFullError, DiskError."""
        self._keep(part, "hashes", b"".join(hashes))

    def keep_key(self, part: bytes, sealed: bytes) -> None:
        """Keep a part's content key, sealed to the officer; DiskFullError, DiskError."""
        self._keep(part, "key", sealed)

    def commit(self, sealed: Package, kept_by: bytes) -> "Spool":
        """Write the package without parts, then the record: from here on the report is sealed and only sending is left.

        `kept_by`: the id of the officer's key that the content keys are sealed to. DiskFullError, DiskError.
        """
        record = {
            "deposit": "",
            "fingerprint": b64u(self._fingerprint),
            "kept_by": b64u(kept_by),
            "renewed": 0,
            "report": str(uuid.UUID(bytes=self.report)),
            "version": 1,
        }
        _write_deposit(self.directory, record, sealed)
        # What cannot be read back is not kept: the same command would stumble over it for ever.
        spool = Spool.load(self.directory)
        self._committed = True
        return spool

    def abandon(self) -> None:
        """Remove all that was written; a committed spool stays."""
        if not self._committed:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _keep(self, part: bytes, kind: str, data: bytes) -> None:
        with disk_errors("the spool could not be written"):
            disk.replace_durably(_file(self.directory, part, kind), data)

    def __enter__(self) -> Self:
        """Return this writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove all that was written, unless it was committed."""
        self.abandon()


class Spool:
    """A sealed report that is ready to be sent, its record and its files checked against each other by `load`."""

    def __init__(self, directory: Path, record: dict[str, Any], sealed: Package) -> None:
        """Take what `load` has read and checked; call that."""
        self.directory = directory
        self.package = sealed
        self.report = uuid.UUID(record["report"]).bytes
        self.fingerprint = unb64u(record["fingerprint"])
        self.kept_by = unb64u(record["kept_by"])
        self._record = record
        self._parts = {s.value.id: s.value for s in sealed.descriptors.parts}

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read a spool and check that its files are those of its record; pieces are checked when they are read.

        SpoolMissingError: there is none, or a file is gone. SpoolUnfinishedError: sealing never ended.
        SpoolDifferentError: a file is not what the record says. In all three a new report with new keys is due.
        """
        if not directory.is_dir():
            raise SpoolMissingError("the spool is not there")
        if not (directory / _RECORD).exists():
            raise SpoolUnfinishedError("sealing did not end")
        try:
            record = fields.check(parse_object(_read(directory / _RECORD)), _SCHEMA)
            data = _read(directory / _deposit_name(record["renewed"]))
            if hashlib.sha256(data).digest() != unb64u(record["deposit"]):
                raise SpoolDifferentError("the spool's record names another deposit")
            spool = cls(directory, record, package.from_bytes(data))
            if directory.name != _folder_name(spool.report, spool.fingerprint):
                raise SpoolDifferentError("the spool's record is of another report")
        except (KeysError, PackageError) as error:
            raise SpoolDifferentError("the spool's record or deposit is damaged") from error
        for part in spool._parts.values():
            spool._check_files(part.id, part.root, layout(part.size))
        return spool

    @cached_property
    def parts(self) -> dict[bytes, "SpooledPart"]:
        """The parts by id, each with its layout, root and pieces."""
        return {part: SpooledPart(self, part) for part in self._parts}

    def kept_key(self, part: bytes) -> bytes:
        """Return a part's content key as sealed to the officer's key `kept_by`; SpoolMissingError, DiskError."""
        return _read(_file(self.directory, part, "key"))

    def renew(self, sealed: Package) -> "Spool":
        """Put a package with new header and envelopes in place of the one here, whole or not at all; return it loaded."""
        _write_deposit(self.directory, {**self._record, "renewed": self._record["renewed"] + 1}, sealed)
        with suppress(OSError):
            (self.directory / _deposit_name(self._record["renewed"])).unlink()
        return Spool.load(self.directory)

    def notes(self) -> dict[str, str]:
        """Return what the sender noted beside the spool, such as names of uploads; nothing where the notes are damaged."""
        try:
            found = parse_object(_read(self.directory / _NOTES))
        except (SpoolMissingError, MalformedError):
            return {}
        return {key: value for key, value in found.items() if isinstance(value, str)}

    def note(self, name: str, value: str) -> None:
        """Keep a note durably; it must hold nothing confidential. DiskFullError, DiskError."""
        with disk_errors("the spool could not be written"):
            disk.replace_durably(self.directory / _NOTES, canonical({**self.notes(), name: value}))

    def remove(self) -> None:
        """Remove the spool, its record first, so that what a crash leaves counts as unfinished; DiskError."""
        with disk_errors("the spool could not be removed"):
            (self.directory / _RECORD).unlink(missing_ok=True)
            disk.sync_directory(self.directory)
            shutil.rmtree(self.directory)

    def hashes(self, part: bytes) -> list[bytes]:
        """Return a part's recorded piece hashes; SpoolMissingError, DiskError."""
        data = _read(_file(self.directory, part, "hashes"))
        return [data[place : place + HASH_BYTES] for place in range(0, len(data), HASH_BYTES)]

    def file(self, part: bytes) -> PieceFile:
        """Return a part's ciphertext file, whose pieces are not compared with their hashes."""
        return PieceFile(_file(self.directory, part, "pieces"), layout(self._parts[part].size))

    def _check_files(self, part: bytes, root: bytes, due: Layout) -> None:
        hashes = self.hashes(part)
        if len(hashes) != due.count or root_of(hashes) != root:
            raise SpoolDifferentError("the spool's piece hashes are not those of its part")
        try:
            size = _file(self.directory, part, "pieces").stat().st_size
        except FileNotFoundError as error:
            raise SpoolMissingError("a part of the spool is not there") from error
        if size != due.size:
            raise SpoolDifferentError("a part of the spool has another size")


class SpooledPart:
    """A part in the spool whose every piece is compared with its recorded hash when it is read."""

    def __init__(self, spool: Spool, part: bytes) -> None:
        """Take the spool and the part's 8-byte id."""
        self._file = spool.file(part)
        self._hashes = spool.hashes(part)

    @property
    def layout(self) -> Layout:
        """How the ciphertext falls into pieces."""
        return self._file.layout

    def hash(self, number: int) -> bytes:
        """Return the recorded leaf hash of a piece: that of the bytes `piece` returns. PieceNumberError."""
        self.layout.offset(number)
        return self._hashes[number]

    def piece(self, number: int) -> bytes:
        """Return a piece; SpoolDifferentError where it is not the one that was sealed, PieceNumberError, DiskError."""
        try:
            data = self._file.piece(number)
        except PieceMissingError as error:
            raise SpoolDifferentError(f"piece {number} of the spool is missing") from error
        if piece_hash(data) != self._hashes[number]:
            raise SpoolDifferentError(f"piece {number} of the spool is not the one that was sealed")
        return data


def find(root: Path, fingerprint: bytes) -> Spool | None:
    """Return the finished spool of this fingerprint under `root`, or None; raises as `Spool.load` for a damaged one."""
    for directory in _of(root, fingerprint):
        if (directory / _RECORD).exists():
            return Spool.load(directory)
    return None


def discard_unfinished(root: Path, fingerprint: bytes) -> int:
    """Remove what killed sealings of this fingerprint left under `root`; return how many there were."""
    unfinished = [directory for directory in _of(root, fingerprint) if not (directory / _RECORD).exists()]
    for directory in unfinished:
        with disk_errors("the spool could not be removed"):
            shutil.rmtree(directory)
    return len(unfinished)


def _of(root: Path, fingerprint: bytes) -> list[Path]:
    return sorted(root.glob(f"*.{fingerprint.hex()}"))


def _folder_name(report: bytes, fingerprint: bytes) -> str:
    return f"{uuid.UUID(bytes=report)}.{fingerprint.hex()}"


def _file(directory: Path, part: bytes, kind: str) -> Path:
    return directory / f"{part.hex()}.{kind}"


def _deposit_name(renewed: int) -> str:
    return f"deposit-{renewed}"


def _write_deposit(directory: Path, record: dict[str, Any], sealed: Package) -> None:
    data = package.to_bytes(sealed)
    record = {**record, "deposit": b64u(hashlib.sha256(data).digest())}
    with disk_errors("the spool could not be written"):
        disk.replace_durably(directory / _deposit_name(record["renewed"]), data)
        disk.replace_durably(directory / _RECORD, canonical(record))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SpoolMissingError("a part of the spool is not there") from error
    except OSError as error:
        raise DiskError("the spool could not be read") from error
