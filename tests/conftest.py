"""What every test can rely on: property tests that repeat themselves, a database of its own on the engine of the run, and
a plain word on what a run left out.

Sockets beyond loopback are blocked by pytest-socket, through pyproject.toml.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import databases, postgres, selection

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


def pytest_configure(config: pytest.Config) -> None:
    """Start the one cluster that every worker of a run on PostgreSQL uses."""
    if databases.on_postgresql() and not hasattr(config, "workerinput"):
        server = postgres.Server()
        os.environ[postgres.PLACE] = str(server.folder)
        config.add_cleanup(server.stop)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """On PostgreSQL, read no file of tests that touches no database."""
    if not databases.on_postgresql() or not collection_path.match("test_*.py"):
        return None
    return None if selection.touches_database(collection_path) else True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of this run's engine."""
    items[:], others = selection.of_engine(items, databases.on_postgresql())
    if others:
        config.hook.pytest_deselected(items=others)


@pytest.fixture(autouse=True)
def _databases_go_with_their_test() -> Iterator[None]:
    """Remove what a test made, when it ends."""
    with databases.of_one_test():
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the files whose tests this run left out, and why."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.args_source.name == "ARGS":
        return
    tests = Path(__file__).parent
    rows = []
    if config.option.markexpr == "not full":
        rows += [(path, f"needs {why or 'more than Python'}") for path, why in selection.left_out(tests, "full")]
    if databases.on_postgresql():
        rows += [(path, f"is SQLite's own: {why}") for path, why in selection.left_out(tests, "sqlite")]
    else:
        rows += [(path, f"is PostgreSQL's own: {why}") for path, why in selection.left_out(tests, "postgresql")]
    if rows:
        terminalreporter.section("left out of this run; `make test-full` runs them", sep="-")
        for path, why in rows:
            terminalreporter.line(f"{path}: {why}")
