"""Whether pieces are those a part's descriptor names: the check before a release is asked for, and again when opening."""

import hmac
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from exchange.sealing.content import HASHERS
from exchange.sealing.descriptor import PartDescriptor
from exchange.sealing.errors import CommitmentError, PieceSizeError, RootMismatchError
from exchange.sealing.pieces import HEAD_BYTES, Pieces, piece_hash, root_of

SALT_BYTES = 24
# Pieces handed to the hashing threads at a time; each thread holds one in memory.
AHEAD = 64


def head_of(pieces: Pieces) -> tuple[bytes, bytes]:
    """Return salt (24 bytes) and commitment (32 bytes), as the ciphertext's first piece begins with them."""
    head = pieces.piece(0)[:HEAD_BYTES]
    return head[:SALT_BYTES], head[SALT_BYTES:]


def check_commitment(pieces: Pieces, part: PartDescriptor) -> None:
    """CommitmentError unless the ciphertext begins with the commitment that the descriptor names."""
    _, commitment = head_of(pieces)
    if not hmac.compare_digest(commitment, part.commitment):
        raise CommitmentError("the ciphertext is committed to another key")


def check_root(pieces: Pieces, part: PartDescriptor) -> None:
    """Read every piece once and check them against the descriptor, a few pieces in memory at a time.

    Raises PieceSizeError where the ciphertext has another size, PieceMissingError for a piece that is not there, and
    RootMismatchError where a byte differs, pieces are in another order or belong to another part.
    """
    if pieces.layout.size != part.size or pieces.layout.count != part.pieces:
        raise PieceSizeError("the ciphertext does not have the size its descriptor names")
    root = root_of(_hashes(pieces, part.pieces))
    if not hmac.compare_digest(root, part.root):
        raise RootMismatchError("the pieces do not give the root their descriptor names")


def _hashes(pieces: Pieces, count: int) -> Iterator[bytes]:
    """Yield the pieces' hashes in order; several are read and hashed at once, which leaves the interpreter to others."""
    with ThreadPoolExecutor(HASHERS) as pool:
        for start in range(0, count, AHEAD):
            numbers = range(start, min(start + AHEAD, count))
            yield from pool.map(lambda number: piece_hash(pieces.piece(number)), numbers)
