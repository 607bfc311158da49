"""What this part of the room parses prints back the same, and arbitrary bytes give nothing but the room's errors."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.directory_kinds import read_kind
from keys.directory_submission import Submission
from keys.encoding import canonical, parse_json
from keys.errors import KeysError
from keys.invitation import PREFIX, Invitation, parse_invitation
from keys.replay import LoggedLeaf, replay
from keys.replay_export import export_json
from keys.replay_import import import_json
from keys.replay_pins import Pins, check_pins, root_of
from keys.seats import Seat
from keys.statement import Statement
from keys.words import fingerprint_words, parse_words
from tests.unit.keys.directory_builder import Founding

hashes = st.binary(min_size=32, max_size=32)
bodies = st.from_regex(r"[a-z0-9]{2,12}(-[a-z0-9]{1,8}){0,2}|state:[A-Z]{2}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdefnpqrst_", max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


@cache
def world() -> Founding:
    """A directory with a statement of each kind."""
    world = Founding.started()
    person = world.enrol("coe-cpt")
    world.mandate(person)
    world.leave(person)
    first, second = world.focal_points("un-spt")
    world.set_focal_points("un-spt", [second, first])
    return world


@given(st.integers(0, 40), st.integers(0, 10**6), json_values)
def test_a_changed_payload_reads_as_it_is_spelled_or_not_at_all(which: int, place: int, value: object) -> None:
    """Any field of any kind replaced by any value: read and printed again, the bytes are the same, or it is refused."""
    original = world().statements[which % len(world().statements)]
    body = original.body
    spots = list(places(body))
    holder, key = spots[place % len(spots)]
    holder[key] = value
    try:
        statement = Statement(original.typ, canonical(body))
        kind = read_kind(statement)
    except KeysError:
        return
    printed = kind.statement()
    assert (printed.typ, printed.payload) == (statement.typ, statement.payload)


def places(value: Any) -> Any:
    """Every (container, key) of nested JSON values."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from places(inner)


def test_every_kind_prints_back_the_same() -> None:
    """Reading a statement's values and building it again gives the same payload, for each kind there is."""
    seen = set()
    for statement in world().statements:
        kind = read_kind(statement)
        assert kind.statement().payload == statement.payload
        seen.add(kind.KIND)
    assert seen == {
        "root", "organisation.add", "organisation.focal-points", "organisation.epoch", "officer.enrol",
        "officer.mandate", "officer.leave", "audit-office", "authority.add",
    }  # fmt: skip


@given(st.integers(0, 40), st.integers(0, 5000), st.integers(1, 255))
def test_a_leaf_with_a_changed_byte_stops_replay(which: int, place: int, change: int) -> None:
    """No byte of any leaf may change: the room's error, and never a directory."""
    leaves = list(world().leaves)
    which %= len(leaves)
    text = bytearray(leaves[which].text)
    text[place % len(text)] ^= change
    leaves[which] = LoggedLeaf(bytes(text), leaves[which].logged)
    start = replay(leaves[:which], world().public.get, world().now) if which > 1 and _complete(which) else None
    with pytest.raises(KeysError):
        replay(leaves[which if start else 0 :], world().public.get, world().now, start=start)


def _complete(size: int) -> bool:
    return world().statements[size - 1].typ != "exchange/directory-officer.leave/v1"


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | json_values.map(lambda v: canonical(v)))
def test_arbitrary_bytes_give_only_the_rooms_errors(data: bytes) -> None:
    """Leaves, submissions, pin files, caches, seats and payloads of anything at all are refused by type."""
    for parse in (Submission.from_json, Pins.from_json, import_json):
        with pytest.raises(KeysError):
            parse(data)
    with pytest.raises(KeysError):
        replay([LoggedLeaf(data, world().now)], world().public.get, world().now)
    for statement in world().statements:
        with pytest.raises(KeysError):
            read_kind(Statement(statement.typ, data))


@given(json_values)
def test_arbitrary_values_are_no_seat_and_no_submission(value: object) -> None:
    """JSON values of any shape are refused by type."""
    for read in (Seat.read, Submission.read):
        with pytest.raises(KeysError):
            read(value)


@given(st.integers(0, 10**6), json_values)
def test_a_changed_cache_is_refused_or_prints_back_the_same(place: int, value: object) -> None:
    """Any value of a cached directory replaced: malformed, or a directory whose export is those very bytes."""
    values = parse_json(export_json(world().directory), limit=None)
    spots = list(places(values))
    holder, key = spots[place % len(spots)]
    holder[key] = value
    try:
        data = canonical(values, limit=None)
        directory = import_json(data)
    except KeysError:
        return
    assert export_json(directory) == data


@given(st.binary(min_size=16, max_size=16), hashes, hashes, bodies)
def test_an_invitation_prints_and_parses(code: bytes, root: bytes, inviter: bytes, body: str) -> None:
    """What parses prints back the same, also with white space anywhere."""
    try:
        text = Invitation(code, root, inviter, body).text
    except KeysError:
        return
    assert parse_invitation(text) == Invitation(code, root, inviter, body)
    assert parse_invitation(" ".join(text)).text == text


@given(st.text(max_size=200) | st.text("ABCabc012-_ ", max_size=200).map(lambda text: PREFIX + text))
def test_arbitrary_text_is_no_invitation_and_no_fingerprint(text: str) -> None:
    """People paste anything: only the room's errors come of it."""
    for parse in (parse_invitation, parse_words):
        with pytest.raises(KeysError):
            parse(text)


@given(hashes)
def test_words_are_read_back(digest: bytes) -> None:
    """The words of any hash are accepted as typed."""
    words = fingerprint_words(digest)
    assert parse_words(" ".join(words)) == words


@given(hashes, st.integers(1, 2**40), hashes, st.dictionaries(bodies, hashes, max_size=4))
def test_pins_print_and_parse(exchange: bytes, size: int, root: bytes, organisations: dict[str, bytes]) -> None:
    """A pin file is read back as written."""
    pins = Pins(exchange, size, root, organisations, frozenset(sorted(organisations)[:1]))
    assert Pins.from_json(pins.to_json()) == pins


def test_the_pins_of_a_world_are_its_own() -> None:
    """The world of these tests pins to itself (so the samples above are real)."""
    pins = check_pins(None, world().directory, root_of(world().leaves))
    assert check_pins(pins, world().directory, root_of(world().leaves)) == pins
