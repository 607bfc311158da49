"""Writing past the system's cache: the same bytes in the file whatever they come in, and on disks that refuse it too."""

import errno
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.sealing import long_file
from exchange.sealing.long_file import AT_ONCE, BLOCK_BYTES, LongFile

# Around the edges of a block, and what a part's first and later pieces have.
STEPS = (4096, 1_049_656, 1_049_600, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES)


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    """A new file, open for writing."""
    opened = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT | os.O_EXCL)
    yield opened
    os.close(opened)


def written(descriptor: int, data: bytes, step: int) -> None:
    """Write it in steps, and make it durable."""
    file = LongFile(descriptor)
    for start in range(0, len(data), step):
        file.write(memoryview(data)[start : start + step])
    file.sync()
    file.close()


@pytest.mark.parametrize("length", [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES + 56])
def test_the_file_has_what_it_was_given(descriptor: int, tmp_path: Path, length: int) -> None:
    """Nothing, less than a block, whole blocks, and a rest."""
    data = os.urandom(length)
    written(descriptor, data, 1_049_600)
    assert (tmp_path / "file").read_bytes() == data


@pytest.mark.parametrize("step", STEPS)
def test_it_does_not_matter_in_what_steps_it_comes(descriptor: int, tmp_path: Path, step: int) -> None:
    """Steps smaller, as large, and larger than a block."""
    data = os.urandom(2 * BLOCK_BYTES + 4097)
    written(descriptor, data, step)
    assert (tmp_path / "file").read_bytes() == data


def test_a_disk_that_does_not_take_it_gets_ordinary_writes(
    descriptor: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a refused setting nor a refused write is anything that a person hears of."""
    set_flags, write = fcntl.fcntl, os.pwrite
    refused = []

    def refusing_setting(file: int, command: int, argument: int = 0) -> int:
        if command == fcntl.F_SETFL and argument & os.O_DIRECT:
            refused.append("setting")
            raise OSError(errno.EINVAL, "no")
        return set_flags(file, command, argument)

    def refusing_write(file: int, data: memoryview, offset: int) -> int:
        if set_flags(file, fcntl.F_GETFL) & os.O_DIRECT:
            refused.append("write")
            raise OSError(errno.EINVAL, "no")
        return write(file, data, offset)

    data = os.urandom(2 * BLOCK_BYTES + 1)
    monkeypatch.setattr(long_file.fcntl, "fcntl", refusing_setting)
    written(descriptor, data, BLOCK_BYTES)
    assert (tmp_path / "file").read_bytes() == data and refused == ["setting"]
    monkeypatch.undo()
    monkeypatch.setattr(long_file.os, "pwrite", refusing_write)
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    written(descriptor, data, BLOCK_BYTES)
    assert (tmp_path / "file").read_bytes() == data and set(refused) == {"setting", "write"}


def test_reserving_ahead_leaves_nothing_and_is_not_needed(
    descriptor: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file as long as what is reserved, and longer, ends where its bytes end; where no room can be reserved likewise."""
    monkeypatch.setattr(long_file, "RESERVE_BYTES", 2 * BLOCK_BYTES)
    for length in (2 * BLOCK_BYTES, 5 * BLOCK_BYTES + 7):
        data = os.urandom(length)
        os.ftruncate(descriptor, 0)
        written(descriptor, data, 1_049_600)
        assert (tmp_path / "file").read_bytes() == data

    def refused(_file: int, _offset: int, _length: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(long_file.os, "posix_fallocate", refused)
    os.ftruncate(descriptor, 0)
    written(descriptor, data, BLOCK_BYTES)
    assert (tmp_path / "file").read_bytes() == data


def test_a_write_cut_short_goes_on(descriptor: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk may take a part of a block, and not where the next could go past the cache."""
    write = os.pwrite
    monkeypatch.setattr(
        long_file.os, "pwrite", lambda file, data, offset: write(file, data[: 4096 * 7 + 512], offset)
    )
    data = os.urandom(2 * BLOCK_BYTES)
    written(descriptor, data, BLOCK_BYTES)
    assert (tmp_path / "file").read_bytes() == data


@pytest.mark.parametrize("blocks", [1, AT_ONCE, 3 * AT_ONCE])
def test_a_full_disk_is_said(descriptor: int, monkeypatch: pytest.MonkeyPatch, blocks: int) -> None:
    """What is not a matter of alignment goes through as it is, at the latest from `sync`; and no thread stays."""

    def full(_file: int, _data: memoryview, _offset: int) -> int:
        raise OSError(errno.ENOSPC, "full")

    before = set(threading.enumerate())
    file = LongFile(descriptor)
    monkeypatch.setattr(long_file.os, "pwrite", full)
    with pytest.raises(OSError) as caught:
        for _ in range(blocks):
            file.write(memoryview(bytes(BLOCK_BYTES)))
        file.sync()
    file.close()
    assert caught.value.errno == errno.ENOSPC
    assert set(threading.enumerate()) <= before


def test_closing_waits_for_what_is_on_its_way(descriptor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The descriptor may be another file's the moment it was closed."""
    write, done = os.pwrite, []

    def slowly(file: int, data: memoryview, offset: int) -> int:
        time.sleep(0.05)
        done.append(offset)
        return write(file, data, offset)

    monkeypatch.setattr(long_file.os, "pwrite", slowly)
    file = LongFile(descriptor)
    file.write(memoryview(bytes(2 * BLOCK_BYTES)))
    file.close()
    assert sorted(done) == [0, BLOCK_BYTES]
