"""How `DATABASE_URL` is spelled, and which engine it means. An error never repeats the text: it may hold a password."""

from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"


def kind_of(url: str) -> str:
    """Return SQLITE for sqlite:////an/absolute/file, POSTGRESQL for postgresql://…; ValueError for anything else."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is not None and parsed.drivername == "sqlite" and parsed.database and Path(parsed.database).is_absolute():
        return SQLITE
    if parsed is not None and parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return POSTGRESQL
    raise ValueError("neither sqlite:////an/absolute/file nor postgresql://")
