"""The project's case files: all hold, every reason is shown by one, and the format is the one in the specification."""

import json
import re
from pathlib import Path

from policies.case_file import Case, case_paths, case_to_json, parse_case, read_files
from policies.case_shown import SHOWN
from policies.checking import check, check_paths
from policies.reasons import REASONS

ROOT = Path(__file__).parents[3]
CASES = ROOT / "policies" / "cases"
EXAMPLES = ["E01", "E02", "E03", "E04", "E05", "E07", "E08", "E09", "E10", "E11", "E13", "E15", "E16", "E18", "E20",
            "E21", "E22", "E23", "E25", "E26", "E27", "E28", "E29", "E30", "E32", "E33", "E35", "E36", "E39"]


def test_every_case_holds():
    """Every case file comes out as it says."""
    report = check_paths([CASES])
    assert [outcome.line() for outcome in report.outcomes if not outcome.holds] == []
    assert (report.errors, report.exit_code) == ((), 0)
    assert len(report.outcomes) > 600


def test_every_reason_is_shown():
    """Each reason for a permit or a refusal is what some case expects."""
    expected = {case.expect["reason"] for _, case in read_files(case_paths([CASES])) if isinstance(case, Case)}
    assert expected == set(REASONS)


def test_every_worked_example_is_there_with_neighbours():
    """Each worked example is a case, and has another beside it."""
    ids = [outcome.id for outcome in check_paths([CASES]).outcomes]
    for example in EXAMPLES:
        assert example in ids
        assert [one for one in ids if one.startswith(f"{example}-")], example


def test_titles_tell_examples_apart():
    """No two cases of one file have the same title, and each ends without a full stop."""
    for path in CASES.glob("*.json"):
        titles = [entry["title"] for entry in json.loads(path.read_text(encoding="utf-8"))]
        assert len(set(titles)) == len(titles), path.name
        assert not [title for title in titles if title.endswith(".")]


def test_cases_print_back_the_same():
    """Every case comes back equal from its own complete JSON."""
    for _, case in read_files(case_paths([CASES])):
        assert isinstance(case, Case)
        assert parse_case(case_to_json(case)) == case


def test_shown_case_is_the_one_specified():
    """The defaults are those of the block in the specification, which is itself a case that holds."""
    page = (ROOT / "docs" / "spec" / "consent.md").read_text(encoding="utf-8")
    block = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert block is not None
    assert json.loads(block[1]) == SHOWN
    assert check(parse_case(SHOWN)).holds
