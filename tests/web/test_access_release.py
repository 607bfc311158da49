"""Releases: who signs, what is refused and how it looks from outside, and what every answer leaves in the log."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.ledger.client_signed import check_client_signature
from exchange.ledger.vocabulary import PARTIAL_FIELDS
from keys.directory_officers import PrivateMandate
from keys.encoding import b64u, format_time
from tests.web.access_maker import ask, check_permit, entry_of, granted, instrument, permit, signed_request
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, registered, signed_grant, signed_stop

WITHHELD = "access:release:withhold"
UNKNOWN = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report of the CPT for the SPT, with no agreement on record."""
    return registered(world, tmp_path)


@pytest.fixture
def agreed(made: Made) -> Made:
    """The same, agreed to."""
    granted(made.world, instrument("XA", [permit("un-spt")]))
    return made


def chen(made: Made) -> Any:
    """An officer of the SPT."""
    return made.world.officers("un-spt")[0]


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json["code"]


# What is refused before anyone is known to have asked


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("other address", (422, "statement_other_subject")),
        ("other signer", (403, "signer_other_body")),
        ("two signers", (403, "signer_other_body")),
        ("other exchange", (422, "statement_other_exchange")),
        ("early clock", (400, "clock_off")),
        ("late clock", (400, "clock_off")),
        ("damaged signature", (422, "bad_signature")),
        ("no statement", (422, "malformed")),
        ("other label", (422, "malformed")),
        ("unknown version", (422, "malformed")),
        ("ahead of the log", (409, "log_range")),
    ],
)
def test_a_request_that_is_nobodys_leaves_nothing(agreed: Made, change: str, expected: tuple[int, str]) -> None:
    """Each defect of a request has its code, and no entry: nobody is known to have asked."""
    world, part = agreed.world, agreed.parts[0]
    person, other = world.officers("un-spt")[:2]
    world.token(person)
    size = world.size()
    statement = signed_request(agreed, person, part)
    text = statement.text.decode()
    audit_size = 0
    if change == "other address":
        text = signed_request(agreed, person, bytes(8)).text.decode()
    elif change == "other signer":
        text = signed_request(agreed, person, part, signers=[other]).text.decode()
    elif change == "two signers":
        text = signed_request(agreed, person, part, signers=[person, other]).text.decode()
    elif change == "other exchange":
        text = signed_request(agreed, person, part, exchange=bytes(32)).text.decode()
    elif change.endswith("clock"):
        off = timedelta(minutes=5, seconds=1) * (1 if change == "late clock" else -1)
        text = signed_request(agreed, person, part, time=world.clock.now() + off).text.decode()
    elif change == "damaged signature":
        head, _, signature = text.rpartition("..")
        text = head + ".." + ("A" if signature[0] != "A" else "B") + signature[1:]
    elif change == "no statement":
        text = "nothing\n"
    elif change == "other label":
        text = signed_stop(agreed, person).text.decode()
    elif change == "unknown version":
        text = text.replace(b64u(b'{"alg"')[:6], "AAAAAA")
    elif change == "ahead of the log":
        audit_size = size + 1
    answer = world.post(
        person, f"/reports/{agreed.report}/parts/{b64u(part)}/release", {"statement": text, "audit_size": audit_size}
    )
    assert code(answer) == expected
    if expected[1] == "clock_off":
        assert answer.json["server_time"] == format_time(world.clock.now())
    assert world.size() == size


def test_a_stranger_to_the_api_learns_nothing(agreed: Made) -> None:
    """Without a token: 401 for every path alike."""
    client = agreed.world.client
    for path in (f"/api/v1/reports/{agreed.report}", f"/api/v1/reports/{UNKNOWN}"):
        assert client.get(path).status_code == 401


# Refusals that leave an entry


def refusals(made: Made, person: Any) -> dict[str, Any]:
    """Answers to the same question about things that differ."""
    return {
        "withheld": ask(made, person, made.parts[0]),
        "no such part": ask(made, person, bytes(8)),
        "no such report": ask(made, person, made.parts[0], report=UNKNOWN),
        "neither": ask(made, person, bytes(8), report=UNKNOWN),
    }


def test_refusals_are_the_same_byte_for_byte(made: Made) -> None:
    """Withheld, no such part, no such report: status, body and headers do not differ, in both languages."""
    person = chen(made)
    answers = refusals(made, person)
    assert {code(answer) for answer in answers.values()} == {(404, "N_UNAVAILABLE")}
    assert len({answer.data for answer in answers.values()}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers.values()}) == 1
    path = f"/reports/{made.report}/parts/{b64u(made.parts[0])}/pieces/0"
    shown = [
        made.world.get(person, each).data
        for each in (path, path.replace(made.report, UNKNOWN), f"/reports/{made.report}", f"/reports/{UNKNOWN}")
    ]
    assert {*shown} == {answers["withheld"].data}


def test_refusals_leave_entries_that_look_the_same(made: Made) -> None:
    """One entry each; the requester's side reads the same fields of each, and nothing of the reason."""
    world, person = made.world, chen(made)
    size = world.size()
    refusals(made, person)
    reading = world.read("un-spt")
    records = [record for record in reading.records if record.act.tag == WITHHELD]
    assert len(records) == 4 == len([r for r in records if r.index >= size])
    assert {tuple(record.fields) for record in records} == {PARTIAL_FIELDS}
    assert {record.fields["code"] for record in records} == {"N_UNAVAILABLE"}
    assert reading.findings == []
    assert [record.full for record in records] == [False] * 4


def test_the_owners_office_reads_why(made: Made) -> None:
    """Reason, basis, what was asked, and the request's own signature; for an unknown id the host's office reads it."""
    world, person = made.world, chen(made)
    refusals(made, person)
    records = [r for r in world.read("audit-cpt").records if r.act.tag == WITHHELD and r.full]
    reasons = {(r.fields.get("owner"), r.fields["part"], r.fields["reason"]) for r in records}
    part = b64u(made.parts[0])
    assert ("coe-cpt", part, "W_NO_CONSENT") in reasons
    # The report as a whole is withheld for that reason too.
    assert ("coe-cpt", b64u(bytes(8)), "W_NO_CONSENT") in reasons
    assert (None, part, "W_NO_CONSENT") in reasons
    for record in records:
        keys = [(person.sign.key_id, person.sign.public)]
        assert check_client_signature(record, world.founding.directory.exchange, keys) == person.sign.key_id


def test_clearance_is_told_only_where_all_else_permits(agreed: Made) -> None:
    """403 N_CLEARANCE with its entry; without the State's agreement it would be N_UNAVAILABLE like everything else."""
    world, person = agreed.world, chen(agreed)
    by = world.officers("un-spt")[1]
    half = PrivateMandate("member", clearance=1)
    world.submit(world.founding.mandate(person, focal_point=True, private=half, signers=[by]))
    assert code(ask(agreed, person, agreed.parts[0])) == (403, "N_CLEARANCE")
    assert code(world.get(person, f"/reports/{agreed.report}/parts/{b64u(agreed.parts[0])}/pieces/0")) == (403, "N_CLEARANCE")
    stop = signed_stop(agreed, agreed.officer)
    assert world.say(agreed.officer, stop).status_code == 201
    assert code(ask(agreed, person, agreed.parts[0])) == (404, "N_UNAVAILABLE")


def test_a_recused_officer_learns_nothing(agreed: Made) -> None:
    """An officer whose mandate excludes a State of the report is answered as if there were none; a colleague reads it."""
    world = agreed.world
    person, by = world.officers("un-spt")[:2]
    half = PrivateMandate("member", clearance=3, excluded_states=("XA",))
    world.submit(world.founding.mandate(person, focal_point=True, private=half, signers=[by]))
    assert code(ask(agreed, person, agreed.parts[0])) == (404, "N_UNAVAILABLE")
    assert world.get(person, "/reports?box=inbox").json["items"] == []
    check_permit(agreed, by, agreed.parts[0], ask(agreed, by, agreed.parts[0]))
    record = [r for r in world.read("audit-cpt").records if r.act.tag == WITHHELD][-1]
    assert record.fields["reason"] == "W_RECUSED"


def test_a_complaint_is_handled_only_by_name(agreed: Made) -> None:
    """The purposes an agreement names count: what it leaves open never covers complaint handling."""
    person, part = chen(agreed), agreed.parts[0]
    assert code(ask(agreed, person, part, purpose="complaint_handling")) == (404, "N_UNAVAILABLE")
    assert code(ask(agreed, person, part, action="forward")) == (404, "N_UNAVAILABLE")
    assert ask(agreed, person, part, action="print").status_code == 200


# Permits


def test_a_permit_is_proven_and_signed_for(agreed: Made) -> None:
    """The answer's entry is read by both bodies and both offices, and names the request that the officer signed."""
    world, person = agreed.world, chen(agreed)
    answer = ask(agreed, person, agreed.parts[0], action="download", purpose="standard_setting")
    fields = check_permit(agreed, person, agreed.parts[0], answer)
    assert (fields["action"], fields["purpose"], fields["reason"]) == ("download", "standard_setting", "P_CONSENT")
    assert "code" not in fields
    for body in ("coe-cpt", "un-spt", "audit-cpt", "audit-un"):
        record = world.read(body).last("access:release:permit")
        assert (record.index, record.entry) == (answer.json["index"], entry_of(answer.json))
        keys = [(person.sign.key_id, person.sign.public)]
        assert check_client_signature(record, world.founding.directory.exchange, keys) == person.sign.key_id


def test_the_same_request_again_is_a_release_of_its_own(agreed: Made) -> None:
    """A broken line: the client sends the same request, and is answered anew, with a second entry that names it."""
    person, part = chen(agreed), agreed.parts[0]
    request = signed_request(agreed, person, part)
    first, second = (ask(agreed, person, part, statement=request) for _ in range(2))
    fields = [check_permit(agreed, person, part, answer) for answer in (first, second)]
    assert first.json["index"] < second.json["index"]
    assert fields[0]["request"] == fields[1]["request"]
    agreed.world.clock.forward(301)
    assert code(ask(agreed, person, part, statement=request)) == (400, "clock_off")


def test_the_owner_reads_its_own(made: Made) -> None:
    """Whatever the State says; a stop does not close it to the body that made it."""
    anna = made.officer
    made.world.say(anna, signed_stop(made, anna))
    fields = check_permit(made, anna, made.parts[0], ask(made, anna, made.parts[0]))
    assert fields["reason"] == "P_OWN"


def test_a_body_named_later_receives(agreed: Made) -> None:
    """Two officers of the owner grant, the State agrees for that body too: only then."""
    world, part = agreed.world, agreed.parts[0]
    dina = world.officers("npm-xa")[0]
    assert code(ask(agreed, dina, part)) == (404, "N_UNAVAILABLE")
    granted(world, instrument("XA", [permit("npm-xa")]))
    assert code(ask(agreed, dina, part)) == (404, "N_UNAVAILABLE")
    anna, berta = world.officers("coe-cpt")
    statement, beside = signed_grant(agreed, "npm-xa", anna)
    assert world.say(anna, statement, beside).status_code == 202
    assert world.say(berta, statement.signed_by(berta.sign)).status_code == 201
    check_permit(agreed, dina, part, ask(agreed, dina, part))
    assert [len(item["statement"]) > 0 for item in world.get(dina, f"/reports/{agreed.report}").json["grants"]] == [True]


def test_a_hold_and_its_end(world: ExchangeWorld, tmp_path: Path) -> None:
    """Before the end of the sender's hold nothing, at its end everything."""
    until = world.clock.now() + timedelta(minutes=30)
    made = registered(world, tmp_path, held_until=until)
    granted(world, instrument("XA", [permit("un-spt")]))
    assert code(ask(made, chen(made), made.parts[0])) == (404, "N_UNAVAILABLE")
    assert world.get(chen(made), "/reports?box=inbox").json["items"] == []
    world.clock.moment = until
    assert ask(made, chen(made), made.parts[0]).status_code == 200


def test_what_is_free_but_was_never_wrapped_cannot_leave(world: ExchangeWorld, tmp_path: Path) -> None:
    """Policy permits a body that nobody made an envelope for: it sees the report, and is told it is not available."""
    anna, berta = world.officers("coe-cpt")
    made = registered(world, tmp_path, tier="free", signers=[anna, berta])
    dina = world.officers("npm-xa")[0]
    assert world.get(dina, f"/reports/{made.report}").status_code == 200
    assert code(ask(made, dina, made.parts[0])) == (404, "N_UNAVAILABLE")
    record = [r for r in world.read("audit-cpt").records if r.act.tag == WITHHELD][-1]
    assert record.fields["reason"] == "W_SCOPE_RECIPIENT"
    assert ask(made, chen(made), made.parts[0]).status_code == 200


def test_an_access_that_ended_meanwhile_is_told_so(agreed: Made) -> None:
    """The key was good when the token was checked and had ended when the unit began: N_ACCOUNT, with its entry."""
    from exchange.access.errors import WithheldError
    from exchange.access.release import Releases
    from exchange.web.caller import Caller

    world = agreed.world
    person, by = world.officers("un-spt")[:2]
    request = signed_request(agreed, person, agreed.parts[0])
    world.submit(*world.founding.leave(person, size=world.size(), signers=[by], submit=False))
    who = Caller(person.id, person.organisation, person.sign.key_id)
    with pytest.raises(WithheldError) as refused:
        world.services.get(Releases).release(who, agreed.report, b64u(agreed.parts[0]), request.text, 0)
    assert refused.value.code == "N_ACCOUNT"
    assert world.read("un-spt").last(WITHHELD).fields["code"] == "N_ACCOUNT"
