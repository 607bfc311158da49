"""What `flask fsck` says of a PostgreSQL that is damaged, or set so that it loses what it acknowledged."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import errors as pg
from sqlalchemy import Connection, text

from exchange.db import Database, DatabaseAwayError
from tests import databases, postgres
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import registered

pytestmark = pytest.mark.postgresql("its own check")

TABLES = """
create table shelves (id integer constraint pk_shelves primary key, "In hall" text collate "C" not null);
create table books (id integer primary key, shelf integer, constraint fk_books foreign key (shelf) references shelves);
create index ix_hall on shelves ("In hall");
insert into shelves select n, 'hall ' || n from generate_series(1, 20) n;
insert into books values (1, 1), (2, 2), (3, null)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database of two tables, one of which names the other."""
    url = databases.url(tmp_path)
    with databases.behind(url) as connection:
        connection.execute(text(TABLES))
    return url


def findings(url: str) -> list[str]:
    """What the check finds, in a reading unit as `flask fsck` opens one."""
    database = Database(url, lambda: datetime.now(UTC))
    try:
        with database.looking() as connection:
            return list(database._database.check(connection))
    finally:
        database.dispose()


def without_keys(connection: Connection, damage: str) -> None:
    """Do something that keys between tables would have refused."""
    connection.execute(text("set local session_replication_role = replica"))
    connection.execute(text(damage))


def test_a_sound_database(url: str) -> None:
    """Nothing is found, with and without the extension that compares indexes."""
    assert findings(url) == []
    with databases.behind(url) as connection:
        connection.execute(text("create extension amcheck"))
    assert findings(url) == []


def test_rows_that_name_what_is_not_there(url: str) -> None:
    """They are counted, whatever let them in; a row that names nothing is none of them."""
    with databases.behind(url) as connection:
        without_keys(connection, "delete from shelves where id < 3")
    assert findings(url) == ["2 row(s) of 'books' name a row of 'shelves' that is not there"]


def test_a_key_that_was_never_checked(url: str) -> None:
    """A constraint that was added without a look at the rows there were."""
    with databases.behind(url) as connection:
        connection.execute(text("alter table books drop constraint fk_books"))
        connection.execute(text("alter table books add constraint fk_again foreign key (shelf) references shelves not valid"))
    assert findings(url) == ["the constraint 'fk_again' was never checked on the rows that were there before it"]


def test_an_index_that_was_never_finished(url: str) -> None:
    """A unique index whose making failed stays behind, and keeps nothing unique."""
    with psycopg.connect(url, autocommit=True) as plain, pytest.raises(pg.UniqueViolation):
        plain.execute("insert into shelves values (21, 'hall 1')")
        plain.execute('create unique index concurrently uq_hall on shelves ("In hall")')
    assert findings(url) == ["the index 'uq_hall' is not valid: it is not used, and what it keeps unique may be there twice"]


def test_an_index_that_lacks_a_row(url: str) -> None:
    """With the extension amcheck a row that its index has not is found, and the other indexes are looked at all the same."""
    with databases.behind(url) as connection:
        connection.execute(text("create extension amcheck"))
        connection.execute(text("update pg_index set indisready = false where indexrelid = 'ix_hall'::regclass"))
    with databases.behind(url) as connection:
        connection.execute(text("insert into shelves values (30, 'hall 30')"))
    with databases.behind(url) as connection:
        connection.execute(text("update pg_index set indisready = true where indexrelid = 'ix_hall'::regclass"))
        without_keys(connection, "delete from shelves where id = 1")
    assert findings(url) == [
        "1 row(s) of 'books' name a row of 'shelves' that is not there",
        "the index 'ix_hall' does not fit its table: DataCorrupted",
    ]


@pytest.mark.parametrize(
    ("name", "value", "cost"),
    [
        ("zero_damaged_pages", "on", "a damaged page is taken for an empty one"),
        ("ignore_checksum_failure", "on", "a damaged page is read as if it were sound"),
    ],
)
def test_a_database_that_hides_damage(url: str, tmp_path: Path, name: str, value: str, cost: str) -> None:
    """What an administrator set for this one database counts."""
    with databases.behind(url) as connection:
        connection.execute(text(f'alter database "{postgres.name_of(tmp_path)}" set {name} = {value}'))
    assert findings(url) == [f"the server's {name} is '{value}', not 'off': {cost}"]


def test_an_encoding_that_is_none() -> None:
    """A database that takes bytes for texts."""
    cluster = postgres.cluster()
    cluster.ask("create database odd encoding 'SQL_ASCII' template template0 locale 'C' locale_provider libc")
    try:
        assert findings(cluster.url("odd")) == ["the database's encoding is SQL_ASCII, not UTF8"]
    finally:
        cluster.drop("odd")


@pytest.fixture
def careless() -> Iterator[postgres.Server]:
    """A server of its own that syncs nothing."""
    server = postgres.Server(fsync="off", full_page_writes="off", wal_level="replica")
    yield server
    server.stop()


def test_a_server_that_syncs_nothing_and_one_that_only_follows(careless: postgres.Server) -> None:
    """What was acknowledged would not be kept; and a standby, which reads and whose writers are told that it is away."""
    url = f"postgresql://{postgres.USER}@/postgres?host={careless.folder}"
    lost = [
        "the server's fsync is 'off', not 'on': a power cut can lose what was acknowledged, or damage everything",
        "the server's full_page_writes is 'off', not 'on': a power cut can damage pages that are being written",
    ]
    assert findings(url) == lost
    careless.begin_again_as_standby()
    assert findings(url) == ["the server is a standby: it takes no writes", *lost]
    database = Database(url, lambda: datetime.now(UTC))
    with pytest.raises(DatabaseAwayError), database.unit_of_work(write=True):
        raise AssertionError("it was let in")
    database.dispose()


def test_the_whole_check_of_an_instance_asks_this_one(tmp_path: Path) -> None:
    """`flask fsck` names the room that found it."""
    world = ExchangeWorld(tmp_path)
    registered(world, tmp_path)
    assert world.fsck() == []
    with databases.behind(world.config.database_url) as connection:
        without_keys(connection, "delete from reports")
    assert "storage/database: 1 row(s) of 'report_parts' name a row of 'reports' that is not there" in world.fsck()
    world.close()
