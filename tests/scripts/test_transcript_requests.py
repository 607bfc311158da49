"""A State is asked, and answers: less than it was asked, then nothing, told by real commands against a real server."""

import json
from pathlib import Path
from typing import Any

from tests.scripts.story import Cast

ASKED = {
    "effect": "permit",
    "scope": "kind",
    "scope_ref": "visit_report",
    "grantees": ["un-spt"],
    "actions": ["view", "download"],
}


def _file(cast: Cast, name: str, *provisions: dict[str, Any], **more: Any) -> Path:
    body = {"state": "XB", "kind": "standing", "received_on": "2026-03-05", "reference": name, **more}
    path = cast.folder / f"{name}.json"
    path.write_text(json.dumps({**body, "provisions": provisions or [ASKED]}, indent=1))
    return path


def _id(said: dict[str, Any]) -> str:
    name = said["instrument"]
    assert isinstance(name, str)
    return name


def test_a_request_and_an_answer_in_part(cast: Cast) -> None:
    """Asked by letter with the day it sets; the answer is held against it, and what is less is shown before anyone signs."""
    request = _id(cast.cpt.asks("consent", "record", _file(cast, "ask-1", reply_by="2027-03-01"), "--yes"))
    asked = cast.cpt.asks("consent", "request", request, "--yes")
    assert asked["status"] == "pending"
    assert cast.second.asks("consent", "defer", request, "--yes")["status"] == "pending"

    file = _file(cast, "answer-1", {**ASKED, "languages": ["fr"], "purposes": ["follow_up"]})
    shown = cast.cpt.types("consent", "record", file, "--answers", request, "--yes", "--lang", "en")
    assert f"Compared with the request {request}: the State agrees in part." in shown.err
    assert "Less than it was asked: purposes, languages" in shown.err
    answer = next(
        _id(item)
        for item in cast.cpt.asks("consent", "list", "--state", "XB")["instruments"]
        if item["terms"].get("answers") == request
    )
    confirmed = cast.second.asks("consent", "confirm", answer, "--yes")
    assert (confirmed["event"], confirmed["status"]) == ("partially_granted", "in_force")
    assert confirmed["compared"] == {
        "event": "partially_granted", "narrower": ["purposes", "languages"], "request": request, "wider": [],
    }
    late = cast.second.asks("consent", "confirm", request, "--yes", expect=1)
    assert late["code"] == "consent_answered"
    history = cast.second.asks("consent", "history", answer)
    assert [event["event"] for event in history["events_verified"]] == ["recorded", "partially_granted"]


def test_a_request_refused_and_asked_again(cast: Cast) -> None:
    """Who asks again beside a refusal has to say how the new request stands to it; granted as asked, it is granted."""
    provision = {**ASKED, "scope": "document", "scope_ref": "4c6ac0ae-5ab6-43c8-8c15-3a1ca1dbf5d5"}
    first = _id(cast.cpt.asks("consent", "record", _file(cast, "ask-2", provision), "--adds", "--yes"))
    cast.cpt.asks("consent", "request", first, "--yes")
    assert cast.second.asks("consent", "refuse", first, "--yes")["status"] == "refused"
    file = _file(cast, "ask-3", provision)
    assert cast.cpt.asks("consent", "record", file, "--yes", expect=2)["code"] == "relation_missing"
    again = _id(cast.cpt.asks("consent", "record", file, "--replaces", first, "--yes"))
    cast.cpt.asks("consent", "request", again, "--yes")
    granted = cast.second.asks("consent", "confirm", again, "--yes")
    assert (granted["event"], granted["status"], granted["compared"]["request"]) == ("granted", "in_force", again)


def test_a_record_that_does_not_say_what_the_state_declared_is_rejected(cast: Cast) -> None:
    """Instead of confirming it, the second person rejects it."""
    made = _id(cast.cpt.asks("consent", "record", _file(cast, "wrong"), "--adds", "--yes"))
    rejected = cast.second.asks("consent", "reject", made, "--reason", "the note says French only", "--yes")
    assert rejected["status"] == "rejected"
