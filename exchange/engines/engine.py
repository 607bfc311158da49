"""What `exchange.db` asks of a database engine; docs/spec/database.md says what each promises, and why.

Both engines let one writer in at a time, in order of arrival, across threads, processes and hosts, and show a reader one
snapshot. So the writers' history is serial, every reader sees a state of it, and nothing depends on the engine.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from exchange.database_url import SQLITE, kind_of

# Of one process: a request reads or writes, and may read once more while it does.
CONNECTIONS: Final = 40


class DatabaseEngine(Protocol):
    """One database, opened."""

    engine: Engine

    def writer(self) -> AbstractContextManager[Connection]:
        """Yield a connection inside a new transaction that may write, while no other writer is let in anywhere.

        The lock outlives the transaction: it ends with the block, so that hooks after a commit run before the next writer.
        """
        ...

    def reader(self) -> AbstractContextManager[Connection]:
        """Yield a connection inside a new transaction that sees one snapshot and cannot write."""
        ...

    def migrating(self, commit: Callable[[Connection], None]) -> AbstractContextManager[Connection]:
        """Yield a connection for a change of tables, as `writer` does; call `commit` on it when the block ended well.

        A change that loses rows which others name raises and is not committed.
        """
        ...

    def now(self, connection: Connection) -> datetime | None:
        """Return the database's own clock as an aware datetime; None where it has none but this machine's."""
        ...

    def check(self, connection: Connection) -> Iterator[str]:
        """Yield what `flask fsck` has to say of the database itself: damage, and settings that lose what was committed."""
        ...

    def told(self, error: DBAPIError) -> Exception | None:
        """Return what the driver says of a lock, a full disk or a lost line as a typed error; None for anything else."""
        ...


def open_engine(url: str, connections: int = CONNECTIONS) -> DatabaseEngine:
    """Open the database at `url`, as `DATABASE_URL` spells it: sqlite:////file or postgresql://….

    ValueError, which never repeats the text, for any other: it may hold a password.
    """
    from exchange.engines.postgresql import PostgresqlEngine
    from exchange.engines.sqlite import SqliteEngine

    kind = kind_of(url)
    return SqliteEngine(url, connections) if kind == SQLITE else PostgresqlEngine(url, connections)
