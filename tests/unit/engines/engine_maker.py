"""What tests of the engines share: a database with one number in it, children, and somebody who lets units arrive in order."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from exchange.db import ClockFloor, Database, UnitOfWork
from tests import databases

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
# Long enough for a unit to reach the queue on a machine that is busy with something else.
ARRIVED = 0.15


@contextmanager
def opened(folder: Path, clock: Callable[[], datetime] = lambda: NOW, **options: bool) -> Iterator[Database]:
    """The database of `folder` on this run's engine, with a table `tally (id, count, data)`; a second time, the same one."""
    database = Database(databases.url(folder), clock, **options)
    with database.engine.connect() as connection, connection.begin():
        ClockFloor.__table__.create(connection, checkfirst=True)  # type: ignore[attr-defined]
        connection.execute(text("create table if not exists tally (id integer primary key, count integer, data text)"))
    yield database
    database.dispose()


def put(unit: UnitOfWork, number: int, count: int = 0, data: str = "") -> None:
    """Insert a row."""
    query = text("insert into tally (id, count, data) values (:id, :count, :data)")
    unit.session.execute(query, {"id": number, "count": count, "data": data})


def counted(database: Database) -> int:
    """How many rows there are."""
    with database.unit_of_work() as unit:
        return int(unit.session.scalar(text("select count(*) from tally")) or 0)


def watched(unit: UnitOfWork, seen: list[str]) -> None:
    """Let every kind of hook write its name into `seen`."""
    unit.on_commit(lambda: seen.append("commit"))
    unit.on_rollback(lambda: seen.append("rollback"))
    unit.on_unknown(lambda: seen.append("unknown"))
    unit.afterwards(lambda: seen.append("after"))


class Child:
    """A forked process that does one thing; the database must have no open connection when it is made."""

    def __init__(self, work: Callable[[], None]) -> None:
        """Fork; the child ends with 0, or 1 when the work raised."""
        self.pid = os.fork()
        if self.pid == 0:
            try:
                work()
                os._exit(0)
            finally:
                os._exit(1)

    def kill(self) -> None:
        """SIGKILL, and wait."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def ended(self) -> int:
        """Wait, and return the exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Marks:
    """Lines in a file that threads and processes append to, in the order in which they do."""

    def __init__(self, folder: Path) -> None:
        """Nothing is written yet."""
        self._path = folder / "marks"

    def add(self, word: str) -> None:
        """Append a line."""
        with self._path.open("a") as file:
            file.write(word + "\n")

    def all(self) -> list[str]:
        """Every line so far."""
        return self._path.read_text().split() if self._path.exists() else []

    def wait_for(self, word: str) -> None:
        """Wait until somebody has appended `word`."""
        limit = time.monotonic() + 30
        while word not in self.all():
            if time.monotonic() > limit:
                raise AssertionError(f"nobody said {word}")
            time.sleep(0.01)


def in_threads(*work: Callable[[], None]) -> None:
    """Run these at once, each in a thread of its own; wait for all."""
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
