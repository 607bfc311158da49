"""What the room `storage` gives the application: the piece store, and the checks of what lies on the disk, the database's
file among it."""

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


def _check(services: Services) -> Iterator[str]:
    store = services.get(PieceStore)
    if isinstance(store, LocalPieceStore):
        for name in store.strangers():
            yield f"'{name}' among the pieces is no part's file"


def _check_database(services: Services) -> Iterator[str]:
    with services.get(Database).unit_of_work() as uow:
        yield from services.get(Database).check(uow)
        ahead = uow.now - services.get(Clock).now()
    if ahead > _CLOCK_TOLERANCE:
        yield f"the newest recorded moment lies {int(ahead.total_seconds())} seconds ahead of this machine's clock"


FEATURE = Feature("storage", build=_build, checks=(Check("pieces", _check), Check("database", _check_database)))
