"""Publishing fails before, in and after each of its writes: readers always see a whole log, and the next call completes."""

import errno
from collections.abc import Callable

import pytest

from exchange.transparency.errors import LogStopped
from exchange.transparency.sequencer import CHECKPOINT, SIGNED, LogFiles, create_log, publish, sign_head
from exchange.transparency.store import MemoryLog
from exchange.transparency.verify_offline import verify_files
from tests.unit.transparency import slow_tree
from tests.unit.transparency.log_maker import NOW, MemoryFiles, make_keys, make_policy_for

KEYS = make_keys()
POLICY = make_policy_for(KEYS)
ENTRIES = slow_tree.entries(530)
OLD, NEW = 250, 520


class Crash(Exception):
    """The process ended here."""


class Fault:
    """Counts every change to any of a log's files, and fails at the n-th in its way."""

    def __init__(self, at: int, way: str) -> None:
        self.at, self.way, self.count = at, way, 0
        self.hit: str | None = None

    def apply(self, files: "FaultyFiles", name: str, data: bytes | None, change: Callable[[], None]) -> None:
        self.count += 1
        if self.count != self.at:
            change()
            return
        self.hit = name
        if self.way == "after":
            change()
        elif self.way == "torn" and data is not None:
            files.held[name] = data[: len(data) // 2]
        elif self.way == "full":
            raise OSError(errno.ENOSPC, "no space left on device")
        raise Crash(name)


class FaultyFiles(MemoryFiles):
    """Files that ask a fault before each change."""

    fault = Fault(0, "none")

    def write(self, name: str, data: bytes) -> None:
        self.fault.apply(self, name, data, lambda: super(FaultyFiles, self).write(name, data))

    def discard(self, name: str) -> None:
        self.fault.apply(self, name, None, lambda: super(FaultyFiles, self).discard(name))


def start() -> tuple[MemoryLog, FaultyFiles, FaultyFiles, LogFiles]:
    """A log published at OLD whose database has grown to NEW."""
    public, private = FaultyFiles(), FaultyFiles()
    files = LogFiles(public, private, public)
    create_log(files, KEYS, NOW)
    store = MemoryLog(ENTRIES[:OLD])
    publish(store, files, KEYS, NOW)
    store.append(ENTRIES[OLD:NEW])
    return store, public, private, files


def arm(fault: Fault, *files: FaultyFiles) -> Fault:
    for item in files:
        item.fault = fault
    return fault


def changes_of_one_publication() -> int:
    store, public, private, files = start()
    fault = arm(Fault(0, "none"), public, private)
    publish(store, files, KEYS, NOW + 1)
    return fault.count


STEPS = changes_of_one_publication()


def whole(public: MemoryFiles) -> bool:
    return verify_files(public.read, POLICY, entries=public.read).ok


def test_there_are_steps_to_fail_at() -> None:
    """Signed checkpoint, three bundles, four tiles, public checkpoint, and what is dropped."""
    assert STEPS >= 9


@pytest.mark.parametrize("way", ["before", "after", "torn", "full"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_every_step_can_fail(step: int, way: str) -> None:
    """Whatever the step, readers find a whole log at the old or the new size; then the next publication completes it."""
    store, public, private, files = start()
    fault = arm(Fault(step, way), public, private)
    with pytest.raises((Crash, OSError)):
        publish(store, files, KEYS, NOW + 1)
    arm(Fault(0, "none"), public, private)
    torn = way == "torn" and fault.hit in (CHECKPOINT, SIGNED)
    if not torn:
        assert whole(public)
    if torn and fault.hit == SIGNED:
        # No file system that renames can do this. If it happens, the log says so instead of guessing.
        with pytest.raises(LogStopped):
            publish(store, files, KEYS, NOW + 2)
        assert whole(public)
        return
    assert publish(store, files, KEYS, NOW + 2).head == store.head()
    assert whole(public)
    assert KEYS.public.verify(public.held[CHECKPOINT]).checkpoint.head == store.head()


@pytest.mark.parametrize("way", ["before", "after"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_the_log_may_have_grown_meanwhile(step: int, way: str) -> None:
    """Recovery takes the head as it is then, not as it was."""
    store, public, private, files = start()
    arm(Fault(step, way), public, private)
    with pytest.raises(Crash):
        publish(store, files, KEYS, NOW + 1)
    arm(Fault(0, "none"), public, private)
    store.append(ENTRIES[NEW:])
    sign_head(store, files, KEYS, NOW + 2)
    publish(store, files, KEYS, NOW + 3)
    assert whole(public)
    assert KEYS.public.verify(public.held[CHECKPOINT]).checkpoint.size == len(ENTRIES)


@pytest.mark.parametrize("way", ["before", "after"])
def test_once_remembered_a_history_is_binding(way: str) -> None:
    """Before the signature was remembered another history may still come; afterwards it stops the log."""
    store, public, private, files = start()
    arm(Fault(1, way), public, private)
    with pytest.raises(Crash, match=SIGNED):
        publish(store, files, KEYS, NOW + 1)
    arm(Fault(0, "none"), public, private)
    other = MemoryLog([*ENTRIES[:OLD], *(b"other",) * (NEW - OLD)])
    if way == "before":
        assert publish(other, files, KEYS, NOW + 2).head == other.head()
        assert whole(public)
    else:
        with pytest.raises(LogStopped):
            publish(other, files, KEYS, NOW + 2)
        assert publish(store, files, KEYS, NOW + 2).head == store.head()


@pytest.mark.parametrize("way", ["before", "after", "full"])
@pytest.mark.parametrize("step", [1, 2])
def test_founding_can_fail(step: int, way: str) -> None:
    """Founding is completed by asking again."""
    public, private = FaultyFiles(), FaultyFiles()
    arm(Fault(step, way), public, private)
    files = LogFiles(public, private, public)
    with pytest.raises((Crash, OSError)):
        create_log(files, KEYS, NOW)
    arm(Fault(0, "none"), public, private)
    note = create_log(files, KEYS, NOW + 1)
    assert public.held[CHECKPOINT] == private.held[SIGNED] == note
