"""Signing and posting: a wrong clock is mended and signed anew, and nothing is believed that names another statement."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange.client import pending, receipts
from exchange.client.cli.describe_statement import check_recipients
from exchange.client.errors import NetworkError, OwnKeysError, ServerRefusal
from exchange.client.report_errors import PendingUnknownError, TicketNotProvenError
from exchange.client.statements_out import in_chain, post, sign_and_post
from exchange.sealing.unseal.opening import ReleaseClaim, Released
from exchange.statements import determination as determinations
from exchange.statements import grant as grants
from exchange.statements import lift as lifts
from exchange.statements import stop as stops
from exchange.statements.determination import Determination, ReportScope
from exchange.statements.form import Link, Stamp
from exchange.statements.grant import Grant, GrantRecipient
from exchange.statements.lift import Lift
from exchange.statements.stop import Stop
from keys.encoding import b64u, format_time
from keys.errors import BadSignatureError, MalformedError, UnknownVersionError
from keys.statement import Statement, new, parse
from tests.unit.client.fake_exchange import problem
from tests.unit.client.fake_log import At, at

REPORT = "abcdef00-0000-4000-8000-000000000001"
ADDRESS = "/api/v1/statements"


@pytest.fixture
def here(tmp_path: Path) -> At:
    """A CPT officer."""
    return at(tmp_path / "home", "coe-cpt")


def stopped(here: At) -> Any:
    """Build a stop for a time."""
    return lambda now: stops.build(Stop(Stamp.fresh(now, here.session.directory.exchange), REPORT, bytes(32)))


def lifted(here: At) -> Any:
    """Build a lift for a time."""
    return lambda now: lifts.build(Lift(Stamp.fresh(now, here.session.directory.exchange), REPORT, bytes(32)))


def entering(here: At) -> Any:
    """A server that enters whatever comes."""

    def answer(request: httpx.Request) -> httpx.Response:
        statement = parse(json.loads(request.content)["statement"].encode())
        fields = {"actor": here.person.id, "body": "coe-cpt", "owner": "coe-cpt", "report": REPORT}
        stored = here.store("reports:report:stop", fields, statement)
        return httpx.Response(201, json={"hash": stored["hash"], "ticket": stored["ticket"]})

    return answer


def test_an_entered_statement_comes_with_its_ticket(here: At) -> None:
    """Its entry is said; one that waits says how many officers are missing."""
    here.server.answers[ADDRESS] = entering(here)
    posted = sign_and_post(here.session, ("stop", REPORT), stopped(here))
    assert posted.stored is not None and posted.to_json()["entry"] == {"n": 1, "index": len(here.server.audit) - 1}
    statement = stopped(here)(here.world.now).signed_by(here.person.sign)
    here.answers(ADDRESS, {"pending": b64u(statement.hash), "needs": 1}, 202)
    waiting = post(here.session, statement)
    assert waiting.stored is None and waiting.needs == 1 and waiting.to_json()["entry"] is None


@pytest.mark.parametrize("body", [{"hash": b64u(bytes(32))}, {"pending": b64u(bytes(32)), "needs": 1}])
def test_an_answer_about_another_statement_is_refused(here: At, body: dict[str, Any]) -> None:
    """Neither its entry nor its waiting is ours."""
    here.answers(ADDRESS, body)
    with pytest.raises(TicketNotProvenError):
        sign_and_post(here.session, ("stop", REPORT), stopped(here))


def test_answers_out_of_form(here: At) -> None:
    """No object, no number."""
    for body in ([], {"pending": b64u(bytes(32)), "needs": "one"}):
        here.answers(ADDRESS, body)
        with pytest.raises(MalformedError):
            sign_and_post(here.session, ("stop", REPORT), stopped(here))


def test_a_wrong_clock_is_mended_and_the_statement_signed_anew(here: At) -> None:
    """The second statement carries the corrected time; a second refusal is an answer."""
    times: list[str] = []
    enter = entering(here)

    def answer(request: httpx.Request) -> httpx.Response:
        statement = parse(json.loads(request.content)["statement"].encode())
        times.append(statement.body["time"])
        if len(times) < 3:
            return problem("clock_off", 400, server_time=format_time(here.world.now))
        return enter(request)  # type: ignore[no-any-return]

    here.server.answers[ADDRESS] = answer
    assert sign_and_post(here.session, ("stop", REPORT), stopped(here)).stored is not None
    here.server.answers[ADDRESS] = lambda request: problem("clock_off", 400)
    with pytest.raises(ServerRefusal):
        sign_and_post(here.session, ("stop", REPORT), stopped(here))


def waiting_item(here: At, statement: Statement) -> dict[str, Any]:
    """What the server shows of a statement that waits."""
    return {
        "hash": b64u(statement.hash),
        "statement": statement.text.decode(),
        "beside": {},
        "received": format_time(here.world.now),
    }


def test_what_waits_is_named_by_its_hash(here: At) -> None:
    """The beginning of at least six characters is enough, if it is one's alone; its signers are verified."""
    statement = lifted(here)(here.world.now).signed_by(here.person.sign)
    here.answers(f"{ADDRESS}/pending", {"pending": [waiting_item(here, statement)]})
    found = pending.find(here.session, b64u(statement.hash)[:8])
    assert pending.signers(here.session, found) == [here.person.officer]
    for name in ("", b64u(statement.hash)[:5], "zzzzzzzz"):
        with pytest.raises(PendingUnknownError):
            pending.find(here.session, name)
    other = replace(statement, payload=lifted(here)(here.world.now).payload)
    here.answers(
        f"{ADDRESS}/pending", {"pending": [{**waiting_item(here, statement), "statement": other.text.decode()}]}
    )
    with pytest.raises(BadSignatureError):
        pending.signers(here.session, pending.waiting(here.session)[0])


def test_what_this_build_cannot_read_is_not_signed(here: At) -> None:
    """An unknown label is an error, never skipped; no list is malformed."""
    strange = new("exchange/rewrap/v1", {"a": 1}).signed_by(here.person.sign)
    here.answers(f"{ADDRESS}/pending", {"pending": [waiting_item(here, strange)]})
    with pytest.raises(UnknownVersionError):
        pending.waiting(here.session)
    here.answers(f"{ADDRESS}/pending", {"pending": {}})
    with pytest.raises(MalformedError):
        pending.waiting(here.session)


def test_a_second_officer_is_not_fooled_about_a_recipients_key(here: At) -> None:
    """A grant to a key that is not that body's is refused before anyone is asked."""
    directory = here.session.directory
    epoch = directory.current_epoch("un-spt")
    assert epoch is not None
    stamp = Stamp.fresh(here.world.now, directory.exchange)
    good = GrantRecipient("un-spt", epoch.number, epoch.key, bytes(8), bytes(32))
    bad = GrantRecipient("un-spt", epoch.number, bytes(32), bytes(8), bytes(32))
    check_recipients(here.session, Grant(stamp, REPORT, bytes(32), (good,)))
    with pytest.raises(OwnKeysError):
        check_recipients(here.session, grants.read(grants.build(Grant(stamp, REPORT, bytes(32), (bad,)))))


def kept_receipt(here: At) -> None:
    """Keep a receipt."""
    claim = ReleaseClaim(bytes(16), bytes(8), "view", "follow_up", bytes(32), bytes(32))
    receipts.keep(here.session, REPORT, claim, Released(1, 5))


def test_a_receipt_is_kept_until_the_server_has_it(here: At) -> None:
    """A broken line and a refusal keep it and say so; then it goes."""
    kept_receipt(here)
    here.desk.clock.wait = lambda seconds: None  # type: ignore[method-assign]

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("broken")

    here.server.answers[ADDRESS] = broken
    assert receipts.send_all(here.session) == 0 and len(receipts.waiting(here.session)) == 1
    here.server.answers[ADDRESS] = lambda request: problem("log_range", 409)
    assert receipts.send_all(here.session) == 0 and len(receipts.waiting(here.session)) == 1
    assert here.desk.told.keys[-2:] == ["client.receipt_waits", "client.receipt_refused"]
    here.answers(ADDRESS, {"hash": "x"}, 201)
    assert receipts.send_all(here.session) == 1 and receipts.waiting(here.session) == []


def test_an_unanswered_statement_is_sent_again_as_it_was(here: At) -> None:
    """After a broken line the same act sends the same bytes; once it is answered, the next one is new."""
    here.desk.clock.wait = lambda seconds: None  # type: ignore[method-assign]
    sent: list[bytes] = []
    enter = entering(here)

    def broken(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content)["statement"])
        raise httpx.ReadError("broken")

    here.server.answers[ADDRESS] = broken
    with pytest.raises(NetworkError):
        sign_and_post(here.session, ("stop", REPORT), stopped(here))
    here.server.answers[ADDRESS] = lambda request: (
        sent.append(json.loads(request.content)["statement"]) or enter(request)
    )
    sign_and_post(here.session, ("stop", REPORT), stopped(here))
    assert len(set(sent)) == 1
    sign_and_post(here.session, ("stop", REPORT), stopped(here))
    assert len(set(sent)) == 2


def test_a_kept_statement_that_something_came_after_is_not_sent_again(here: At) -> None:
    """Its first answer would say "done" of what has been undone since."""
    statement = stopped(here)(here.world.now)
    first = statements_in_chain(here, None)
    assert in_chain(None)(first) and in_chain(first.hash)(first)
    following = statements_in_chain(here, first.hash)
    assert in_chain(first.hash)(following) and in_chain(following.hash)(following)
    assert not in_chain(bytes(32))(following) and not in_chain(statement.hash)(first)


def statements_in_chain(here: At, prev: bytes | None) -> Statement:
    """A statement of a chain."""
    link = Link(here.world.now, here.session.directory.exchange, prev)
    value = {"effect": "deny", "grantee": None, "actions": ["view"], "organisation": "coe-cpt"}
    value |= dict.fromkeys(("kinds", "parts", "states", "valid_from", "valid_to"))
    scope = ReportScope(REPORT, bytes(32))
    return determinations.build(Determination(link, scope, None, "originator_decision", value))
