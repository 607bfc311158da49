"""Twenty officers on four workers work for a while without an error, and everything they were shown stands in one log."""

from pathlib import Path

import pytest

from tests.load.__main__ import worked
from tests.load.hosts import ENGINES, Setting, serving
from tests.load.line import played
from tests.load.measured import Measured
from tests.load.simulate import Length


@pytest.mark.full("Debian's postgresql, and minutes: real servers with four workers")
@pytest.mark.sqlite("it brings both engines itself")
@pytest.mark.timeout(400)
@pytest.mark.parametrize("engine", ENGINES)
def test_twenty_officers_work_without_an_error(engine: str, tmp_path: Path) -> None:
    """Mixed work for 15 seconds: every answer is the one that was due, every proof holds, `flask fsck` finds nothing."""
    with serving(tmp_path / "exchange", Setting(engine, 2, 2, 20)) as served:
        measured = played(worked(served, Length(15, arrival=2), seed=5, tell=lambda _text: None))
    assert measured.ok, measured.table()
    assert measured.requests > 100


def test_figures_tell_what_went_wrong() -> None:
    """Percentiles by nearest rank; an error or a finding is no success, and both are told."""
    measured = Measured()
    for n in range(100):
        measured.took("release", n / 1000)
    assert measured.ok and measured.rows()[0] == {
        "act": "release", "count": 100, "p50_ms": 49.0, "p95_ms": 94.0, "max_ms": 99.0, "errors": 0,
    }  # fmt: skip
    measured.failed("release", "no answer")
    assert not measured.ok and "error: release: no answer" in measured.table()
    found = Measured(findings=["a leaf is gone"])
    assert not found.ok and "finding: a leaf is gone" in found.table()
