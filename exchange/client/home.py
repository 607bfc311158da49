"""An officer's home folder: what is in it, durable writes, and one command at a time (docs/spec/client.md, section 1).

Everything in it is for its owner alone. A file is replaced as a whole or not at all; whoever reads, decides and writes
holds the lock in between.
"""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from exchange.client.errors import HomeError, HomeUnsafeError
from exchange.transparency.files import DurableDirectory

IDENTITY: Final = "identity.json"
PROFILE: Final = "profile.json"
SERVER: Final = "server.json"
PINS: Final = "pins.json"
CLOCK: Final = "clock.json"
JOINING: Final = "joining.json"
LEAVES: Final = "directory/leaves.json"
REPLAYED: Final = "directory/replayed.json"
CHECKPOINT: Final = "directory/checkpoint"
INVITATIONS: Final = "invitations"
ALARMS: Final = "alarms"
SPOOL: Final = "spool"


class Home:
    """One home folder. Safe to share between threads of a process."""

    def __init__(self, root: Path) -> None:
        """Serve `root`, which is made (0700) if it is not there.

        Raises HomeUnsafeError when it belongs to someone else or others may look into it, HomeError when it cannot be made.
        """
        self.root = root.absolute()
        self._files = DurableDirectory(self.root, secret=True)
        self._mutex = threading.RLock()
        self._depth = 0
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self.root.stat()
        except OSError as error:
            raise HomeError(f"the home folder cannot be used: {error.strerror}", path=self.root) from error
        if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise HomeUnsafeError("the home folder is open to others: chmod 700 mends it", path=self.root)

    @property
    def spool(self) -> Path:
        """Where reports are sealed before they are sent."""
        return self.root / SPOOL

    def path(self, name: str) -> Path:
        """Return the path of one of the names above."""
        return self.root / name

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other commands out of this home, from reading to writing; may be entered again by its holder."""
        with self._mutex:
            if self._depth:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            with self._files.lock():
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None when there is none; HomeError when it cannot be read."""
        try:
            return self._files.read(name)
        except OSError as error:
            raise HomeError(f"'{name}' cannot be read: {error.strerror}", path=self.path(name)) from error

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place durably; HomeError when that fails, and the old file then stands."""
        try:
            with self.lock():
                self._files.write(name, data)
        except OSError as error:
            raise HomeError(f"'{name}' cannot be written: {error.strerror}", path=self.path(name)) from error

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        try:
            self.path(name).unlink(missing_ok=True)
        except OSError as error:
            raise HomeError(f"'{name}' cannot be removed: {error.strerror}", path=self.path(name)) from error

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder of the home, sorted; none when there is no such folder."""
        try:
            return sorted(entry.name for entry in self.path(folder).iterdir() if entry.is_file())
        except FileNotFoundError:
            return []
