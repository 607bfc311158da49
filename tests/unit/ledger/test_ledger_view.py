"""Views: 1,024 bytes whatever the event, and each reader gets exactly what is due."""

import zlib

import pytest

from exchange.ledger.chain_writer import Chains
from exchange.ledger.entry import Entry, PartialEntry
from exchange.ledger.errors import (
    BadViewError,
    ClosedViewError,
    EntryTooLargeError,
    NoChainError,
    UnknownActError,
    WrongBuilderError,
)
from exchange.ledger.view import (
    ACTOR_BODY,
    ACTOR_OFFICE,
    OWNER,
    OWNER_OFFICE,
    Readers,
    full_views,
    kept_signatures,
    open_view,
    partial_views,
    seal_view,
    views_for,
    views_hash,
)
from exchange.ledger.view_body import Dummy, ViewBody, parse_view_body
from exchange.ledger.vocabulary import ACTS, PARTIAL_FIELDS
from keys.signing import SigningKey
from keys.statement import Statement

PERMIT, WITHHOLD = "access:release:permit", "access:release:withhold"
KEYS = tuple(bytes([i]) * 32 for i in range(3))
SIGNATURES = (bytes(range(64)),)


class Recorder:
    """Gives secrets like a turn, and remembers the key of each body's views."""

    def __init__(self, turn):
        self.turn = turn
        self.given = []

    def next_view_secret(self, body):
        secret = self.turn.next_view_secret(body)
        self.given.append((body, secret))
        return secret


def opened(log, builder, entry, readers, signatures=SIGNATURES):
    """Build views and open each with its reader's own key: by slot, the reader's id and the inside, or None."""
    chains = log.chains or log.new_chains()
    with chains.begin() as turn:
        recorder = Recorder(turn)
        views = builder(entry, readers, recorder, signatures)
        turn.committed()
    by_tag = {secret.tag: (body, secret) for body, secret in recorder.given}
    result = []
    for view in views.sealed:
        body, secret = by_tag.get(view[:16], (None, None))
        result.append(None if secret is None else (body, parse_view_body(open_view(view, secret.key(entry.com)))))
    return views, result


def test_in_a_permit_everybody_reads_everything_and_offices_hold_the_keys(log, readers, fields_for):
    """Four whole views in the order of the slots; the keys of the other three in both offices' views alone."""
    entry = Entry.make(PERMIT, fields_for(PERMIT))
    views, inside = opened(log, full_views, entry, readers)
    assert [body for body, _ in inside] == ["audit-cpt", "audit-spt", "coe-cpt", "un-spt"]
    assert all(view.entry == entry and view.signatures == SIGNATURES for _, view in inside)
    assert [len(view.keys) for _, view in inside] == [3, 3, 0, 0]
    for slot in (OWNER_OFFICE, ACTOR_OFFICE):
        others = [view for i, view in enumerate(views.sealed) if i != slot]
        for view, key in zip(others, inside[slot][1].keys, strict=True):
            assert parse_view_body(open_view(view, key)).entry == entry


def test_in_a_withholding_only_the_owners_office_reads_the_reason(log, readers, fields_for):
    """The actor's side sees what it asked and the outward answer; the owner's slot is a dummy."""
    entry = Entry.make(WITHHOLD, fields_for(WITHHOLD))
    views, inside = opened(log, partial_views, entry, readers)
    assert inside[OWNER_OFFICE][0] == "audit-cpt" and inside[OWNER_OFFICE][1].entry == entry
    assert inside[OWNER] is None
    for slot, reader in ((ACTOR_OFFICE, "audit-spt"), (ACTOR_BODY, "un-spt")):
        body, view = inside[slot]
        assert body == reader and isinstance(view.entry, PartialEntry) and view.keys == ()
        assert tuple(view.entry.fields) == PARTIAL_FIELDS
        assert view.entry.com == entry.com
    keys = dict(zip((ACTOR_OFFICE, OWNER, ACTOR_BODY), inside[OWNER_OFFICE][1].keys, strict=True))
    assert parse_view_body(open_view(views.sealed[OWNER], keys[OWNER])) == Dummy()
    assert parse_view_body(open_view(views.sealed[ACTOR_BODY], keys[ACTOR_BODY])) == inside[ACTOR_BODY][1]


def test_the_requesters_side_cannot_tell_an_unknown_id_from_a_refusal(log, readers, fields_for):
    """Same shown fields, same places of bare hashes, same length: only what was asked differs, and it asked that."""
    known = Entry.make(WITHHOLD, fields_for(WITHHOLD))
    unknown = Entry.make(WITHHOLD, fields_for(WITHHOLD) | {"owner": None, "basis": None, "envelope": None})
    never = Entry.make(WITHHOLD, fields_for(WITHHOLD) | {"reason": "W_NEVER_TO_STATE"})
    host = Readers("audit-cpt", "audit-spt", None, "un-spt")
    seen = []
    for entry, who in ((known, readers), (unknown, host), (never, readers)):
        _, inside = opened(log, partial_views, entry, who)
        for slot in (ACTOR_OFFICE, ACTOR_BODY):
            view = inside[slot][1]
            seen.append((view.entry.values, [len(o) for o in view.entry.openings], view.keys, view.signatures))
    assert all(item == seen[0] for item in seen)


@pytest.mark.parametrize("tag", ACTS)
def test_every_act_fills_four_views_of_the_same_size(tag, log, readers, fields_for, largest):
    """1,024 bytes each, which no compression shortens, for the smallest and the largest values of every act."""
    smallest = {name: value for name, value in fields_for(tag).items() if name in ACTS[tag].required}
    for fields in (smallest, largest(tag)):
        chains = log.chains or log.new_chains()
        with chains.begin() as turn:
            views = views_for(Entry.make(tag, fields), readers, turn)
            turn.committed()
        assert [len(view) for view in views.sealed] == [1024] * 4
        assert len(zlib.compress(b"".join(views.sealed), 9)) > 4096
        assert views.vw == views_hash(views.sealed)


@pytest.mark.parametrize(
    ("tag", "change", "expected"),
    [
        (PERMIT, {}, ("audit-cpt", "audit-spt", "coe-cpt", "un-spt")),
        (WITHHOLD, {}, ("audit-cpt", "audit-spt", "coe-cpt", "un-spt")),
        (WITHHOLD, {"owner": None}, ("audit-host", "audit-spt", None, "un-spt")),
        (PERMIT, {"owner": "npm-xa"}, (None, "audit-spt", "npm-xa", "un-spt")),
        ("accounts:session:start", {}, (None, "audit-spt", None, "un-spt")),
        ("accounts:session:refuse", {"actor": None, "body": None}, ("audit-host", None, None, None)),
        ("consents:instrument:lapse", {"actor": None, "body": None}, ("audit-cpt", "audit-host", "coe-cpt", None)),
        ("operator:instance:check", {}, ("audit-host", None, None, None)),
        ("log:padding:append", {}, ("audit-host", None, None, None)),
    ],
)
def test_who_reads_follows_from_the_entry_itself(tag, change, expected, fields_for):
    """Offices by the directory; the host's office where a body is missing, or the owner of what is withheld."""
    offices = {"coe-cpt": "audit-cpt", "un-spt": "audit-spt"}
    entry = Entry.make(tag, fields_for(tag) | change)
    assert Readers.of(entry, offices, "audit-host").slots == expected


def test_nobody_but_the_host_reads_acts_without_a_body(log):
    """Padding and operator's acts: the host's audit office holds entry and keys, the others are dummies."""
    entry = Entry.make("log:padding:append", {})
    _, inside = opened(log, full_views, entry, Readers.of(entry, {}, "audit-cpt"), ())
    assert [item and item[0] for item in inside] == ["audit-cpt", None, None, None]
    assert len(inside[0][1].keys) == 3


def test_before_any_body_has_keys_all_four_are_dummies(log):
    """The founding statements are in the log although nobody can read it yet."""
    log.epochs = {}
    log.new_chains()
    readers = Readers("audit-cpt", None, None, "un-spt").among(log.chains.bodies)
    _, inside = opened(log, full_views, Entry.make("log:padding:append", {}), readers, ())
    assert inside == [None] * 4


def test_an_office_or_body_in_two_slots_reads_twice(log, fields_for):
    """An owner that opens its own report gets two views, each under a key of its own."""
    entry = Entry.make(PERMIT, fields_for(PERMIT, body="coe-cpt"))
    views, inside = opened(log, full_views, entry, Readers("audit-cpt", "audit-cpt", "coe-cpt", "coe-cpt"))
    assert len({view[:16] for view in views.sealed}) == 4
    assert all(view.entry == entry for _, view in inside)


def test_a_builder_refuses_the_other_kind_of_act(log, readers, fields_for):
    """No view of a withholding can be made by the builder of whole views, whatever the caller mistakes."""
    turn = log.new_chains().begin()
    with pytest.raises(WrongBuilderError):
        full_views(Entry.make(WITHHOLD, fields_for(WITHHOLD)), readers, turn)
    with pytest.raises(WrongBuilderError):
        partial_views(Entry.make(PERMIT, fields_for(PERMIT)), readers, turn)


def test_a_reader_without_a_chain_is_an_error_and_not_a_dummy(log, readers, fields_for):
    """Nobody loses a view silently; a body that cannot read yet is left out by name, with `among`."""
    del log.epochs["audit-spt"]
    turn = log.new_chains().begin()
    with pytest.raises(NoChainError):
        full_views(Entry.make(PERMIT, fields_for(PERMIT)), readers, turn)
    assert readers.among(log.chains.bodies).actor_office is None


def test_a_view_opens_with_its_own_key_alone(log, readers, fields_for):
    """Another key, another view's bytes, or one changed bit: closed."""
    body = ViewBody(Entry.make(PERMIT, fields_for(PERMIT)), KEYS, SIGNATURES)
    view = seal_view(bytes(16), bytes(32), body)
    assert parse_view_body(open_view(view, bytes(32))) == body
    with pytest.raises(ClosedViewError):
        open_view(view, b"\1" + bytes(31))
    for at in (16, 500, 1023):
        with pytest.raises(ClosedViewError):
            open_view(view[:at] + bytes([view[at] ^ 1]) + view[at + 1 :], bytes(32))
    with pytest.raises(BadViewError):
        open_view(view[:-1], bytes(32))


def full_inside(fields_for, tag=PERMIT):
    """The 992 bytes of a whole view."""
    return ViewBody(Entry.make(tag, fields_for(tag), bytes(range(32))), KEYS, SIGNATURES).encode()


def part_inside(fields_for):
    """The 992 bytes of a partial view."""
    entry = Entry.make(WITHHOLD, fields_for(WITHHOLD), bytes(range(32)))
    return ViewBody(entry.partial(PARTIAL_FIELDS), (), SIGNATURES).encode()


def test_both_forms_parse_back(fields_for):
    """What is encoded parses, and prints back the same."""
    for data in (full_inside(fields_for), part_inside(fields_for), bytes(992)):
        assert parse_view_body(data).encode() == data


def damaged(fields_for):
    """Defect by name: bytes that differ from a good inside in that alone."""
    full, part = full_inside(fields_for), part_inside(fields_for)
    end = len(full.rstrip(b"\0"))
    at_keys = full.index(KEYS[0], 40) - 1
    json_bytes, part_bytes = int.from_bytes(full[33:35], "big"), int.from_bytes(part[1:3], "big")
    return {
        "unknown form": b"\x03" + full[1:],
        "short": full[:-1],
        "long": full + b"\0",
        "filling not zeros": full[:-1] + b"\1",
        "two keys": full[:at_keys] + b"\x02" + full[at_keys + 1 :],
        "space in the JSON": full[:33] + (json_bytes + 1).to_bytes(2, "big") + b"[ " + full[36:-1],
        "mask of other values": part[: 3 + part_bytes] + b"\xff\xff" + part[5 + part_bytes :],
        "value of no kind": full.replace(b'"view"', b'"VIEW"'),
        "float": full.replace(b'"view"', b"12.345"),
        "list in the list": full.replace(b'"view"', b"[1234]"),
        "not JSON": full.replace(b'"view"', b'"view,'),
        "five signatures": full[: end - 65] + b"\x05" + full[end - 64 :],
        "no end": full[: end - 65] + b"\xff" + full[end - 64 :],
    }


@pytest.mark.parametrize(
    "defect",
    [
        "unknown form",
        "short",
        "long",
        "filling not zeros",
        "two keys",
        "space in the JSON",
        "mask of other values",
        "value of no kind",
        "float",
        "list in the list",
        "not JSON",
        "five signatures",
        "no end",
    ],
)
def test_a_damaged_inside_is_a_typed_error(defect, fields_for):
    """One defect each; never a ValueError, never a guess."""
    data = damaged(fields_for)[defect]
    assert data not in (full_inside(fields_for), part_inside(fields_for))
    with pytest.raises(BadViewError):
        parse_view_body(data)


def test_an_act_from_a_later_vocabulary_is_an_error_of_its_own(fields_for):
    """The inside of a newer server's view is not taken for a damaged one."""
    with pytest.raises(UnknownActError):
        parse_view_body(full_inside(fields_for).replace(b"access:release:permit", b"access:release:perhap"))


def test_too_many_signatures_are_refused_and_a_statement_gives_the_first_four(fields_for):
    """A view keeps four; the statement, stored beside, has them all."""
    statement = Statement("exchange/directory-root/v1", b"{}")
    for i in range(6):
        statement = statement.signed_by(SigningKey(bytes([i]) * 32))
    kept = kept_signatures(statement)
    assert kept == tuple(s.value for s in statement.signatures[:4])
    with pytest.raises(BadViewError):
        ViewBody(Entry.make(PERMIT, fields_for(PERMIT)), (), (bytes(64),) * 5)
    with pytest.raises(BadViewError):
        ViewBody(Entry.make(PERMIT, fields_for(PERMIT)), (bytes(32),))


def test_what_does_not_fit_is_an_error_and_never_a_longer_view(largest):
    """The budget is checked where bytes are made: nobody gets a part that shows everything, and it would not fit."""
    tag = "reports:report:register"
    entry = Entry.make(tag, largest(tag))
    with pytest.raises(EntryTooLargeError):
        ViewBody(entry.partial(entry.fields), KEYS, (bytes(64),) * 4).encode()


def test_nothing_secret_shows_in_a_repr(log, fields_for):
    """Keys and secrets stay out of tracebacks."""
    chains = Chains.draw(log.bodies(), log.now)
    chains.stand()
    secret = chains.begin().next_view_secret("un-spt")
    shown = repr(secret) + repr(chains) + repr(ViewBody(Entry.make(PERMIT, fields_for(PERMIT)), KEYS))
    assert repr(secret._secret) not in shown and repr(KEYS[0]) not in shown and "un-spt" not in shown
