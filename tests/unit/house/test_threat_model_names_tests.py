"""The threat model says of each promise by which tests it holds: every test it names exists, and no promise names none."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "threat-model.md"
NAMED = re.compile(r"`(tests/[\w/.-]+\.py)::([\w:]+)`")
PROMISES = [f"P{number}" for number in range(1, 14)]


def sections(text: str) -> dict[str, str]:
    """Return the text under each heading `### P1 …`, by promise."""
    found: dict[str, str] = {}
    for part in re.split(r"^(?=#{2,3} )", text, flags=re.MULTILINE):
        heading = re.match(r"### (P\d+)\b", part)
        if heading:
            found[heading.group(1)] = part
    return found


def named(text: str) -> list[tuple[str, str]]:
    """Return (file, test) of every test that a text names, in its order."""
    return [(match.group(1), match.group(2)) for match in NAMED.finditer(text)]


def names_in(path: Path) -> set[str]:
    """Return the names of the tests in a file; those of a class as `Class::test`. Empty for a file that is not there."""
    if not path.is_file():
        return set()
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return {name for name in found if name.rpartition("::")[2].startswith("test_")}


def missing(text: str, root: Path) -> list[str]:
    """Return `file::test` of what a text names and the project does not have."""
    return [f"{path}::{test}" for path, test in named(text) if test not in names_in(root / path)]


def test_every_named_test_exists() -> None:
    """A test that was renamed or removed no longer shows anything."""
    assert missing(PAGE.read_text(encoding="utf-8"), ROOT) == []


@pytest.mark.parametrize("promise", PROMISES)
def test_every_promise_says_what_shows_it(promise: str) -> None:
    """Each of the thirteen promises has a section that says what holds, what is not there yet, and names a test."""
    section = sections(PAGE.read_text(encoding="utf-8"))[promise]
    assert "**Holds.**" in section and "**Not yet.**" in section
    assert named(section)


def test_a_name_without_a_test_is_found(tmp_path: Path) -> None:
    """A file that is gone, a test that is gone, a helper that is no test: each is named; what is there is not."""
    (tmp_path / "tests").mkdir()
    code = "def test_a() -> None: ...\ndef helper() -> None: ...\nclass Group:\n    def test_b(self) -> None: ...\n"
    (tmp_path / "tests/test_x.py").write_text(code)
    good = "`tests/test_x.py::test_a` and `tests/test_x.py::Group::test_b`"
    bad = ["tests/test_x.py::test_c", "tests/test_y.py::test_a", "tests/test_x.py::helper", "tests/test_x.py::test_b"]
    assert missing(good, tmp_path) == []
    assert missing(" ".join(f"`{name}`" for name in bad), tmp_path) == bad
