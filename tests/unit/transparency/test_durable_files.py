"""Durable files: a write replaces at once or not at all, leaves nothing behind, and the lock keeps others out."""

import os
import threading
from pathlib import Path

import pytest

from exchange.transparency.files import DurableDirectory


def test_files_are_read_and_replaced(tmp_path: Path) -> None:
    """Written, replaced, read; missing ones are None; no temporary file stays."""
    files = DurableDirectory(tmp_path / "new" / "log")
    assert files.read("tile/0/000") is None
    files.write("tile/0/000", b"one")
    files.write("tile/0/000", b"two")
    files.write("tile/0/001.p/3", b"partial")
    assert files.read("tile/0/000") == b"two"
    assert files.read("tile/0/000/x") is None
    files.discard("tile/0/001.p")
    files.discard("tile/0/009.p")
    assert [path for path in (tmp_path / "new").rglob("*") if path.is_file()] == [files.root / "tile/0/000"]


class FullDisk(DurableDirectory):
    """Every file it opens is on a full disk."""

    def _opener(self, path: str, flags: int) -> int:
        super_descriptor = super()._opener(path, flags)
        os.close(super_descriptor)
        return os.open("/dev/full", os.O_WRONLY)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """The error is the system's own; the old bytes stand and the space of the attempt is given back."""
    DurableDirectory(tmp_path).write("checkpoint", b"old")
    with pytest.raises(OSError, match="No space left"):
        FullDisk(tmp_path).write("checkpoint", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
    assert DurableDirectory(tmp_path).read("checkpoint") == b"old"


def test_a_leftover_of_a_crash_does_no_harm(tmp_path: Path) -> None:
    """The temporary file of a process that died is replaced by the next write."""
    (tmp_path / ".write.tmp").write_bytes(b"half of something much longer")
    files = DurableDirectory(tmp_path)
    files.write("checkpoint", b"new")
    assert files.read("checkpoint") == b"new"
    assert not (tmp_path / ".write.tmp").exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A link planted where the temporary file goes does not redirect the write."""
    (tmp_path / "log").mkdir()
    (tmp_path / "victim").write_bytes(b"untouched")
    (tmp_path / "log" / ".write.tmp").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match=r"symbolic link|Too many levels"):
        DurableDirectory(tmp_path / "log").write("checkpoint", b"x")
    assert (tmp_path / "victim").read_bytes() == b"untouched"


def test_modes(tmp_path: Path) -> None:
    """Secret files are for their owner alone."""
    DurableDirectory(tmp_path / "secret", secret=True).write("a/b", b"x")
    for name, mode in [("secret", 0o700), ("secret/a", 0o700), ("secret/a/b", 0o600)]:
        assert (tmp_path / name).stat().st_mode & 0o777 == mode


def test_the_lock_keeps_other_threads_out(tmp_path: Path) -> None:
    """While it is held, another thread with its own object waits."""
    order: list[str] = []
    entered = threading.Event()

    def other() -> None:
        entered.set()
        with DurableDirectory(tmp_path).lock():
            order.append("second")

    with DurableDirectory(tmp_path).lock():
        thread = threading.Thread(target=other)
        thread.start()
        entered.wait()
        thread.join(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
