"""The Go project's own log code (Debian golang-golang-x-mod-dev) verifies our logs, and notices what was tampered with."""

import os
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from exchange.transparency.proof import InclusionProof, TlogProof
from tests.programs import program
from tests.unit.transparency import slow_tree
from tests.unit.transparency.log_maker import make_keys, publish_log

pytestmark = pytest.mark.full("Debian golang-go and golang-golang-x-mod-dev")

SOURCE = Path(__file__).parent / "go" / "checklog.go"
KEYS = make_keys()
SIZES = [1, 255, 256, 257, 700]


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checker, built from our source and Debian's; a missing tool fails the test."""
    place = tmp_path_factory.mktemp("go")
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(place / "cache"),
        "GOFLAGS": "",
    }
    command = ["go", "build", "-o", str(place / "checklog"), str(SOURCE)]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)
    return place / "checklog"


def run(
    checker: Path, directory: Path, *proofs: Path, vkey: str = KEYS.public.ed25519.text
) -> subprocess.CompletedProcess:
    command = [str(checker), str(directory), vkey, *map(str, proofs)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("size", SIZES)
def test_go_verifies_our_log(checker: Path, tmp_path: Path, size: int) -> None:
    """Checkpoint, tiles, every entry with a proof, consistency between sizes, and proof files, at each size."""
    entries = slow_tree.entries(size)
    store = publish_log(tmp_path / "log", entries, [s for s in SIZES if s <= size], KEYS)
    checkpoint = (tmp_path / "log" / "checkpoint").read_bytes()
    proofs = []
    for index in {0, size // 2, size - 1}:
        path = tmp_path / f"{index}.tlog-proof"
        path.write_bytes(TlogProof(index, InclusionProof.make(store, index, size).hashes, checkpoint).to_bytes())
        proofs.append(path)
    result = run(checker, tmp_path / "log", *proofs)
    assert result.returncode == 0, result.stderr
    root = b64encode(store.head().root).decode()
    assert result.stdout == f"{KEYS.origin}: {size} entries, root {root}, {len(proofs)} proof files\n"


@pytest.mark.parametrize(
    ("name", "at", "said"),
    [
        ("tile/entries/001", 900, "entry|ends early|more than"),
        ("tile/0/001", 900, "inconsistent tile|invalid transparency proof"),
        ("tile/1/000.p/2", 40, "inconsistent tile"),
        ("checkpoint", 30, "invalid|verif|malformed"),
    ],
)
def test_go_notices_what_was_tampered_with(checker: Path, tmp_path: Path, name: str, at: int, said: str) -> None:
    """One bit changed in an entry, a tile or the checkpoint: refused."""
    publish_log(tmp_path / "log", slow_tree.entries(700), [700], KEYS)
    data = bytearray((tmp_path / "log" / name).read_bytes())
    data[at] ^= 1
    (tmp_path / "log" / name).write_bytes(data)
    result = run(checker, tmp_path / "log")
    assert result.returncode == 1
    assert any(word in result.stderr for word in said.split("|")), result.stderr


def test_go_refuses_another_logs_key(checker: Path, tmp_path: Path) -> None:
    """The checker verifies under the key it is given, and no other."""
    publish_log(tmp_path / "log", slow_tree.entries(5), [5], KEYS)
    assert run(checker, tmp_path / "log", vkey=make_keys(seed=7).public.ed25519.text).returncode == 1


def test_go_compiles_without_a_module_proxy() -> None:
    """Debian's package is where the checker's only dependency comes from."""
    assert Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tlog.go").is_file()
    assert program("go", package="golang-go")
