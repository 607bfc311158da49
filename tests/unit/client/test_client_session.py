"""A session gives verified things alone: its officer's record, public keys, and keys of epochs opened from seats."""

from pathlib import Path

import httpx
import pytest

from exchange.client.errors import (
    NotEnrolledError,
    NotFocalPointError,
    NotFounderError,
    OwnKeysError,
    SeatMissingError,
)
from exchange.client.session import Session
from keys.errors import CannotOpenError, MalformedError
from keys.identity import Officer
from keys.replay_errors import KeyMissingError
from keys.seats import Seat
from tests.unit.client.fake_exchange import FakeExchange, desk, officer_of
from tests.unit.keys.directory_builder import Founding, Person


@pytest.fixture
def server() -> FakeExchange:
    """A server with six bodies."""
    return FakeExchange(Founding.started())


def session(folder: Path, server: FakeExchange, person: Person, seats: list[Seat] | None = None) -> Session:
    """A session of a person; the server gives them their own seats, or these."""
    at = desk(folder, server, person)
    own = [seat for seat in server.world.seats.values() if seat.officer == person.officer]
    given = [seat.body() for seat in (own if seats is None else seats)]
    server.answers["/api/v1/account/seats"] = lambda request: httpx.Response(200, json={"seats": given})
    return Session(at.home, at.clock, at.http, officer_of(person), at.told)


def test_an_officer_opens_the_keys_of_their_body(tmp_path: Path, server: FakeExchange) -> None:
    """The seat gives exactly the published key; it is opened once."""
    cpt = server.world.focal_points("coe-cpt")[0]
    at = session(tmp_path / "home", server, cpt)
    key = at.epoch_key("coe-cpt", 1)
    assert key.public == server.world.epoch_keys["coe-cpt", 1].public == at.public_key(key.key_id)
    assert at.epoch_key("coe-cpt", 1) is key
    assert at.organisation == "coe-cpt" and at.require_focal_point() == "coe-cpt"
    at.require_founder()


def test_a_seat_of_another_or_no_seat_opens_nothing(tmp_path: Path, server: FakeExchange) -> None:
    """No seat, somebody else's seat, and another body's ciphertext under one's own name: three refusals."""
    world = server.world
    cpt, other = world.focal_points("coe-cpt")[:2]
    with pytest.raises(SeatMissingError):
        session(tmp_path / "a", server, cpt).epoch_key("un-spt", 1)
    foreign = world.seats["coe-cpt", 1, other.officer]
    with pytest.raises(MalformedError):
        session(tmp_path / "b", server, cpt, [foreign]).epoch_key("coe-cpt", 1)
    swapped = Seat("coe-cpt", 1, cpt.officer, foreign.ciphertext)
    with pytest.raises(CannotOpenError):
        session(tmp_path / "c", server, cpt, [swapped]).epoch_key("coe-cpt", 1)


def test_a_stranger_and_one_who_left_are_no_officers(tmp_path: Path, server: FakeExchange) -> None:
    """Both are told the same: not in the verified directory, or ended."""
    world = server.world
    leaver = world.enrol("coe-cpt")
    world.leave(leaver)
    for place, person in enumerate((leaver, world.person("coe-cpt"))):
        at = session(tmp_path / str(place), server, person)
        with pytest.raises(NotEnrolledError):
            _ = at.me


def test_parts_are_asked_of_the_verified_directory(tmp_path: Path, server: FakeExchange) -> None:
    """A plain officer is no focal point; a focal point of an NPM is no founder."""
    plain = server.world.enrol("npm-xa")
    at = session(tmp_path / "home", server, plain)
    with pytest.raises(NotFocalPointError):
        at.require_focal_point()
    with pytest.raises(NotFounderError):
        at.require_founder()
    with pytest.raises(KeyMissingError):
        at.public_key(bytes(32))


def test_other_keys_for_this_officer_alarm(tmp_path: Path, server: FakeExchange) -> None:
    """A directory that has this officer's number with other keys is refused, however well signed."""
    cpt, other = server.world.focal_points("coe-cpt")[:2]
    at = desk(tmp_path / "home", server, cpt)
    mixed = Session(at.home, at.clock, at.http, Officer(cpt.officer, cpt.sign, other.seal), at.told)
    with pytest.raises(OwnKeysError):
        _ = mixed.directory
