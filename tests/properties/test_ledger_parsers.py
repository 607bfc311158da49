"""One property per parser of the ledger: what parses prints back the same; other bytes give this room's errors alone."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from exchange.ledger.bundle import Stored, build_bundle, parse_bundle
from exchange.ledger.chain import ChainRecord, ChainSeal
from exchange.ledger.entry import Entry
from exchange.ledger.errors import LedgerError
from exchange.ledger.leaf import ChainLeaf, EntryLeaf, SuccessorLeaf, parse_leaf
from exchange.ledger.ticket import Ticket
from exchange.ledger.values import FIELDS, MAX_VALUE_BYTES, check_value, spell
from exchange.ledger.view_body import MAX_SIGNATURES, ViewBody, parse_view_body
from exchange.ledger.vocabulary import ACTS
from keys.encoding import b64u, canonical

BYTES32 = st.binary(min_size=32, max_size=32)
MINUTES = st.integers(0, 253402300740 // 60).map(lambda minute: minute * 60)

WORDS = st.from_regex(r"[a-z0-9]{1,10}([._-][a-z0-9]{1,10}){0,3}", fullmatch=True)
CODES = st.from_regex(r"[A-Z][A-Z0-9]{0,8}(_[A-Z0-9]{1,8}){0,2}", fullmatch=True)
TIMES = st.datetimes().map(lambda t: t.replace(microsecond=0).isoformat() + "Z")
BY_KIND = {
    "officer": st.binary(min_size=16, max_size=16).map(b64u),
    "id": st.binary(min_size=16, max_size=16).map(b64u),
    "part": st.binary(min_size=8, max_size=8).map(b64u),
    "hash": BYTES32.map(b64u),
    "body": st.one_of(
        st.from_regex(r"[a-z0-9]{2,12}(-[a-z0-9]{1,12}){0,2}", fullmatch=True),
        st.from_regex(r"state:[A-Z]{2}", fullmatch=True),
    ),
    "state": st.from_regex(r"[A-Z]{2}", fullmatch=True),
    "uuid": st.uuids().map(str),
    "time": TIMES,
    "date or time": st.one_of(TIMES, st.dates().map(str)),
    "count": st.integers(0, 2**53 - 1),
    "flag": st.booleans(),
    "word": WORDS,
    "code": CODES,
    "tag": st.sampled_from(sorted(ACTS)),
    "subject": st.from_regex(r"[A-Za-z0-9_:.-]{1,60}", fullmatch=True),
}


@st.composite
def entries(draw, tags=tuple(ACTS)):
    """A valid entry of any act, with optional fields present or not."""
    tag = draw(st.sampled_from(tags))
    act = ACTS[tag]
    fields = {}
    for name in act.fields[1:]:
        if name in act.required or draw(st.booleans()):
            fields[name] = draw(BY_KIND[FIELDS[name].kind.name])
    return Entry.make(tag, fields, draw(BYTES32))


@st.composite
def bodies(draw):
    """The inside of a view, full or partial, that fits."""
    entry = draw(entries())
    keys = tuple(draw(st.lists(BYTES32, min_size=3, max_size=3))) if draw(st.booleans()) else ()
    one = st.binary(min_size=64, max_size=64)
    if entry.act.views == "partial" and draw(st.booleans()):
        return ViewBody(entry.partial(entry.act.visible), (), tuple(draw(st.lists(one, max_size=1))))
    return ViewBody(entry, keys, tuple(draw(st.lists(one, max_size=MAX_SIGNATURES))))


LEAVES = st.one_of(
    st.builds(EntryLeaf, MINUTES, BYTES32, BYTES32),
    st.builds(ChainLeaf, MINUTES, BYTES32, BYTES32),
    st.builds(SuccessorLeaf, MINUTES, BYTES32, st.just(bytes(32))),
)


def views_of(seed):
    """Four views' worth of bytes; a bundle does not look inside."""
    block = hashlib.sha512(bytes([seed])).digest() * 16
    return (block, block[1:] + b"\1", block[2:] + b"\2\2", block[3:] + b"\3\3\3")


@st.composite
def bundles(draw):
    """The bytes of a bundle of up to four leaves."""
    stored = []
    for leaf in draw(st.lists(LEAVES, min_size=1, max_size=4)):
        if isinstance(leaf, EntryLeaf):
            stored.append(Stored(leaf.data, views_of(draw(st.integers(0, 255)))))
        elif isinstance(leaf, ChainLeaf):
            names = sorted(draw(st.sets(BY_KIND["body"], max_size=3)))
            seals = tuple(ChainSeal(name, draw(st.integers(1, 2**32 - 1)), bytes(1168)) for name in names)
            record = ChainRecord(draw(st.binary(min_size=16, max_size=16)), draw(st.integers(0, 2**32 - 1)), seals)
            stored.append(Stored(leaf.data, chain=record))
        else:
            stored.append(Stored(leaf.data))
    return build_bundle(256 * draw(st.integers(0, 2**40)), stored)


@st.composite
def damaged(draw, good):
    """Good bytes with one stretch replaced, or arbitrary bytes."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=200))
    data = draw(good)
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(st.binary(max_size=8)) + data[at + draw(st.integers(0, 8)) :]


def parses_back_or_fails(parse, spell, data):
    """Either `data` parses and prints back the same, or a LedgerError says no."""
    try:
        value = parse(data)
    except LedgerError:
        return
    assert spell(value) == data


@given(LEAVES)
def test_leaves_print_back(leaf):
    """A leaf's 73 bytes are its only spelling."""
    assert len(leaf.data) == 73 and parse_leaf(leaf.data) == leaf


@given(damaged(LEAVES.map(lambda leaf: leaf.data)))
def test_other_bytes_are_no_leaf(data):
    """BadLeafError or a leaf that prints back."""
    parses_back_or_fails(parse_leaf, lambda leaf: leaf.data, data)


@given(bodies())
def test_the_inside_of_a_view_prints_back(body):
    """992 bytes that give the same entry, keys and signatures, and the same commitment."""
    data = body.encode()
    parsed = parse_view_body(data)
    assert len(data) == 992 and parsed == body and parsed.encode() == data
    assert parsed.entry.com == body.entry.com


@given(damaged(bodies().map(lambda body: body.encode())))
def test_other_bytes_are_no_inside(data):
    """A LedgerError or an inside that prints back; padded to size, so that damage within is tried too."""
    parses_back_or_fails(parse_view_body, lambda body: body.encode(), data)
    parses_back_or_fails(parse_view_body, lambda body: body.encode(), data[:992].ljust(992, b"\0"))


@given(bundles())
def test_bundles_print_back(data):
    """Leaves, views and seals of a bundle have one spelling."""
    bundle = parse_bundle(data)
    assert build_bundle(bundle.first, [Stored(r.leaf.data, r.views, r.chain) for r in bundle.rows]) == data


@given(damaged(bundles()))
def test_other_bytes_are_no_bundle(data):
    """A LedgerError or a bundle that prints back."""
    parses_back_or_fails(
        parse_bundle, lambda b: build_bundle(b.first, [Stored(r.leaf.data, r.views, r.chain) for r in b.rows]), data
    )


WITH_STATEMENT = tuple(tag for tag, act in ACTS.items() if "statement" in act.required)


@given(entries(WITH_STATEMENT), st.integers(1, 2**53 - 1), st.integers(0, 2**53 - 1), MINUTES, BYTES32)
def test_tickets_print_back_and_lead_to_their_entry(entry, n, index, time, vw):
    """A ticket's JSON is its only spelling, and gives the entry's commitment."""
    ticket = entry.ticket(n, index, time, vw)
    assert Ticket.parse(ticket.text) == ticket
    assert canonical(ticket.to_json()) == ticket.text


@given(damaged(entries(WITH_STATEMENT).map(lambda entry: entry.ticket(1, 0, 60, bytes(32)).text)))
def test_other_bytes_are_no_ticket(data):
    """A LedgerError or a ticket that prints back."""
    parses_back_or_fails(Ticket.parse, lambda ticket: ticket.text, data)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(sorted(ACTS)),
    lambda inner: st.lists(inner, max_size=17) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(entries())
def test_entries_print_back(entry):
    """Seed and values as JSON give the same entry."""
    assert Entry.from_json(entry.to_json()) == entry


@given(st.fixed_dictionaries({"seed": st.just(b64u(bytes(32))) | JSON_VALUES, "values": JSON_VALUES}) | JSON_VALUES)
def test_other_json_is_no_entry(value):
    """A LedgerError or an entry that prints back."""
    parses_back_or_fails(Entry.from_json, lambda entry: entry.to_json(), value)


@given(entries(), st.data())
def test_any_part_rebuilds_and_hides(entry, data):
    """Whatever fields are shown, the commitment is the same, and only those values are in the part."""
    shown = data.draw(st.sets(st.sampled_from(sorted(entry.fields))))
    part = entry.partial(shown)
    assert part.com == entry.com
    assert set(part.fields) == shown | {"act"}
    assert entry.seed not in b"".join(part.openings)


@given(st.data())
def test_no_value_is_over_64_bytes(data):
    """Every kind bounds the JSON of its values by itself, and by no more than it says."""
    field = data.draw(st.sampled_from(list(FIELDS.values())))
    value = data.draw(BY_KIND[field.kind.name])
    check_value(field.name, value)
    assert len(spell(value)) <= field.kind.most <= MAX_VALUE_BYTES
