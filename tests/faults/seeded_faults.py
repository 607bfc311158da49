"""What can go wrong inside a server, at any point that `points` makes: killed, full, broken, slow, cut off, or left in doubt.

`services` gives what an application is made with so that it passes the points; `Seeded` makes happen what a plan says.
"""

import errno
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import OperationalError

from exchange.config import Config
from exchange.db import Database, UnitOfWork
from exchange.logs.faults import Faults
from exchange.logs.places import LogPlaces
from exchange.storage.pieces import PieceStore
from exchange.web.services import Clock
from keys.custody import FileCustody
from tests.faults.points import KillingPlaces, store
from tests.faults.seeded_plan import ANY, DONE, FULL, KILL, KILL_WORKER, LINE, SLOW, UNDONE, Fault

PAUSE: Final = 0.15
_MOST_PAGES: Final = 4_294_967_294
_OF_FILES: Final = ("storage.", "audit.public.", "audit.private.", "directory.public.", "directory.private.")


class ShiftedClock:
    """The clock of a host that is wrong by some seconds."""

    def __init__(self, seconds: float) -> None:
        self._shift = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """See Clock."""
        return datetime.now(UTC) + self._shift


class Seeded(Faults):
    """Lets happen what it is armed for, each once, and remembers what happened where."""

    def __init__(self) -> None:
        """Armed for nothing yet."""
        self.fired: list[tuple[str, str]] = []
        self.passed = 0
        self.database: SeededDatabase | None = None
        self.doubt = threading.local()
        self._armed: list[tuple[Fault, list[int]]] = []
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> None:
        """Let this happen from now on."""
        with self._lock:
            self._armed.append((fault, [fault.count]))

    def at(self, point: str) -> None:
        """See Faults."""
        for fault in self._due(point):
            self.happened(fault, point)
            self._act(fault.action, point)

    def happened(self, fault: Fault, point: str) -> None:
        """Remember that it did."""
        self.fired.append((fault.action, point))

    def _due(self, point: str) -> list[Fault]:
        with self._lock:
            self.passed += 1
            due = []
            for fault, left in list(self._armed):
                if fault.point in (ANY, point):
                    left[0] -= 1
                    if left[0] == 0:
                        self._armed.remove((fault, left))
                        due.append(fault)
        return due

    def _act(self, action: str, point: str) -> None:
        in_files = point.startswith(_OF_FILES)
        if action == KILL:
            os.killpg(0, signal.SIGKILL)
        elif action == KILL_WORKER:
            os.kill(os.getpid(), signal.SIGKILL)
        elif action == SLOW:
            time.sleep(PAUSE)
        elif action in (DONE, UNDONE):
            self.doubt.verdict = action
        elif action == FULL and not in_files and self.database is not None:
            self.database.fill()
        elif action == LINE and not in_files and self.database is not None:
            self.database.cut()
        else:
            raise OSError(errno.ENOSPC if action == FULL else errno.EIO, f"at {point}")


class SeededByFile(Seeded):
    """In a process of its own: armed through a file with a fault a line; what happened is in another before it happens."""

    def __init__(self, armed: Path, fired: Path) -> None:
        super().__init__()
        self._file, self._told = armed, fired

    def at(self, point: str) -> None:
        """See Faults."""
        if self._file.exists():
            with self._lock:
                lines = self._file.read_text(encoding="ascii").splitlines() if self._file.exists() else []
                self._file.unlink(missing_ok=True)
            for line in lines:
                self.arm(Fault(**json.loads(line)))
        super().at(point)

    def happened(self, fault: Fault, point: str) -> None:
        """See Seeded."""
        with self._told.open("a", encoding="ascii") as file:
            file.write(f"{fault.action} {point}\n")


def line_of(fault: Fault) -> str:
    """A fault as `SeededByFile` reads it."""
    return json.dumps(asdict(fault)) + "\n"


class _Doubtful:
    """A connection whose commit is answered by an error: after it happened, or instead."""

    def __init__(self, connection: Connection, done: bool) -> None:
        self._connection, self._done = connection, done

    def commit(self) -> None:
        """Commit, or do not; nobody learns which."""
        if self._done:
            self._connection.commit()
        else:
            self._connection.rollback()
        raise _broken("the answer was lost")


class SeededDatabase(Database):
    """Passes a point before and after the commit of each writing unit, and can run out of room or lose its line."""

    def __init__(self, faults: Seeded, url: str, clock: Callable[[], datetime]) -> None:
        """PostgreSQL goes by its own clock, as in service."""
        super().__init__(url, clock, own_clock=True)
        self._faults = faults
        self._in_use: ContextVar[Connection | None] = ContextVar("seeded_connection", default=None)
        self._sqlite = self.engine.dialect.name == "sqlite"
        faults.database = self
        if self._sqlite:
            event.listen(self.engine, "checkin", _give_room)

    @contextmanager
    def unit_of_work(self, *, write: bool = False) -> Iterator[UnitOfWork]:
        """See Database."""
        with super().unit_of_work(write=write) as unit:
            token = self._in_use.set(unit.session.connection())
            try:
                yield unit
            finally:
                self._in_use.reset(token)

    def fill(self) -> None:
        """From here on there is no room: SQLite finds out by itself, PostgreSQL says so at once."""
        connection = self._in_use.get()
        if not self._sqlite:
            raise OperationalError("insert", None, psycopg.errors.DiskFull("no space left on device"))
        if connection is None:
            raise OSError(errno.ENOSPC, "no space left on device")
        connection.connection.driver_connection.execute("PRAGMA max_page_count=1")  # type: ignore[union-attr]
        connection.connection.info["squeezed"] = True

    def cut(self) -> None:
        """The line to the database breaks: PostgreSQL's end is closed by the server itself."""
        connection = self._in_use.get()
        if self._sqlite or connection is None:
            raise _broken("the line broke")
        backend = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        url = make_url(self.engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("select pg_terminate_backend(%s, 2000)", (backend,))

    def _commit(self, connection: Connection) -> None:
        if not self._writing.get():
            super()._commit(connection)
            return
        token = self._in_use.set(connection)
        try:
            self._faults.doubt.verdict = None
            self._faults.at("commit.before")
            verdict = self._faults.doubt.verdict
            line: Any = connection if verdict is None else _Doubtful(connection, verdict == DONE)
            super()._commit(line)
            self._faults.at("commit.after")
        finally:
            self._in_use.reset(token)


def _broken(text: str) -> OperationalError:
    return OperationalError("commit", None, psycopg.OperationalError(text), connection_invalidated=False)


def _give_room(connection: Any, record: Any) -> None:
    if record.info.pop("squeezed", False) and connection is not None:
        connection.execute(f"PRAGMA max_page_count={_MOST_PAGES}")


def services(config: Config, clock: ShiftedClock, faults: Seeded) -> Mapping[type[Any], object]:
    """What an application is made with (`replace`) to pass every point."""
    places = KillingPlaces(config.logs_dir, FileCustody.load(config.custody_file))
    places.faults = faults
    return {
        Clock: clock,
        Faults: faults,
        Database: SeededDatabase(faults, config.database_url, clock.now),
        LogPlaces: places,
        PieceStore: store(config, faults),
    }
