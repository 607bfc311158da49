"""The whole story, told by real commands against a real server: transmitted, agreed to, opened, withdrawn, audited."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.story import Cast

ENGLISH = b"The annexes of the report, in English. " * 2000
FRENCH = "Le corps confidentiel du rapport, en français. ".encode() * 4000
TITLE = "Report on the visit to Saltmarsh prison"


@dataclass
class Sent:
    """A transmitted report."""

    id: str
    english: Path
    french: Path


@pytest.fixture(scope="module")
def sent(cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """The CPT's report in two languages, transmitted to the SPT."""
    folder = tmp_path_factory.mktemp("files")
    english, french = folder / "annexes.txt", folder / "rapport.txt"
    english.write_bytes(ENGLISH)
    french.write_bytes(FRENCH)
    said = cast.cpt.asks("deposit", *_words(english, french))
    assert said["new"] and len(said["parts"]) == 2
    return Sent(said["report"], english, french)


def _words(english: Path, french: Path) -> list[object]:
    return [
        "--part",
        f"file={english},state=XA,language=en",
        "--part",
        f"file={french},state=XA,language=fr",
        "--to",
        "un-spt",
        "--kind",
        "visit_report",
        "--adopted-on",
        "2026-03-01",
        "--title",
        TITLE,
        "--reference",
        "CPT/2026/1",
    ]


def _instrument(cast: Cast, name: str, **provision: Any) -> Path:
    """Write down an authorisation of State XA for the SPT."""
    permit = {
        "effect": "permit",
        "scope": "document",
        "grantees": ["un-spt"],
        "actions": ["view", "download"],
        **provision,
    }
    body = {"state": "XA", "kind": "specific", "received_on": "2026-03-05", "reference": name, "provisions": [permit]}
    path = cast.folder / f"{name}.json"
    path.write_text(json.dumps(body, indent=1))
    return path


def test_the_same_command_again_transmits_nothing_twice(cast: Cast, sent: Sent) -> None:
    """Running the command that was done again finds what it did: one report stays one report."""
    before = [item["report"] for item in cast.cpt.asks("sent")["items"]]
    again = cast.cpt.asks("deposit", *_words(sent.english, sent.french))
    assert again["report"] == sent.id and not again["new"]
    assert [item["report"] for item in cast.cpt.asks("sent")["items"]] == before and before.count(sent.id) == 1


def test_without_agreement_the_report_is_not_available(cast: Cast, sent: Sent) -> None:
    """The addressee is told nothing; the sender sees exactly why; the attempt is on record."""
    folder = cast.folder / "nothing"
    refused = cast.spt.asks("open", sent.id, "--purpose", "follow_up", "-o", folder, expect=1)
    assert refused["code"] == "N_UNAVAILABLE"
    assert not folder.exists()
    assert sent.id not in [item["report"] for item in cast.spt.asks("inbox")["items"]]
    shown = cast.cpt.asks("show", sent.id)
    reasons = {(c["organisation"], c["action"]): c["reason"] for c in shown["access"]["cells"]}
    assert reasons["un-spt", "view"] == "W_NO_CONSENT"
    told = cast.cpt.asks("explain", sent.id, "--for", "un-spt")
    assert told["outcome"] == "WITHHOLD" and told["reason"] == "W_NO_CONSENT"
    outside = cast.spt.asks("explain", sent.id)
    assert outside["outcome"] == "WITHHOLD" and outside["reason"] == "N_UNAVAILABLE"


def test_agreement_opens_what_it_covers_and_withdrawal_closes_it(cast: Cast, sent: Sent, tmp_path: Path) -> None:
    """Recorded and confirmed by two people, the French part opens; widened, all of it; withdrawn, nothing."""
    evidence = tmp_path / "note.txt"
    evidence.write_text("Note verbale of State XA")
    narrow = _instrument(cast, "note-1", scope_ref=sent.id, languages=["fr"])
    recorded = cast.cpt.asks("consent", "record", narrow, "--evidence", evidence, "--yes")
    first = recorded["instrument"]
    assert recorded["evidence"] and recorded["entry"]

    shown = cast.cpt.asks("show", sent.id)
    assert {c["reason"] for c in shown["access"]["cells"] if c["action"] == "view"} == {"W_UNVERIFIED"}
    own = cast.cpt.asks("consent", "confirm", first, "--yes", expect=1)
    assert own["code"] == "signer_recorded_it"
    confirmed = cast.second.asks("consent", "confirm", first, "--yes")
    assert confirmed["status"] == "in_force"

    opened = cast.spt.types("open", sent.id, "--purpose", "follow_up", "-o", tmp_path / "read")
    assert (tmp_path / "read" / "rapport.txt").read_bytes() == FRENCH
    assert (tmp_path / "read" / "rapport.txt").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "read" / "annexes.txt").exists()
    for number in range(1, 10):
        assert f"  {number}. " in opened.out
    assert "independent confirmation pending" in opened.out
    listed = cast.spt.asks("inbox")["items"]
    assert [item["report"] for item in listed] == [sent.id]
    refused = cast.spt.asks(
        "open", sent.id, "--part", "en", "--purpose", "follow_up", "-o", tmp_path / "read", expect=1
    )
    assert refused["code"] == "part_not_shown"

    wide = _instrument(cast, "note-2", scope_ref=sent.id)
    unsaid = cast.cpt.asks("consent", "record", wide, "--yes", expect=2)
    assert unsaid["code"] == "relation_missing"
    second = cast.cpt.asks("consent", "record", wide, "--replaces", first, "--yes")["instrument"]
    cast.second.asks("consent", "confirm", second, "--yes")
    both = cast.spt.asks("open", sent.id, "--purpose", "follow_up", "-o", tmp_path / "more")
    assert sorted(part["language"] for part in both["parts"]) == ["en", "fr"]
    assert {part["title"] for part in both["parts"]} == {TITLE}
    assert (tmp_path / "more" / "annexes.txt").read_bytes() == ENGLISH

    time.sleep(1.1)  # a timeline counts in seconds: what opens and closes within one is not told
    withdrawn = cast.cpt.asks("consent", "withdraw", second, "--reason", "note of 10 March", "--yes")
    assert withdrawn["status"] == "withdrawn"
    # Told before it was confirmed: whom this report closes for.
    ((closed, bodies),) = [(each["report"], each["closes"]) for each in withdrawn["closing"]]
    assert closed == sent.id and [each["organisation"] for each in bodies] == ["un-spt"]
    _how_it_came_about(cast, sent)
    refused = cast.spt.asks("open", sent.id, "--purpose", "follow_up", "-o", tmp_path / "closed", expect=1)
    assert refused["code"] == "N_UNAVAILABLE"
    history = cast.second.asks("consent", "history", second)
    assert [event["event"] for event in history["events_verified"]] == ["recorded", "granted", "withdrawn"]
    assert len(cast.cpt.asks("consent", "list", "--state", "XA")["instruments"]) == 2

    assert cast.spt.asks("readers", sent.id, expect=1)["code"] in ("not_owner", "N_UNAVAILABLE")
    read = cast.readers(sent.id, 3)
    others = [release for release in read["releases"] if release["body"] != "coe-cpt"]
    assert len(others) == 3 and all(release["received"] for release in others) and read["findings"] == []


def _how_it_came_about(cast: Cast, sent: Sent) -> None:
    """Timeline, next steps, coverage and what waits, as the program tells them."""
    moments = cast.cpt.asks("explain", sent.id, "--timeline")["moments"]
    # The first agreement opened one language, the second both.
    assert [each["opened"] for each in moments if each["opened"]] == [["un-spt"], ["un-spt"]]
    assert moments[-1]["closed"] == ["un-spt"]
    said = cast.cpt.types("explain", sent.id, "--timeline").out
    assert "Can no longer read: un-spt" in said and "Agreement withdrawn" in said
    when = next(each["at"] for each in reversed(moments) if each["opened"])
    then = cast.cpt.asks("explain", sent.id, "--for", "un-spt", "--at", when)
    assert (then["reason"], then["at"], then["steps"]) == ("P_CONSENT", when, [])
    now = cast.cpt.types("explain", sent.id, "--for", "un-spt").out
    assert "What would have to happen:" in now and "only a new agreement opens this" in now
    cell = next(c for c in cast.cpt.asks("coverage")["states"][0]["cells"] if c["organisation"] == "un-spt")
    assert cell["outcome"] == "WITHHOLD"
    assert "XA" in cast.cpt.types("coverage").out
    waits = cast.cpt.asks("today")
    assert [each["state"] for each in waits["states"]] == ["XA"] and waits["second_signature"] == []
    assert "XA" in cast.cpt.types("today").out


def test_a_report_to_the_wrong_body_is_stopped_before_anyone_got_it(cast: Cast, sent: Sent, tmp_path: Path) -> None:
    """One person stops it; that nobody has received a key is proven from the owner's own views; lifting takes two."""
    file = tmp_path / "wrong.txt"
    file.write_text("meant for somebody else")
    words = ["--state", "XA", "--language", "en", "--to", "un-spt", "--kind", "visit_report", "--hold", "30m"]
    wrong = cast.cpt.asks("deposit", file, *words, "--adopted-on", "2026-03-02")["report"]
    stopped = cast.second.asks("stop", wrong)
    assert stopped["entry"]
    read = cast.cpt.asks("readers", wrong)
    assert read["nobody_else"] and read["stopped_at"] == stopped["entry"]["index"] < read["up_to"]
    assert read["findings"] == [] and read["releases"] == []
    assert "nobody else has received a key" in cast.cpt.types("readers", wrong).out
    assert cast.cpt.asks("show", wrong)["stopped"]
    proposed = cast.cpt.asks("lift", wrong, "--yes")["statements"][0]
    assert proposed["needs"] == 1 and proposed["entry"] is None
    waiting = cast.second.asks("pending")["pending"]
    assert [item["hash"] for item in waiting] == [proposed["hash"]]
    assert cast.second.asks("confirm", proposed["hash"], "--yes")["entry"]
    assert not cast.cpt.asks("show", wrong)["stopped"]
    assert cast.cpt.asks("lift", wrong, "--yes", expect=1)["code"] == "not_stopped"


def test_the_audit_office_lists_exports_and_verifies(cast: Cast, sent: Sent, tmp_path: Path) -> None:
    """The CPT's office sees who was refused and why; the SPT's sees its own side; both logs verify, online and from a copy."""
    listed = cast.office.asks("audit", "list", "--report", sent.id)
    acts = [entry["act"] for entry in listed["entries"]]
    assert "access:release:permit" in acts and "access:release:withhold" in acts
    assert listed["findings"] == [] and listed["unsigned"] == []
    withheld = [e for e in listed["entries"] if e["act"] == "access:release:withhold"]
    assert {"W_NO_CONSENT"} <= {e["reason"] for e in withheld}
    outside = cast.spt_office.asks("audit", "list", "--report", sent.id, "--act", "access:release:withhold")
    assert outside["entries"] and all(e["reason"] is None and e["code"] for e in outside["entries"])
    export = tmp_path / "audit.csv"
    written = cast.office.asks("audit", "export", "--format", "csv", "-o", export)
    assert len(export.read_text().splitlines()) == written["entries"] + 1
    assert export.stat().st_mode & 0o077 == 0
    index = withheld[0]["leaf"]
    assert cast.office.asks("audit", "show", index)["entry"]["leaf"] == index
    online = cast.office.asks("audit", "verify")
    assert online["ok"] and online["logs"]["audit"]["standing"] == "unwitnessed"
    offline = cast.office.asks("audit", "verify", "--offline", cast.instance)
    assert offline["ok"] and offline["keys_pinned"]
    stranger = cast.exchange.person("stranger")
    assert not stranger.asks("audit", "verify", "--offline", cast.instance)["keys_pinned"]
