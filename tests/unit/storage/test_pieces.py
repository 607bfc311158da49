"""Sealed parts on the local disk: every piece at its place, durable, one writer a place, whatever step fails."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.storage.errors import DiskFullError, NoSuchPieceError, StorageError
from exchange.storage.files import FileOperations
from exchange.storage.pieces import LocalPieceStore

DATA = memoryview(b"\x07" * 70_000)
STEPS = ["make_directory", "open", "lock", "write", "sync", "sync_directory"]


class Faulty(FileOperations):
    """Calls `fail` before or after the step `step`, each time it is reached."""

    def __init__(self, step: str, when: str, fail: Callable[[], None]) -> None:
        self.step, self.when, self.fail = step, when, fail

    def _around(self, name: str, call: Callable[[], Any]) -> Any:
        if name == self.step and self.when == "before":
            self.fail()
        result = call()
        if name == self.step and self.when == "after":
            self.fail()
        return result

    def open(self, path: Path) -> int:
        return self._around("open", lambda: super(Faulty, self).open(path))

    def lock(self, descriptor: int, start: int, length: int) -> None:
        self._around("lock", lambda: super(Faulty, self).lock(descriptor, start, length))

    def write(self, descriptor: int, data: memoryview, offset: int) -> None:
        if self.step == "write" and self.when == "before":
            super().write(descriptor, data[:100], offset)  # a torn write
        self._around("write", lambda: super(Faulty, self).write(descriptor, data, offset))

    def sync(self, descriptor: int) -> None:
        self._around("sync", lambda: super(Faulty, self).sync(descriptor))

    def unlink(self, path: Path) -> None:
        self._around("unlink", lambda: super(Faulty, self).unlink(path))

    def sync_directory(self, path: Path) -> None:
        self._around("sync_directory", lambda: super(Faulty, self).sync_directory(path))

    def make_directory(self, path: Path) -> None:
        self._around("make_directory", lambda: super(Faulty, self).make_directory(path))


def no_room() -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, "no room")


def broken() -> None:
    """Fail as a broken disk does."""
    raise OSError(errno.EIO, "broken")


def killed() -> None:
    """End the process as SIGKILL does: nothing is flushed, no `finally` runs."""
    os._exit(9)


def put(store: LocalPieceStore, key: str, data: memoryview, offset: int = 0) -> None:
    """Store some bytes as an upload does."""
    with store.place(key, offset, len(data)) as place:
        place.write(data, offset)
        place.sync(name=True)


def test_write_read_size_delete(tmp_path: Path) -> None:
    """What was written is at its place, in any order, and gone after delete."""
    store = LocalPieceStore(tmp_path / "pieces")
    assert (store.keys(), store.size("part")) == ([], 0)
    put(store, "part", memoryview(b"later"), 70_000)
    put(store, "part", DATA)
    assert store.read("part", 0, 70_000) == DATA
    assert store.read("part", 70_000, 5) == b"later"
    assert (store.size("part"), store.keys()) == (70_005, ["part"])
    assert store.path("part").read_bytes() == bytes(DATA) + b"later"
    for start, length in ((70_000, 6), (80_000, 1)):
        with pytest.raises(NoSuchPieceError):
            store.read("part", start, length)
    store.delete("part")
    assert (store.size("part"), store.keys()) == (0, [])
    with pytest.raises(NoSuchPieceError):
        store.read("part", 0, 1)
    store.delete("part")


def test_a_place_has_one_writer_at_a_time(tmp_path: Path) -> None:
    """Whoever wants some of the same bytes waits, in another thread as in another process; others do not."""
    store, order = LocalPieceStore(tmp_path), list[str]()

    def second() -> None:
        with store.place("part", 99, 100) as place:
            order.append("second")
            place.write(memoryview(b"2" * 100), 99)

    with store.place("part", 0, 100) as place:
        waiting = threading.Thread(target=second)
        waiting.start()
        with store.place("part", 200, 100), store.place("other", 0, 100):
            order.append("elsewhere")
        waiting.join(0.2)
        assert waiting.is_alive()
        order.append("first")
        place.write(memoryview(b"1" * 100), 0)
    waiting.join()
    assert order == ["elsewhere", "first", "second"]
    assert store.path("part").read_bytes() == b"1" * 99 + b"2" * 100


def test_the_place_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    """The kernel lets go for it."""
    child = os.fork()
    if child == 0:
        with LocalPieceStore(tmp_path).place("part", 0, 100):
            os._exit(9)
    os.waitpid(child, 0)
    put(LocalPieceStore(tmp_path), "part", DATA)


@pytest.mark.parametrize("key", ["", ".", "..", "a/../b", "/a", "a/", "a/b", "é", "x" * 65, "a\n"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, key: str) -> None:
    """Only one plain name makes a key."""
    with pytest.raises(StorageError):
        put(LocalPieceStore(tmp_path / "in"), key, DATA)
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Whoever may write into the folder cannot make the server write elsewhere."""
    (tmp_path / "part").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError):
        put(LocalPieceStore(tmp_path), "part", DATA)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("fail", "error"), [(no_room, DiskFullError), (broken, StorageError)])
def test_after_a_failing_step_a_repeat_completes(
    tmp_path: Path, step: str, when: str, fail: Callable[[], None], error: type[StorageError]
) -> None:
    """Whatever step fails, before or after it took effect: a typed error, its place is free, and a repeat completes."""
    store = LocalPieceStore(tmp_path / "pieces", Faulty(step, when, fail))
    with pytest.raises(StorageError) as caught:
        put(store, "p", DATA)
    assert type(caught.value) is error
    sound = LocalPieceStore(tmp_path / "pieces")
    put(sound, "p", DATA)
    assert sound.path("p").read_bytes() == DATA
    assert sound.strangers() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_a_repeat_completes(tmp_path: Path, step: str, when: str) -> None:
    """Killed before or after any step: a repeat completes, and nothing else is left."""
    child = os.fork()
    if child == 0:
        try:
            put(LocalPieceStore(tmp_path / "pieces", Faulty(step, when, killed)), "p", DATA)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    store = LocalPieceStore(tmp_path / "pieces")
    put(store, "p", DATA)
    assert store.path("p").read_bytes() == DATA
    assert [path.name for path in (tmp_path / "pieces").iterdir()] == ["p"]


def test_files_are_for_this_user_alone(tmp_path: Path) -> None:
    """The folder has mode 0700, a file 0600, whatever the umask."""
    put(LocalPieceStore(tmp_path / "pieces"), "p", DATA)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {"pieces": 0o700, "p": 0o600}


def test_what_is_no_parts_file_is_a_stranger(tmp_path: Path) -> None:
    """A folder, or a name that no key has."""
    store = LocalPieceStore(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.tmp").write_bytes(b"")
    put(store, "p", DATA)
    assert (store.keys(), store.strangers()) == (["p"], ["a.tmp", "folder"])
