"""Every kind of bad input has a code, sentences in both languages, a test in its room and one end to end."""

import ast
from pathlib import Path

import pytest

from exchange.texts import LANGUAGES, catalogue
from tests.unit.house.bad_input_table import TABLE, Line

TESTS = Path(__file__).parents[2]


def named_tests(path: Path) -> set[str]:
    """The names of the tests in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("name", TABLE)
def test_the_tests_that_prove_it_are_there(name: str) -> None:
    """A test that was renamed or removed takes its proof along: the table must follow."""
    line: Line = TABLE[name]
    assert line.rooms and line.end_to_end
    for test in (*line.rooms, *line.end_to_end):
        path, _, function = test.partition("::")
        assert function in named_tests(TESTS / path), test


@pytest.mark.parametrize("name", TABLE)
def test_its_codes_have_sentences(name: str) -> None:
    """Each code says something else in English and in French, and stands in a room's errors or the server's problems."""
    for code in TABLE[name].codes:
        told = [catalogue(language).get(f"error.{code}") for language in LANGUAGES]
        assert all(told) and len({str(each) for each in told}) == len(LANGUAGES), code


def test_each_code_is_an_errors() -> None:
    """No code is made up: each is the `code` of an error class."""
    root, found = TESTS.parent, set()
    for room in ("exchange", "keys", "policies"):
        for path in (root / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    found |= {_code(item) for item in node.body}
    assert {code for line in TABLE.values() for code in line.codes} <= found


def _code(item: ast.stmt) -> str | None:
    target = item.targets[0] if isinstance(item, ast.Assign) else getattr(item, "target", None)
    value = getattr(item, "value", None)
    if isinstance(target, ast.Name) and target.id == "code" and isinstance(value, ast.Constant):
        return str(value.value)
    return None
