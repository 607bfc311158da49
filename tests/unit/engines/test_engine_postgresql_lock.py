"""The writers' lock of PostgreSQL is never left behind, and no session depends on how a server or a role is set."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from exchange.db import Database, DatabaseAwayError, DatabaseBusyError
from exchange.engines import postgresql
from exchange.engines.fair_lock import FairLock
from tests import databases, postgres
from tests.unit.engines.engine_maker import ARRIVED, Child, Marks, counted, opened, put

pytestmark = pytest.mark.postgresql("its writers' lock, and its sessions")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with an empty tally."""
    with opened(tmp_path) as database:
        yield database


def held(folder: Path) -> int:
    """How many sessions hold the writers' lock of a database, as the server knows it."""
    query = "select count(*) from pg_locks l join pg_database d on d.oid = l.database where datname = %s and locktype = %s"
    return int(postgres.cluster().ask(query, postgres.name_of(folder), "advisory")[0][0])


def put_by(folder: Path, setting: str, value: str) -> None:
    """Set something for every session of a database that begins from now on, as an administrator may."""
    with databases.behind(databases.url(folder)) as connection:
        connection.execute(text(f'alter database "{postgres.name_of(folder)}" set {setting} = {value}'))


def test_an_interruption_while_the_lock_is_got_leaves_none_behind(database: Database, tmp_path: Path) -> None:
    """The server gave it, and whoever asked is interrupted before it knows: the session ends, and the lock with it."""

    def interrupt(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "pg_advisory_lock" in statement:
            raise KeyboardInterrupt

    event.listen(database.engine, "after_cursor_execute", interrupt)
    with pytest.raises(KeyboardInterrupt), database.unit_of_work(write=True):
        raise AssertionError("it was let in")
    event.remove(database.engine, "after_cursor_execute", interrupt)
    with opened(tmp_path) as other, other.unit_of_work(write=True) as unit:
        put(unit, 1)
    assert held(tmp_path) == 0


def test_no_pooled_session_keeps_the_lock(database: Database, tmp_path: Path) -> None:
    """After units that ended well and badly, readers and writers mixed, no session of the pool holds anything."""
    for number in range(4):
        with database.unit_of_work(write=True) as unit:
            put(unit, number)
            assert held(tmp_path) == 1
        with pytest.raises(ZeroDivisionError), database.unit_of_work(write=True):
            raise ZeroDivisionError
        assert counted(database) == number + 1
    assert held(tmp_path) == 0


def test_a_lock_of_another_session_is_told(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """A pooler that gives each transaction another session is noticed at once, and the log names it."""
    with caplog.at_level(logging.ERROR, "exchange.engines"), database.unit_of_work(write=True) as unit:
        put(unit, 1)
        unit.session.execute(postgresql._UNLOCK)
    assert [record.getMessage() for record in caplog.records] == [
        "the writers' lock was not this session's: is there a pooler in transaction mode before PostgreSQL?"
    ]
    with database.unit_of_work(write=True) as unit:
        put(unit, 2)
    assert counted(database) == 2


def test_a_fork_while_a_thread_writes_does_not_inherit_its_lock(database: Database, tmp_path: Path) -> None:
    """The child waits for the parent's writer as anybody does, and then writes; what it inherited would wait for ever."""
    marks, go = Marks(tmp_path), threading.Event()

    def write() -> None:
        with database.unit_of_work(write=True) as unit:
            put(unit, 1)
            go.wait(30)

    def child() -> None:
        database.engine.dispose(close=False)
        marks.add("forked")
        with database.unit_of_work(write=True) as unit:
            put(unit, 2)
            marks.add("written")

    thread = threading.Thread(target=write)
    thread.start()
    while not held(tmp_path):
        time.sleep(0.01)
    forked = Child(child)
    marks.wait_for("forked")
    time.sleep(2 * ARRIVED)
    assert marks.all() == ["forked"]
    go.set()
    thread.join()
    assert forked.ended() == 0
    assert counted(database) == 2


def test_the_queue_of_a_process_has_a_bound() -> None:
    """Who waited too long is told "busy" and leaves the queue; those behind get in all the same."""
    lock, seen, inside = FairLock(4 * ARRIVED), list[str](), threading.Event()

    def wait(name: str) -> None:
        try:
            with lock.held():
                seen.append(name)
        except DatabaseBusyError:
            seen.append(f"{name} busy")

    first, second = (threading.Thread(target=wait, args=(name,)) for name in ("first", "second"))
    with lock.held():
        first.start()
        time.sleep(2 * ARRIVED)
        second.start()
        first.join()
        inside.set()
    second.join()
    assert seen == ["first busy", "second"]
    wait("third")
    assert seen[-1] == "third"


@pytest.mark.parametrize("write", [False, True])
def test_a_unit_that_stands_still_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: bool) -> None:
    """The server ends the session of a unit that does nothing for too long: the others go on, and it is told."""
    monkeypatch.setattr(postgresql, "_IDLE_SECONDS", 1)
    with opened(tmp_path) as database, opened(tmp_path) as other:
        with pytest.raises(DatabaseAwayError), database.unit_of_work(write=write) as unit:
            unit.session.execute(text("select 1"))
            with other.unit_of_work(write=True) as beside:
                put(beside, 1)
            time.sleep(0 if write else 1.5)
            unit.session.execute(text("select 1"))
        assert counted(database) == 1


SETTINGS = [
    ("datestyle", "'German'"), ("timezone", "'Pacific/Auckland'"), ("statement_timeout", "400"), ("bytea_output", "'escape'"),
    ("synchronous_commit", "off"), ("client_encoding", "'latin1'"), ("default_transaction_isolation", "'read committed'"),
    ("default_transaction_deferrable", "on"), ("intervalstyle", "'iso_8601'"), ("extra_float_digits", "-15"),
]  # fmt: skip


def test_how_a_database_is_set_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formats, encodings, time-outs, defaults of an administrator's: what is written is read, and the clock is right."""
    monkeypatch.setenv("PGCLIENTENCODING", "latin1")
    for name, value in SETTINGS:
        put_by(tmp_path, name, value)
    with opened(tmp_path, own_clock=True) as database:
        with database.unit_of_work(write=True) as unit:
            put(unit, 1, data="Žalář 監獄")
            unit.session.execute(text("select pg_sleep(0.5)"))
            assert abs((unit.now - datetime.now(UTC)).total_seconds()) < 60
        with database.unit_of_work() as unit:
            assert unit.session.scalar(text("select data from tally")) == "Žalář 監獄"


def test_a_database_that_takes_no_writes_is_away(database: Database, tmp_path: Path) -> None:
    """A standby, or what an administrator closed: writers are told so, whether their session read before or is new."""
    assert counted(database) == 0
    put_by(tmp_path, "default_transaction_read_only", "on")
    database.dispose()
    for _ in range(2):
        with pytest.raises(DatabaseAwayError), database.unit_of_work(write=True):
            raise AssertionError("it was let in")
        assert counted(database) == 0
    assert held(tmp_path) == 0
    with databases.behind(databases.url(tmp_path)) as connection:
        connection.execute(text("set transaction read write"))
        connection.execute(text(f'alter database "{postgres.name_of(tmp_path)}" reset default_transaction_read_only'))
    database.dispose()
    with database.unit_of_work(write=True) as unit:
        put(unit, 1)


def test_what_the_url_says_of_the_line_goes_before(tmp_path: Path) -> None:
    """Time-outs and the name under which the server lists a session, as an operator wrote them."""
    ours, theirs = databases.url(tmp_path), databases.url(tmp_path) + "&connect_timeout=3&application_name=cre-host-1"
    named = []
    for url in (ours, theirs):
        database = Database(url, lambda: datetime.now(UTC))
        with database.engine.connect() as connection:
            parameters = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
            named.append((parameters["connect_timeout"], connection.scalar(text("show application_name"))))
        database.dispose()
    assert named == [("10", "confidential-report-exchange"), ("3", "cre-host-1")]
    assert os.environ.get("PGAPPNAME") is None
