"""Killed while sealing, a full disk while sealing or opening: nothing half-done is taken for done, nothing is left open."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exchange.sealing import seal
from exchange.sealing import spool as spools
from exchange.sealing.errors import DiskFullError, SealingError
from exchange.sealing.piece_file import PieceFile
from exchange.sealing.pieces import layout, sealed_size
from exchange.sealing.spool import SpoolWriter
from exchange.sealing.unseal.opening import OpeningError, open_part
from tests.unit.sealing.sealed_report import FINGERPRINT, READER_KEY, REPORT, Checks, deposited, facts, request

# Seals the tests' report and kills itself with SIGKILL just before or after the write named by its number.
KILLED = """
import os, signal, sys
from pathlib import Path
from exchange.sealing import disk, seal
from tests.unit.sealing import sealed_report

due, when = int(sys.argv[2]), sys.argv[3]
count = 0

def counted(write):
    def wrapper(*arguments):
        global count
        count += 1
        number = count
        if number == due and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = write(*arguments)
        if number == due:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return wrapper

disk.write_all = counted(disk.write_all)
disk.replace_durably = counted(disk.replace_durably)
sealed_report.deposited(Path(sys.argv[1]))
print(count)
"""


def killed_at(root: Path, due: int, when: str) -> subprocess.CompletedProcess[str]:
    """Run the sealing that kills itself at a write."""
    command = [sys.executable, "-c", KILLED, str(root), str(due), when]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": "."})


def test_killed_at_any_write_the_same_command_seals_anew(tmp_path: Path) -> None:
    """SIGKILL before and after writes over the whole of sealing: unfinished or finished, never half of it as done."""
    whole = killed_at(tmp_path / "whole", 0, "never")
    assert whole.returncode == 0, whole.stderr
    writes = int(whole.stdout)
    # First, last and some between. The record, which makes the spool one, is the last file: its number is that of its
    # replacement, and one later comes the write inside that.
    record = writes - 1
    for due in (1, 2, writes // 2, record - 1, record):
        for when in ("before", "after"):
            root = tmp_path / f"{due}-{when}"
            assert killed_at(root, due, when).returncode == -signal.SIGKILL
            finished = spools.find(root, FINGERPRINT)
            assert (finished is not None) == (due == record and when == "after")
            if finished is None:
                assert spools.discard_unfinished(root, FINGERPRINT) == 1
                deposited(root)
            assert spools.find(root, FINGERPRINT) is not None


@contextmanager
def no_room_over(size: int) -> Iterator[None]:
    """Let no file of this process grow past `size` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [10, 70_000, 1_100_000])
def test_a_disk_that_fills_while_sealing_leaves_no_spool(tmp_path: Path, room: int) -> None:
    """Full at once, after the first part, in the middle of the second: typed, and all is removed."""
    with pytest.raises(DiskFullError), no_room_over(room):
        with SpoolWriter.begin(tmp_path, REPORT, FINGERPRINT) as writer:
            seal.seal(request(), writer)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_while_opening_leaves_nothing_readable(tmp_path: Path) -> None:
    """Step 8 fails as disk_full, and the folder is as empty as before."""
    spool, sealed = deposited(tmp_path / "spool")
    (tmp_path / "out").mkdir()
    with pytest.raises(OpeningError) as caught, no_room_over(1_100_000):
        open_part(facts(spool, sealed, "p2"), READER_KEY, Checks(), tmp_path / "out")
    assert (caught.value.step, caught.value.code) == (8, "disk_full")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_disk_that_fills_while_fetching_keeps_whole_pieces_only(tmp_path: Path) -> None:
    """What was fetched before stays, and the cut piece does not count."""
    file = PieceFile(tmp_path / "part", layout(sealed_size(2 * 2**20)))
    file.store(0, bytes(1_049_656))
    with pytest.raises(DiskFullError), no_room_over(1_100_000):
        file.store(1, bytes(1_049_600))
    assert file.present() == 1


KILLED_OPENING = """
import os, signal, sys
from pathlib import Path
from exchange.sealing import disk
from tests.unit.sealing import sealed_report

def killing(descriptor, data, write=disk.write_all):
    write(descriptor, data)
    os.kill(os.getpid(), signal.SIGKILL)

root = Path(sys.argv[1])
spool, sealed = sealed_report.deposited(root / "spool")
(root / "out").mkdir()
disk.write_all = killing
from exchange.sealing.unseal.opening import open_part
open_part(sealed_report.facts(spool, sealed, "p2"), sealed_report.READER_KEY, sealed_report.Checks(), root / "out")
"""


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="this system has no nameless files")
def test_killed_while_opening_nothing_readable_is_left(tmp_path: Path) -> None:
    """SIGKILL after plaintext was written: the file had no name yet, so it is gone with the process."""
    command = [sys.executable, "-c", KILLED_OPENING, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": "."})
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_every_error_of_the_room_has_a_code_of_its_own() -> None:
    """Stable, distinct snake_case: the catalogue's sentences hang on them."""

    def leaves(kind: type[SealingError]) -> Iterator[type[SealingError]]:
        for child in kind.__subclasses__():
            yield child
            yield from leaves(child)

    codes = [kind.code for kind in leaves(SealingError) if kind is not OpeningError]
    assert len(codes) == len(set(codes))
    assert all(code.replace("_", "").isalpha() and code.islower() for code in codes)
