"""The members of a ZIP container, each read up to a bound: whatever a container claims, no more is unpacked than that.

Central directories of more than `MOST_DIRECTORY` bytes and ZIP64 are refused before Python's reader builds anything from
them: no word processor writes such a file.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from exchange.client.documents.errors import DocumentError

MOST_FILE: Final = 256 * 1024 * 1024
MOST_DIRECTORY: Final = 1024 * 1024
MOST_MEMBER: Final = 32 * 1024 * 1024
MOST_TOTAL: Final = 96 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_MOST_COMMENT: Final = 65_535
_LOCATOR64: Final = b"PK\x06\x07"
_FAILURES: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError,
    LookupError, OverflowError,
)  # fmt: skip


class ZipParts:
    """An open container. All that is read of it counts towards one bound."""

    def __init__(self, container: zipfile.ZipFile) -> None:
        self._container = container
        self._left = MOST_TOTAL

    @property
    def names(self) -> list[str]:
        """The names of its members, in their order."""
        return [info.filename for info in self._container.infolist()]

    def chunks(self, name: str, most: int = MOST_MEMBER) -> Iterator[bytes]:
        """Yield a member's bytes; DocumentError for a damaged or encrypted one, and at the bound."""
        left = most
        try:
            with self._container.open(name) as member:
                while chunk := member.read(_CHUNK):
                    left -= len(chunk)
                    self._left -= len(chunk)
                    if left < 0 or self._left < 0:
                        raise DocumentError("more is packed into the file than is looked into")
                    yield chunk
        except _FAILURES as error:
            raise DocumentError("a part of the container does not read") from error

    def head(self, name: str, most: int) -> bytes:
        """Return the beginning of a member, up to `most` bytes; DocumentError."""
        try:
            with self._container.open(name) as member:
                data = member.read(most)
        except _FAILURES as error:
            raise DocumentError("a part of the container does not read") from error
        self._left -= len(data)
        if self._left < 0:
            raise DocumentError("more is packed into the file than is looked into")
        return data


@contextmanager
def opened(path: Path) -> Iterator[ZipParts]:
    """Open a container; DocumentError where it is none, or past a bound."""
    try:
        with path.open("rb") as file:
            _check_end(file)
            with zipfile.ZipFile(file) as container:
                yield ZipParts(container)
    except _FAILURES as error:
        raise DocumentError("not a container that reads") from error


def _check_end(file: BinaryIO) -> None:
    size = file.seek(0, 2)
    if size > MOST_FILE:
        raise DocumentError("the file is too large to be looked into")
    file.seek(max(0, size - _END_BYTES - _MOST_COMMENT))
    tail = file.read()
    file.seek(0)
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_BYTES or _LOCATOR64 in tail:
        raise DocumentError("not a container that reads")
    # Every place that a reader could take for the end must keep the bound.
    while place >= 0:
        directory = tail[place + 12 : place + 16]
        if len(directory) == 4 and struct.unpack("<L", directory)[0] > MOST_DIRECTORY:
            raise DocumentError("the container lists more than is looked into")
        place = tail.rfind(_END, 0, place)
