"""The database: declarative base, column types, and the unit of work (docs/spec/server.md, docs/spec/database.md).

A unit of work is one transaction. A writing unit waits for its turn, and ends in the one named commit point,
`Database._commit`. `now` inside a unit is the database's clock in whole seconds, never before the newest moment a
committed writing unit has seen.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Connection, Dialect, Engine, LargeBinary, MetaData, String, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from exchange.engines.engine import CONNECTIONS, open_engine
from exchange.engines.errors import DatabaseAwayError, DatabaseBusyError, DbError, OutcomeUnknownError, UnitOfWorkError
from exchange.web.failures import places

__all__ = [
    "Base", "ClockFloor", "Database", "Time", "UnitOfWork",
    "DatabaseAwayError", "DatabaseBusyError", "DbError", "OutcomeUnknownError", "UnitOfWorkError",
]  # fmt: skip

log = logging.getLogger("exchange.db")

# Texts sort by their bytes on every engine; PostgreSQL's own order follows the cluster's language.
TEXT = String().with_variant(String(collation="C"), "postgresql")


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
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Time(), bytes: LargeBinary(), str: TEXT}


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

    def __init__(self, session: Session, floor: datetime | None, now: datetime, write: bool) -> None:
        """`floor`: the newest moment that a committed writing unit had seen when this one began."""
        self.session = session
        self.floor = floor
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

    def __init__(
        self, url: str, clock: Callable[[], datetime], *, own_clock: bool = False, connections: int = CONNECTIONS
    ) -> None:
        """Open the database at `url`, with at most `connections` at a time.

        `clock` is this machine's, an aware datetime. With `own_clock` an engine that has a clock of its own goes by that
        one, so that hosts which disagree on the time agree on what is in force.
        """
        self._database = open_engine(url, connections)
        self._clock = clock
        self._own_clock = own_clock
        self._writing: ContextVar[bool] = ContextVar("exchange_writing", default=False)

    @property
    def is_writing(self) -> bool:
        """Whether this thread is inside a writing unit of this database."""
        return self._writing.get()

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine: for migrations and checks."""
        return self._database.engine

    @contextmanager
    def unit_of_work(self, *, write: bool = False) -> Iterator[UnitOfWork]:
        """Open a unit: commits when the block ends, rolls back when it raises.

        A reading unit (`write` False) sees one snapshot and cannot write. Raises DatabaseBusyError, DatabaseAwayError,
        DiskFullError or OutcomeUnknownError; UnitOfWorkError for a writer inside a writer of one thread, which would wait
        for itself.
        """
        if write and self._writing.get():
            raise UnitOfWorkError("a writing unit of work is open in this thread already")
        token = self._writing.set(True) if write else None
        units: list[UnitOfWork] = []
        outcome = "rollback"
        try:
            with self._translated(), self._database.writer() if write else self._database.reader() as connection:
                try:
                    with self._unit(connection, write) as unit:
                        units.append(unit)
                        yield unit
                        self._flush(unit)
                        outcome = "unknown"
                        self._commit(connection)
                        outcome = "commit"
                finally:
                    if outcome == "rollback":
                        _undo(connection)
                    for unit in units:
                        unit.finish(outcome)
        finally:
            if token is not None:
                self._writing.reset(token)
        for unit in units:
            unit.finish("after")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what a driver says into the typed errors of `exchange.engines.errors`, whichever engine it is."""
        try:
            yield
        except PoolTimeoutError as error:
            raise DatabaseBusyError("every connection to the database is in use") from error
        except DBAPIError as error:
            told = self._database.told(error)
            if told is None:
                raise
            # The driver's text on a server that is away names hosts and users.
            raise told from (None if isinstance(told, DatabaseAwayError) else error)

    @contextmanager
    def _unit(self, connection: Connection, write: bool) -> Iterator[UnitOfWork]:
        newest = connection.execute(select(ClockFloor.newest)).scalar()
        own = self._database.now(connection) if self._own_clock else None
        moment = (own or self._clock()).astimezone(UTC).replace(microsecond=0)
        with Session(connection, expire_on_commit=False) as session:
            yield UnitOfWork(session, newest, moment if newest is None else max(moment, newest), write)

    def _flush(self, unit: UnitOfWork) -> None:
        session = unit.session
        if not unit.write and (session.new or session.dirty or session.deleted):
            raise UnitOfWorkError("a reading unit of work holds changes")
        session.flush()
        if unit.write and (unit.floor is None or unit.floor < unit.now):
            change = insert(ClockFloor).values(id=1) if unit.floor is None else update(ClockFloor)
            session.connection().execute(change, {"newest": unit.now})

    def _commit(self, connection: Connection) -> None:
        """The commit point: before this call returns nothing has happened, after it everything has."""
        try:
            connection.commit()
        except Exception as error:
            raise OutcomeUnknownError("the outcome of a commit is not known") from error

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Yield a connection for a change of tables, committed when the block ends; no writer is let in meanwhile.

        Raises what a writing unit raises.
        """
        with self._translated(), self._database.migrating(self._commit) as connection:
            yield connection

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """Yield a connection that sees one snapshot and cannot write, for whoever looks at the tables themselves."""
        with self._translated(), self._database.reader() as connection:
            yield connection

    def check(self, unit: UnitOfWork) -> Iterator[str]:
        """Yield what the engine finds wrong with the database itself, seen from inside a reading unit."""
        return self._database.check(unit.session.connection())

    def dispose(self) -> None:
        """Close every pooled connection (before a fork, or at the end of a test)."""
        self.engine.dispose()


def _undo(connection: Connection) -> None:
    """Roll back before the hooks run, which may read; a line that broke has done so itself."""
    try:
        if connection.in_transaction():
            connection.rollback()
    except DBAPIError:
        connection.invalidate()
