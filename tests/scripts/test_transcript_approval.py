"""A transmission that a second person approves: sealed for one's own body alone, seen by a colleague, and only then sent."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.story import Cast
from tests.unit.client import document_maker as make

TITLE = "Report on the visit to Greywater prison"
TURN = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


@pytest.fixture(scope="module")
def words(cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    """The command that proposes a report on XF, of one Word file; State XF has agreed to all visit reports."""
    folder = tmp_path_factory.mktemp("approval")
    body = make.paragraphs("The first page of the report.") + TURN + make.paragraphs("The second page.")
    file = make.docx(folder / "report.docx", body)
    provision = {"effect": "permit", "scope": "kind", "scope_ref": "visit_report", "grantees": ["un-spt"]}
    provision["actions"] = ["view", "download"]  # type: ignore[assignment]
    note = {"state": "XF", "kind": "standing", "received_on": "2026-03-01", "provisions": [provision]}
    agreement = folder / "agreement.json"
    agreement.write_text(json.dumps(note))
    recorded = cast.cpt.asks("consent", "record", agreement, "--yes")["instrument"]
    cast.second.asks("consent", "confirm", recorded, "--yes")
    about = ("--state", "XF", "--language", "en", "--kind", "visit_report", "--adopted-on", "2026-03-05")
    return ("deposit", file, "--to", "un-spt", "--title", TITLE, *about, "--needs-approval")


def proposed(cast: Cast, words: tuple[object, ...], *more: object) -> Any:
    """Propose the report, as another one if there is one already."""
    return cast.cpt.asks(*words, "--again", *more)


def test_nobody_outside_has_it_before_a_second_person_approves(
    cast: Cast, words: tuple[object, ...], tmp_path: Path
) -> None:
    """The colleague sees State, addressee, title and first page; the SPT then opens it at once, and nothing before."""
    said = proposed(cast, words)
    report = said["report"]
    (waits,) = said["proposed"]
    assert (waits["needs"], waits["entry"]) == (1, None)
    assert report not in [item["report"] for item in cast.spt.asks("inbox")["items"]]
    refused = cast.spt.asks("open", report, "--purpose", "follow_up", "-o", tmp_path / "no", expect=1)
    assert refused["code"] == "N_UNAVAILABLE"
    (item,) = [each for each in cast.cpt.asks("sent")["items"] if each["report"] == report]
    assert item["parts"][0]["recipients"] == []
    assert cast.cpt.asks("approve", report, "--yes", expect=1)["code"] == "own_draft"

    kept = tmp_path / "kept"
    seen = cast.second.types("approve", report, "--yes", "-o", kept)
    for shown in (TITLE, "on XF", "goes to: un-spt", "| The first page of the report."):
        assert shown in seen.err
    assert "The second page." not in seen.err and "Approved: it goes to un-spt." in seen.out
    assert (kept / "report.docx").exists()
    assert report in [item["report"] for item in cast.spt.asks("inbox")["items"]]
    cast.spt.asks("open", report, "--purpose", "follow_up", "-o", tmp_path / "read")
    assert (tmp_path / "read" / "report.docx").read_bytes() == (kept / "report.docx").read_bytes()
    assert cast.second.asks("approve", report, "--yes", expect=1)["code"] == "draft_unknown"


def test_the_same_command_again_proposes_nothing_twice(cast: Cast, words: tuple[object, ...]) -> None:
    """What waits, or stands, is found; the report stays one."""
    first = cast.cpt.asks(*words)
    again = cast.cpt.asks(*words)
    assert (again["report"], again["new"], again["proposed"]) == (first["report"], False, [])
    said = cast.cpt.types(*words, "--lang", "fr")
    assert "n'est pas envoyé deux fois" in said.out


def test_declined_it_is_stopped(cast: Cast, words: tuple[object, ...]) -> None:
    """One person is enough to decline; nothing is left of what was opened, and a late signature opens nothing."""
    report = proposed(cast, words)["report"]
    declined = cast.second.asks("approve", report, "--decline", "--yes")
    assert declined["approved"] is False and declined["statements"][0]["entry"]
    (part,) = declined["parts"]
    assert (part["title"], part["states"], part["first_page"].strip()) == (TITLE, ["XF"], "The first page of the report.")
    assert not list(cast.second.home.glob("draft-*"))
    assert cast.cpt.asks("show", report)["stopped"]
    assert cast.second.asks("approve", report, "--yes")["approved"]
    assert report not in [item["report"] for item in cast.spt.asks("inbox")["items"]]
    assert cast.cpt.asks("explain", report, "--for", "un-spt")["reason"] == "W_ORIGINATOR"


def test_a_body_can_require_it_of_everyone(cast: Cast, words: tuple[object, ...]) -> None:
    """One member requires it, at once; then nothing goes without, and only two members end it."""
    plain = [word for word in words if word != "--needs-approval"]
    assert cast.second.asks("decide", "--standing", "--approval", "on", "--yes")["entry"]
    assert cast.cpt.asks("standing")["approval"]
    assert cast.cpt.asks(*plain, "--again", expect=1)["code"] == "needs_approval"
    assert proposed(cast, words)["proposed"]
    waits = cast.cpt.asks("decide", "--standing", "--approval", "off", "--yes")
    assert (waits["needs"], waits["entry"]) == (1, None)
    assert "no longer need a second person's approval" in cast.second.types("confirm", waits["hash"], "--yes").err
    assert not cast.cpt.asks("standing")["approval"]
    wrong = cast.cpt.asks("decide", "--standing", "--approval", "on", "--to", "un-spt", "--yes", expect=2)
    assert wrong["code"] == "usage"


def test_evidence_is_no_draft(cast: Cast, words: tuple[object, ...]) -> None:
    """It goes to whom the register names, and is confirmed with what it proves."""
    about = [word if word != "visit_report" else "note_verbale" for word in words]
    assert cast.cpt.asks(*about, "--tier", "evidence", expect=2)["code"] == "usage"
