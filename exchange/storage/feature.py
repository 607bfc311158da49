"""What the room `storage` gives the application: the piece store, its sweep at the start of a process, and the checks of
what lies on the disk, the database's file among it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from exchange.config import Config
from exchange.db import Database
from exchange.storage.pieces import LocalPieceStore, PieceStore
from exchange.web.feature import Check, Feature
from exchange.web.services import Clock, Services

_CLOCK_TOLERANCE: Final = timedelta(minutes=5)


def _build(services: Services) -> None:
    services.put(PieceStore, LocalPieceStore(services.get(Config).pieces_dir))


def _start(services: Services) -> None:
    store = services.get(PieceStore)
    if isinstance(store, LocalPieceStore):
        store.sweep()


def _check(services: Services) -> Iterator[str]:
    store = services.get(PieceStore)
    for key in store.keys():
        for n, size in sorted(store.sizes(key).items()):
            if size == 0:
                yield f"piece {n} of '{key}' is empty"


def _check_database(services: Services) -> Iterator[str]:
    with services.get(Database).unit_of_work() as uow:
        connection = uow.session.connection()
        for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if line != "ok":
                yield str(line)
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"a row of '{row[0]}' names a row of '{row[2]}' that is not there"
        ahead = uow.now - services.get(Clock).now()
    if ahead > _CLOCK_TOLERANCE:
        yield f"the newest recorded moment lies {int(ahead.total_seconds())} seconds ahead of this machine's clock"


FEATURE = Feature("storage", build=_build, start=_start, checks=(Check("pieces", _check), Check("database", _check_database)))
