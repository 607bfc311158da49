"""What a database may answer instead of doing what it was asked: the same few errors on either engine, and nothing changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from exchange.db import Database, DatabaseBusyError, UnitOfWork
from exchange.storage.errors import DiskFullError
from tests import databases
from tests.unit.engines.engine_maker import counted, in_threads, opened, put, watched


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with an empty tally."""
    with opened(tmp_path) as database:
        yield database


def fill(unit: UnitOfWork) -> None:
    """Let the engine itself find that there is no room."""
    if databases.on_postgresql():
        unit.session.execute(text("do $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$"))
    else:
        connection = unit.session.connection()
        pages = connection.exec_driver_sql("pragma page_count").scalar_one()
        connection.exec_driver_sql(f"pragma max_page_count = {pages}")
        put(unit, 2, data="x" * 1_000_000)


def test_a_full_disk_is_typed(database: Database) -> None:
    """No room: DiskFullError, the rollback hooks, and nothing changed."""
    seen: list[str] = []
    with pytest.raises(DiskFullError), database.unit_of_work(write=True) as unit:
        watched(unit, seen)
        put(unit, 1)
        fill(unit)
    assert seen == ["rollback"]
    assert counted(database) == 0


def test_no_connection_left_is_busy(tmp_path: Path) -> None:
    """When every connection is in use for too long, the answer is "busy", and what has one goes on."""
    with opened(tmp_path) as database:
        database.dispose()
    small = Database(databases.url(tmp_path), database._clock, connections=2)
    small.engine.pool._timeout = 0.2  # type: ignore[attr-defined]
    raised: list[type[Exception]] = []

    def read() -> None:
        try:
            counted(small)
        except DatabaseBusyError as error:
            raised.append(type(error))

    with small.unit_of_work() as first, small.unit_of_work() as second:
        in_threads(read)
        assert first.session.scalar(text("select 1")) == second.session.scalar(text("select 1")) == 1
    assert raised == [DatabaseBusyError]
    read()
    small.dispose()
    assert raised == [DatabaseBusyError]


def test_an_interrupted_unit_gives_the_lock_back(database: Database) -> None:
    """Whatever ends a unit, a KeyboardInterrupt too, rolls back and lets the next in."""
    seen: list[str] = []
    with pytest.raises(KeyboardInterrupt), database.unit_of_work(write=True) as unit:
        watched(unit, seen)
        put(unit, 1)
        raise KeyboardInterrupt
    assert seen == ["rollback"]
    with database.unit_of_work(write=True) as unit:
        put(unit, 2)
    assert counted(database) == 1


@pytest.mark.sqlite("its version, and what every connection to its file is set to")
def test_sqlite_is_newer_than_its_wal_reset_bug(database: Database) -> None:
    """3.7.0 to 3.51.2 can corrupt a database when the write-ahead log is reset (docs/decisions/0005)."""
    with database.unit_of_work() as unit:
        version = unit.session.scalar(text("select sqlite_version()"))
    assert tuple(map(int, str(version).split("."))) > (3, 51, 2)
