"""The shape of a file: no asserts outside tests, no `utils.py`, packages that re-export nothing, nothing too long.

`python -O` removes asserts, so a check that must hold is an `if` that raises.
"""

import ast
from collections.abc import Iterator

from house_rules.tree import PRODUCT, Breach, Source, python

FILE_LINES = 400
FUNCTION_LINES = 60
NAMELESS = {"utils.py", "util.py", "helpers.py", "misc.py"}
# A migration is a list of tables in one function, written by a tool and never touched again.
MIGRATIONS = "exchange/migrations/versions/"


def check_asserts(found: list[Source]) -> Iterator[Breach]:
    """An assert is for tests."""
    for source in python(found):
        if source.top == "tests":
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Assert):
                yield Breach(source.path, node.lineno, "assert outside tests; raise an error that `python -O` keeps")


def check_names(found: list[Source]) -> Iterator[Breach]:
    """A file whose name says nothing is probably two things."""
    for source in python(found):
        if source.name in NAMELESS or "/utils/" in source.path:
            yield Breach(source.path, 0, "a name that says nothing; name the one idea in it")


def check_packages(found: list[Source]) -> Iterator[Breach]:
    """`from room import thing` must name the file the thing lives in, so that import contracts see it."""
    for source in found:
        if not source.is_product or source.name != "__init__.py":
            continue
        for node in source.tree.body:
            ours = isinstance(node, ast.ImportFrom) and (node.level > 0 or (node.module or "").split(".")[0] in PRODUCT)
            ours = ours or (isinstance(node, ast.Import) and any(a.name.split(".")[0] in PRODUCT for a in node.names))
            if ours:
                yield Breach(source.path, node.lineno, "a package re-exports nothing")


def check_sizes(found: list[Source]) -> Iterator[Breach]:
    """A file past 400 lines or a function past 60 is probably two things."""
    for source in python(found):
        if source.path.startswith(MIGRATIONS):
            continue
        lines = source.text.count("\n")
        if lines > FILE_LINES:
            yield Breach(source.path, 0, f"{lines} lines, {FILE_LINES} at most")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > FUNCTION_LINES:
                    yield Breach(source.path, node.lineno, f"{node.name} has {size} lines, {FUNCTION_LINES} at most")
