"""Every step of release and consent fails before and after its write: entry and answer, or neither; the same again completes.

The order of withdrawal and release is tested here too: no release has an index above an acknowledged withdrawal's.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange.db import Database, OutcomeUnknownError
from exchange.logs.faults import Faults
from exchange.web.services import Clock
from keys.encoding import b64u
from tests.web.access_maker import (
    ask,
    check_permit,
    granted,
    instrument,
    permit,
    recorded,
    signed_receipt,
    signed_record,
    signed_request,
)
from tests.web.exchange_world import API, ExchangeWorld
from tests.web.report_maker import Made, registered
from tests.web.support import StillClock, make_config

PERMIT = "access:release:permit"
WITHHOLD = "access:release:withhold"

LOG_STEPS = (
    "audit.record.before-leaf",
    "logs.append.before-leaf",
    "logs.append.before-nodes",
    "logs.append.before-head",
    "logs.append.after-head",
    "audit.record.before-views",
    "audit.record.after-views",
)
RELEASE_STEPS = ("access.release.before-entry", *LOG_STEPS, "access.release.after-entry")
CONSENT_STEPS = (
    "consents.take.before-rows",
    "consents.take.after-rows",
    "consents.take.after-head",
    *LOG_STEPS,
    "audit.store.before-statement",
    "audit.store.after-statement",
    "consents.take.after-entry",
)


class Falls(Faults):
    """Raises at one point once it is armed, and notes every point that was passed."""

    def __init__(self) -> None:
        self.point: str | None = None
        self.passed: list[str] = []

    def at(self, point: str) -> None:
        self.passed.append(point)
        if point == self.point:
            self.point = None
            raise OSError(point)


@pytest.fixture
def falls() -> Falls:
    """The faults of `world`."""
    return Falls()


@pytest.fixture
def world(tmp_path: Path, falls: Falls) -> Iterator[ExchangeWorld]:
    """A founded exchange."""
    made = ExchangeWorld(tmp_path / "world", {Faults: falls})
    yield made
    made.close()


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report that the SPT may open."""
    report = registered(world, tmp_path)
    granted(world, instrument("XA", [permit("un-spt")]))
    return report


def entries(world: ExchangeWorld, act: str) -> int:
    """How many entries of an act the CPT's audit office reads."""
    reading = world.read("audit-cpt")
    assert reading.findings == []
    return sum(record.act.tag == act for record in reading.records)


def test_the_tables_name_every_point(made: Made, falls: Falls) -> None:
    """A release and a consent pass exactly the points the tests below fail at: none is forgotten."""
    world = made.world
    chen = world.officers("un-spt")[0]
    world.token(chen)
    falls.passed.clear()
    assert ask(made, chen, made.parts[0]).status_code == 200
    assert set(falls.passed) == {*RELEASE_STEPS, "access.release.after-commit"}
    anna = world.officers("coe-cpt")[0]
    world.token(anna)
    falls.passed.clear()
    assert world.say(anna, signed_record(world, instrument("XA", [permit("npm-xa")]), anna)).status_code == 201
    assert set(falls.passed) == set(CONSENT_STEPS)


@pytest.mark.parametrize("permitted", [True, False])
def test_a_release_that_falls_leaves_nothing(made: Made, falls: Falls, permitted: bool) -> None:
    """At each point: no entry, no answer, no envelope; the same request again is answered, with one entry."""
    world, chen, part = made.world, made.world.officers("un-spt")[0], made.parts[0]
    act = PERMIT if permitted else WITHHOLD
    world.token(chen)
    for number, point in enumerate(RELEASE_STEPS):
        request = signed_request(made, chen, part, purpose="follow_up" if permitted else "complaint_handling")
        size = world.size()
        falls.point = point
        answer = ask(made, chen, part, statement=request)
        assert (answer.status_code, answer.json["code"]) == (500, "internal"), point
        assert falls.point is None and "envelope" not in answer.json
        assert world.size() == size and entries(world, act) == number
        again = ask(made, chen, part, statement=request)
        assert again.status_code == (200 if permitted else 404)
        assert entries(world, act) == number + 1
    assert world.fsck() == []


def test_a_fall_after_the_commit_leaves_the_entry_alone(made: Made, falls: Falls) -> None:
    """The entry stands, nothing left; the client asks again and is answered with another."""
    world, chen, part = made.world, made.world.officers("un-spt")[0], made.parts[0]
    request = signed_request(made, chen, part)
    falls.point = "access.release.after-commit"
    assert ask(made, chen, part, statement=request).status_code == 500
    assert entries(world, PERMIT) == 1
    check_permit(made, chen, part, ask(made, chen, part, statement=request))
    assert entries(world, PERMIT) == 2
    assert world.fsck() == []


class Uncertain(Database):
    """A database whose next writing commit fails once it is armed, having happened or not."""

    armed: bool | None = None

    def _commit(self, connection: Any) -> None:
        happened = self.armed
        if not self.is_writing or happened is None:
            return super()._commit(connection)
        self.armed = None
        if happened:
            super()._commit(connection)
        raise OutcomeUnknownError("the outcome of a commit is not known")


@pytest.mark.parametrize("happened", [True, False])
def test_a_commit_of_unknown_outcome_gives_no_envelope(tmp_path: Path, happened: bool) -> None:
    """503, whether it happened or not; after it the log goes on under new chains, and the same request is answered."""
    folder = tmp_path / "world"
    clock = StillClock()
    database = Uncertain(make_config(folder).database_url, clock.now)
    world = ExchangeWorld(folder, {Database: database, Clock: clock})
    world.clock, clock.moment = clock, world.clock.moment
    made = registered(world, tmp_path)
    granted(world, instrument("XA", [permit("un-spt")]))
    chen, part = world.officers("un-spt")[0], made.parts[0]
    request = signed_request(made, chen, part)
    world.token(chen)
    database.armed = happened
    answer = ask(made, chen, part, statement=request)
    assert (answer.status_code, answer.json["code"]) == (503, "outcome_unknown")
    assert entries(world, PERMIT) == (1 if happened else 0)
    check_permit(made, chen, part, ask(made, chen, part, statement=request))
    assert entries(world, PERMIT) == (2 if happened else 1)
    assert world.fsck() == []
    world.close()


@pytest.mark.parametrize("event", ["recorded", "withdrawn"])
def test_an_event_of_the_register_that_falls_leaves_nothing(made: Made, falls: Falls, event: str) -> None:
    """At each point: no row, no version, no entry; the same statement again is taken, once."""
    world, anna = made.world, made.officer
    act = "consents:instrument:record" if event == "recorded" else "consents:instrument:withdraw"
    for point in CONSENT_STEPS:
        if event == "recorded":
            statement = signed_record(world, instrument("XA", [permit("npm-xa")]), anna)
        else:
            statement = granted(world, instrument("XA", [permit("npm-xa")])).next("withdrawn", anna)
        before, size = entries(world, act), world.size()
        falls.point = point
        assert world.say(anna, statement).status_code == 500, point
        assert falls.point is None and world.size() == size
        taken = world.say(anna, statement)
        assert taken.status_code == 201
        again = world.say(anna, statement)
        assert (again.status_code, again.json["ticket"]) == (200, taken.json["ticket"])
        assert again.json["head"] == taken.json["head"]
        assert entries(world, act) == before + 1
    assert world.fsck() == []


def test_a_receipt_that_falls_is_sent_again(made: Made, falls: Falls) -> None:
    """Nothing stays of the first attempt."""
    world, chen, part = made.world, made.world.officers("un-spt")[0], made.parts[0]
    request = signed_request(made, chen, part)
    receipt = signed_receipt(made, chen, part, request, ask(made, chen, part, statement=request).json)
    for point in LOG_STEPS:
        falls.point = point
        assert world.say(chen, receipt).status_code == 500
    assert entries(world, "access:receipt:record") == 0
    assert world.say(chen, receipt).status_code == 201
    assert entries(world, "access:receipt:record") == 1
    assert world.fsck() == []


def test_a_next_process_goes_on(made: Made, falls: Falls) -> None:
    """After a fall in the middle a new process finds a sound instance and releases under chains of its own."""
    world, chen, part = made.world, made.world.officers("un-spt")[0], made.parts[0]
    world.token(chen)
    falls.point = "audit.record.after-views"
    assert ask(made, chen, part).status_code == 500
    world.close()
    world.open()
    check_permit(made, chen, part, ask(made, chen, part))
    assert entries(world, PERMIT) == 1
    assert world.fsck() == []


def test_no_release_stands_after_an_acknowledged_withdrawal(world: ExchangeWorld, tmp_path: Path) -> None:
    """Eight threads ask while a ninth withdraws: by the log's index every permit comes before, every later one is refused."""
    report = registered(world, tmp_path)
    agreed = granted(world, instrument("XA", [permit("un-spt")]))
    chen, anna = world.officers("un-spt")[0], world.officers("coe-cpt")[0]
    withdrawal = agreed.next("withdrawn", anna)
    headers = {person.id: world.token(person) for person in (chen, anna)}
    part = report.parts[0]
    path = f"{API}/reports/{report.report}/parts/{b64u(part)}/release"
    answers: list[Any] = []
    acknowledged: list[Any] = []
    began = threading.Barrier(9)

    def read() -> None:
        client = world.app.test_client()
        began.wait()
        for _ in range(4):
            seen = bool(acknowledged)
            body = {"statement": signed_request(report, chen, part).text.decode(), "audit_size": 0}
            answer = client.post(path, json=body, headers=headers[chen.id], base_url="http://localhost:8443")
            answers.append((seen, answer))

    def withdraw() -> None:
        client = world.app.test_client()
        began.wait()
        body = {"statement": withdrawal.text.decode(), "beside": {}}
        answer = client.post(f"{API}/statements", json=body, headers=headers[anna.id], base_url="http://localhost:8443")
        acknowledged.append(answer)

    threads = [threading.Thread(target=read) for _ in range(8)] + [threading.Thread(target=withdraw)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert acknowledged[0].status_code == 201
    last = acknowledged[0].json["ticket"]["index"]
    assert {answer.status_code for _, answer in answers} <= {200, 404}
    assert all(answer.json["index"] < last for _, answer in answers if answer.status_code == 200)
    assert all(answer.status_code == 404 for seen, answer in answers if seen)
    reading = world.read("audit-cpt")
    assert reading.findings == []
    permits = [record.index for record in reading.records if record.act.tag == PERMIT]
    assert sorted(permits) == sorted(a.json["index"] for _, a in answers if a.status_code == 200)
    assert world.fsck() == []


def test_two_confirmations_at_once_are_one(world: ExchangeWorld) -> None:
    """Two officers confirm the same record in the same moment: one stands, the other is told that it does already."""
    made = recorded(world, instrument("XA", [permit("un-spt")]), world.officers("coe-cpt")[0])
    berta = world.officers("coe-cpt")[1]
    authority = world.officers("state:XA")[0]
    headers = {person.id: world.token(person) for person in (berta, authority)}
    statements = {berta.id: made.next("granted", berta), authority.id: made.next("granted", authority, reason="ours")}
    codes: list[int] = []

    def confirm(person_id: str) -> None:
        client = world.app.test_client()
        body = {"statement": statements[person_id].text.decode(), "beside": {}}
        answer = client.post(f"{API}/statements", json=body, headers=headers[person_id], base_url="http://localhost:8443")
        codes.append(answer.status_code)

    threads = [threading.Thread(target=confirm, args=(name,)) for name in statements]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [201, 409]
    assert world.fsck() == []
