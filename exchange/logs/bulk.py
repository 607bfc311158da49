"""Many rows of one table in one call of the driver: what an entry's rows cost is mostly the way to the driver.

The statement's text is made once for each table and driver, and rows go to the driver as they are. So this is for columns
of numbers, texts and bytes alone, which no driver wants converted.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.orm import DeclarativeBase

Row = tuple[int | str | bytes, ...]


def insert_rows(connection: Connection, model: type[DeclarativeBase], rows: Sequence[Row]) -> None:
    """Insert rows, each a value for every column in the table's order; nothing happens for none."""
    if not rows:
        return
    text, order = _compiled(model.__table__, connection.dialect)  # type: ignore[arg-type]
    connection.exec_driver_sql(text, list(rows) if order is None else [dict(zip(order, row, strict=True)) for row in rows])


@lru_cache(maxsize=64)
def _compiled(table: Table, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
    """The text of an insert, and the names of its parameters where the driver wants them by name."""
    columns = [column.name for column in table.columns]
    compiled: Any = insert(table).compile(dialect=dialect, column_keys=columns)
    if not compiled.positional:
        return str(compiled), tuple(columns)
    if list(compiled.positiontup) != columns:
        raise LookupError("an insert does not take its columns in the table's order")
    return str(compiled), None
