"""`make bench` cannot rot: every module measures, if next to nothing, and docs/benchmarks.md has the figures of each."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.bench import suite, table

pytestmark = [pytest.mark.full("Debian age, gnupg and nginx-core"), pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run over next to nothing gave. Its times mean nothing, so neither does whether bounds hold."""
    folder = tmp_path_factory.mktemp("bench")
    out = folder / "figures.json"
    command = [sys.executable, "-m", "tests.bench", "--tiny", "--json", str(out), "--folder", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=580, check=False)
    assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr[-4000:]
    assert [path.name for path in folder.iterdir()] == [out.name]
    return dict(json.loads(out.read_text()))


def test_every_module_measures(measured: dict[str, Any]) -> None:
    """No peer is missing, and every module gives figures that are numbers."""
    assert measured["missing"] == {}
    assert {figure["module"] for figure in measured["figures"]} == set(suite.modules())
    assert all(figure["ours"] > 0 and figure["theirs"] > 0 and figure["ratio"] > 0 for figure in measured["figures"])


def test_the_page_has_every_figure(measured: dict[str, Any]) -> None:
    """What the page's tables name is what the suite measures, but for the numbers in the names: no row more or less."""
    told = table.tables(PAGE)
    for module in suite.modules():
        due = [(figure["name"], figure["peer"]) for figure in measured["figures"] if figure["module"] == module]
        assert Counter(map(_shape, told[module])) == Counter(map(_shape, due)), module


def _shape(row: tuple[str, str]) -> tuple[str, str]:
    return table.shape(row[0]), table.shape(row[1])
