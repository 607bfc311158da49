"""Callers of the batching writer in an order a test chooses, and commits that fail as a test says."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from exchange.audit.events import Event, Recorded
from exchange.audit.services import Prepared
from exchange.db import Database, OutcomeUnknownError, UnitOfWork
from tests.unit.audit.audit_maker import Instance

_PATIENCE = 60.0


class Commits:
    """Stands in a database's commit point: counts the commits of writing units, and lets the next one fail."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._commit = database._commit
        self.count = 0
        self.happens: bool | None = None
        database._commit = self.commit  # type: ignore[method-assign]

    def commit(self, connection: Connection) -> None:
        """Commit; once `happens` is set, its outcome is open, and that is what became of it."""
        if not self._database.is_writing:
            return self._commit(connection)
        self.count += 1
        happens, self.happens = self.happens, None
        if happens is not False:
            self._commit(connection)
        if happens is not None:
            raise OutcomeUnknownError("the outcome of a commit is not known")


class Crowd:
    """Threads that record one act each. What each got, an index or an error, is in `got` by its number."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._threads: list[threading.Thread] = []
        self.got: dict[int, Recorded | BaseException] = {}

    @contextmanager
    def queueing(self) -> Iterator[None]:
        """Whoever calls inside waits until the end of the block: this thread has the writer's turn. Then all are joined."""
        with self._instance.unit():
            yield
        self.join()

    def add(self, settled: Callable[[UnitOfWork], Prepared], written: Callable[[], None] | None = None) -> int:
        """Let one more caller stand in the queue, and return its number once it does."""
        writer, number = self._instance.audit.writer, len(self._threads)

        def run() -> None:
            try:
                self.got[number] = writer.write(settled, written)
            except BaseException as error:
                self.got[number] = error

        before = len(writer._waiting)
        thread = threading.Thread(target=run)
        self._threads.append(thread)
        thread.start()
        until(lambda: len(writer._waiting) > before)
        return number

    def records(self, event: Event) -> int:
        """Let one more caller stand in the queue who records this."""
        return self.add(lambda _uow: self._instance.audit.prepare(event))

    def raises(self, error: BaseException) -> int:
        """Let one more caller stand in the queue whose act raises this in its batch."""

        def settled(_uow: UnitOfWork) -> Prepared:
            raise error

        return self.add(settled)

    def join(self) -> None:
        """Wait for all."""
        for thread in self._threads:
            thread.join(_PATIENCE)
            if thread.is_alive():
                raise TimeoutError("a caller of the writer still waits")

    def indices(self, *numbers: int) -> list[Any]:
        """The indices these callers got, or what they got instead."""
        return [got.index if isinstance(got := self.got[number], Recorded) else got for number in numbers]


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("it never came to hold")
        time.sleep(0.001)
