"""Running migrations: one transaction for the whole way, so that an interrupted upgrade leaves the old tables."""

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from exchange.db import Database, Time

HERE: Final = Path(__file__).parent


def settings(connection: Connection | None = None, folder: Path = HERE) -> AlembicConfig:
    """Return Alembic's settings: no file, the scripts in `folder`, and the connection to work on."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, folder: Path = HERE) -> None:
    """Bring the database's tables to the newest revision of `folder`, in one transaction, while nobody else writes."""
    with database.migrating() as connection:
        command.upgrade(settings(connection, folder), "head")


def downgrade(database: Database, revision: str = "base", folder: Path = HERE) -> None:
    """Take the database's tables back to a revision, in one transaction; "base" drops them, and all they hold."""
    with database.migrating() as connection:
        command.downgrade(settings(connection, folder), revision)


def is_current(database: Database) -> bool:
    """True when the database's tables are at the newest revision."""
    head = ScriptDirectory.from_config(settings()).get_current_head()
    with database.looking() as connection:
        return bool(MigrationContext.configure(connection).get_current_revision() == head)


def differences(database: Database) -> list[Any]:
    """Return how the database's tables differ from what the models describe; empty when they are the same."""
    from exchange.tables import METADATA

    def compare(_context: Any, _column: Any, _metadata_column: Any, stored: Any, wanted: Any) -> bool | None:
        return stored.python_type is not int if isinstance(wanted, Time) else None

    with database.looking() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": compare})
        return list(compare_metadata(context, METADATA))
