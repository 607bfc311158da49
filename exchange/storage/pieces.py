"""Sealed pieces on the local disk. Stored as they come, never joined, never changed (docs/spec/server.md).

A key is a path of opaque names, "upload/part": lower-case letters, digits, `-` and `_`. Piece `n` of a key is one file.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from exchange.storage.errors import NoSuchPieceError, PieceConflictError, StorageError
from exchange.storage.files import FileOperations, failure, write_new

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,3}", re.ASCII)
_TEMPORARY: Final = ".tmp"


class PieceStore(Protocol):
    """Where pieces lie. Whatever `put` accepted is durable when it returns."""

    def put(self, key: str, n: int, data: bytes) -> bool:
        """Store piece `n`; True when new, False when these bytes were there; PieceConflictError for other bytes."""

    def get(self, key: str, n: int) -> bytes:
        """Return piece `n`; NoSuchPieceError when there is none."""

    def exists(self, key: str, n: int) -> bool:
        """True when piece `n` is stored."""

    def sizes(self, key: str) -> Mapping[int, int]:
        """Return the bytes of every stored piece of `key` by its number; empty for an unknown key."""

    def delete(self, key: str) -> None:
        """Remove every piece of `key`; nothing happens for an unknown key."""

    def keys(self) -> list[str]:
        """Return every key that has a piece, sorted."""


class LocalPieceStore:
    """PieceStore in a folder: temporary file, write, fsync, link, fsync of the folder."""

    def __init__(self, root: Path, files: FileOperations | None = None) -> None:
        self._root = root
        self._files = files or FileOperations()

    def put(self, key: str, n: int, data: bytes) -> bool:
        """See PieceStore. DiskFullError or StorageError when it cannot be made durable: then send it again."""
        folder, path = self._place(key, n)
        try:
            self._files.make_directory(folder)
        except OSError as error:
            raise failure(error) from error
        if not path.exists():
            if write_new(self._files, folder / f"{n}.{secrets.token_hex(8)}{_TEMPORARY}", path, data):
                return True
        if not hmac.compare_digest(self.get(key, n), data):
            raise PieceConflictError(f"other bytes are stored as piece {n}")
        try:
            # An earlier attempt may have failed after its link and before the name was durable.
            self._files.sync_directory(folder)
        except OSError as error:
            raise failure(error) from error
        return False

    def get(self, key: str, n: int) -> bytes:
        """See PieceStore."""
        try:
            return self._place(key, n)[1].read_bytes()
        except FileNotFoundError as error:
            raise NoSuchPieceError(f"no piece {n}") from error
        except OSError as error:
            raise StorageError("a piece could not be read") from error

    def exists(self, key: str, n: int) -> bool:
        """See PieceStore."""
        return self._place(key, n)[1].exists()

    def sizes(self, key: str) -> Mapping[int, int]:
        """See PieceStore."""
        folder = self._place(key, 0)[0]
        if not folder.is_dir():
            return {}
        return {int(path.name): path.stat().st_size for path in folder.iterdir() if path.name.isdigit()}

    def delete(self, key: str) -> None:
        """See PieceStore. A crash half-way leaves fewer pieces; deleting again finishes."""
        folder = self._place(key, 0)[0]
        if not folder.is_dir():
            return
        for path in folder.iterdir():
            self._files.unlink(path)
        folder.rmdir()
        self._files.sync_directory(folder.parent)

    def keys(self) -> list[str]:
        """See PieceStore."""
        found = {path.parent for path in self._root.rglob("*") if path.is_file() and path.name.isdigit()}
        return sorted(str(folder.relative_to(self._root)) for folder in found)

    def sweep(self) -> int:
        """Remove what interrupted writes left behind and return how many; for the start of a process, before writing."""
        left = [path for path in self._root.rglob(f"*{_TEMPORARY}") if path.is_file()]
        for path in left:
            self._files.unlink(path)
        return len(left)

    def _place(self, key: str, n: int) -> tuple[Path, Path]:
        if not _KEY.fullmatch(key) or not 0 <= n < 2**32:
            raise StorageError("not a piece's name")
        folder = self._root / key
        return folder, folder / str(n)
