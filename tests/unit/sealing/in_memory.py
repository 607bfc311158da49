"""Pieces held in memory, for tests of what reads pieces."""

from exchange.sealing.errors import PieceMissingError
from exchange.sealing.pieces import Layout, layout
from tests.unit.sealing import slow_pieces


class MemoryPieces:
    """A ciphertext cut by the slow twin; a test may change, swap or remove (None) its pieces."""

    def __init__(self, ciphertext: bytes) -> None:
        self.cut: list[bytes | None] = list(slow_pieces.cut(ciphertext))
        self.layout: Layout = layout(len(ciphertext))

    def piece(self, number: int) -> bytes:
        found = self.cut[number]
        if found is None:
            raise PieceMissingError(f"piece {number} is missing")
        return found
