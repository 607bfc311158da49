"""Piece arithmetic, padding and the tree head over pieces (docs/spec/report.md, "Pieces"). Nothing here holds a key.

A ciphertext is the 56-byte head and chunks of 16,384 + 16 bytes. Piece 0 is the head with 64 chunks, every later piece
64 chunks, the last one shorter: 16 bytes where the padded file is an exact multiple of 1 MiB. Pieces are sent, stored
and hashed whole; the root is the RFC 6962 tree head over them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from exchange.sealing.errors import BadSizeError, PieceNumberError, PieceSizeError

CHUNK_BYTES: Final = 16_384
TAG_BYTES: Final = 16
SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES
HEAD_BYTES: Final = 24 + 32  # salt, commitment (C2SP chunked-encryption)
CHUNKS_PER_PIECE: Final = 64
PIECE_BYTES: Final = CHUNKS_PER_PIECE * SEALED_CHUNK_BYTES
FIRST_PIECE_BYTES: Final = HEAD_BYTES + PIECE_BYTES

# The least a file is padded to, so that a one-line letter and a ten-page report look alike.
LEAST_PADDED_BYTES: Final = 65_536
# A bound of ours, far below the cipher's: 2^40 bytes are about a million pieces, whose hashes still fit in memory.
MOST_PADDED_BYTES: Final = 2**40


def padme(size: int) -> int:
    """Return the Padmé size of `size` bytes (Nikitin et al., PETS 2019): at most 12 % more, O(log log) leakage."""
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (size + mask) & ~mask


def padded_size(size: int) -> int:
    """Return the bytes a file of `size` bytes is padded to: Padmé(max(size, 65,536)); BadSizeError over 2^40."""
    if size < 0:
        raise BadSizeError("a size is negative")
    padded = padme(max(size, LEAST_PADDED_BYTES))
    if padded > MOST_PADDED_BYTES:
        raise BadSizeError("a file is over 2^40 bytes")
    return padded


def sealed_size(plaintext_size: int) -> int:
    """Return the bytes of one Cobblestone message over `plaintext_size` bytes: head, bytes, a tag a chunk."""
    return HEAD_BYTES + plaintext_size + TAG_BYTES * (plaintext_size // CHUNK_BYTES + 1)


def opened_size(ciphertext_size: int) -> int:
    """Return the bytes inside a Cobblestone message of `ciphertext_size` bytes; BadSizeError if none has that size."""
    full, rest = divmod(ciphertext_size - HEAD_BYTES, SEALED_CHUNK_BYTES)
    if full < 0 or rest < TAG_BYTES:
        raise BadSizeError("no message has this size")
    return full * CHUNK_BYTES + rest - TAG_BYTES


@dataclass(frozen=True)
class Layout:
    """How a part's ciphertext of `size` bytes falls into pieces; made by `layout`, which checks the size."""

    size: int
    count: int

    def offset(self, number: int) -> int:
        """Return where piece `number` (from 0) begins; PieceNumberError if there is none of that number."""
        if not 0 <= number < self.count:
            raise PieceNumberError(f"no piece {number} of {self.count}")
        return HEAD_BYTES + number * PIECE_BYTES if number else 0

    def length(self, number: int) -> int:
        """Return the exact bytes of piece `number`; PieceNumberError if there is none of that number."""
        start = self.offset(number)
        return min(self.size, HEAD_BYTES + (number + 1) * PIECE_BYTES) - start

    def check(self, number: int, piece_size: int) -> None:
        """PieceSizeError unless piece `number` has exactly `piece_size` bytes; PieceNumberError if there is none."""
        due = self.length(number)
        if piece_size != due:
            raise PieceSizeError(f"piece {number} has {piece_size} bytes where {due} are due")


def layout(ciphertext_size: int) -> Layout:
    """Return the pieces of a part's ciphertext.

    BadSizeError unless the size is that of a padded file: a depositor's client that did not pad would tell the server
    the true size, so nothing unpadded is accepted.
    """
    padded = opened_size(ciphertext_size)
    if padded < LEAST_PADDED_BYTES or padded > MOST_PADDED_BYTES or padme(padded) != padded:
        raise BadSizeError("not the size of a padded file")
    chunks = padded // CHUNK_BYTES + 1
    return Layout(ciphertext_size, -(-chunks // CHUNKS_PER_PIECE))


class Pieces(Protocol):
    """A part's ciphertext, wherever it lies, piece by piece."""

    @property
    def layout(self) -> Layout:
        """How the ciphertext falls into pieces."""

    def piece(self, number: int) -> bytes:
        """Return a whole piece; PieceMissingError where it is not there, PieceNumberError where there is none."""


def piece_hash(piece: bytes | bytearray | memoryview) -> bytes:
    """Return a piece's leaf hash: SHA-256(0x00 || piece)."""
    hasher = hashlib.sha256(b"\0")
    hasher.update(piece)
    return hasher.digest()


def root_of(piece_hashes: Iterable[bytes]) -> bytes:
    """Return the RFC 6962 tree head over leaf hashes, in O(log n) memory; of no leaves, SHA-256 of nothing."""
    # One complete subtree per set bit of the number of leaves so far, the largest first.
    subtrees: list[bytes] = []
    for count, leaf in enumerate(piece_hashes):
        node, complete = leaf, count
        while complete & 1:
            node = _parent(subtrees.pop(), node)
            complete >>= 1
        subtrees.append(node)
    if not subtrees:
        return hashlib.sha256().digest()
    head = subtrees.pop()
    while subtrees:
        head = _parent(subtrees.pop(), head)
    return head


def _parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
