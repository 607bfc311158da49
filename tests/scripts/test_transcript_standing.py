"""A new focal point follows the guide: a note verbale on paper becomes a standing agreement, and the next report goes out
immediately upon receipt, without another step. The commands typed here are those of docs/guides/focal-point.md."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scripts import guide
from tests.scripts.running import Person, add_body
from tests.scripts.story import Cast

TITLE = "From a note verbale on paper to reports that go out by themselves"
CONTENT = b"The delegation was received at the central prison of XE. " * 300
ASKING = ("record", "confirm", "decide")


@pytest.fixture(scope="module")
def section() -> guide.Section:
    """The guide's section."""
    return guide.section("focal-point.md", TITLE)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, section: guide.Section) -> Path:
    """A folder with the guide's own file, the scanned note, and the report."""
    folder = tmp_path_factory.mktemp("desk")
    (standing,) = section.files
    (folder / "standing.json").write_text(standing)
    (folder / "note-31.pdf").write_bytes(b"%PDF-1.4 the note verbale, scanned")
    (folder / "report.pdf").write_bytes(CONTENT)
    return folder


def types(person: Person, desk: Path, step: guide.Step, expect: int = 0, **names: object) -> Any:
    """Let a person type a step of the guide; each question is answered with yes."""
    words = guide.placed(desk, step.filled(**names))
    asks = ["--yes"] if set(words[:2]) & set(ASKING) else []
    return person.asks(*words, *asks, expect=expect)


def test_the_guide_alone_leads_to_transmission_upon_receipt(cast: Cast, section: guide.Section, desk: Path) -> None:
    """Each command of the guide, in its order, by whom it says; then the SPT opens the next report in the same minute."""
    record, confirm_note, decide, confirm, listed, deposit, inbox, open_it, end, deny = section.steps
    assert (record.who, confirm_note.who.split(",")[0]) == ("you", "another focal point")
    instrument = types(cast.cpt, desk, record)["instrument"]
    assert types(cast.second, desk, confirm_note, ID=instrument)["status"] == "in_force"
    proposed = types(cast.cpt, desk, decide)
    assert (proposed["needs"], proposed["entry"]) == (1, None)
    assert cast.cpt.asks("standing")["standing"] == []
    assert "Every report that it covers goes to them" in cast.second.types("pending").out
    assert types(cast.second, desk, confirm, HASH=proposed["hash"])["entry"]
    (stands,) = types(cast.cpt, desk, listed)["standing"]
    assert (stands["organisation"], stands["kinds"], stands["states"]) == ("un-spt", ["visit_report"], ["XE"])

    words = guide.placed(desk, deposit.filled())
    assert "--to" not in words
    said = cast.second.types(*words)
    assert "Goes also to un-spt, by your body's standing decision of" in said.err
    sent = cast.second.asks("sent")["items"][0]["report"]
    assert sent in [item["report"] for item in types(cast.spt, desk, inbox)["items"]]
    types(cast.spt, desk, open_it, REPORT=sent)
    assert (desk / "folder" / "report.pdf").read_bytes() == CONTENT

    types(cast.cpt, desk, end)
    assert cast.second.asks("standing")["standing"] == []
    assert cast.spt.asks("explain", sent)["outcome"] == "PERMIT"
    types(cast.cpt, desk, deny, expect=0)
    assert cast.spt.asks("explain", sent)["outcome"] == "WITHHOLD"
    refused = cast.cpt.asks(*words, "--to", "un-spt", "--again", expect=1)
    assert refused["code"] == "standing_denial"
    lifted = cast.cpt.asks(*decide.words, "--yes")
    cast.second.asks("confirm", lifted["hash"], "--yes")
    assert cast.spt.asks("explain", sent)["outcome"] == "PERMIT"


def deposited(person: Person, desk: Path, section: guide.Section, *more: object, expect: int = 0) -> Any:
    """Transmit a further report as the guide's own command does."""
    words = guide.placed(desk, section.steps[5].filled())
    return person.asks(*words, "--again", *more, expect=expect)


def test_one_report_is_left_out(cast: Cast, section: guide.Section, desk: Path) -> None:
    """`--without` keeps the one report from the body, by a recorded denial that the standing decision does not outweigh."""
    npm = cast.exchange.person("npm-xe")
    add_body(cast.cpt, cast.spt, "npm-xe", "npm", [npm.makes_keys("npm-xe")], npm, "--state", "XE")
    npm.asks("directory", "sync", "--server", cast.exchange.server.url)
    npm.asks("organisation", "rotate")
    out = ("--to", "npm-xe", "--without", "un-spt")
    said = deposited(cast.cpt, desk, section, *out)
    assert said["standing"] == []
    denied = cast.cpt.asks("explain", said["report"], "--for", "un-spt")
    assert denied["reason"] == "W_ORIGINATOR"
    assert said["report"] not in [item["report"] for item in cast.spt.asks("inbox")["items"]]
    also = deposited(cast.cpt, desk, section, "--to", "npm-xe")
    assert [each["organisation"] for each in also["standing"]] == ["un-spt"]
    assert also["report"] in [item["report"] for item in cast.spt.asks("inbox")["items"]]
    for wrong in (("--without", "un-spt"), ("--without", "npm-xe"), ("--to", "un-spt", "--without", "un-spt")):
        assert deposited(cast.cpt, desk, section, *wrong, expect=2)["code"] == "usage"


def test_the_words_a_member_reads_are_in_both_languages(cast: Cast) -> None:
    """The list of standing decisions, in English and in French."""
    assert "Goes to un-spt with its transmission" in cast.cpt.types("standing").out
    assert "Est transmis à un-spt dès sa transmission" in cast.cpt.types("standing", "--lang", "fr").out
    stands = cast.cpt.asks("standing")["standing"]
    assert json.dumps(stands).count("un-spt") == 1
