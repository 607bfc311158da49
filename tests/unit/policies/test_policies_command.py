"""`python -m policies`: what it prints and its exit codes."""

import json
import runpy
import sys

import pytest

from policies.__main__ import main

GOOD = {"id": "A", "expect": {"outcome": "PERMIT", "reason": "P_CONSENT", "not_after": None}}
BAD = {"id": "B", "instruments": [], "expect": {"outcome": "PERMIT", "reason": "P_CONSENT", "parts": ["p1"]}}
ENDS = {
    "id": "C", "instruments": [{"id": "I1", "provisions": [{"valid_to": "2026-03-31"}]}],
    "expect": {"outcome": "PERMIT", "reason": "P_CONSENT", "not_after": "2026-03-31"},
}


@pytest.fixture
def files(tmp_path):
    """A folder with these cases, each in its own file; the text stands for a file that is no JSON."""

    def write(*cases):
        for index, case in enumerate(cases):
            (tmp_path / f"{index}.json").write_text(case if isinstance(case, str) else json.dumps(case))
        return str(tmp_path)

    return write


def test_all_hold(files, capsys):
    """Every case holds: a line each, the sum, exit 0."""
    assert main(["check", files(GOOD)]) == 0
    assert capsys.readouterr().out == "ok A\n1 cases, 0 failed\n"


def test_a_mismatch(files, capsys):
    """A case that does not hold tells what was expected and what came out, for the keys that differ; exit 1."""
    assert main(["check", files(GOOD, BAD, ENDS)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "ok A",
        'FAIL B: expected {"outcome": "PERMIT", "reason": "P_CONSENT", "parts": ["p1"]}, '
        'got {"outcome": "WITHHOLD", "reason": "W_NO_CONSENT", "parts": []}',
        'FAIL C: expected {"not_after": "2026-03-31T00:00:00Z"}, got {"not_after": "2026-04-01T00:00:00Z"}',
        "3 cases, 2 failed",
    ]


def test_malformed(files, capsys):
    """Something malformed is told on standard error, the others are decided all the same; exit 2."""
    assert main(["check", files(GOOD, "{", BAD)]) == 2
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == "ok A" and printed.out.splitlines()[-1] == "2 cases, 1 failed"
    assert "1.json: not json" in printed.err and "case_not_json" in printed.err


def test_one_file_named_in_two_ways(files, capsys):
    """A file that is named twice, by itself, by another spelling of its path and by its folder, is one."""
    folder = files(GOOD)
    assert main(["check", folder, f"{folder}/0.json", f"{folder}/../{folder.rsplit('/', 1)[-1]}/0.json"]) == 0
    assert capsys.readouterr().out == "ok A\n1 cases, 0 failed\n"


def test_no_such_path(tmp_path, capsys):
    """A path that is not there is malformed input."""
    assert main(["check", str(tmp_path / "none")]) == 2
    printed = capsys.readouterr()
    assert printed.out == "0 cases, 0 failed\n" and "case_unreadable" in printed.err


def test_json(files, capsys):
    """With --json, one object: the counts, each case, each error; the exit codes are the same."""
    assert main(["check", "--json", files(GOOD, ENDS)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["cases"], told["failed"], told["errors"]) == (2, 1, [])
    assert told["results"][0] == {"id": "A", "ok": True, "expected": {}, "got": {}}
    assert told["results"][1]["got"] == {"not_after": "2026-04-01T00:00:00Z"}
    assert main(["check", files({"id": "D"}), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "case_missing_key"


def test_as_a_module(files, capsys, monkeypatch):
    """`python -m policies` takes the arguments of the command line and ends with the exit code."""
    monkeypatch.setattr(sys, "argv", ["policies", "check", files(BAD)])
    monkeypatch.delitem(sys.modules, "policies.__main__")
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("policies", run_name="__main__")
    assert caught.value.code == 1
    assert capsys.readouterr().out.endswith("1 cases, 1 failed\n")


def test_wrong_usage(capsys):
    """No command, or no path: exit 2."""
    for arguments in ([], ["check"], ["guess"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    capsys.readouterr()


def test_the_page_is_current(capsys):
    """`docs/policies.md` is what gates, regimes, sentences and cases make it."""
    assert main(["docs", "--check"]) == 0, "run: python -m policies docs"


def test_writing_and_checking_the_page(tmp_path, capsys):
    """The page is written where it is asked for; a page that differs, or is missing, is told with exit 1."""
    page = tmp_path / "policies.md"
    assert main(["docs", "--check", "--page", str(page)]) == 1
    assert main(["docs", "--page", str(page)]) == 0
    assert main(["docs", "--check", "--page", str(page)]) == 0
    page.write_text("old")
    assert main(["docs", "--check", "--page", str(page)]) == 1
    assert "not current" in capsys.readouterr().err
