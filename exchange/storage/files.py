"""The operating system's part in durable storage, one method a step, so that a test can fail each before and after."""

import ctypes
import errno
import fcntl
import os
import struct
from pathlib import Path
from typing import Final

from exchange.storage.errors import DiskFullError, StorageError

# struct flock of Linux with 64-bit offsets: type, whence, start, length, pid (0 for a lock of the open file).
_FLOCK: Final = struct.Struct("hhqqi4x")
# sync_file_range(2), which Python has no name for: SYNC_FILE_RANGE_WRITE starts what is dirty and waits for nothing, where
# posix_fadvise(POSIX_FADV_DONTNEED) also tries to drop the pages, and waits for every processor of the machine to let go.
_START: Final = 2
_sync_file_range: Final = getattr(ctypes.CDLL(None), "sync_file_range", None)
if _sync_file_range is not None:
    _sync_file_range.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)


class FileOperations:
    """The steps themselves. A test's subclass may raise OSError before or after any of them."""

    def open(self, path: Path) -> int:
        """Open `path` for reading and writing, created for this user alone where it is missing; return its descriptor."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def lock(self, descriptor: int, start: int, length: int) -> None:
        """Wait for the bytes `start` to `start + length` of an open file to be this descriptor's alone.

        The lock belongs to the open file, not to the process: threads, processes and hosts that share the file system all
        wait for each other, and the kernel lets go when the descriptor is closed, however its process ends.
        """
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLKW, _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, start, length, 0))

    def write(self, descriptor: int, data: memoryview, offset: int) -> None:
        """Write all of `data` at `offset`; `sync` makes it durable."""
        while data:
            written = os.pwrite(descriptor, data, offset)
            data, offset = data[written:], offset + written

    def start(self, descriptor: int, start: int, length: int) -> None:
        """Have the kernel begin to put some written bytes on the disk, so that `sync` finds less to do: a hint, no promise."""
        if _sync_file_range is not None:
            _sync_file_range(descriptor, start, length, _START)  # what fails here, `sync` meets again

    def sync(self, descriptor: int) -> None:
        """Make a file's bytes, and the length that reaches them, durable."""
        os.fdatasync(descriptor)

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
