"""Writing files that hold a report's bytes: for the owner alone (0600), durably, and never through a symbolic link.

Every OSError leaves as DiskFullError or DiskError: a person can act on the first, and the second names no path in full.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from exchange.sealing.errors import DiskError, DiskFullError

PRIVATE_FILE: Final = 0o600
PRIVATE_DIRECTORY: Final = 0o700

# A file system that takes no file of this size needs the same of a person: another disk.
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# Long enough to be written in one go, short enough that the last stretch is soon on the disk.
WRITEBACK_BYTES: Final = 16 * 2**20
_advise = getattr(os, "posix_fadvise", None)


@contextmanager
def disk_errors(doing: str) -> Iterator[None]:
    """Turn an OSError inside into DiskFullError or DiskError; `doing` says what failed: "a piece could not be read"."""
    try:
        yield
    except OSError as error:
        kind = DiskFullError if error.errno in _NO_ROOM else DiskError
        raise kind(doing) from error


def create_private(path: Path) -> int:
    """Create a file that must not exist yet, 0600, and return its descriptor; OSError as the system has it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write all of `data` at the descriptor's place: one `write` may take only a part of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class Writeback:
    """Lets the disk begin while a long file is still being written, so that the `fsync` at its end has little left to do.

    A hint and no promise: nothing is durable before that `fsync`, and where the system takes no hint nothing is lost.
    """

    def __init__(self, descriptor: int) -> None:
        """Take the descriptor of a file that is written from its beginning, in order."""
        self._descriptor = descriptor
        self._written = self._begun = 0

    def wrote(self, count: int) -> None:
        """Take the number of bytes written since the last call; OSError where the disk has failed."""
        self._written += count
        if self._written - self._begun >= WRITEBACK_BYTES and _advise is not None:
            # Linux begins to write the range's dirty pages and goes on without waiting; only clean ones are let go.
            _advise(self._descriptor, self._begun, self._written - self._begun, os.POSIX_FADV_DONTNEED)
            self._begun = self._written


def replace_durably(path: Path, data: bytes) -> None:
    """Make `path` hold `data`, whole or not at all, and make it survive a power cut: write aside, fsync, rename, fsync.

    Raises OSError as the system has it; the file written aside is removed then.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = create_private(aside)
    try:
        try:
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(aside, path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make names created, renamed or removed in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
