"""SQLite: one file beside the pieces, WAL, every commit synced, writers in the order in which they came.

The driver is pysqlite3, whose SQLite is newer than the one with the WAL-reset bug (docs/decisions/0005).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pysqlite3.dbapi2
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from exchange.engines.errors import DatabaseBusyError, UnitOfWorkError
from exchange.engines.writer_lock import WriterLock
from exchange.storage.errors import DiskFullError

_BEGIN: Final = "exchange_begin"
_BUSY_MILLISECONDS: Final = 30_000


class SqliteEngine:
    """DatabaseEngine over one SQLite file."""

    def __init__(self, url: str, connections: int) -> None:
        """Open the file at `url` (sqlite:////path), for this user alone; made when missing."""
        self.engine = create_engine(
            url, module=pysqlite3.dbapi2, pool_size=connections // 2, max_overflow=connections // 2, hide_parameters=True
        )
        event.listen(self.engine, "connect", _prepare_connection)
        event.listen(self.engine, "begin", _begin)
        path = Path(str(self.engine.url.database))
        _make_private(path)
        self._lock = WriterLock(Path(f"{path}.writer"))

    @contextmanager
    def writer(self) -> Iterator[Connection]:
        """See DatabaseEngine. The lock is a file's, since SQLite's own lets writers starve each other."""
        with self._lock.held(), self._begun("IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """See DatabaseEngine."""
        with self._begun("DEFERRED") as connection:
            yield connection

    @contextmanager
    def migrating(self, commit: Callable[[Connection], None]) -> Iterator[Connection]:
        """See DatabaseEngine.

        SQLite changes a table by making it anew and dropping the old one, which rows of others still name: keys between
        tables are not enforced meanwhile, which can be asked for outside a transaction only; all are checked at the end.
        """
        with self._lock.held(), self.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            try:
                connection.begin()
                yield connection
                for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
                    raise UnitOfWorkError(f"the change of tables left a row of '{row[0]}' that names no row of '{row[2]}'")
                commit(connection)
            finally:
                connection.invalidate()  # no later user may find it without foreign keys

    @contextmanager
    def _begun(self, kind: str) -> Iterator[Connection]:
        with self.engine.connect() as plain:
            connection = plain.execution_options(**{_BEGIN: kind})
            connection.begin()
            yield connection

    def now(self, connection: Connection) -> datetime | None:
        """See DatabaseEngine: this machine's clock is the only one."""
        return None

    def check(self, connection: Connection) -> Iterator[str]:
        """See DatabaseEngine."""
        for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if line != "ok":
                yield str(line)
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"a row of '{row[0]}' names a row of '{row[2]}' that is not there"

    def told(self, error: DBAPIError) -> Exception | None:
        """See DatabaseEngine."""
        text = str(error.orig)
        if not isinstance(error, OperationalError):
            return None
        if "locked" in text or "busy" in text:
            return DatabaseBusyError("the database is busy")
        return DiskFullError("the disk has no room for the database") if "disk is full" in text else None


def _make_private(path: Path) -> None:
    """Make the file, empty, for this user alone; SQLite itself would follow the umask, and its journals follow the file."""
    with suppress(OSError):  # it is there, or SQLite will say why it cannot be
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _prepare_connection(connection: Any, _record: Any) -> None:
    # With isolation_level None the driver begins nothing of its own accord; `_begin` says which kind of transaction.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # What was deleted is overwritten: tokens and sessions that ended must not tell from a copy who was here when.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get(_BEGIN, "IMMEDIATE")
    connection.exec_driver_sql(f"PRAGMA query_only={int(kind == 'DEFERRED')}")
    connection.exec_driver_sql(f"BEGIN {kind}")
