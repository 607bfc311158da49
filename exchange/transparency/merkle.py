"""The RFC 6962 Merkle tree: hashing, growing, and reading the root of any earlier size.

A *node* (level, index) is the hash of the complete subtree over leaves [index << level, (index + 1) << level). Complete
nodes never change, so a log keeps them all and everything else is derived: the root of a size is the fold of its *peaks*,
the complete subtrees of that size from left to right. Proofs are in `paths`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, runtime_checkable

from exchange.transparency.errors import LogFormatError, LogRangeError

HASH_BYTES: Final = 32
MAX_SIZE: Final = 2**63 - 1
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


class TreeHead(NamedTuple):
    """Size (number of leaves) and root of a tree."""

    size: int
    root: bytes


class HashReader(Protocol):
    """Complete nodes of a tree, read by coordinates."""

    def get(self, level: int, index: int) -> bytes:
        """Return the 32 bytes of a complete node; any TransparencyError when there is none."""
        ...


@runtime_checkable
class NodeGatherer(HashReader, Protocol):
    """A HashReader that reads many nodes as cheaply as one: a table, asked once."""

    def gather(self, places: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], bytes]:
        """Return the nodes at these (level, index); any TransparencyError when one is missing."""
        ...


class NodeStore(HashReader, Protocol):
    """A HashReader that also keeps new nodes, in the transaction in which their leaves are kept."""

    def put(self, level: int, index: int, node: bytes) -> None:
        """Keep a node; it is put once and never changes."""
        ...


NodeSink = Callable[[int, int, bytes], None]


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 || entry), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class TreeHasher:
    """A tree that only grows, in memory of O(log n): the peaks of its size and nothing else."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = (), sink: NodeSink | None = None) -> None:
        """Start at `size` with its peaks from left to right; `sink` is given each new complete node, leaves included.

        Raises LogRangeError when there are not as many peaks as the size has.
        """
        if not 0 <= size <= MAX_SIZE or len(peaks) != size.bit_count():
            raise LogRangeError(f"a tree of size {size} does not have {len(peaks)} peaks")
        self._size = size
        self._peaks = [_checked(peak) for peak in peaks]
        self._sink = sink

    @classmethod
    def resume(cls, reader: HashReader, size: int, sink: NodeSink | None = None) -> "TreeHasher":
        """Return a hasher that continues the tree of `size` leaves whose nodes `reader` holds."""
        return cls(size, hashes_at(reader, list(peaks_of(0, size))), sink)

    @property
    def size(self) -> int:
        """Number of leaves so far."""
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The complete subtrees of this size, from left to right: enough to continue with."""
        return tuple(self._peaks)

    def add(self, leaf: bytes) -> None:
        """Append a leaf given by its hash (32 bytes; LogFormatError otherwise)."""
        node = _checked(leaf)
        if self._size == MAX_SIZE:
            raise LogRangeError("the tree is full")
        level, index = 0, self._size
        self._emit(level, index, node)
        while index & 1:
            node = node_hash(self._peaks.pop(), node)
            level, index = level + 1, index >> 1
            self._emit(level, index, node)
        self._peaks.append(node)
        self._size += 1

    def root(self) -> bytes:
        """Return the root of what was added so far; of nothing, the hash of the empty string."""
        return fold(self._peaks) if self._peaks else EMPTY_ROOT

    def head(self) -> TreeHead:
        """Return size and root."""
        return TreeHead(self._size, self.root())

    def _emit(self, level: int, index: int, node: bytes) -> None:
        if self._sink is not None:
            self._sink(level, index, node)


def append(store: NodeStore, size: int, leaf_hashes: Iterable[bytes]) -> TreeHead:
    """Append leaves to the tree of `size` leaves in `store` and return the new head.

    Reads the O(log size) peaks at once and puts each new complete node, level 0 included: two on average for each leaf.
    The caller holds the lock and the transaction that make `size` the present size.
    """
    hasher = TreeHasher.resume(store, size, store.put)
    for leaf in leaf_hashes:
        hasher.add(leaf)
    return hasher.head()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the RFC 6962 root over leaf hashes, also used for the pieces of a part and the seats of an epoch."""
    hasher = TreeHasher()
    for leaf in leaf_hashes:
        hasher.add(leaf)
    return hasher.root()


def root_at(reader: HashReader, size: int) -> bytes:
    """Return the root the tree had at `size`, from nodes alone."""
    if not 0 <= size <= MAX_SIZE:
        raise LogRangeError(f"no tree has size {size}")
    return subtree_hash(reader, 0, size) if size else EMPTY_ROOT


def subtree_hash(reader: HashReader, start: int, stop: int) -> bytes:
    """Return MTH(D[start:stop]) (RFC 6962 section 2.1) from nodes; `start` is a multiple of the largest subtree in it."""
    return fold(hashes_at(reader, list(peaks_of(start, stop))))


def hashes_at(reader: HashReader, places: Sequence[tuple[int, int]]) -> list[bytes]:
    """Return the nodes at these (level, index), in this order, asked for at once where the reader can."""
    if isinstance(reader, NodeGatherer) and len(places) > 1:
        found = reader.gather(places)
        return [found[place] for place in places]
    return [reader.get(level, index) for level, index in places]


def subtree_hashes(reader: HashReader, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """Return `subtree_hash` of each (start, stop), every node of all of them asked for at once."""
    peaks = [list(peaks_of(start, stop)) for start, stop in ranges]
    nodes = iter(hashes_at(reader, [place for places in peaks for place in places]))
    return [fold([next(nodes) for _ in places]) for places in peaks]


def peaks_of(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield (level, index) of the complete subtrees that make up [start, stop), from left to right, largest first."""
    remaining = stop - start
    while remaining:
        level = remaining.bit_length() - 1
        yield level, start >> level
        start += 1 << level
        remaining -= 1 << level


def fold(peaks: Sequence[bytes]) -> bytes:
    """Return the root over at least one peak, from left to right: the right-hand side of a tree is hashed first."""
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def _checked(value: bytes) -> bytes:
    if len(value) != HASH_BYTES:
        raise LogFormatError(f"a hash of {len(value)} bytes where {HASH_BYTES} are due")
    return value
