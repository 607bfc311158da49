"""What would close, told before it is confirmed; and whose reports may go to whom today. Each body hears of its own alone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keys.encoding import b64u, format_time
from tests.web.access_maker import deny, granted, instrument, permit, recorded
from tests.web.exchange_world import ExchangeWorld
from tests.web.fill import Browser, fill, signed_in
from tests.web.report_maker import (
    Made,
    decision,
    part,
    registered,
    signed_answer,
    signed_determination,
    signed_recall,
)


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report of the CPT on XA and XB, a part each, for the SPT and the national body."""
    parts = [part("p1"), part("p2", language="fr", states=["XB"])]
    return registered(world, tmp_path, parts=parts, recipients=["un-spt", "npm-xa"])


def closing(world: ExchangeWorld, person: Any, name: str, **query: Any) -> Any:
    """Ask what an event would close."""
    return world.get(person, f"/consents/{name}/closing", query_string=query)


def test_what_would_close_is_what_then_closes(world: ExchangeWorld, made: Made) -> None:
    """Said before: this part for the SPT, and nothing for the body that has another agreement; and so it comes."""
    anna = made.officer
    first = granted(world, instrument("XA", [permit("un-spt", "npm-xa")]))
    granted(world, instrument("XA", [permit("npm-xa")]))
    part_id = b64u(made.parts[0])
    for event in ("withdrawn", "suspended", "disputed"):
        told = closing(world, anna, first.name, event=event).json
        assert told["next"] is None
        (item,) = told["items"]
        assert (item["report"], item["closes"]) == (made.report, [{"organisation": "un-spt", "parts": [part_id]}])
        assert (item["opens"], item["kind"], item["reference"]) == ([], "visit_report", "CPT 2026/1")
    first.say("suspended", anna)
    assert closing(world, anna, first.name).json["items"] == []
    asked = {"for": "un-spt", "part": part_id}
    assert world.get(anna, f"/reports/{made.report}/explain", query_string=asked).json["outcome"] == "WITHHOLD"


def test_the_end_of_an_exclusion_may_open(world: ExchangeWorld, made: Made) -> None:
    """Where the State's own authority withdraws what it excluded, the agreement beside it counts again: that is said too."""
    authority = world.officers("state:XA")[0]
    granted(world, instrument("XA", [permit("un-spt")]))
    excluded = granted(world, instrument("XA", [deny("un-spt")]), authority, authority)
    assert closing(world, made.officer, excluded.name).status_code == 404
    mine = granted(world, instrument("XA", [deny("npm-xa")]))
    assert closing(world, made.officer, mine.name).json["items"] == []
    assert closing(world, authority, excluded.name).json["items"] == []


def test_nobody_hears_of_others_reports(world: ExchangeWorld, made: Made) -> None:
    """The State whose agreement it is asks about its own reports, and it has none; a stranger finds nothing there."""
    agreed = granted(world, instrument("XA", [permit("un-spt")]))
    assert closing(world, world.officers("state:XA")[0], agreed.name).json == {"items": [], "next": None}
    assert closing(world, world.officers("un-spt")[0], agreed.name).status_code == 404
    assert closing(world, made.officer, agreed.name, event="granted").status_code == 422


def test_coverage_is_what_a_report_of_today_would_meet(world: ExchangeWorld) -> None:
    """States of the own register by bodies: agreed, for something else, excluded; another body's register is not there."""
    anna, chen = world.officers("coe-cpt")[0], world.officers("un-spt")[0]
    granted(world, instrument("XA", [permit("un-spt", scope="kind", scope_ref="visit_report", time_scope=None)]))
    granted(world, instrument("XB", [permit("un-spt"), deny("npm-xa")], conditions=["view_only"]))
    told = world.get(anna, "/coverage").json
    assert "coe-cpt" not in told["bodies"] and "audit-cpt" not in told["bodies"]
    cells = {
        (row["state"], cell["organisation"]): (cell["outcome"], cell["reason"], cell["obligations"])
        for row in told["states"]
        for cell in row["cells"]
    }
    assert cells["XA", "un-spt"] == ("PERMIT", "P_CONSENT", [])
    assert cells["XB", "un-spt"] == ("PERMIT", "P_CONSENT", ["view_only"])
    assert cells["XA", "npm-xa"][:2] == ("WITHHOLD", "W_SCOPE_RECIPIENT")
    assert cells["XB", "npm-xa"][:2] == ("WITHHOLD", "W_REFUSED")
    assert {state for state, _body in cells} == {"XA", "XB"}
    other = world.get(anna, "/coverage?kind=state_response").json
    assert other["states"][0]["cells"][told["bodies"].index("un-spt")]["reason"] != "P_CONSENT"
    assert world.get(chen, "/coverage").json["states"] == []


def test_today_lists_what_waits_with_its_next_step(world: ExchangeWorld, made: Made) -> None:
    """To each what is theirs: a second signature that is not the recorder's own, the State's day, the report, the arrival."""
    anna, boris = world.officers("coe-cpt")[:2]
    later = format_time(world.clock.now() + timedelta(days=30))
    asked = recorded(world, instrument("XB", [permit("un-spt")], reply_by=later, reference="NV 1/2026"))
    asked.say("requested", anna)
    waiting = recorded(world, instrument("XA", [permit("un-spt")], reference="NV 2/2026"), anna)
    allowed = decision("coe-cpt", "permit", "un-spt", actions=["view", "quote"])
    statement = signed_determination(made, "originator_decision", allowed, anna)
    assert world.say(anna, statement).status_code == 202
    told = {person.id: world.get(person, "/today").json for person in (anna, boris)}
    names = [(each["what"], each["id"]) for each in told[boris.id]["second_signature"]]
    # What was asked of a State can be confirmed too: the answer may come on paper.
    assert names == [("statement", b64u(statement.hash)), ("authorisation", asked.name), ("authorisation", waiting.name)]
    assert told[boris.id]["second_signature"][0]["command"] == f"exchange confirm {b64u(statement.hash)}"
    assert told[anna.id]["second_signature"] == []
    assert [(each["instrument"], each["reply_by"], each["over"]) for each in told[anna.id]["due"]] == [
        (asked.name, later, False)
    ]
    states = {each["state"]: each["waiting"] for each in told[anna.id]["states"]}
    assert {(each["organisation"], each["reason"]) for each in states["XA"]} == {
        ("un-spt", "W_UNVERIFIED"), ("npm-xa", "W_UNVERIFIED"),
    }  # fmt: skip
    assert states["XB"][0]["command"].startswith(f"exchange explain {made.report} --for ")
    waiting.say("granted", boris)
    (arrived,) = world.get(world.officers("un-spt")[0], "/today").json["arrived"]
    assert (arrived["report"], arrived["available"]) == (made.report, True)
    world.clock.forward(31 * 86_400)
    assert world.get(anna, "/today").json["due"][0]["over"] is True


def test_the_start_page_and_coverage_are_pages(tmp_path: Path) -> None:
    """Whoever has signed in begins with what waits for them; nobody else sees either page."""
    filled = fill(tmp_path)
    try:
        start = signed_in(filled, "anna").page("/")
        assert [words for level, words in start.headings if level == 1] == ["Today"]
        assert "What waits for you" in start.text
        french = signed_in(filled, "anna", "fr").page("/coverage")
        assert "Quels rapports peuvent aller à qui" in french.text
        assert Browser(filled).get("/").status_code == 302
        assert Browser(filled).get("/coverage").status_code == 302
    finally:
        filled.close()


def test_today_lists_a_recall_until_it_is_answered(world: ExchangeWorld, made: Made) -> None:
    """To the body asked: that and by when; to the owner: who has not answered; to a body that was not told: nothing."""
    anna, chen, dina = (world.officers(body)[0] for body in ("coe-cpt", "un-spt", "npm-xa"))
    granted(world, instrument("XA", [permit("un-spt")]))
    recalled = signed_recall(made, anna, reply_by=(world.clock.now() + timedelta(days=9)).date())
    assert world.say(anna, recalled).status_code == 201
    (to_chen,), (to_anna,) = (world.get(person, "/today").json["recalls"] for person in (chen, anna))
    assert (to_chen["report"], to_chen["own"], to_chen["from"], to_chen["over"]) == (made.report, False, ["un-spt"], False)
    assert to_chen["command"] == f"exchange answer-recall {made.report} --answer ANSWER"
    assert (to_anna["own"], to_anna["from"], to_anna["command"]) == (True, ["un-spt"], f"exchange recalls {made.report}")
    assert world.get(dina, "/today").json["recalls"] == []
    world.clock.forward(10 * 86_400)
    assert world.get(chen, "/today").json["recalls"][0]["over"] is True
    answered = signed_answer(made, recalled, chen, made.parts[0], "destroyed")
    assert world.say(chen, answered).status_code == 201
    assert world.get(chen, "/today").json["recalls"] == [] == world.get(anna, "/today").json["recalls"]
