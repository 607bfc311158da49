"""Sealed pieces on the local disk: durable, idempotent, never half-written, whatever step fails."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.storage.errors import DiskFullError, NoSuchPieceError, PieceConflictError, StorageError
from exchange.storage.files import FileOperations
from exchange.storage.pieces import LocalPieceStore

DATA = b"\x07" * 70_000
STEPS = ["make_directory", "create", "write", "sync", "link", "sync_directory", "unlink"]


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

    def create(self, path: Path) -> int:
        return self._around("create", lambda: super(Faulty, self).create(path))

    def write(self, descriptor: int, data: bytes) -> None:
        if self.step == "write" and self.when == "before":
            super().write(descriptor, data[:100])  # a torn write
        self._around("write", lambda: super(Faulty, self).write(descriptor, data))

    def sync(self, descriptor: int) -> None:
        self._around("sync", lambda: super(Faulty, self).sync(descriptor))

    def link(self, old: Path, new: Path) -> None:
        self._around("link", lambda: super(Faulty, self).link(old, new))

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


def test_put_get_sizes_delete(tmp_path: Path) -> None:
    """What was put is there under its number, and gone after delete."""
    store = LocalPieceStore(tmp_path)
    assert store.put("upload/part", 0, DATA) is True
    assert store.put("upload/part", 12, b"x") is True
    assert store.get("upload/part", 0) == DATA
    assert [store.exists("upload/part", n) for n in (12, 1)] == [True, False]
    assert store.sizes("upload/part") == {0: 70_000, 12: 1}
    assert store.keys() == ["upload/part"]
    store.delete("upload/part")
    assert (store.sizes("upload/part"), store.keys()) == ({}, [])
    with pytest.raises(NoSuchPieceError):
        store.get("upload/part", 0)
    store.delete("upload/part")


def test_same_bytes_again_are_accepted_and_others_refused(tmp_path: Path) -> None:
    """A repeated request is no error; other bytes for a stored piece are, and leave the first as they are."""
    store = LocalPieceStore(tmp_path)
    store.put("u", 3, DATA)
    assert store.put("u", 3, DATA) is False
    with pytest.raises(PieceConflictError):
        store.put("u", 3, DATA[:-1] + b"\x08")
    assert store.get("u", 3) == DATA
    assert [path.name for path in (tmp_path / "u").iterdir()] == ["3"]


def test_the_loser_of_a_race_is_refused(tmp_path: Path) -> None:
    """Two requests with different bytes at once: one is stored, the other refused, never replaced silently."""
    other = LocalPieceStore(tmp_path)

    def meanwhile() -> None:
        if not other.exists("u", 0):
            other.put("u", 0, b"first")

    store = LocalPieceStore(tmp_path, Faulty("sync", "after", meanwhile))
    with pytest.raises(PieceConflictError):
        store.put("u", 0, b"second")
    assert store.get("u", 0) == b"first"


@pytest.mark.parametrize("key", ["", "..", "a/../b", "/a", "a/", "a//b", "é", "a/b/c/d/e", "x" * 65, "a\n"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, key: str) -> None:
    """Only one to four plain names make a key."""
    with pytest.raises(StorageError):
        LocalPieceStore(tmp_path / "in").put(key, 0, b"x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("fail", "error"), [(no_room, DiskFullError), (broken, StorageError)])
def test_a_failing_step_leaves_all_or_nothing(
    tmp_path: Path, step: str, when: str, fail: Callable[[], None], error: type[StorageError]
) -> None:
    """Whatever step fails, before or after it took effect: a typed error, no torn piece, and a repeat completes."""
    store = LocalPieceStore(tmp_path, Faulty(step, when, fail))
    if step == "unlink":  # the temporary file's removal is housekeeping: the piece is stored all the same
        assert store.put("u/p", 0, DATA) is True
    else:
        with pytest.raises(StorageError) as caught:
            store.put("u/p", 0, DATA)
        assert type(caught.value) is error
    sound = LocalPieceStore(tmp_path)
    assert sound.sizes("u/p") in ({}, {0: len(DATA)})
    sound.put("u/p", 0, DATA)
    sound.sweep()
    assert sound.get("u/p", 0) == DATA
    assert [path.name for path in (tmp_path / "u" / "p").iterdir()] == ["0"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_leaves_all_or_nothing(tmp_path: Path, step: str, when: str) -> None:
    """Killed before or after any step: the next start sweeps, no torn piece is visible, and a repeat completes."""
    child = os.fork()
    if child == 0:
        try:
            LocalPieceStore(tmp_path, Faulty(step, when, killed)).put("u/p", 0, DATA)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    store = LocalPieceStore(tmp_path)
    store.sweep()
    assert store.sizes("u/p") in ({}, {0: len(DATA)})
    store.put("u/p", 0, DATA)
    assert store.get("u/p", 0) == DATA
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".tmp")]


def test_files_are_for_this_user_alone(tmp_path: Path) -> None:
    """Folders have mode 0700, pieces 0600, whatever the umask."""
    if sys.platform == "win32":
        pytest.skip("modes are POSIX")
    LocalPieceStore(tmp_path / "pieces").put("u/p", 0, b"x")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "pieces").rglob("*")}
    assert modes == {"u": 0o700, "p": 0o700, "0": 0o600}
