"""A hostile review of `readers` and of reading the log: each claim with the lie of a server that tests it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange.client import audit_reading
from exchange.client.audit_reading import read_log
from exchange.client.readers import Readers, readers
from exchange.client.report_errors import LogContradictsError, NotPublicYetError
from exchange.ledger.bundle import BUNDLE_LEAVES, Stored, build_bundle, parse_bundle
from exchange.ledger.chain import ReadingBody, key_of, tag_of
from exchange.ledger.chain_writer import Chains
from exchange.ledger.entry import Entry, PartialEntry
from exchange.ledger.leaf import EntryLeaf, minute_of
from exchange.ledger.reader import LogReader
from exchange.ledger.values import Value
from exchange.ledger.view import OWNER, Views, kept_signatures, seal_view, views_for
from exchange.ledger.view import Readers as ViewReaders
from exchange.ledger.view_body import Dummy, ViewBody
from exchange.statements import receipt as receipts
from exchange.statements import release_request
from exchange.statements import stop as stops
from exchange.statements.form import Stamp
from exchange.statements.receipt import Receipt
from exchange.statements.release_request import ReleaseRequest
from exchange.statements.stop import Stop
from keys.encoding import b64u, format_time
from keys.statement import Statement
from tests.unit.client.fake_log import At, at
from tests.unit.client.fake_report import Report

BODIES = ViewReaders("audit-cpt", "audit-un", "coe-cpt", "un-spt")


class Log:
    """A log with views for every body, written by a server that may lie; `without` names a body it gives no keys."""

    def __init__(self, here: At, without: str | None = None) -> None:
        self.here = here
        self.bodies = [
            ReadingBody(body.id, 1, here.world.epoch_keys[body.id, 1].public)
            for body in here.world.directory.organisations
            if body.id != without
        ]
        self.stored: list[Stored] = []
        here.server.audit = []
        here.server.answers["/log/audit/1/checkpoint"] = lambda request: httpx.Response(
            200, text=here.server.note("audit", here.server.audit)
        )
        self.new_chains()

    def new_chains(self) -> None:
        """Draw chains and enter their leaf."""
        self.chains = Chains.draw(self.bodies, self.here.world.now)
        self.chains.stand()
        self._add(Stored(self.chains.leaf, chain=self.chains.record))

    def append(
        self,
        tag: str,
        fields: dict[str, Value],
        signatures: tuple[bytes, ...] = (),
        spoil: Callable[[Entry], Entry | PartialEntry | Dummy] | None = None,
    ) -> Entry:
        """Enter an act; `spoil` says what the owner's view holds instead of the entry."""
        entry = Entry.make(tag, fields)
        with self.chains.begin() as turn:
            among = BODIES.among(self.chains.bodies)
            before = dict(turn._heads)
            views = views_for(entry, among, turn, signatures)
            if spoil is not None:
                views = self._spoilt(views, before["coe-cpt"], entry, spoil(entry), signatures)
            turn.committed()
        self._add(Stored(EntryLeaf(minute_of(self.here.world.now), entry.com, views.vw).data, views.sealed))
        return entry

    @staticmethod
    def _spoilt(
        views: Views, secret: bytes, entry: Entry, what: Entry | PartialEntry | Dummy, signatures: tuple[bytes, ...]
    ) -> Views:
        sealed = list(views.sealed)
        body = what if isinstance(what, Dummy) else ViewBody(what, (), signatures)
        sealed[OWNER] = seal_view(tag_of(secret), key_of(secret, entry.com), body)
        return Views(tuple(sealed))

    def _add(self, stored: Stored) -> None:
        self.stored.append(stored)
        self.here.server.audit.append(stored.leaf)
        for number, first in enumerate(range(0, len(self.stored), BUNDLE_LEAVES)):
            data = build_bundle(first, self.stored[first : first + BUNDLE_LEAVES])
            path = f"/api/v1/audit/bundles/{number}"
            self.here.server.answers[path] = lambda request, data=data: httpx.Response(200, content=data)

    def _fields(self, report: str, who: str, **more: Value) -> dict[str, Value]:
        officer = self.here.world.officers(who)[0]
        asked = format_time(self.here.world.now)
        return {"actor": officer.id, "body": who, "owner": "coe-cpt", "report": report, "asked": asked, **more}

    def store(self, report: str, tag: str, statement: Statement, **more: Value) -> dict[str, Any]:
        """Enter an owner's statement; return {statement, ticket} as the server shows it."""
        entry = self.append(tag, self._fields(report, "coe-cpt", statement=b64u(statement.hash), **more))
        last = EntryLeaf(minute_of(self.here.world.now), entry.com, self._vw())
        ticket = entry.ticket(1, len(self.stored) - 1, last.time, last.vw)
        return {"statement": statement.text.decode(), "ticket": ticket.to_json()}

    def _vw(self) -> bytes:
        return self.stored[-1].leaf[41:]

    def release(self, report: str, spoil: Callable[[Entry], Entry | PartialEntry | Dummy] | None = None) -> Statement:
        """Enter a release to the SPT; return its request."""
        stamp = Stamp.fresh(self.here.world.now, self.here.world.directory.exchange)
        asking = ReleaseRequest(stamp, report, bytes(8), "view", "follow_up")
        request = release_request.build(asking).signed_by(self.here.world.officers("un-spt")[0].sign)
        more: dict[str, Value] = {"part": b64u(bytes(8)), "action": "view", "purpose": "follow_up"}
        more |= {"request": b64u(request.hash), "envelope": b64u(bytes(32)), "reason": "P_CONSENT"}
        fields = self._fields(report, "un-spt", nonce=b64u(stamp.nonce), **more)
        self.append("access:release:permit", fields, kept_signatures(request), spoil)
        return request

    def receipt(self, report: str, request: Statement, index: int, signer: Any = None) -> None:
        """Enter a receipt of the SPT's; by nobody's key without `signer`."""
        stamp = Stamp.fresh(self.here.world.now, self.here.world.directory.exchange)
        value = Receipt(stamp, report, bytes(8), request.hash, 1, index)
        statement = receipts.build(value).signed_by((signer or self.here.world.officers("un-spt")[0]).sign)
        more: dict[str, Value] = {"part": b64u(bytes(8)), "request": b64u(request.hash), "n": 1, "index": index}
        fields = self._fields(report, "un-spt", nonce=b64u(stamp.nonce), statement=b64u(statement.hash), **more)
        self.append("access:receipt:record", fields, kept_signatures(statement) if signer is None else ())


class Owned:
    """A report of the CPT's that its officer asks about, and what the server shows of it."""

    def __init__(self, here: At, folder: Path, without: str | None = None) -> None:
        self.here = here
        self.report = Report(here, folder)
        self.log = Log(here, without)
        more: dict[str, Value] = {"kind": "visit_report", "tier": "confidential", "parts": 1, "recipients": 2}
        shown = self.log.store(self.report.id, "reports:report:register", self.report.header, **more)
        self.report.body |= {"header": shown["statement"], "ticket": shown["ticket"]}

    def ask(self) -> Readers:
        """Ask who received a key."""
        index, seen = self.report.body["ticket"]["index"], self.here.session.audit.pinned.size
        self.report.body["proof"] = self.here.proof(index, seen)
        return readers(self.here.session, self.report.id)


@pytest.fixture
def here(tmp_path: Path) -> At:
    """A CPT officer: the owner's."""
    return at(tmp_path / "home", "coe-cpt")


def codes(found: Readers) -> list[str]:
    """The codes of what was found wrong."""
    return [finding.code for finding in found.doubts]


def test_an_honest_log_proves_that_nobody_received_a_key(here: At, tmp_path: Path) -> None:
    """And a release, once it is there, with its receipt."""
    owned = Owned(here, tmp_path)
    assert owned.ask().nobody and owned.ask().doubts == ()
    request = owned.log.release(owned.report.id)
    owned.log.receipt(owned.report.id, request, 2)
    found = owned.ask()
    assert not found.nobody and [r.body for r in found.others] == ["un-spt"] and found.others[0].received is not None


def test_a_server_that_gives_the_owner_no_keys_at_all_proves_nothing(here: At, tmp_path: Path) -> None:
    """No chain was ever sealed to us, so no view is missing from one: our own registration is what is missing."""
    owned = Owned(here, tmp_path, without="coe-cpt")
    owned.log.release(owned.report.id)
    found = owned.ask()
    assert found.releases == () and not found.nobody and codes(found) == ["entry_missing"]


def test_a_stop_that_is_not_in_the_log_is_not_told_as_one(here: At, tmp_path: Path) -> None:
    """The ticket of a stop is the server's word until its entry is among ours."""
    owned = Owned(here, tmp_path)
    stamp = Stamp.fresh(here.world.now, here.session.directory.exchange)
    value = Stop(stamp, owned.report.id, owned.report.header.hash)
    stop = stops.build(value).signed_by(owned.report.owner.sign)
    owned.report.body["stops"] = [{**owned.log.store(owned.report.id, "reports:report:stop", stop), "hash": "x"}]
    assert owned.ask().nobody and owned.ask().stopped_at == 2
    other = stops.build(Stop(Stamp.fresh(here.world.now, stamp.exchange), owned.report.id, owned.report.header.hash))
    owned.report.body["stops"][0]["statement"] = other.signed_by(owned.report.owner.sign).text.decode()
    assert codes(owned.ask()) == ["entry_missing"] and not owned.ask().nobody


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda entry: entry.partial(("report", "owner", "part")), "view_misplaced"),
        (lambda entry: Dummy(), "view_malformed"),
    ],
)
def test_a_view_that_hides_who_received_a_key_is_a_doubt_and_no_crash(
    here: At, tmp_path: Path, spoil: Callable[[Entry], Any], code: str
) -> None:
    """The owner's view of a release must be whole; one that leaves out the body is told, not stumbled over."""
    owned = Owned(here, tmp_path)
    owned.log.release(owned.report.id, spoil)
    found = owned.ask()
    assert codes(found) == [code] and not found.nobody


def test_the_server_cannot_acknowledge_for_a_reader(here: At, tmp_path: Path) -> None:
    """A receipt that no key of its officer signed, and one for another entry, acknowledge nothing."""
    owned = Owned(here, tmp_path)
    request = owned.log.release(owned.report.id)
    owned.log.receipt(owned.report.id, request, 2, signer=owned.report.owner)
    owned.log.receipt(owned.report.id, request, 1)
    (release,) = owned.ask().releases
    assert release.received is None


def test_a_whole_entry_that_lacks_what_was_signed_is_not_signed(here: At, tmp_path: Path) -> None:
    """Leaving out the time of asking must not make an invented release count as one that needs no signature."""
    owned = Owned(here, tmp_path)
    owned.log.release(owned.report.id, lambda entry: entry)
    assert read_log(here.session).unsigned == ()
    real = Entry.make

    def lacking(tag: str, fields: dict[str, Value], seed: bytes | None = None) -> Entry:
        made = real(tag, fields, seed)
        place = made.act.fields.index("asked")
        return Entry(made.seed, (*made.values[:place], None, *made.values[place + 1 :]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Entry, "make", staticmethod(lacking))
        owned.log.release(owned.report.id)
    assert read_log(here.session).unsigned == (3,)


def test_a_head_behind_what_must_be_read_is_not_enough(
    here: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint shows a log long enough, the proven head is an older one: reading up to that would leave out the rest."""
    owned = Owned(here, tmp_path)
    owned.log.release(owned.report.id)
    monkeypatch.setattr(here.desk.clock, "wait", lambda seconds: None)
    old = here.server.note("audit", here.server.audit, 2)
    here.answers("/api/v1/audit/head", {"checkpoint": old, "consistency": []})
    with pytest.raises(NotPublicYetError):
        read_log(here.session, at_least=3, wait=2)


def test_a_bundle_that_was_not_the_logs_is_fetched_anew(here: At, tmp_path: Path) -> None:
    """A full bundle is kept before the tree can say whether it is the log's; a wrong one must not be read for ever."""
    log = Log(here)
    while len(log.stored) <= BUNDLE_LEAVES:
        log.append("log:padding:append", {})
    address = "/api/v1/audit/bundles/0"
    honest = here.server.answers[address]
    lie = build_bundle(0, [*log.stored[: BUNDLE_LEAVES - 1], log.stored[1]])
    here.server.answers[address] = lambda request: httpx.Response(200, content=lie)
    with pytest.raises(LogContradictsError):
        read_log(here.session)
    here.server.answers[address] = honest
    assert read_log(here.session).head.size == len(log.stored)
    assert here.desk.home.names(audit_reading.CACHE) == ["0.bundle"]


def test_a_view_withheld_while_the_entry_is_written_is_what_the_owner_cannot_see(here: At, tmp_path: Path) -> None:
    """The limit of `readers` (docs/limitations.md): the owner cannot tell it from others' entries; the reader's body can."""
    owned = Owned(here, tmp_path)
    honest = views_for
    with pytest.MonkeyPatch.context() as patch:

        def hiding(entry: Entry, among: ViewReaders, turn: Any, signatures: tuple[bytes, ...] = ()) -> Views:
            return honest(
                entry, ViewReaders(among.owner_office, among.actor_office, None, among.body), turn, signatures
            )

        patch.setitem(globals(), "views_for", hiding)
        owned.log.release(owned.report.id)
    assert owned.ask().nobody
    theirs = LogReader("un-spt", {1: here.world.epoch_keys["un-spt", 1]})
    (*_, record) = theirs.read(parse_bundle(build_bundle(0, owned.log.stored))).records
    assert record.act.tag == "access:release:permit" and record.fields["report"] == owned.report.id
