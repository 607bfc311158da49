"""A server that serves other bytes than it was given: every piece, header, envelope, manifest and descriptor is held to what
was signed, the refusal is typed, nothing of the report is left on the reader's machine, and the operator's check finds it."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.client.home import Home
from exchange.client.identity import load_identity
from keys.statement import parse
from tests.faults.sigkill_acts import opened
from tests.faults.sigkill_world import TEXT, WORDS, World
from tests.scripts.bad_input import Store, flipped, own_world, refused
from tests.scripts.running import PHRASE, Person

# The first test of a run founds the exchange that all of them copy.
pytestmark = pytest.mark.timeout(300)

# Four pieces: two in the middle have one size, so that their order shows in the root alone.
CONTENT = bytes(range(256)) * 13_000
HEADER = "hash = (select header from reports where id = ?)"
Lie = Callable[[Store, World], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A founded exchange with one more report, in four pieces."""
    with own_world(tmp_path_factory) as made:
        file = made.folder / "four.bin"
        file.write_bytes(CONTENT)
        made.facts["four"] = made.cpt.asks("deposit", file, *WORDS, "--to", "un-spt", "--reference", "four")["report"]
        yield made


def _piece(number: int, change: Callable[[bytes], bytes]) -> Lie:
    def lie(store: Store, world: World) -> AbstractContextManager[None]:
        return store.pieces(world.facts["four"], {number: change(store.piece(world.facts["four"], number))})

    return lie


def _swapped(first: int, second: int) -> Lie:
    def lie(store: Store, world: World) -> AbstractContextManager[None]:
        one, two = (store.piece(world.facts["four"], number) for number in (first, second))
        return store.pieces(world.facts["four"], {first: two, second: one})

    return lie


def _foreign(number: int) -> Lie:
    def lie(store: Store, world: World) -> AbstractContextManager[None]:
        other = store.piece(world.facts["released"], 0)
        return store.pieces(world.facts["four"], {number: other})

    return lie


def _of(table: str, column: str, where: str, change: Callable[[bytes], bytes], report: str = "released") -> Lie:
    def lie(store: Store, world: World) -> AbstractContextManager[None]:
        keys = (world.facts[report],)
        before = store.one(f"select {column} from {table} where {where}", *keys)
        return store.changed(table, column, where, keys, change(before))

    return lie


def _exchanged(table: str, column: str, where: str) -> Lie:
    """The value of one report in the place of another's."""

    def lie(store: Store, world: World) -> AbstractContextManager[None]:
        other = store.one(f"select {column} from {table} where {where}", world.facts["four"])
        return store.changed(table, column, where, (world.facts["released"],), other)

    return lie


ENVELOPE = "report = ? and organisation = 'un-spt'"
PIECES = {
    "damaged": (_piece(1, lambda data: flipped(data, 1000)), "root_mismatch"),
    "truncated": (_piece(1, lambda data: data[:-1]), "storage_failed"),
    "oversized": (_piece(1, lambda data: data + b"\0"), "storage_failed"),
    "reordered": (_swapped(1, 2), "root_mismatch"),
    "first-and-second": (_swapped(0, 1), "root_mismatch"),
    "foreign": (_foreign(1), "storage_failed"),
}
REST = {
    "header-damaged": (_of("signed_statement", "text", HEADER, lambda data: flipped(data, 50)), "malformed"),
    "header-truncated": (_of("signed_statement", "text", HEADER, lambda data: data[:-20]), "malformed"),
    "header-foreign": (_exchanged("signed_statement", "text", HEADER), "report_answer"),
    "envelope-damaged": (_of("report_envelopes", "sealed", ENVELOPE, lambda data: flipped(data, 2000)), "envelope_mismatch"),
    "envelope-truncated": (_of("report_envelopes", "sealed", ENVELOPE, lambda data: data[:-1]), "envelope_mismatch"),
    "envelope-foreign": (_exchanged("report_envelopes", "sealed", ENVELOPE), "envelope_mismatch"),
    "manifest-damaged": (_of("report_parts", "manifest", "report = ?", lambda data: flipped(data, 300)), "manifest_malformed"),
    "manifest-truncated": (_of("report_parts", "manifest", "report = ?", lambda data: data[:-3]), "manifest_malformed"),
    "manifest-foreign": (_exchanged("report_parts", "manifest", "report = ?"), "manifest_malformed"),
    "descriptor-changed": (
        _of("report_parts", "descriptor", "report = ?", lambda data: data.replace(b'"en"', b'"fr"')),
        "descriptor_mismatch",
    ),
    "descriptor-truncated": (_of("report_parts", "descriptor", "report = ?", lambda data: data[:-1]), "malformed"),
}


def nothing_left(person: Person, out: Path) -> None:
    """No file of the report, readable or not, and no receipt is on this machine."""
    for folder in (out, person.home / "receipts", person.home / "incoming"):
        assert not folder.exists() or not [path for path in folder.rglob("*") if path.is_file()], folder


@pytest.mark.parametrize("name", PIECES)
def test_pieces_that_are_not_those_that_were_sealed(world: World, tmp_path: Path, name: str) -> None:
    """Damaged, cut, in another order, of another report: never decrypted, and thrown away."""
    lie, code = PIECES[name]
    words = ("open", world.facts["four"], "--purpose", "follow_up", "-o", tmp_path / "out")
    with lie(Store(world), world):
        refused(world.second, *words, code=code)
        if code == "root_mismatch":
            nothing_left(world.second, tmp_path / "out")


@pytest.mark.parametrize("name", REST)
def test_what_belongs_to_a_report_is_held_to_what_was_signed(world: World, tmp_path: Path, name: str) -> None:
    """Header, envelope, manifest, descriptor: whatever was changed is refused, with its code, and nothing is opened."""
    lie, code = REST[name]
    words = ("open", world.facts["released"], "--purpose", "follow_up", "-o", tmp_path / "out")
    with lie(Store(world), world):
        refused(world.spt, *words, code=code)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    assert not list((world.spt.home / "receipts").glob("*"))


def test_when_the_lies_end_the_reports_open(world: World) -> None:
    """None of the refusals has spoiled anything: pieces are fetched anew, both reports open, and the instance is sound."""
    opened(world.spt, world, world.facts["released"], "released.txt", TEXT)
    opened(world.second, world, world.facts["four"], "four.bin", CONTENT)
    assert world.server.operator("fsck").strip() == "sound"


def test_the_operators_check_finds_what_was_changed(world: World) -> None:
    """One finding for each of three lies at once, and it says of which report."""
    store = Store(world)
    with ExitStack() as lies:
        for lie in (PIECES["reordered"][0], REST["envelope-damaged"][0], REST["manifest-foreign"][0]):
            lies.enter_context(lie(store, world))
        told = world.server.operator("fsck", expect=1)
    assert f"report {world.facts['four']}: part" in told and "do not give its hash" in told
    assert f"report {world.facts['released']}: the envelope of part" in told
    assert f"report {world.facts['released']}: the manifest of part" in told


def signed_anew(store: Store, report: str, person: Person) -> bytes:
    """A report's header with the signature of this person in the place of its signer's."""
    statement = parse(store.one(f"select text from signed_statement where {HEADER}", report))
    officer = load_identity(Home(person.home)).unlock(PHRASE)
    return replace(statement, signatures=()).signed_by(officer.sign).text


def test_a_header_by_an_officer_of_another_body(world: World, tmp_path: Path) -> None:
    """The SPT's own officer cannot have transmitted a report of the CPT, however good the signature."""
    store, report = Store(world), world.facts["released"]
    forged = signed_anew(store, report, world.spt)
    words = ("open", report, "--purpose", "follow_up", "-o", tmp_path / "out")
    with store.changed("signed_statement", "text", HEADER, (report,), forged):
        refused(world.spt, *words, code="signer_other_body")
        refused(world.spt, "show", report, code="signer_other_body")


def test_a_statement_of_the_register_that_was_changed(world: World) -> None:
    """An authorisation is shown only as far as its signed statements carry it."""
    store, instrument = Store(world), world.facts["standing"]
    record = "hash = (select record from consent_instruments where id = ?)"
    text = store.one(f"select text from signed_statement where {record}", instrument)
    head, _, tail = text.rpartition(b"..")
    other = b"A" if tail[3:4] != b"A" else b"B"
    resigned = head + b".." + tail[:3] + other + tail[4:]
    for changed, code in ((flipped(text, 30), "malformed"), (resigned, "bad_signature")):
        with store.changed("signed_statement", "text", record, (instrument,), changed):
            refused(world.second, "consent", "show", instrument, code=code)


def test_a_header_by_an_officer_who_left(world: World, tmp_path: Path) -> None:
    """What they transmitted before stays good; a header that was registered after their access ended is refused; so is
    whatever they would send themselves."""
    store = Store(world)
    mine = tmp_path / "mine.txt"
    mine.write_bytes(TEXT)
    words = ("deposit", mine, *WORDS, "--to", "un-spt", "--reference")
    before = world.second.asks(*words, "before")["report"]
    (place,) = (item["entry"]["index"] for item in [world.second.asks(*words, "before")])
    while world.server.public_size() <= place:
        time.sleep(0.2)  # an end names a state of the log in public that has everything the officer signed
    world.cpt.asks("organisation", "leave", world.second.officer, "--yes")
    after = world.cpt.asks(*words, "after")["report"]
    refused(world.second, *words, "later", code="assertion_invalid")
    opened(world.cpt, world, before, "mine.txt", TEXT)
    with store.changed("signed_statement", "text", HEADER, (after,), signed_anew(store, after, world.second)):
        refused(world.cpt, "open", after, "--purpose", "follow_up", "-o", tmp_path / "out", code="signer_ended")
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
