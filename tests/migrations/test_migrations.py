"""The migrations make exactly the tables the models describe, and an interrupted upgrade leaves the old tables."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text

from exchange.db import Database
from exchange.migrations.run import differences, downgrade, is_current, settings, upgrade
from exchange.tables import METADATA
from tests import databases


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return an empty database."""
    made = Database(databases.url(tmp_path), lambda: datetime(2026, 1, 1, tzinfo=UTC))
    yield made
    made.dispose()


def tables(database: Database) -> set[str]:
    """The names of the tables there are."""
    with database.looking() as connection:
        return set(inspect(connection).get_table_names())


def test_migrations_equal_models(database: Database) -> None:
    """Upgrading an empty database gives the models' tables: run `python -m exchange.migrations.make` when it does not."""
    upgrade(database)
    assert differences(database) == []
    assert is_current(database)


def test_a_difference_is_found(database: Database) -> None:
    """The comparison sees a column too many: it is not blind."""
    upgrade(database)
    with database.migrating() as connection:
        connection.execute(text("alter table clock_floor add column planted integer"))
    assert [change[0] for change in differences(database)] == ["remove_column"]


def test_an_interrupted_upgrade_changes_nothing(database: Database) -> None:
    """The whole way is one transaction."""
    with pytest.raises(RuntimeError), database.migrating() as connection:
        command.upgrade(settings(connection), "head")
        raise RuntimeError
    assert tables(database) == set() and not is_current(database)
    upgrade(database)
    assert tables(database) == {*METADATA.tables, "alembic_version"}


def test_down_and_up_again(database: Database) -> None:
    """The way down leaves nothing but the note of where it stands, and the way up again gives the models' tables."""
    upgrade(database)
    downgrade(database)
    assert tables(database) == {"alembic_version"} and not is_current(database)
    upgrade(database)
    assert differences(database) == [] and is_current(database)
