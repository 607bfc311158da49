"""Fixtures: an instance of logs and audit, with four bodies that read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.audit.audit_maker import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """A started instance whose four bodies have their first epochs."""
    made = Instance(tmp_path)
    made.bodies.everybody()
    made.start()
    yield made
    made.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Instance]:
    """An instance before its founding: no bodies, no host."""
    made = Instance(tmp_path)
    made.bodies.host_is = None
    made.start()
    yield made
    made.close()
