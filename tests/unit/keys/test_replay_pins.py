"""Pins: a server can show a client neither an older directory nor another one."""

from dataclasses import replace

import pytest

from keys.errors import KeysError
from keys.replay import LoggedLeaf, replay
from keys.replay_errors import UnknownOrganisationError
from keys.replay_pins import Pins, check_pins, root_of
from tests.unit.keys.directory_builder import Founding


@pytest.fixture
def world() -> Founding:
    """A world of one body."""
    world = Founding()
    world.add_organisation("coe-cpt", "mechanism")
    return world


def test_pins_move_forward_with_the_directory(world: Founding) -> None:
    """The first directory is pinned as it is; a later one of the same log moves size, root and fingerprints on."""
    pins = check_pins(None, world.directory, root_of(world.leaves))
    assert (pins.size, pins.root) == (world.directory.size, world.directory.log_root)
    assert pins.organisations == {"coe-cpt": world.directory.organisation("coe-cpt").added}
    assert check_pins(pins, world.directory, root_of(world.leaves)) == pins
    world.add_organisation("un-spt", "mechanism")
    later = check_pins(pins, world.directory, root_of(world.leaves))
    assert (later.size, set(later.organisations)) == (world.directory.size, {"coe-cpt", "un-spt"})


def test_keys_may_change_without_an_alarm(world: Founding) -> None:
    """New officers, epochs and leaves do not change a body's fingerprint."""
    pins = check_pins(None, world.directory, root_of(world.leaves))
    world.leave(world.enrol("coe-cpt"))
    assert check_pins(pins, world.directory, root_of(world.leaves)).organisations == pins.organisations


def test_an_older_directory_is_refused(world: Founding) -> None:
    """A server that leaves out the newest statements is caught by the size seen before."""
    pins = check_pins(None, world.directory, root_of(world.leaves))
    older = replay(world.leaves[:-1], world.public.get, world.now)
    assert _refused(pins, older, world.leaves[:-1]) == "directory_older"


def test_another_history_is_refused(world: Founding) -> None:
    """A directory that is as long or longer, but with other leaves at its start, is a fork."""
    pins = check_pins(None, world.directory, root_of(world.leaves))
    fork = Founding()
    fork.add_organisation("un-spt", "mechanism")
    assert fork.directory.exchange == world.directory.exchange
    assert _refused(pins, fork.directory, fork.leaves) == "directory_forked"
    fork.add_organisation("coe-cpt", "mechanism")
    assert _refused(pins, fork.directory, fork.leaves) == "directory_forked"


def test_another_exchange_is_refused(world: Founding) -> None:
    """The directory of another founding act is not this one's continuation."""
    other = Founding("other.example")
    other.add_organisation("coe-cpt", "mechanism")
    pins = check_pins(None, world.directory, root_of(world.leaves))
    assert _refused(pins, other.directory, other.leaves) == "directory_forked"


def test_a_fingerprint_pinned_by_hand_must_be_the_bodys(world: Founding) -> None:
    """A fingerprint compared before the body joined is kept, and alarms if the body comes with another one."""
    pins = check_pins(None, world.directory, root_of(world.leaves))
    awaited = replace(pins, organisations={**pins.organisations, "un-spt": bytes(32)})
    assert check_pins(awaited, world.directory, root_of(world.leaves)).organisations["un-spt"] == bytes(32)
    world.add_organisation("un-spt", "mechanism")
    assert _refused(awaited, world.directory, world.leaves) == "fingerprint_changed"


def test_what_a_person_compared_is_remembered(world: Founding) -> None:
    """A comparison in person stays in the file; one of a body that is not pinned is refused."""
    pins = check_pins(None, world.directory, root_of(world.leaves)).with_compared("coe-cpt")
    world.epoch("coe-cpt")
    later = check_pins(Pins.from_json(pins.to_json()), world.directory, root_of(world.leaves))
    assert later.compared == {"coe-cpt"}
    with pytest.raises(UnknownOrganisationError):
        pins.with_compared("un-spt")


def test_the_pin_file_has_one_spelling(world: Founding) -> None:
    """What is written is read back the same; another version, damage and contradiction are typed."""
    pins = check_pins(None, world.directory, root_of(world.leaves)).with_compared("coe-cpt")
    data = pins.to_json()
    assert Pins.from_json(data) == pins
    for wrong, code in (
        (data.replace(b'"version":1', b'"version":2'), "unknown_version"),
        (data[:-1], "malformed"),
        (data.replace(b'["coe-cpt"]', b'["un-spt"]'), "malformed"),
        (data.replace(b'"compared":["coe-cpt"],', b""), "malformed"),
        (b"[]", "malformed"),
    ):
        with pytest.raises(KeysError) as caught:
            Pins.from_json(wrong)
        assert caught.value.code == code


def _refused(pins: Pins, directory: object, leaves: list[LoggedLeaf]) -> str:
    with pytest.raises(KeysError) as caught:
        check_pins(pins, directory, root_of(leaves))  # type: ignore[arg-type]
    return caught.value.code
