"""PostgreSQL through psycopg 3: the same promises as SQLite, for many processes on many hosts.

One writer at a time is an advisory lock of the session, taken before the transaction begins and given back after its
hooks; the server gives it back itself when the session ends, and ends the session of whoever is gone, or idle for long.
Both kinds of transaction are REPEATABLE READ: a reader sees one snapshot, and a writer that somebody passed by, outside
the lock, is refused instead of losing an update.
"""

import logging
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
from exchange.engines.fair_lock import FairLock
from exchange.storage.errors import DiskFullError

# The advisory lock of this exchange's writers: "CRE" and 1. Advisory locks belong to one database of a cluster.
WRITER: Final = 0x43524501
_LOCK: Final = select(func.pg_advisory_lock(WRITER), func.current_setting("transaction_read_only"))
_UNLOCK: Final = select(func.pg_advisory_unlock(WRITER))
_NOW: Final = select(func.clock_timestamp())
_LOCK_SECONDS: Final = 30
_CONNECT_SECONDS: Final = 10
# A process that stands still inside a unit keeps everybody waiting, until the server ends its session.
_IDLE_SECONDS: Final = 300
# Of every session, whatever the server's, the database's or the role's defaults are.
_SESSION: Final = {
    "synchronous_commit": "on",  # a commit that was answered is on the disk
    "statement_timeout": "0",  # a check or a change of tables takes as long as it takes
    "timezone": "UTC",
    "datestyle": "ISO",
    # A host that went off the network with the lock in its hands is found out in half a minute, not in two hours.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25s",
    "client_connection_check_interval": "10s",
}
# The same from this side, for a server that went off; what the URL says goes before.
_LINE: Final = {
    "connect_timeout": str(_CONNECT_SECONDS),
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
    "fallback_application_name": "confidential-report-exchange",
}
_BUSY: Final = (
    pg.SerializationFailure,
    pg.DeadlockDetected,
    pg.LockNotAvailable,
    pg.QueryCanceled,
    pg.TooManyConnections,
)


log = logging.getLogger("exchange.engines")


class PostgresqlEngine:
    """DatabaseEngine over one PostgreSQL database."""

    def __init__(self, url: str, connections: int) -> None:
        """Open no connection yet."""
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        self.engine = create_engine(
            parsed,
            isolation_level="REPEATABLE READ",
            pool_size=connections // 2,
            max_overflow=connections // 2,
            pool_pre_ping=True,
            hide_parameters=True,
            use_native_hstore=False,
            connect_args={"client_encoding": "UTF8"} | {name: _LINE[name] for name in _LINE.keys() - parsed.query.keys()},
        )
        event.listen(self.engine, "connect", _prepare_connection, insert=True)  # before what SQLAlchemy asks itself
        event.listen(self.engine, "checkout", _forget_reader)
        self._lock = FairLock(_LOCK_SECONDS)

    @contextmanager
    def writer(self) -> Iterator[Connection]:
        """See DatabaseEngine.

        Threads of this process queue among themselves first: memory that follows the database (docs/decisions/0017) stays
        in step even when the line breaks and the database lets another writer in before the hooks have run.
        """
        with self._lock.held(), self.engine.connect() as connection:
            got = False
            try:
                read_only = connection.execute(_LOCK).one()[1]
                if read_only == "on":
                    raise DatabaseAwayError("the database takes no writes")
                got = True
                connection.rollback()  # the session keeps the lock; the snapshot must begin after it was got
                connection.begin()
                yield connection
            finally:
                _leave(connection, got)

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


def _leave(connection: Connection, got: bool) -> None:
    """Give the lock back. Where that cannot be known to have happened, end the session, which gives it back for certain."""
    if not got:  # it may have been given all the same, with an answer that nobody heard
        connection.invalidate()
        return
    try:
        if connection.in_transaction():
            connection.rollback()
        if not connection.execute(_UNLOCK).scalar_one():
            log.error("the writers' lock was not this session's: is there a pooler in transaction mode before PostgreSQL?")
            connection.invalidate()
        connection.rollback()
    except BaseException as error:
        # Only the end of the session gives the lock back then: this connection must not return to the pool.
        connection.invalidate()
        # What SQLAlchemy says of a line that broke at the commit is no news: how the unit ended is known already.
        if not isinstance(error, SQLAlchemyError):
            raise


def _prepare_connection(connection: Any, _record: Any) -> None:
    wanted = {**_SESSION, "lock_timeout": f"{_LOCK_SECONDS}s", "idle_in_transaction_session_timeout": f"{_IDLE_SECONDS}s"}
    query = "select " + ", ".join("set_config(%s, %s, false)" for _ in wanted)
    autocommit, connection.autocommit = connection.autocommit, True
    with connection.cursor() as cursor:
        cursor.execute(query, [word for pair in wanted.items() for word in pair])
    connection.autocommit = autocommit


def _forget_reader(connection: Any, _record: Any, _proxy: Any) -> None:
    """What SQLAlchemy leaves after a reader asks for READ WRITE, also where the server or its administrator forbids it."""
    if connection.read_only is not None:
        connection.read_only = None
