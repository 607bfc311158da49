"""PostgreSQL through psycopg 3: the same promises as SQLite, for many processes on many hosts.

One writer at a time is an advisory lock of the session, taken before the transaction begins and given back after its
hooks; the database gives it back itself when the line breaks. Both kinds of transaction are REPEATABLE READ: a reader sees
one snapshot, and a writer that somebody passed by, outside the lock, is refused instead of losing an update.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg import errors as pg
from sqlalchemy import Connection, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from exchange.engines.check_postgresql import check
from exchange.engines.errors import DatabaseAwayError, DatabaseBusyError
from exchange.storage.errors import DiskFullError

# The advisory lock of this exchange's writers: "CRE" and 1. Advisory locks belong to one database of a cluster.
WRITER: Final = 0x43524501
_LOCK: Final = select(func.pg_advisory_lock(WRITER))
_UNLOCK: Final = select(func.pg_advisory_unlock(WRITER))
_NOW: Final = select(func.clock_timestamp())
_LOCK_SECONDS: Final = 30
_CONNECT_SECONDS: Final = 10
_BUSY: Final = (
    pg.SerializationFailure,
    pg.DeadlockDetected,
    pg.LockNotAvailable,
    pg.QueryCanceled,
    pg.TooManyConnections,
)


class PostgresqlEngine:
    """DatabaseEngine over one PostgreSQL database."""

    def __init__(self, url: str, connections: int) -> None:
        """Open no connection yet."""
        self.engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            isolation_level="REPEATABLE READ",
            pool_size=connections // 2,
            max_overflow=connections // 2,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": _CONNECT_SECONDS},
        )
        event.listen(self.engine, "connect", _prepare_connection)
        self._lock = _FairLock()

    @contextmanager
    def writer(self) -> Iterator[Connection]:
        """See DatabaseEngine.

        Threads of this process queue among themselves first: memory that follows the database (docs/decisions/0017) stays
        in step even when the line breaks and the database lets another writer in before the hooks have run.
        """
        with self._lock.held(), self.engine.connect() as connection:
            connection.execute(_LOCK)
            try:
                connection.rollback()  # the session keeps the lock; the snapshot must begin after it was got
                connection.begin()
                yield connection
            finally:
                _unlock(connection)

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """See DatabaseEngine."""
        with self.engine.connect() as plain:
            connection = plain.execution_options(postgresql_readonly=True)
            connection.begin()
            yield connection

    @contextmanager
    def migrating(self, commit: Callable[[Connection], None]) -> Iterator[Connection]:
        """See DatabaseEngine. A table that somebody reads is waited for, as long as for any lock."""
        with self.writer() as connection:
            yield connection
            commit(connection)

    def now(self, connection: Connection) -> datetime | None:
        """See DatabaseEngine: one clock for every host."""
        moment: datetime = connection.execute(_NOW).scalar_one()
        return moment.astimezone(UTC)

    def check(self, connection: Connection) -> Iterator[str]:
        """See DatabaseEngine."""
        return check(connection)

    def told(self, error: DBAPIError) -> Exception | None:
        """See DatabaseEngine."""
        if isinstance(error.orig, _BUSY):
            return DatabaseBusyError("the database is busy")
        if isinstance(error.orig, pg.DiskFull):
            return DiskFullError("the disk has no room for the database")
        if error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError):
            return DatabaseAwayError("the database cannot be reached")
        return None


class _FairLock:
    """A lock whose waiters get it in the order in which they came."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it for the length of a `with` block. Not re-entrant."""
        with self._guard:
            turn = threading.Event() if self._taken else None
            if turn is not None:
                self._waiting.append(turn)
            self._taken = True
        try:
            if turn is not None:
                turn.wait()
            yield
        finally:
            self._pass_on(turn)

    def _pass_on(self, turn: threading.Event | None) -> None:
        with self._guard:
            if turn is not None and turn in self._waiting:  # interrupted before it was let in
                self._waiting.remove(turn)
            elif self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


def _unlock(connection: Connection) -> None:
    try:
        if connection.in_transaction():
            connection.rollback()
        connection.execute(_UNLOCK)
        connection.rollback()
    except BaseException as error:
        # Only the end of the session gives the lock back then: this connection must not return to the pool.
        connection.invalidate()
        # What SQLAlchemy says of a line that broke at the commit is no news: how the unit ended is known already.
        if not isinstance(error, SQLAlchemyError):
            raise


def _prepare_connection(connection: Any, _record: Any) -> None:
    autocommit, connection.autocommit = connection.autocommit, True
    with connection.cursor() as cursor:
        # A commit that was answered is on the disk, whatever the cluster's default is.
        cursor.execute("SET synchronous_commit = on")
        cursor.execute(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
        cursor.execute("SET timezone = 'UTC'")
    connection.autocommit = autocommit
