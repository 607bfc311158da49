"""The harness of `make bench`: what it prints, writes and judges is what was measured."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import suite, table
from tests.bench.figures import Bench, Figure, PeerMissingError, paired
from tests.bench.suite import Measured, NoSuchModuleError

PAGE = """# Page
<!-- bench: machine -->
<!-- /bench -->
Words.
<!-- bench: one -->
stale
<!-- /bench -->
More words.
"""
GOOD = Figure("seal 1 MiB", "age", 0.5, 1.0, 0.5, 3, at_most=0.77, work=64, unit="MiB", aim=100)
BAD = Figure("send 16 pieces", "nginx", 2.0, 1.0, 2.0, 3, at_most=1.6)


def test_ratios_are_of_pairs_and_their_median_counts() -> None:
    """Both are done once to warm up, then alternately, and what is removed before each is not in the time."""
    done: list[str] = []
    figure = paired("a", "b", lambda: done.append("a"), lambda: done.append("b"), runs=3, before=lambda: done.append("-"))
    assert "".join(done) == "-a-b" + "-b-a" + "-a-b" + "-b-a"
    assert figure.runs == 3 and figure.ratio > 0 and figure.holds


def test_the_page_gets_its_tables_and_keeps_its_words(tmp_path: Path) -> None:
    """Written twice is written once; what the tables name can be read back; a module without a place is refused."""
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    every = [Measured("one", (GOOD, BAD))]
    table.write(page, every, {"cores": "2"})
    text = page.read_text()
    assert "stale" not in text and "Words." in text and "More words." in text and "- cores: 2" in text
    assert "| seal 1 MiB | 500 ms (128 MiB/s, aim 100) | age | 1 s | 0.50 | 0.77 | yes |" in text
    assert "| 2.00 | 1.60 | **no** |" in text
    table.write(page, every, {"cores": "2"})
    assert page.read_text() == text
    assert table.tables(page)["one"] == [("seal 1 MiB", "age"), ("send 16 pieces", "nginx")]
    with pytest.raises(table.MarkersMissingError):
        table.write(page, [Measured("two", (GOOD,))], {})
    assert page.read_text() == text


def test_a_module_that_was_not_measured_whole_leaves_its_table(tmp_path: Path) -> None:
    """Half a table would look like a whole one."""
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    table.write(page, [Measured("one", (GOOD,), "age")], {})
    assert "stale" in page.read_text()


def test_json_has_all_of_it() -> None:
    """Figures with module, rate and verdict, the machine, and which package was missing."""
    found = table.as_json([Measured("one", (GOOD, BAD), "nginx-core")], {"cores": "2"})
    assert [(f["module"], f["rate"], f["holds"]) for f in found["figures"]] == [("one", 128, True), ("one", None, False)]
    assert found["missing"] == {"one": "nginx-core"} and found["machine"] == {"cores": "2"}


def test_each_module_has_a_folder_that_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a peer is missing, which ends that module alone."""

    def lacking(bench: Bench) -> Iterator[Figure]:
        (bench.folder / "left").touch()
        yield GOOD
        raise PeerMissingError("age")

    monkeypatch.setattr(suite, "modules", lambda: {"lacking": lacking, "whole": lambda bench: iter([GOOD])})
    found = list(suite.run(Bench(tmp_path)))
    assert found == [Measured("lacking", (GOOD,), "age"), Measured("whole", (GOOD,))]
    assert [measured.holds for measured in found] == [False, True]
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_none_is_refused_first(tmp_path: Path) -> None:
    """Before anything is measured."""
    with pytest.raises(NoSuchModuleError, match="'nothing'"):
        next(suite.run(Bench(tmp_path), ["nothing"]))
