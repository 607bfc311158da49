"""The register over HTTP: who records and confirms, what may follow what, and who is shown it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.ledger.ticket import Ticket
from keys.encoding import b64u, format_time
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import (
    Instrument,
    ask,
    deny,
    granted,
    instrument,
    permit,
    recorded,
    signed_record,
)
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import registered

SPT = permit("un-spt")


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json["code"]


def member(world: ExchangeWorld, organisation: str) -> Person:
    """An officer who is no focal point."""
    person = world.founding.person(organisation)
    by = world.founding.focal_points(organisation)[0]
    world.submit(world.founding.enrolment(person).signed_by(person.sign).signed_by(by.sign))
    return person


def standing(world: ExchangeWorld, made: Instrument, person: Person | None = None) -> tuple[str, bool]:
    """Status of an instrument and whether two people or the State stand behind it."""
    shown = world.get(person or world.officers("coe-cpt")[0], f"/consents/{made.name}").json
    return shown["status"], shown["verified"]


# Who records, who confirms


def test_two_people_without_an_interest(world: ExchangeWorld) -> None:
    """One focal point records, another confirms; not the same, not another body, not a body that would benefit."""
    anna, berta = world.officers("coe-cpt")
    chen = world.officers("un-spt")[0]
    made = recorded(world, instrument("XA", [SPT]), anna)
    assert code(made.say("granted", anna)) == (403, "signer_recorded_it")
    assert code(made.say("granted", chen)) == (403, "consent_keeper")
    assert standing(world, made) == ("recorded", False)
    assert made.say("granted", berta).status_code == 201
    assert standing(world, made) == ("in_force", True)
    benefits = signed_record(world, instrument("XA", [permit("un-spt", "coe-cpt")]), anna)
    assert code(world.say(anna, benefits)) == (403, "signer_benefits")


@pytest.mark.parametrize("organisation", ["npm-xa", "audit-cpt", "state:XA"])
def test_who_keeps_no_register(world: ExchangeWorld, organisation: str) -> None:
    """National bodies, audit offices, and officers of a State who are not its authority cannot record."""
    person = world.officers(organisation)[-1]
    assert code(world.say(person, signed_record(world, instrument("XA", [SPT]), person))) == (403, "consent_keeper")


def test_an_ordinary_officer_closes_and_does_not_open(world: ExchangeWorld) -> None:
    """Recording takes a focal point; suspending and withdrawing takes any officer of the body, at any hour."""
    eva = member(world, "coe-cpt")
    assert code(world.say(eva, signed_record(world, instrument("XA", [SPT]), eva))) == (403, "consent_keeper")
    made = granted(world, instrument("XA", [SPT]))
    assert made.say("suspended", eva).json["status"] == "suspended"
    assert code(made.say("resumed", eva)) == (403, "consent_keeper")
    anna, berta = world.officers("coe-cpt")
    assert made.say("resumed", anna).json["status"] == "suspended"
    assert made.say("resumed", berta).json["status"] == "in_force"
    assert made.say("withdrawn", eva).json["status"] == "withdrawn"


def test_the_states_own_authority_needs_nobody(world: ExchangeWorld) -> None:
    """It records and confirms alone, and ends what others recorded for it; of another State it is no authority."""
    authority = world.officers("state:XA")[0]
    made = recorded(world, instrument("XA", [SPT]), authority)
    assert made.say("granted", authority).json["verified"] is True
    shown = world.get(authority, f"/consents/{made.name}").json
    assert [event["by_state"] for event in shown["events"]] == [True, True]
    assert code(world.say(authority, signed_record(world, instrument("XB", [SPT]), authority))) == (403, "consent_keeper")
    theirs = granted(world, instrument("XA", [SPT]))
    assert theirs.say("withdrawn", authority).json["status"] == "withdrawn"


def test_an_authority_whose_time_is_over_is_none(world: ExchangeWorld) -> None:
    """The directory's period counts at the moment of signing."""
    second = world.officers("state:XA")[1]
    until = world.founding.now + timedelta(hours=1)
    world.submit(world.founding.authority("state:XA", "OPCAT", second, valid_to=until))
    world.clock.moment = until
    statement = signed_record(world, instrument("XA", [SPT]), second)
    assert code(world.say(second, statement)) == (403, "consent_keeper")


# What follows what


def test_events_follow_their_chain_and_the_table(world: ExchangeWorld) -> None:
    """Nothing is granted again that was withdrawn; every event names the one before; a clock off is told so."""
    anna, berta = world.officers("coe-cpt")
    made = recorded(world, instrument("XA", [SPT]), anna)
    assert code(made.say("suspended", berta)) == (409, "consent_transition")
    assert code(made.say("lapsed", berta)) == (422, "consent_computed")
    stale = made.next("requested", anna, reason="asked by letter")
    assert made.say("requested", berta).json["reason"] == "W_PENDING"
    assert code(world.say(anna, stale)) == (409, "statement_out_of_turn")
    assert made.say("granted", berta).status_code == 201
    assert code(made.say("granted", berta, reason="once more")) == (409, "consent_transition")
    late = made.next("suspended", anna, time=world.clock.now() - timedelta(minutes=6))
    assert code(world.say(anna, late)) == (400, "clock_off")
    assert made.say("withdrawn", anna).status_code == 201
    for event in ("granted", "resumed", "refused", "requested"):
        assert code(made.say(event, berta, reason="after its end")) == (409, "consent_transition")
    again = signed_record(world, instrument("XA", [permit("npm-xa")]), anna, id=made.id)
    assert code(world.say(anna, again)) == (409, "statement_out_of_turn")


def test_an_event_of_an_unknown_instrument(world: ExchangeWorld) -> None:
    """There is nothing to confirm."""
    anna, berta = world.officers("coe-cpt")
    statement = signed_record(world, instrument("XA", [SPT]), anna)
    made = Instrument(world, bytes(16), statement, statement)
    assert code(made.say("granted", berta)) == (422, "statement_other_subject")


@pytest.mark.parametrize(
    ("events", "status"),
    [
        (["refused"], "refused"),
        (["rejected"], "rejected"),
        (["requested", "deferred", "granted"], "in_force"),
        (["granted", "disputed"], "suspended"),
        (["granted", "invalidated"], "invalidated"),
    ],
)
def test_lives_of_an_instrument(world: ExchangeWorld, events: list[str], status: str) -> None:
    """Each path of the table ends where the rules say, with an entry for each event."""
    anna, berta = world.officers("coe-cpt")
    made = recorded(world, instrument("XA", [SPT]), anna)
    for event in events:
        answer = made.say(event, berta)
        assert answer.status_code == 201, answer.text
    assert standing(world, made)[0] == status
    acts = world.acts("audit-cpt")
    assert sum(act.startswith("consents:instrument:") for act in acts) == len(events) + 1
    assert world.fsck() == []


def test_a_withdrawal_that_is_to_come(world: ExchangeWorld, tmp_path: Path) -> None:
    """Effective tomorrow: open today, closed from that instant on, without anybody doing anything."""
    report = registered(world, tmp_path)
    made = granted(world, instrument("XA", [SPT]))
    chen = world.officers("un-spt")[0]
    until = world.clock.now() + timedelta(days=1)
    assert made.say("withdrawn", world.officers("coe-cpt")[0], effective=format_time(until)).json["status"] == "in_force"
    assert ask(report, chen, report.parts[0]).status_code == 200
    world.clock.moment = until - timedelta(seconds=1)
    assert ask(report, chen, report.parts[0]).status_code == 200
    world.clock.moment = until
    assert ask(report, chen, report.parts[0]).status_code == 404


@pytest.mark.parametrize("first", ["suspended", "withdrawn", "invalidated"])
@pytest.mark.parametrize("second", ["suspended", "disputed", "withdrawn"])
def test_what_is_to_come_keeps_nobody_from_closing_today(world: ExchangeWorld, first: str, second: str) -> None:
    """An end that one officer recorded for a later day does not take from the others the right to stop at once."""
    anna, berta = world.officers("coe-cpt")
    made = granted(world, instrument("XA", [SPT]))
    later = format_time(world.clock.now() + timedelta(days=20_000))
    assert made.say(first, anna, effective=later).json["status"] == "in_force"
    closed = made.say(second, berta)
    assert closed.status_code == 201, closed.text
    assert closed.json["status"] == ("withdrawn" if second == "withdrawn" else "suspended")


def test_what_is_replaced_stays_replaced_within_one_second(world: ExchangeWorld, tmp_path: Path) -> None:
    """Recorded, confirmed and withdrawn in one second: what it replaced does not stand again."""
    report = registered(world, tmp_path)
    first = granted(world, instrument("XA", [SPT]))
    second = granted(world, instrument("XA", [SPT], supersedes=[first.name]))
    second.say("withdrawn", world.officers("coe-cpt")[0])
    assert ask(report, world.officers("un-spt")[0], report.parts[0]).status_code == 404


def test_a_denial_ends_with_a_second_person(world: ExchangeWorld, tmp_path: Path) -> None:
    """What a State excluded, one officer cannot open by withdrawing the exclusion."""
    report = registered(world, tmp_path)
    granted(world, instrument("XA", [SPT]))
    exclusion = granted(world, instrument("XA", [deny("un-spt")]))
    anna, berta = world.officers("coe-cpt")
    chen = world.officers("un-spt")[0]
    assert exclusion.say("withdrawn", anna).status_code == 201
    assert ask(report, chen, report.parts[0]).status_code == 404
    assert exclusion.say("withdrawn", berta).status_code == 201
    assert ask(report, chen, report.parts[0]).status_code == 200


# What a record names


def test_instruments_that_are_named_exist_for_the_same_state(world: ExchangeWorld) -> None:
    """What is replaced or limited is in the register, of that State."""
    anna = world.officers("coe-cpt")[0]
    other = recorded(world, instrument("XB", [SPT]))
    for change in ({"supersedes": [b64u(bytes(16))]}, {"amends": [other.name]}):
        statement = signed_record(world, instrument("XA", [SPT], **change), anna)
        assert code(world.say(anna, statement)) == (422, "consent_names_unknown")


def test_evidence_is_a_report_the_recorder_transmitted_as_evidence(world: ExchangeWorld, tmp_path: Path) -> None:
    """No such report, one of another tier: refused. The sealed note verbale: taken, and named in the entry."""
    anna = world.officers("coe-cpt")[0]
    ordinary = registered(world, tmp_path / "1")
    for report in ("99999999-9999-4999-8999-999999999999", ordinary.report):
        statement = signed_record(world, instrument("XA", [SPT], evidence=report), anna)
        assert code(world.say(anna, statement)) == (422, "consent_evidence")
    note = registered(world, tmp_path / "2", tier="evidence", kind="note_verbale", recipients=["state:XA", "audit-cpt"])
    made = recorded(world, instrument("XA", [SPT], evidence=note.report))
    assert world.read("audit-cpt").last("consents:instrument:record").fields["evidence"] == note.report
    authority = world.officers("state:XA")[0]
    assert ask(note, authority, note.parts[0]).status_code == 200
    assert ask(note, world.officers("un-spt")[0], note.parts[0]).status_code == 404
    assert standing(world, made) == ("recorded", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"conditions": [{"kind": "purpose_limitation", "parameter": ["curiosity"]}]},
        {"provisions": [permit("un-spt", scope="document", scope_ref=None, valid_to="0001-01-01", valid_from="9999-12-31")]},
    ],
)
def test_what_the_rules_cannot_read_is_not_recorded(world: ExchangeWorld, tmp_path: Path, changes: dict[str, Any]) -> None:
    """An instrument in form that policy cannot read is refused; one it can read, however odd, breaks nothing."""
    anna = world.officers("coe-cpt")[0]
    report = registered(world, tmp_path)
    answer = world.say(anna, signed_record(world, {**instrument("XA", [SPT]), **changes}, anna))
    if answer.status_code != 201:
        assert code(answer) == (422, "consent_instrument")
    granted(world, instrument("XA", [SPT]))
    assert ask(report, world.officers("un-spt")[0], report.parts[0]).status_code == 200
    assert world.fsck() == []


# A stranger's record


def test_a_strangers_record_opens_nothing_and_closes(world: ExchangeWorld, tmp_path: Path) -> None:
    """Two focal points of the SPT record a letter for the national body: the CPT's report stays closed, its denial counts."""
    report = registered(world, tmp_path, recipients=["npm-xa", "un-spt"])
    dina, chen = world.officers("npm-xa")[0], world.officers("un-spt")[0]
    spt = world.officers("un-spt")[:2]
    granted(world, instrument("XA", [permit("npm-xa")]), *spt)
    assert ask(report, dina, report.parts[0]).status_code == 404
    mine = granted(world, instrument("XA", [permit("npm-xa", "un-spt")]))
    assert ask(report, dina, report.parts[0]).status_code == 200
    granted(world, instrument("XA", [permit("npm-xa")], supersedes=[mine.name], amends=[]), *spt)
    assert ask(report, dina, report.parts[0]).status_code == 200
    granted(world, instrument("XA", [deny("npm-xa")]), *spt)
    assert ask(report, dina, report.parts[0]).status_code == 404
    assert ask(report, chen, report.parts[0]).status_code == 200


def test_the_states_own_word_opens_what_strangers_cannot(world: ExchangeWorld, tmp_path: Path) -> None:
    """Recorded by whoever: once the State's authority confirms it, it is the State's."""
    report = registered(world, tmp_path, recipients=["npm-xa", "un-spt"])
    dina = world.officers("npm-xa")[0]
    first = world.officers("un-spt")[0]
    made = recorded(world, instrument("XA", [permit("npm-xa")]), first)
    assert made.say("granted", world.officers("state:XA")[0]).status_code == 201
    assert ask(report, dina, report.parts[0]).status_code == 200


# Who is shown it


def test_who_is_shown_an_instrument(world: ExchangeWorld) -> None:
    """The body that recorded it and its State; to everybody else it is like none, also in lists and by State."""
    made = granted(world, instrument("XA", [SPT]))
    shown_to = {"coe-cpt": 200, "state:XA": 200, "un-spt": 404, "npm-xa": 404, "audit-cpt": 404}
    for body, status in shown_to.items():
        person = world.officers(body)[0]
        assert world.get(person, f"/consents/{made.name}").status_code == status
        listed = world.get(person, "/consents?state=XA").json["instruments"]
        assert [item["instrument"] for item in listed] == ([made.name] if status == 200 else [])
    chen = world.officers("un-spt")[0]
    assert world.get(chen, f"/consents/{made.name}").data == world.get(chen, f"/consents/{b64u(bytes(16))}").data
    assert world.get(world.officers("coe-cpt")[0], "/consents?state=XB").json == {"instruments": []}
    assert world.get(world.officers("coe-cpt")[0], "/consents?state=xa").status_code == 422


def test_an_instrument_is_shown_with_statements_and_tickets(world: ExchangeWorld) -> None:
    """Each event's statement as signed, and a ticket that rebuilds its leaf."""
    from exchange.logs.services import Logs
    from keys.encoding import unb64u

    made = granted(world, instrument("XA", [SPT]))
    shown = world.get(world.officers("coe-cpt")[0], f"/consents/{made.name}").json
    assert [item["statement"] for item in shown["statements"]] == [made.record.text.decode(), made.last.text.decode()]
    with world.database.unit_of_work() as uow:
        for item in shown["statements"]:
            ticket = Ticket.from_json(item["ticket"])
            leaf = world.services.get(Logs).leaves(uow, "audit", ticket.index, ticket.index + 1)[0]
            assert ticket.leaf(unb64u(item["hash"])) == leaf
    assert [event["type"] for event in shown["events"]] == ["recorded", "granted"]
    assert shown["terms"]["reference"] == "NV 7/2026"
