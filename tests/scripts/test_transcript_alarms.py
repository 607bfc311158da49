"""Transcripts of what must not work: wrong passphrases, wrong clocks, servers that show another history."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from keys.encoding import canonical
from tests import databases
from tests.scripts.running import Exchange, Person, Server


def copy_of(exchange: Exchange, folder: Path, servers: list[Server]) -> Server:
    """A server of the same keys on a copy of the instance as it stands now; not started yet."""
    server = Server(folder)
    shutil.copytree(exchange.server.folder / "instance", folder / "instance")
    databases.copied(exchange.server.folder / "instance", folder / "instance")
    servers.append(server)
    return server


def moved(person: Person, folder: Path, server: Server) -> Person:
    """The same person on another machine, told that the server has another address."""
    other = Person(person.name, folder)
    shutil.copytree(person.home, other.home)
    told = json.loads((other.home / "server.json").read_text())
    (other.home / "server.json").write_bytes(canonical({**told, "url": server.url}))
    return other


@pytest.fixture
def restored(exchange: Exchange, tmp_path: Path, servers: list[Server]) -> Server:
    """A server whose operator went back to a copy, while the exchange has moved on since."""
    exchange.server.stop()
    server = copy_of(exchange, tmp_path, servers)
    exchange.server.start()
    exchange.cpt.asks("organisation", "rotate")
    exchange.spt.asks("directory", "sync")
    server.start()
    return server


def test_an_older_directory_is_refused(exchange: Exchange, restored: Server, tmp_path: Path) -> None:
    """A server that was put back shows fewer statements than were verified: an alarm, and the pins stay."""
    spt = moved(exchange.spt, tmp_path, restored)
    before = (spt.home / "pins.json").read_bytes()
    refused = spt.asks("directory", "sync", expect=1)
    assert refused["code"] == "directory_older" and "older" in refused["title"]
    assert (spt.home / "pins.json").read_bytes() == before


def test_a_forked_directory_is_refused_and_the_evidence_kept(
    exchange: Exchange, restored: Server, tmp_path: Path
) -> None:
    """Two histories from one point on: who saw one is alarmed by the other, however long, and keeps what was signed."""
    forger = moved(exchange.spt, tmp_path / "forger", restored)
    for name in ("pins.json", "directory/leaves.json", "directory/replayed.json"):
        (forger.home / name).unlink()
    for _ in range(2):
        forger.asks("organisation", "rotate")
    spt = moved(exchange.spt, tmp_path, restored)
    before = (spt.home / "pins.json").read_bytes()
    assert spt.asks("directory", "sync", expect=1)["code"] == "directory_forked"
    assert spt.asks("organisation", "rotate", expect=1)["code"] == "directory_forked"
    assert (spt.home / "pins.json").read_bytes() == before
    evidence = [path.read_text() for path in (spt.home / "alarms").iterdir()]
    assert evidence and all(text.startswith("exchange.example/directory/1\n") for text in evidence)


def test_another_exchange_is_refused(exchange: Exchange, tmp_path: Path) -> None:
    """Who was told another exchange than the server shows accepts nothing; without any word there is no sync at all."""
    cpt = Person("cpt", tmp_path)
    cpt.home.mkdir(mode=0o700)
    for name in ("identity.json", "profile.json"):
        shutil.copy(exchange.cpt.home / name, cpt.home / name)
    assert cpt.asks("directory", "sync", expect=1)["code"] == "server_unknown"
    url = exchange.server.url
    assert cpt.asks("directory", "sync", "--server", url, expect=1)["code"] == "exchange_unknown"
    assert cpt.asks("directory", "sync", "--exchange", "A" * 43, expect=1)["code"] == "directory_forked"
    assert not (cpt.home / "pins.json").exists()
    told = exchange.cpt.asks("directory", "sync")["exchange"]
    assert cpt.asks("directory", "sync", "--exchange", told)["exchange"] == told


def test_a_wrong_passphrase_opens_nothing(exchange: Exchange, tmp_path: Path) -> None:
    """The three mistakes with an identity file stay apart: passphrase, damage, and none at all."""
    wrong = tmp_path / "wrong"
    wrong.write_text("another quiet river\n")
    said = exchange.cpt.types("directory", "sync", "--passphrase-file", wrong, expect=1)
    assert "passphrase is not right" in said.err or "wrong_passphrase" in said.err
    damaged = moved(exchange.cpt, tmp_path, exchange.server)
    text = (damaged.home / "identity.json").read_bytes()
    (damaged.home / "identity.json").write_bytes(text.replace(b'"memory":', b'"memorx":'))
    assert damaged.asks("directory", "sync", expect=1)["code"] == "identity_damaged"
    assert Person("nobody", tmp_path).asks("identity", "show", expect=1)["code"] == "identity_missing"


def test_a_clock_that_is_off_is_corrected_and_told(exchange: Exchange) -> None:
    """Three days off: the person is told, the command goes on with the server's time, and the next says nothing."""
    clock = exchange.cpt.home / "clock.json"
    clock.write_bytes(canonical({"offset": 3 * 86_400, "version": 1}))
    said = exchange.cpt.types("directory", "sync")
    assert "clock is right again" in said.err and json.loads(clock.read_text())["offset"] == 0
    assert "clock" not in exchange.cpt.types("directory", "sync").err


def test_a_server_that_is_away_is_network(exchange: Exchange, tmp_path: Path, servers: list[Server]) -> None:
    """Nothing answers: exit 3, after patience; what was verified can still be listed."""
    away = moved(exchange.cpt, tmp_path, Server(tmp_path))
    assert away.asks("directory", "sync", expect=3)["code"] == "network_failed"
    assert away.asks("directory", "list")["size"] > 0


def test_wrong_usage_has_its_own_exit_code(exchange: Exchange) -> None:
    """Exit 2, as a problem document with --json and with the usage for people."""
    assert exchange.cpt.asks("directory", "fingerprint", expect=2)["code"] == "usage"
    said = exchange.cpt.types("directory", "pin", "Not A Body", expect=2)
    assert "Usage: exchange directory pin" in said.err
    assert (
        exchange.cpt.asks("directory", "sync", "--server", "http://elsewhere.example", expect=2)["code"] == "url_unsafe"
    )


def test_a_damaged_cache_is_fetched_anew_and_a_damaged_pin_is_not(exchange: Exchange, tmp_path: Path) -> None:
    """A cache is only a cache; the pins are memory, and a home that lost them must not look new."""
    cpt = moved(exchange.cpt, tmp_path, exchange.server)
    (cpt.home / "directory/leaves.json").write_bytes(b"{}")
    size = cpt.asks("directory", "sync")["size"]
    (cpt.home / "directory/replayed.json").write_bytes(b"")
    assert cpt.asks("directory", "sync")["size"] == size
    (cpt.home / "pins.json").write_bytes(b"{}")
    assert cpt.asks("directory", "sync", expect=1)["code"] == "home_damaged"


def test_the_installed_command_is_the_same_program(exchange: Exchange, tmp_path: Path) -> None:
    """`exchange` as a person's shell starts it: results on standard output alone, the passphrase never on the command line."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EXCHANGE_")},
        "EXCHANGE_HOME": str(exchange.cpt.home),
        "EXCHANGE_LANG": "fr",
    }
    command = [str(Path(sys.executable).with_name("exchange")), "directory", "sync", "--json"]
    done = subprocess.run(
        [*command, "--passphrase-file", str(exchange.cpt.phrase)],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and json.loads(done.stdout)["witnessed"] is False and "Annuaire vérifié" in done.stderr
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2 and json.loads(done.stdout)["code"] == "input_missing"
