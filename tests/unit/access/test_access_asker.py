"""What the directory says of who asks: mandates narrow, their absence does not open, and nobody else's officer acts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.access.asker import CLEARED, DEFAULT_CLEARANCE, Asker, Askers
from exchange.directory.services import Bodies
from keys.directory_officers import PrivateMandate
from keys.encoding import b64u
from tests.unit.keys.directory_builder import Person
from tests.web.exchange_world import ExchangeWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ExchangeWorld]:
    """A founded exchange."""
    made = ExchangeWorld(tmp_path / "world")
    yield made
    made.close()


def asker(world: ExchangeWorld, person: Person, organisation: str | None = None) -> Asker:
    """Who a person is for a decision now."""
    with world.database.unit_of_work() as uow:
        return world.services.get(Askers).officer(uow, person.id, organisation or person.organisation)


def test_an_officer_without_a_mandate(world: ExchangeWorld) -> None:
    """Active, with the ordinary clearance, and no State excluded."""
    found = asker(world, world.officers("un-spt")[0])
    assert (found.kind, found.active, found.clearance, found.excluded) == ("mechanism", True, DEFAULT_CLEARANCE, frozenset())


def test_a_mandate_is_read_from_its_private_half(world: ExchangeWorld) -> None:
    """Role, clearance and excluded States; a clearance it does not name is the ordinary one."""
    person, by = world.officers("un-spt")[:2]
    half = PrivateMandate("secretariat", 1, ("XA", "XB"))
    world.submit(world.founding.mandate(person, focal_point=True, private=half, signers=[by]))
    found = asker(world, person)
    assert (found.role, found.clearance, found.excluded) == ("secretariat", 1, frozenset({"XA", "XB"}))
    assert found.recused(["XC", "XB"]) and not found.recused(["XC"])
    half = PrivateMandate("member", None)
    world.submit(world.founding.mandate(by, focal_point=True, private=half, signers=[person]))
    assert asker(world, by).clearance == DEFAULT_CLEARANCE


def test_a_mandate_whose_half_is_missing_opens_nothing(tmp_path: Path) -> None:
    """What narrows in a way nobody knows is not taken for no narrowing at all."""

    class Forgetful(Bodies):
        def mandate(self, *_asked: object) -> None:  # type: ignore[override]
            return None

    world = ExchangeWorld(tmp_path / "world")
    person, by = world.officers("un-spt")[:2]
    world.submit(world.founding.mandate(person, focal_point=True, private=PrivateMandate("member", 1), signers=[by]))
    snapshots = world.services.get(Askers)._snapshots
    with world.database.unit_of_work() as uow:
        found = Askers(snapshots, Forgetful(snapshots)).officer(uow, person.id, person.organisation)
    assert found.active is False
    world.close()


def test_nobody_acts_for_another_body(world: ExchangeWorld) -> None:
    """Not for a body that is not theirs, not without being in the directory at all."""
    person = world.officers("un-spt")[0]
    assert asker(world, person, "coe-cpt").active is False
    stranger = Person("stranger", "un-spt")
    assert asker(world, stranger).active is False
    assert asker(world, stranger, "no-such-body").active is False


def test_a_body_in_general_is_cleared_and_is_nobody_in_particular(world: ExchangeWorld) -> None:
    """The highest clearance, and an id that no named reader has."""
    with world.database.unit_of_work() as uow:
        found = world.services.get(Askers).body(uow, "state:XA")
    assert (found.kind, found.clearance, found.active) == ("state", CLEARED, True)
    assert found.officer not in {b64u(person.officer) for person in world.founding.people.values()}
