"""A report's timeline: what opened, narrowed and closed it for whom, when recorded and when acting; to its own side."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.access.timeline_shown import lines_of, picture_of
from keys.encoding import b64u, format_time
from tests.web.access_maker import granted, instrument, permit
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, part, registered, signed_stop


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report of the CPT on XA in two languages for the SPT and the national body."""
    parts = [part("p1"), part("p2", language="fr")]
    return registered(world, tmp_path, parts=parts, recipients=["un-spt", "npm-xa"])


def timeline(made: Made, person: Any = None) -> Any:
    """Ask for it."""
    query = {"timeline": "true"}
    answer = made.world.get(person or made.officer, f"/reports/{made.report}/access", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json["timeline"]


def test_each_moment_says_what_it_changed_for_whom(made: Made) -> None:
    """An agreement to one language opens, a wider one in its place widens, a suspension closes; a stop changes nothing more; a
    withdrawal that is to come is ahead."""
    world = made.world
    world.clock.forward(60)
    french = granted(world, instrument("XA", [permit("un-spt", languages=["fr"], actions=["view"])]))
    world.clock.forward(60)
    both = granted(world, instrument("XA", [permit("un-spt")], supersedes=[french.name]))
    later = world.clock.now() + timedelta(days=3)
    world.clock.forward(60)
    both.say("withdrawn", made.officer, effective=format_time(later))
    world.clock.forward(60)
    both.say("suspended", made.officer)
    world.clock.forward(60)
    world.say(made.officer, signed_stop(made, made.officer))
    told = timeline(made)
    assert told["left_out"] is False
    seen = [
        (
            [(each["event"], each["instrument"]) for each in moment["happened"]],
            moment["opened"], moment["narrowed"], moment["closed"], moment["ahead"],
        )
        for moment in told["moments"]
    ]  # fmt: skip
    assert seen == [
        ([("report_header", None)], [], [], [], False),
        ([("recorded", french.name), ("granted", french.name)], ["un-spt"], [], [], False),
        ([("recorded", both.name), ("granted", both.name)], ["un-spt"], [], [], False),
        ([("withdrawn", both.name)], [], [], [], False),
        ([("suspended", both.name)], [], [], ["un-spt"], False),
        ([("stop", None)], [], [], [], False),
        ([("withdrawn", both.name)], [], [], [], True),
    ]
    withdrawn = told["moments"][3]["happened"][0]
    assert (withdrawn["is_recorded"], withdrawn["acts_now"], withdrawn["acts"]) == (True, False, format_time(later))
    opened = told["moments"][2]["open"]["un-spt"]
    assert opened == {b64u(each): ["download", "view"] for each in made.parts}


def test_at_every_moment_it_is_what_an_explanation_says(made: Made) -> None:
    """For each moment that is past: who can read, part by part, as `explain --at` tells it."""
    world = made.world
    world.clock.forward(60)
    agreed = granted(world, instrument("XA", [permit("un-spt", languages=["fr"]), permit("npm-xa")]))
    world.clock.forward(60)
    agreed.say("suspended", made.officer)
    world.clock.forward(60)
    for moment in timeline(made)["moments"]:
        for body, parts in moment["open"].items():
            query = {"for": body, "at": moment["at"]}
            told = world.get(made.officer, f"/reports/{made.report}/explain", query_string=query).json
            readable = {name for name, reason in told["parts"].items() if reason.startswith("P_")}
            assert {name for name, actions in parts.items() if "view" in actions} == readable


def test_it_is_the_matrix_own_business(made: Made) -> None:
    """A recipient is told N_UNAVAILABLE; the audit office has it; a look leaves one entry."""
    world = made.world
    chen, office = world.officers("un-spt")[0], world.officers("audit-cpt")[0]
    refused = world.get(chen, f"/reports/{made.report}/access?timeline=true")
    assert (refused.status_code, refused.json["code"]) == (404, "N_UNAVAILABLE")
    before = world.size()
    assert timeline(made, office)["moments"][0]["happened"][0]["event"] == "report_header"
    assert world.acts("coe-cpt", before).count("access:matrix:read") == 1


def test_the_picture_says_what_the_list_says(made: Made) -> None:
    """A column a moment, a row a body, a bar as high as what could be read; now stands before what is to come."""
    world = made.world
    world.clock.forward(60)
    agreed = granted(world, instrument("XA", [permit("un-spt", languages=["fr"]), permit("npm-xa")]))
    agreed.say("withdrawn", made.officer, effective=format_time(world.clock.now() + timedelta(days=1)))
    told = timeline(made)
    drawn, lines = picture_of(told), lines_of(told)
    assert [line.number for line in lines] == [mark.number for mark in drawn.marks] == [1, 2, 3]
    levels = {strip.organisation: [span.level for span in strip.spans] for strip in drawn.strips}
    assert levels == {"npm-xa": ["none", "all", "none"], "un-spt": ["none", "some", "none"]}
    assert [mark.ahead for mark in drawn.marks] == [False, False, True]
    assert drawn.marks[1].x < drawn.now < drawn.marks[2].x
