"""Every model, imported for migrations alone: `METADATA` describes all tables.

Rooms are found by their `models.py`, so that no table can be forgotten here.
"""

from importlib import import_module
from pathlib import Path
from typing import Final

from sqlalchemy import MetaData

from exchange.db import Base

HERE: Final = Path(__file__).parent
ROOMS: Final = tuple(sorted(path.parent.name for path in HERE.glob("*/models.py")))


def _all_tables() -> MetaData:
    for room in ROOMS:
        import_module(f"exchange.{room}.models")
    return Base.metadata


METADATA: Final = _all_tables()
