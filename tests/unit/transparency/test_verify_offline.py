"""Verifying a copy from its files: a sound one passes, and whatever is tampered with is named by its place."""

import json
import shutil
import tracemalloc
from pathlib import Path

import pytest

from exchange.transparency.errors import SignatureError
from exchange.transparency.evaluate import Standing
from exchange.transparency.findings import MAX_FINDINGS, FindingCode, Report
from exchange.transparency.merkle import TreeHead, leaf_hash, root_at
from exchange.transparency.store import MemoryLog
from exchange.transparency.tiles import format_bundle, parse_path
from exchange.transparency.verify_offline import verify_copy, verify_files
from tests.unit.transparency import slow_tree
from tests.unit.transparency.log_maker import DIRECTORY, NOW, ORIGIN, make_keys, make_policy_for, publish_log

KEYS = make_keys()
POLICY = make_policy_for(KEYS)
SIZE = 256 * 3 + 37
ENTRIES = slow_tree.entries(SIZE)
STORE = MemoryLog(ENTRIES)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("published") / "log"
    publish_log(directory, ENTRIES, [300, SIZE], KEYS)
    return directory


@pytest.fixture
def copy(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "copy"))


def check(copy: Path, **more) -> Report:
    return verify_copy(copy, POLICY, **{"entries": copy, **more})


def found(report: Report) -> list[tuple[str, str, tuple[int, int] | None]]:
    return [(finding.code, finding.place, finding.leaves) for finding in report.findings]


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def replace_entry(copy: Path, index: int, entry: bytes) -> None:
    """Rewrite one entry in its bundle."""
    number, offset = divmod(index, 256)
    entries = ENTRIES[number * 256 : (number + 1) * 256]
    entries[offset] = entry
    name = f"{number:03}" if len(entries) == 256 else f"{number:03}.p/{len(entries)}"
    (copy / "tile/entries" / name).write_bytes(format_bundle(entries))


def replace_hash(path: Path, offset: int, value: bytes) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: 32 * offset] + value + data[32 * (offset + 1) :])


def test_a_sound_copy(copy: Path) -> None:
    """Size, root, times and standing are reported; every entry is handed over, proven and in order."""
    seen: list[bytes] = []

    def collect(index: int, entry: bytes) -> None:
        assert index == len(seen)
        seen.append(entry)

    report = check(copy, origin=ORIGIN, known=[TreeHead(100, root_at(STORE, 100)), STORE.head()], on_entry=collect)
    assert report.ok and report.entries_checked
    assert (report.head, report.standing, report.log_time) == (STORE.head(), Standing.UNWITNESSED, NOW + 120)
    assert seen == ENTRIES
    assert json.loads(json.dumps(report.to_json()))["ok"] is True


@pytest.mark.parametrize("index", [0, 1, 255, 256, 700, SIZE - 1])
def test_an_altered_entry_is_named(copy: Path, index: int) -> None:
    """One entry changed: its index, and nothing else; the others are still proven."""
    replace_entry(copy, index, b"forged")
    seen: list[int] = []
    report = check(copy, on_entry=lambda i, _entry: seen.append(i))
    name = {0: "000", 1: "001", 2: "002", 3: "003.p/37"}[index // 256]
    assert found(report) == [(FindingCode.ENTRY_ALTERED, f"tile/entries/{name}", (index, index))]
    assert seen == [i for i in range(SIZE) if i != index]


@pytest.mark.parametrize(
    ("tile", "offset", "leaves"),
    [
        ("tile/0/000", 5, (5, 5)),
        ("tile/0/002", 255, (767, 767)),
        ("tile/0/003.p/37", 36, (804, 804)),
        ("tile/1/000.p/3", 1, (256, 511)),
    ],
)
def test_an_altered_tile_is_named(copy: Path, tile: str, offset: int, leaves: tuple[int, int]) -> None:
    """One hash changed, in a full or an edge tile of any level: that tile and the leaves under the hash."""
    flip(copy / tile, offset * 32 + 9)
    report = check(copy)
    assert found(report) == [(FindingCode.TILE_ALTERED, tile, leaves)]
    assert report.findings[0].detail.startswith(f"hashes {offset} ")


def test_two_altered_edge_tiles_are_both_named(copy: Path) -> None:
    """Whatever combination of edge tiles is wrong, the right ones are found by trying."""
    flip(copy / "tile/1/000.p/3", 0)
    flip(copy / "tile/0/003.p/37", 0)
    assert found(check(copy)) == [
        (FindingCode.TILE_ALTERED, "tile/1/000.p/3", (0, 255)),
        (FindingCode.TILE_ALTERED, "tile/0/003.p/37", (768, 768)),
    ]


def test_an_entry_forged_with_its_hash_is_confined(copy: Path) -> None:
    """Entry and leaf hash changed together: the tile above still says that this tile is not the one signed."""
    replace_entry(copy, 300, b"forged")
    replace_hash(copy / "tile/0/001", 44, leaf_hash(b"forged"))
    assert found(check(copy)) == [(FindingCode.TILE_ALTERED, "tile/0/001", (256, 511))]


def test_a_whole_tree_forged_fails_at_the_checkpoint(copy: Path) -> None:
    """All files rewritten around a changed entry: the signed root is not theirs; an earlier known head narrows it down."""
    forged = [*ENTRIES[:300], b"forged", *ENTRIES[301:]]
    genuine = (copy / "checkpoint").read_bytes()
    shutil.rmtree(copy)
    publish_log(copy, forged, [SIZE], KEYS)
    (copy / "checkpoint").write_bytes(genuine)
    report = check(copy, known=[TreeHead(size, root_at(STORE, size)) for size in (400, 200, 290)])
    assert found(report) == [
        (FindingCode.ROOT_MISMATCH, "checkpoint", (0, SIZE - 1)),
        (FindingCode.NOT_THE_KNOWN_LOG, "checkpoint", (290, 399)),
    ]
    assert report.standing is Standing.UNWITNESSED


def test_a_fork_signed_by_the_log_is_caught_by_what_was_known(copy: Path) -> None:
    """The log's own keys can sign another history; whoever has seen the first one notices."""
    shutil.rmtree(copy)
    publish_log(copy, [*ENTRIES[:300], b"forged", *ENTRIES[301:]], [SIZE], KEYS)
    assert check(copy).ok
    report = check(copy, known=[STORE.head()])
    assert found(report) == [(FindingCode.NOT_THE_KNOWN_LOG, "checkpoint", (0, SIZE - 1))]


def test_an_older_copy_is_noticed(published: Path, copy: Path) -> None:
    """Fewer leaves than were known before."""
    shutil.rmtree(copy)
    publish_log(copy, ENTRIES, [300], KEYS)
    assert found(check(copy, known=[STORE.head()])) == [(FindingCode.OLDER_THAN_KNOWN, "checkpoint", (300, SIZE - 1))]


def test_a_forged_checkpoint_is_named(copy: Path) -> None:
    """Root or size changed in the text, a signature damaged, another log's keys: the checkpoint, and why."""
    path = copy / "checkpoint"
    genuine = path.read_bytes()
    path.write_bytes(genuine.replace(f"\n{SIZE}\n".encode(), b"\n768\n"))
    report = check(copy, on_entry=lambda *_: pytest.fail("an entry was called proven"))
    assert found(report)[0] == (SignatureError.code, "checkpoint", None)
    assert report.standing is None
    path.write_bytes(make_keys(seed=7).sign_checkpoint(*STORE.head(), NOW))
    assert found(check(copy)) == [(SignatureError.code, "checkpoint", None)]
    path.write_bytes(DIRECTORY.sign_checkpoint(*STORE.head(), NOW))
    assert found(check(copy)) == [("log_unknown", "checkpoint", None)]
    path.write_bytes(genuine)
    report = check(copy, origin="another.example/audit/1")
    assert found(report) == [("log_unknown", "checkpoint", None)] and report.standing is None


@pytest.mark.parametrize(("data", "code"), [(None, "checkpoint_missing"), (b"", "log_format_malformed")])
def test_no_checkpoint_no_verification(copy: Path, data: bytes | None, code: str) -> None:
    """Missing or unreadable: that, and nothing about the files."""
    (copy / "checkpoint").unlink()
    if data is not None:
        (copy / "checkpoint").write_bytes(data)
    report = check(copy)
    assert found(report) == [(code, "checkpoint", None)]
    assert report.head is None and not report.ok


def test_missing_and_malformed_files_are_named(copy: Path) -> None:
    """Each file that is gone or cut, by its path; what it held is still verified from above and below."""
    (copy / "tile/0/001").unlink()
    (copy / "tile/entries/002").unlink()
    (copy / "tile/entries/000").write_bytes(b"\xff\xff")
    (copy / "tile/1/000.p/3").write_bytes(bytes(95))
    report = check(copy)
    assert found(report) == [
        (FindingCode.TILE_MALFORMED, "tile/1/000.p/3", (0, 767)),
        (FindingCode.ENTRIES_MALFORMED, "tile/entries/000", (0, 255)),
        (FindingCode.TILE_MISSING, "tile/0/001", (256, 511)),
        (FindingCode.ENTRIES_MISSING, "tile/entries/002", (512, 767)),
    ]


def test_without_entries_the_tiles_are_still_verified(copy: Path) -> None:
    """A copy without bundles: tiles are held to the root; a leaf tile that is altered is confined to its leaves."""
    shutil.rmtree(copy / "tile/entries")
    report = check(copy, entries=None)
    assert report.ok and not report.entries_checked
    flip(copy / "tile/0/001", 0)
    assert found(check(copy, entries=None)) == [(FindingCode.TILE_ALTERED, "tile/0/001", (256, 511))]


def test_a_tile_and_the_one_above_altered(copy: Path) -> None:
    """Two levels wrong at once: nothing is called proven that is not, and both places are named."""
    flip(copy / "tile/1/000.p/3", 0)
    flip(copy / "tile/0/000", 0)
    report = check(copy)
    assert {finding.place for finding in report.findings} >= {"checkpoint", "tile/0/000"}
    assert FindingCode.ENTRY_ALTERED not in [finding.code for finding in report.findings]


def test_an_absurd_size_ends_soon(copy: Path) -> None:
    """A checkpoint of 2^62 leaves over a small copy is a few findings, not a walk of ages."""
    files = {"checkpoint": KEYS.sign_checkpoint(2**62 + 5, bytes(32), NOW)}
    report = verify_files(files.get, POLICY, entries=files.get)
    assert FindingCode.ROOT_MISMATCH in [finding.code for finding in report.findings]
    assert len(report.findings) < 20


def test_findings_are_capped() -> None:
    """Past the limit they are only counted."""
    report = Report()
    for _ in range(MAX_FINDINGS + 5):
        report.add(FindingCode.ENTRY_ALTERED, "tile/entries/000", (0, 0), "x")
    assert (len(report.findings), report.more) == (MAX_FINDINGS, 5)


def test_memory_stays_flat() -> None:
    """Eight times the leaves take no more memory: a tile a level, and a bundle."""
    peaks = []
    for size in (4_096, 32_768):
        store = MemoryLog([str(i).encode() for i in range(size)])
        files = {"checkpoint": KEYS.sign_checkpoint(*store.head(), NOW)}

        def read(
            path: str, files: dict[str, bytes] = files, store: MemoryLog = store, size: int = size
        ) -> bytes | None:
            return files.get(path) or made(store, path, size)

        tracemalloc.start()
        assert verify_files(read, POLICY, entries=read).ok
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def made(store: MemoryLog, path: str, size: int) -> bytes | None:
    """A file of the log, made when it is asked for."""
    tile = parse_path(path)
    stop = tile.start + tile.width
    if stop > size >> tile.node_level:
        return None
    if tile.level < 0:
        return format_bundle(list(store.entries(tile.start, stop)))
    return b"".join(store.hashes(tile.node_level, tile.start, stop))


def test_findings_are_told_as_json(copy: Path) -> None:
    """What a program gets: code, place, first and last leaf, a sentence."""
    replace_entry(copy, 7, b"forged")
    told = json.loads(json.dumps(check(copy).to_json()))
    assert told["ok"] is False and told["size"] == SIZE and told["standing"] == "unwitnessed"
    assert told["findings"] == [
        {
            "code": "entry_altered",
            "place": "tile/entries/000",
            "leaves": [7, 7],
            "detail": "entry 7 is not the one in the tree",
        }
    ]
