"""The database: engine, declarative base, column types, and the unit of work (docs/spec/server.md).

A unit of work is one transaction. A writing unit queues for the writer lock, begins IMMEDIATE, and ends in the one
named commit point, `Database._commit`. `now` inside a unit is the database's clock in whole seconds, never before the
newest moment a committed writing unit has seen.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final

import pysqlite3.dbapi2
from sqlalchemy import BigInteger, Connection, Dialect, Engine, LargeBinary, MetaData, create_engine, event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from exchange.storage.errors import DiskFullError
from exchange.storage.writer_lock import WriterLock
from exchange.web.failures import places

log = logging.getLogger("exchange.db")

_BEGIN: Final = "exchange_begin"
_BUSY_MILLISECONDS: Final = 30_000


class DbError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "database_failed"


class DatabaseBusyError(DbError):
    """The database did not let this unit in; nothing was written, and the same request may be sent again."""

    code = "database_busy"


class OutcomeUnknownError(DbError):
    """The commit failed in a way that leaves its outcome open; the same request may be sent again and will tell."""

    code = "outcome_unknown"


class UnitOfWorkError(DbError):
    """A unit of work was used wrongly: nested writers, or writes in a reading unit."""

    code = "unit_of_work"


class Time(TypeDecorator[datetime]):
    """A moment as whole seconds since 1970: the same order and arithmetic on every engine, aware UTC in Python."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Store an aware datetime; one without a zone is a mistake of the caller's."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise UnitOfWorkError("a time without a zone cannot be stored")
        return int(value.timestamp())

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the stored moment as an aware UTC datetime."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Base(DeclarativeBase):
    """The declarative base of every table; names of constraints are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Time(), bytes: LargeBinary()}


class ClockFloor(Base):
    """One row: the newest moment any committed writing unit has seen."""

    __tablename__ = "clock_floor"

    id: Mapped[int] = mapped_column(primary_key=True)
    newest: Mapped[datetime]


class UnitOfWork:
    """One transaction, and what is to happen once its outcome is known.

    `session` is a SQLAlchemy session inside the transaction: flush it as you like, never commit it. `now` is fixed for
    the whole unit. Of the hooks exactly one kind runs, in the order added: `on_commit` when the commit succeeded,
    `on_rollback` when it certainly did not happen, `on_unknown` when its outcome is open. They run while the writer
    lock is still held, so the next writer finds their effect: keep them quick, open no unit in them. What `afterwards`
    was given runs after a commit, with the lock free. A hook that raises is logged by name; the others still run.
    """

    def __init__(self, session: Session, now: datetime, write: bool) -> None:
        self.session = session
        self.now = now
        self.write = write
        self._hooks: dict[str, list[Callable[[], None]]] = {"commit": [], "rollback": [], "unknown": [], "after": []}

    def on_commit(self, hook: Callable[[], None]) -> None:
        """Run `hook` after this unit's commit succeeded, before the next writer starts."""
        self._hooks["commit"].append(hook)

    def on_rollback(self, hook: Callable[[], None]) -> None:
        """Run `hook` after this unit certainly changed nothing, before the next writer starts."""
        self._hooks["rollback"].append(hook)

    def on_unknown(self, hook: Callable[[], None]) -> None:
        """Run `hook` when the commit failed and may have happened all the same, before the next writer starts."""
        self._hooks["unknown"].append(hook)

    def afterwards(self, hook: Callable[[], None]) -> None:
        """Run `hook` after this unit's commit succeeded and the writer lock is free; it may open units of its own."""
        self._hooks["after"].append(hook)

    def finish(self, outcome: str) -> None:
        """Run the hooks of `outcome` ("commit", "rollback", "unknown", "after"); called by the database alone."""
        for hook in self._hooks[outcome]:
            try:
                hook()
            except Exception as error:
                name = getattr(hook, "__qualname__", type(hook).__name__)
                log.error("the hook %s after %s failed: %s", name, outcome, places(error))


class Database:
    """The engine and the only way to a session: `unit_of_work`."""

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        """Open the SQLite file at `url` (sqlite:////path). `clock` is the database's clock, an aware datetime."""
        self.engine = _engine(url)
        self._clock = clock
        path = Path(str(self.engine.url.database))
        _make_private(path)
        self._lock = WriterLock(Path(f"{path}.writer"))
        self._writing: ContextVar[bool] = ContextVar("exchange_writing", default=False)

    @contextmanager
    def unit_of_work(self, *, write: bool = False) -> Iterator[UnitOfWork]:
        """Open a unit: commits when the block ends, rolls back when it raises.

        A reading unit (`write` False) sees one snapshot and cannot write. Raises DatabaseBusyError, DiskFullError or
        OutcomeUnknownError; UnitOfWorkError for a writer inside a writer of one thread, which would wait for itself.
        """
        if write and self._writing.get():
            raise UnitOfWorkError("a writing unit of work is open in this thread already")
        token = self._writing.set(True) if write else None
        units: list[UnitOfWork] = []
        outcome = "rollback"
        try:
            with self._lock.held() if write else nullcontext():
                try:
                    with _translated(), self._begun(write) as unit:
                        units.append(unit)
                        yield unit
                        self._flush(unit)
                        outcome = "unknown"
                        self._commit(unit.session.connection())
                        outcome = "commit"
                finally:
                    for unit in units:
                        unit.finish(outcome)
        finally:
            if token is not None:
                self._writing.reset(token)
        for unit in units:
            unit.finish("after")

    @contextmanager
    def _begun(self, write: bool) -> Iterator[UnitOfWork]:
        with self.engine.connect() as plain:
            connection = plain.execution_options(**{_BEGIN: "IMMEDIATE" if write else "DEFERRED"})
            connection.begin()
            newest = connection.execute(select(ClockFloor.newest)).scalar()
            moment = self._clock().astimezone(UTC).replace(microsecond=0)
            with Session(connection, expire_on_commit=False) as session:
                yield UnitOfWork(session, moment if newest is None else max(moment, newest), write)

    def _flush(self, unit: UnitOfWork) -> None:
        session = unit.session
        if not unit.write and (session.new or session.dirty or session.deleted):
            raise UnitOfWorkError("a reading unit of work holds changes")
        session.flush()
        if unit.write:
            floor = session.get(ClockFloor, 1)
            if floor is None:
                session.add(ClockFloor(id=1, newest=unit.now))
            elif unit.now > floor.newest:
                floor.newest = unit.now
            session.flush()

    def _commit(self, connection: Connection) -> None:
        """The commit point: before this call returns nothing has happened, after it everything has."""
        try:
            connection.commit()
        except Exception as error:
            raise OutcomeUnknownError("the outcome of a commit is not known") from error

    def dispose(self) -> None:
        """Close every pooled connection (before a fork, or at the end of a test)."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    engine = create_engine(url, module=pysqlite3.dbapi2, pool_size=20, max_overflow=20, hide_parameters=True)
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


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


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what SQLite says about a lock it did not get, or a full disk, into typed errors."""
    try:
        yield
    except OperationalError as error:
        text = str(error.orig)
        if "locked" in text or "busy" in text:
            raise DatabaseBusyError("the database is busy") from error
        if "disk is full" in text:
            raise DiskFullError("the disk has no room for the database") from error
        raise
