"""Acts that only log: decided while others read and write, recorded in a batch, decided anew where something moved.

So the work of a decision holds up no writer, and what a decision rests on still stands at the index of its entry: no
release has an index above an acknowledged withdrawal's or stop's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from exchange.access.relied import Footing, Relied
from exchange.audit.events import Event, Recorded
from exchange.audit.services import Audit, Prepared
from exchange.db import Database, UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True)
class Decided(Generic[T]):
    """What an act comes to: the answer, its entry, and what both rest on."""

    answer: T
    event: Event
    relied: Relied


class Acts:
    """Records acts that only log."""

    def __init__(self, database: Database, audit: Audit, footing: Footing) -> None:
        self._database = database
        self._audit = audit
        self._footing = footing

    def record(
        self,
        decide: Callable[[UnitOfWork], Decided[T]],
        before: Callable[[], None] | None = None,
        after: Callable[[], None] | None = None,
    ) -> tuple[T, Recorded]:
        """Decide in a reading unit, record in a batch, return the answer that holds at the entry's place, with the entry.

        `decide` may be asked again in the batch's writing unit, in another thread: it writes nothing and asks no request
        for anything. It raises to refuse, in either unit, and nothing is then recorded. `before` and `after` run in the
        batch's unit, around the writing of the entry. Raises besides what `exchange.audit.writer.Writer.write` raises.
        """
        with self._database.unit_of_work() as uow:
            decided = decide(uow)
        ready = self._audit.ready(decided.event)

        def settled(uow: UnitOfWork) -> Prepared:
            nonlocal decided, ready
            if not self._footing.stands(uow, decided.relied):
                decided = decide(uow)
                ready = self._audit.ready(decided.event)
            if before is not None:
                before()
            return ready()

        recorded = self._audit.writer.write(settled, after)
        return decided.answer, recorded
