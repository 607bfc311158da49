"""Publishing by commands: proposed, confirmed with the same file at hand, had by anyone without an account, withdrawn."""

import hashlib
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.story import Cast

TEXT = b"Report to the Government of XD on the visit carried out from 2 to 9 February 2026.\n"
COMMENTS = b"Commentaires du Gouvernement de XD.\n"
WORDS = ["--state", "XD", "--language", "en", "--kind", "visit_report", "--adopted-on", "2026-01-05", "--to", "un-spt"]


def agreement(cast: Cast, **change: Any) -> str:
    """A note verbale of XD that asks the CPT to publish, recorded and confirmed; its id."""
    permit = {"effect": "permit", "scope": "kind", "scope_ref": "visit_report", "time_scope": "all"}
    permit |= {"grantees": ["coe-cpt"], "actions": ["publish"]}
    body = {"state": "XD", "kind": "specific", "received_on": "2026-01-09", "provisions": [permit], **change}
    path = cast.folder / "publish.json"
    path.write_text(json.dumps(body))
    relation = ["--adds"] if cast.cpt.asks("consent", "list", "--state", "XD")["instruments"] else []
    recorded = cast.cpt.asks("consent", "record", path, *relation, "--yes")
    cast.second.asks("consent", "confirm", recorded["instrument"], "--yes")
    return str(recorded["instrument"])


@pytest.fixture(scope="module")
def report(cast: Cast) -> str:
    """A report of the CPT on XD, sealed and transmitted."""
    file = cast.folder / "sealed.txt"
    file.write_text("the report as it was transmitted in confidence")
    return str(cast.cpt.asks("deposit", file, *WORDS)["report"])


@pytest.fixture(scope="module")
def file(cast: Cast) -> Path:
    """The text as it is to be published."""
    path = cast.folder / "as-published.txt"
    path.write_bytes(TEXT)
    return path


def fetched(cast: Cast, path: str) -> bytes:
    """What anyone gets at an address of the server."""
    with urllib.request.urlopen(cast.exchange.server.url + path, timeout=30) as answer:
        data: bytes = answer.read()
    return data


def test_without_a_request_nothing_is_proposed(cast: Cast, report: str, file: Path) -> None:
    """The rules refuse it before a second person is asked; and the file's kind and the basis are held to form here."""
    unknown = "A" * 22
    words = ["publish", report, "--file", file, "--yes"]
    assert cast.cpt.asks(*words, "--basis", "request", "--agreement", unknown, expect=1)["code"] == "publication_basis"
    assert cast.cpt.asks(*words, "--basis", "own", expect=1)["code"] == "publication_basis"
    assert cast.cpt.asks(*words, "--basis", "partial", expect=1)["code"] == "nothing_public"
    assert cast.cpt.asks(*words, "--basis", "request", expect=2)["code"] == "publication_choice"
    page = cast.folder / "page.html"
    page.write_text("<p>")
    said = cast.cpt.types("publish", report, "--file", page, "--basis", "own", "--yes", expect=2)
    assert "pdf, txt, odt, docx" in said.err


def test_two_people_publish_and_anyone_reads(cast: Cast, report: str, file: Path) -> None:
    """Told in plain words with its SHA-256; the second person needs the same file; then a stranger has it, and checks it."""
    asked = agreement(cast)
    comments = cast.folder / "commentaires.txt"
    comments.write_bytes(COMMENTS)
    words = ["--basis", "request", "--agreement", asked, "--comments", comments, "--comments-language", "fr"]
    proposed = cast.cpt.asks("publish", report, "--file", file, *words, "--yes")
    digest = hashlib.sha256(TEXT).hexdigest()
    assert proposed["needs"] == 1 and proposed["files"]["rendition"]["sha256"] == digest
    assert proposed["files"]["rendition"]["name"] == "visit-report-coe-cpt-2026-01-05-en.txt"
    waiting = cast.second.types("pending").out
    assert digest in waiting and "At the request of the State" in waiting and asked in waiting
    name = proposed["hash"]
    assert cast.second.asks("confirm", name, "--yes", expect=1)["code"] == "publication_file"
    other = cast.folder / "another.txt"
    other.write_bytes(TEXT + b"!")
    assert cast.second.asks("confirm", name, "--file", other, "--yes", expect=1)["code"] == "publication_file"
    own = cast.cpt.asks("confirm", name, "--file", file, "--comments", comments, "--yes", expect=1)
    assert own["code"] == "publication_first_signer"
    said = cast.second.types("confirm", name, "--file", file, "--comments", comments, "--yes")
    assert f"SHA-256 {digest}" in said.err and "Recorded: entry" in said.out
    (listed,) = cast.spt.asks("publications")["publications"]
    assert (listed["id"], listed["owner"], listed["states"], listed["withdrawn"]) == (name, "coe-cpt", ["XD"], None)
    assert fetched(cast, f"/api/v1/publications/{name}/files/rendition") == TEXT
    assert fetched(cast, f"/api/v1/publications/{name}/files/comments") == COMMENTS
    assert digest.encode() in fetched(cast, f"/publications/{name}")
    assert report.encode() not in fetched(cast, f"/publications/{name}")


def test_what_is_published_is_open_to_its_addressees(cast: Cast, report: str, tmp_path: Path) -> None:
    """The SPT, whose State agreed to no transmission, opens the sealed report too: it is public."""
    opened = cast.spt.asks("open", report, "--purpose", "follow_up", "-o", tmp_path / "read")
    assert len(opened["parts"]) == 1
    cells = cast.cpt.asks("show", report)["access"]["cells"]
    assert {cell["reason"] for cell in cells if cell["action"] == "view"} == {"P_PUBLIC"}


def test_one_person_withdraws(cast: Cast, report: str, tmp_path: Path) -> None:
    """At once: the file is off the page, its SHA-256 stays; and the report closes again."""
    (listed,) = cast.second.asks("publications")["publications"]
    said = cast.second.types("unpublish", report, listed["id"], "--yes")
    assert "Off the page" in said.out
    (gone,) = cast.cpt.asks("publications")["publications"]
    assert gone["withdrawn"] and gone["files"] == listed["files"]
    assert "withdrawn" in cast.cpt.types("publications").out
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetched(cast, f"/api/v1/publications/{listed['id']}/files/rendition")
    assert refused.value.code == 404
    again = cast.second.asks("unpublish", report, listed["id"], "--yes", expect=1)
    assert again["code"] == "publication_ended"
    closed = cast.spt.asks("open", report, "--purpose", "follow_up", "-o", tmp_path / "again", expect=1)
    assert closed["code"] == "N_UNAVAILABLE"


def test_a_public_statement_by_two_thirds(cast: Cast, file: Path) -> None:
    """ECPT art. 10(2): the vote and the hearing are in what two people sign; too few votes, or half a case, are refused; the
    statement is then published on that basis, and the case ended by one."""
    sealed = cast.folder / "statement.txt"
    sealed.write_text("a public statement")
    words = [*WORDS]
    words[words.index("visit_report")] = "public_statement"
    statement = cast.cpt.asks("deposit", sealed, *words)["report"]
    case = ["treaty-case", statement, "--case", "ecpt-10-2-statement", "--against", 5, "--abstaining", 2, "--members", 46]
    case += ["--voted-on", "2026-01-20", "--heard-on", "2026-01-10", "--yes"]
    assert cast.cpt.asks(*case, "--for", 30, expect=1)["code"] == "malformed"
    assert cast.cpt.asks("treaty-case", statement, "--for", 30, "--yes", expect=2)["code"] == "usage"
    assert cast.cpt.asks("treaty-case", statement, "--yes", expect=2)["code"] == "usage"
    proposed = cast.cpt.asks(*case, "--for", 33)
    told = cast.second.types("confirm", proposed["hash"], "--yes").err
    assert "33 for, 5 against, 2 abstaining, of 46 members" in told and "heard by 2026-01-10" in told
    published = cast.cpt.asks("publish", statement, "--file", file, "--basis", "override", "--yes")
    assert cast.second.asks("confirm", published["hash"], "--file", file, "--yes")["entry"]
    assert cast.spt.asks("publications")["publications"][0]["basis"] == "override"
    assert cast.second.asks("treaty-case", statement, "--end", "--yes")["entry"]
    again = cast.cpt.asks("publish", statement, "--file", file, "--basis", "override", "--yes", expect=1)
    assert again["code"] == "nothing_public"


def test_the_state_made_a_part_public(cast: Cast, file: Path) -> None:
    """OPCAT art. 16(2) is the SPT's: the CPT states what the State made public, and publishes no more for it."""
    sealed = cast.folder / "partial.txt"
    sealed.write_text("a report of which the State published a part")
    report = cast.cpt.asks("deposit", sealed, *WORDS)["report"]
    (stated,) = cast.cpt.asks("made-public", report, "--part", "en", "--yes")["statements"]
    assert stated["needs"] == 1
    assert cast.second.asks("confirm", stated["hash"], "--yes")["entry"]
    refused = cast.cpt.asks("publish", report, "--file", file, "--basis", "partial", "--yes", expect=1)
    assert refused["code"] == "publication_basis"
    (ended,) = cast.second.asks("made-public", report, "--part", "en", "--end", "--yes")["statements"]
    assert ended["entry"]
