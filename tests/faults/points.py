"""Where a server can be killed: the points that rooms name, and those round the commit, the files of the logs and the pieces.

What is not a point in the source is made one here: a database, places of logs and a store of pieces that pass a point
before and after each of their writes. Nothing of this is in the server itself.
"""

import os
import signal
import threading
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection

from exchange.config import Config
from exchange.db import Database
from exchange.logs.faults import Faults
from exchange.logs.places import LogPlaces
from exchange.publications.files import PublicStore
from exchange.storage.files import FileOperations
from exchange.storage.pieces import LocalPieceStore
from exchange.transparency.files import Files
from exchange.transparency.sequencer import LogFiles

COMMIT = ("commit.before", "commit.after")
STORAGE = tuple(
    f"storage.{step}.{when}"
    for step in ("make-directory", "open", "lock", "write", "sync", "sync-directory", "unlink")
    for when in ("before", "after")
)


def published(log: str) -> tuple[str, ...]:
    """The points that publishing a log passes, in their order."""
    files = ("private.signed", "public.entries", "public.tile", "public.checkpoint")
    return tuple(f"{log}.{file}.{when}" for file in files for when in ("before", "after"))


class Killing(Faults):
    """Ends this process's group at the last of some points, once the earlier ones were passed in order.

    The points stand in a file, separated by spaces, which a test writes when the server is up: what happens at its start
    does not count. Nothing gets to clean up: it is SIGKILL, as a power cut would be to a process.
    """

    def __init__(self, armed: Path, trace: Path | None = None, *, alone: bool = False) -> None:
        """`armed`: the file; `trace`: a file to note every point in; `alone`: end this process, not its group."""
        self._armed = armed
        self._trace = trace
        self._alone = alone
        self._lock = threading.Lock()
        self._left: list[str] = []

    def at(self, point: str) -> None:
        """See Faults."""
        with self._lock:
            if self._trace is not None and self._trace.exists():
                with self._trace.open("a", encoding="ascii") as file:
                    file.write(f"{point}\n")
            if not self._left and self._armed.exists():
                self._left = self._armed.read_text(encoding="ascii").split()
                self._armed.unlink()
            if self._left and point == self._left[0]:
                del self._left[0]
                if not self._left:
                    self._end()

    def _end(self) -> None:
        if self._alone:
            os.kill(os.getpid(), signal.SIGKILL)
        os.killpg(0, signal.SIGKILL)


class KillingDatabase(Database):
    """Passes a point before and after the commit of each writing unit."""

    faults = Faults()

    def _commit(self, connection: Connection) -> None:
        if not self._writing.get():
            super()._commit(connection)
            return
        self.faults.at("commit.before")
        super()._commit(connection)
        self.faults.at("commit.after")


class KillingFiles:
    """Files of a log that pass a point before and after each change; tiles of one kind share a name."""

    def __init__(self, files: Files, name: str, faults: Faults) -> None:
        self._files, self._name, self._faults = files, name, faults

    def read(self, name: str) -> bytes | None:
        """See Files."""
        return self._files.read(name)

    def write(self, name: str, data: bytes) -> None:
        """See Files."""
        kind = "entries" if "entries/" in name else "tile" if name.startswith("tile/") else name
        self._faults.at(f"{self._name}.{kind}.before")
        self._files.write(name, data)
        self._faults.at(f"{self._name}.{kind}.after")

    def discard(self, name: str) -> None:
        """See Files."""
        self._files.discard(name)

    def lock(self) -> AbstractContextManager[None]:
        """See Files."""
        return self._files.lock()


class KillingPlaces(LogPlaces):
    """Places whose files pass points."""

    faults = Faults()

    def files(self, log: str) -> LogFiles:
        """See LogPlaces."""
        plain = super().files(log)
        public = KillingFiles(plain.public, f"{log}.public", self.faults)
        return LogFiles(public, KillingFiles(plain.private, f"{log}.private", self.faults), public)


class KillingOperations(FileOperations):
    """Passes a point before and after each step of storing a piece."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def open(self, path: Path) -> int:
        """See FileOperations."""
        self._faults.at("storage.open.before")
        found = super().open(path)
        self._faults.at("storage.open.after")
        return found

    def lock(self, descriptor: int, start: int, length: int) -> None:
        """See FileOperations."""
        self._faults.at("storage.lock.before")
        super().lock(descriptor, start, length)
        self._faults.at("storage.lock.after")

    def write(self, descriptor: int, data: memoryview, offset: int) -> None:
        """See FileOperations; in between, half of a piece is there."""
        half = len(data) // 2
        self._faults.at("storage.write.before")
        super().write(descriptor, data[:half], offset)
        self._faults.at("storage.write.half")
        super().write(descriptor, data[half:], offset + half)
        self._faults.at("storage.write.after")

    def sync(self, descriptor: int) -> None:
        """See FileOperations."""
        self._faults.at("storage.sync.before")
        super().sync(descriptor)
        self._faults.at("storage.sync.after")

    def unlink(self, path: Path) -> None:
        """See FileOperations."""
        self._faults.at("storage.unlink.before")
        super().unlink(path)
        self._faults.at("storage.unlink.after")

    def sync_directory(self, path: Path) -> None:
        """See FileOperations."""
        self._faults.at("storage.sync-directory.before")
        super().sync_directory(path)
        self._faults.at("storage.sync-directory.after")

    def make_directory(self, path: Path) -> None:
        """See FileOperations."""
        self._faults.at("storage.make-directory.before")
        super().make_directory(path)
        self._faults.at("storage.make-directory.after")


def store(config: Config, faults: Faults) -> LocalPieceStore:
    """Return the store of pieces of an instance, with points."""
    return LocalPieceStore(config.pieces_dir, KillingOperations(faults))


def public_store(config: Config, faults: Faults) -> PublicStore:
    """Return the store of published files of an instance, with the same points."""
    return PublicStore(config.publications_dir, KillingOperations(faults))
