"""The database of each test's instance, on the engine that EXCHANGE_TEST_ENGINE names: sqlite (as it is), or postgresql.

An instance is a folder, and its database belongs to it: two applications opened on one folder share it, a copied folder
needs a copy (`copied`). Whoever opens a database in a test gets its URL here, and nothing else in a test depends on the
engine. What a test made is gone when the test ends; `kept` keeps a template for the whole run.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pysqlite3.dbapi2
from sqlalchemy import Connection, NullPool, create_engine, inspect
from sqlalchemy.engine import make_url

from exchange.database_url import POSTGRESQL, SQLITE, kind_of
from exchange.db import Database
from exchange.tables import METADATA
from tests import postgres

ENGINE: Final = os.environ.get("EXCHANGE_TEST_ENGINE") or SQLITE
_FILE: Final = "exchange.sqlite"


def on_postgresql() -> bool:
    """Whether this run is on PostgreSQL."""
    if ENGINE not in (SQLITE, POSTGRESQL):
        raise ValueError(f"EXCHANGE_TEST_ENGINE can be {SQLITE} or {POSTGRESQL}, not {ENGINE!r}")
    return ENGINE == POSTGRESQL


def url(instance: Path) -> str:
    """The DATABASE_URL of an instance; on PostgreSQL an empty database is made when it has none."""
    if not on_postgresql():
        return f"sqlite:///{instance.absolute() / _FILE}"
    cluster, name = postgres.cluster(), postgres.name_of(instance)
    if not cluster.has(name):
        cluster.create(name)
    return cluster.url(name)


def settings(instance: Path) -> dict[str, str]:
    """The settings that a server's process needs to find the database of its instance."""
    return {"DATABASE_URL": url(instance)} if on_postgresql() else {}


def emptied(instance: Path) -> None:
    """Remove the database of an instance, and with it everything it held."""
    if on_postgresql():
        postgres.cluster().create(postgres.name_of(instance))
    else:
        (instance / _FILE).unlink()


def removed(instance: Path) -> None:
    """Remove the database of an instance from under whoever has it open; there is none until `emptied`."""
    if on_postgresql():
        postgres.cluster().drop(postgres.name_of(instance))
    for path in instance.glob(f"{_FILE}*"):
        path.unlink()


def copied(source: Path, target: Path) -> None:
    """Make the database of instance `target` a copy of `source`'s, which nobody may have open."""
    if on_postgresql():
        postgres.cluster().create(postgres.name_of(target), postgres.name_of(source))
    elif (source / _FILE).exists():
        shutil.copyfile(source / _FILE, target / _FILE)


def with_tables(database: Database) -> None:
    """Make the models' tables, without the migrations' detour; from a template where that is faster."""
    if not on_postgresql():
        METADATA.create_all(database.engine)
        return
    database.dispose()
    cluster, template = postgres.cluster(), f"tables_{os.getpid()}"
    name = str(database.engine.url.database)
    if template not in cluster.made:
        METADATA.create_all(database.engine)
        database.dispose()
        cluster.create(template, name)
        _kept.add(template)
    else:
        cluster.create(name, template)


def zeros(length: int | str) -> str:
    """An SQL expression for so many bytes of nothing; `length` is a number or an expression itself."""
    return f"decode(repeat('00', {length}), 'hex')" if on_postgresql() else f"zeroblob({length})"


@contextmanager
def behind(database_url: str) -> Iterator[Connection]:
    """A connection that the application knows nothing of, inside a transaction that commits: to look, or to do damage."""
    if kind_of(database_url) == SQLITE:
        engine = create_engine(database_url, module=pysqlite3.dbapi2, connect_args={"timeout": 30}, poolclass=NullPool)
    else:
        engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


_kept: set[str] = set()


def kept(instance: Path) -> None:
    """Keep the database of an instance until the run ends: a template, made in the test that first needed it."""
    _kept.add(postgres.name_of(instance))


@contextmanager
def of_one_test() -> Iterator[None]:
    """Remove, at the end of the block, the databases that were made in it."""
    if not on_postgresql():
        yield
        return
    started = postgres.cluster.cache_info().currsize > 0
    before = set(postgres.cluster().made) if started else set()
    yield
    if postgres.cluster.cache_info().currsize:
        for name in postgres.cluster().made - before - _kept:
            postgres.cluster().drop(name)


def stored(instance: Path) -> dict[str, bytes]:
    """Every byte that an instance keeps: its files by path, and where the database is no file, the rows of each table.

    What belongs to the database has a name that begins with "database".
    """
    files = [path for path in instance.rglob("*") if path.is_file()]
    found = {("database " if _FILE in path.name else "") + str(path): path.read_bytes() for path in files}
    if on_postgresql():
        with behind(url(instance)) as connection:
            cursor = connection.connection.cursor()
            for table in inspect(connection).get_table_names():
                with cursor.copy(f'copy "{table}" to stdout (format binary)') as rows:
                    found[f"database {table}"] = b"".join(bytes(part) for part in rows)
    return found
