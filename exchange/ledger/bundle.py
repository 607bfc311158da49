"""Bundles: leaves 256k to 256k+255 with their four views and the seals of their chains, whole or not at all.

Label || u64 index of the first leaf || u16 count || the leaves (73 each) || per leaf four views (1,024 each; zeros for
leaves 0x02 and 0x03) || per leaf 0x02, in order: process (16) || u32 day || u32 number of seals || per seal, by body:
lp(body) || u32 epoch || seal (1,168). Only the last bundle of a log may be short (docs/spec/audit-entry.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from exchange.ledger.chain import PROCESS_BYTES, SEAL_BYTES, ChainRecord, ChainSeal
from exchange.ledger.errors import BadBundleError, BadLeafError, ChainStateError
from exchange.ledger.leaf import LEAF_BYTES, ChainLeaf, EntryLeaf, Leaf, parse_leaf
from exchange.ledger.view import SLOTS, VIEW_BYTES
from keys.encoding import lp, u32, u64

BUNDLE_LEAVES: Final = 256
MEDIA_TYPE: Final = "application/octet-stream"

_LABEL: Final = b"exchange/audit/bundle/v1\0"
_NO_VIEWS: Final = (bytes(VIEW_BYTES),) * SLOTS
_MAX_SEALS: Final = 65_535


@dataclass(frozen=True)
class Stored:
    """One leaf as the server stores it: 73 bytes, with four views if it is an entry, with a record if a chain."""

    leaf: bytes
    views: tuple[bytes, ...] = field(default=(), repr=False)
    chain: ChainRecord | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Row:
    """One leaf as a reader finds it: its index, the leaf, four views (none for a chain or successor), the record."""

    index: int
    leaf: Leaf
    views: tuple[bytes, ...] = field(default=(), repr=False)
    chain: ChainRecord | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Bundle:
    """Up to 256 rows, the first at a multiple of 256."""

    rows: tuple[Row, ...]

    @property
    def first(self) -> int:
        """The index of the first leaf."""
        return self.rows[0].index

    @property
    def leaves(self) -> tuple[bytes, ...]:
        """The leaves' bytes, in order: what the tree is over."""
        return tuple(row.leaf.data for row in self.rows)


def bundle_count(size: int) -> int:
    """Return how many bundles a log of `size` leaves has."""
    return -(-size // BUNDLE_LEAVES)


def build_bundle(first: int, stored: Sequence[Stored]) -> bytes:
    """Return the bytes of a bundle from what is stored; BadBundleError for what cannot be one."""
    _check_span(first, len(stored))
    views: list[bytes] = []
    chains: list[bytes] = []
    for item in stored:
        leaf = _leaf(item.leaf, "a stored leaf")
        if isinstance(leaf, EntryLeaf) != bool(item.views) or isinstance(leaf, ChainLeaf) != (item.chain is not None):
            raise BadBundleError("views stand beside entries and seals beside chains, and nowhere else")
        if item.views and [len(view) for view in item.views] != [VIEW_BYTES] * SLOTS:
            raise BadBundleError(f"an entry has {SLOTS} views of {VIEW_BYTES} bytes")
        views += item.views or _NO_VIEWS
        if item.chain is not None:
            chains.append(_write_chain(item.chain))
    head = _LABEL + u64(first) + len(stored).to_bytes(2, "big")
    return b"".join([head, *(item.leaf for item in stored), *views, *chains])


def parse_bundle(data: bytes) -> Bundle:
    """Read a bundle; BadBundleError naming the leaf for anything but its one spelling.

    Views and seals are not compared with their leaves here: a reader reports such a difference as a finding.
    """
    source = _Source(data)
    if source.take(len(_LABEL)) != _LABEL:
        raise BadBundleError("not a bundle of this version")
    first, count = source.number(8), source.number(2)
    _check_span(first, count)
    leaves = [_leaf(source.take(LEAF_BYTES), f"leaf {first + i}") for i in range(count)]
    views = [tuple(source.take(VIEW_BYTES) for _ in range(SLOTS)) for _ in range(count)]
    rows = []
    for i, leaf in enumerate(leaves):
        chain = _read_chain(source, first + i) if isinstance(leaf, ChainLeaf) else None
        if not isinstance(leaf, EntryLeaf) and views[i] != _NO_VIEWS:
            raise BadBundleError(f"leaf {first + i} is no entry and has views")
        rows.append(Row(first + i, leaf, views[i] if isinstance(leaf, EntryLeaf) else (), chain))
    source.end()
    return Bundle(tuple(rows))


def _check_span(first: int, count: int) -> None:
    if first % BUNDLE_LEAVES or not 0 <= first < 2**53 or not 1 <= count <= BUNDLE_LEAVES:
        raise BadBundleError(f"a bundle has 1 to {BUNDLE_LEAVES} leaves, the first at a multiple of {BUNDLE_LEAVES}")


def _leaf(data: bytes, which: str) -> Leaf:
    try:
        return parse_leaf(data)
    except BadLeafError as error:
        raise BadBundleError(f"{which}: {error}") from None


def _write_chain(chain: ChainRecord) -> bytes:
    seals = [lp(seal.body.encode("ascii")) + u32(seal.epoch) + seal.sealed for seal in chain.seals]
    return chain.process + u32(chain.day) + u32(len(seals)) + b"".join(seals)


def _read_chain(source: "_Source", index: int) -> ChainRecord:
    process, day, count = source.take(PROCESS_BYTES), source.number(4), source.number(4)
    if count > _MAX_SEALS:
        raise BadBundleError(f"leaf {index}: over {_MAX_SEALS} seals")
    seals = []
    for _ in range(count):
        name = source.take(source.number(2))
        if not name.isascii():
            raise BadBundleError(f"leaf {index}: a body's id is not ASCII")
        seals.append(ChainSeal(name.decode("ascii"), source.number(4), source.take(SEAL_BYTES)))
    try:
        return ChainRecord(process, day, tuple(seals))
    except ChainStateError as error:
        raise BadBundleError(f"leaf {index}: {error}") from None


class _Source:
    """Takes bytes from the front; never past the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        if self._at + size > len(self._data):
            raise BadBundleError("a bundle ends too early")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, size: int) -> int:
        """Return the next `size` bytes as a big-endian number."""
        return int.from_bytes(self.take(size), "big")

    def end(self) -> None:
        """Check that nothing is left."""
        if self._at != len(self._data):
            raise BadBundleError("a bundle has bytes after its end")
