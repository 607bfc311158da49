"""Every parser of this room: what it takes it prints back the same, and any bytes give its own error or a value."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.transparency.checkpoint import make_checkpoint, parse_checkpoint, parse_signed
from exchange.transparency.errors import LogFormatError, TransparencyError
from exchange.transparency.evaluate import evaluate
from exchange.transparency.merkle import EMPTY_ROOT
from exchange.transparency.note import Note, NoteSignature, parse_note
from exchange.transparency.policy import make_policy
from exchange.transparency.policy_text import format_policy, parse_policy
from exchange.transparency.proof import ConsistencyProof, InclusionProof, TlogProof, parse_tlog_proof
from exchange.transparency.tiles import ENTRIES, Tile, format_bundle, parse_bundle, parse_hashes, parse_path
from exchange.transparency.vkey import parse_vkey
from tests.unit.transparency.log_maker import AUDIT, DIRECTORY, NOW, WITNESSED

SIGNED = AUDIT.sign_checkpoint(37, bytes(range(32)), NOW)
POLICY = make_policy([DIRECTORY.public, AUDIT.public])
PROOF = TlogProof(21, (bytes(32), bytes(range(32))), SIGNED, b"extra").to_bytes()

names = st.text(st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"], exclude_characters="+"), min_size=1)
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=5).map(tuple)
numbers = st.integers(0, 2**53 - 1)


def mutations(data: bytes) -> st.SearchStrategy[bytes]:
    """A valid example with one stretch replaced, doubled or dropped: nearer to what could slip through than noise."""
    spans = st.tuples(st.integers(0, len(data)), st.integers(0, 8), st.binary(max_size=8))
    return spans.map(lambda span: data[: span[0]] + span[2] + data[span[0] + span[1] :])


def as_text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode("utf-8", "surrogateescape"))


PARSERS: list[tuple[Callable[[bytes], Any], Callable[[Any], bytes], bytes]] = [
    (parse_note, lambda note: note.to_bytes(), SIGNED),
    (parse_signed, lambda pair: pair[1].to_bytes(), SIGNED),
    (as_text(parse_checkpoint), lambda point: point.text.encode(), SIGNED.partition(b"\n\n")[0] + b"\n"),
    (as_text(parse_vkey), lambda vkey: vkey.text.encode(), AUDIT.public.mldsa44.text.encode()),
    (as_text(parse_vkey), lambda vkey: vkey.text.encode(), AUDIT.public.ed25519.text.encode()),
    (as_text(parse_path), lambda tile: tile.path.encode(), b"tile/1/x001/234.p/56"),
    (parse_tlog_proof, lambda proof: proof.to_bytes(), PROOF),
    (lambda data: parse_bundle(data, 3), format_bundle, format_bundle([b"", b"abc", bytes(73)])),
    (lambda data: parse_hashes(data, 2), b"".join, bytes(range(64))),
]


@pytest.mark.parametrize("which", range(len(PARSERS)))
@given(st.data())
def test_what_parses_prints_back_the_same(which: int, data: st.DataObject) -> None:
    """For the example, its mutations and any bytes: the room's error, or a value that prints the same bytes."""
    parse, print_back, example = PARSERS[which]
    assert print_back(parse(example)) == example
    raw = data.draw(st.one_of(mutations(example), st.binary(max_size=200)))
    try:
        value = parse(raw)
    except LogFormatError:
        return
    assert print_back(value) == raw


@given(st.one_of(mutations(format_policy(POLICY)), mutations(format_policy(WITNESSED)), st.binary(max_size=200)))
def test_policies_have_one_meaning(raw: bytes) -> None:
    """A policy may be spelled freely; written in our spelling it is the same policy, and that spelling is stable."""
    try:
        policy = parse_policy(raw)
    except LogFormatError:
        return
    text = format_policy(policy)
    assert parse_policy(text) == policy
    assert format_policy(parse_policy(text)) == text


@given(st.one_of(mutations(SIGNED), st.binary(max_size=200)))
def test_nothing_but_the_signed_head_is_accepted(raw: bytes) -> None:
    """Whatever is done to a signed checkpoint, it is refused with a typed error or still says what was signed."""
    try:
        result = evaluate(POLICY, raw)
    except TransparencyError:
        return
    assert result.checkpoint == parse_signed(SIGNED)[0]
    assert result.log_time == NOW


@given(
    names, st.lists(st.tuples(names, st.binary(min_size=4, max_size=4), st.binary(min_size=1)), min_size=1, max_size=4)
)
def test_notes_that_are_made_are_read(line: str, signatures: list[tuple[str, bytes, bytes]]) -> None:
    """Any text and distinct signatures come back."""
    distinct = tuple(dict.fromkeys(NoteSignature(*signature) for signature in signatures))
    note = Note(f"{line}\n", distinct)
    assert parse_note(note.to_bytes()) == note


@given(names, st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoints_that_are_made_are_read(origin: str, size: int, root: bytes) -> None:
    """Any origin, size and root come back."""
    assert parse_checkpoint(make_checkpoint(origin, size, root).text).head == (size, root)
    assert parse_checkpoint(make_checkpoint(origin, 0, EMPTY_ROOT).text).origin == origin


@given(st.integers(ENTRIES, 7), st.integers(0, 2**20), st.integers(1, 256))
def test_tiles_that_are_named_are_found(level: int, number: int, width: int) -> None:
    """Every tile that a log can have comes back from its path."""
    tile = Tile(level, number % (1 << max(0, 55 - 8 * max(level, 0))), width)
    assert parse_path(tile.path) == tile


@given(numbers, numbers, hashes)
def test_json_proofs_come_back(one: int, two: int, proof: tuple[bytes, ...]) -> None:
    """Objects made by us are read as what they were."""
    for made in (InclusionProof(one, two, proof), ConsistencyProof(one, two, proof)):
        assert type(made).from_json(made.to_json()) == made


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.one_of(json_values, st.fixed_dictionaries({"index": json_values, "size": json_values, "hashes": json_values}))
)
def test_any_json_gives_the_rooms_error(value: object) -> None:
    """A value that is no proof is a LogFormatError, never another."""
    for kind in (InclusionProof, ConsistencyProof):
        try:
            assert kind.from_json(value).to_json() == value
        except LogFormatError:
            continue
