"""What `flask fsck` asks of both logs: head, nodes and leaves agree, nothing signed is contradicted, files are derived."""

from collections.abc import Iterator, Mapping
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange.db import Database
from exchange.logs.models import LogLeaf, LogNode
from exchange.logs.places import LOGS, LogPlace, LogPlaces
from exchange.logs.tree import CommittedLog, UnitLog
from exchange.transparency import sequencer
from exchange.transparency.checkpoint import Checkpoint
from exchange.transparency.errors import LogRangeError, TransparencyError
from exchange.transparency.merkle import TreeHasher, leaf_hash, root_at
from exchange.transparency.tiles import (
    ENTRIES,
    WIDTH,
    Tile,
    entry_bundles,
    format_bundle,
    format_hashes,
    hash_tiles,
)
from exchange.web.feature import Check
from exchange.web.services import Services

_TRIES = 3


def check_trees(services: Services) -> Iterator[str]:
    """Yield what is wrong with head, leaves and nodes: each tree is built anew from its leaves and compared."""
    for name in LOGS:
        place = services.get(LogPlaces).place(name)
        with services.get(Database).unit_of_work() as uow:
            yield from _check_tree(uow.session, place)


def _check_tree(session: Session, place: LogPlace) -> Iterator[str]:
    tree = UnitLog(session, place.log, place.n)
    head = tree.head()
    leaves = _count(session, LogLeaf, place)
    if leaves != head.size:
        yield f"log '{place.log}': {leaves} leaves where the head says {head.size}"
    wrong: list[str] = []
    made = 0

    def compare(level: int, index: int, node: bytes) -> None:
        nonlocal made
        made += 1
        try:
            same = tree.get(level, index) == node
        except LogRangeError:
            same = False
        if not same:
            wrong.append(f"log '{place.log}': node {index} of level {level} is not what the leaves give")

    hasher = TreeHasher(sink=compare)
    try:
        for start in range(0, head.size, WIDTH):
            for leaf in tree.entries(start, min(start + WIDTH, head.size)):
                hasher.add(leaf_hash(leaf))
    except LogRangeError:
        yield f"log '{place.log}': leaves are missing below {head.size}"
        return
    if hasher.root() != head.root:
        yield f"log '{place.log}': the root kept for size {head.size} is not that of its leaves"
    yield from islice(wrong, 10)
    nodes = _count(session, LogNode, place)
    if nodes != made:
        yield f"log '{place.log}': {nodes} nodes where {made} are due"


def _count(session: Session, table: type[LogLeaf] | type[LogNode], place: LogPlace) -> int:
    query = select(func.count()).select_from(table).where(table.log == place.log, table.n == place.n)
    return int(session.scalar(query) or 0)


def check_memory(services: Services) -> Iterator[str]:
    """Yield what is wrong with the last signed checkpoint, and what the committed tree does not extend."""
    for name in LOGS:
        place = services.get(LogPlaces).place(name)
        with CommittedLog(services.get(Database), name, place.n) as tree:
            note = place.files.private.read(sequencer.SIGNED)
            size = tree.head().size
            if note is None:
                if size or place.files.public.read(sequencer.CHECKPOINT) is not None:
                    yield f"log '{name}': no memory of what was signed"
                continue
            try:
                last = place.keys.public.verify(note).checkpoint
            except TransparencyError as error:
                yield f"log '{name}': the last signed checkpoint does not verify: {error}"
                continue
            if last.size > size:
                yield f"log '{name}': {last.size} leaves were signed and {size} are there: leaves are lost"
            elif not _is_tree(tree, last):
                yield f"log '{name}': the tree of size {last.size} is not the one that was signed"


def _is_tree(tree: CommittedLog, checkpoint: Checkpoint) -> bool:
    try:
        return root_at(tree, checkpoint.size) == checkpoint.root
    except LogRangeError:
        return False


def check_files(services: Services) -> Iterator[str]:
    """Yield each published file that is not what the leaves derive; a publication meanwhile begins the check anew."""
    places = services.get(LogPlaces)
    for name in LOGS:
        place = places.place(name)
        found: list[str] = []
        for _ in range(_TRIES):
            before = place.files.public.read(sequencer.CHECKPOINT)
            found = list(_check_files(services.get(Database), place, before))
            if place.files.public.read(sequencer.CHECKPOINT) == before:
                break
        yield from found
    yield from _check_policies(places, places.policies)


def _check_policies(places: LogPlaces, policies: Mapping[str, bytes]) -> Iterator[str]:
    for file, text in policies.items():
        kept = places.shared.read(file)
        if kept is not None and kept != text:
            yield f"'{file}' is not the policy of this instance's keys"


def _check_files(database: Database, place: LogPlace, note: bytes | None) -> Iterator[str]:
    with CommittedLog(database, place.log, place.n) as tree:
        committed = tree.head().size
        if note is None:
            if committed:
                yield f"log '{place.log}': no public checkpoint"
            return
        try:
            public = place.keys.public.verify(note).checkpoint
        except TransparencyError as error:
            yield f"log '{place.log}': the public checkpoint does not verify: {error}"
            return
        if public.size > committed or not _is_tree(tree, public):
            yield f"log '{place.log}': the public checkpoint of size {public.size} is not of this log"
            return
        yield from _check_tiles(tree, place, public.size)


def _check_tiles(tree: CommittedLog, place: LogPlace, size: int) -> Iterator[str]:
    for tile in (*hash_tiles(0, size), *entry_bundles(0, size)):
        files = place.files.entries if tile.level == ENTRIES else place.files.public
        if files is not None and files.read(tile.path) != _derived(tree, tile):
            yield f"log '{place.log}': the file '{tile.path}' is not what the leaves give"


def _derived(tree: CommittedLog, tile: Tile) -> bytes | None:
    """Return what a tile's file must hold; None when the tables lack what it is made of, which another check names."""
    try:
        if tile.level == ENTRIES:
            return format_bundle(list(tree.entries(tile.start, tile.start + tile.width)))
        return format_hashes(list(tree.hashes(tile.node_level, tile.start, tile.start + tile.width)))
    except LogRangeError:
        return None


CHECKS = (Check("trees", check_trees), Check("memory", check_memory), Check("files", check_files))
