"""The directory is verified step by step, and a server that lies in any of them is refused with nothing kept."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange.client.errors import ExchangeUnknownError, OwnKeysError, ServerDiffersError
from exchange.client.pins import load_pins, save_pins
from exchange.client.server_file import Server, load_server, save_server
from exchange.client.sync import offline, sync
from exchange.transparency.errors import ProofError, SignatureError, TransparencyError
from keys.encoding import b64u, format_time
from keys.errors import MalformedError
from keys.replay_directory import Directory
from keys.replay_errors import (
    BesideMismatchError,
    DirectoryForkedError,
    DirectoryOlderError,
    FingerprintChangedError,
    KeyMissingError,
    LeafTimeError,
)
from keys.replay_pins import Pins
from tests.unit.client.fake_exchange import Desk, FakeExchange, desk, problem
from tests.unit.keys.directory_builder import Founding


@pytest.fixture
def at_desk(tmp_path: Path) -> Desk:
    """A machine that has seen nothing yet, and a server with six bodies."""
    return desk(tmp_path / "home", FakeExchange(Founding.started()))


def synced(at: Desk, **more: Any) -> Any:
    """Sync as a command does."""
    return sync(at.home, at.http, at.clock.now, at.told, **more)


def lie(at: Desk, **changes: Any) -> None:
    """Let the server change its honest answer; a function of the honest value, or a value."""

    def answer(request: httpx.Request) -> httpx.Response:
        body = at.server.directory(int(request.url.params["from"]))
        for name, change in changes.items():
            body[name] = change(body[name]) if callable(change) else change
        return httpx.Response(200, json=body)

    at.server.answers["/api/v1/directory"] = answer


def test_the_whole_directory_is_verified_and_pinned(at_desk: Desk) -> None:
    """The first sync replays everything from the root this home was told, and later ones only what is new."""
    world = at_desk.server.world
    first = synced(at_desk)
    assert first.directory == world.replayed() and first.added == len(world.leaves)
    assert first.keys[world.directory.lock_key] == world.lock.public
    world.enrol("coe-cpt")
    second = synced(at_desk)
    assert second.added == 1 and second.directory == world.replayed()
    pins = load_pins(at_desk.home).directory
    assert pins is not None and (pins.size, pins.root) == (second.directory.size, second.directory.log_root)
    assert at_desk.server.seen[-1].url.params["from"] == str(len(world.leaves) - 1)
    assert load_server(at_desk.home).instance == world.instance


def test_what_was_verified_can_be_read_without_the_server(at_desk: Desk) -> None:
    """Offline gives the same directory; nothing before the first sync."""
    assert offline(at_desk.home) is None
    found = synced(at_desk)
    held = offline(at_desk.home)
    assert held is not None and held.directory == found.directory and held.keys == found.keys


def test_a_home_that_was_told_nothing_accepts_nothing(at_desk: Desk) -> None:
    """The exchange comes from outside the server, never from it."""
    save_server(at_desk.home, Server("http://localhost:8443"))
    with pytest.raises(ExchangeUnknownError):
        synced(at_desk)


def test_another_exchange_is_refused(at_desk: Desk) -> None:
    """A well-made directory of another founding is a fork for who was told this one."""
    other = FakeExchange(Founding.started("other.example"))
    stranger = desk(at_desk.home.root.parent / "other", other, exchange=at_desk.server.world.directory.exchange)
    with pytest.raises(DirectoryForkedError):
        synced(stranger)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"entries": lambda e: e[:-1]}, MalformedError),
        ({"entries": lambda e: [e[1], e[0], *e[2:]]}, DirectoryForkedError),
        ({"entries": lambda e: [*e[:2], e[3], e[2], *e[4:]]}, ProofError),
        ({"checkpoint": lambda c: c.partition("\n\n")[0] + "\n\n" + c.partition("\n\n")[2].split("\n")[0] + "\n"},
         SignatureError),
        ({"checkpoint": lambda c: c.replace("\n", "\nx", 1)}, TransparencyError),
        ({"checkpoint": None}, MalformedError),
        ({"keys": lambda k: dict(zip(k, reversed(k.values()), strict=True))}, BesideMismatchError),
        ({"keys": {}}, KeyMissingError),
        ({"size": 3}, MalformedError),
        ({"extra": lambda _: 1}, MalformedError),
    ],
    ids="missing root-moved reordered one-signature bad-text none swapped-keys no-keys size field".split(),
)
def test_a_lying_answer_is_refused_and_nothing_kept(at_desk: Desk, changes: dict[str, Any], error: type) -> None:
    """Each lie meets its own step; afterwards the home knows nothing more than before."""
    if "extra" in changes:
        at_desk.server.answers["/api/v1/directory"] = lambda r: httpx.Response(
            200, json={**at_desk.server.directory(0), "extra": 1}
        )
    else:
        lie(at_desk, **changes)
    with pytest.raises(error):
        synced(at_desk)
    assert load_pins(at_desk.home).directory is None and offline(at_desk.home) is None


def test_an_older_directory_is_refused_whatever_the_server_says(at_desk: Desk) -> None:
    """Fewer leaves than pinned, said by a refusal, by an honest size, or to a home whose cache is gone."""
    world = at_desk.server.world
    synced(at_desk)
    kept = world.leaves[:]
    del world.leaves[-1]
    at_desk.server.answers["/api/v1/directory"] = lambda r: problem("directory_range", 409)
    with pytest.raises(DirectoryOlderError):
        synced(at_desk)
    del at_desk.server.answers["/api/v1/directory"]
    at_desk.home.remove("directory/leaves.json")
    with pytest.raises(DirectoryOlderError):
        synced(at_desk)
    world.leaves[:] = kept
    assert synced(at_desk).directory.size == len(kept)


def test_a_fork_is_refused_and_what_was_signed_is_kept(at_desk: Desk) -> None:
    """After one history another of more leaves, rightly signed: an alarm, and the checkpoint as evidence."""
    synced(at_desk)
    pins = load_pins(at_desk.home)
    world = at_desk.server.world
    del world.leaves[-1]
    other = Founding.started()
    other.now += timedelta(minutes=7)
    other.enrol("npm-xa")
    other.enrol("npm-xa")
    world.leaves[:] = [*other.leaves[:-3], *other.leaves[-2:]]
    world.public |= other.public
    with pytest.raises(DirectoryForkedError):
        synced(at_desk)
    assert load_pins(at_desk.home) == pins
    assert [name.split("-")[0] for name in at_desk.home.names("alarms")] == ["directory_forked"]


def test_a_fork_is_seen_without_the_cache(at_desk: Desk) -> None:
    """A home that lost its leaves fetches all of them, and the pins tell it that they are others."""
    world = at_desk.server.world
    world.enrol("coe-cpt")
    synced(at_desk)
    world.leaves.pop()
    world._directory = None
    replayed = world.replayed()
    world._directory = replayed
    world.enrol("npm-xa")
    at_desk.home.remove("directory/leaves.json")
    with pytest.raises(DirectoryForkedError):
        synced(at_desk)


def test_a_consistency_proof_that_does_not_hold_is_a_fork(at_desk: Desk) -> None:
    """The leaves say one thing, the server's proof another: no benefit of the doubt."""
    synced(at_desk)
    at_desk.server.world.enrol("coe-cpt")
    lie(at_desk, consistency=lambda proof: [b64u(bytes(32)) for _ in proof])
    with pytest.raises(DirectoryForkedError):
        synced(at_desk)


def test_a_leaf_from_the_future_is_refused(at_desk: Desk) -> None:
    """Times come from the server's word; one beyond this machine's corrected clock is not accepted."""
    future = format_time(at_desk.server.world.now + timedelta(days=2))
    lie(at_desk, entries=lambda entries: [*entries[:-1], {**entries[-1], "time": future}])
    with pytest.raises(LeafTimeError):
        synced(at_desk)


def test_a_wrong_clock_is_corrected_before_it_judges(at_desk: Desk) -> None:
    """The first answer corrects the clock, so that even a first sync on a machine days behind accepts what is right."""
    at_desk.clock.observe(at_desk.server.world.now - timedelta(days=30))
    assert synced(at_desk).directory.size == len(at_desk.server.world.leaves)
    assert "client.clock_corrected" in at_desk.told.keys


def test_what_is_not_this_officers_is_not_kept(at_desk: Desk) -> None:
    """A directory that is right in itself and refused by its reader leaves nothing behind."""

    def refuse(directory: Directory) -> None:
        raise OwnKeysError("not mine")

    with pytest.raises(OwnKeysError):
        synced(at_desk, accept=refuse)
    assert load_pins(at_desk.home).directory is None and load_server(at_desk.home).instance is None


def test_a_sync_that_was_cut_off_counts_as_far_as_its_pins(at_desk: Desk) -> None:
    """Leaves written and pins not: the next run goes on from what is pinned, and ends where it would have."""
    synced(at_desk)
    pins = at_desk.home.read("pins.json")
    at_desk.server.world.enrol("coe-cpt")
    found = synced(at_desk)
    at_desk.home.write("pins.json", pins or b"")
    assert offline(at_desk.home) is None
    again = synced(at_desk)
    assert again.added == 1 and again.directory == found.directory


def test_a_fingerprint_pinned_by_hand_alarms(at_desk: Desk) -> None:
    """A fingerprint learnt before the body joined is held against what the directory then shows."""
    found = synced(at_desk)
    pins = load_pins(at_desk.home)
    assert pins.directory is not None
    forged = Pins(found.directory.exchange, found.directory.size, found.directory.log_root, {"npm-xa": bytes(32)})
    save_pins(at_desk.home, pins.with_directory(forged))
    with pytest.raises(FingerprintChangedError):
        synced(at_desk)


def test_another_server_than_was_told_is_refused(at_desk: Desk) -> None:
    """`root` must name the instance and the log keys that this home was given with server.json."""
    server = load_server(at_desk.home)
    save_server(at_desk.home, Server(server.url, server.exchange, "elsewhere.example"))
    with pytest.raises(ServerDiffersError):
        synced(at_desk)
    assert load_pins(at_desk.home).directory is None
