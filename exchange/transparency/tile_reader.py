"""Reading a log's files: from a directory, or from anything that gives bytes for a path.

What is read is not verified here: `verify_offline` checks a copy as a whole, and a proof made from tiles is checked by
whoever is given it.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from exchange.transparency.errors import LogRangeError
from exchange.transparency.merkle import root_of
from exchange.transparency.tiles import HEIGHT, WIDTH, Tile, parse_bundle, parse_hashes

# A bundle of 256 entries of 65,535 bytes, each behind its length.
MAX_FILE_BYTES: Final = 256 * (2 + 65_535)
_CACHED_TILES: Final = 64

Read = Callable[[str], bytes | None]


def directory_reader(root: Path) -> Read:
    """Return a reader of files below `root`: None for one that is not there; at most one byte past the largest bundle."""

    def read(path: str) -> bytes | None:
        try:
            with open(f"{root}/{path}", "rb") as file:
                # Room for the largest bundle would cost more than reading a small one: what the file says, and a byte.
                size = os.fstat(file.fileno()).st_size
                data = file.read(min(size, MAX_FILE_BYTES) + 1)
                return data if len(data) <= size else data + file.read(MAX_FILE_BYTES + 1 - len(data))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    return read


def load_hashes(read: Read, tile: Tile) -> list[bytes] | None:
    """Return a hash tile's hashes, None when there is no file; LogFormatError for a malformed one.

    A log may drop a partial tile once the full one stands (tlog-tiles): then that one's first hashes are taken.
    """
    data = read(tile.path)
    if data is None and not tile.full:
        data = read(tile.whole().path)
        return None if data is None else parse_hashes(data, WIDTH)[: tile.width]
    return None if data is None else parse_hashes(data, tile.width)


def load_entries(read: Read, bundle: Tile) -> list[bytes] | None:
    """Return a bundle's entries, None when there is no file; LogFormatError for a malformed one. As `load_hashes`."""
    data = read(bundle.path)
    if data is None and not bundle.full:
        data = read(bundle.whole().path)
        return None if data is None else parse_bundle(data, WIDTH)[: bundle.width]
    return None if data is None else parse_bundle(data, bundle.width)


class TileReader:
    """A HashReader over the tile files of a log of a given size."""

    def __init__(self, read: Read, size: int) -> None:
        """Read tiles that a log of `size` leaves has."""
        self._read = read
        self._size = size
        self._tiles: dict[Tile, list[bytes]] = {}

    def get(self, level: int, index: int) -> bytes:
        """Return a complete node; LogRangeError when the size has no such node or its tile is not there."""
        if level < 0 or index < 0 or (index + 1) << level > self._size:
            raise LogRangeError(f"no node {index} on level {level} of a tree of size {self._size}")
        tile_level, height = divmod(level, HEIGHT)
        start = index << height
        count = self._size >> (HEIGHT * tile_level)
        number = start // WIDTH
        hashes = self._tile(Tile(tile_level, number, min(WIDTH, count - number * WIDTH)))
        offset = start - number * WIDTH
        return root_of(hashes[offset : offset + (1 << height)])

    def _tile(self, tile: Tile) -> list[bytes]:
        hashes = self._tiles.get(tile)
        if hashes is None:
            hashes = load_hashes(self._read, tile)
            if hashes is None:
                raise LogRangeError(f"no file '{tile.path}'")
            if len(self._tiles) >= _CACHED_TILES:
                self._tiles.pop(next(iter(self._tiles)))
            self._tiles[tile] = hashes
        return hashes
