"""A hostile review of the client: what a lying server must not be believed, each claim with the lie that tests it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange.client import pending, register, sealing
from exchange.client.cli.describe_statement import check_recipients
from exchange.client.clock import Clock
from exchange.client.deposit import transmit
from exchange.client.errors import OwnKeysError, ServerRefusal
from exchange.client.opening import Wanted, open_report
from exchange.client.progress import NoMeter
from exchange.client.recipients import lock_key, recipient
from exchange.client.sealing import Terms
from exchange.client.session import Session
from exchange.ledger.entry import Entry
from exchange.ledger.leaf import EntryLeaf, minute_of
from exchange.ledger.values import Value
from exchange.sealing import package as packages
from exchange.sealing.envelope import lock_info
from exchange.sealing.seal import wrap_for
from exchange.sealing.unseal.content import open_kept_key
from exchange.sealing.unseal.opening import OpeningError
from exchange.statements import consent as consents
from exchange.statements import grant as grants
from exchange.statements.consent import Consent
from exchange.statements.errors import EndedSignerError
from exchange.statements.form import Link, Stamp
from exchange.statements.grant import Grant, GrantRecipient
from exchange.transparency.paths import inclusion_proof
from keys.directory_submission import Submission
from keys.encoding import b64u, canonical, format_time
from keys.errors import MalformedError
from keys.statement import Statement
from tests.unit.client.fake_exchange import Nodes, problem
from tests.unit.client.fake_log import VW, At, at
from tests.unit.client.fake_report import Report


@pytest.fixture
def here(tmp_path: Path) -> At:
    """A CPT officer: the owner's."""
    return at(tmp_path / "home", "coe-cpt")


def _granted(here: At, report: Report) -> dict[str, Any]:
    """A grant of two officers, not entered yet; the envelope it names is what the server then releases."""
    part = report.package.descriptors.parts[0].value
    key = open_kept_key(report.spool.kept_key(part.id), report.spool.report, part.id, report.owner.seal)
    spt = recipient(report.session, "un-spt")
    named, locked = wrap_for(report.spool.report, "coe-cpt", part, key, spt, lock_key(report.session))
    report.released["envelope"] = report.lock.open(locked.sealed, lock_info(report.spool.report, part.id, "un-spt"))
    ours = GrantRecipient("un-spt", named.epoch, named.key, named.part, named.envelope)
    stamp = Stamp.fresh(here.world.now, here.session.directory.exchange)
    statement = grants.build(Grant(stamp, report.id, report.header.hash, (ours,)))
    for officer in here.world.officers("coe-cpt")[:2]:
        statement = statement.signed_by(officer.sign)
    fields: dict[str, Value] = {"actor": report.owner.id, "body": "coe-cpt", "owner": "coe-cpt"}
    fields |= {"report": report.id, "recipients": 1, "statement": b64u(statement.hash)}
    entry = Entry.make("reports:report:grant", fields | {"asked": format_time(here.world.now)})
    return {"statement": statement, "entry": entry}


def test_a_grant_proven_in_another_history_than_the_header_is_refused(tmp_path: Path) -> None:
    """One answer, two histories: the header's becomes our pin, and the grant's must be held to it, not to what was before."""
    reader = at(tmp_path / "home")
    report = Report(reader, tmp_path, to=())
    made = _granted(reader, report)
    time = minute_of(reader.world.now)
    fork = [*reader.server.audit, EntryLeaf(time, made["entry"].com, VW).data, b"another"]
    reader.server.audit.append(b"what everybody else is shown")
    index = len(fork) - 2
    proof = {
        "checkpoint": reader.server.note("audit", fork),
        "inclusion": [b64u(value) for value in inclusion_proof(Nodes(fork), index, len(fork))],
        "consistency": [],
    }
    ticket = made["entry"].ticket(1, index, time, VW).to_json()
    report.body["grants"] = [{"statement": made["statement"].text.decode(), "ticket": ticket, "proof": proof}]
    report.body["proof"] = reader.proof(report.body["ticket"]["index"])
    wanted = Wanted(report=report.id, action="view", purpose="follow_up", folder=tmp_path / "read")
    with pytest.raises(OpeningError) as caught:
        open_report(reader.session, wanted)
    assert caught.value.step == 2 and list((tmp_path / "read").iterdir()) == []


def test_two_officers_who_were_shown_two_directories_find_out(tmp_path: Path) -> None:
    """The header names the directory its sender verified: another one of that size is an alarm."""
    reader = at(tmp_path / "home")
    report = Report(reader, tmp_path)
    size = reader.session.directory.size
    reader.session.check_seen(size, reader.session.directory.log_root)
    wanted = Wanted(report=report.id, action="view", purpose="follow_up", folder=tmp_path / "read")
    body = {**report.header.body, "directory": {"n": 1, "root": b64u(bytes(32)), "size": size - 1}}
    forged = Statement(report.header.typ, canonical(body)).signed_by(report.owner.sign)
    shown = reader.store(
        "reports:report:register",
        {"actor": report.owner.id, "body": "coe-cpt", "owner": "coe-cpt", "report": report.id, "kind": "visit_report"}
        | {"tier": "confidential", "parts": 1, "recipients": 2},
        forged,
    )
    report.body |= {"header": shown["statement"], "ticket": shown["ticket"]}
    report.body["proof"] = reader.proof(shown["ticket"]["index"])
    with pytest.raises(OpeningError) as caught:
        open_report(reader.session, wanted)
    assert (caught.value.step, caught.value.code) == (1, "directory_forked")


def test_what_one_officer_signs_is_never_put_before_a_second(here: At) -> None:
    """A server that listed a colleague's confirmation as waiting would get one by us, and drop the colleague's signature."""
    link = Link(here.world.now, here.session.directory.exchange, bytes(32))
    value = Consent(link, bytes(16), "granted", {"effective": None, "reason": None})
    statement = consents.build(value).signed_by(here.world.officers("coe-cpt")[1].sign)
    item = {"statement": statement.text.decode(), "received": format_time(here.world.now), "beside": {}}
    here.answers("/api/v1/statements/pending", {"pending": [item]})
    with pytest.raises(MalformedError):
        pending.find(here.session, b64u(statement.hash))


def test_an_event_without_proof_is_signed_by_a_key_that_is_good_now(here: At) -> None:
    """ "Not public yet" must not let the server choose a place before the end of a key."""
    leaver = here.world.officers("coe-cpt")[1]
    link = Link(here.world.now, here.session.directory.exchange, bytes(32))
    value = Consent(link, bytes(16), "granted", {"effective": None, "reason": None})
    statement = consents.build(value).signed_by(leaver.sign)
    here.world.leave(leaver, size=5)
    entry = Entry.make(
        "consents:instrument:confirm",
        {"owner": "coe-cpt", "state": "XA", "instrument": b64u(bytes(16)), "by_state": False, "version": 1}
        | {"statement": b64u(statement.hash)},
    )
    ticket = entry.ticket(1, 4, minute_of(here.world.now), VW).to_json()
    stored = register.Stored.from_json(
        {"hash": b64u(statement.hash), "statement": statement.text.decode(), "ticket": ticket}
    )
    here.server.answers["/api/v1/audit/proof"] = lambda request: problem("not_available", 404)
    here.session.sync()
    listed = register.Listed(b64u(bytes(16)), "XA", "in_force", "coe-cpt", True, {}, (), {})
    with pytest.raises(EndedSignerError):
        register._event(here.session, stored, listed)


def test_an_answer_about_fewer_statements_than_were_sent_is_malformed(here: At) -> None:
    """And not an error of Python's own."""
    here.answers("/api/v1/directory/statements", {"entries": [], "size": 1})
    session: Session = here.session
    statement = session.directory.root.statement().signed_by(here.person.sign)
    with pytest.raises(MalformedError):
        session.submit(Submission((statement,)))


def test_a_time_at_the_end_of_days_does_not_stop_the_clock(here: At) -> None:
    """A server that says the last second of the year 9999 would leave every later command without a time."""
    clock = Clock(here.desk.home)
    before = clock.now()
    assert clock.observe(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)) is None
    assert abs((clock.now() - before).total_seconds()) < 60
    here.desk.home.write("clock.json", canonical({"offset": 2**40, "version": 1}))
    assert Clock(here.desk.home).now().year < 9000


def test_a_resumed_deposit_is_sealed_to_the_keys_of_now(here: At, tmp_path: Path) -> None:
    """A spool of yesterday names yesterday's epoch: a server that takes it would reach somebody who left since."""
    report = Report(here, tmp_path)
    session = report.session
    fingerprint = report.plan.fingerprint(session.officer.id)
    sealing.seal(session, Terms.of(report.plan, "coe-cpt"), fingerprint, NoMeter())
    here.world.epoch("un-spt")
    sent: list[bytes] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return problem("storage_failed", 500)

    upload = b64u(bytes(16))
    here.answers("/api/v1/uploads", {"pieces": 1, "run": 16, "upload": upload})
    here.answers(f"/api/v1/uploads/{upload}", {"stored": list(range(100))})
    here.server.answers["/api/v1/reports"] = take
    here.answers("/api/v1/statements/standing", {"standing": []})
    with pytest.raises(ServerRefusal):
        transmit(session, report.plan)
    named = {s.value.organisation: s.value.epoch for s in packages.from_bytes(sent[0]).descriptors.recipients}
    assert named == {"coe-cpt": 1, "un-spt": 2}


def test_a_second_officer_does_not_sign_for_a_key_of_yesterday(here: At) -> None:
    """A grant under a body's earlier epoch would reach those who have left it since."""
    first = here.session.directory.current_epoch("un-spt")
    assert first is not None
    here.world.epoch("un-spt")
    here.session.sync()
    stamp = Stamp.fresh(here.world.now, here.session.directory.exchange)
    old = GrantRecipient("un-spt", first.number, first.key, bytes(8), bytes(32))
    with pytest.raises(OwnKeysError):
        check_recipients(here.session, Grant(stamp, "abcdef00-0000-4000-8000-000000000001", bytes(32), (old,)))
