"""The home is its owner's alone, its files are whole or absent, and two commands do not meet in it."""

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from exchange.client.errors import (
    HomeDamagedError,
    HomeError,
    HomeUnsafeError,
    IdentityExistsError,
    IdentityMissingError,
)
from exchange.client.home import IDENTITY, PINS, PROFILE, SERVER, Home
from exchange.client.identity import change_passphrase, load_identity, load_profile, make_identity, named, public_keys
from exchange.client.pins import AuditPin, HomePins, load_pins, save_pins
from exchange.client.server_file import Server, load_server, save_server
from exchange.transparency.merkle import TreeHead
from keys.errors import DamagedIdentityError, ShortPassphraseError, WrongPassphraseError
from keys.passphrase import Cost
from keys.replay_pins import Pins

CHEAP = Cost(memory=64 * 1024)
PHRASE = "a quiet river in winter"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A new home."""
    return Home(tmp_path / "home")


def test_everything_in_a_home_is_for_its_owner(home: Home) -> None:
    """Folders 0700, files 0600, whatever the umask."""
    old = os.umask(0)
    try:
        home.write(SERVER, b"1")
        home.write("directory/leaves.json", b"2")
    finally:
        os.umask(old)
    for path in (home.root, *home.root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_an_open_home_is_refused(tmp_path: Path) -> None:
    """A folder that others can look into is refused, and so is a home that is a file."""
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(HomeUnsafeError):
        Home(tmp_path / "open")
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError):
        Home(tmp_path / "file")


def test_a_write_that_fails_leaves_the_old_file(home: Home) -> None:
    """A name that cannot be written is a typed error."""
    home.write(SERVER, b"old")
    with pytest.raises(HomeError):
        home.write(f"{SERVER}/below", b"new")
    assert home.read(SERVER) == b"old" and home.read("nothing") is None and home.names("nowhere") == []


def _hold(root: str, conn: "multiprocessing.connection.Connection") -> None:
    home = Home(Path(root))
    with home.lock():
        conn.send("held")
        conn.recv()
        home.write("note", b"first")


def test_two_commands_take_turns(home: Home) -> None:
    """While another process holds the lock, this one waits; its own lock it may enter again."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    other = context.Process(target=_hold, args=(str(home.root), theirs))
    other.start()
    assert ours.recv() == "held"
    ours.send("go on")
    with home.lock(), home.lock():
        assert home.read("note") == b"first"
        home.write("note", b"second")
    other.join()
    assert home.read("note") == b"second"


def test_an_identity_is_made_once_and_opens_with_its_passphrase(home: Home) -> None:
    """A second one is refused; the keys come back; the stop code is in no file."""
    officer, code = make_identity(home, PHRASE, "A. Member", CHEAP)
    with pytest.raises(IdentityExistsError):
        make_identity(home, PHRASE, "", CHEAP)
    opened = load_identity(home).unlock(PHRASE)
    assert (opened.id, opened.sign.key_id, opened.seal.key_id) == (officer.id, officer.sign.key_id, officer.seal.key_id)
    profile = load_profile(home)
    assert profile.name == "A. Member" and named(officer, profile).profile == profile.digest
    assert set(public_keys(officer, profile)) == {
        officer.sign.key_id,
        officer.seal.key_id,
        named(officer, profile).stop,
    }
    kept = b"".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    assert code not in kept and officer.seal.seed not in kept and len(code) == 16


def test_the_passphrase_changes_and_nothing_else(home: Home) -> None:
    """The old one no longer opens; a short new one and a wrong old one change nothing."""
    officer, _ = make_identity(home, PHRASE, "", CHEAP)
    before = home.read(IDENTITY)
    with pytest.raises(WrongPassphraseError):
        change_passphrase(home, "another river here", "granite and heather", CHEAP)
    with pytest.raises(ShortPassphraseError):
        change_passphrase(home, PHRASE, "short", CHEAP)
    assert home.read(IDENTITY) == before
    change_passphrase(home, PHRASE, "granite and heather", CHEAP)
    assert load_identity(home).unlock("granite and heather").id == officer.id
    with pytest.raises(WrongPassphraseError):
        load_identity(home).unlock(PHRASE)


def test_a_home_without_or_with_damaged_keys_says_which(home: Home) -> None:
    """Missing and damaged are two errors."""
    for load in (load_identity, load_profile):
        with pytest.raises(IdentityMissingError):
            load(home)
    home.write(IDENTITY, b"{}\n")
    home.write(PROFILE, b"{}")
    with pytest.raises(DamagedIdentityError):
        load_identity(home)
    with pytest.raises(HomeDamagedError):
        load_profile(home)


def test_pins_and_server_come_back_as_they_were(home: Home) -> None:
    """Nothing for a new home; then exactly what was kept."""
    assert load_pins(home) == HomePins() and load_server(home) == Server()
    pins = HomePins(Pins(bytes(32), 3, b"r" * 32, {"coe-cpt": b"f" * 32}, frozenset({"coe-cpt"})))
    pins = pins.with_audit(AuditPin(1, TreeHead(16, b"a" * 32)))
    save_pins(home, pins)
    assert load_pins(home) == pins
    server = Server("https://exchange.example", b"e" * 32, "exchange.example", {"audit": {"ed25519": "x", "mldsa44": "y"}})
    save_server(home, server)
    assert load_server(home) == server


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"audit":null,"directory":{},"version":1}', b"\xff"])
def test_a_damaged_memory_is_not_a_new_home(home: Home, data: bytes) -> None:
    """Pins and server are memory: damaged, they stop the program."""
    home.write(PINS, data)
    home.write(SERVER, data)
    with pytest.raises(HomeDamagedError):
        load_pins(home)
    with pytest.raises(HomeDamagedError):
        load_server(home)
