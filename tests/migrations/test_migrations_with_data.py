"""Migrations up, down and up again on either engine with an exchange's work in the tables; a later revision keeps it."""

import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import IntegrityError

from exchange.db import Database, UnitOfWorkError
from exchange.migrations.run import HERE, differences, downgrade, is_current, settings, upgrade
from exchange.tables import METADATA
from tests.unit.engines.engine_maker import ARRIVED
from tests.web.access_maker import granted, instrument, permit
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import registered

LATER = '''"""A later revision, as the next release may bring one: a column in a table that others name, and an index."""

import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "0001"


def upgrade():
    with op.batch_alter_table("reports", recreate="always" if op.get_bind().dialect.name == "sqlite" else "auto") as batch:
        batch.add_column(sa.Column("shelf", sa.Integer(), nullable=False, server_default="7"))
    op.create_index("ix_reports_shelf", "reports", ["shelf"])


def downgrade():
    op.drop_index("ix_reports_shelf", "reports")
    with op.batch_alter_table("reports") as batch:
        batch.drop_column("shelf")
'''
# A revision that loses rows which others name.
CARELESS = LATER.replace('"later"', '"careless"').replace(
    "def upgrade():\n", 'def upgrade():\n    op.execute("delete from consent_instruments")\n'
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ExchangeWorld]:
    """An exchange in which somebody was let in, reports were transmitted, agreed to and released; its tables by migration."""
    made = ExchangeWorld(tmp_path / "world")
    report = registered(made, tmp_path)
    granted(made, instrument("XA", [permit("un-spt", scope="document", scope_ref=report.report)]))
    made.clock.forward(timedelta(hours=1).total_seconds())
    with made.database.migrating() as connection:
        command.stamp(settings(connection), "head")
    yield made
    made.close()


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table of ours, but for the columns that a test added."""
    with database.looking() as connection:
        return {name: _rows(connection, name) for name in METADATA.tables}


def _rows(connection: Connection, name: str) -> list[Any]:
    table = METADATA.tables[name]
    return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]


def revisions(folder: Path, later: str) -> Path:
    """A folder of scripts: ours, and one more."""
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "later.py").write_text(later)
    return folder


def test_up_down_and_up_with_data_in_the_tables(world: ExchangeWorld) -> None:
    """The way down drops full tables, whichever names which; the way up makes them anew, empty and as the models say."""
    held = everything(world.database)
    assert {name for name, rows in held.items() if rows} >= {
        "reports", "report_parts", "report_envelopes", "consent_instruments", "consent_events", "signed_statement",
        "directory_leaves", "log_leaves", "audit_views", "tokens", "clock_floor",
    }  # fmt: skip
    downgrade(world.database)
    with world.database.looking() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(world.database)
    assert differences(world.database) == [] and is_current(world.database)
    assert not any(everything(world.database).values())


def test_a_later_revision_keeps_every_row(world: ExchangeWorld, tmp_path: Path) -> None:
    """Up to a column more, down, and up again: each time every row is as it was, and the checks find nothing."""
    folder = revisions(tmp_path / "scripts", LATER)
    held = everything(world.database)
    for _ in range(2):
        upgrade(world.database, folder)
        assert everything(world.database) == held
        with world.database.looking() as connection:
            assert set(connection.scalars(text("select shelf from reports"))) == {7}
        assert world.fsck() == []
        downgrade(world.database, "0001", folder)
        assert everything(world.database) == held
        assert differences(world.database) == [] and world.fsck() == []
    report = world.get(world.officers("un-spt")[0], "/reports?box=inbox")
    assert report.status_code == 200 and report.json


def test_a_later_revision_keeps_keys_between_tables_enforced(world: ExchangeWorld, tmp_path: Path) -> None:
    """After a table was made anew, a row that names what is not there is refused as before."""
    upgrade(world.database, revisions(tmp_path / "scripts", LATER))
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), world.database.unit_of_work(write=True) as unit:
        unit.session.execute(text("delete from reports"))


def test_a_revision_that_loses_named_rows_is_refused(world: ExchangeWorld, tmp_path: Path) -> None:
    """It changes nothing: the keys between tables are checked before the commit."""
    held = everything(world.database)
    with pytest.raises((UnitOfWorkError, IntegrityError), match=r"(?i)names no row|foreign key"):
        upgrade(world.database, revisions(tmp_path / "scripts", CARELESS))
    assert everything(world.database) == held and is_current(world.database)


def test_writers_wait_for_an_upgrade(world: ExchangeWorld) -> None:
    """Nobody writes while tables are being changed; whoever looks at rows does not wait, and sees the state before."""
    order: list[str] = []

    def write() -> None:
        with world.database.unit_of_work(write=True):
            order.append("writer")

    writer = threading.Thread(target=write)
    with world.database.migrating() as connection:
        connection.execute(text("delete from tokens"))
        writer.start()
        writer.join(2 * ARRIVED)
        assert everything(world.database)["tokens"]
        order.append("upgrade")
    writer.join()
    assert order == ["upgrade", "writer"]
    assert not everything(world.database)["tokens"]


def test_an_upgrade_waits_for_a_writer(world: ExchangeWorld) -> None:
    """Tables change between two writers, never under one."""
    order: list[str] = []

    def change() -> None:
        downgrade(world.database)
        order.append("downgrade")

    changer = threading.Thread(target=change)
    with world.database.unit_of_work(write=True) as unit:
        changer.start()
        changer.join(2 * ARRIVED)
        assert unit.session.scalar(text("select count(*) from reports")) == 1
        order.append("writer")
    changer.join()
    assert order == ["writer", "downgrade"]
