"""What is signed about a report later: one officer stops, two open; a stranger learns nothing of a report."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.audit.statements import Statements
from exchange.reports.errors import (
    BesideError,
    GrantBodiesError,
    PartUnknownError,
    RecipientExistsError,
    RecipientNotPermittedError,
    StaleEpochError,
    StaleLockKeyError,
    StopEndedError,
)
from exchange.reports.facts import DocumentFacts
from exchange.reports.queries import Reports
from exchange.sealing.errors import EnvelopeError
from exchange.statements import grant as grants
from exchange.statements.errors import OtherSubjectError, TooManySignersError, WrongSignerError
from exchange.web.errors import ClockOffError, NotAvailableError
from keys.custody import LockKey
from keys.encoding import b64u
from keys.errors import UnknownVersionError
from keys.statement import Statement, new
from tests.unit.keys.directory_builder import Person, seed
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import (
    Made,
    handle,
    registered,
    signed_determination,
    signed_grant,
    signed_lift,
    signed_stop,
)


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """The CPT's report for the SPT, of one part on XA."""
    return registered(world, tmp_path)


@pytest.fixture
def officers(world: ExchangeWorld) -> list[Person]:
    """Two officers of the CPT."""
    return world.officers("coe-cpt")


def facts(made: Made) -> DocumentFacts:
    """The report's facts now."""
    with made.world.database.unit_of_work() as uow:
        return made.world.services.get(Reports).document_facts(uow, made.report)


def recorded(made: Made, *signers: Person, **values: Any) -> bytes:
    """Record a determination by these officers and return its hash."""
    statement = signed_determination(made, values.pop("fact"), values.pop("value"), *signers, **values)
    handled = handle(made.world, signers[0], statement)
    assert handled.stored is not None
    return handled.stored.hash


# Stop and lift


def test_one_officer_stops_and_two_lift(made: Made, officers: list[Person]) -> None:
    """A stop acts at once; one signature under a lift changes nothing; the second ends it. Each leaves its entry."""
    anna, boris = officers[:2]
    stop = signed_stop(made, anna)
    handled = handle(made.world, anna, stop)
    assert (handled.status, facts(made).document.stopped) == (201, True)
    lift = signed_lift(made, stop, anna)
    waiting = handle(made.world, anna, lift)
    assert (waiting.status, waiting.to_json()) == (202, {"pending": b64u(lift.hash), "needs": 1})
    assert facts(made).document.stopped
    made.world.clock.moment += timedelta(days=3)
    done = handle(made.world, boris, Statement(lift.typ, lift.payload).signed_by(boris.sign))
    assert (done.status, facts(made).document.stopped) == (201, False)
    assert done.stored is not None
    assert done.stored.statement.kids == {anna.sign.key_id, boris.sign.key_id}
    assert [act for act in made.world.acts("coe-cpt") if act.startswith("reports:report:")][-2:] == [
        "reports:report:stop",
        "reports:report:lift",
    ]
    assert {stop.hash, lift.hash} <= set(facts(made).basis)


def test_the_same_signature_twice_is_one_person(made: Made, officers: list[Person]) -> None:
    """The first signer again does not complete a lift."""
    stop = signed_stop(made, officers[0])
    handle(made.world, officers[0], stop)
    lift = signed_lift(made, stop, officers[0])
    assert [handle(made.world, officers[0], lift).status for _ in range(3)] == [202] * 3


def test_statements_twice(made: Made, officers: list[Person]) -> None:
    """The same stop again gets the first answer and no second entry."""
    stop = signed_stop(made, officers[0])
    first = handle(made.world, officers[0], stop)
    again = handle(made.world, officers[1], stop)
    assert (again.status, again.stored) == (200, first.stored)
    assert made.world.acts("coe-cpt").count("reports:report:stop") == 1


def test_every_stop_is_lifted_by_itself(made: Made, officers: list[Person]) -> None:
    """Two officers stop; the lift of one stop leaves the other; a stop is lifted once."""
    anna, boris = officers[:2]
    stops = [signed_stop(made, who) for who in (anna, boris)]
    for stop, who in zip(stops, (anna, boris), strict=True):
        handle(made.world, who, stop)
    handle(made.world, anna, signed_lift(made, stops[0], anna, boris))
    assert facts(made).document.stopped
    with pytest.raises(StopEndedError):
        handle(made.world, anna, signed_lift(made, stops[0], anna, boris))
    handle(made.world, anna, signed_lift(made, stops[1], anna, boris))
    assert not facts(made).document.stopped


def test_stops_that_do_not_count(made: Made, officers: list[Person]) -> None:
    """Two signers, another header, a clock far off, something beside it: refused, and the report goes on."""
    anna, boris = officers[:2]
    cases: list[tuple[Statement, dict[str, Any], type[Exception]]] = [
        (signed_stop(made, anna, boris), {}, TooManySignersError),
        (signed_stop(made, anna, header=bytes(32)), {}, OtherSubjectError),
        (signed_stop(made, made.world.officers("un-spt")[0]), {}, WrongSignerError),
        (signed_stop(made, anna), {"more": 1}, BesideError),
    ]
    late = signed_stop(made, anna)
    for statement, beside, error in cases:
        with pytest.raises(error):
            handle(made.world, anna, statement, beside)
    made.world.clock.moment += timedelta(minutes=6)
    with pytest.raises(ClockOffError):
        handle(made.world, anna, late)
    assert not facts(made).document.stopped


def test_a_stranger_learns_nothing(made: Made, officers: list[Person]) -> None:
    """To a recipient, a report that is not its own answers as one that does not exist, whatever is asked of it."""
    spt = made.world.officers("un-spt")
    stop = signed_stop(made, officers[0])
    handle(made.world, officers[0], stop)
    grant, beside = signed_grant(made, "npm-xa", spt[0])
    asked = [
        (signed_stop(made, spt[0]), {}),
        (signed_stop(made, spt[0], report="11111111-2222-4333-8444-555555555555"), {}),
        (stop, {}),
        (signed_lift(made, stop, *spt), {}),
        (grant, beside),
        (signed_determination(made, "publication", True, *spt), {}),
    ]
    messages = set()
    for statement, given in asked:
        with pytest.raises(NotAvailableError) as caught:
            handle(made.world, spt[0], statement, given)
        messages.add(str(caught.value))
    assert len(messages) == 1


def test_another_label(made: Made, officers: list[Person]) -> None:
    """A label this room does not handle is an error, never skipped."""
    with pytest.raises(UnknownVersionError):
        handle(made.world, officers[0], new("exchange/rewrap/v1", {}).signed_by(officers[0].sign))


# Grant


def test_a_grant_takes_two(made: Made, officers: list[Person]) -> None:
    """One officer's grant is pending with its envelopes; the second officer needs to send nothing but a signature."""
    anna, boris = officers[:2]
    grant, beside = signed_grant(made, "npm-xa", anna)
    assert handle(made.world, anna, grant, beside).status == 202
    reports, statements = made.world.services.get(Reports), made.world.services.get(Statements)
    with made.world.database.unit_of_work() as uow:
        assert reports.envelope_for(uow, made.report, made.parts[0], "npm-xa") is None
        assert [each.hash for each in statements.pending_of(uow, "coe-cpt")] == [grant.hash]
    assert facts(made).decisions_for("npm-xa") == ()
    assert handle(made.world, boris, grant.signed_by(boris.sign)).status == 201
    with made.world.database.unit_of_work() as uow:
        kept = reports.envelope_for(uow, made.report, made.parts[0], "npm-xa")
        assert statements.pending_of(uow, "coe-cpt") == []
        assert [each.hash for each in reports.grants(uow, made.report, "npm-xa")] == [grant.hash]
        assert reports.grants(uow, made.report, "un-spt") == []
    assert kept is not None
    assert kept.statement == grant.hash
    assert len(reports.unlock(kept)) == 1_168
    (permit,) = facts(made).decisions_for("npm-xa")
    assert (permit.effect, permit.actions, permit.ref) == ("permit", ("view", "download"), b64u(grant.hash))
    assert facts(made).document.addressed_to == ("npm-xa", "un-spt")
    assert made.world.read("coe-cpt").last("reports:report:grant").fields["recipients"] == 1
    assert made.world.fsck() == []


def test_grants_that_are_refused(made: Made, officers: list[Person]) -> None:
    """A body that has the envelope, a part that is not there, an audit office, a State for an alert, envelopes that are
    missing, foreign, exchanged or under another lock."""
    anna, boris = officers[:2]
    world = made.world
    good, beside = signed_grant(made, "npm-xa", anna, boris)
    first = next(iter(beside["envelopes"]))
    wire = beside["envelopes"][first]
    other, others = signed_grant(made, "state:XA", anna, boris)
    foreign = next(iter(others["envelopes"].values()))
    locked, under = signed_grant(made, "npm-xa", anna, boris, lock=LockKey(seed("another lock")).public)
    again, exists = signed_grant(made, "un-spt", anna, boris)
    office, given = signed_grant(made, "audit-un", anna, boris)
    cases: list[tuple[Statement, Any, type[Exception]]] = [
        (again, exists, RecipientExistsError),
        (office, given, RecipientNotPermittedError),
        (good, {}, BesideError),
        (good, {"envelopes": {}}, BesideError),
        (good, {"envelopes": {first: "AAAA"}}, BesideError),
        (good, {"envelopes": {first: wire, b64u(bytes(32)): wire}}, BesideError),
        (good, {**beside, "more": 1}, BesideError),
        (good, {"envelopes": {first: foreign}}, EnvelopeError),
        (locked, under, StaleLockKeyError),
    ]
    for statement, what, error in cases:
        with pytest.raises(error):
            handle(world, anna, statement, what)
    assert handle(world, anna, good, beside).status == 201
    assert handle(world, anna, other, others).status == 201


def test_a_grant_for_several_bodies(made: Made, officers: list[Person]) -> None:
    """Whoever is named in a grant may read it, so it names one body alone."""
    anna, boris = officers[:2]
    one, beside = signed_grant(made, "npm-xa", anna, boris)
    other, others = signed_grant(made, "state:XA", anna, boris)
    values = grants.read(one)
    both = replace(values, recipients=(*values.recipients, *grants.read(other).recipients))
    statement = grants.build(both).signed_by(anna.sign).signed_by(boris.sign)
    with pytest.raises(GrantBodiesError):
        handle(made.world, anna, statement, {"envelopes": {**beside["envelopes"], **others["envelopes"]}})


def test_a_grant_of_a_part_of_another_report(world: ExchangeWorld, made: Made, tmp_path: Path) -> None:
    """A grant that names this report and another one's part."""
    anna, boris = world.officers("coe-cpt")[:2]
    other = registered(world, tmp_path)
    grant, beside = signed_grant(other, "npm-xa", anna, boris, report=made.report, header=made.header.hash)
    with pytest.raises(PartUnknownError):
        handle(world, anna, grant, beside)


def test_an_epoch_changes_while_a_grant_waits(made: Made, officers: list[Person]) -> None:
    """What was right for the first signer is stale for the second: it is made anew."""
    anna, boris = officers[:2]
    grant, beside = signed_grant(made, "npm-xa", anna)
    assert handle(made.world, anna, grant, beside).status == 202
    made.world.submit(made.world.founding.epoch("npm-xa"))
    with pytest.raises(StaleEpochError):
        handle(made.world, boris, grant.signed_by(boris.sign))
    renewed, beside = signed_grant(made, "npm-xa", anna, boris)
    assert handle(made.world, anna, renewed, beside).status == 201


def test_a_recipients_next_epoch(made: Made, officers: list[Person]) -> None:
    """After its key rotated a body may be granted the part again, and the newest envelope is the one it is given."""
    anna, boris = officers[:2]
    made.world.submit(made.world.founding.epoch("un-spt"))
    grant, beside = signed_grant(made, "un-spt", anna, boris)
    assert handle(made.world, anna, grant, beside).status == 201
    with made.world.database.unit_of_work() as uow:
        kept = made.world.services.get(Reports).envelope_for(uow, made.report, made.parts[0], "un-spt")
    assert kept is not None
    assert (kept.epoch, kept.statement) == (2, grant.hash)
    assert made.world.fsck() == []


def test_grants_of_an_alert(world: ExchangeWorld, tmp_path: Path) -> None:
    """An allegation of reprisals is granted to no State."""
    anna, boris = world.officers("coe-cpt")[:2]
    alert = registered(world, tmp_path, tier="alert", kind="reprisals_allegation")
    grant, beside = signed_grant(alert, "state:XA", anna, boris)
    with pytest.raises(RecipientNotPermittedError):
        handle(world, anna, grant, beside)
