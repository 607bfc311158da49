"""The audit log in public: at most once in `seconds`, only if something was appended, at a multiple of 16 leaves.

Padding and publication belong together: decoys fill the log up to the multiple, and before any other writer can append,
still under the writer lock, the new size is signed and the files are written. A crash in between leaves decoys, no more;
the next call pads what has come since, and publishes.
"""

import threading

from exchange.audit.events import Event
from exchange.audit.services import Audit
from exchange.db import Database
from exchange.ledger.vocabulary import PADDING
from exchange.logs.faults import Faults
from exchange.logs.places import AUDIT
from exchange.logs.services import MULTIPLE, Logs
from exchange.web.services import Clock


class AuditPublisher:
    """Moves the audit log's public checkpoint. Safe to call from any thread, at any time."""

    def __init__(self, database: Database, logs: Logs, audit: Audit, clock: Clock, faults: Faults, seconds: int) -> None:
        self._database = database
        self._logs = logs
        self._audit = audit
        self._clock = clock
        self._faults = faults
        self._seconds = seconds
        self._lock = threading.Lock()
        self._moved = 0

    def publish(self, *, at_once: bool = False) -> bool:
        """Publish what was appended, if anything was and the last time is long enough ago; return whether it moved.

        `at_once` does not wait; it is for tests and for the operator who ends the service. Raises LogStopped, OSError
        and what a writing unit raises; the next call completes what was begun.
        """
        with self._lock:
            public = self._logs.published(AUDIT)
            with self._database.unit_of_work() as uow:
                size = self._logs.head(uow, AUDIT).size
            now = int(self._clock.now().timestamp())
            # The checkpoint's own time is all that is known after a restart; within a process, when it moved last.
            since = max(self._moved, public.time if public is not None and public.size else 0)
            if public is not None and (size == public.size or (not at_once and now - since < self._seconds)):
                return False
            self._pad_and_publish()
            self._moved = now
            return True

    def _pad_and_publish(self) -> None:
        failures: list[Exception] = []

        def publish_padded() -> None:
            try:
                self._faults.at("audit.publish.after-padding")
                self._logs.publish(AUDIT)
            except Exception as error:
                failures.append(error)

        with self._database.unit_of_work(write=True) as uow:
            while self._logs.head(uow, AUDIT).size % MULTIPLE:
                self._audit.record(uow, Event(PADDING))
            uow.on_commit(publish_padded)
        for failure in failures:
            raise failure
