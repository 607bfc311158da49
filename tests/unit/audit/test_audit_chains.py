"""Chains of view keys in step with units of work: readers never see a gap, and no key serves a unit nobody knows of."""

import pytest
from sqlalchemy import Connection

from exchange.audit.errors import UnitSpoiledError
from exchange.audit.events import Event
from exchange.db import Database, OutcomeUnknownError, UnitOfWorkError
from exchange.ledger.bundle import parse_bundle
from exchange.ledger.errors import BadEntryError, BadViewError, UnknownActError
from exchange.ledger.leaf import ChainLeaf, parse_leaf
from exchange.logs.faults import Faults
from tests.unit.audit.audit_maker import CPT, CPT_AUDIT, SPT, SPT_AUDIT, FakeBodies, Instance, StillClock, permit


def chain_leaves(instance: Instance) -> list[int]:
    """The indices of the leaves 0x02."""
    with instance.unit(write=False) as uow:
        leaves = instance.logs.leaves(uow, "audit", 0, instance.size())
    return [i for i, leaf in enumerate(leaves) if isinstance(parse_leaf(leaf), ChainLeaf)]


def acts(instance: Instance, body: str) -> list[str]:
    """What a body reads, padding left out; any finding fails."""
    records, findings = instance.read(body)
    assert findings == []
    return [record.act.tag for record in records if record.act.tag != "log:padding:append"]


def test_a_chain_stands_before_its_first_entry(instance: Instance) -> None:
    """The first leaf of a process is its chain's, with a seal for every body; then it serves all day."""
    for _ in range(3):
        instance.record(permit())
    assert chain_leaves(instance) == [0]
    seals = parse_bundle(instance.bundles()[0]).rows[0].chain.seals
    assert [(seal.body, seal.epoch) for seal in seals] == [(b, 1) for b in (CPT_AUDIT, SPT_AUDIT, CPT, SPT)]
    assert acts(instance, SPT) == ["access:release:permit"] * 3


def test_a_new_process_draws_new_chains(instance: Instance, tmp_path) -> None:
    """Secrets never survive their process, so the next one begins chains of its own; readers follow both."""
    instance.record(permit())
    before = instance.size()
    instance.close()
    second = Instance(tmp_path, instance.clock, instance.bodies)
    second.record(permit())
    assert chain_leaves(second) == [0, before]
    assert acts(second, CPT) == ["access:release:permit"] * 2
    second.close()


def test_processes_take_turns(instance: Instance, tmp_path) -> None:
    """Two processes on one instance, each with chains of its own, and no reader misses anything."""
    second = Instance(tmp_path, instance.clock, instance.bodies)
    for one in (instance, second, second, instance, second, instance):
        one.record(permit())
    assert len(chain_leaves(instance)) == 2
    assert acts(instance, SPT) == ["access:release:permit"] * 6
    assert instance.fsck() == []
    second.close()


def test_new_chains_at_midnight_utc(instance: Instance) -> None:
    """A chain serves its day: 23:59:59 is the old one's, 00:00:00 the new one's."""
    instance.record(permit())
    start = instance.clock.moment
    instance.clock.moment = start.replace(hour=23, minute=59, second=59)
    instance.record(permit())
    assert len(chain_leaves(instance)) == 1
    instance.clock.forward(seconds=1)
    instance.record(permit())
    assert len(chain_leaves(instance)) == 2
    assert acts(instance, SPT) == ["access:release:permit"] * 3


@pytest.mark.parametrize("change", ["epoch", "body"])
def test_new_chains_before_the_first_entry_after_a_change(instance: Instance, change: str) -> None:
    """A new epoch or a new body reads from the very next entry on, by its newest key."""
    instance.record(permit())
    if change == "epoch":
        instance.bodies.epochs[SPT] = 2
    else:
        instance.bodies.epochs["npm-xa"] = 1
    index = instance.record(permit())
    assert chain_leaves(instance)[-1] == index - 1
    records, _ = instance.read(SPT, epochs=(2,) if change == "epoch" else (1,))
    assert records[-1].index == index


def test_a_change_inside_a_unit_counts_at_once(instance: Instance) -> None:
    """The entry after an epoch statement of the same unit is sealed to that epoch."""
    with instance.unit() as uow:
        first = instance.audit.record(uow, permit()).index
        instance.bodies.epochs[SPT] = 2
        second = instance.audit.record(uow, permit()).index
    assert [r.index for r in instance.read(SPT, epochs=(1,))[0] if r.index >= first] == [first]
    assert [r.index for r in instance.read(SPT, epochs=(2,))[0]] == [second]
    assert instance.read(SPT)[1] == []


def test_a_unit_rolled_back_leaves_no_gap(instance: Instance) -> None:
    """What was drawn for it is drawn again; chains it drew itself never were."""
    instance.record(permit())
    size = instance.size()
    with pytest.raises(RuntimeError), instance.unit() as uow:
        instance.audit.record(uow, permit())
        instance.bodies.epochs["npm-xa"] = 1
        instance.audit.record(uow, permit())
        raise RuntimeError
    del instance.bodies.epochs["npm-xa"]
    assert instance.size() == size
    instance.record(permit())
    assert instance.size() == size + 1
    assert acts(instance, SPT) == ["access:release:permit"] * 2
    assert instance.fsck() == []


def test_the_first_unit_may_roll_back(tmp_path) -> None:
    """Nothing is left of it, not even its chain; the next unit draws another."""
    instance = Instance(tmp_path)
    instance.bodies.everybody()
    with pytest.raises(RuntimeError), instance.unit() as uow:
        instance.audit.record(uow, permit())
        raise RuntimeError
    assert instance.size() == 0
    instance.record(permit())
    assert chain_leaves(instance) == [0]
    assert acts(instance, SPT) == ["access:release:permit"]
    instance.close()


class Unsure(Database):
    """A database whose next commit says that its outcome is not known."""

    happens: bool | None = None

    def _commit(self, connection: Connection) -> None:
        happens, self.happens = self.happens, None
        if happens is None:
            return super()._commit(connection)
        if happens:
            super()._commit(connection)
        raise OutcomeUnknownError("the outcome of a commit is not known")


@pytest.mark.parametrize("happens", [True, False])
def test_an_unknown_outcome_ends_the_chains(tmp_path, happens: bool) -> None:
    """Whether or not the commit happened, no later view uses a key that may have been used."""
    clock, bodies = StillClock(), FakeBodies()
    bodies.everybody()
    first = Instance(tmp_path, clock, bodies)
    database = Unsure(first.config.database_url, clock.now)
    first.close()
    instance = Instance(tmp_path, clock, bodies, replace={Database: database})
    instance.record(permit())
    database.happens = happens
    with pytest.raises(OutcomeUnknownError):
        instance.record(permit())
    size = instance.size()
    assert size == (3 if happens else 2)
    instance.record(permit())
    assert chain_leaves(instance) == [0, size]
    assert acts(instance, SPT) == ["access:release:permit"] * (3 if happens else 2)
    instance.close()


def test_before_any_epoch_there_are_dummies_only(empty: Instance) -> None:
    """An entry before the founding stands, and nobody reads it; bodies that come later read from then on."""
    empty.record(permit())
    assert chain_leaves(empty) == [0]
    assert parse_bundle(empty.bundles()[0]).rows[0].chain.seals == ()
    empty.bodies.everybody()
    empty.record(permit())
    for body in (CPT, SPT, CPT_AUDIT, SPT_AUDIT):
        assert acts(empty, body) == ["access:release:permit"]
    assert empty.fsck() == []


def test_a_bad_event_draws_nothing(instance: Instance) -> None:
    """It is refused before anything was written; the unit may go on."""
    size = instance.size()
    with instance.unit() as uow:
        with pytest.raises(UnknownActError):
            instance.audit.record(uow, Event("no:such:act"))
        with pytest.raises(BadEntryError):
            instance.audit.record(uow, permit(report="not a uuid"))
        with pytest.raises(BadViewError, match="signatures"):
            instance.audit.record(uow, Event(permit().act, permit().fields, (bytes(63),)))
        instance.audit.record(uow, permit())
    assert instance.size() == size + 1
    assert acts(instance, SPT) == ["access:release:permit"]


class Falls(Faults):
    """Raises once between the drawing of secrets and the first row, when it is armed."""

    armed = False

    def at(self, point: str) -> None:
        if self.armed and point == "audit.record.before-leaf":
            self.armed = False
            raise OSError(point)


def test_a_unit_whose_entry_failed_takes_no_other(tmp_path) -> None:
    """Secrets were drawn and are lost: if its caller commits all the same, the next unit draws new chains."""
    falls = Falls()
    instance = Instance(tmp_path, replace={Faults: falls})
    instance.bodies.everybody()
    instance.record(permit())
    with instance.unit() as uow:
        falls.armed = True
        with pytest.raises(OSError, match="before-leaf"):
            instance.audit.record(uow, permit())
        with pytest.raises(UnitSpoiledError):
            instance.audit.record(uow, permit())
    before = len(chain_leaves(instance))
    instance.record(permit())
    assert len(chain_leaves(instance)) == before + 1
    assert acts(instance, SPT) == ["access:release:permit"] * 2


def test_a_reading_unit_records_nothing(instance: Instance) -> None:
    """An entry belongs to a writing unit."""
    with instance.unit(write=False) as uow, pytest.raises(UnitOfWorkError):
        instance.audit.record(uow, permit())


def test_recheck_refuses_inside_the_transaction(instance: Instance) -> None:
    """What a decision relied on is looked at again where its entry is written; a refusal leaves no entry."""
    size = instance.size()

    def refuse(uow) -> None:
        assert uow.write
        raise RuntimeError("moved")

    with pytest.raises(RuntimeError, match="moved"):
        instance.audit.record_only(permit(), recheck=refuse)
    assert instance.size() == size
    assert instance.audit.record_only(permit(), recheck=lambda uow: None).index == size
