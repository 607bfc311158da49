"""Reading one's own entries: whole, in order, held to the signed root; and who was given a report's key."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange.client import audit_reading
from exchange.client.audit_reading import own_keys, read_log
from exchange.client.readers import Readers, Release, readers
from exchange.client.report_errors import LogContradictsError, NotOwnerError, NotPublicYetError
from exchange.ledger.bundle import BUNDLE_LEAVES, Stored, build_bundle
from exchange.ledger.chain import ReadingBody
from exchange.ledger.chain_writer import Chains
from exchange.ledger.entry import Entry
from exchange.ledger.leaf import EntryLeaf, minute_of
from exchange.ledger.record import Finding
from exchange.ledger.values import Value
from exchange.ledger.view import Readers as ViewReaders
from exchange.ledger.view import kept_signatures, views_for
from exchange.statements import release_request
from exchange.statements.form import Stamp
from exchange.statements.release_request import ReleaseRequest
from keys.encoding import b64u, format_time
from tests.unit.client.fake_log import At, at
from tests.unit.client.fake_report import Report

REPORT = "abcdef00-0000-4000-8000-000000000001"


class Served:
    """A log with views for every body, served in bundles."""

    def __init__(self, here: At) -> None:
        self.here = here
        directory = here.world.directory
        bodies = []
        for body in directory.organisations:
            epoch = directory.current_epoch(body.id)
            assert epoch is not None
            bodies.append(ReadingBody(body.id, epoch.number, here.world.epoch_keys[body.id, epoch.number].public))
        self.chains = Chains.draw(bodies, here.world.now)
        self.stored = [Stored(self.chains.leaf, chain=self.chains.record)]
        self.chains.stand()
        here.server.audit = [self.chains.leaf]
        here.server.answers["/log/audit/1/checkpoint"] = lambda request: httpx.Response(
            200, text=here.server.note("audit", here.server.audit)
        )

    def append(
        self, tag: str, fields: dict[str, Value], signatures: tuple[bytes, ...] = (), commit: bool = True
    ) -> int:
        """Enter an act; with `commit` False its views are lost, as if the server had dropped them."""
        entry = Entry.make(tag, fields)
        with self.chains.begin() as turn:
            views = views_for(entry, ViewReaders("audit-cpt", "audit-un", "coe-cpt", "un-spt"), turn, signatures)
            turn.committed()
        if commit:
            leaf = EntryLeaf(minute_of(self.here.world.now), entry.com, views.vw).data
            self.stored.append(Stored(leaf, views.sealed))
            self.here.server.audit.append(leaf)
        self.serve()
        return len(self.stored) - 1

    def serve(self, **change: Any) -> None:
        """Serve what there is."""
        for number, first in enumerate(range(0, len(self.stored), BUNDLE_LEAVES)):
            data = build_bundle(first, self.stored[first : first + BUNDLE_LEAVES])
            path = f"/api/v1/audit/bundles/{number}"
            self.here.server.answers[path] = lambda request, data=data: httpx.Response(200, content=data)

    def release(self, signed: bool = True) -> int:
        """Enter a release to the SPT."""
        officer = self.here.world.officers("un-spt")[0]
        stamp = Stamp.fresh(self.here.world.now, self.here.world.directory.exchange)
        request = release_request.build(ReleaseRequest(stamp, REPORT, bytes(8), "view", "follow_up")).signed_by(
            officer.sign
        )
        fields: dict[str, Value] = {
            "actor": officer.id,
            "body": "un-spt",
            "owner": "coe-cpt",
            "report": REPORT,
            "part": b64u(bytes(8)),
            "action": "view",
            "purpose": "follow_up",
            "request": b64u(request.hash),
            "envelope": b64u(bytes(32)),
            "reason": "P_CONSENT",
            "asked": format_time(self.here.world.now),
            "nonce": b64u(stamp.nonce),
        }
        return self.append("access:release:permit", fields, kept_signatures(request) if signed else ())


@pytest.fixture
def here(tmp_path: Path) -> At:
    """A CPT officer."""
    return at(tmp_path / "home", "coe-cpt")


@pytest.fixture
def log(here: At) -> Iterator[Served]:
    """A log that holds one matrix reading."""
    made = Served(here)
    made.append("access:matrix:read", {"actor": here.person.id, "body": "un-spt", "owner": "coe-cpt", "report": REPORT})
    yield made


def test_the_owner_reads_its_own_entries(here: At, log: Served) -> None:
    """Every entry rebuilds its leaf; the release bears the signature of the officer who asked."""
    index = log.release()
    reading = read_log(here.session)
    assert [record.index for record in reading.records] == [1, index] and reading.findings == ()
    assert reading.unsigned == () and reading.head.size == 3
    assert own_keys(here.session, "coe-cpt").keys() == {1}


def test_a_release_nobody_signed_is_noticed(here: At, log: Served) -> None:
    """The server cannot invent that an officer asked."""
    index = log.release(signed=False)
    assert read_log(here.session).unsigned == (index,)


def test_a_missing_view_is_a_finding(here: At, log: Served) -> None:
    """What should have come first in the chain is missing while later ones are there."""
    log.append(
        "access:matrix:read",
        {"actor": here.person.id, "body": "un-spt", "owner": "coe-cpt", "report": REPORT},
        commit=False,
    )
    log.release()
    assert [finding.code for finding in read_log(here.session).findings] == ["gap"]


def test_bundles_that_are_not_the_signed_log_are_refused(here: At, log: Served) -> None:
    """Another leaf, a leaf less, another place: nothing is shown."""
    log.release()
    good = list(log.stored)
    log.stored = [*good[:-1], good[1]]
    log.serve()
    with pytest.raises(LogContradictsError):
        read_log(here.session)
    log.stored = good[:-1]
    log.serve()
    with pytest.raises(LogContradictsError):
        read_log(here.session)


def test_a_full_bundle_is_kept_and_still_held_to_the_root(here: At, log: Served) -> None:
    """It is fetched once; a kept one that was altered is found by the tree."""
    while len(log.stored) < BUNDLE_LEAVES + 2:
        log.append("log:padding:append", {})
    read_log(here.session)
    kept = here.desk.home.path("audit/0.bundle")
    asked = [request.url.path for request in here.server.seen]
    read_log(here.session)
    again = [request.url.path for request in here.server.seen][len(asked) :]
    assert "/api/v1/audit/bundles/0" not in again and "/api/v1/audit/bundles/1" in again
    data = bytearray(kept.read_bytes())
    data[60] ^= 1
    kept.write_bytes(data)
    with pytest.raises(LogContradictsError):
        read_log(here.session)


def test_what_is_not_public_yet_is_waited_for(here: At, log: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person is told once; when it does not come in time, that is an answer of its own."""
    waited: list[float] = []
    monkeypatch.setattr(here.desk.clock, "wait", waited.append)
    with pytest.raises(NotPublicYetError):
        read_log(here.session, at_least=100, wait=3)
    assert waited == [1.0, 1.0, 1.0]
    assert here.desk.told.keys.count("client.waiting_for_log") == 1


def test_without_a_doubt_nobody_is_proven() -> None:
    """Nobody else: only where no other body has a release, and every view was read."""
    own = Release(3, datetime(2026, 3, 1, tzinfo=UTC), "coe-cpt", "o", "p", "view", "follow_up", None)
    other = Release(4, datetime(2026, 3, 1, tzinfo=UTC), "un-spt", "o", "p", "view", "follow_up", None)
    gap = Finding(5, "gap")
    assert Readers(REPORT, "coe-cpt", (own,), (), 9, None).nobody
    assert not Readers(REPORT, "coe-cpt", (own, other), (), 9, None).nobody
    assert not Readers(REPORT, "coe-cpt", (), (gap,), 9, None).nobody
    assert Readers(REPORT, "coe-cpt", (own, other), (), 9, None).others == (other,)
    assert audit_reading.WAIT_SECONDS > 60


def test_only_the_owner_can_say_who_received_a_key(tmp_path: Path) -> None:
    """Another body reads its own entries alone; it must not conclude from them that nobody else has a key."""
    reader = at(tmp_path / "home")
    report = Report(reader, tmp_path)
    with pytest.raises(NotOwnerError):
        readers(reader.session, report.id)


def test_an_act_without_a_statement_of_its_own_needs_no_signature(here: At, log: Served) -> None:
    """Also where its actor is nobody the directory knows."""
    log.append("accounts:token:refuse", {"actor": b64u(bytes(16)), "body": "coe-cpt", "method": "m", "cause": "c"})
    assert read_log(here.session).unsigned == ()
