"""What concerns an officer now: what the start page has for them, each thing by a name of its own."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from exchange.access.agenda import Agendas
from exchange.access.asker import Askers
from exchange.db import UnitOfWork
from exchange.texts import LANGUAGES
from keys.encoding import format_time

# A day on which a State's answer is expected is spoken of from so long before it.
AHEAD: Final = timedelta(days=7)


class Concerning:
    """Reads what concerns an officer, in the caller's unit: of each list what the start page shows, not all of it."""

    def __init__(self, agendas: Agendas, askers: Askers) -> None:
        self._agendas = agendas
        self._askers = askers

    def of(self, uow: UnitOfWork, officer: str, body: str) -> Iterator[str]:
        """Yield a name for each thing that concerns an officer of a body."""
        found = self._agendas.read(uow, self._askers.officer(uow, officer, body), LANGUAGES[0])
        for item in found["arrived"]:
            yield f"arrived/{item['report']}"
        for item in found["second_signature"]:
            yield f"second/{item['id']}"
        for item in found["recalls"]:
            if not item["own"]:
                yield f"recall/{item['recall']}"
        for item in found["due"]:
            if item["reply_by"] <= format_time(uow.now + AHEAD):
                yield f"due/{item['instrument']}"
