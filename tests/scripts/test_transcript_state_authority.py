"""The State's own hand, told from its side: agreement, limits, pause, denial, withdrawal, and the page of what stands."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.running import Person, add_body
from tests.scripts.story import Cast

WORDS = ("--state", "XD", "--language", "en", "--kind", "visit_report", "--adopted-on", "2026-01-05")
TICKS = ("--document", "visit_report", "--to", "un-spt", "--action", "view", "--action", "download")
RECEIVED = "2026-01-02"


@pytest.fixture(scope="module")
def state(cast: Cast) -> Person:
    """The authority of State XD: its body was let in, and founders of two bodies confirmed that it may sign."""
    person = cast.exchange.person("state-xd")
    add_body(cast.cpt, cast.spt, "state:XD", "state", [person.makes_keys("state:XD")], person, "--state", "XD")
    person.asks("directory", "sync", "--server", cast.exchange.server.url)
    proposal = cast.folder / "authority-xd.json"
    cast.cpt.asks("authority", "add", "state:XD", "--treaty", "ECPT", "--officer", person.officer, "-o", proposal)
    cast.spt.asks("directory", "cosign", proposal, "--yes")
    cast.cpt.asks("directory", "submit", proposal)
    return person


@pytest.fixture(scope="module")
def report(cast: Cast, state: Person) -> str:
    """A report of the CPT on a visit to XD, transmitted to the SPT."""
    file = cast.folder / "visit-xd.txt"
    file.write_text("a report on XD")
    return str(cast.cpt.asks("deposit", file, *WORDS, "--to", "un-spt")["report"])


@pytest.fixture(scope="module")
def agreement(cast: Cast, state: Person) -> str:
    """The State's standing agreement, ticked on a form and signed with its key."""
    paper, body = cast.folder / "xd.pdf", cast.folder / "xd-agreement.json"
    state.asks("note", "new", "--kind", "agreement-standing", "--state", "XD", *TICKS, "-o", paper)
    state.asks("note", "read", cast.folder / "xd.json", "--received", RECEIVED, "-o", body)
    return str(state.asks("consent", "sign", body, "--yes")["instrument"])


def answer(cast: Cast, report: str) -> Any:
    """What the CPT, whose report it is, is told of the SPT's access now."""
    return cast.cpt.asks("explain", report, "--for", "un-spt", "--action", "view", "--purpose", "follow_up")


def test_agreement_limits_pause_denial_and_withdrawal(cast: Cast, state: Person, report: str, agreement: str) -> None:
    """Each act is the State's alone, acts at once, and is shown in its list and its history as its own."""

    def act(*words: object, expect: int = 0) -> Any:
        return state.asks("consent", *words, "--yes", expect=expect)

    assert answer(cast, report)["outcome"] == "PERMIT"
    # Limits: a further instrument that says what the first does not cover. It begins to close with its signature.
    state.asks(
        "note", "new", "--kind", "limits", "--state", "XD", "--limits", agreement, "--document", "visit_report",
        "--to", "un-spt", "--action", "view", "--purpose", "follow_up", "-o", cast.folder / "xd-limits.pdf",
    )  # fmt: skip
    limits_file = cast.folder / "xd-limits-record.json"
    state.asks("note", "read", cast.folder / "xd-limits.json", "--received", RECEIVED, "-o", limits_file)
    limits = act("sign", limits_file)["instrument"]
    assert answer(cast, report)["reason"] == "W_CONFLICT_DENY"
    assert act("withdraw", limits)["status"] == "withdrawn"
    assert answer(cast, report)["outcome"] == "PERMIT"
    # A pause, and its end: neither needs a second person when it is the State's own.
    assert act("suspend", agreement, "--reason", "consultations")["status"] == "suspended"
    assert answer(cast, report)["reason"] == "W_SUSPENDED"
    assert act("resume", agreement)["status"] == "in_force"
    assert act("dispute", agreement)["status"] == "suspended"
    assert answer(cast, report)["reason"] == "W_SUSPENDED"
    assert act("resume", agreement)["status"] == "in_force"
    assert answer(cast, report)["outcome"] == "PERMIT"
    history = state.asks("consent", "history", agreement)["events_verified"]
    said = [event["event"] for event in history]
    assert said == ["recorded", "granted", "suspended", "resumed", "disputed", "resumed"]
    assert all(event["by_state"] for event in history)


def test_what_others_recorded_is_the_states_to_end(cast: Cast, state: Person, agreement: str) -> None:
    """What the CPT wrote down is confirmed, paused and ended by the State; nothing of it by the SPT, which would benefit."""
    body = cast.folder / "xd-note.json"
    form = cast.folder / "xd-note-form.pdf"
    cast.cpt.asks(
        "note", "new", "--kind", "agreement-standing", "--state", "XD", *TICKS, "--reference", "9/2026", "-o", form
    )
    cast.cpt.asks("note", "read", form.with_suffix(".json"), "--received", RECEIVED, "-o", body)
    made = cast.cpt.asks("consent", "record", body, "--adds", "--yes")["instrument"]
    assert state.asks("consent", "confirm", made, "--yes")["status"] == "in_force"
    assert cast.spt.asks("consent", "suspend", made, "--yes", expect=1)["code"] == "not_available"
    assert state.asks("consent", "withdraw", made, "--effective", "2999-01-01", "--yes")["status"] == "in_force"
    assert state.asks("consent", "withdraw", made, "--yes")["status"] == "withdrawn"


def test_the_page_of_today_and_who_can_verify_it(cast: Cast, state: Person, agreement: str) -> None:
    """The State gets all of it in both languages; a body that recorded nothing gets no page; an audit office, a third,
    verifies the file; a changed one fails."""
    page = cast.folder / "xd-today.pdf"
    words = ("consent", "today", "-o", page)
    made = state.asks(*words)
    assert page.read_bytes().startswith(b"%PDF") and made["facts"]["version"] >= 10
    assert [each["status"] for each in made["facts"]["authorisations"]] == ["in_force"]
    for _attempt in range(40):
        if not state.asks("consent", "today", "--check", page.with_suffix(".json"))["unproven"]:
            break
        time.sleep(0.25)
    said = cast.spt_office.types("consent", "today", "--check", page.with_suffix(".json"))
    assert "un-spt" in said.out and agreement in said.out and "is signed" not in said.out and made["code"] in said.out
    assert cast.spt.asks("consent", "today", "--state", "XD", "-o", page, expect=1)["code"] == "not_available"
    kept = json.loads(page.with_suffix(".json").read_text())
    changed = cast.folder / "xd-changed.json"
    for name, value in (
        ("facts", {**kept["facts"], "version": 1}),
        ("code", "AAAAA-" + kept["code"][6:]),
        ("statements", kept["statements"][:-1]),
        ("statements", [{**kept["statements"][0], "hash": kept["statements"][1]["hash"]}, *kept["statements"][1:]]),
    ):
        changed.write_text(json.dumps({**kept, name: value}))
        refused = cast.spt_office.asks("consent", "today", "--check", changed, expect=1)
        assert refused["code"] in ("today_file", "ticket_not_proven"), name


def test_a_keeper_gets_what_it_recorded_and_no_count_of_others(cast: Cast, state: Person, tmp_path: Path) -> None:
    """The CPT's page holds its own records alone, and not the version, which counts everybody's."""
    made = cast.cpt.asks("consent", "today", "--state", "XD", "-o", tmp_path / "page.pdf")
    assert made["facts"]["version"] is None
    assert made["facts"]["authorisations"] == []
    french = cast.cpt.types("consent", "today", "--state", "XD", "-o", tmp_path / "page.pdf", "--lang", "fr")
    assert "Code de la page" in french.out


def test_withdrawal_ends_it_for_good(cast: Cast, state: Person, report: str, agreement: str) -> None:
    """The next request is refused, what was withdrawn is not resumed, and the State's page says that nothing stands."""
    assert state.asks("consent", "withdraw", agreement, "--yes")["status"] == "withdrawn"
    assert answer(cast, report)["reason"] == "W_WITHDRAWN"
    assert state.asks("consent", "resume", agreement, "--yes", expect=1)["code"] == "consent_transition"
    made = state.asks("consent", "today", "-o", cast.folder / "xd-after.pdf")
    assert made["facts"]["authorisations"] == []
