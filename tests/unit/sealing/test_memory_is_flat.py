"""Memory stays flat whatever a file's size: measured in a process of its own, sealing and opening through the disk."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

# The peak of a 256 MiB file may exceed that of a 16 MiB file by the noise of the allocator, far less than a file.
NOISE = 8 * 2**20

MEASURE = """
import json, resource, sys
from pathlib import Path
from exchange.sealing import content
from exchange.sealing.landing import Landing
from exchange.sealing.piece_file import PieceFile
from exchange.sealing.check_pieces import check_root
from exchange.sealing.unseal.content import open_content
from exchange.sealing.pieces import piece_hash, root_of

size, folder = int(sys.argv[1]), Path(sys.argv[2])
key, context = bytes(32), content.part_context(bytes(16), bytes(8))
with (folder / "plain").open("wb") as file:
    file.truncate(size)
with (folder / "plain").open("rb") as source, (folder / "sealed").open("wb") as sink:
    done = content.seal_content(source, size, key, context, sink.write)
pieces = PieceFile(folder / "sealed", done.layout)
root = root_of(piece_hash(pieces.piece(n)) for n in range(done.layout.count))
with Landing(folder, "opened") as landing:
    open_content(pieces, size, key, context, landing.write)
    landing.land()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"peak": peak, "same": root == done.root, "size": (folder / "opened").stat().st_size}))
"""


def measured(size: int, folder: Path) -> dict[str, int]:
    """Seal and open a file of zeros in a process of its own; return its peak resident memory in bytes."""
    folder.mkdir()
    made = subprocess.run(
        [sys.executable, "-c", MEASURE, str(size), str(folder)], capture_output=True, check=True, text=True
    )
    for name in ("plain", "sealed", "opened"):
        (folder / name).unlink()
    return dict(json.loads(made.stdout))


@pytest.mark.timeout(300)
def test_a_file_sixteen_times_as_large_takes_no_more_memory(tmp_path: Path) -> None:
    """Peak memory of sealing, hashing, checking and opening 256 MiB is that of 16 MiB."""
    small, large = measured(2**24, tmp_path / "small"), measured(2**28, tmp_path / "large")
    assert small["same"] and large["same"]
    assert (small["size"], large["size"]) == (2**24, 2**28)
    assert large["peak"] - small["peak"] < NOISE
