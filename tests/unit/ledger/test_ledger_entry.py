"""Entries: commitment, parts, tickets, and what a part keeps to itself."""

import hashlib

import pytest

from exchange.ledger.commit import decoy_of, field_hash, salt_of
from exchange.ledger.entry import Entry, PartialEntry, basis_of
from exchange.ledger.errors import BadEntryError, BadTicketError, UnknownActError
from exchange.ledger.leaf import EntryLeaf
from exchange.ledger.ticket import Ticket
from exchange.ledger.vocabulary import ACTS, PARTIAL_FIELDS
from keys.encoding import b64u, unb64u
from keys.merkle_head import leaf_hash

WITHHOLD = "access:release:withhold"


@pytest.mark.parametrize("tag", ACTS)
def test_an_entry_of_every_act_is_rebuilt_from_its_json(tag, fields_for):
    """Seed and values, as a release answer carries them, give the same commitment."""
    entry = Entry.make(tag, fields_for(tag))
    assert Entry.from_json(entry.to_json()) == entry
    assert Entry.from_json(entry.to_json()).com == entry.com
    assert entry.fields == {"act": tag, **fields_for(tag)}


def test_two_entries_of_the_same_act_have_nothing_in_common(fields_for):
    """A new seed gives new salts and decoys: equal values do not show."""
    one, other = (Entry.make(WITHHOLD, fields_for(WITHHOLD)) for _ in range(2))
    assert not set(one.hashes) & set(other.hashes)


def test_a_field_without_a_value_is_a_decoy(fields_for):
    """Positions without a value look like the positions past the list, so lists can grow."""
    fields = fields_for(WITHHOLD) | {"owner": None, "envelope": None, "basis": None}
    entry = Entry.make(WITHHOLD, fields)
    owner = ACTS[WITHHOLD].fields.index("owner")
    assert entry.hashes[owner] == decoy_of(entry.seed, owner + 1)
    assert entry.hashes[15] == decoy_of(entry.seed, 16)


def test_every_value_and_every_position_is_bound(fields_for):
    """Another value, another name or another place is another commitment."""
    fields = fields_for(WITHHOLD)
    seed = bytes(32)
    com = Entry.make(WITHHOLD, fields, seed).com
    assert Entry.make(WITHHOLD, fields | {"purpose": "other"}, seed).com != com
    assert Entry.make("access:release:permit", fields, seed).com != com
    assert field_hash(bytes(16), "owner", "un-spt") != field_hash(bytes(16), "body", "un-spt")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": "x"}, "has no field 'title'"),
        ({"act": WITHHOLD}, "has no field 'act'"),
        ({"reason": None}, "needs the field 'reason'"),
        ({"actor": "someone"}, "field 'actor'"),
        ({"report": "not-a-uuid"}, "field 'report'"),
        ({"purpose": "w" * 63}, "field 'purpose'"),
        ({"body": ["un-spt"]}, "field 'body'"),
        ({"body": 1.5}, "field 'body'"),
        ({"asked": "2026-03-10T12:00:00+00:00"}, "field 'asked'"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_entry_is_refused_without_repeating_the_value(change, message, fields_for):
    """A field too many, one too few or a bad value is named; what it held is not."""
    with pytest.raises(BadEntryError) as error:
        Entry.make(WITHHOLD, fields_for(WITHHOLD) | change)
    assert message in str(error.value)
    assert "someone" not in str(error.value) and "www" not in str(error.value)


def test_unknown_acts_and_later_fields_are_errors_of_their_own(fields_for):
    """A reader that is too old says so; it does not guess."""
    entry = Entry.make(WITHHOLD, fields_for(WITHHOLD))
    with pytest.raises(UnknownActError):
        Entry.make("access:release:maybe", {})
    with pytest.raises(UnknownActError):
        Entry(entry.seed, (*entry.values[:15], "later"))


@pytest.mark.parametrize(
    "value",
    [None, {}, [], {"seed": "AA", "values": [None] * 16}, {"seed": b64u(bytes(32)), "values": ["log:padding:append"]}],
)
def test_other_json_is_no_entry(value):
    """A typed error for every other shape."""
    with pytest.raises(BadEntryError):
        Entry.from_json(value)


@pytest.mark.parametrize("tag", ACTS)
def test_a_part_gives_the_same_commitment_and_never_a_hidden_value(tag, fields_for):
    """A part rebuilds `com`; no hidden value, salt or decoy key can be found in it."""
    entry = Entry.make(tag, fields_for(tag))
    part = entry.partial(PARTIAL_FIELDS)
    assert part.com == entry.com and part.hashes == entry.hashes
    hidden = set(entry.fields) - set(part.fields)
    assert hidden == set(entry.fields) - set(PARTIAL_FIELDS)
    blob = b"".join(part.openings)
    assert entry.seed not in blob
    assert not [name for name in hidden if salt_of(entry.seed, name) in blob]
    assert all(len(o) == (16 if v is not None else 32) for o, v in zip(part.openings, part.values, strict=True))


def test_a_hidden_value_cannot_be_tried_out(fields_for):
    """The bare hash of a value from a short list matches no guess: its salt has 128 bits and is not in the part."""
    entry = Entry.make(WITHHOLD, fields_for(WITHHOLD))
    part = entry.partial(PARTIAL_FIELDS)
    position = ACTS[WITHHOLD].fields.index("reason")
    guesses = {field_hash(salt, "reason", "W_NO_CONSENT") for salt in part.openings if len(salt) == 16}
    guesses.add(field_hash(bytes(16), "reason", "W_NO_CONSENT"))
    assert part.openings[position] not in guesses


def test_a_part_with_a_false_value_is_another_entry(fields_for):
    """Whoever changes a shown value ends at another commitment."""
    entry = Entry.make(WITHHOLD, fields_for(WITHHOLD))
    part = entry.partial(PARTIAL_FIELDS)
    values = tuple("download" if value == "view" else value for value in part.values)
    assert PartialEntry(values, part.openings).com != entry.com
    with pytest.raises(BadEntryError):
        PartialEntry(values, part.openings[::-1])


def test_nothing_secret_shows_in_a_repr(fields_for):
    """Neither seed nor values in a traceback or a log line."""
    entry = Entry.make(WITHHOLD, fields_for(WITHHOLD))
    shown = repr(entry) + repr(entry.partial(PARTIAL_FIELDS)) + repr(_ticket("reports:report:stop", fields_for)[1])
    assert "un-spt" not in shown and repr(entry.seed) not in shown and "salt" not in shown


def test_basis_does_not_depend_on_order_or_repetition():
    """The basis names a set of hashes."""
    one, two = hashlib.sha256(b"1").digest(), hashlib.sha256(b"2").digest()
    assert basis_of([one, two, one]) == basis_of([two, one]) != basis_of([one])
    listed = ('["' + '","'.join(sorted([b64u(one), b64u(two)])) + '"]').encode()
    assert unb64u(basis_of([two, one])) == hashlib.sha256(listed).digest()


def _ticket(tag, fields_for):
    statement = hashlib.sha256(b"statement").digest()
    entry = Entry.make(tag, fields_for(tag) | {"statement": b64u(statement)})
    return entry, entry.ticket(1, 7, 1_773_144_000, bytes(range(32))), statement


@pytest.mark.parametrize("tag", [tag for tag, act in ACTS.items() if "statement" in act.fields])
def test_a_ticket_gives_the_leaf_of_its_statement_and_of_no_other(tag, fields_for):
    """The statement's hash leads to the leaf; another hash leads elsewhere. That is all a ticket says."""
    entry, ticket, statement = _ticket(tag, fields_for)
    leaf = EntryLeaf(1_773_144_000, entry.com, bytes(range(32))).data
    assert ticket.com(statement) == entry.com and ticket.leaf(statement) == leaf
    assert ticket.leaf_hash(statement) == leaf_hash(leaf)
    assert ticket.leaf(bytes(32)) != leaf
    assert Ticket.parse(ticket.text) == ticket
    assert "coe-cpt" not in ticket.text.decode()


def test_only_an_entry_with_a_statement_has_a_ticket(fields_for):
    """No ticket for a sign-in, nor where the statement has no value."""
    with pytest.raises(BadEntryError):
        Entry.make("accounts:session:end", fields_for("accounts:session:end")).ticket(1, 0, 0, bytes(32))
    lapse = fields_for("consents:instrument:lapse") | {"statement": None}
    with pytest.raises(BadEntryError):
        Entry.make("consents:instrument:lapse", lapse).ticket(1, 0, 0, bytes(32))


@pytest.mark.parametrize(
    "change",
    [
        {"n": 0},
        {"index": -1},
        {"index": True},
        {"time": "2026-03-10T12:00:01Z"},
        {"time": 60},
        {"vw": "AA"},
        {"position": 1},
        {"position": 17},
        {"position": "5"},
        {"salt": b64u(bytes(15))},
        {"others": [b64u(bytes(32))] * 14},
        {"others": None},
        {"more": 1},
    ],
    ids=str,
)
def test_a_damaged_ticket_is_a_typed_error(change, fields_for):
    """Every field has one form."""
    _entry, ticket, _statement = _ticket("reports:report:stop", fields_for)
    with pytest.raises(BadTicketError):
        Ticket.from_json(ticket.to_json() | change)
    with pytest.raises(BadTicketError):
        Ticket.parse(ticket.text + b"\n")
