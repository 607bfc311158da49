"""The operating system's part in durable storage, one method a step, so that a test can fail each before and after.

Guarantee of `write_new`: when it returns, name and bytes survive a power cut; when it raises, the name is not there.
"""

import contextlib
import errno
import os
from pathlib import Path

from exchange.storage.errors import DiskFullError, StorageError


class FileOperations:
    """The steps themselves. A test's subclass may raise OSError before or after any of them."""

    def create(self, path: Path) -> int:
        """Create `path` for writing, readable by this user alone; return its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of `data`."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        """Make a file's bytes durable."""
        os.fsync(descriptor)

    def link(self, old: Path, new: Path) -> None:
        """Give the file `old` the second name `new`, atomically; FileExistsError when the name is taken."""
        os.link(old, new)

    def unlink(self, path: Path) -> None:
        """Remove `path`; it may be missing."""
        path.unlink(missing_ok=True)

    def sync_directory(self, path: Path) -> None:
        """Make a directory's names durable."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def make_directory(self, path: Path) -> None:
        """Create `path` and what is missing above it, for this user alone, and make the new names durable."""
        missing = [p for p in (path, *path.parents) if not p.exists()]
        for directory in reversed(missing):
            directory.mkdir(mode=0o700, exist_ok=True)
            self.sync_directory(directory.parent)


def failure(error: OSError) -> StorageError:
    """Return the typed error for what the operating system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError("the disk has no room")
    return StorageError("a file could not be stored")


def write_new(files: FileOperations, temporary: Path, final: Path, data: bytes) -> bool:
    """Store `data` at `final` through `temporary` beside it: write, sync, link, sync the directory.

    True when stored; False when `final` exists, whose bytes are left alone (a rename would replace them without a word).
    DiskFullError when there is no room, StorageError for any other failure. After a failure of the last step alone the
    name may be there, whole, and not yet durable: whoever sends the same bytes again makes it so.
    """
    try:
        descriptor = files.create(temporary)
        try:
            files.write(descriptor, data)
            files.sync(descriptor)
        finally:
            os.close(descriptor)
        try:
            files.link(temporary, final)
        except FileExistsError:
            return False
        files.sync_directory(final.parent)
        return True
    except OSError as error:
        raise failure(error) from error
    finally:
        # What this leaves behind, after a crash or a failing disk, the sweep at the next start removes.
        with contextlib.suppress(OSError):
            files.unlink(temporary)
