"""Invitations and requests to join: the server carries them, and can neither make, use nor change one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keys.encoding import b64u, format_time
from keys.invitation import Invitation, check_join
from keys.statement import Statement, parse
from tests.unit.keys.directory_builder import Person
from tests.web.exchange_world import API, ExchangeWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ExchangeWorld]:
    """A founded exchange."""
    made = ExchangeWorld(tmp_path)
    yield made
    made.close()


def invitation(world: ExchangeWorld, person: Person) -> Invitation:
    """An invitation as a focal point's client makes it."""
    return Invitation.new(world.founding.directory.exchange, person.sign.key_id, person.organisation)


def invite(world: ExchangeWorld, person: Person, made: Invitation, expires: datetime | None = None) -> Any:
    """Tell the server the hash of its code."""
    until = format_time(expires or world.clock.now() + timedelta(days=7))
    return world.post(person, "/directory/invitations", {"invitation": b64u(made.code_hash), "expires": until})


def join(world: ExchangeWorld, made: Invitation, person: Person, **changes: Any) -> Any:
    """Post a request to join, as a joiner's client does: without a token."""
    statement = world.founding.enrolment(person).signed_by(person.sign)
    body = {
        "invitation": b64u(made.code_hash),
        "statement": statement.text.decode("ascii"),
        "mac": b64u(made.join_proof(statement.hash)),
        "keys": {b64u(kid): b64u(public) for kid, public in person.public.items()},
        **changes,
    }
    return world.client.post(f"{API}/directory/joins", json=body)


def test_a_joiner_is_enrolled_by_the_inviter_alone(world: ExchangeWorld) -> None:
    """The request waits, is signed a second time after its proof was checked, and the invitation is used up, with entries."""
    anna = world.officers("coe-cpt")[0]
    made, joiner = invitation(world, anna), world.founding.person("coe-cpt")
    assert invite(world, anna, made).status_code == 201
    assert join(world, made, joiner).status_code == 202
    waiting = world.get(anna, "/directory/joins").json["joins"]
    assert [item["invitation"] for item in waiting] == [b64u(made.code_hash)]
    request = parse(waiting[0]["statement"].encode("ascii"))
    proof = made.join_proof(request.hash)
    assert b64u(proof) == waiting[0]["mac"]
    assert check_join(made, request, proof).officer == joiner.named
    submission = world.founding.submission(request.signed_by(anna.sign))
    headers = {**world.token(anna), "Content-Type": "application/json"}
    answer = world.client.post(f"{API}/directory/statements", data=submission.to_json(), headers=headers)
    assert answer.status_code == 201
    assert world.get(joiner, "/account").json["organisation"] == "coe-cpt"
    assert world.get(anna, "/directory/joins").json["joins"] == []
    assert join(world, made, world.founding.person("coe-cpt")).json["code"] == "invitation_unknown"
    reading = world.read("audit-cpt")
    assert reading.last("accounts:invitation:make").fields["actor"] == anna.id
    assert reading.last("accounts:invitation:use").fields["statement"] == b64u(request.hash)
    assert world.fsck() == []


def test_the_same_request_again_changes_nothing_and_another_is_refused(world: ExchangeWorld) -> None:
    """A joiner with a poor line may repeat; nobody else takes their place."""
    anna = world.officers("coe-cpt")[0]
    made, joiner = invitation(world, anna), world.founding.person("coe-cpt")
    invite(world, anna, made)
    assert [join(world, made, joiner).status_code for _ in range(2)] == [202, 202]
    other = join(world, made, world.founding.person("coe-cpt"))
    assert (other.status_code, other.json["code"]) == (409, "join_differs")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("unknown", "invitation_unknown"),
        ("expired", "invitation_unknown"),
        ("other body", "malformed"),
        ("two signers", "bad_signature"),
        ("key missing", "malformed"),
        ("key changed", "beside_mismatch"),
        ("no statement", "malformed"),
    ],
)
def test_a_request_that_is_not_a_joiners_is_refused(world: ExchangeWorld, change: str, code: str) -> None:
    """Each defect has its code, and nothing waits for the inviter."""
    anna = world.officers("coe-cpt")[0]
    made, joiner = invitation(world, anna), world.founding.person("coe-cpt")
    if change != "unknown":
        invite(world, anna, made)
    changes: dict[str, Any] = {}
    if change == "expired":
        world.clock.forward(7 * 86_400)
    elif change == "other body":
        joiner = world.founding.person("un-spt")
    elif change == "two signers":
        statement: Statement = world.founding.enrolment(joiner).signed_by(joiner.sign).signed_by(anna.sign)
        changes["statement"] = statement.text.decode("ascii")
    elif change == "key missing":
        changes["keys"] = {b64u(joiner.sign.key_id): b64u(joiner.sign.public)}
    elif change == "key changed":
        changes["keys"] = {b64u(kid): b64u(anna.sign.public) for kid in joiner.public}
    elif change == "no statement":
        changes["statement"] = "nothing"
    answer = join(world, made, joiner, **changes)
    assert answer.json["code"] == code
    assert world.get(anna, "/directory/joins").json["joins"] == []


def test_only_focal_points_invite_and_read_requests(world: ExchangeWorld) -> None:
    """Another officer of the same body may not, and a focal point of another body sees nothing of it."""
    anna = world.officers("coe-cpt")[0]
    member = world.founding.person("coe-cpt")
    world.submit(world.founding.enrolment(member).signed_by(member.sign).signed_by(anna.sign))
    made = invitation(world, member)
    assert invite(world, member, made).status_code == 403
    assert world.get(member, "/directory/joins").status_code == 403
    invite(world, anna, made)
    join(world, made, world.founding.person("coe-cpt"))
    assert world.get(world.officers("un-spt")[0], "/directory/joins").json["joins"] == []


def test_an_invitation_is_short_lived_and_one_bodys(world: ExchangeWorld) -> None:
    """Not over thirty days, not past; the same again changes nothing; its hash is nobody else's."""
    anna, chen = world.officers("coe-cpt")[0], world.officers("un-spt")[0]
    made = invitation(world, anna)
    for expires in (world.clock.now(), world.clock.now() + timedelta(days=31)):
        assert invite(world, anna, made, expires).json["code"] == "invitation_expiry"
    assert [invite(world, anna, made).status_code for _ in range(2)] == [201, 201]
    assert invite(world, chen, made).status_code == 403
