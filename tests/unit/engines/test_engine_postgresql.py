"""PostgreSQL's own ways to fail: a session ended by the server, a lock not got in time, somebody past the lock, a server that
is not there. Each is one of the errors of exchange.engines.errors, and the next writer goes on."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg import errors as pg
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from exchange.db import Database, DatabaseAwayError, DatabaseBusyError, OutcomeUnknownError, UnitOfWork
from exchange.engines import postgresql
from tests import databases, postgres
from tests.unit.engines.engine_maker import ARRIVED, NOW, counted, in_threads, opened, put, watched

pytestmark = pytest.mark.postgresql("its sessions, locks and settings")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with an empty tally."""
    with opened(tmp_path) as database:
        yield database


def ended(unit: UnitOfWork) -> None:
    """The server ends the session of a unit, as at its restart."""
    pid = unit.session.scalar(text("select pg_backend_pid()"))
    assert postgres.cluster().ask("select pg_terminate_backend(%s, 5000)", pid) == [(True,)]


def test_every_connection_is_set_up(tmp_path: Path) -> None:
    """Repeatable read for both kinds, durable commits whatever the database's default, UTC, and a bound on waiting."""
    with databases.behind(databases.url(tmp_path)) as connection:
        name = connection.scalar(text("select current_database()"))
        connection.execute(text(f'alter database "{name}" set synchronous_commit = off'))
    with opened(tmp_path) as database:
        for write in (False, True):
            with database.unit_of_work(write=write) as unit:
                names = ("transaction_isolation", "synchronous_commit", "timezone", "lock_timeout", "transaction_read_only")
                values = [unit.session.scalar(text("select current_setting(:name)"), {"name": name}) for name in names]
            assert values == ["repeatable read", "on", "UTC", "30s", "off" if write else "on"]


def test_a_session_ended_before_the_commit(database: Database) -> None:
    """The line breaks inside a writing unit: DatabaseAwayError, nothing is written, and the next writer goes on."""
    seen: list[str] = []
    with pytest.raises(DatabaseAwayError), database.unit_of_work(write=True) as unit:
        watched(unit, seen)
        put(unit, 1)
        ended(unit)
        put(unit, 2)
    assert seen == ["rollback"]
    with database.unit_of_work(write=True) as unit:
        put(unit, 3)
    assert counted(database) == 1


def test_a_session_ended_in_a_reading_unit(database: Database) -> None:
    """A reader whose line breaks is told so; the next gets another line."""
    with pytest.raises(DatabaseAwayError), database.unit_of_work() as unit:
        ended(unit)
        unit.session.scalar(text("select 1"))
    assert counted(database) == 0


def test_a_pooled_connection_that_died_is_replaced(database: Database) -> None:
    """A restart of the server between two requests is noticed by nobody."""
    with database.unit_of_work() as unit:
        pid = unit.session.scalar(text("select pg_backend_pid()"))
    postgres.cluster().ask("select pg_terminate_backend(%s, 5000)", pid)
    with database.unit_of_work(write=True) as unit:
        put(unit, 1)
    assert counted(database) == 1


class Cut(Database):
    """A database whose line breaks at the commit: before it, or after it took effect."""

    happened = False

    def _commit(self, connection: Connection) -> None:
        pid = connection.scalar(text("select pg_backend_pid()"))
        if self.happened:
            super()._commit(connection)
        postgres.cluster().ask("select pg_terminate_backend(%s, 5000)", pid)
        if self.happened:
            raise OutcomeUnknownError("the answer did not arrive")
        super()._commit(connection)


@pytest.mark.parametrize("happened", [False, True])
def test_a_session_ended_at_the_commit(database: Database, tmp_path: Path, happened: bool) -> None:
    """Nobody knows whether a commit happened whose answer did not come: that is said, and the next writer finds the truth."""
    seen: list[str] = []
    cut = Cut(databases.url(tmp_path), lambda: NOW)
    cut.happened = happened
    with pytest.raises(OutcomeUnknownError), cut.unit_of_work(write=True) as unit:
        watched(unit, seen)
        put(unit, 1)
    cut.dispose()
    assert seen == ["unknown"]
    with database.unit_of_work(write=True) as unit:
        assert unit.session.scalar(text("select count(*) from tally")) == int(happened)


def test_a_session_ended_while_hooks_run(database: Database) -> None:
    """The commit was answered: the unit ends well, and a lock that went with the session is not missed."""
    seen: list[str] = []
    with database.unit_of_work(write=True) as unit:
        pid = unit.session.scalar(text("select pg_backend_pid()"))
        put(unit, 1)
        unit.on_commit(lambda: postgres.cluster().ask("select pg_terminate_backend(%s, 5000)", pid) and None)
        watched(unit, seen)
    assert seen == ["commit", "after"]
    with database.unit_of_work(write=True) as unit:
        put(unit, 2)
    assert counted(database) == 2


def test_hooks_of_this_process_come_before_its_next_writer_even_when_the_line_broke(database: Database) -> None:
    """The server lets the next writer in when a session ends; writers of this process wait for the hooks all the same."""
    order: list[str] = []

    def write() -> None:
        with database.unit_of_work(write=True):
            order.append("next")

    thread = threading.Thread(target=write)

    def hook() -> None:
        thread.start()
        time.sleep(2 * ARRIVED)
        order.append("hook")

    with pytest.raises(DatabaseAwayError), database.unit_of_work(write=True) as unit:
        unit.on_rollback(hook)
        ended(unit)
        put(unit, 1)
    thread.join()
    assert order == ["hook", "next"]


def test_a_lock_not_got_in_time_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer of another process that holds on for too long: the others are told "busy", and may ask again."""
    monkeypatch.setattr(postgresql, "_LOCK_SECONDS", 1)
    with opened(tmp_path) as first, opened(tmp_path) as second:
        with first.unit_of_work(write=True), pytest.raises(DatabaseBusyError), second.unit_of_work(write=True):
            raise AssertionError("it was let in")
        with second.unit_of_work(write=True) as unit:
            put(unit, 1)
        assert counted(first) == 1


def test_who_passes_by_the_lock_undoes_no_update(database: Database, tmp_path: Path) -> None:
    """A row changed behind a writer's back: the writer is refused, instead of overwriting what it has not seen."""
    with database.unit_of_work(write=True) as unit:
        put(unit, 1)
    with pytest.raises(DatabaseBusyError), database.unit_of_work(write=True) as unit:
        assert unit.session.scalar(text("select count from tally")) == 0
        with databases.behind(databases.url(tmp_path)) as stranger:
            stranger.execute(text("update tally set count = 7"))
        unit.session.execute(text("update tally set count = 1"))
    with database.unit_of_work() as unit:
        assert unit.session.scalar(text("select count from tally")) == 7


def test_the_lock_belongs_to_one_database(database: Database, tmp_path: Path) -> None:
    """Two exchanges in one cluster do not wait for each other."""
    other = tmp_path / "other"
    with opened(other) as second, database.unit_of_work(write=True):
        in_threads(lambda: _write(second))
        assert counted(second) == 1


def _write(database: Database) -> None:
    with database.unit_of_work(write=True) as unit:
        put(unit, 1)


@pytest.mark.parametrize("error", [pg.SerializationFailure, pg.DeadlockDetected, pg.LockNotAvailable, pg.QueryCanceled])
def test_what_passes_is_busy(database: Database, error: type[pg.Error]) -> None:
    """What the server says of locks and conflicts may be asked again, and was not done."""
    seen: list[str] = []
    with pytest.raises(DatabaseBusyError), database.unit_of_work(write=True) as unit:
        watched(unit, seen)
        unit.session.execute(text(f"do $$ begin raise exception 'x' using errcode = '{error.sqlstate}'; end $$"))
    assert seen == ["rollback"]


def test_what_is_no_matter_of_the_line_stays_what_it_is(database: Database) -> None:
    """A mistake in a query is no outage."""
    with pytest.raises(DBAPIError) as raised, database.unit_of_work() as unit:
        unit.session.execute(text("select nothing from nowhere"))
    assert isinstance(raised.value.orig, pg.UndefinedTable)


NOWHERE = "postgresql://planted-user:planted-secret@127.0.0.1:9/planted-name"


@pytest.mark.parametrize("write", [False, True])
def test_a_server_that_is_not_there(write: bool) -> None:
    """DatabaseAwayError, whose words name neither host nor user, and least of all the password."""
    away = Database(NOWHERE, lambda: datetime.now(UTC))
    with pytest.raises(DatabaseAwayError) as raised, away.unit_of_work(write=write):
        raise AssertionError("it was let in")
    away.dispose()
    assert "planted" not in f"{raised.value}{raised.value!r}" and raised.value.__cause__ is None


def test_nothing_that_is_shown_holds_the_password() -> None:
    """Neither the database's objects nor their parts, printed."""
    away = Database(NOWHERE, lambda: datetime.now(UTC))
    shown: list[Callable[[object], str]] = [str, repr]
    assert not any("planted-secret" in show(each) for show in shown for each in (away, away.engine, away.engine.url))
