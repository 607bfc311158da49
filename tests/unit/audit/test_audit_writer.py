"""The batching writer: one commit for many, each act by itself, everybody told, and nobody left waiting."""

import os
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from exchange.audit.writer import Writer
from exchange.db import DatabaseBusyError, OutcomeUnknownError, UnitOfWork, UnitOfWorkError
from exchange.ledger.errors import BadEntryError
from exchange.logs.faults import Faults
from exchange.storage.errors import DiskFullError
from tests.unit.audit.audit_maker import CPT, Instance, permit
from tests.unit.audit.writer_crowd import Commits, Crowd, until


class Refused(Exception):
    """What an act raises to refuse."""


class Full(Faults):
    """Says once, where views are to be written, that the disk is full."""

    armed = False

    def at(self, point: str) -> None:
        if self.armed and point == "audit.record.before-views":
            self.armed = False
            raise DiskFullError("the disk has no room for the database")


def acts(instance: Instance) -> list[str]:
    """The acts that coe-cpt reads, in the log's order; the log is sound and nobody complains."""
    records, findings = instance.read(CPT)
    assert findings == [] and instance.fsck() == []
    return [record.act.tag for record in records]


def test_who_waits_together_commits_together(instance: Instance) -> None:
    """Everybody who came while the turn was another's has one commit, and indices in the order of arrival."""
    commits, crowd, size = Commits(instance.database), Crowd(instance), instance.size()
    with crowd.queueing():
        numbers = [crowd.records(permit()) for _ in range(12)]
    assert crowd.indices(*numbers) == list(range(size, size + 12))
    assert commits.count == 2  # that of the test's own unit, and theirs
    assert acts(instance)[-12:] == ["access:release:permit"] * 12


def test_a_batch_has_a_bound_and_nobody_is_passed_over(instance: Instance) -> None:
    """Ten callers and batches of four: three commits, in order of arrival; the last waits for no more than two of them."""
    commits, crowd, size = Commits(instance.database), Crowd(instance), instance.size()
    instance.audit.writer._most = 4
    with crowd.queueing():
        numbers = [crowd.records(permit()) for _ in range(10)]
    assert crowd.indices(*numbers) == list(range(size, size + 10))
    assert commits.count == 1 + 3


def test_a_refusal_is_its_acts_alone(instance: Instance) -> None:
    """First, in the middle or last: the others are recorded, in their order, in the same commit."""
    commits, crowd, size = Commits(instance.database), Crowd(instance), instance.size()
    with crowd.queueing():
        refused = [crowd.raises(Refused("one"))]
        good = [crowd.records(permit())]
        refused.append(crowd.raises(Refused("two")))
        bad = crowd.add(lambda _uow: instance.audit.prepare(permit(action="NOT A WORD")))
        good.append(crowd.records(permit()))
        refused.append(crowd.raises(Refused("three")))
    assert [str(crowd.got[number]) for number in refused] == ["one", "two", "three"]
    assert isinstance(crowd.got[bad], BadEntryError)
    assert crowd.indices(*good) == [size, size + 1] and commits.count == 2
    assert acts(instance) == ["access:release:permit"] * 2


@pytest.mark.parametrize("place", [0, 1, 3])
def test_an_act_whose_question_breaks_the_transaction_breaks_it_for_itself(instance: Instance, place: int) -> None:
    """The unit is rolled back, that act has its error, and the others are recorded in another, in their order."""
    crowd, size = Crowd(instance), instance.size()

    def asks_nonsense(uow: UnitOfWork) -> Any:
        uow.session.execute(text("select nothing from no_such_table"))

    with crowd.queueing():
        numbers = [crowd.add(asks_nonsense) if n == place else crowd.records(permit()) for n in range(4)]
    broken = numbers.pop(place)
    assert "no_such_table" in str(crowd.got[broken])
    assert crowd.indices(*numbers) == list(range(size, size + 3))
    assert acts(instance)[-3:] == ["access:release:permit"] * 3


def test_no_entry_is_used_again_after_a_batch_that_was_undone(instance: Instance) -> None:
    """The entry that was made ahead is given out once: the next try seals another, under another seed."""
    ready, seeds, crowd = instance.audit.ready(permit()), [], Crowd(instance)

    def settled(_uow: UnitOfWork) -> Any:
        prepared = ready()
        seeds.append(prepared.entry.seed)
        return prepared

    with crowd.queueing():
        good = crowd.add(settled)
        crowd.add(lambda uow: uow.session.execute(text("select nothing from no_such_table")))
    recorded: Any = crowd.got[good]
    assert len(set(seeds)) == len(seeds) == 2 and recorded.entry.seed == seeds[-1]


def test_a_leader_that_is_interrupted_takes_nobody_with_it(instance: Instance) -> None:
    """An interrupt is its thread's own: nothing of the batch was written, and the next caller leads all the others."""
    crowd, size = Crowd(instance), instance.size()
    with crowd.queueing():
        leader = crowd.raises(KeyboardInterrupt())
        numbers = [crowd.records(permit()) for _ in range(3)]
    assert isinstance(crowd.got[leader], KeyboardInterrupt)
    assert crowd.indices(*numbers) == list(range(size, size + 3))


def test_who_is_interrupted_while_waiting_is_not_recorded(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves the queue; those behind it move up."""

    enough = threading.Event()

    class Impatient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if threading.current_thread().name == "impatient":
                enough.wait()
                raise KeyboardInterrupt
            return super().wait(timeout)

    def interrupted() -> None:
        with pytest.raises(KeyboardInterrupt):
            instance.audit.record_only(permit())

    monkeypatch.setattr("exchange.audit.writer.threading", SimpleNamespace(Event=Impatient, Lock=threading.Lock))
    crowd, size = Crowd(instance), instance.size()
    with crowd.queueing():
        numbers = [crowd.records(permit())]
        impatient = threading.Thread(target=interrupted, name="impatient")
        impatient.start()
        until(lambda: len(instance.audit.writer._waiting) == 2)
        numbers.append(crowd.records(permit()))
        enough.set()
        impatient.join()
    assert crowd.indices(*numbers) == [size, size + 1] and instance.size() == size + 2


@pytest.mark.parametrize("happens", [True, False])
def test_a_commit_of_unknown_outcome_is_told_to_everybody(instance: Instance, happens: bool) -> None:
    """Each has an error of its own that says so; a refusal stays one; the next act goes on under new chains."""
    commits, crowd, size = Commits(instance.database), Crowd(instance), instance.size()
    with crowd.queueing():
        numbers = [crowd.records(permit()) for _ in range(3)]
        refused = crowd.raises(Refused("no"))
        crowd.add(lambda _uow: (setattr(commits, "happens", happens), instance.audit.prepare(permit()))[1])
        numbers.append(4)
    errors = [crowd.got[number] for number in numbers]
    assert [type(error) for error in errors] == [OutcomeUnknownError] * 4 and len({id(error) for error in errors}) == 4
    assert isinstance(crowd.got[refused], Refused)
    assert instance.size() == size + (4 if happens else 0)
    before = instance.size()
    assert instance.record(permit()) == before + 1  # behind the leaf of new chains
    assert len(acts(instance)) >= (5 if happens else 1)


def test_an_interrupt_after_the_commit_is_no_rollback(instance: Instance) -> None:
    """Nobody is told that nothing was written when it was: the others hear that the outcome is not known."""
    crowd, size = Crowd(instance), instance.size()

    def interrupts() -> None:
        raise KeyboardInterrupt

    def settled(uow: UnitOfWork) -> Any:
        uow.on_commit(interrupts)
        return instance.audit.prepare(permit())

    with crowd.queueing():
        first = crowd.add(settled)
        second = crowd.records(permit())
    assert isinstance(crowd.got[first], (KeyboardInterrupt, OutcomeUnknownError))
    assert isinstance(crowd.got[second], OutcomeUnknownError)
    assert instance.size() == size + 2
    # The chains were not told how it ended, so they have ended too.
    assert instance.record(permit()) == size + 3
    assert acts(instance) == ["access:release:permit"] * 3


def test_a_full_disk_is_told_to_everybody_and_leaves_nothing(tmp_path: Any) -> None:
    """Nothing of the batch stands; with room again the log goes on."""
    full = Full()
    instance = Instance(tmp_path, replace={Faults: full})
    instance.bodies.everybody()
    instance.record(permit())
    crowd, size = Crowd(instance), instance.size()
    with crowd.queueing():
        numbers = [crowd.records(permit()) for _ in range(5)]
        full.armed = True
    assert {type(crowd.got[number]) for number in numbers} == {DiskFullError}
    assert instance.size() == size and instance.record(permit()) == size
    assert acts(instance) == ["access:release:permit"] * 2
    instance.close()


@pytest.mark.sqlite("a bound on the pages of one connection; PostgreSQL has none")
def test_a_disk_that_is_really_full(instance: Instance) -> None:
    """What SQLite itself says of a file that may not grow reaches everybody in the batch."""
    crowd, size = Crowd(instance), instance.size()

    def fills(uow: UnitOfWork) -> Any:
        uow.session.connection().exec_driver_sql("PRAGMA max_page_count=1")  # it is raised to what there is
        return instance.audit.prepare(permit())

    with crowd.queueing():
        numbers = [crowd.add(fills), *(crowd.records(permit()) for _ in range(40))]
    assert {type(crowd.got[number]) for number in numbers} == {DiskFullError}
    instance.database.dispose()
    assert instance.size() == size and instance.record(permit()) == size


def test_a_turn_that_is_not_had_is_told_to_everybody(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that lets nobody in is asked once for all who wait, not by each in turn."""
    real, asked, crowd = instance.database.unit_of_work, [], Crowd(instance)

    def busy(*, write: bool = False) -> Any:
        if not write or asked or threading.current_thread() is threading.main_thread():
            return real(write=write)
        asked.append(1)
        until(lambda: len(instance.audit.writer._waiting) == 3)
        raise DatabaseBusyError("the database is busy")

    monkeypatch.setattr(instance.database, "unit_of_work", busy)
    numbers = [crowd.records(permit()) for _ in range(3)]
    crowd.join()
    assert [type(crowd.got[number]) for number in numbers] == [DatabaseBusyError] * 3 and asked == [1]
    instance.record(permit())


def test_it_refuses_to_wait_for_itself(instance: Instance) -> None:
    """Inside a writing unit of the same thread it would wait for that unit's end."""
    with instance.unit(), pytest.raises(UnitOfWorkError):
        instance.audit.record_only(permit())
    instance.record(permit())


def test_what_runs_with_the_entries_undoes_the_batch(instance: Instance) -> None:
    """`written` belongs to the transaction: what it raises is everybody's."""
    crowd, size = Crowd(instance), instance.size()

    def fails() -> None:
        raise OSError("after")

    with crowd.queueing():
        numbers = [crowd.records(permit()), crowd.add(lambda _uow: instance.audit.prepare(permit()), fails)]
    assert [type(crowd.got[number]) for number in numbers] == [OSError] * 2
    assert instance.size() == size and instance.record(permit()) == size


def test_a_fork_begins_with_an_empty_queue(instance: Instance) -> None:
    """A child made while others wait, and while one holds the queue's guard, has a writer that nobody leads."""
    crowd, writer = Crowd(instance), instance.audit.writer
    with crowd.queueing():
        crowd.records(permit())
        crowd.records(permit())
        with writer._guard:
            child = os.fork()
            if child == 0:
                free = writer._guard.acquire(timeout=5)
                os._exit(0 if free and writer._leader is None and not writer._waiting else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(crowd.got) == 2


def test_the_queue_is_empty_when_all_have_gone(instance: Instance) -> None:
    """Nothing is kept of who was here, whatever became of them."""
    crowd, writer = Crowd(instance), instance.audit.writer
    with crowd.queueing():
        crowd.records(permit())
        crowd.raises(Refused("no"))
        crowd.raises(KeyboardInterrupt())
    until(lambda: not writer._waiting and writer._leader is None)
    assert isinstance(writer, Writer)


def test_hundreds_of_acts_by_sixteen_threads(instance: Instance) -> None:
    """All are recorded once, densely, and no caller waits long while the others go on."""
    size, got, slowest = instance.size(), [], []

    def run() -> None:
        for _ in range(12):
            start = time.monotonic()
            got.append(instance.audit.record_only(permit()).index)
            slowest.append(time.monotonic() - start)

    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(size, size + 192)) and len(slowest) == 192
    assert acts(instance).count("access:release:permit") == 192
