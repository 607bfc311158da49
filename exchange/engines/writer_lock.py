"""One writer at a time, in order of arrival, across threads and processes.

SQLite lets one writer in and makes the others poll, so four writing processes starve each other. A kernel lock on a
file wakes its waiters in order; every acquisition opens the file anew, so threads of one process queue like processes.
The kernel lets go when a process dies, however it dies.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class WriterLock:
    """An exclusive, fair lock on the file `path`, which is created when missing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for the length of a `with` block; waits as long as it takes. Not re-entrant."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
