"""The tile files of a log, each checked against its root before it is written.

The edge tiles together give the root; the root of a full tile stands in a tile above it. So every file written is bound to
the head that is being published, whatever may have happened to the nodes kept in a database.
"""

from exchange.transparency.errors import LogRangeError, LogStopped
from exchange.transparency.files import Files
from exchange.transparency.merkle import HashReader, TreeHead, leaf_hash, root_of
from exchange.transparency.store import LogStore
from exchange.transparency.tiles import (
    HEIGHT,
    Tile,
    edge_tiles,
    entry_bundles,
    format_bundle,
    format_hashes,
    hash_tiles,
    root_of_edges,
)


def check_edges(store: LogStore, head: TreeHead) -> None:
    """Check that the partial tiles of the tree give its root; LogStopped when they do not."""
    if root_of_edges([_hashes(store, tile) for tile in edge_tiles(head.size)]) != head.root:
        raise LogStopped(f"the partial tiles of size {head.size} do not give its root")


def write_tiles(
    store: LogStore, tiles: Files, bundles: Files | None, old: int, new: int, *, skip_same: bool = False
) -> None:
    """Write the files a log of size `new` has beyond one of size `old`; LogStopped for one that does not fit the tree.

    A file is written even where it stands already, unless `skip_same`: it may be a rename that no sync made durable yet.
    """
    for tile in entry_bundles(old, new):
        data = format_bundle(_entries(store, tile))
        if bundles is not None:
            _put(bundles, tile, data, skip_same)
    for tile in hash_tiles(old, new):
        hashes = _hashes(store, tile)
        if tile.full and root_of(hashes) != _node_above(store, tile):
            raise LogStopped(f"the hashes of '{tile.path}' do not give the hash above it")
        _put(tiles, tile, format_hashes(hashes), skip_same)


def _put(files: Files, tile: Tile, data: bytes, skip_same: bool) -> None:
    if not (skip_same and files.read(tile.path) == data):
        files.write(tile.path, data)


def _hashes(store: LogStore, tile: Tile) -> list[bytes]:
    try:
        return list(store.hashes(tile.node_level, tile.start, tile.start + tile.width))
    except LogRangeError as error:
        raise LogStopped(f"the hashes of '{tile.path}' are not all there") from error


def _entries(store: LogStore, tile: Tile) -> list[bytes]:
    try:
        entries = list(store.entries(tile.start, tile.start + tile.width))
    except LogRangeError as error:
        raise LogStopped(f"the entries of '{tile.path}' are not all there") from error
    hashes = _hashes(store, Tile(0, tile.number, tile.width))
    for index, (entry, expected) in enumerate(zip(entries, hashes, strict=True), tile.start):
        if leaf_hash(entry) != expected:
            raise LogStopped(f"entry {index} is not the one whose hash the tree holds")
    return entries


def _node_above(store: HashReader, tile: Tile) -> bytes:
    try:
        return store.get(tile.node_level + HEIGHT, tile.number)
    except LogRangeError as error:
        raise LogStopped(f"no hash above '{tile.path}'") from error
