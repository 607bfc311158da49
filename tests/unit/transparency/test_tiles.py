"""Paths, contents and sets of tile files are those of C2SP tlog-tiles."""

import itertools

import pytest

from exchange.transparency.errors import LogFormatError, LogRangeError
from exchange.transparency.merkle import root_at
from exchange.transparency.store import MemoryLog
from exchange.transparency.tile_reader import TileReader
from exchange.transparency.tiles import (
    ENTRIES,
    Tile,
    edge_tiles,
    entry_bundles,
    format_bundle,
    hash_tiles,
    parse_bundle,
    parse_hashes,
    parse_path,
    root_of_edges,
)
from tests.unit.transparency import slow_tree


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1067), "tile/0/x001/067"),
        (Tile(1, 1234067), "tile/1/x001/x234/067"),
        (Tile(2, 999, 17), "tile/2/999.p/17"),
        (Tile(0, 1000, 255), "tile/0/x001/000.p/255"),
        (Tile(ENTRIES, 1067, 1), "tile/entries/x001/067.p/1"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    """A tile has the path the specification gives, and the path gives the tile back."""
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        *(
            "",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000/067",
            "tile/0/001/067",
            "tile/00/000",
            "tile/8/000",
            "tile/-1/000",
        ),
        *("tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "/tile/0/000", "tile/0/000\n"),
        *("tile/0/x001/../000", "tile/entry/000", "tile/data/000", "tile/7/x001/000", "tile/0/٠٠٠", "checkpoint"),
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    """A second spelling, a width or level out of range, a number beyond any tree: a LogFormatError."""
    with pytest.raises(LogFormatError):
        parse_path(path)


def paths(tiles: list[Tile]) -> list[str]:
    return [tile.path for tile in tiles]


@pytest.mark.parametrize(
    ("size", "full", "partial"),
    [
        (0, 0, []),
        (1, 0, ["tile/0/000.p/1"]),
        (255, 0, ["tile/0/000.p/255"]),
        (256, 1, ["tile/1/000.p/1"]),
        (257, 1, ["tile/1/000.p/1", "tile/0/001.p/1"]),
        (65536, 257, ["tile/2/000.p/1"]),
        (70000, 274, ["tile/2/000.p/1", "tile/1/001.p/17", "tile/0/273.p/112"]),
    ],
)
def test_tiles_of_a_size(size: int, full: int, partial: list[str]) -> None:
    """A size has the full and partial tiles the specification counts (its own example is 70,000 and 256)."""
    tiles = list(hash_tiles(0, size))
    assert sum(tile.full for tile in tiles) == full
    assert paths(edge_tiles(size)) == partial
    assert sorted(tile for tile in tiles if not tile.full) == sorted(edge_tiles(size))


def test_growing_writes_only_what_changed() -> None:
    """Between two sizes, only new and widened tiles are named; the files of any route to a size include its own."""
    assert paths(list(hash_tiles(255, 257))) == ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]
    assert paths(list(entry_bundles(255, 257))) == ["tile/entries/000", "tile/entries/001.p/1"]
    assert list(hash_tiles(300, 300)) == list(entry_bundles(5, 4)) == []
    for route in ([0, 600], [0, 1, 255, 256, 257, 600], list(range(601))):
        written = {tile for old, new in itertools.pairwise(route) for tile in hash_tiles(old, new)}
        assert set(hash_tiles(0, 600)) <= written


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600, 65536])
def test_tiles_give_roots_and_nodes(size: int) -> None:
    """From the tile files alone: the root, and every node that a proof could want."""
    log = MemoryLog([str(i).encode() for i in range(size)])
    files = {}
    for tile in hash_tiles(0, size):
        files[tile.path] = b"".join(log.hashes(tile.node_level, tile.start, tile.start + tile.width))
    edges = [parse_hashes(files[tile.path], tile.width) for tile in edge_tiles(size)]
    assert root_of_edges(edges) == log.head().root
    reader = TileReader(files.get, size)
    for earlier in {0, min(1, size), size // 3, size // 2, max(size - 1, 0), size}:
        assert root_at(reader, earlier) == root_at(log, earlier)
    for level in range(size.bit_length()):
        last = (size >> level) - 1
        if last >= 0:
            assert reader.get(level, last) == log.get(level, last)
        with pytest.raises(LogRangeError):
            reader.get(level, last + 1)


def test_reader_takes_a_full_tile_for_a_dropped_partial_one() -> None:
    """A log may drop partial tiles once full ones stand: an older size is then read from the full tile."""
    log = MemoryLog(slow_tree.entries(256))
    files = {"tile/0/000": b"".join(log.hashes(0, 0, 256))}
    assert root_at(TileReader(files.get, 100), 100) == root_at(log, 100)
    with pytest.raises(LogRangeError, match="no file"):
        root_at(TileReader({}.get, 100), 100)


def test_bundles() -> None:
    """Entries of every length come back; a bundle cut, padded, or with more or fewer entries is refused."""
    entries = [b"", b"x", bytes(73), b"y" * 65_535]
    data = format_bundle(entries)
    assert parse_bundle(data, 4) == entries
    for damaged, width in [(data[:-1], 4), (data + b"\0", 4), (data, 3), (data, 5), (b"\0", 1), (b"", 1)]:
        with pytest.raises(LogFormatError):
            parse_bundle(damaged, width)
    with pytest.raises(LogFormatError):
        format_bundle([bytes(65_536)])
    with pytest.raises(LogFormatError):
        parse_hashes(bytes(63), 2)
