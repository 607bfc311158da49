"""Which tests run on which engine, told from their source, and what a run left out.

A test touches a database when its file, a helper or a conftest that it reaches through imports, reaches
`tests/databases.py`: there is no other way to a database in a test.
Those run on PostgreSQL with EXCHANGE_TEST_ENGINE=postgresql, except what is marked as one engine's own.
"""

import ast
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
MARKS: Final = ("full", "sqlite", "postgresql")


@cache
def touches_database(test: Path) -> bool:
    """Whether a test file reaches a database, itself or through what it imports."""
    conftests = [folder / "conftest.py" for folder in test.parents if ROOT / "tests" in folder.parents]
    return any(_reaches(path) for path in (test, *(path for path in conftests if path.exists())))


@cache
def _reaches(path: Path) -> bool:
    seen: set[Path] = set()
    waiting = [path]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting.extend(_imports(each))
    return ROOT / "tests" / "databases.py" in seen


@cache
def _imports(path: Path) -> frozenset[Path]:
    """The files of tests/ that a file imports anywhere."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    files = {ROOT / (name.replace(".", "/") + ".py") for name in names if name.startswith("tests.")}
    return frozenset(file for file in files if file.exists())


def of_engine(items: list[pytest.Item], postgresql: bool) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Split tests into those that run on the engine of this run, and those that do not."""
    chosen, others = [], []
    for item in items:
        if postgresql:
            runs = touches_database(item.path) and item.get_closest_marker("sqlite") is None
        else:
            runs = item.get_closest_marker("postgresql") is None
        (chosen if runs else others).append(item)
    return chosen, others


def left_out(tests: Path, mark: str) -> list[tuple[str, str]]:
    """(file, why) for each mark of this name below `tests`, from the source: xdist's controller collects nothing."""
    found = set()
    for path in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == f"pytest.mark.{mark}":
                words = [*node.args, *(keyword.value for keyword in node.keywords)]
                why = ast.literal_eval(words[0]) if words else ""
                found.add((str(path.relative_to(tests.parent)), why))
            elif isinstance(node, ast.Attribute) and ast.unparse(node) == f"pytest.mark.{mark}":
                found.add((str(path.relative_to(tests.parent)), ""))
    return sorted((path, why) for path, why in found if why or not any(p == path and n for p, n in found))
