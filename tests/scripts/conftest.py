"""One founded exchange for those transcripts of a worker in which whoever joins joins anew; the others found their own."""

from collections.abc import Iterator

import pytest

from tests.scripts.running import Exchange, Server, found
from tests.scripts.story import cast

__all__ = ["cast"]


@pytest.fixture(scope="session")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """Return an exchange founded by CPT and SPT, both with keys, on a server that runs."""
    made: Exchange = found(tmp_path_factory.mktemp("exchange"))
    yield made
    made.server.stop()


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    """Return a list to put servers in that a test starts itself; they are stopped afterwards."""
    started: list[Server] = []
    yield started
    for server in started:
        server.stop()
