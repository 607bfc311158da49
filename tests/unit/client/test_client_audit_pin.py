"""The audit log is held to one history: older and forked heads are refused, and leaves are proven under what is pinned."""

from pathlib import Path

import pytest

from exchange.client.audit_log import AuditLog
from exchange.client.errors import AuditForkedError, AuditOlderError
from exchange.client.pins import load_pins
from exchange.transparency.errors import ProofError, SignatureError
from exchange.transparency.merkle import TreeHead, leaf_hash
from exchange.transparency.paths import consistency_proof
from tests.unit.client.fake_exchange import Desk, FakeExchange, Nodes, desk
from tests.unit.keys.directory_builder import Founding


@pytest.fixture
def at_desk(tmp_path: Path) -> Desk:
    """A machine that has seen nothing yet."""
    return desk(tmp_path / "home", FakeExchange(Founding.started()))


@pytest.fixture
def log(at_desk: Desk) -> AuditLog:
    """Its audit log."""
    return AuditLog(at_desk.home, at_desk.server.world.directory.root)


def test_the_pin_follows_a_growing_log(at_desk: Desk, log: AuditLog) -> None:
    """Each head is proven to continue the last, and persists."""
    assert log.pinned.size == 0
    assert log.head(at_desk.http).size == 16
    at_desk.server.audit += [b"more %d" % n for n in range(16)]
    assert log.head(at_desk.http).size == 32
    pin = load_pins(at_desk.home).audit
    assert pin is not None and pin.head == log.pinned and pin.head.size == 32
    assert at_desk.server.seen[-1].url.params["from"] == "16"


def test_a_leaf_is_proven(at_desk: Desk, log: AuditLog) -> None:
    """The right leaf at the right place, and no other."""
    log.prove(at_desk.http, leaf_hash(b"entry 5"), 5)
    with pytest.raises(ProofError):
        log.prove(at_desk.http, leaf_hash(b"entry 5"), 6)


def test_older_and_forked_logs_are_refused(at_desk: Desk, log: AuditLog) -> None:
    """Fewer entries, another history as long, another history longer; the pin stays and the evidence is kept."""
    log.head(at_desk.http)
    pinned = log.pinned
    honest = at_desk.server.audit
    at_desk.server.audit = honest[:8]
    with pytest.raises(AuditOlderError):
        log.head(at_desk.http)
    with pytest.raises(AuditOlderError):
        log.accept(at_desk.server.note("audit", honest, 8), [], pinned)
    for forged in ([b"x", *honest[1:]], [b"x", *honest[1:], b"y"]):
        at_desk.server.audit = forged
        with pytest.raises(AuditForkedError):
            log.head(at_desk.http)
    assert log.pinned == pinned
    assert {name.split("-")[0] for name in at_desk.home.names("alarms")} == {"audit_older", "audit_forked"}


def test_two_histories_of_one_size_are_refused_whenever_they_meet(at_desk: Desk, log: AuditLog) -> None:
    """Also when the request was made before anything had been pinned."""
    log.head(at_desk.http)
    forged = at_desk.server.note("audit", [b"x"] * 16)
    with pytest.raises(AuditForkedError):
        log.accept(forged, [], TreeHead(0, bytes(32)))


def test_a_checkpoint_of_another_key_is_refused(at_desk: Desk, log: AuditLog) -> None:
    """Both lines must be by the keys that `root` names."""
    plain, gap, lines = at_desk.server.note("audit", at_desk.server.audit).partition("\n\n")
    first, second, _ = lines.split("\n")
    for kept in (first, second):
        with pytest.raises(SignatureError):
            log.accept(f"{plain}{gap}{kept}\n", [], log.pinned)
    assert log.pinned.size == 0


def test_the_pin_stays_where_another_command_moved_it(at_desk: Desk, log: AuditLog) -> None:
    """A proof from an older size does not show that the newer pin is continued, so it does not replace it."""
    log.head(at_desk.http)
    before = log.pinned
    at_desk.server.audit += [b"a"]
    log.head(at_desk.http)
    moved = log.pinned
    leaves = [*at_desk.server.audit, b"b"]
    proof = consistency_proof(Nodes(leaves), before.size, len(leaves))
    found = log.accept(at_desk.server.note("audit", leaves), proof, before)
    assert found.size == 18 and log.pinned == moved
