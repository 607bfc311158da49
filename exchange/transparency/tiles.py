"""C2SP tlog-tiles: the files a tree is served as (https://c2sp.org/tlog-tiles).

A hash tile holds up to 256 nodes of level 8 * its own level; an entry bundle up to 256 entries, each behind its big-endian
u16 length. A path names level, number and, below 256, the width: `tile/0/x001/067.p/12`, `tile/entries/000`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from exchange.transparency.errors import LogFormatError
from exchange.transparency.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE, TreeHasher, fold

WIDTH: Final = 256
HEIGHT: Final = 8
ENTRIES: Final = -1  # the "level" of entry bundles
# Sizes stay below 2^63, so no tile stands above level 7 (63 // 8).
TOP_LEVEL: Final = 7

_PATH: Final = re.compile(r"tile/([0-7]|entries)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, order=True)
class Tile:
    """A hash tile (level 0 to 7) or entry bundle (level ENTRIES): its number in the level, and its width, 1 to 256."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix, without a leading slash."""
        elements = [f"{self.number % 1000:03}"]
        rest = self.number // 1000
        while rest:
            elements.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        suffix = "" if self.full else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(elements)}{suffix}"

    @property
    def full(self) -> bool:
        """Whether it is 256 wide."""
        return self.width == WIDTH

    @property
    def start(self) -> int:
        """Index, within its level, of its first hash or entry."""
        return self.number * WIDTH

    @property
    def node_level(self) -> int:
        """Level in the tree of the nodes it holds (of a bundle: of its entries' leaves)."""
        return HEIGHT * max(self.level, 0)

    def whole(self) -> "Tile":
        """Return the full tile of the same place."""
        return Tile(self.level, self.number)


def parse_path(path: str) -> Tile:
    """Return the tile that a path of the one permitted spelling names; LogFormatError otherwise."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise LogFormatError("not the path of a tile")
    level = ENTRIES if match[1] == "entries" else int(match[1])
    tile = Tile(level, int(match[2].replace("x", "").replace("/", "")), int(match[3] or WIDTH))
    if tile.path != path or tile.start >= MAX_SIZE >> tile.node_level:
        raise LogFormatError("not the path of a tile")
    return tile


def hash_tiles(old: int, new: int) -> Iterator[Tile]:
    """Yield the hash tiles that a tree of size `new` has and one of size `old` has not, or has narrower."""
    for level in range(TOP_LEVEL + 1):
        yield from _grown(level, old >> (HEIGHT * level), new >> (HEIGHT * level))


def entry_bundles(old: int, new: int) -> Iterator[Tile]:
    """Yield the entry bundles that a log of size `new` has and one of size `old` has not, or has narrower."""
    yield from _grown(ENTRIES, old, new)


def edge_tiles(size: int) -> list[Tile]:
    """Return the partial hash tiles of a tree of `size`, highest level first: together they give its root."""
    widths = ((level, size >> (HEIGHT * level)) for level in range(TOP_LEVEL, -1, -1))
    return [Tile(level, count // WIDTH, count % WIDTH) for level, count in widths if count % WIDTH]


def root_of_edges(edges: Sequence[Sequence[bytes]]) -> bytes:
    """Return the root of a tree from the hashes of its `edge_tiles`, in their order; of none, the empty root."""
    peaks: list[bytes] = []
    for hashes in edges:
        hasher = TreeHasher()
        for value in hashes:
            hasher.add(value)
        peaks += hasher.peaks
    return fold(peaks) if peaks else EMPTY_ROOT


def root_of_full(hashes: Sequence[bytes]) -> bytes:
    """Return the hash above a full tile: the root over its 256 hashes, level by level.

    As `merkle.root_of`, without a hasher that could go on: in a long verification this is half of the work.
    """
    row = hashes
    while len(row) > 1:
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def leaf_hashes(entries: Sequence[bytes]) -> list[bytes]:
    """Return the leaf hash of each entry (`merkle.leaf_hash`), many at once."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def _grown(level: int, old: int, new: int) -> Iterator[Tile]:
    if new <= old:
        return
    for number in range(old // WIDTH, -(-new // WIDTH)):
        yield Tile(level, number, min(WIDTH, new - number * WIDTH))


def format_hashes(hashes: Sequence[bytes]) -> bytes:
    """Return the bytes of a hash tile."""
    return b"".join(hashes)


def parse_hashes(data: bytes, width: int) -> list[bytes]:
    """Return the `width` hashes of a hash tile; LogFormatError for any other length."""
    if len(data) != width * HASH_BYTES:
        raise LogFormatError(f"a hash tile of {len(data)} bytes where {width * HASH_BYTES} are due")
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


def format_bundle(entries: Sequence[bytes]) -> bytes:
    """Return the bytes of an entry bundle; LogFormatError for an entry over 65,535 bytes."""
    if any(len(entry) > 0xFFFF for entry in entries):
        raise LogFormatError("an entry is over 65,535 bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """Return the `width` entries of a bundle; LogFormatError when it is cut, or holds more or fewer."""
    # The audit log's entries all have one length: then they lie at equal steps, and their lengths in two columns.
    step = 2 + int.from_bytes(data[:2], "big")
    if len(data) == step * width and data[::step] == data[:1] * width and data[1::step] == data[1:2] * width:
        return [data[at + 2 : at + step] for at in range(0, len(data), step)]
    return _parse_uneven(data, width)


def _parse_uneven(data: bytes, width: int) -> list[bytes]:
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        stop = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if stop > len(data) or len(entries) == width:
            raise LogFormatError(f"an entry bundle that does not hold exactly {width} whole entries")
        entries.append(data[at + 2 : stop])
        at = stop
    if len(entries) != width:
        raise LogFormatError(f"an entry bundle of {len(entries)} entries where {width} are due")
    return entries
