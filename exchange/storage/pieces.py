"""Sealed pieces on the local disk: one file a part, every piece at its place, nothing ever moved (docs/spec/server.md).

A key names a part's file: letters, digits, `-` and `_`. What of a file counts is not known here: whoever writes keeps
that elsewhere, once the bytes are durable. Bytes that nothing counts are overwritten by the next writer of their place.
"""

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol

from exchange.storage.errors import NoSuchPieceError, StorageError
from exchange.storage.files import FileOperations, failure

# Large enough that starting the disk costs little, small enough that little is left at the end.
_START_BYTES: Final = 4 << 20
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class Place(Protocol):
    """Some bytes of a part's file that are one writer's alone, until it lets go."""

    def write(self, data: memoryview, offset: int) -> None:
        """Write `data` at `offset` of the file, durable only after `sync`. DiskFullError, StorageError."""

    def sync(self, *, name: bool) -> None:
        """Make what was written durable; with `name` also the file's own name, which the first who writes must."""


class PieceStore(Protocol):
    """Where sealed parts lie."""

    def place(self, key: str, start: int, length: int) -> AbstractContextManager[Place]:
        """Give `length` bytes from `start` of a part's file to one writer at a time, across threads, processes and hosts.

        Waits for whoever has some of them. The file is made where it is missing. DiskFullError, StorageError.
        """

    def read(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`; NoSuchPieceError where the file ends before them, or there is none."""

    def size(self, key: str) -> int:
        """Return the length of a part's file; 0 where there is none."""

    def path(self, key: str) -> Path:
        """Return where a part's file lies, whether or not it is there; StorageError for what cannot be a key."""

    def delete(self, key: str) -> None:
        """Remove a part's file, durably; nothing happens for an unknown key."""

    def keys(self) -> list[str]:
        """Return the key of every file, sorted."""


class LocalPieceStore:
    """PieceStore in a folder."""

    def __init__(self, root: Path, files: FileOperations | None = None) -> None:
        self._root = root
        self._files = files or FileOperations()

    @contextmanager
    def place(self, key: str, start: int, length: int) -> Iterator[Place]:
        """See PieceStore."""
        path = self.path(key)
        try:
            self._files.make_directory(self._root)
            descriptor = self._files.open(path)
        except OSError as error:
            raise failure(error) from error
        try:
            try:
                self._files.lock(descriptor, start, length)
            except OSError as error:
                raise failure(error) from error
            yield _LocalPlace(self._files, descriptor, self._root)
        finally:
            os.close(descriptor)

    def read(self, key: str, start: int, length: int) -> bytes:
        """See PieceStore."""
        try:
            with self.path(key).open("rb", buffering=0) as file:
                file.seek(start)
                data = file.read(length)
        except FileNotFoundError as error:
            raise NoSuchPieceError("no such file") from error
        except OSError as error:
            raise StorageError("a piece could not be read") from error
        if len(data) != length:
            raise NoSuchPieceError("the file ends before the piece does")
        return data

    def size(self, key: str) -> int:
        """See PieceStore."""
        try:
            return self.path(key).stat().st_size
        except FileNotFoundError:
            return 0

    def path(self, key: str) -> Path:
        """See PieceStore."""
        if not _KEY.fullmatch(key):
            raise StorageError("not the name of a part's file")
        return self._root / key

    def delete(self, key: str) -> None:
        """See PieceStore."""
        path = self.path(key)
        if path.exists():
            self._files.unlink(path)
            self._files.sync_directory(self._root)

    def keys(self) -> list[str]:
        """See PieceStore."""
        return sorted(path.name for path in self._listed() if _is_part(path))

    def strangers(self) -> list[str]:
        """Return the names in the folder that are no part's file, sorted: nothing of this program puts one there."""
        return sorted(path.name for path in self._listed() if not _is_part(path))

    def _listed(self) -> list[Path]:
        return list(self._root.iterdir()) if self._root.is_dir() else []


class _LocalPlace:
    """Place in an open file whose bytes are locked."""

    def __init__(self, files: FileOperations, descriptor: int, folder: Path) -> None:
        self._files = files
        self._descriptor = descriptor
        self._folder = folder
        self._begun = self._end = 0

    def write(self, data: memoryview, offset: int) -> None:
        """See Place."""
        try:
            self._files.write(self._descriptor, data, offset)
        except OSError as error:
            raise failure(error) from error
        if offset != self._end:
            self._begun = offset
        self._end = offset + len(data)
        if self._end - self._begun >= _START_BYTES:
            self._files.start(self._descriptor, self._begun, self._end - self._begun)
            self._begun = self._end

    def sync(self, *, name: bool) -> None:
        """See Place."""
        try:
            self._files.sync(self._descriptor)
            if name:
                self._files.sync_directory(self._folder)
        except OSError as error:
            raise failure(error) from error


def _is_part(path: Path) -> bool:
    return _KEY.fullmatch(path.name) is not None and path.is_file()
