"""What every test can rely on: property tests that repeat themselves, and a plain word on what a run left out.

Sockets beyond loopback are blocked by pytest-socket, through pyproject.toml.
"""

import ast
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "quick",
    deadline=None,
    derandomize=True,
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("full", deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("full" if os.environ.get("EXCHANGE_FULL_TESTS") else "quick")


def left_out(tests: Path) -> list[tuple[str, str]]:
    """(file, need) for each `full` mark below ``tests``, from the source: xdist's controller collects nothing."""
    found = set()
    for path in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.full":
                need = ast.literal_eval(node.args[0]) if node.args else "more than Python"
                found.add((str(path.relative_to(tests.parent)), need))
            elif isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.full":
                found.add((str(path.relative_to(tests.parent)), ""))
    return sorted((path, need) for path, need in found if need or not any(p == path and n for p, n in found))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the files whose `full` tests this run left out, and what they need."""
    if config.option.markexpr != "not full" or hasattr(config, "workerinput"):
        return
    rows = left_out(Path(__file__).parent)
    if rows and not terminalreporter.config.option.collectonly and config.args_source.name != "ARGS":
        terminalreporter.section("left out of this run; `make test-full` runs them", sep="-")
        for path, need in rows:
            terminalreporter.line(f"{path}: needs {need or 'more than Python'}")
