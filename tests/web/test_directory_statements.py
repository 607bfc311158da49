"""The directory over HTTP: what clients replay, and statements that are appended all or nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange.db import Database
from exchange.directory.feature import Founder
from exchange.directory.services import Directories
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.logs.services import Logs
from exchange.tables import METADATA
from exchange.transparency.log_keys import LogPublicKeys
from exchange.transparency.merkle import TreeHead
from exchange.transparency.proof import ConsistencyProof
from keys import custody_file
from keys.directory_officers import PrivateMandate
from keys.encoding import b64u, parse_time, unb64u
from keys.replay import LoggedLeaf, replay
from keys.statement import Statement
from tests.unit.keys.directory_builder import Founding
from tests.web.exchange_world import API, ExchangeWorld, _Opened, custody_of
from tests.web.support import ask_token, make_assertion


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ExchangeWorld]:
    """A founded exchange."""
    made = ExchangeWorld(tmp_path)
    yield made
    made.close()


def post(world: ExchangeWorld, person: Any, *statements: Statement) -> Any:
    """Post a submission as its client would."""
    data = world.founding.submission(*statements).to_json()
    headers = {**world.token(person), "Content-Type": "application/json"}
    return world.client.post(f"{API}/directory/statements", data=data, headers=headers)


def enrolment(world: ExchangeWorld, organisation: str = "coe-cpt") -> tuple[Any, Statement]:
    """A new person, and the enrolment that they and a focal point signed."""
    person = world.founding.person(organisation)
    by = world.founding.focal_points(organisation)[0]
    return person, world.founding.enrolment(person).signed_by(person.sign).signed_by(by.sign)


def test_a_client_replays_what_the_server_gives(world: ExchangeWorld) -> None:
    """Statements, key bytes and logged times make the same directory, whose head the signed checkpoint shows."""
    anna = world.officers("coe-cpt")[0]
    answer = world.get(anna, "/directory").json
    keys = {unb64u(kid): unb64u(public) for kid, public in answer["keys"].items()}
    leaves = [LoggedLeaf(entry["text"].encode(), parse_time(entry["time"])) for entry in answer["entries"]]
    found = replay(leaves, keys.get, world.clock.now())
    log = world.founding.directory.log("directory")
    signed = LogPublicKeys.parse(log.ed25519, log.mldsa44).verify(answer["checkpoint"].encode())
    assert signed.checkpoint.head == TreeHead(found.size, found.log_root)
    assert found.root == world.founding.directory.root
    assert [body.id for body in found.organisations] == [body.id for body in world.founding.directory.organisations]


def test_a_sync_goes_on_where_it_ended(world: ExchangeWorld) -> None:
    """From a size on: only what is new, proven to continue what was verified."""
    anna = world.officers("coe-cpt")[0]
    before = world.get(anna, "/directory").json
    person, statement = enrolment(world)
    assert post(world, anna, statement).status_code == 201
    after = world.get(anna, f"/directory?from={before['size']}").json
    assert [entry["text"] for entry in after["entries"]] == [statement.text.decode()]
    assert set(after["keys"]) >= {b64u(kid) for kid in person.public}
    log = world.founding.directory.log("directory")
    verify = LogPublicKeys.parse(log.ed25519, log.mldsa44).verify
    heads = [verify(answer["checkpoint"].encode()).checkpoint.head for answer in (before, after)]
    proof = ConsistencyProof(before["size"], after["size"], tuple(unb64u(item) for item in after["consistency"]))
    proof.verify(heads[0].root, heads[1].root)


def test_a_client_that_knows_more_is_told(world: ExchangeWorld) -> None:
    """A server that was put back does not pretend: 409, and the client can raise the alarm."""
    answer = world.get(world.officers("coe-cpt")[0], "/directory?from=1000")
    assert (answer.status_code, answer.json["code"]) == (409, "directory_range")


def test_the_same_statement_again_gets_the_first_answer(world: ExchangeWorld) -> None:
    """A line that broke after the commit costs nothing: no second leaf, no second entry."""
    anna = world.officers("coe-cpt")[0]
    _, statement = enrolment(world)
    first = post(world, anna, statement)
    sizes = world.size("directory"), world.size()
    again = post(world, anna, statement)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["entries"] == again.json["entries"] == [{"hash": b64u(statement.hash), "index": 20}]
    assert (world.size("directory"), world.size()) == sizes


def test_each_statement_has_its_entry(world: ExchangeWorld) -> None:
    """The body concerned and its office read who submitted which statement, signatures included."""
    anna = world.officers("coe-cpt")[0]
    _, statement = enrolment(world, "npm-xa")
    assert post(world, anna, statement).status_code == 201
    record = world.read("npm-xa").last("directory:statement:accept")
    assert record.fields["statement"] == b64u(statement.hash)
    assert (record.fields["actor"], record.fields["body"], record.fields["owner"]) == (anna.id, "coe-cpt", "npm-xa")
    assert record.signatures == tuple(signature.value for signature in statement.signatures)
    assert world.read("audit-cpt").findings == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ("unsigned", 409, "signers_missing"),
        ("stale", 409, "broken_chain"),
        ("keyless", 422, "key_missing"),
        ("old", 422, "statement_time"),
        ("second-bad", 409, "signers_missing"),
    ],
)
def test_what_is_refused_leaves_nothing(world: ExchangeWorld, change: str, status: int, code: str) -> None:
    """A missing signer, a wrong link, missing bytes, a wrong time, a bad second statement: typed, and nothing stays."""
    anna = world.officers("coe-cpt")[0]
    world.token(anna)
    person, statement = enrolment(world)
    batch: tuple[Statement, ...] = (statement,)
    if change == "unsigned":
        batch = (world.founding.enrolment(person).signed_by(person.sign),)
    elif change == "stale":
        stale = world.founding.epoch("coe-cpt", submit=False)
        world.submit(world.founding.epoch("coe-cpt"))
        batch = (stale,)
    elif change == "old":
        world.clock.forward(8 * 86_400)
        world.founding.now = world.clock.now()
    elif change == "second-bad":
        other = world.founding.person("coe-cpt")
        batch = (statement, world.founding.enrolment(other).signed_by(other.sign))
    headers = {**world.token(anna), "Content-Type": "application/json"}
    sizes = world.size("directory"), world.size()
    submission = world.founding.submission(*batch)
    if change == "keyless":
        submission = type(submission)(statements=submission.statements)
    answer = world.client.post(f"{API}/directory/statements", data=submission.to_json(), headers=headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert (world.size("directory"), world.size()) == sizes
    assert world.get(anna, "/directory").json["size"] == sizes[0]
    assert world.fsck() == []


def test_who_leaves_is_out_at_once(world: ExchangeWorld) -> None:
    """From the leave on no token of theirs is good, and the body's next epoch stands in the same act."""
    anna, berta = world.officers("coe-cpt")
    token = world.token(berta)
    batch = world.founding.leave(berta, size=world.size(), signers=[anna], submit=False)
    assert post(world, anna, *batch).status_code == 201
    assert world.client.get(f"{API}/account", headers=token).status_code == 401
    seats = world.get(anna, "/account/seats").json["seats"]
    assert [seat["epoch"] for seat in seats] == [1, 2]


@pytest.mark.parametrize("size", [1, 10_000])
def test_an_end_that_the_log_does_not_bear_out_is_refused(world: ExchangeWorld, size: int) -> None:
    """A leave may not take back what its officer signed, nor name a state of the log that never was."""
    anna, berta = world.officers("coe-cpt")
    if size == 1:
        with world.database.unit_of_work(write=True) as uow:
            from tests.web.directory_marks import keep_signed_by

            keep_signed_by(uow, world.services, berta)
    batch = world.founding.leave(berta, size=size, signers=[anna], submit=False)
    answer = post(world, anna, *batch)
    assert answer.json["code"] == ("key_still_used" if size == 1 else "ended_at_unknown")
    assert world.get(berta, "/account").status_code == 200


def test_a_mandate_out_of_force_closes_the_door(world: ExchangeWorld) -> None:
    """Outside the period of their mandate an officer gets nothing, and within it everything."""
    anna, berta = world.officers("coe-cpt")
    ends = world.founding.now.replace(hour=12)
    half = PrivateMandate("member", clearance=2, excluded_states=("XA",))
    world.submit(world.founding.mandate(berta, focal_point=True, valid_to=ends, private=half, signers=[anna]))
    assert world.get(berta, "/account").status_code == 200
    token = world.token(berta)
    world.clock.moment = ends
    assert world.client.get(f"{API}/account", headers=token).status_code == 401


def test_a_body_reads_its_own_members_alone(world: ExchangeWorld) -> None:
    """Seats, mandates and profiles are given to the body's own officers; another's are like no body at all."""
    anna, berta = world.officers("coe-cpt")
    world.submit(world.founding.mandate(berta, focal_point=True, private=PrivateMandate("member", 1), signers=[anna]))
    own = world.get(anna, "/organisations/coe-cpt/members").json
    assert {seat["officer"] for seat in own["seats"]} == {anna.id, berta.id}
    assert [half["body"] for half in own["mandates"]] == [PrivateMandate("member", 1).spelling.decode()]
    other, none = (world.get(anna, f"/organisations/{name}/members") for name in ("un-spt", "nobody-at-all"))
    assert (other.status_code, other.data) == (404, none.data)


def test_the_instance_is_shown_to_anyone(world: ExchangeWorld) -> None:
    """Without a token: its name, exchange, keys, sizes in public, clock; and that no independent verifier looked."""
    shown = world.client.get(f"{API}/instance").json
    assert shown["exchange"] == b64u(world.founding.directory.exchange)
    assert (shown["instance"], shown["witnessed"]) == ("exchange.example", False)
    assert shown["lock_key"]["id"] == b64u(world.founding.lock.key_id)
    assert shown["sizes"]["directory"] == 20 and shown["sizes"]["audit"] % 16 == 0


def test_a_stranger_without_a_key_gets_no_token(world: ExchangeWorld) -> None:
    """An id that is none, and one that nobody has, are refused alike."""
    from tests.web.support import FakeOfficer

    anna = world.officers("coe-cpt")[0]
    answers = []
    for name in ("not an id", b64u(bytes(16))):
        fake = FakeOfficer("coe-cpt", name, anna.sign)
        answers.append(ask_token(world.client, make_assertion(fake, world.clock.now(), jti="j" * 32)))
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].data == answers[1].data


def unfounded(folder: Path, founding: Founding) -> _Opened:
    """A prepared instance whose keys are those of `founding`, before `flask init`."""
    opened = _Opened(folder, founding)
    custody_file.create(opened.config.custody_file, custody_of(founding))
    database = Database(opened.config.database_url, opened.clock.now)
    METADATA.create_all(database.engine)
    database.dispose()
    opened.open()
    return opened


def test_founding_happens_once_and_for_these_keys(tmp_path: Path) -> None:
    """Before: 503. A root for another instance is refused; the right one stands; again the same; another never."""
    from exchange.directory.errors import AlreadyFoundedError, RootMismatchError

    founding = Founding()
    opened = unfounded(tmp_path, founding)
    assert opened.client.get(f"{API}/instance").json["exchange"] is None
    founder = Founder(opened.database, opened.services.get(Directories))
    foreign = Founding("other.example")
    with pytest.raises(RootMismatchError):
        founder.found(foreign.submission(foreign.statements[0]).to_json())
    root = founding.submission(founding.statements[0]).to_json()
    assert founder.found(root) == founder.found(root + b"\n") == b64u(founding.statements[0].hash)
    with pytest.raises(AlreadyFoundedError):
        founder.found(foreign.submission(foreign.statements[0]).to_json())
    assert opened.client.get(f"{API}/instance").json["exchange"] == b64u(founding.statements[0].hash)
    opened.close()


class Falls(Faults):
    """Fails at one point."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.on = False

    def at(self, point: str) -> None:
        if self.on and point == self.point:
            raise OSError(point)


@pytest.mark.parametrize(
    "point", ["directory.submit.before-beside", "directory.submit.after-beside", "directory.submit.after-entries"]
)
def test_a_fall_in_the_middle_leaves_nothing_and_the_same_again_completes(tmp_path: Path, point: str) -> None:
    """What a rolled-back unit had appended is not remembered, and another statement can take its place."""
    falls = Falls(point)
    world = ExchangeWorld(tmp_path, {Faults: falls})
    anna = world.officers("coe-cpt")[0]
    world.token(anna)
    sizes = world.size("directory"), world.size()
    _, first = enrolment(world)
    falls.on = True
    assert post(world, anna, first).status_code == 500
    falls.on = False
    assert (world.size("directory"), world.size()) == sizes
    _, second = enrolment(world)
    assert post(world, anna, second).status_code == 201
    assert post(world, anna, first).status_code == 201
    with world.database.unit_of_work() as uow:
        kept = world.services.get(Snapshots).required(uow)
        fresh = Snapshots(world.services.get(Logs)).required(uow)
    assert kept == fresh
    assert world.fsck() == []
    world.close()
