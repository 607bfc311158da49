"""Parsers of the client: what parses prints back the same, and arbitrary bytes give only the room's error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.client.cards import Card, read_card, write_card
from exchange.client.errors import CardError, HomeDamagedError, UrlUnsafeError
from exchange.client.founding import read_halves
from exchange.client.home import JOINING, PINS, SERVER, Home
from exchange.client.joining import load_joining
from exchange.client.pins import AuditPin, HomePins, load_pins, save_pins
from exchange.client.server_file import Server, load_server, safe_url, save_server
from exchange.transparency.merkle import TreeHead
from keys.errors import KeysError
from keys.identity import Officer
from keys.replay_pins import Pins
from tests.unit.keys.directory_builder import Person

HASHES = st.binary(min_size=32, max_size=32)
NAMES = st.from_regex(r"[a-z0-9]{2,10}(-[a-z0-9]{1,5})?", fullmatch=True)
JSONISH = st.one_of(st.binary(max_size=300), st.text("{}[]\":,0123456789abcdefnoprstuvxz", max_size=200).map(str.encode))


def new_home(factory: pytest.TempPathFactory) -> Home:
    """A home of its own for each example."""
    return Home(factory.mktemp("home") / "home")


@given(NAMES, st.none() | NAMES)
def test_cards(name: str, organisation: str | None) -> None:
    """A card read back is the card written, byte for byte."""
    person = Person(name, "coe-cpt")
    card = Card(
        person.officer, organisation, person.sign.public, person.seal.public, person.stop.public, person.named.profile
    )
    officer = Officer(person.officer, person.sign, person.seal)
    data = write_card(officer, card)
    assert read_card(data) == card and write_card(officer, read_card(data)) == data


@given(JSONISH)
def test_cards_of_nobody(data: bytes) -> None:
    """Arbitrary bytes are no card."""
    try:
        read_card(data)
    except CardError:
        return
    raise AssertionError("a card of nobody")


@given(HASHES, st.integers(1, 2**40), HASHES, st.dictionaries(NAMES, HASHES, max_size=3), st.integers(0, 2**40))
def test_pins(
    tmp_path_factory: pytest.TempPathFactory,
    exchange: bytes,
    size: int,
    root: bytes,
    organisations: dict[str, bytes],
    audit: int,
) -> None:
    """Pins read back are the pins kept."""
    home = new_home(tmp_path_factory)
    pins = HomePins(
        Pins(exchange, size, root, organisations, frozenset(list(organisations)[:1])), AuditPin(1, TreeHead(audit, root))
    )
    save_pins(home, pins)
    assert load_pins(home) == pins


@given(st.none() | HASHES, st.none() | st.sampled_from(["https://a.example", "http://[::1]:1"]), st.none() | NAMES)
def test_servers(
    tmp_path_factory: pytest.TempPathFactory, exchange: bytes | None, url: str | None, instance: str | None
) -> None:
    """A server read back is the server kept."""
    home = new_home(tmp_path_factory)
    server = Server(url, exchange, instance)
    save_server(home, server)
    assert load_server(home) == server


@given(JSONISH)
def test_files_of_the_home_that_nobody_wrote(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Arbitrary bytes in a home's memory are `home_damaged`, never another exception and never a new home."""
    home = new_home(tmp_path_factory)
    for name, load in ((PINS, load_pins), (SERVER, load_server), (JOINING, load_joining)):
        home.write(name, data)
        try:
            load(home)
        except HomeDamagedError:
            continue
        raise AssertionError(name)


@given(JSONISH)
def test_what_no_operator_wrote(data: bytes) -> None:
    """Arbitrary bytes are no server.json."""
    try:
        read_halves(data)
    except (KeysError, UrlUnsafeError):
        return
    raise AssertionError("halves of nobody")


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z\[\]:@/?#.0-9-]{0,30}", fullmatch=True))
def test_addresses(url: str) -> None:
    """An address is safe and stays as it is, or is refused as unsafe."""
    try:
        safe = safe_url(url)
    except UrlUnsafeError:
        return
    assert safe_url(safe) == safe and safe.startswith(("https://", "http://"))
