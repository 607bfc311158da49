"""One at a time among the threads of one process, in the order in which they came."""

import os
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from exchange.engines.errors import DatabaseBusyError


class FairLock:
    """A lock whose waiters get it in the order in which they came. Free in a fork, whoever held it in the parent."""

    def __init__(self, seconds: float) -> None:
        """`seconds` bounds the wait of each."""
        self._seconds = seconds
        self._free()
        itself = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _free(itself))

    def _free(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it for the length of a `with` block; DatabaseBusyError when it was not got in time. Not re-entrant."""
        with self._guard:
            turn = threading.Event() if self._taken else None
            if turn is not None:
                self._waiting.append(turn)
            self._taken = True
        try:
            if turn is not None and not turn.wait(self._seconds):
                raise DatabaseBusyError("other writers of this process were not done in time")
            yield
        finally:
            self._pass_on(turn)

    def _pass_on(self, turn: threading.Event | None) -> None:
        with self._guard:
            if turn is not None and turn in self._waiting:  # it was never let in
                self._waiting.remove(turn)
            elif self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


def _free(itself: "weakref.ref[FairLock]") -> None:
    lock = itself()
    if lock is not None:
        lock._free()
