"""Signing and publishing: what is served, what is remembered, and that a log stops rather than forks."""

import threading
from pathlib import Path

import pytest

from exchange.transparency.checkpoint import parse_signed
from exchange.transparency.errors import HeadMovedError, LogRangeError, LogStopped
from exchange.transparency.merkle import EMPTY_ROOT, TreeHead, leaf_hash, root_at
from exchange.transparency.sequencer import LogFiles, create_log, publish, sign_head
from exchange.transparency.store import MemoryLog
from exchange.transparency.verify_offline import verify_copy, verify_files
from tests.unit.transparency import slow_tree
from tests.unit.transparency.log_maker import NOW, MemoryFiles, make_keys, make_policy_for, publish_log

KEYS = make_keys()
POLICY = make_policy_for(KEYS)
ENTRIES = slow_tree.entries(600)


def memory_log(size: int) -> tuple[MemoryLog, LogFiles, MemoryFiles, MemoryFiles]:
    """A log of `size` entries whose empty tree is signed, with its public and private files."""
    public, private = MemoryFiles(), MemoryFiles()
    files = LogFiles(public, private, public)
    create_log(files, KEYS, NOW)
    return MemoryLog(ENTRIES[:size]), files, public, private


def head_of(note: bytes) -> TreeHead:
    return KEYS.public.verify(note).checkpoint.head


@pytest.mark.parametrize("sizes", [[0], [1], [255], [256], [257], [600], [0, 1, 255, 256, 257, 600], [100, 100]])
def test_what_is_published_verifies_from_files_alone(tmp_path: Path, sizes: list[int]) -> None:
    """Any growth to any size: the directory alone is a whole, sound log with its entries."""
    store = publish_log(tmp_path / "log", ENTRIES, sizes)
    report = verify_copy(tmp_path / "log", POLICY, entries=tmp_path / "log")
    assert report.ok, report.findings
    assert report.head == store.head()


def test_a_large_log_is_published() -> None:
    """65,536 leaves: 256 full tiles on level 0, one on level 1, a partial one on level 2."""
    _store, files, public, _private = memory_log(0)
    store = MemoryLog([str(i).encode() for i in range(65_536)])
    publish(store, files, KEYS, NOW)
    assert {name for name in public.held if name.startswith(("tile/1", "tile/2"))} == {"tile/1/000", "tile/2/000.p/1"}
    assert sum(name.startswith("tile/0/") for name in public.held) == 256
    assert verify_files(public.read, POLICY, entries=public.read).ok


def test_entries_go_where_they_may_be_read(tmp_path: Path) -> None:
    """The directory log's bundles lie outside the public directory, readable by their owner alone; or nowhere."""
    files = LogFiles.at(tmp_path / "public", tmp_path / "private", tmp_path / "members")
    create_log(files, KEYS, NOW)
    publish(MemoryLog(ENTRIES[:300]), files, KEYS, NOW)
    assert not (tmp_path / "public" / "tile" / "entries").exists()
    assert (tmp_path / "members" / "tile" / "entries" / "001.p" / "44").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700
    assert verify_copy(tmp_path / "public", POLICY, entries=tmp_path / "members").ok
    assert verify_copy(tmp_path / "public", POLICY, entries=None).ok
    nowhere = LogFiles.at(tmp_path / "p2", tmp_path / "s2", None)
    create_log(nowhere, KEYS, NOW)
    publish(MemoryLog(ENTRIES[:300]), nowhere, KEYS, NOW)
    assert not list((tmp_path / "p2").rglob("entries"))


def test_publishing_twice_changes_nothing() -> None:
    """The same head: the same bytes, and nothing written."""
    store, files, public, private = memory_log(300)
    first = publish(store, files, KEYS, NOW + 1)
    held = dict(public.held), dict(private.held)
    again = publish(store, files, KEYS, NOW + 100)
    assert first.changed and not again.changed
    assert again.note == first.note == public.held["checkpoint"]
    assert (public.held, private.held) == held


def test_partial_tiles_go_when_full_ones_stand() -> None:
    """Once the full tile is published, its partial ones are dropped; those of the present edge stay."""
    store, files, public, _private = memory_log(10)
    publish(store, files, KEYS, NOW)
    store.append(ENTRIES[10:300])
    publish(store, files, KEYS, NOW)
    assert sorted(name for name in public.held if ".p/" in name) == [
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/001.p/44",
    ]


def test_an_answer_is_signed_between_publications() -> None:
    """A head signed for an answer gets no tiles and leaves the public checkpoint alone, but is remembered."""
    store, files, public, private = memory_log(32)
    publish(store, files, KEYS, NOW)
    before = dict(public.held)
    store.append(ENTRIES[32:35])
    note = sign_head(store, files, KEYS, NOW + 7)
    assert head_of(note) == store.head()
    assert public.held == before
    assert private.held["signed"] == note
    assert sign_head(store, files, KEYS, NOW + 8) == note


def test_a_padded_size_is_published_while_the_log_moves_on() -> None:
    """`size` picks a committed size at or above the one signed last; below it, or not committed, is refused."""
    store, files, public, _private = memory_log(37)
    published = publish(store, files, KEYS, NOW, size=32)
    assert published.head == head_of(public.held["checkpoint"]) == (32, root_at(store, 32))
    sign_head(store, files, KEYS, NOW)
    with pytest.raises(HeadMovedError):
        publish(store, files, KEYS, NOW, size=36)
    with pytest.raises(LogRangeError):
        publish(store, files, KEYS, NOW, size=38)
    assert head_of(public.held["checkpoint"]).size == 32


def test_signing_time_never_goes_back() -> None:
    """A clock set back does not make a later head look signed earlier."""
    store, files, _public, _private = memory_log(5)
    sign_head(store, files, KEYS, NOW + 100)
    store.append(ENTRIES[5:6])
    assert KEYS.public.verify(sign_head(store, files, KEYS, NOW)).time == NOW + 100


def test_founding_happens_once() -> None:
    """The empty tree is signed and published; a second call gives the same bytes and mends a missing checkpoint."""
    public, private = MemoryFiles(), MemoryFiles()
    files = LogFiles(public, private, None)
    note = create_log(files, KEYS, NOW)
    assert head_of(note) == (0, EMPTY_ROOT)
    assert create_log(files, KEYS, NOW + 5) == note == public.held.pop("checkpoint")
    assert create_log(files, KEYS, NOW + 5) == note == public.held["checkpoint"]


class Tampered(MemoryLog):
    """A database in which something was changed after the commit."""

    def __init__(self, entries: list[bytes], nodes: dict[tuple[int, int], bytes] | None = None) -> None:
        super().__init__(entries)
        self.wrong = nodes or {}

    def get(self, level: int, index: int) -> bytes:
        return self.wrong.get((level, index)) or super().get(level, index)


def stopped(store: MemoryLog, files: LogFiles, match: str, size: int | None = None) -> None:
    with pytest.raises(LogStopped, match=match):
        publish(store, files, KEYS, NOW, size=size)


def test_a_restore_that_lost_leaves_stops_the_log() -> None:
    """Fewer leaves than were signed: nothing is signed or published, even if only an answer was signed beyond."""
    store, files, public, private = memory_log(20)
    publish(store, files, KEYS, NOW)
    store.append(ENTRIES[20:25])
    sign_head(store, files, KEYS, NOW)
    held = dict(public.held), dict(private.held)
    stopped(MemoryLog(ENTRIES[:22]), files, "holds 22 leaves, and 25 were signed")
    stopped(MemoryLog([*ENTRIES[:22], b"other", b"leaves", b"came", b"here"]), files, "does not extend")
    assert (public.held, private.held) == held
    store.append(ENTRIES[25:30])
    assert publish(store, files, KEYS, NOW).head.size == 30


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({(0, 36): bytes(32)}, "does not extend|head kept"),
        ({(2, 8): bytes(32)}, "does not extend|head kept"),
        ({(5, 0): bytes(32)}, "does not extend|head kept"),
        ({(0, 3): bytes(32)}, "partial tiles"),
    ],
)
def test_an_edited_database_stops_the_log(changed: dict[tuple[int, int], bytes], match: str) -> None:
    """A node changed in the database, new or old, complete or at the edge, is never signed nor served."""
    _store, files, public, _private = memory_log(0)
    publish(MemoryLog(ENTRIES[:32]), files, KEYS, NOW)
    before = public.held["checkpoint"]
    store = Tampered(ENTRIES[:37], changed)
    stopped(store, files, match)
    assert public.held["checkpoint"] == before


def test_a_changed_entry_or_inner_tile_stops_the_log() -> None:
    """An entry that is not the one hashed or is gone; a full tile that does not give the hash above it."""
    _store, files, _public, _private = memory_log(0)
    store = MemoryLog(ENTRIES[:300])
    store._entries[7] = b"another"
    stopped(store, files, "entry 7")
    for store in (Tampered(ENTRIES[:600], {(0, 70): bytes(32)}), MemoryLog(ENTRIES[:600])):
        _store, files, _public, _private = memory_log(0)
        if not isinstance(store, Tampered):
            store._entries.pop()
        stopped(store, files, "entry 70|entries of 'tile/entries/002.p/88' are not all there")
    # Entry and leaf hash changed together, the nodes above left alone: bundles nowhere, so only the tiles can tell.
    _store, files, public, private = memory_log(0)
    store = Tampered(ENTRIES[:600], {(0, 70): leaf_hash(b"other")})
    store._entries[70] = b"other"
    stopped(store, LogFiles(public, private, None), "'tile/0/000' do not give the hash above it")


def test_a_missing_node_stops_the_log() -> None:
    """A database without some of the nodes it should hold is not whole."""
    _store, files, _public, _private = memory_log(0)
    for missing in [(0, 299), (8, 0), (0, 5)]:
        store = MemoryLog(ENTRIES[:300])
        del store._nodes[missing]
        stopped(store, files, "lacks nodes|not all there|no hash above|edge")


def test_without_memory_nothing_is_signed() -> None:
    """The memory gone, damaged, of other keys, or older than what is public: the log stops; founding does not help."""
    store, files, _public, private = memory_log(20)
    early = private.held["signed"]
    publish(store, files, KEYS, NOW)
    good = private.held["signed"]
    for bad in (good[:-10], b"", make_keys(seed=9).sign_checkpoint(20, store.head().root, NOW)):
        private.held["signed"] = bad
        stopped(store, files, "not signed by this log's keys")
    private.held["signed"] = early
    stopped(store, files, "older than the public checkpoint")
    del private.held["signed"]
    stopped(store, files, "no memory")
    with pytest.raises(LogStopped, match="no memory"):
        create_log(files, KEYS, NOW)
    private.held["signed"] = good
    assert not publish(store, files, KEYS, NOW).changed


@pytest.mark.parametrize("damage", [None, b"", b"torn", "forged"])
def test_a_damaged_public_checkpoint_is_written_anew(damage: bytes | str | None) -> None:
    """Public files are derived: whatever became of the checkpoint, the next publication makes all of it right."""
    store, files, public, _private = memory_log(300)
    publish(store, files, KEYS, NOW)
    good = dict(public.held)
    public.held.clear()
    if damage == "forged":
        public.held["checkpoint"] = make_keys(seed=9).sign_checkpoint(9, bytes(32), NOW)
    elif isinstance(damage, bytes):
        public.held["checkpoint"] = damage
    publish(store, files, KEYS, NOW)
    assert public.held == good


def test_repair_writes_what_is_missing_or_wrong() -> None:
    """Files lost or damaged below the published size come back; sound ones are not touched."""
    store, files, public, _private = memory_log(600)
    publish(store, files, KEYS, NOW)
    good = dict(public.held)
    del public.held["tile/0/000"]
    public.held["tile/entries/001"] = b"torn"
    publish(store, files, KEYS, NOW)
    assert public.held != good
    assert not publish(store, files, KEYS, NOW, repair=True).changed
    assert public.held == good


def test_many_threads_sign_one_history(tmp_path: Path) -> None:
    """Threads that append, sign and publish at once: every head signed is a head of the one log."""
    files = LogFiles.at(tmp_path / "log", tmp_path / "private", tmp_path / "log")
    create_log(files, KEYS, NOW)
    store, lock, signed, failures = MemoryLog(), threading.Lock(), [], []

    def work(worker: int) -> None:
        try:
            for step in range(5):
                with lock:
                    store.append([f"{worker}/{step}".encode()])
                signed.append(sign_head(store, files, KEYS, NOW))
                if step % 2:
                    publish(store, files, KEYS, NOW)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for note in signed:
        head = parse_signed(note)[0].head
        assert head.root == root_at(store, head.size)
    publish(store, files, KEYS, NOW)
    assert verify_copy(tmp_path / "log", POLICY, entries=tmp_path / "log").ok
