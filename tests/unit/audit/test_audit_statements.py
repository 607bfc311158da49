"""Stored statements: entry and ticket come together, and the ticket proves the entry; pending ones have no effect."""

import pytest

from exchange.audit.errors import StatementNotKeptError, StatementStoredError
from exchange.audit.statements import Subject
from exchange.ledger.ticket import Ticket
from exchange.transparency.merkle import TreeHead
from exchange.transparency.paths import verify_inclusion
from keys.encoding import b64u, unb64u
from keys.errors import MalformedError
from keys.statement import new, parse
from tests.unit.audit.audit_maker import CPT, HASH, REPORT, Instance, signed, stop_event

SUBJECTS = [Subject("report", REPORT)]


def test_a_stored_statement_comes_back_with_its_ticket(instance: Instance) -> None:
    """Text as signed, and a ticket that rebuilds the leaf at its index."""
    statement = signed()
    with instance.unit() as uow:
        stored = instance.statements.store(uow, statement, stop_event(), SUBJECTS)
    with instance.unit(write=False) as uow:
        found = instance.statements.find(uow, statement.hash)
        leaf = instance.logs.leaves(uow, "audit", stored.ticket.index, stored.ticket.index + 1)[0]
        assert instance.statements.of(uow, "report", REPORT) == [stored]
        assert instance.statements.latest(uow, "report", REPORT, "exchange/stop/v1") == stored
        assert instance.statements.latest(uow, "report", REPORT, "exchange/lift/v1") is None
    assert found == stored and found.statement == statement and found.text == statement.text
    assert found.ticket.leaf(statement.hash) == leaf
    assert instance.fsck() == []


def test_the_entry_names_the_statement_and_keeps_its_signatures(instance: Instance) -> None:
    """Hash, time and signatures come from the statement; no room has to repeat them."""
    statement = signed(seeds=(1, 2))
    with instance.unit() as uow:
        instance.statements.store(uow, statement, stop_event(), SUBJECTS)
    record = instance.read(CPT)[0][-1]
    assert record.fields["statement"] == b64u(statement.hash)
    assert record.fields["asked"] == "2026-03-10T12:00:00Z"
    assert record.signatures == tuple(s.value for s in statement.signatures)


def test_proofs_of_several_statements_share_a_checkpoint(instance: Instance) -> None:
    """Each inclusion holds in the one tree that both log keys signed."""
    stored = []
    for i in range(3):
        with instance.unit() as uow:
            statement = signed(nonce=b64u(bytes([i]) * 16))
            stored.append(instance.statements.store(uow, statement, stop_event(), SUBJECTS))
    answer = instance.statements.with_proofs(stored)
    keys = instance.places.place("audit").keys.public
    head: TreeHead = keys.verify(answer["checkpoint"].encode()).checkpoint.head
    assert head.size == answer["size"]
    for item in answer["statements"]:
        ticket = Ticket.from_json(item["ticket"])
        statement = parse(item["statement"].encode())
        assert b64u(statement.hash) == item["hash"]
        proof = [unb64u(value) for value in item["inclusion"]]
        verify_inclusion(ticket.leaf_hash(statement.hash), ticket.index, head.size, proof, head.root)


def test_the_same_statement_is_stored_once(instance: Instance) -> None:
    """A repetition is refused, whatever signers it has; nothing is written."""
    with instance.unit() as uow:
        instance.statements.store(uow, signed(), stop_event(), SUBJECTS)
    size = instance.size()
    with pytest.raises(StatementStoredError), instance.unit() as uow:
        instance.statements.store(uow, signed(seeds=(1, 2)), stop_event(), SUBJECTS)
    assert instance.size() == size


@pytest.mark.parametrize("label", ["release-request", "receipt"])
def test_no_table_holds_requests_or_receipts(instance: Instance, label: str) -> None:
    """They are refused in every version, before anything is written."""
    size = instance.size()
    for version in (1, 2):
        with pytest.raises(StatementNotKeptError), instance.unit() as uow:
            instance.statements.store(uow, signed(f"exchange/{label}/v{version}"), stop_event(), SUBJECTS)
    assert instance.size() == size


def test_statement_and_entry_stand_or_fall_together(instance: Instance) -> None:
    """A unit that rolls back leaves neither."""
    size = instance.size()
    with pytest.raises(RuntimeError), instance.unit() as uow:
        instance.statements.store(uow, signed(), stop_event(), SUBJECTS)
        raise RuntimeError
    with instance.unit(write=False) as uow:
        assert instance.statements.find(uow, signed().hash) is None
    assert instance.size() == size


def test_a_pending_statement_gathers_signers(instance: Instance) -> None:
    """Each posting adds its signature under the one hash; the first thing that came beside it stays."""
    with instance.unit() as uow:
        instance.statements.hold(uow, signed("exchange/lift/v1", (1,)), CPT, {})
    with instance.unit() as uow:
        instance.statements.hold(uow, signed("exchange/lift/v1", (2,)), CPT, {"note": [1]})
        merged = instance.statements.hold(uow, signed("exchange/lift/v1", (1,)), "un-spt", {"note": [2]})
    assert len(merged.statement.signatures) == 2
    assert (merged.body, merged.beside) == (CPT, {"note": [1]})
    with instance.unit(write=False) as uow:
        assert instance.statements.pending_of(uow, CPT) == [merged]
        assert instance.statements.pending_of(uow, "un-spt") == []
        assert instance.statements.find(uow, merged.hash) is None
    assert merged.to_json()["received"] == "2026-03-10T12:00:30Z"


def test_storing_ends_pending(instance: Instance) -> None:
    """Complete, it leaves the waiting list in the unit in which it takes effect."""
    statement = signed(seeds=(1, 2))
    with instance.unit() as uow:
        instance.statements.hold(uow, signed(), CPT, {})
        assert instance.statements.pending(uow, statement.hash) is not None
        instance.statements.store(uow, statement, stop_event(), SUBJECTS)
        assert instance.statements.pending(uow, statement.hash) is None
    with instance.unit(write=False) as uow:
        assert instance.statements.pending_of(uow, CPT) == []


def test_an_unsigned_statement_cannot_be_held_or_stored(instance: Instance) -> None:
    """It has no text."""
    bare = new("exchange/stop/v1", {"time": "2026-03-10T12:00:00Z", "exchange": HASH, "nonce": b64u(bytes(16))})
    with pytest.raises(MalformedError), instance.unit() as uow:
        instance.statements.hold(uow, bare, CPT, {})
    with pytest.raises(MalformedError), instance.unit() as uow:
        instance.statements.store(uow, bare, stop_event(), SUBJECTS)
