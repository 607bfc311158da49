"""The one address for statements: each label goes where it belongs, the same again is the first answer, the rest is typed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.ledger.ticket import Ticket
from exchange.statements import report_header
from keys.encoding import b64u
from keys.statement import new
from tests.web.access_maker import (
    ask,
    entry_of,
    granted,
    instrument,
    permit,
    recorded,
    signed_receipt,
    signed_record,
    signed_request,
)
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, registered, signed_determination, signed_lift, signed_stop

UNKNOWN = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report of the CPT for the SPT."""
    return registered(world, tmp_path)


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json["code"]


def test_labels_of_other_addresses_and_unknown_ones_are_refused(made: Made) -> None:
    """A header and a request have addresses of their own; what this build does not know is said so; nothing is recorded."""
    world, anna = made.world, made.officer
    world.token(anna)
    size = world.size()
    header = report_header.build(made.values).signed_by(anna.sign)
    request = signed_request(made, anna, made.parts[0])
    rewrap = new("exchange/rewrap/v1", {"report": made.report}).signed_by(anna.sign)
    second = new("exchange/stop/v2", {"report": made.report}).signed_by(anna.sign)
    answers = [code(world.say(anna, statement)) for statement in (header, request, rewrap, second)]
    assert answers == [(422, "statement_elsewhere")] * 2 + [(422, "unknown_version")] * 2
    for body in ({"statement": "nothing"}, {"statement": ""}, {"statement": "\ud800"}, {}, {"statement": 1}, {"a": 1}):
        assert world.post(anna, "/statements", body).status_code == 422
    assert world.size() == size


def test_nothing_lies_beside_a_consent_or_a_receipt(made: Made) -> None:
    """What is sent along is refused, not dropped."""
    world, anna = made.world, made.officer
    statement = signed_record(world, instrument("XA", [permit("un-spt")]), anna)
    assert code(world.say(anna, statement, {"note": "x"})) == (422, "statement_beside")
    stop = signed_stop(made, anna)
    assert world.say(anna, stop, {"note": "x"}).status_code == 422
    assert world.say(anna, stop).status_code == 201


def test_the_same_statement_again_is_the_first_answer(made: Made) -> None:
    """Stop and consent: 201, then 200 with the same ticket, and no second entry."""
    world, anna = made.world, made.officer
    for statement in (signed_stop(made, anna), signed_record(world, instrument("XA", [permit("un-spt")]), anna)):
        first = world.say(anna, statement)
        size = world.size()
        again = world.say(anna, statement)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json["ticket"] == again.json["ticket"]
        assert world.size() == size


def test_a_stop_is_for_the_body_that_made_the_report(made: Made) -> None:
    """For everybody else the report does not exist, as one that does not."""
    world = made.world
    chen = world.officers("un-spt")[0]
    answers = [world.say(chen, signed_stop(made, chen, report=report)) for report in (made.report, UNKNOWN)]
    assert [code(answer) for answer in answers] == [(404, "not_available")] * 2
    assert answers[0].data == answers[1].data


def test_one_stops_and_two_lift(made: Made) -> None:
    """A stop acts at once; a lift waits where its own body can find it, until a second officer has signed."""
    world = made.world
    anna, berta = world.officers("coe-cpt")
    stop = signed_stop(made, berta)
    assert world.say(berta, stop).status_code == 201
    lift = signed_lift(made, stop, anna)
    waiting = world.say(anna, lift)
    assert (waiting.status_code, waiting.json) == (202, {"pending": b64u(lift.hash), "needs": 1})
    assert world.get(world.officers("un-spt")[0], "/statements/pending").json == {"pending": []}
    listed = world.get(berta, "/statements/pending").json["pending"]
    assert [item["statement"] for item in listed] == [lift.text.decode()]
    done = world.say(berta, lift.signed_by(berta.sign))
    assert done.status_code == 201
    assert world.get(berta, "/statements/pending").json == {"pending": []}
    assert world.say(anna, lift.signed_by(berta.sign)).status_code == 200


def test_an_originators_denial_closes_for_one_body(made: Made) -> None:
    """One officer denies the SPT: it learns nothing, and a permit takes two again."""
    from tests.web.report_maker import decision

    world = made.world
    anna, berta = world.officers("coe-cpt")
    granted(world, instrument("XA", [permit("un-spt")]))
    chen = world.officers("un-spt")[0]
    assert ask(made, chen, made.parts[0]).status_code == 200
    denial = signed_determination(made, "originator_decision", decision("coe-cpt", "deny", "un-spt"), anna)
    assert world.say(anna, denial).status_code == 201
    assert code(ask(made, chen, made.parts[0])) == (404, "N_UNAVAILABLE")
    again = signed_determination(
        made, "originator_decision", decision("coe-cpt", "permit", "un-spt"), anna, prev=denial.hash
    )
    assert world.say(anna, again).status_code == 202
    assert world.say(berta, again.signed_by(berta.sign)).status_code == 201
    assert ask(made, chen, made.parts[0]).status_code == 200


# Receipts


def test_a_receipt_is_an_entry_and_no_row(made: Made) -> None:
    """Both sides and both offices read it, with the officer's signature; no table holds it; late is not too late."""
    from exchange.ledger.client_signed import check_client_signature

    world = made.world
    granted(world, instrument("XA", [permit("un-spt")]))
    chen = world.officers("un-spt")[0]
    request = signed_request(made, chen, made.parts[0])
    answer = ask(made, chen, made.parts[0], statement=request)
    receipt = signed_receipt(made, chen, made.parts[0], request, answer.json)
    world.clock.forward(86_400 * 3)
    taken = world.say(chen, receipt)
    assert taken.status_code == 201
    ticket = Ticket.from_json(taken.json["ticket"])
    for body in ("coe-cpt", "un-spt", "audit-cpt", "audit-un"):
        record = world.read(body).last("access:receipt:record")
        assert record.index == ticket.index
        assert record.fields["index"] == answer.json["index"]
        keys = [(chen.sign.key_id, chen.sign.public)]
        assert check_client_signature(record, world.founding.directory.exchange, keys) == chen.sign.key_id
    assert entry_of(answer.json).fields["request"] == record.fields["request"]
    assert world.fsck() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("no such report", (404, "N_UNAVAILABLE")),
        ("not a recipient", (404, "N_UNAVAILABLE")),
        ("another body's officer", (403, "signer_other_body")),
        ("ahead of the clock", (400, "clock_off")),
        ("ahead of the log", (409, "log_range")),
    ],
)
def test_a_receipt_that_is_none_is_refused(made: Made, change: str, expected: tuple[int, str]) -> None:
    """Typed, and nothing recorded."""
    world = made.world
    chen, dina = world.officers("un-spt")[0], world.officers("npm-xa")[0]
    person = dina if change == "not a recipient" else chen
    by = dina if change in ("not a recipient", "another body's officer") else chen
    world.token(person)
    request = signed_request(made, chen, made.parts[0])
    values = {"n": 1, "index": 10_000 if change == "ahead of the log" else 3}
    moment = world.clock.now()
    if change == "ahead of the clock":
        world.clock.moment = moment + timedelta(minutes=6)
    if change == "no such report":
        made.values = type(made.values)(**{**vars(made.values), "report": UNKNOWN})
    receipt = signed_receipt(made, by, made.parts[0], request, values)
    world.clock.moment = moment
    size = world.size()
    assert code(world.say(person, receipt)) == expected
    assert world.size() == size


def test_the_register_answers_with_its_head(world: ExchangeWorld) -> None:
    """Each event raises the State's version by one, and the answer says where the instrument stands."""
    anna, berta = world.officers("coe-cpt")
    statement = signed_record(world, instrument("XA", [permit("un-spt")]), anna)
    first = world.say(anna, statement).json
    assert (first["head"], first["status"], first["verified"]) == ({"state": "XA", "version": 1}, "recorded", False)
    made = recorded(world, instrument("XA", [permit("npm-xa")]), berta)
    second = made.say("granted", anna).json
    assert (second["head"]["version"], second["status"], second["verified"]) == (3, "in_force", True)
    other = recorded(world, instrument("XB", [permit("un-spt")]))
    assert other.say("granted", berta).json["head"] == {"state": "XB", "version": 2}
