"""Files that people name or keep: damaged, cut, of another kind or version, each has its code, its sentence and its exit code,
and the home is as it was."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.sigkill_world import WORDS, World, authorisation
from tests.scripts.bad_input import flipped, own_world, refused
from tests.scripts.running import Person

# The first test of a run founds the exchange that all of them copy.
pytestmark = pytest.mark.timeout(300)

Change = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A founded exchange."""
    with own_world(tmp_path_factory) as made:
        yield made


@pytest.fixture
def spt(world: World, tmp_path: Path) -> Person:
    """The SPT's focal point on a machine of their own, which may be spoiled."""
    shutil.copytree(world.spt.home, tmp_path / "spt")
    return Person("spt", tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


IDENTITIES: dict[str, tuple[Change, str]] = {
    "truncated": (lambda data: data[:-10], "identity_damaged"),
    "empty": (lambda data: b"", "identity_damaged"),
    "not-json": (lambda data: b"\x00\xff" + data, "identity_damaged"),
    "of-another-kind": (lambda data: b'{"version":1}', "identity_damaged"),
    "of-another-version": (lambda data: data.replace(b'"version":1', b'"version":2'), "unknown_version"),
    "another-officer": (lambda data: _with(data, "officer", "A" * 22), "identity_damaged"),
    "sealed-part-changed": (lambda data: _flipped_in(data, b'"sealed":"'), "identity_damaged"),
}


def _with(data: bytes, name: str, value: object) -> bytes:
    return json.dumps({**json.loads(data), name: value}, separators=(",", ":"), sort_keys=True).encode()


def _flipped_in(data: bytes, before: bytes) -> bytes:
    place = data.index(before) + len(before) + 40
    return data[:place] + (b"A" if data[place : place + 1] != b"A" else b"B") + data[place + 1 :]


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_file_that_is_not_as_it_was_written(spt: Person, name: str) -> None:
    """Damage and another version are two errors, and neither is ever taken for a wrong passphrase."""
    change, code = IDENTITIES[name]
    path = spt.home / "identity.json"
    path.write_bytes(change(path.read_bytes()))
    before = contents(spt.home)
    refused(spt, "directory", "sync", code=code)
    assert contents(spt.home) == before


def test_an_identity_file_of_somebody_else(world: World, spt: Person) -> None:
    """Whose passphrase is not this one's, or, with their passphrase, whose keys the directory does not have for this body."""
    shutil.copy(world.office.home / "identity.json", spt.home / "identity.json")
    spt.phrase.write_text("not the passphrase of that file\n")
    refused(spt, "directory", "sync", code="wrong_passphrase")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_wrong_passphrase(spt: Person, language: str) -> None:
    """Told as what it is, in the person's language; nothing was sent."""
    spt.language = language
    spt.phrase.write_text("another quiet river\n")
    refused(spt, "inbox", code="wrong_passphrase")
    told = spt.types("inbox", expect=1)
    assert told.out == "" and "another quiet river" not in told.err
    assert {"en": "passphrase", "fr": "phrase"}[language] in told.err


HOMES: dict[str, tuple[str, Change, str]] = {
    "server-file": ("server.json", lambda data: data[:-4], "home_damaged"),
    "server-file-version": ("server.json", lambda data: data.replace(b'"version":1', b'"version":9'), "home_damaged"),
    "pins": ("pins.json", lambda data: b"{}", "home_damaged"),
    "pins-truncated": ("pins.json", lambda data: data[:-1], "home_damaged"),
}


@pytest.mark.parametrize("name", HOMES)
def test_a_home_that_was_damaged(spt: Person, name: str) -> None:
    """What was verified once is never silently begun anew."""
    file, change, code = HOMES[name]
    (spt.home / file).write_bytes(change((spt.home / file).read_bytes()))
    refused(spt, "directory", "sync", code=code)


def test_a_proposal_card_or_invitation_that_is_none(world: World, tmp_path: Path) -> None:
    """Cut, changed, or of another kind: refused before anything is signed or written."""
    proposal = (world.folder / world.facts["proposal"]).read_bytes()
    card = (world.folder / "spt-card.json").read_bytes()
    file, output = tmp_path / "file", tmp_path / "out.json"
    for data, code in ((proposal[:-9], "malformed"), (b"", "malformed"), (card, "malformed")):
        file.write_bytes(data)
        refused(world.cpt, "directory", "cosign", file, "--yes", code=code)
        refused(world.cpt, "directory", "submit", file, code=code)
        assert file.read_bytes() == data
    place = card.index(b'"signature":"') + 20
    for data, code in ((card[:-9], "card_malformed"), (proposal, "card_malformed"), (flipped(card, place), None)):
        file.write_bytes(data)
        words = ("organisation", "add", "npm-xz", "--kind", "npm", "--state", "XZ", "--focal-point", file, "-o", output)
        said = world.cpt.asks(*words, expect=1)
        assert said["code"] == code or (code is None and said["code"] in ("bad_signature", "card_malformed")), said
        assert not output.exists()
    newcomer = world.person("newcomer")
    newcomer.asks("identity", "new", "--memory-mib", "64")
    file.write_text("not an invitation")
    said = newcomer.asks("join", file, "--server", world.server.url, expect=1)
    assert said["code"] in ("invitation_damaged", "malformed", "invitation_malformed"), said


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"\xff\xfe", b'{"state":"XA","state":"XB"}', b"[" * 5000, b'{"state":"XA","provisions":[]}'],
    ids=["empty", "no-object", "not-utf-8", "a-key-twice", "deep", "nothing-agreed"],
)
def test_a_file_of_an_authorisation_that_is_none(world: World, tmp_path: Path, data: bytes) -> None:
    """Wrong usage: exit code 2, and nothing is recorded."""
    world.settle()
    file, before = tmp_path / "agreement.json", world.recorded()
    file.write_bytes(data)
    refused(world.cpt, "consent", "record", file, "--adds", "--yes", code="instrument_file", exit_code=2)
    assert world.recorded() == before


def test_an_authorisation_about_another_one_that_is_unknown(world: World, tmp_path: Path) -> None:
    """It cannot replace what the register does not have; nothing is recorded."""
    file, before = tmp_path / "agreement.json", world.recorded()
    file.write_bytes(authorisation(world.facts["released"]))
    words = ("consent", "record", file, "--replaces", "A" * 22, "--yes")
    said = world.cpt.asks(*words, expect=1)
    assert said["code"] == "consent_names_unknown", said
    consents = {row for row in world.recorded() - before if row[0] == "consent_events"}
    assert consents == set()


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("--to", "no-such-body"), "recipient_without_key", 1),
        (("--to", "audit-cpt"), "recipient_without_key", 1),
        (("--to", "un-spt", "--language", "not a tag"), "usage", 2),
        (("--to", "un-spt", "--responds-to", "x"), "usage", 2),
    ],
)
def test_a_recipient_who_is_not_in_the_directory(
    world: World, tmp_path: Path, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    """Refused before anything is sealed: no spool, no upload, no report."""
    file, before = tmp_path / "report.txt", world.recorded()
    file.write_text("a report")
    refused(world.cpt, "deposit", file, *WORDS, *words, code=code, exit_code=exit_code)
    assert not list((world.cpt.home / "spool").glob("*"))
    assert {row for row in world.recorded() - before if row[0] == "reports"} == set()
