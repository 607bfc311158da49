"""Files that are there after a power cut, or are as they were before: write, sync, rename, sync the directory."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """A directory of small files, by names with slashes. Every method may raise OSError."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None when there is no such file."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place at once and durably; when it returns, a power cut cannot undo it."""
        ...

    def discard(self, name: str) -> None:
        """Remove a directory of files, if it is there; not durably."""
        ...

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Return a context that one thread of one process at a time is in."""
        ...


class DurableDirectory:
    """Files below a directory, which is made when the first file is written.

    Several processes and hosts may share it on a file system that is coherent when a file is opened, and whose flock reaches
    all of them: a local one, or NFS version 4. Whoever writes holds `lock`.
    """

    # One temporary name for all: the lock makes it safe, and a crash leaves at most one, which the next write replaces.
    _TEMPORARY = ".write.tmp"
    _LOCK = ".lock"

    def __init__(self, root: Path, *, secret: bool = False) -> None:
        """Serve `root`; when `secret`, its files and directories are for their owner alone."""
        self.root = root
        self._file_mode, self._directory_mode = (0o600, 0o700) if secret else (0o644, 0o755)

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None when there is no such file."""
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, name: str, data: bytes) -> None:
        """Write beside it, sync, rename over it, sync the directory; OSError when a step fails, the old file then stands."""
        target = self.root / name
        self._make(target.parent)
        temporary = self.root / self._TEMPORARY
        try:
            with open(temporary, "wb", opener=self._opener) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except OSError:
            with contextlib.suppress(OSError):  # on a full disk, give back what the attempt took
                temporary.unlink()
            raise
        _sync(target.parent)

    def discard(self, name: str) -> None:
        """Remove the files in a directory, and it."""
        with contextlib.suppress(FileNotFoundError):
            for child in (self.root / name).iterdir():
                child.unlink()
            (self.root / name).rmdir()

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold an exclusive lock on the directory, against threads and every process that shares the file system."""
        self._make(self.root)
        # Opened anew each time: flock then keeps threads of one process apart as well.
        with open(self.root / self._LOCK, "wb", opener=self._opener) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def lock_holds(self) -> bool:
        """Whether `lock` keeps a second holder out here; False, or OSError, on a file system that only pretends to lock.

        The kernel treats a second opening of the file in one process as it treats another process.
        """
        with self.lock(), open(self.root / self._LOCK, "wb", opener=self._opener) as second:
            try:
                fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def _opener(self, path: str, flags: int) -> int:
        return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, self._file_mode)

    def _make(self, directory: Path) -> None:
        if directory.is_dir():
            return
        self._make(directory.parent)
        with contextlib.suppress(FileExistsError):
            directory.mkdir(mode=self._directory_mode)
        _sync(directory.parent)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
