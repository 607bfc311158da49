"""Verifying a whole copy of a log from its files alone, and naming the spot where it was tampered with.

Trust comes from above: the signatures vouch for the root, the root for the edge tiles, each hash of a tile for the full
tile under it, the tiles of level 0 for the entries. A file that does not give the hash above it is compared with what lies
below it: where that gives the hash, the file alone is altered, and the exact hashes are named; where nothing does, the
leaves under it are named. Memory stays flat: one tile a level, one bundle.
"""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

from exchange.transparency.checkpoint import parse_signed
from exchange.transparency.errors import LogFormatError, LogRangeError, TransparencyError
from exchange.transparency.evaluate import evaluate
from exchange.transparency.findings import CHECKPOINT_PLACE, FindingCode, Report, leaves_under
from exchange.transparency.merkle import TreeHead, root_at
from exchange.transparency.note import MAX_BYTES
from exchange.transparency.policy import Policy
from exchange.transparency.tile_reader import Read, TileReader, directory_reader, load_entries, load_hashes
from exchange.transparency.tiles import ENTRIES, Tile, edge_tiles, leaf_hashes, root_of_edges, root_of_full

OnEntry = Callable[[int, bytes], None]


def verify_copy(
    copy: Path,
    policy: Policy,
    *,
    entries: Path | None,
    origin: str | None = None,
    known: Sequence[TreeHead] = (),
    on_entry: OnEntry | None = None,
) -> Report:
    """Verify the log whose `checkpoint` and `tile/` lie in the directory `copy`. As `verify_files`, of directories.

    `entries`: the directory that holds `tile/entries/`, often `copy` itself; None when entries are not to be checked.
    """
    bundles = None if entries is None else directory_reader(entries)
    return verify_files(directory_reader(copy), policy, entries=bundles, origin=origin, known=known, on_entry=on_entry)


def verify_files(
    read: Read,
    policy: Policy,
    *,
    entries: Read | None,
    origin: str | None = None,
    known: Sequence[TreeHead] = (),
    on_entry: OnEntry | None = None,
) -> Report:
    """Verify a log by its files; return the report, whatever is wrong with them.

    `entries` reads entry bundles; None when these are not to be checked. `origin`: the log this must be. `known`: heads of
    this log that were verified earlier. `on_entry` is given index and bytes of each entry that is proven, in order.
    Raises only what `read` and `on_entry` raise.
    """
    report = Report(entries_checked=entries is not None)
    # 1. The checkpoint, under the policy.
    if not _checkpoint(read, policy, origin, report) or report.head is None:
        return report
    # 2. Tiles and entries, against its root. Under a checkpoint that does not meet the policy nothing counts as proven.
    proven = on_entry if report.standing is not None else None
    _Walk(read, entries, report, proven).edges(report.head)
    # 3. What was known before, against the tiles, if these are sound.
    if not any(finding.place.startswith("tile/") for finding in report.findings):
        _check_known(read, report, known)
    return report


def _checkpoint(read: Read, policy: Policy, origin: str | None, report: Report) -> bool:
    """Read and judge the checkpoint; whether there is a head that the files can be held to."""
    data = read(CHECKPOINT_PLACE)
    if data is None or len(data) > MAX_BYTES:
        report.add(
            FindingCode.CHECKPOINT_MISSING, CHECKPOINT_PLACE, None, "no checkpoint, so nothing to verify against"
        )
        return False
    try:
        checkpoint, _note = parse_signed(data)
        report.origin, report.head = checkpoint.origin, checkpoint.head
        evaluation = evaluate(policy, data)
        report.standing, report.log_time = evaluation.standing, evaluation.log_time
        report.quorum_time = evaluation.quorum_time
    except TransparencyError as error:
        report.add(error.code, CHECKPOINT_PLACE, None, str(error))
    if report.head is not None and origin is not None and report.origin != origin:
        report.standing = None
        report.add("log_unknown", CHECKPOINT_PLACE, None, f"a checkpoint of another log than '{origin}'")
    return report.head is not None


def _check_known(read: Read, report: Report, known: Sequence[TreeHead]) -> None:
    if report.head is None:
        return
    size, sound = report.head.size, 0
    for head in sorted(known):
        if head.size > size:
            detail = f"size {head.size} was known, and this copy has {size}"
            report.add(FindingCode.OLDER_THAN_KNOWN, CHECKPOINT_PLACE, (size, head.size - 1), detail)
            return
        try:
            same = root_at(TileReader(read, size), head.size) == head.root
        except (LogRangeError, LogFormatError):
            return
        if not same:
            detail = f"the leaves below size {head.size} are not those that were known"
            report.add(FindingCode.NOT_THE_KNOWN_LOG, CHECKPOINT_PLACE, (sound, head.size - 1), detail)
            return
        sound = head.size


class _Walk:
    """From the edge tiles down to the entries, in the order of the leaves."""

    def __init__(self, tiles: Read, bundles: Read | None, report: Report, on_entry: OnEntry | None) -> None:
        self._tiles = tiles
        self._bundles = bundles
        self._report = report
        self._on_entry = on_entry

    def edges(self, head: TreeHead) -> None:
        """Hold the partial tiles to the root, then everything under them."""
        tiles = edge_tiles(head.size)
        written = [self._load(tile) for tile in tiles]
        chosen: Sequence[list[bytes] | None] = written
        trusted = None not in written and root_of_edges([w for w in written if w is not None]) == head.root
        if not trusted:
            # Some edge tile is not the one signed. Try each of them as written and as rebuilt from what lies below.
            choices = [[h for h in (w, self._rebuilt(t)) if h is not None] for t, w in zip(tiles, written, strict=True)]
            for attempt in itertools.product(*choices):
                if root_of_edges(attempt) == head.root:
                    chosen, trusted = attempt, True
                    break
        if not trusted:
            detail = "the files give another tree than the one whose root stands in the checkpoint"
            whole = (0, head.size - 1) if head.size else None
            self._report.add(FindingCode.ROOT_MISMATCH, CHECKPOINT_PLACE, whole, detail)
        for tile, said, hashes in zip(tiles, written, chosen, strict=True):
            if hashes is None:
                hashes = self._rebuilt(tile)
            elif said is not None and said != hashes:
                self._altered(tile, said, hashes)
            if hashes is not None:
                self._below(tile, hashes, trusted)

    def _full(self, tile: Tile, expected: bytes, trusted: bool) -> None:
        """Hold a full tile to the hash above it, which is proven when `trusted`; then everything under it."""
        written = self._load(tile)
        if written is not None and root_of_full(written) == expected:
            self._below(tile, written, trusted)
            return
        rebuilt = self._rebuilt(tile)
        if rebuilt is not None and root_of_full(rebuilt) == expected:
            if written is not None:
                self._altered(tile, written, rebuilt)
            self._below(tile, rebuilt, trusted)
            return
        code = FindingCode.TILE_ALTERED if trusted else FindingCode.TILE_DISAGREES
        detail = "neither its hashes nor what lies under it give the hash above it"
        self._report.add(code, tile.path, leaves_under(tile), detail)
        hashes = written if written is not None else rebuilt
        if hashes is not None:
            self._below(tile, hashes, trusted=False)

    def _below(self, tile: Tile, hashes: list[bytes], trusted: bool) -> None:
        if tile.level > 0:
            for offset, expected in enumerate(hashes):
                self._full(Tile(tile.level - 1, tile.start + offset), expected, trusted)
        elif self._bundles is not None:
            self._entries(self._bundles, Tile(ENTRIES, tile.number, tile.width), hashes, trusted)

    def _entries(self, read: Read, bundle: Tile, hashes: list[bytes], trusted: bool) -> None:
        try:
            entries = load_entries(read, bundle)
        except LogFormatError as error:
            self._report.add(FindingCode.ENTRIES_MALFORMED, bundle.path, leaves_under(bundle), str(error))
            return
        if entries is None:
            self._report.add(FindingCode.ENTRIES_MISSING, bundle.path, leaves_under(bundle), "no such file")
            return
        found = leaf_hashes(entries)
        if found == hashes and (self._on_entry is None or not trusted):
            return
        for index, (entry, leaf, expected) in enumerate(zip(entries, found, hashes, strict=True), bundle.start):
            if leaf != expected:
                code = FindingCode.ENTRY_ALTERED if trusted else FindingCode.ENTRY_DISAGREES
                self._report.add(code, bundle.path, (index, index), f"entry {index} is not the one in the tree")
            elif trusted and self._on_entry is not None:
                self._on_entry(index, entry)

    def _altered(self, tile: Tile, written: list[bytes], proven: list[bytes]) -> None:
        wrong = [i for i, (a, b) in enumerate(zip(written, proven, strict=True)) if a != b]
        detail = f"hashes {', '.join(map(str, wrong))} are not those of the tree"
        self._report.add(FindingCode.TILE_ALTERED, tile.path, leaves_under(tile, wrong[0], wrong[-1]), detail)

    def _load(self, tile: Tile) -> list[bytes] | None:
        try:
            hashes = load_hashes(self._tiles, tile)
        except LogFormatError as error:
            self._report.add(FindingCode.TILE_MALFORMED, tile.path, leaves_under(tile), str(error))
            return None
        if hashes is None:
            self._report.add(FindingCode.TILE_MISSING, tile.path, leaves_under(tile), "no such file")
        return hashes

    def _rebuilt(self, tile: Tile) -> list[bytes] | None:
        """A tile's hashes as the files under it give them; None when these are not all there, or entries not at hand."""
        try:
            if tile.level > 0:
                return self._from_tiles(tile)
            bundle = Tile(ENTRIES, tile.number, tile.width)
            entries = load_entries(self._bundles, bundle) if self._bundles is not None else None
        except LogFormatError:
            return None
        return None if entries is None else leaf_hashes(entries)

    def _from_tiles(self, tile: Tile) -> list[bytes] | None:
        hashes = []
        for number in range(tile.start, tile.start + tile.width):
            child = Tile(tile.level - 1, number)
            try:
                found = load_hashes(self._tiles, child)
            except LogFormatError:
                found = None
            if found is None:
                found = self._rebuilt(child)
            if found is None:
                return None
            hashes.append(root_of_full(found))
        return hashes
