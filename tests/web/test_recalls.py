"""A recall closes at once, reaches whoever could know of the report and nobody else, and is answered, signed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.ledger.ticket import Ticket
from keys.encoding import b64u, unb64u
from keys.statement import Statement
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import ask, granted, instrument, permit, prove, recorded
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import (
    Made,
    part,
    recipient,
    registered,
    signed_answer,
    signed_determination,
    signed_grant,
    signed_lift,
    signed_recall,
    signed_stop,
)

UNKNOWN = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report of the CPT for the SPT and the NPM of the State, of which nothing is agreed to yet."""
    return registered(world, tmp_path, recipients=("un-spt", "npm-xa"))


@pytest.fixture
def chen(world: ExchangeWorld) -> Person:
    """An officer of the SPT."""
    return world.officers("un-spt")[0]


def recalls(world: ExchangeWorld, person: Person, box: str = "inbox", **query: Any) -> list[dict[str, Any]]:
    """A page of recalls."""
    answer = world.get(person, "/recalls", query_string={"box": box, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def asked(item: dict[str, Any]) -> set[str]:
    """The bodies that a recall, as shown, was told to."""
    return {each["organisation"] for each in item["asked"]}


def say(made: Made, statement: Statement, person: Person | None = None) -> Any:
    """Post a statement that must be taken."""
    answer = made.world.say(person or made.officer, statement)
    assert answer.status_code == 201, answer.text
    return answer


def sees(made: Made, person: Person) -> bool:
    """Whether a report is shown to somebody."""
    return bool(made.world.get(person, f"/reports/{made.report}").status_code == 200)


def test_a_recall_closes_at_once_and_one_officer_is_enough(made: Made, chen: Person) -> None:
    """Released before, refused after; the log shows both; the owner reads on."""
    world, anna = made.world, made.officer
    granted(world, instrument("XA", [permit("un-spt")]))
    assert ask(made, chen, made.parts[0]).status_code == 200
    say(made, signed_recall(made, anna))
    refused = ask(made, chen, made.parts[0])
    assert (refused.status_code, refused.json["code"]) == (404, "N_UNAVAILABLE")
    assert not sees(made, chen) and sees(made, anna)
    acts = world.acts("coe-cpt")
    assert acts.index("access:release:permit") < acts.index("reports:report:recall")
    entry = world.read("coe-cpt").last("reports:report:recall").fields
    assert (entry["ground"], entry["told"], entry["report"]) == ("error", 1, made.report)
    assert world.fsck() == []


def test_no_release_stands_above_a_recall(made: Made, chen: Person) -> None:
    """As with a stop: what was permitted has a smaller index than the recall's entry, whatever comes after is withheld."""
    granted(made.world, instrument("XA", [permit("un-spt")]))
    permitted = ask(made, chen, made.parts[0]).json["index"]
    recalled = Ticket.from_json(say(made, signed_recall(made, made.officer)).json["ticket"]).index
    assert permitted < recalled
    assert ask(made, chen, made.parts[0]).status_code == 404
    assert made.world.read("audit-cpt").last("access:release:withhold").index > recalled


def test_whoever_could_know_is_told_and_nobody_else(made: Made, chen: Person) -> None:
    """The SPT's agreement opened the report to it alone: the NPM, named as well, never could know, and learns nothing."""
    world = made.world
    granted(world, instrument("XA", [permit("un-spt")]))
    statement = signed_recall(made, made.officer)
    say(made, statement)
    (item,) = recalls(world, chen)
    assert item["report"] == made.report and item["owner"] == "coe-cpt" and item["untold"] == []
    assert [(each["organisation"], each["part"]) for each in item["asked"]] == [("un-spt", b64u(made.parts[0]))]
    ticket = Ticket.from_json(item["recall"]["ticket"])
    prove(world, item["recall"]["proof"], ticket.leaf(statement.hash), ticket.index)
    dina, xander = world.officers("npm-xa")[0], world.officers("state:XA")[0]
    assert recalls(world, dina) == recalls(world, xander) == []
    (mine,) = recalls(world, made.officer, "sent")
    assert asked(mine) == {"un-spt"} and mine["untold"] == [{"organisation": "npm-xa", "part": b64u(made.parts[0])}]
    for person in (dina, xander):
        answers = [
            world.get(person, "/recalls", query_string={"report": report}).json for report in (made.report, UNKNOWN)
        ]
        assert answers[0] == answers[1] == {"items": [], "next": None}


@pytest.mark.parametrize("closing", ["withdrawn", "stop", "both", "denial"])
def test_it_reaches_who_could_know_before_it_was_closed(made: Made, chen: Person, closing: str) -> None:
    """What closed before the recall does not hide it: the notice is decided on the register as it stood."""
    world, (anna, berta) = made.world, made.world.officers("coe-cpt")[:2]
    agreed = granted(world, instrument("XA", [permit("un-spt")]))
    world.clock.forward(60)
    if closing in ("stop", "both"):
        say(made, signed_stop(made, anna))
    if closing in ("withdrawn", "both"):
        agreed.say("withdrawn", berta)
    if closing == "denial":
        from tests.web.report_maker import decision

        say(made, signed_determination(made, "originator_decision", decision("coe-cpt", "deny", "un-spt"), anna))
    assert not sees(made, chen)
    world.clock.forward(60)
    say(made, signed_recall(made, anna, reason="withdrawal" if closing == "withdrawn" else "error"))
    (item,) = recalls(world, chen)
    assert asked(item) == {"un-spt"}


def test_a_grant_and_a_withdrawal_within_one_second_were_an_agreement(made: Made, chen: Person) -> None:
    """The clock counts whole seconds; what stood in between counts."""
    made.world.clock.forward(60)
    agreed = granted(made.world, instrument("XA", [permit("un-spt")]))
    agreed.say("withdrawn", made.world.officers("coe-cpt")[1])
    say(made, signed_recall(made, made.officer))
    assert len(recalls(made.world, chen)) == 1


def test_who_was_stopped_before_the_agreement_never_could_know(made: Made, chen: Person) -> None:
    """Stopped first, agreed to later: at no instant was anything open, so the recall tells nobody."""
    world = made.world
    say(made, signed_stop(made, made.officer))
    world.clock.forward(60)
    granted(world, instrument("XA", [permit("un-spt")]))
    world.clock.forward(60)
    say(made, signed_recall(made, made.officer))
    assert recalls(world, chen) == []
    assert recalls(world, made.officer, "sent")[0]["asked"] == []


def test_an_agreement_that_was_never_confirmed_or_has_not_begun(made: Made, chen: Person) -> None:
    """Recorded by one person, or valid from next year: nothing was open."""
    recorded(made.world, instrument("XA", [permit("un-spt")]))
    granted(made.world, instrument("XA", [permit("un-spt", valid_from="2030-01-01")]))
    say(made, signed_recall(made, made.officer))
    assert recalls(made.world, chen) == []


def test_a_later_addressee_is_told_only_of_what_came_after(world: ExchangeWorld, tmp_path: Path) -> None:
    """The agreement ended before the NPM was named: it never could know."""
    made = registered(world, tmp_path)
    anna, berta = world.officers("coe-cpt")[:2]
    agreed = granted(world, instrument("XA", [permit("un-spt", "npm-xa")]))
    world.clock.forward(60)
    agreed.say("withdrawn", anna)
    world.clock.forward(60)
    grant, beside = signed_grant(made, "npm-xa", anna, berta)
    assert world.say(anna, grant, beside).status_code == 201
    world.clock.forward(60)
    say(made, signed_recall(made, anna))
    assert asked(recalls(world, anna, "sent")[0]) == {"un-spt"}


def test_one_part_is_recalled_and_the_other_stays(world: ExchangeWorld, tmp_path: Path, chen: Person) -> None:
    """A part of one State; who was sent the other part alone is not told."""
    parts = [part("p1", states=["XA"]), part("p2", states=["XB"], language="fr")]
    others = recipient(world, "npm-xa", frozenset({"p2"}))
    made = registered(world, tmp_path, parts=parts, recipients=("un-spt", others))
    english, french = made.parts
    for state in ("XA", "XB"):
        granted(world, instrument(state, [permit("un-spt", "npm-xa")]))
    say(made, signed_recall(made, made.officer, part=english))
    assert ask(made, chen, english).status_code == 404
    assert ask(made, chen, french).status_code == 200
    assert [each["part"] for each in recalls(world, chen)[0]["asked"]] == [b64u(english)]
    assert recalls(world, world.officers("npm-xa")[0]) == []
    wrong = made.world.say(made.officer, signed_recall(made, made.officer, part=bytes(8)))
    assert (wrong.status_code, wrong.json["code"]) == (422, "part_unknown")


def test_lifting_takes_two_and_ends_the_recall(made: Made, chen: Person) -> None:
    """One officer is not enough; then it is open again, and no longer outstanding."""
    world, (anna, berta) = made.world, made.world.officers("coe-cpt")[:2]
    granted(world, instrument("XA", [permit("un-spt")]))
    recalled = signed_recall(made, anna)
    say(made, recalled)
    lift = signed_lift(made, recalled, anna)
    assert world.say(anna, lift).status_code == 202
    assert ask(made, chen, made.parts[0]).status_code == 404
    say(made, lift.signed_by(berta.sign), berta)
    assert ask(made, chen, made.parts[0]).status_code == 200
    assert recalls(world, chen)[0]["lift"]["hash"] == b64u(lift.hash)
    again = world.say(anna, signed_lift(made, recalled, anna, berta))
    assert again.json["code"] == "stop_ended"


def test_a_body_answers_and_a_later_answer_replaces_it(made: Made, chen: Person) -> None:
    """Each follows the last; the owner and its office read all of them; the same again is the first answer."""
    world = made.world
    granted(world, instrument("XA", [permit("un-spt")]))
    recalled = signed_recall(made, made.officer, reply_by=world.clock.now().date() + timedelta(days=14))
    say(made, recalled)
    (p1,) = made.parts
    first = signed_answer(made, recalled, chen, p1, "retained_archive")
    say(made, first, chen)
    assert world.say(chen, first).status_code == 200
    broken = world.say(chen, signed_answer(made, recalled, chen, p1, "destroyed"))
    assert (broken.status_code, broken.json["code"]) == (409, "statement_out_of_turn")
    second = signed_answer(made, recalled, chen, p1, "destroyed", prev=first.hash)
    say(made, second, chen)
    (item,) = recalls(world, made.officer, "sent")
    answers = item["asked"][0]["answers"]
    assert [each["hash"] for each in answers] == [b64u(first.hash), b64u(second.hash)]
    for each in answers:
        ticket = Ticket.from_json(each["ticket"])
        prove(world, each["proof"], ticket.leaf(unb64u(each["hash"])), ticket.index)
    for body in ("coe-cpt", "audit-cpt", "un-spt", "audit-un"):
        assert world.read(body).last("reports:recall:answer").fields["answer"] == "destroyed"
    assert "reports:recall:answer" not in world.acts("npm-xa")
    assert world.fsck() == []


def test_answers_that_are_none(made: Made, chen: Person) -> None:
    """A body that was not told, another's name, another report, a recall that is none: refused, and nothing recorded."""
    world = made.world
    granted(world, instrument("XA", [permit("un-spt")]))
    recalled = signed_recall(made, made.officer)
    say(made, recalled)
    (p1,) = made.parts
    dina = world.officers("npm-xa")[0]
    world.token(dina), world.token(chen)
    size = world.size()
    cases = [
        (dina, signed_answer(made, recalled, dina, p1), (404, "not_available")),
        (dina, signed_answer(made, signed_recall(made, made.officer), dina, p1), (404, "not_available")),
        (chen, signed_answer(made, recalled, chen, bytes(8)), (404, "not_available")),
        (chen, signed_answer(made, recalled, chen, p1, organisation="npm-xa"), (404, "not_available")),
        (chen, signed_answer(made, recalled, dina, p1, organisation="un-spt"), (403, "signer_other_body")),
        (chen, signed_answer(made, recalled, chen, p1, report=UNKNOWN), (422, "statement_other_subject")),
        (chen, signed_answer(made, recalled, chen, p1, prev=bytes(32)), (409, "statement_out_of_turn")),
    ]
    answers = [world.say(person, statement) for person, statement, _expected in cases]
    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [expected for *_, expected in cases]
    assert answers[0].data == answers[1].data
    assert world.say(chen, signed_answer(made, recalled, chen, p1), {"a": 1}).json["code"] == "statement_beside"
    assert world.size() == size


def test_a_recall_is_for_the_body_that_made_the_report(made: Made, chen: Person) -> None:
    """To everybody else the report does not exist; another header, another officer and an odd agreement are refused."""
    world, anna = made.world, made.officer
    answers = [world.say(chen, signed_recall(made, chen, report=report)) for report in (made.report, UNKNOWN)]
    assert [answer.status_code for answer in answers] == [404, 404] and answers[0].data == answers[1].data
    berta = world.officers("coe-cpt")[1]
    refused = [
        (signed_recall(made, anna, header=bytes(32)), (422, "statement_other_subject")),
        (signed_recall(made, anna, berta), (422, "signers_too_many")),
        (signed_recall(made, chen), (403, "signer_other_body")),
        (signed_recall(made, anna, reason="withdrawal", instrument=bytes(16)), (422, "recall_instrument")),
    ]
    for statement, expected in refused:
        answer = world.say(anna, statement)
        assert (answer.status_code, answer.json["code"]) == expected
    recalled = signed_recall(made, anna)
    assert [world.say(anna, recalled).status_code for _ in range(2)] == [201, 200]


def test_after_a_withdrawal_the_state_keeps_its_own_report_and_sees_that_it_was_recalled(
    world: ExchangeWorld, tmp_path: Path, chen: Person
) -> None:
    """The treaty sends it the report: no agreement of its own does. It is shown what was recalled, and nobody's answers."""
    made = registered(world, tmp_path, recipients=("un-spt", "state:XA"))
    anna, berta = world.officers("coe-cpt")[:2]
    agreed = granted(world, instrument("XA", [permit("un-spt")]))
    world.clock.forward(60)
    agreed.say("withdrawn", berta)
    recalled = signed_recall(made, anna, reason="withdrawal", instrument=agreed.id)
    say(made, recalled)
    xander = world.officers("state:XA")[0]
    assert ask(made, xander, made.parts[0]).status_code == 200
    say(made, signed_answer(made, recalled, chen, made.parts[0]), chen)
    (item,) = recalls(world, xander)
    assert item["recall"]["hash"] == b64u(recalled.hash)
    assert item["asked"] == item["untold"] == []
    assert "un-spt" not in str(item)
    assert asked(recalls(world, anna, "sent")[0]) == {"un-spt"}


def test_a_state_learns_of_no_recall_of_what_it_may_not_see(world: ExchangeWorld, tmp_path: Path) -> None:
    """A report on two States is not sent to one of them by the treaty: its agreement is named, and it learns nothing."""
    made = registered(world, tmp_path, parts=[part("p1", states=["XA", "XB"])])
    agreed = granted(world, instrument("XA", [permit("un-spt")]))
    granted(world, instrument("XB", [permit("un-spt")]))
    agreed.say("withdrawn", world.officers("coe-cpt")[1])
    say(made, signed_recall(made, made.officer, reason="withdrawal", instrument=agreed.id))
    assert recalls(world, world.officers("state:XA")[0]) == []


def test_the_treatys_recipient_is_not_asked_for_what_an_agreement_ended(world: ExchangeWorld, tmp_path: Path) -> None:
    """A recall for another reason reaches the State as well."""
    made = registered(world, tmp_path, recipients=("state:XA",))
    xander = world.officers("state:XA")[0]
    say(made, signed_recall(made, made.officer, reason="expiry"))
    assert recalls(world, xander) == [] and sees(made, xander)
    say(made, signed_recall(made, made.officer, reason="error"))
    assert asked(recalls(world, xander)[0]) == {"state:XA"} and not sees(made, xander)


def test_named_readers_alone_are_told(world: ExchangeWorld, tmp_path: Path, made: Made) -> None:
    """Where an agreement named its readers, the notice is theirs and not their colleagues'."""
    first, second = world.officers("un-spt")[:2]
    named = [{"kind": "named_readers_only", "parameter": [first.id]}]
    granted(world, instrument("XA", [permit("un-spt")], conditions=named))
    say(made, signed_recall(made, made.officer))
    assert len(recalls(world, first)) == 1 and recalls(world, second) == []
    assert asked(recalls(world, made.officer, "sent")[0]) == {"un-spt"}


def test_pages_of_recalls_go_on_after_the_last(world: ExchangeWorld, tmp_path: Path, chen: Person) -> None:
    """Newest first; a place that is not in the list is none, whoever's it is."""
    granted(world, instrument("XA", [permit("un-spt")]))
    all_of = [registered(world, tmp_path / str(n)) for n in range(3)]
    hashes = []
    for made in all_of:
        recalled = signed_recall(made, made.officer)
        say(made, recalled)
        hashes.insert(0, b64u(recalled.hash))
    for person, box in ((chen, "inbox"), (all_of[0].officer, "sent")):
        first = world.get(person, "/recalls", query_string={"box": box, "limit": 2}).json
        assert [item["recall"]["hash"] for item in first["items"]] == hashes[:2] and first["next"] == hashes[1]
        rest = world.get(person, "/recalls", query_string={"box": box, "limit": 2, "after": hashes[1]}).json
        assert [item["recall"]["hash"] for item in rest["items"]] == hashes[2:] and rest["next"] is None
    dina = world.officers("npm-xa")[0]
    wrong = [world.get(dina, "/recalls", query_string={"after": after}) for after in (hashes[0], b64u(bytes(32)))]
    assert [answer.status_code for answer in wrong] == [404, 404] and wrong[0].data == wrong[1].data


def test_what_rested_on_an_agreement(world: ExchangeWorld, tmp_path: Path, made: Made) -> None:
    """Named right after it was withdrawn: the report it opened, and for whom; nothing of an agreement it had nothing to do
    with, and nothing to who may not see the agreement."""
    anna, berta = world.officers("coe-cpt")[:2]
    world.clock.forward(60)
    agreed = granted(world, instrument("XA", [permit("un-spt", scope="document", scope_ref=made.report)]))
    other = granted(world, instrument("XA", [permit("npm-xa", scope="document", scope_ref=UNKNOWN)]))
    registered(world, tmp_path / "another")

    def rested(instrument: str, person: Person) -> Any:
        return world.get(person, "/recalls/rested", query_string={"instrument": instrument})

    expected = {"report": made.report, "parts": [{"part": b64u(made.parts[0]), "organisations": ["un-spt"]}]}
    assert rested(agreed.name, anna).json == {"items": [expected], "next": None}
    agreed.say("withdrawn", berta)
    assert rested(agreed.name, anna).json["items"] == [expected]
    world.clock.forward(86_400)
    say(made, signed_stop(made, anna))
    assert rested(agreed.name, anna).json["items"] == [expected]
    assert rested(other.name, anna).json["items"] == []
    chen = world.officers("un-spt")[0]
    answers = [rested(name, chen) for name in (agreed.name, b64u(bytes(16)))]
    assert [answer.status_code for answer in answers] == [404, 404] and answers[0].data == answers[1].data
