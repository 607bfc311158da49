"""A part's ciphertext in one file of this machine, its pieces at their places.

The spool of a sender and the store of a reader use it; only ciphertext is ever in it.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from exchange.sealing.disk import PRIVATE_FILE, disk_errors, write_all
from exchange.sealing.errors import PieceMissingError
from exchange.sealing.pieces import Layout


class PieceFile:
    """Reads the pieces of a file that holds a whole ciphertext, or its first pieces while they are being fetched."""

    def __init__(self, path: Path, layout: Layout) -> None:
        """Take the file's path, whether or not it exists yet, and the layout of the ciphertext."""
        self.path = path
        self.layout = layout

    def piece(self, number: int) -> bytes:
        """Return piece `number`, whole; PieceMissingError if the file ends before it does, PieceNumberError, DiskError."""
        start, length = self.layout.offset(number), self.layout.length(number)
        with disk_errors("a piece could not be read"):
            try:
                descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError as error:
                raise PieceMissingError(f"piece {number} is missing") from error
            try:
                data = _read_all(descriptor, length, start)
            finally:
                os.close(descriptor)
        if len(data) != length:
            raise PieceMissingError(f"piece {number} is missing")
        return data

    def pieces(self) -> Iterator[bytes]:
        """Yield every piece in order, one in memory at a time; raises as `piece` does."""
        for number in range(self.layout.count):
            yield self.piece(number)

    def present(self) -> int:
        """Return how many whole pieces the file holds from the first on: where fetching goes on."""
        try:
            size = self.path.stat().st_size
        except OSError:
            return 0
        if size >= self.layout.size:
            return self.layout.count
        number = 0
        while number < self.layout.count and self.layout.offset(number) + self.layout.length(number) <= size:
            number += 1
        return number

    def store(self, number: int, piece: bytes) -> None:
        """Write piece `number` at its place, creating the file (0600) with the first.

        Raises PieceSizeError for another length than is due, DiskFullError, DiskError. Pieces are stored in order: a
        later one would leave a hole that `present` takes for stored.
        """
        self.layout.check(number, len(piece))
        with disk_errors("a piece could not be written"):
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(self.path, flags, PRIVATE_FILE)
            try:
                os.lseek(descriptor, self.layout.offset(number), os.SEEK_SET)
                write_all(descriptor, piece)
            finally:
                os.close(descriptor)


def _read_all(descriptor: int, length: int, start: int) -> bytes:
    data = os.pread(descriptor, length, start)
    while len(data) < length:
        more = os.pread(descriptor, length - len(data), start + len(data))
        if not more:
            break
        data += more
    return data
