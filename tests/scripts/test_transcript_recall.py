"""Stop and recall, told by real commands: nobody had the key; somebody had, was asked, answered, and answered again."""

from pathlib import Path

import pytest

from tests.scripts.story import Cast
from tests.scripts.test_transcript_story import _instrument


@pytest.fixture(scope="module")
def opened(cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A report that the SPT opened by an agreement that was withdrawn after; the ids of both."""
    folder = tmp_path_factory.mktemp("recalled")
    file = folder / "report.txt"
    file.write_text("What the delegation saw. " * 50)
    report = _transmitted(cast, file)
    note = _instrument(cast, f"note-{report[:8]}", scope_ref=report)
    instrument = cast.cpt.asks("consent", "record", note, "--adds", "--yes")["instrument"]
    cast.second.asks("consent", "confirm", instrument, "--yes")
    cast.spt.asks("open", report, "--purpose", "follow_up", "-o", folder / "read")
    return report, instrument


def _transmitted(cast: Cast, file: Path) -> str:
    words = ["--state", "XA", "--language", "en", "--to", "un-spt", "--kind", "visit_report"]
    found: str = cast.cpt.asks("deposit", file, *words, "--adopted-on", "2026-03-02")["report"]
    return found


def test_a_stop_says_with_its_proof_that_nobody_had_the_key(cast: Cast, tmp_path: Path) -> None:
    """One command: stopped, and proven from the body's own entries up to one after the stop."""
    file = tmp_path / "wrong.txt"
    file.write_text("meant for somebody else")
    report = _transmitted(cast, file)
    stopped = cast.cpt.asks("stop", report)
    assert stopped["entry"] and stopped["proof_failed"] is None
    proof = stopped["readers"]
    assert proof["nobody_else"] and proof["findings"] == [] and proof["releases"] == []
    assert proof["stopped_at"] == stopped["entry"]["index"] < proof["up_to"]
    said = cast.second.types("stop", report)
    assert "Stopped. Nobody is given its key from now on." in said.err
    assert "nobody else has received a key" in said.out and "exchange recall" not in said.out
    assert cast.second.asks("stop", report, "--no-proof")["readers"] is None


def test_withdrawn_recalled_and_answered(cast: Cast, opened: tuple[str, str]) -> None:
    """The withdrawal names what rested on it; the recall reaches the SPT where the report does not any more; "never opened"
    is shown against the entry by which it was given the key; a later answer takes its place; lifting takes two."""
    report, instrument = opened
    withdrawn = cast.cpt.asks("consent", "withdraw", instrument, "--yes")
    assert [(each["report"], each["parts"][0]["organisations"]) for each in withdrawn["rested"]] == [(report, ["un-spt"])]
    assert cast.spt.asks("show", report, expect=1)["code"] == "N_UNAVAILABLE"
    assert cast.spt.asks("inbox")["recalls"] == []
    assert cast.spt.asks("answer-recall", report, "--answer", "destroyed", "--yes", expect=1)["code"] == "not_recalled"
    stopped = cast.second.types("stop", report)
    assert f"exchange recall {report}" in stopped.out

    recalled = cast.cpt.types(
        "recall", report, "--reason", "withdrawal", "--instrument", instrument, "--reply-by", "2099-01-31", "--yes"
    )
    assert "Told, and asked for an answer: un-spt" in recalled.out
    (listed,) = cast.spt.asks("inbox")["recalls"]
    assert (listed["report"], listed["owner"], listed["reason"]) == (report, "coe-cpt", "withdrawal")
    assert listed["reply_by"] == "2099-01-31" and not listed["overdue"]
    shown = cast.spt.asks("show", report)
    assert not shown["available"] and shown["recalls"] == [listed]
    inbox = cast.spt.types("inbox").out
    assert "Please answer by 2099-01-31." in inbox and f"exchange answer-recall {report}" in inbox

    cast.spt.asks("answer-recall", report, "--answer", "never_opened", "--yes")
    assert cast.spt.asks("inbox")["recalls"] == []
    held = cast.cpt.asks("recalls", report)
    (asked,) = held["recalls"][0]["asked"]
    assert asked["answer"] == "never_opened" and len(asked["contradicted_by"]) == 1
    assert held["findings"] == held["hidden"] == []
    assert "was given the key before" in cast.cpt.types("recalls", report).out

    cast.spt.asks("answer-recall", report, "--answer", "destroyed", "--yes")
    (asked,) = cast.cpt.asks("recalls", report)["recalls"][0]["asked"]
    assert asked["answers"] == ["never_opened", "destroyed"] and asked["contradicted_by"] == []
    assert report in [each["report"] for each in cast.cpt.asks("recalls")["recalls"] if each["outstanding"] == 0]

    proposed = cast.cpt.asks("lift", report, "--recalls", "--yes")["statements"][0]
    waiting = cast.second.types("confirm", proposed["hash"], "--yes")
    assert f"This lifts a recall of report {report}." in waiting.err
    assert cast.cpt.asks("recalls", report)["recalls"][0]["lifted"]
    assert cast.cpt.asks("lift", report, "--recalls", "--yes", expect=1)["code"] == "not_recalled"
    acts = [entry["act"] for entry in cast.office.asks("audit", "list", "--report", report)["entries"]]
    assert acts.index("access:release:permit") < acts.index("reports:report:recall") < acts.index("reports:recall:answer")


def test_a_recall_that_reaches_nobody_says_so(cast: Cast, tmp_path: Path) -> None:
    """Without any agreement no addressee could ever know of the report: nobody is told, and that is said."""
    file = tmp_path / "never.txt"
    file.write_text("nobody agreed")
    report = _transmitted(cast, file)
    said = cast.cpt.types("recall", report, "--reason", "error", "--yes")
    assert "Nobody is told" in said.out and "Not told, since they could never know of it: un-spt" in said.out
    assert cast.spt.asks("show", report, expect=1)["code"] == "N_UNAVAILABLE"
    assert report not in [each["report"] for each in cast.spt.asks("recalls")["recalls"]]
    wrong = cast.cpt.asks("recall", report, "--reason", "because", "--yes", expect=2)
    assert wrong["code"]
    assert cast.cpt.asks("recall", report, "--part", "fr", "--yes", expect=1)["code"] == "part_not_shown"
