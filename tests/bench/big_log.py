"""A log of any size as files, made straight from its leaves: tiles, bundles and a signed checkpoint, no database.

The bytes are those `exchange.transparency.sequencer` writes for the same leaves; a test compares them.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from exchange.transparency.log_keys import LogKeys
from exchange.transparency.merkle import leaf_hash, root_of
from exchange.transparency.policy import Policy, make_policy
from exchange.transparency.tiles import ENTRIES, HEIGHT, WIDTH, Tile, edge_tiles, format_bundle, root_of_edges

ENTRY_BYTES: Final = 73
NOW: Final = 1_790_000_000
KEYS: Final = LogKeys("exchange.example/audit/1", bytes(range(32)), bytes(range(32, 64)))


def policy() -> Policy:
    """Return the policy under which the log verifies."""
    return make_policy([KEYS.public])


def entries(start: int, stop: int) -> list[bytes]:
    """Return entries as the audit log has them: a kind, a time, and two commitments that look random."""
    made = []
    for index in range(start, stop):
        place = index.to_bytes(8, "big")
        random = hashlib.shake_128(place).digest(64)
        made.append(b"\x01" + (NOW - NOW % 60).to_bytes(8, "big") + random)
    return made


def write_log(folder: Path, size: int) -> bytes:
    """Write the files of a log of `size` leaves into a folder and return its root."""
    hashes: dict[int, list[bytes]] = {}
    for number, start in enumerate(range(0, size, WIDTH)):
        leaves = entries(start, min(start + WIDTH, size))
        _write(folder, Tile(ENTRIES, number, len(leaves)), format_bundle(leaves))
        hashes.setdefault(0, []).extend(map(leaf_hash, leaves))
        for level, place in _full(hashes, number):
            _tile(folder, level, place, hashes)
    edges = edge_tiles(size)
    root = root_of_edges([hashes[tile.level][: tile.width] for tile in edges])
    for tile in edges:
        _write(folder, tile, b"".join(hashes[tile.level]))
    (folder / "checkpoint").write_bytes(KEYS.sign_checkpoint(size, root, NOW))
    return root


def _full(hashes: dict[int, list[bytes]], number: int) -> Iterator[tuple[int, int]]:
    """Yield level and number of each tile that the last leaves have completed, from the lowest level up."""
    level, place = 0, number
    while len(hashes.get(level, ())) == WIDTH:
        yield level, place
        level, place = level + 1, place >> HEIGHT


def _tile(folder: Path, level: int, place: int, hashes: dict[int, list[bytes]]) -> None:
    """Write a full tile, hand its root to the level above, and begin the next of its level."""
    done = hashes.pop(level)
    _write(folder, Tile(level, place), b"".join(done))
    hashes.setdefault(level + 1, []).append(root_of(done))


def _write(folder: Path, tile: Tile, data: bytes) -> None:
    path = folder / tile.path
    try:
        path.write_bytes(data)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
