"""The import contracts hold, and each fails when a breach is planted in a copy (run as by `make check-imports`)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LINT = Path(sys.executable).with_name("lint-imports")
PLANTED = [
    ("exchange/reports/services.py", "import keys.identity", "the private halves are imported by the client alone"),
    (
        "exchange/access/services.py",
        "from exchange.sealing import unseal",
        "the private halves are imported by the client alone",
    ),
    ("exchange/logs/services.py", "import exchange.client", "no server room imports the client"),
    ("exchange/client/planted.py", "import flask", "the client needs no web framework, no database and no server room"),
    ("exchange/client/planted.py", "import policies.gate", "the client knows the codes of policies"),
    ("exchange/reports/services.py", "import exchange.consents.services", "access > publications > reports | consents"),
    ("exchange/statements/planted.py", "import sqlalchemy", "statements and transparency stand on keys alone"),
    ("exchange/transparency/planted.py", "import exchange.ledger", "transparency know nothing of each other"),
    ("keys/planted.py", "import exchange.texts", "keys knows nothing of ours"),
    ("policies/planted.py", "import keys.suite", "policies knows nothing of ours"),
    ("exchange/access/services.py", "import exchange.reports.models", "the reports' tables are their own"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The rooms and their contracts, copied where a breach may be planted."""
    for room in ("exchange", "keys", "policies"):
        shutil.copytree(
            ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "static", "templates")
        )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def broken(copy: Path) -> tuple[int, str]:
    """(exit code, the lines that name a broken contract) of one run in ``copy``."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "200", "NO_COLOR": "1"}
    run = subprocess.run([LINT, "--no-cache"], cwd=copy, env=environment, capture_output=True, text=True, check=False)
    return run.returncode, "\n".join(line for line in run.stdout.splitlines() if " BROKEN" in line)


def test_every_contract_is_kept(copy: Path) -> None:
    """The project as it stands breaks none."""
    assert broken(copy) == (0, "")


def test_a_planted_private_half_in_a_server_room_fails_the_check(copy: Path) -> None:
    """One line, `import keys.identity`, in one server room is enough, and the contract that carries P1 is named."""
    with (copy / "exchange/reports/services.py").open("a") as room:
        room.write("\nimport keys.identity\n")
    code, lines = broken(copy)
    assert code == 1
    assert lines.split("\n") == ["the private halves are imported by the client alone BROKEN"]


def test_every_contract_fails_when_it_is_broken(copy: Path) -> None:
    """A breach of each kind at once: every contract concerned is named."""
    for path, line, _ in PLANTED:
        with (copy / path).open("a") as room:
            room.write(f"\n{line}\n")
    code, lines = broken(copy)
    assert code == 1
    assert [name for _, _, name in PLANTED if name not in lines] == []
