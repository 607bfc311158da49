"""Requests and answers over HTTP: what is answered, by which word it is confirmed, and what becomes of the request."""

from pathlib import Path
from typing import Any

import pytest

from tests.web.access_maker import Instrument, ask, deny, granted, instrument, permit, recorded, signed_record
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import registered

ASKED = permit("un-spt", "npm-xa")


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json["code"]


def status(world: ExchangeWorld, made: Instrument) -> str:
    """How an instrument stands, by its own events."""
    shown = world.get(world.officers("coe-cpt")[0], f"/consents/{made.name}").json
    return f"{shown['status']} {shown['reason']}"


def requested(world: ExchangeWorld, *provisions: dict[str, Any], **changes: Any) -> Instrument:
    """A request to State XA by the CPT."""
    made = recorded(world, instrument("XA", list(provisions or [ASKED]), **changes))
    assert made.say("requested", world.officers("coe-cpt")[1]).status_code == 201
    return made


def test_what_was_asked_is_granted_as_it_was_asked(world: ExchangeWorld, tmp_path: Path) -> None:
    """The request itself confirmed: granted. From a later day on: in part, since it was asked from its receipt."""
    report = registered(world, tmp_path)
    berta = world.officers("coe-cpt")[1]
    made = requested(world)
    assert code(made.say("partially_granted", berta)) == (409, "consent_word")
    assert code(made.say("granted", berta, effective="2026-04-01")) == (409, "consent_word")
    assert ask(report, world.officers("un-spt")[0], report.parts[0]).status_code == 404
    assert made.say("granted", berta).json["status"] == "in_force"
    assert ask(report, world.officers("un-spt")[0], report.parts[0]).status_code == 200
    later = requested(world)
    assert later.say("partially_granted", berta, effective="2026-04-01").status_code == 201


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "granted"),
        ({"provisions": [permit("un-spt")]}, "partially_granted"),
        ({"provisions": [permit("un-spt"), permit("npm-xa")]}, "granted"),
        ({"provisions": [permit("un-spt", "npm-xa", languages=["fr"])]}, "partially_granted"),
        ({"provisions": [permit("un-spt", "npm-xa", "apt")]}, "granted"),
        ({"conditions": ["no_onward_sharing"]}, "partially_granted"),
        ({"provisions": [ASKED, deny("npm-xa")]}, "partially_granted"),
        ({"undertaking": "handling"}, "partially_granted"),
    ],
)
def test_an_answer_is_confirmed_by_the_word_that_comparing_gives(
    world: ExchangeWorld, changes: dict[str, Any], word: str
) -> None:
    """Whole or in part is computed from the two terms; the other word is refused, and nothing is recorded of it."""
    anna, berta = world.officers("coe-cpt")
    request = requested(world)
    answer = recorded(world, {**instrument("XA", [ASKED], answers=request.name), **changes}, anna)
    other = "granted" if word == "partially_granted" else "partially_granted"
    assert code(answer.say(other, berta)) == (409, "consent_word")
    assert answer.say(word, berta).json["status"] == "in_force"
    assert world.acts("audit-cpt").count("consents:instrument:confirm_part") == (word == "partially_granted")
    assert world.fsck() == []


def test_the_states_own_answer_is_held_to_the_same_word(world: ExchangeWorld) -> None:
    """Its authority signs alone, and by the word that comparing gives; it answers what the CPT asked of it."""
    authority = world.officers("state:XA")[0]
    request = requested(world)
    answer = recorded(world, instrument("XA", [permit("un-spt")], answers=request.name), authority)
    assert code(answer.say("granted", authority)) == (409, "consent_word")
    assert answer.say("partially_granted", authority).json["verified"] is True


def test_nothing_is_in_part_where_nothing_was_asked(world: ExchangeWorld) -> None:
    """An instrument that answers no request and was not asked for is granted."""
    made = recorded(world, instrument("XA", [ASKED]))
    assert code(made.say("partially_granted", world.officers("coe-cpt")[1])) == (409, "consent_word")


def test_an_answer_takes_the_place_of_the_request(world: ExchangeWorld, tmp_path: Path) -> None:
    """Confirmed, it alone counts; the request takes no other answer by itself, and never stands again, unless it was void."""
    report = registered(world, tmp_path, recipients=["npm-xa", "un-spt"])
    anna, berta = world.officers("coe-cpt")
    dina = world.officers("npm-xa")[0]
    request = requested(world)
    answer = recorded(world, instrument("XA", [permit("un-spt")], answers=request.name), anna)
    assert status(world, request) == "pending W_PENDING"
    assert answer.say("partially_granted", berta).status_code == 201
    for event in ("granted", "refused", "deferred"):
        assert code(request.say(event, berta)) == (409, "consent_answered")
    assert ask(report, dina, report.parts[0]).status_code == 404
    more = recorded(world, instrument("XA", [ASKED], answers=request.name), anna)
    assert more.say("granted", berta).status_code == 201
    assert ask(report, dina, report.parts[0]).status_code == 200
    assert more.say("withdrawn", anna).status_code == 201
    assert ask(report, dina, report.parts[0]).status_code == 404
    assert code(answer.say("invalidated", anna)) == (403, "consent_finding")
    assert answer.say("suspended", berta).status_code == 201
    assert answer.say("invalidated", anna).status_code == 201
    assert code(request.say("granted", berta)) == (409, "consent_answered")
    assert world.fsck() == []


def test_what_cannot_be_answered(world: ExchangeWorld) -> None:
    """What was not asked, what has ended, what is another State's or not the signer's to see: refused."""
    anna, berta = world.officers("coe-cpt")
    spt = world.officers("un-spt")[0]
    plain, refused = recorded(world, instrument("XA", [ASKED])), requested(world)
    assert refused.say("refused", berta).status_code == 201
    elsewhere = recorded(world, instrument("XB", [ASKED]))
    assert elsewhere.say("requested", berta).status_code == 201
    open_one = requested(world)
    cases = [
        (plain.name, anna, (409, "consent_not_asked")),
        (refused.name, anna, (409, "consent_not_asked")),
        (elsewhere.name, anna, (422, "consent_names_unknown")),
        (open_one.name, spt, (422, "consent_names_unknown")),
        ("AAAAAAAAAAAAAAAAAAAAAA", anna, (422, "consent_names_unknown")),
    ]
    for name, person, refusal in cases:
        statement = signed_record(world, instrument("XA", [permit("npm-xa")], answers=name), person)
        assert code(world.say(person, statement)) == refusal


def test_a_late_answer_is_the_states_word_all_the_same(world: ExchangeWorld) -> None:
    """The day in the letter passes: lapsed by the clock, and nothing else. What the State says later still counts."""
    request = requested(world, reply_by="2026-03-02")
    assert status(world, request) == "pending W_LAPSED"
    answer = granted(world, instrument("XA", [ASKED], answers=request.name))
    assert status(world, answer) == "in_force None"


def test_after_a_refusal_a_new_request_is_a_new_instrument(world: ExchangeWorld, tmp_path: Path) -> None:
    """The refusal takes no further event that opens; a new request that names it opens once it is granted."""
    report = registered(world, tmp_path)
    berta, chen = world.officers("coe-cpt")[1], world.officers("un-spt")[0]
    first = requested(world)
    assert first.say("refused", berta).status_code == 201
    for event in ("requested", "granted", "deferred"):
        assert code(first.say(event, berta)) == (409, "consent_transition")
    beside = requested(world)
    assert beside.say("granted", berta).status_code == 201
    assert ask(report, chen, report.parts[0]).status_code == 404
    again = requested(world, supersedes=[first.name])
    assert again.say("granted", berta).status_code == 201
    assert ask(report, chen, report.parts[0]).status_code == 200


def test_one_person_does_not_find_void_what_replaced_another(world: ExchangeWorld, tmp_path: Path) -> None:
    """The older agreement would stand again: that opens, so it takes two, or the State itself."""
    report = registered(world, tmp_path)
    anna, berta = world.officers("coe-cpt")
    chen = world.officers("un-spt")[0]
    older = granted(world, instrument("XA", [ASKED]))
    newer = granted(world, instrument("XA", [permit("npm-xa")], supersedes=[older.name]))
    assert ask(report, chen, report.parts[0]).status_code == 404
    assert code(newer.say("invalidated", anna)) == (403, "consent_finding")
    assert newer.say("disputed", anna).status_code == 201
    assert code(newer.say("invalidated", anna)) == (403, "consent_finding")
    assert ask(report, chen, report.parts[0]).status_code == 404
    assert newer.say("invalidated", berta).status_code == 201
    assert ask(report, chen, report.parts[0]).status_code == 200
    third = granted(world, instrument("XA", [permit("npm-xa")], supersedes=[older.name]))
    assert third.say("invalidated", world.officers("state:XA")[0]).status_code == 201
