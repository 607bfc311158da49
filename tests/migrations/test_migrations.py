"""The migrations make exactly the tables the models describe, and an interrupted upgrade leaves the old tables."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text

from exchange.db import Database
from exchange.migrations.run import differences, is_current, settings, upgrade
from exchange.tables import METADATA


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Return an empty database."""
    return Database(f"sqlite:///{tmp_path / 'x.sqlite'}", lambda: datetime(2026, 1, 1, tzinfo=UTC))


def test_migrations_equal_models(database: Database) -> None:
    """Upgrading an empty database gives the models' tables: run `python -m exchange.migrations.make` when it does not."""
    upgrade(database)
    found = differences(database)
    current = is_current(database)
    database.dispose()
    assert found == []
    assert current


def test_a_difference_is_found(database: Database) -> None:
    """The comparison sees a column too many: it is not blind."""
    upgrade(database)
    with database.engine.connect() as connection, connection.begin():
        connection.execute(text("alter table clock_floor add column planted integer"))
    found = differences(database)
    database.dispose()
    assert [change[0] for change in found] == ["remove_column"]


def test_an_interrupted_upgrade_changes_nothing(database: Database) -> None:
    """The whole way is one transaction."""
    with pytest.raises(RuntimeError), database.engine.connect() as connection, connection.begin():
        command.upgrade(settings(connection), "head")
        raise RuntimeError
    tables = inspect(database.engine).get_table_names()
    assert tables == [] and not is_current(database)
    upgrade(database)
    tables = inspect(database.engine).get_table_names()
    database.dispose()
    assert set(tables) == {*METADATA.tables, "alembic_version"}
