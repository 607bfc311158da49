"""Seats: an epoch's seed reaches each active officer and nobody else, and the statement binds them all."""

from dataclasses import replace

import pytest

from keys.directory_bodies import EpochAdd
from keys.encoding import b64u
from keys.errors import BadKeyError, CannotOpenError, KeyMismatchError, KeysError, MalformedError
from keys.merkle_head import EMPTY_HEAD, Frontier, leaf_hash, node_hash, tree_head
from keys.replay_errors import BesideMismatchError, SeatCountError
from keys.seat_open import SealKey, open_seat
from keys.seats import SEAT_BYTES, Holder, Seat, check_seats, holders_of, make_epoch, seats_root
from tests.unit.keys.directory_builder import Founding, Person, seed

KEY = SealKey(seed("an epoch"))


@pytest.fixture
def world() -> Founding:
    """coe-cpt with three officers."""
    world = Founding()
    world.add_organisation("coe-cpt", "mechanism")
    world.enrol("coe-cpt")
    return world


def made(world: Founding) -> tuple[EpochAdd, tuple[Seat, ...], tuple[Holder, ...]]:
    """The first epoch of coe-cpt, its seats and their holders."""
    holders = holders_of(world.directory.active_officers("coe-cpt"), world.public)
    link = world.directory.link("organisation", "coe-cpt", world.now)
    epoch, seats = make_epoch(link, "coe-cpt", 1, KEY.seed, KEY.public, holders)
    return epoch, seats, holders


def test_each_active_officer_opens_their_own_seat(world: Founding) -> None:
    """Every seat opens with its officer's key, gives the published key, and with no other key or context."""
    epoch, seats, _ = made(world)
    assert (epoch.seat_count, epoch.key) == (3, KEY.key_id)
    assert {seat.officer for seat in seats} == {person.officer for person in world.officers("coe-cpt")}
    for seat in seats:
        person = world.people[seat.officer]
        assert len(seat.ciphertext) == SEAT_BYTES == 1168
        assert open_seat(person.seal, seat.ciphertext, "coe-cpt", 1, epoch.key).seed == KEY.seed
        stranger = world.founders[-1]
        others: list[tuple[Person, str, int]] = [
            (person, "coe-cpt", 2),
            (person, "un-spt", 1),
            (stranger, "coe-cpt", 1),
        ]
        for other, body, number in others:
            with pytest.raises(CannotOpenError):
                open_seat(other.seal, seat.ciphertext, body, number, epoch.key)


def test_a_seat_with_another_seed_than_the_published_key_is_noticed(world: Founding) -> None:
    """Who makes an epoch with a key that is not the seed's gets no one to accept it."""
    holders = holders_of(world.directory.active_officers("coe-cpt"), world.public)
    link = world.directory.link("organisation", "coe-cpt", world.now)
    other = SealKey(seed("another")).public
    epoch, seats = make_epoch(link, "coe-cpt", 1, KEY.seed, other, holders)
    person = world.people[seats[0].officer]
    with pytest.raises(KeyMismatchError):
        open_seat(person.seal, seats[0].ciphertext, "coe-cpt", 1, epoch.key)


def test_the_seats_root_is_the_tree_head_in_the_order_of_officers(world: Founding) -> None:
    """The root is RFC 6962's over officer || seal key id || ciphertext, whatever order the seats are given in."""
    epoch, seats, holders = made(world)
    keys = {holder.officer: holder.seal for holder in holders}
    leaves = [seat.officer + keys[seat.officer] + seat.ciphertext for seat in sorted(seats, key=lambda s: s.officer)]
    a, b, c = (leaf_hash(leaf) for leaf in leaves)
    assert epoch.seats_root == node_hash(node_hash(a, b), c)
    assert seats_root(reversed(seats), holders) == epoch.seats_root
    check_seats(epoch, tuple(reversed(seats)), holders)


def test_seats_beside_an_epoch_are_exactly_the_statements(world: Founding) -> None:
    """One more, one less, one twice, one changed, another body's or epoch's: each is refused."""
    epoch, seats, holders = made(world)
    stranger = replace(seats[0], officer=bytes(16))
    flipped = replace(seats[0], ciphertext=bytes([seats[0].ciphertext[0] ^ 1]) + seats[0].ciphertext[1:])
    wrong: list[tuple[tuple[Seat, ...], type[KeysError]]] = [
        (seats[1:], SeatCountError),
        ((*seats, seats[0]), SeatCountError),
        ((*seats, stranger), SeatCountError),
        ((stranger, *seats[1:]), SeatCountError),
        ((), SeatCountError),
        ((flipped, *seats[1:]), BesideMismatchError),
        ((replace(seats[0], epoch=2), *seats[1:]), BesideMismatchError),
        ((replace(seats[0], organisation="un-spt"), *seats[1:]), BesideMismatchError),
    ]
    for given, error in wrong:
        with pytest.raises(error):
            check_seats(epoch, given, holders)
    with pytest.raises(SeatCountError):
        check_seats(replace(epoch, seat_count=4), seats, holders)


def test_a_seat_is_made_only_for_the_key_the_directory_names(world: Founding) -> None:
    """Key bytes that are not those of the officer's key id, or are missing, make no seat; nor does a short seed."""
    holders = holders_of(world.directory.active_officers("coe-cpt"), world.public)
    link = world.directory.link("organisation", "coe-cpt", world.now)
    swapped = replace(holders[0], public=holders[1].public)
    for people, secret, error in (
        ([swapped, *holders[1:]], KEY.seed, BadKeyError),
        ([], KEY.seed, SeatCountError),
        ([holders[0], holders[0]], KEY.seed, SeatCountError),
        (holders, KEY.seed[1:], MalformedError),
    ):
        with pytest.raises(error):
            make_epoch(link, "coe-cpt", 1, secret, KEY.public, people)
    with pytest.raises(MalformedError):
        holders_of(world.directory.active_officers("coe-cpt"), {})


def test_a_seat_is_spelled_in_one_way(world: Founding) -> None:
    """What `body` prints, `read` takes, and nothing else."""
    seat = made(world)[1][0]
    assert Seat.read(seat.body()) == seat
    for other in (
        {"seat": b64u(seat.ciphertext[1:])},
        {"epoch": 0},
        {"officer": "AAAA"},
        {"organisation": "X"},
        {"more": 1},
    ):
        with pytest.raises(MalformedError):
            Seat.read({**seat.body(), **other})
    with pytest.raises(MalformedError):
        Seat.read([])


@pytest.mark.parametrize("size", range(20))
def test_the_frontier_is_the_tree_of_the_definition(size: int) -> None:
    """Appending leaf by leaf gives RFC 6962's recursive head at every size."""

    def slow(leaves: list[bytes]) -> bytes:
        if len(leaves) < 2:
            return leaf_hash(leaves[0]) if leaves else EMPTY_HEAD
        split = 1 << (len(leaves) - 1).bit_length() - 1
        return node_hash(slow(leaves[:split]), slow(leaves[split:]))

    leaves = [bytes([number]) * number for number in range(size)]
    assert tree_head(leaves) == slow(leaves)
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    assert (frontier.size, len(frontier.heads)) == (size, size.bit_count())
