"""`make demo` on a fresh folder: it ends well and in time, and what it leaves is checked by programs that others wrote."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash

from exchange.transparency.policy_text import parse_policy
from tests.full.test_logs_by_others import checker, run

pytestmark = [
    pytest.mark.full("Debian golang-go and golang-golang-x-mod-dev, and a minute and a half"),
    pytest.mark.timeout(600),
]

ROOT = Path(__file__).resolve().parents[2]
# After set-up, on two cores and nothing else to do; other tests run beside this one, so it is given three times as long.
SECONDS = 270

__all__ = ["checker"]  # a fixture of the tests of the logs


@dataclass(frozen=True)
class Told:
    """What the demo printed, how long it took, and where it left what."""

    output: str
    seconds: float
    instance: Path
    homes: Path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The demo, run once."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EXCHANGE_")}
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--folder", str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    yield Told(done.stdout, time.monotonic() - started, folder / "instance-demo", folder / "demo-officers")
    shutil.rmtree(folder)


def test_the_demo_ends_well_and_in_time(told: Told) -> None:
    """Every step is told and proven, and it ends by itself."""
    assert len(re.findall("✔", told.output)) == 15 and "✘" not in told.output
    assert told.seconds < SECONDS


def test_what_was_opened_is_what_was_sent(told: Told) -> None:
    """David has both versions, byte for byte."""
    for name in ("A-HRC-23-18-F.pdf", "A-HRC-23-18-annexes-E.pdf"):
        assert (told.homes / "david-opened" / name).read_bytes() == (told.homes / "papers" / name).read_bytes()


def test_the_plain_copies_of_both_logs_are_there(told: Told) -> None:
    """Below logs/: each log's checkpoint and tiles, and the policy in both forms."""
    logs = told.instance / "logs"
    for name in ("directory", "audit"):
        assert (logs / name / "checkpoint").is_file() and (logs / name / "tile" / "0").is_dir()
    assert "witness" in (logs / "policy").read_text() and "witness" not in (logs / "policy-ed25519").read_text()


@pytest.mark.parametrize("name", ["directory", "audit"])
def test_programs_of_others_verify_both_logs(told: Told, checker: Path, name: str) -> None:  # the fixture
    """PyPI tlog-scales checks both signatures, the root and every entry's hash; the Go project's code checks it all again."""
    directory = told.instance / "logs" / name
    reader = TilesReader(LocalBackend(directory))
    checkpoint = reader.get_checkpoint()
    keys = parse_policy((told.instance / "logs" / "policy").read_bytes()).log_keys(checkpoint.origin)
    for vkey in (keys.ed25519, keys.mldsa44):
        checkpoint.verify(Vkey.from_string(vkey.text))
    assert reader.calculate_root_hash() == checkpoint.root_hash
    assert {len(leaf_hash(reader.get_entry(index))) for index in range(checkpoint.size)} == {32}
    result = run(checker, directory, vkey=keys.ed25519.text)
    assert result.returncode == 0, result.stderr
    assert f": {checkpoint.size} entries" in result.stdout


def test_the_audit_logs_public_files_are_of_one_length(told: Told) -> None:
    """Every public entry has 73 bytes, whatever it is about."""
    reader = TilesReader(LocalBackend(told.instance / "logs" / "audit"))
    size = reader.get_checkpoint().size
    assert size % 16 == 0 and {len(reader.get_entry(index)) for index in range(size)} == {73}
