"""The audit log in public: at most once in `seconds`, only if something was appended, at a multiple of 16 leaves.

Padding and publication belong together: decoys fill the log up to the multiple, and before any other writer can append,
still under the writer lock, the new size is signed and the files are written. A crash in between leaves decoys, no more;
the next call pads what has come since, and publishes.

Whether it is time is decided under the writer lock too, by the public checkpoint's own time and the database's clock: so
however many processes on however many hosts look, the log moves once, and no process keeps anything about it.
"""

import threading

from exchange.audit.events import Event
from exchange.audit.services import Audit
from exchange.db import Database, UnitOfWork
from exchange.ledger.vocabulary import PADDING
from exchange.logs.faults import Faults
from exchange.logs.places import AUDIT
from exchange.logs.services import MULTIPLE, Logs


class AuditPublisher:
    """Moves the audit log's public checkpoint. Safe to call from any thread of any process, at any time."""

    def __init__(self, database: Database, logs: Logs, audit: Audit, faults: Faults, seconds: int) -> None:
        self._database = database
        self._logs = logs
        self._audit = audit
        self._faults = faults
        self._seconds = seconds
        self._lock = threading.Lock()

    def publish(self, *, at_once: bool = False) -> bool:
        """Publish what was appended, if anything was and the last time is long enough ago; return whether it moved.

        `at_once` does not wait; it is for tests and for the operator who ends the service. Raises LogStopped, OSError
        and what a writing unit raises; the next call completes what was begun.
        """
        with self._lock:
            # Looking costs no writer's turn, and mostly there is nothing to do.
            with self._database.unit_of_work() as uow:
                if not self._due(uow, at_once):
                    return False
            return self._pad_and_publish(at_once)

    def _due(self, uow: UnitOfWork, at_once: bool) -> bool:
        public = self._logs.published(AUDIT)
        if public is None:
            return True
        if self._logs.head(uow, AUDIT).size == public.size:
            return False
        # The empty log was signed when it was founded; its first leaves wait for nobody.
        since = public.time if public.size else 0
        return at_once or int(uow.now.timestamp()) - since >= self._seconds

    def _pad_and_publish(self, at_once: bool) -> bool:
        failures: list[Exception] = []

        def publish_padded() -> None:
            try:
                self._faults.at("audit.publish.after-padding")
                self._logs.publish(AUDIT)
            except Exception as error:
                failures.append(error)

        with self._database.unit_of_work(write=True) as uow:
            if not self._due(uow, at_once):
                return False  # another process was quicker
            if self._logs.head(uow, AUDIT).size % MULTIPLE:
                self._audit.record(uow, Event(PADDING))  # new chains may come before it, so the rest is counted after
            self._audit.record_many(uow, [Event(PADDING)] * (-self._logs.head(uow, AUDIT).size % MULTIPLE))
            uow.on_commit(publish_padded)
        for failure in failures:
            raise failure
        return True
