"""Wrong steps: each ends with its code and its sentence, and leaves nothing half-done. And what takes two people."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.running import Person, add_body
from tests.scripts.story import Cast

WORDS = ["--state", "XC", "--language", "en", "--kind", "visit_report", "--adopted-on", "2026-01-05"]


@pytest.fixture(scope="module")
def report(cast: Cast) -> str:
    """A report of the CPT to the SPT, to which State XC has not agreed."""
    file = cast.folder / "plain.txt"
    file.write_text("a plain report")
    return str(cast.cpt.asks("deposit", file, *WORDS, "--to", "un-spt")["report"])


@pytest.fixture(scope="module")
def npm(cast: Cast) -> Person:
    """An NPM of State XB with keys."""
    person = cast.exchange.person("npm-xb")
    add_body(cast.cpt, cast.spt, "npm-xb", "npm", [person.makes_keys("npm-xb")], person, "--state", "XB")
    person.asks("directory", "sync", "--server", cast.exchange.server.url)
    person.asks("organisation", "rotate")
    return person


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["--to", "nobody-here"], "recipient_without_key", 1),
        (["--to", "un-spt", "--state", "x"], "usage", 2),
        (["--to", "un-spt", "--part", "language=fr"], "usage", 2),
        (["--to", "un-spt", "--responds-to", "no-report"], "usage", 2),
        (["--to", "un-spt", "--kind", "art20_report"], "kind_not_exchanged", 1),
        (["--to", "un-spt", "--adopted-on", "2999-01-01"], "adopted_on_wrong", 1),
        (["--to", "audit-spt"], "recipient_not_permitted", 1),
        (["--to", "un-spt", "--originator", "un-spt", "--originator", "coe-cpt"], "originators_joint", 1),
        (["--to", "un-spt", "--hold", "soon"], "usage", 2),
    ],
)
def test_what_cannot_be_transmitted(cast: Cast, words: list[str], code: str, exit_code: int) -> None:
    """Each refusal has its code, in both languages its sentence, and no report comes of it."""
    file = cast.folder / "refused.txt"
    file.write_text("refused")
    before = cast.cpt.asks("sent")["items"]
    said = cast.cpt.asks("deposit", file, *WORDS, *words, expect=exit_code)
    assert said["code"] == code and said["title"]
    assert cast.cpt.asks("sent")["items"] == before
    shutil.rmtree(cast.cpt.home / "spool", ignore_errors=True)


def test_an_unsafe_file_name_is_refused_before_anything_is_sealed(cast: Cast) -> None:
    """A name that means another thing on a reader's machine goes into no manifest."""
    file = cast.folder / "con.txt"
    file.write_text("x")
    assert cast.cpt.asks("deposit", file, *WORDS, "--to", "un-spt", expect=1)["code"] == "file_name_unsafe"
    assert not list((cast.cpt.home / "spool").glob("*"))


def test_others_learn_nothing_of_a_report(cast: Cast, report: str, npm: Person) -> None:
    """An id that is not theirs, and one that is nobody's, get the same answer from every command."""
    nobody = "00000000-0000-4000-8000-000000000000"
    for one in (report, nobody):
        for words in (["show", one], ["stop", one], ["readers", one]):
            said = npm.asks(*words, expect=1)
            assert said["code"] == "N_UNAVAILABLE", words
            assert set(said) == {"code", "detail", "status", "title", "type"}
        refused = npm.asks("open", one, "--purpose", "follow_up", "-o", cast.folder / "none", expect=1)
        assert refused["code"] == "N_UNAVAILABLE"
        assert npm.asks("explain", one)["reason"] == "N_UNAVAILABLE"
    assert npm.types("open", report, "--purpose", "follow_up", "-o", cast.folder / "n", expect=1).out == ""


def test_a_file_that_is_there_is_never_overwritten(cast: Cast, report: str, tmp_path: Path) -> None:
    """The eighth step says so, and the other file stays what it was."""
    (tmp_path / "plain.txt").write_text("mine")
    said = cast.second.asks("open", report, "--purpose", "follow_up", "-o", tmp_path, expect=1)
    assert said["code"] == "file_exists" and "step 8" in said["detail"]
    assert (tmp_path / "plain.txt").read_text() == "mine"


def test_a_later_addressee_takes_two_people(cast: Cast, report: str, npm: Person, tmp_path: Path) -> None:
    """A grant waits for a second officer; then the new addressee is named, and policy still decides whether it opens."""
    refused = cast.second.asks("grant", report, "--to", "npm-xb", "--yes", expect=1)
    assert refused["code"] == "key_not_kept"
    proposed = cast.cpt.asks("grant", report, "--to", "npm-xb", "--yes")
    assert proposed["needs"] == 1 and proposed["entry"] is None
    said = cast.second.types("confirm", "--yes", "--", proposed["hash"][:12])
    assert "names npm-xb as further addressees" in said.err and "Recorded: entry" in said.out
    assert cast.second.asks("confirm", proposed["hash"], "--yes", expect=1)["code"] == "pending_unknown"
    cells = cast.cpt.asks("show", report)["access"]["cells"]
    assert {cell["organisation"] for cell in cells} == {"un-spt", "npm-xb"}
    folder = tmp_path / "npm"
    assert npm.asks("open", report, "--purpose", "follow_up", "-o", folder, expect=1)["code"] == "N_UNAVAILABLE"


def test_an_originator_decides_against_an_addressee_alone_and_for_one_by_two(cast: Cast, report: str) -> None:
    """A deny takes one officer and acts at once; a permit waits; each follows the last of its chain."""
    denied = cast.cpt.asks("decide", report, "--effect", "deny", "--for", "un-spt", "--yes")
    assert denied["entry"]
    view = [c for c in cast.cpt.asks("show", report)["access"]["cells"] if c["organisation"] == "un-spt"]
    assert {c["reason"] for c in view if c["action"] == "view"} == {"W_ORIGINATOR"}
    permitted = cast.second.asks("decide", report, "--effect", "permit", "--for", "un-spt", "--yes")
    assert permitted["needs"] == 1
    assert cast.cpt.asks("confirm", permitted["hash"], "--yes")["entry"]
    view = [c for c in cast.cpt.asks("show", report)["access"]["cells"] if c["organisation"] == "un-spt"]
    assert {c["reason"] for c in view if c["action"] == "view"} == {"W_NO_CONSENT"}


def _authorisation(cast: Cast, name: str, **change: Any) -> Path:
    permit = {"effect": "permit", "scope": "kind", "scope_ref": "visit_report", "time_scope": "all"}
    permit |= {"grantees": ["un-spt"], "actions": ["view", "download"]}
    body = {"state": "XC", "kind": "standing", "received_on": "2026-01-02", "provisions": [permit], **change}
    path = cast.folder / f"{name}.json"
    path.write_text(json.dumps(body))
    return path


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"provisions": None}, "provisions"),
        ({"provisions": [{"effect": "permit", "scope": "all", "actions": ["view"]}]}, "grantees"),
        ({"id": "I1"}, "id"),
        ({"kind": "eternal"}, "kind"),
        ({"received_on": "yesterday"}, "received_on"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_an_authorisation_that_is_not_one(cast: Cast, change: dict[str, Any], detail: str) -> None:
    """A file that leaves out what widens, or says too much, is refused, naming the field."""
    said = cast.cpt.asks("consent", "record", _authorisation(cast, "wrong", **change), "--yes", expect=2)
    assert said["code"] == "instrument_file" and detail in said["detail"]


def test_nothing_is_recorded_without_a_yes(cast: Cast) -> None:
    """Where nobody can be asked and nobody said --yes, the plain words are shown and nothing happens."""
    said = cast.cpt.types("consent", "record", _authorisation(cast, "asked"), expect=2)
    assert "The State agrees to the transmission" in said.err and "--yes" in said.err
    assert cast.cpt.asks("consent", "list", "--state", "XC")["instruments"] == []


def test_a_body_that_benefits_records_nothing(cast: Cast) -> None:
    """The SPT may not write down that it may read."""
    said = cast.spt.asks("consent", "record", _authorisation(cast, "own"), "--yes", expect=1)
    assert said["code"] == "signer_benefits"


def test_the_states_own_authority_signs_alone(cast: Cast, report: str, tmp_path: Path) -> None:
    """Its signature opens at once what it names; it sees its own authorisations; its withdrawal closes again."""
    state = cast.exchange.person("state-xc", "fr")
    add_body(cast.cpt, cast.spt, "state:XC", "state", [state.makes_keys("state:XC")], state, "--state", "XC")
    state.asks("directory", "sync", "--server", cast.exchange.server.url)
    proposal = cast.folder / "authority.json"
    words = ["--treaty", "ECPT", "--officer", state.officer]
    cast.cpt.asks("authority", "add", "state:XC", *words, "-o", proposal)
    cast.spt.asks("directory", "cosign", proposal, "--yes")
    cast.cpt.asks("directory", "submit", proposal)
    said = state.types("consent", "sign", _authorisation(cast, "signed", form="signed_instrument"), "--yes")
    assert "Signée pour l'État XC" in said.out and "L'État consent" in said.err
    (own,) = state.asks("consent", "list")["instruments"]
    assert own["status"] == "in_force"
    opened = cast.spt.asks("open", report, "--purpose", "follow_up", "--action", "download", "-o", tmp_path / "read")
    assert (tmp_path / "read" / "plain.txt").read_text() == "a plain report" and len(opened["parts"]) == 1
    shown = state.asks("consent", "history", own["instrument"])["events_verified"]
    assert [event["by_state"] for event in shown] == [True, True]
    assert state.asks("consent", "withdraw", own["instrument"], "--yes")["status"] == "withdrawn"
    again = cast.spt.asks("open", report, "--purpose", "follow_up", "-o", tmp_path / "again", expect=1)
    assert again["code"] == "N_UNAVAILABLE"
    assert state.asks("consent", "resume", own["instrument"], "--yes", expect=1)["code"] == "consent_transition"


def test_a_tampered_copy_of_the_logs_names_the_spot(cast: Cast, tmp_path: Path) -> None:
    """One byte changed in a copy: exit 1, and the file and entries are named; an untouched copy passes."""
    cast.office.asks("audit", "list")
    copy = tmp_path / "copy"
    shutil.copytree(cast.instance / "logs", copy)
    assert cast.office.asks("audit", "verify", "--offline", copy)["ok"]
    bundle = sorted(path for path in (copy / "audit" / "tile" / "entries").rglob("*") if path.is_file())[0]
    data = bytearray(bundle.read_bytes())
    data[100] ^= 1
    bundle.write_bytes(data)
    said = cast.office.types("audit", "verify", "--offline", copy, expect=1)
    spot = str(bundle.relative_to(copy / "audit"))
    assert f"{spot}, entries 1 to 1: entry_altered" in said.err and "log_tampered" in said.err
    problem = cast.office.asks("audit", "verify", "--offline", copy, expect=1)
    assert problem["code"] == "log_tampered" and "entry_altered" in problem["detail"]
    (copy / "policy").write_text("quorum none\n")
    assert "policy_differs" in cast.office.asks("audit", "verify", "--offline", copy, expect=1)["detail"]
    assert cast.office.asks("audit", "verify", "--offline", tmp_path / "nothing", expect=2)["code"] == "copy_missing"
