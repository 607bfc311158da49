"""The unit of work: one transaction, one clock, and hooks that know how it ended."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from exchange.db import (
    Base,
    ClockFloor,
    Database,
    DatabaseBusyError,
    OutcomeUnknownError,
    Time,
    UnitOfWork,
    UnitOfWorkError,
)
from exchange.storage.errors import DiskFullError
from tests import databases

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)


class Own(DeclarativeBase):
    """A base for these tests alone: migrations never see its tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = Base.type_annotation_map


class Tally(Own):
    """A number, and a moment."""

    __tablename__ = "test_tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
    at: Mapped[datetime | None]


@pytest.fixture
def moments() -> list[datetime]:
    """Return the clock: its last element is the present."""
    return [NOW]


@pytest.fixture
def database(tmp_path: Path, moments: list[datetime]) -> Iterator[Database]:
    """Return a database with the floor and the tally."""
    database = Database(databases.url(tmp_path), lambda: moments[-1])
    ClockFloor.__table__.create(database.engine)  # type: ignore[attr-defined]
    Tally.__table__.create(database.engine)  # type: ignore[attr-defined]
    yield database
    database.dispose()


def watched(uow: UnitOfWork, seen: list[str]) -> None:
    """Let every kind of hook write its name into `seen`."""
    uow.on_commit(lambda: seen.append("commit"))
    uow.on_rollback(lambda: seen.append("rollback"))
    uow.on_unknown(lambda: seen.append("unknown"))
    uow.afterwards(lambda: seen.append("after"))


@pytest.mark.sqlite("its pragmas; PostgreSQL's settings: tests/unit/engines")
def test_settings_of_every_connection(database: Database) -> None:
    """WAL, FULL, foreign keys, a busy timeout, and SQLite newer than its WAL-reset bug, on every connection."""
    with database.unit_of_work() as uow:
        ask = uow.session.connection().exec_driver_sql
        values = [ask(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")]
        version = ask("select sqlite_version()").scalar_one()
    assert values == ["wal", 2, 1, 30_000]
    assert tuple(map(int, version.split("."))) > (3, 51, 2)


def test_commit_then_hooks(database: Database) -> None:
    """A block that ends is committed; its commit hooks run, then what comes afterwards."""
    seen: list[str] = []
    with database.unit_of_work(write=True) as uow:
        watched(uow, seen)
        uow.session.add(Tally(id=1, count=5, at=None))
    assert seen == ["commit", "after"]
    with database.unit_of_work() as uow:
        assert uow.session.scalar(select(Tally.count)) == 5


def test_an_exception_rolls_back(database: Database) -> None:
    """A block that raises changes nothing, its rollback hooks run, and the exception is the caller's."""
    seen: list[str] = []
    with pytest.raises(RuntimeError), database.unit_of_work(write=True) as uow:
        watched(uow, seen)
        uow.session.add(Tally(id=1, count=5, at=None))
        uow.session.flush()
        raise RuntimeError
    assert seen == ["rollback"]
    with database.unit_of_work() as uow:
        assert uow.session.scalar(select(Tally.count)) is None


def test_a_failing_flush_at_the_end_is_a_rollback(database: Database) -> None:
    """What the database refuses before the commit point certainly did not happen."""
    seen: list[str] = []
    with database.unit_of_work(write=True) as uow:
        uow.session.add(Tally(id=1, count=1, at=None))
    with pytest.raises(IntegrityError), database.unit_of_work(write=True) as uow:
        watched(uow, seen)
        uow.session.connection().exec_driver_sql("insert into test_tally (id, count) values (2, 2)")
        uow.session.add(Tally(id=1, count=2, at=None))
    assert seen == ["rollback"]


class Uncertain(Database):
    """A database whose commit fails, before or after it took effect."""

    happened = False

    def _commit(self, connection: Connection) -> None:
        if self.happened:
            super()._commit(connection)
        raise OutcomeUnknownError("the line was cut")


@pytest.mark.parametrize("happened", [False, True])
def test_a_failing_commit_is_of_unknown_outcome(database: Database, happened: bool) -> None:
    """A commit that fails, having happened or not, runs the unknown hooks only and says so."""
    seen: list[str] = []
    uncertain = Uncertain(str(database.engine.url), lambda: NOW)
    uncertain.happened = happened
    with pytest.raises(OutcomeUnknownError), uncertain.unit_of_work(write=True) as uow:
        watched(uow, seen)
        uow.session.add(Tally(id=1, count=1, at=None))
    uncertain.dispose()
    assert seen == ["unknown"]
    with database.unit_of_work() as uow:
        assert uow.session.scalar(select(Tally.count)) == (1 if happened else None)


def test_a_hook_that_raises_does_not_stop_the_others(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """The commit has happened: a failing hook is logged by name, without what it failed on."""
    seen: list[str] = []

    def fails() -> None:
        raise ValueError("planted-secret")

    with database.unit_of_work(write=True) as uow:
        uow.on_commit(fails)
        uow.on_commit(lambda: seen.append("next"))
    assert seen == ["next"]
    assert "fails" in caplog.text and "planted-secret" not in caplog.text


def test_commit_hooks_run_before_the_next_writer(database: Database) -> None:
    """Between a commit and its hooks no other writer gets in: state that follows the commit is never stale."""
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        waiting.set()
        with database.unit_of_work(write=True):
            order.append("second")

    thread = threading.Thread(target=second)

    def hook() -> None:
        thread.start()
        waiting.wait(5)
        thread.join(0.2)
        order.append("hook")

    with database.unit_of_work(write=True) as uow:
        uow.on_commit(hook)
    thread.join(10)
    assert order == ["hook", "second"]


def test_afterwards_may_open_a_unit_and_a_hook_may_not(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """`afterwards` runs with the lock free; a writer inside a hook would wait for itself and is refused instead."""
    seen: list[str] = []

    def write() -> None:
        with database.unit_of_work(write=True):
            seen.append("wrote")

    with database.unit_of_work(write=True) as uow:
        uow.on_commit(write)
        uow.afterwards(write)
    assert seen == ["wrote"]
    assert "UnitOfWorkError" in caplog.text


def test_a_writer_inside_a_writer_is_refused(database: Database) -> None:
    """It would wait for its own lock for ever."""
    with pytest.raises(UnitOfWorkError), database.unit_of_work(write=True), database.unit_of_work(write=True):
        pass
    with database.unit_of_work(write=True):
        pass


def test_a_reading_unit_cannot_write(database: Database) -> None:
    """Neither through SQL nor by leaving changes in the session."""
    with pytest.raises(DBAPIError), database.unit_of_work() as uow:
        uow.session.add(Tally(id=1, count=1, at=None))
        uow.session.flush()
    with pytest.raises(UnitOfWorkError), database.unit_of_work() as uow:
        uow.session.add(Tally(id=1, count=1, at=None))


def test_now_is_fixed_whole_and_never_before_the_newest(database: Database, moments: list[datetime]) -> None:
    """A clock set back does not reach decisions: now stays at the newest moment a writer has committed."""
    moments.append(NOW + timedelta(seconds=90, microseconds=700_000))
    with database.unit_of_work(write=True) as uow:
        assert uow.now == NOW + timedelta(seconds=90)
        moments.append(NOW + timedelta(hours=5))
        assert uow.now == NOW + timedelta(seconds=90)
    moments.append(NOW - timedelta(days=400))
    for write in (False, True):
        with database.unit_of_work(write=write) as uow:
            assert uow.now == NOW + timedelta(seconds=90)
    with pytest.raises(RuntimeError), database.unit_of_work(write=True) as uow:
        moments.append(NOW + timedelta(days=9))
        raise RuntimeError
    moments.append(NOW)
    with database.unit_of_work() as uow:
        assert uow.now == NOW + timedelta(seconds=90), "what was rolled back does not raise the floor"


def test_times_come_back_aware_in_whole_seconds(database: Database) -> None:
    """A stored moment has the same order as an integer and comes back in UTC."""
    with database.unit_of_work(write=True) as uow:
        uow.session.add(Tally(id=1, count=1, at=NOW + timedelta(microseconds=999_999)))
    with database.unit_of_work() as uow:
        assert uow.session.scalar(select(Tally.at)) == NOW
        assert uow.session.connection().exec_driver_sql("select at from test_tally").scalar() == int(NOW.timestamp())
    with pytest.raises(UnitOfWorkError):
        Time().process_bind_param(datetime(2026, 1, 1), None)  # type: ignore[arg-type]


def test_writers_of_many_threads_lose_nothing(database: Database) -> None:
    """Read, add one, write back, from eight threads: the writing unit makes each read stand until its commit."""
    with database.unit_of_work(write=True) as uow:
        uow.session.add(Tally(id=1, count=0, at=None))

    def work() -> None:
        for _ in range(10):
            with database.unit_of_work(write=True) as uow:
                row = uow.session.get_one(Tally, 1)
                row.count += 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.unit_of_work() as uow:
        assert uow.session.scalar(select(Tally.count)) == 80


def test_writers_of_many_processes_lose_nothing(database: Database) -> None:
    """Processes queue at the writer lock like threads, and one that dies holding it lets go."""
    with database.unit_of_work(write=True) as uow:
        uow.session.add(Tally(id=1, count=0, at=None))
    database.dispose()
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            try:
                for _ in range(10):
                    with database.unit_of_work(write=True) as uow:
                        uow.session.get_one(Tally, 1).count += 1
                if number == 0:
                    with database.unit_of_work(write=True) as uow:
                        uow.session.get_one(Tally, 1).count += 1000
                        uow.session.flush()
                        os._exit(9)
            finally:
                os._exit(0)
        children.append(child)
    codes = sorted(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
    assert codes == [0, 0, 0, 9]
    with database.unit_of_work() as uow:
        assert uow.session.scalar(select(Tally.count)) == 40


@pytest.mark.sqlite("its driver's words")
@pytest.mark.parametrize(
    ("text", "error"), [("database is locked", DatabaseBusyError), ("database or disk is full", DiskFullError)]
)
def test_what_sqlite_refuses_is_typed(database: Database, text: str, error: type[Exception]) -> None:
    """A lock not got and a full disk are errors a caller can act on, and change nothing."""
    seen: list[str] = []
    with pytest.raises(error), database.unit_of_work(write=True) as uow:
        watched(uow, seen)
        raise OperationalError("insert", {}, Exception(text))
    assert seen == ["rollback"]
