"""Alembic's environment: it works on the connection it is handed, and on no other."""

from alembic import context

from exchange.db import Time
from exchange.tables import METADATA


def render_item(kind, item, autogen_context):  # type: ignore[no-untyped-def]
    """Write our own column types by the type they are stored as: a migration must not depend on today's code."""
    if kind == "type" and isinstance(item, Time):
        return "sa.BigInteger()"
    return False


def compare_type(ctx, inspected, metadata_column, inspected_type, metadata_type):  # type: ignore[no-untyped-def]
    """Our time type is the integer it is stored as; everything else as Alembic compares."""
    if isinstance(metadata_type, Time):
        return inspected_type.python_type is not int
    return None


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_item=render_item,
    compare_type=compare_type,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
