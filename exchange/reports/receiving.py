"""A run of pieces on its way from the line to the disk, each hashed while the next arrives.

A thread hashes each piece for its leaf, and another the body as a whole where its digest was sent: hashing, receiving and
writing overlap, and at most a few pieces are in memory.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import Final, Self

from exchange.sealing.errors import PieceSizeError
from exchange.sealing.pieces import FIRST_PIECE_BYTES, HEAD_BYTES, Layout, piece_hash
from exchange.web.incoming import Incoming

# Pieces of one request in memory: one is received while others are hashed.
_BUFFERS: Final = 4
_COMMITMENT_AT: Final = 24
# Of requests that have ended: memory fresh from the system costs a fault for each of its pages.
_SPARE: Final[deque[memoryview]] = deque(maxlen=4 * _BUFFERS)


@dataclass(frozen=True)
class Span:
    """Where a piece lies in its part's ciphertext."""

    number: int
    offset: int
    length: int


@dataclass(frozen=True)
class Received:
    """What arrived: the SHA-256 of the whole body where it was wanted, the leaf hash of each piece, and the commitment where
    piece 0 is among them."""

    digest: bytes | None
    hashes: Sequence[bytes]
    commitment: bytes | None


def run_of(due: Layout, number: int, length: int) -> list[Span]:
    """Return the whole pieces, from `number` on, that a body of `length` bytes is.

    PieceNumberError where there is no such piece, PieceSizeError where the body is not made of whole pieces of this part.
    """
    run: list[Span] = []
    left = length
    while left > 0 or not run:
        if run and number >= due.count:
            raise PieceSizeError(f"the body goes on for {left} bytes after the last piece")
        offset, size = due.offset(number), due.length(number)
        if left < size:
            raise PieceSizeError(f"piece {number} has {left} bytes where {size} are due")
        run.append(Span(number, offset, size))
        number, left = number + 1, left - size
    return run


def receive(
    body: Incoming, run: Sequence[Span], keep: Callable[[Span, memoryview], None], *, digest: bool
) -> Received:
    """Read the pieces of a run and give each to `keep`, in order; return their hashes, and with `digest` that of the whole.

    Raises what `body` and `keep` raise. What `keep` is given is valid during the call alone.
    """
    whole, hashes = hashlib.sha256(), list[bytes]()
    commitment = None
    with _buffers(len(run[:_BUFFERS])) as buffers, ExitStack() as until_hashed:
        hashers = [until_hashed.enter_context(_Hashing(lambda piece: hashes.append(piece_hash(piece))))]
        if digest:
            hashers.append(until_hashed.enter_context(_Hashing(whole.update)))
        for turn, span in enumerate(run):
            for hasher in hashers:
                hasher.wait_for_room()
            piece = buffers[turn % _BUFFERS][: span.length]
            body.read_into(piece)
            for hasher in hashers:
                hasher.give(piece)
            if span.number == 0:
                commitment = bytes(piece[_COMMITMENT_AT:HEAD_BYTES])
            keep(span, piece)
    return Received(whole.digest() if digest else None, hashes, commitment)


@contextmanager
def _buffers(count: int) -> Iterator[list[memoryview]]:
    """Give memory for so many pieces; it may hold others' ciphertext, and is filled before it is read."""
    taken: list[memoryview] = []
    while len(taken) < count:
        try:
            taken.append(_SPARE.pop())
        except IndexError:
            taken.append(memoryview(bytearray(FIRST_PIECE_BYTES)))
    try:
        yield taken
    finally:
        _SPARE.extend(taken)


class _Hashing:
    """Hashes what it is given, in order, in a thread of its own: `hashlib` lets other threads run meanwhile.

    A piece that was given must not change until there is room for another `_BUFFERS` pieces.
    """

    def __init__(self, hash_one: Callable[[memoryview], None]) -> None:
        self._hash_one = hash_one
        self._given: SimpleQueue[memoryview | None] = SimpleQueue()
        self._room = threading.Semaphore(_BUFFERS)
        self._thread = threading.Thread(target=self._run, name="hashing", daemon=True)

    def wait_for_room(self) -> None:
        self._room.acquire()

    def give(self, piece: memoryview) -> None:
        self._given.put(piece)

    def _run(self) -> None:
        while (piece := self._given.get()) is not None:
            try:
                self._hash_one(piece)
            finally:
                self._room.release()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until everything that was given is hashed."""
        self._given.put(None)
        self._thread.join()
