"""One writer at a time on either engine, in order of arrival, across threads and processes; readers see one snapshot."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from exchange.db import Database
from tests.unit.engines.engine_maker import ARRIVED, Child, Marks, counted, in_threads, opened, put


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with an empty tally."""
    with opened(tmp_path) as database:
        yield database


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    """What happened, in order."""
    return Marks(tmp_path)


def test_waiting_threads_are_let_in_as_they_came(database: Database) -> None:
    """While one writes, eight others arrive; then each gets its turn, and none is passed by."""
    order: list[int] = []

    def write(number: int) -> None:
        with database.unit_of_work(write=True):
            order.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with database.unit_of_work(write=True):
        for thread in threads:
            thread.start()
            time.sleep(ARRIVED)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_waiting_processes_are_let_in_as_they_came(database: Database, marks: Marks) -> None:
    """The same for processes, of which none knows of the others."""
    database.dispose()

    def hold() -> None:
        with database.unit_of_work(write=True):
            marks.add("held")
            marks.wait_for("all-came")

    def write(number: int) -> None:
        with database.unit_of_work(write=True):
            marks.add(f"writer-{number}")

    children = [Child(hold)]
    marks.wait_for("held")
    for number in range(4):
        children.append(Child(lambda number=number: write(number)))  # type: ignore[misc]
        time.sleep(2 * ARRIVED)
    marks.add("all-came")
    assert [child.ended() for child in children] == [0] * 5
    assert marks.all()[2:] == [f"writer-{number}" for number in range(4)]


def test_no_two_writers_at_once(database: Database, marks: Marks) -> None:
    """Four processes with three threads each: between the mark of one that entered and its leaving stands no other's."""
    database.dispose()

    def write() -> None:
        for _ in range(3):
            with database.unit_of_work(write=True) as unit:
                name = f"{threading.get_native_id()}-{unit.session.scalar(text('select count(*) from tally'))}"
                marks.add(f"in-{name}")
                unit.on_commit(lambda name=name: marks.add(f"out-{name}"))  # type: ignore[misc]
                put(unit, int(name.rpartition("-")[2]))

    children = [Child(lambda: in_threads(*[write] * 3)) for _ in range(4)]
    assert [child.ended() for child in children] == [0] * 4
    entered, left = marks.all()[::2], marks.all()[1::2]
    assert [word.removeprefix("in-") for word in entered] == [word.removeprefix("out-") for word in left]
    assert [word.rpartition("-")[2] for word in entered] == [str(number) for number in range(36)]


def test_hooks_run_before_the_next_writer_of_another_process(database: Database, marks: Marks) -> None:
    """The lock outlives the commit: what a hook does is done when somebody else, anywhere, begins to write."""
    database.dispose()

    def write() -> None:
        marks.wait_for("written")
        with database.unit_of_work(write=True) as unit:
            marks.add(f"next-saw-{unit.session.scalar(text('select count(*) from tally'))}")

    child = Child(write)

    def hook() -> None:
        time.sleep(3 * ARRIVED)
        marks.add("hook")

    with database.unit_of_work(write=True) as unit:
        put(unit, 1)
        marks.add("written")
        unit.on_commit(hook)
    assert child.ended() == 0
    assert marks.all() == ["written", "hook", "next-saw-1"]


def test_a_killed_writer_lets_go_and_leaves_nothing(database: Database, marks: Marks) -> None:
    """SIGKILL in the middle of a writing unit: the next writer is let in, and finds the state before."""
    database.dispose()

    def write() -> None:
        with database.unit_of_work(write=True) as unit:
            put(unit, 1)
            marks.add("written")
            time.sleep(60)

    child = Child(write)
    marks.wait_for("written")
    child.kill()
    with database.unit_of_work(write=True) as unit:
        put(unit, 2)
    assert counted(database) == 1


def test_a_writer_killed_while_it_waits_is_passed_over(database: Database, marks: Marks) -> None:
    """Somebody in the queue dies: those behind get in all the same."""
    database.dispose()

    def hold() -> None:
        with database.unit_of_work(write=True):
            marks.add("held")
            marks.wait_for("killed")

    def write(word: str) -> None:
        with database.unit_of_work(write=True):
            marks.add(word)

    holder = Child(hold)
    marks.wait_for("held")
    waiting = Child(lambda: write("dead"))
    time.sleep(2 * ARRIVED)
    behind = Child(lambda: write("alive"))
    time.sleep(2 * ARRIVED)
    waiting.kill()
    marks.add("killed")
    assert (holder.ended(), behind.ended()) == (0, 0)
    assert marks.all() == ["held", "killed", "alive"]


def test_a_reader_sees_one_snapshot(database: Database) -> None:
    """What others commit while a reading unit is open stays unseen in it, and is there in the next; nobody waits."""
    with database.unit_of_work(write=True) as unit:
        put(unit, 1)

    def write() -> None:
        with database.unit_of_work(write=True) as unit:
            put(unit, 2)

    query = text("select count(*) from tally")
    with database.unit_of_work() as unit:
        assert unit.session.scalar(query) == 1
        in_threads(write)
        assert unit.session.scalar(query) == 1
    assert counted(database) == 2


def test_a_reader_inside_a_writer_sees_the_state_before(database: Database) -> None:
    """A reading unit beside an open writing one, in the same thread, sees what is committed, and does not wait."""
    with database.unit_of_work(write=True) as unit:
        put(unit, 1)
        assert counted(database) == 0
    assert counted(database) == 1


def test_a_hook_reads_what_was_committed(database: Database) -> None:
    """Hooks may read: after the commit they see it, the lock still held."""
    seen: list[int] = []
    with database.unit_of_work(write=True) as unit:
        put(unit, 1)
        unit.on_commit(lambda: seen.append(counted(database)))
    assert seen == [1]
