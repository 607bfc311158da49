"""Promise P1 in a server that runs: after a deposit and a release it has imported none of the private halves."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from tests.faults.nursery import Nursery
from tests.faults.sigkill_acts import ACTS
from tests.faults.sigkill_world import World, copied, shared_folder, template

# The first test of a run founds the exchange that all of them copy.
pytestmark = pytest.mark.timeout(300)

PRIVATE = ("keys.identity", "keys.seat_open", "exchange.sealing.unseal", "exchange.ledger.reader")


@pytest.fixture
def world(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A founded exchange on a server that tells what it has imported."""
    nursery = Nursery()
    with copied(template(shared_folder(tmp_path_factory), nursery), tmp_path / "world", nursery) as made:
        made.server.start("tests.unit.house.telling")
        yield made
    nursery.close()


def test_no_private_half_is_imported_by_a_server_that_took_and_gave_a_report(world: World) -> None:
    """A report is deposited, another released and opened; the process that did both has no code that opens either."""
    for act in ("deposit", "release"):
        ACTS[act].prepare(world)
        ACTS[act].types(world)
    modules = set(httpx.get(f"{world.server.url}/test/modules", trust_env=False, verify=False).json())
    assert {"exchange.reports.registration", "exchange.access.release", "exchange.sealing.envelope"} <= modules
    private = {name for name in modules if any(name == p or name.startswith(f"{p}.") for p in (*PRIVATE, "exchange.client"))}
    assert private == set()


@pytest.mark.parametrize("name", PRIVATE)
def test_the_names_are_those_of_modules(name: str) -> None:
    """A private half that was given another name would be looked for in vain above."""
    assert find_spec(name) is not None
