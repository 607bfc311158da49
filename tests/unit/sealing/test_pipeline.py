"""Stages at work on the same blocks: whatever ends one ends all, its error comes out, and no thread and no file is left."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from exchange.sealing import content, long_file, seal
from exchange.sealing.errors import DiskFullError, SourceChangedError
from exchange.sealing.pieces import piece_hash
from exchange.sealing.pipeline import RING_BUFFERS, Pipeline, Stage
from exchange.sealing.spool import SpoolWriter
from tests.unit.sealing.sealed_report import FINGERPRINT, REPORT, request

MIB = 1 << 20
MANY = 5 * RING_BUFFERS


class StageFailedError(Exception):
    """What a stage of a test raises."""


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Whatever a test does, no thread of a pipeline is there afterwards."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def fed(stages: list[Stage], count: int = MANY) -> None:
    """Give so many blocks of eight bytes, their numbers, to stages."""
    with Pipeline(stages, 8) as pipeline:
        for number in range(count):
            pipeline.take()[:] = number.to_bytes(8, "big")
            pipeline.give(number, 8)


def test_every_stage_gets_every_block_in_its_order() -> None:
    """As it was filled, also where one stage is slower than the ring is long; with more threads, in any order."""
    slow: list[int] = []
    spread: list[int] = []

    def slowly(number: int, block: memoryview) -> None:
        time.sleep(0.001)
        assert int.from_bytes(block, "big") == number
        slow.append(number)

    fed([Stage(slowly), Stage(lambda number, _block: spread.append(number), threads=3)])
    assert slow == list(range(MANY)) and sorted(spread) == slow


@pytest.mark.parametrize("due", [0, 1, RING_BUFFERS, MANY - 1])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_stage_that_fails_ends_all(due: int, threads: int) -> None:
    """At the first block, in the middle, at the last: the caller gets the error itself, and nothing more is worked on."""
    after: list[int] = []

    def fail(number: int, _block: memoryview) -> None:
        if number == due:
            raise StageFailedError(str(due))

    def note(number: int, _block: memoryview) -> None:
        time.sleep(0.002)
        after.append(number)

    with pytest.raises(StageFailedError, match=str(due)):
        fed([Stage(fail, threads), Stage(note)])
    assert len(after) <= due + 2 * RING_BUFFERS


def test_a_caller_that_fails_ends_all() -> None:
    """Blocks that wait are dropped, the one in hand is finished."""
    done: list[int] = []

    def slowly(number: int, _block: memoryview) -> None:
        time.sleep(0.05)
        done.append(number)

    with pytest.raises(StageFailedError), Pipeline([Stage(slowly)], 8) as pipeline:
        for number in range(RING_BUFFERS):
            pipeline.take()
            pipeline.give(number, 8)
        raise StageFailedError
    assert len(done) <= 2


def test_the_callers_error_wins() -> None:
    """Where both failed, the block's own error is the one that says why it ended."""
    failed = threading.Event()

    def fail(_number: int, _block: memoryview) -> None:
        failed.set()
        raise StageFailedError("of the stage")

    with pytest.raises(StageFailedError, match="of the caller"), Pipeline([Stage(fail)], 8) as pipeline:
        pipeline.take()
        pipeline.give(0, 8)
        failed.wait(10)
        raise StageFailedError("of the caller")


@pytest.mark.parametrize("due", [0, 1, 20])
def test_a_hash_that_fails_leaves_no_spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, due: int) -> None:
    """Sealing ends with that error; the folder is as empty as before."""
    calls = []

    def failing(piece: memoryview) -> bytes:
        calls.append(len(piece))
        if len(calls) > due:
            raise StageFailedError
        return piece_hash(piece)

    monkeypatch.setattr(content, "piece_hash", failing)
    with pytest.raises(StageFailedError):
        sealed(tmp_path, 24 * MIB)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("due", [1, 5])
def test_a_disk_that_fills_leaves_no_spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, due: int) -> None:
    """While the next pieces are being encrypted and hashed: typed, and all is removed."""
    write, calls = os.pwrite, []

    def filling(file: int, data: memoryview, offset: int) -> int:
        calls.append(len(data))
        if len(calls) > due:
            raise OSError(errno.ENOSPC, "full")
        return write(file, data, offset)

    monkeypatch.setattr(long_file.os, "pwrite", filling)
    with pytest.raises(DiskFullError):
        sealed(tmp_path, 24 * MIB)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("told", [24 * MIB - 1, 24 * MIB + 1])
def test_a_source_that_changes_leaves_no_spool(tmp_path: Path, told: int) -> None:
    """Shorter or longer than it was said to be, found at its end, when most is written."""
    with pytest.raises(SourceChangedError):
        sealed(tmp_path, told)
    assert list(tmp_path.iterdir()) == []


def sealed(root: Path, told: int) -> None:
    """Seal 24 MiB, said to have `told` bytes, into a spool that is not committed."""
    with SpoolWriter.begin(root, REPORT, FINGERPRINT) as writer, writer.part(bytes(8)) as sink:
        source = BytesIO(bytes(24 * MIB))
        content.seal_content(source, told, bytes(32), content.part_context(REPORT, bytes(8)), sink)


def test_the_tests_report_seals_where_nothing_fails(tmp_path: Path) -> None:
    """What the tests above break is whole without them."""
    with SpoolWriter.begin(tmp_path, REPORT, FINGERPRINT) as writer:
        seal.seal(request(), writer)
        assert writer.directory.is_dir()


INTERRUPTED = """
import signal, sys, threading, time
from pathlib import Path
from exchange.sealing import content
from exchange.sealing.spool import SpoolWriter
from tests.unit.sealing.sealed_report import FINGERPRINT, REPORT

class Endless:
    def readinto(self, view):
        return len(view)

# Whoever starts the tests in the background may have them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
root, size = Path(sys.argv[1]), 1 << 36
try:
    with SpoolWriter.begin(root, REPORT, FINGERPRINT) as writer, writer.part(bytes(8)) as sink:
        print("sealing", flush=True)
        content.seal_content(Endless(), size, bytes(32), content.part_context(REPORT, bytes(8)), sink)
except KeyboardInterrupt:
    print(len(threading.enumerate()), len(list(root.iterdir())), flush=True)
"""


def test_ctrl_c_leaves_no_spool_and_no_thread(tmp_path: Path) -> None:
    """The process ends by itself, with one thread and an empty folder."""
    environment = {**os.environ, "PYTHONPATH": "."}
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sealing\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "1 0\n")


def test_ctrl_c_while_waiting_for_the_stages_is_kept_until_they_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody impatient: files are closed after the block, so no thread may still be writing into one."""
    join, pressed = threading.Thread.join, []

    def interrupted(thread: threading.Thread, timeout: float | None = None) -> None:
        if len(pressed) < 3:
            pressed.append(thread)
            raise KeyboardInterrupt
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fed([Stage(lambda _number, _block: time.sleep(0.01))])
    assert len(pressed) == 3
