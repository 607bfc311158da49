"""What happens once in a serving process, and what one of its threads does again and again.

Threads do not survive a fork, so nothing starts when the application is made: the server's hook calls `start` in each
worker, and the first request calls it where no hook did. Commands never do. What was opened before a fork is not used
after it: `start` is the first thing a worker does, and it lets go of the connections its parent may have had.
"""

import logging
import os
import threading
from collections.abc import Sequence

from exchange.config import Config
from exchange.db import Database
from exchange.web.failures import places
from exchange.web.feature import Background, Feature
from exchange.web.services import Services

log = logging.getLogger("exchange.process")


class Process:
    """Starts the features of one process once, and stops its background threads."""

    def __init__(self, services: Services, features: Sequence[Feature], background: bool) -> None:
        self._services = services
        self._features = features
        self._background = background
        self._lock = threading.Lock()
        self._made_in = os.getpid()
        self._started_in: int | None = None
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Run every feature's `start`, then its background threads; does nothing the second time in one process.

        An exception of a `start` goes to the caller and the next call tries again: an unrecovered process serves nothing.
        """
        if self._started_in == os.getpid():
            return
        with self._lock:
            if self._started_in == os.getpid():
                return
            self._leave_parent()
            for feature in self._features:
                if feature.start is not None:
                    feature.start(self._services)
            if self._background:
                for feature in self._features:
                    for job in feature.background:
                        self._run_in_thread(job)
            self._started_in = os.getpid()

    def stop(self, timeout: float = 10.0) -> None:
        """Ask every background thread to end and wait up to `timeout` seconds for each."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout)

    def _leave_parent(self) -> None:
        """In a fork: drop the parent's connections without a word to the database, and its threads, which are not here."""
        if self._made_in != os.getpid():
            self._services.get(Database).engine.dispose(close=False)
            self._made_in = os.getpid()
        self._stop = threading.Event()
        self._threads = []

    def _run_in_thread(self, job: Background) -> None:
        thread = threading.Thread(target=self._repeat, args=(job,), name=f"exchange-{job.name}", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _repeat(self, job: Background) -> None:
        seconds = job.seconds(self._services.get(Config))
        while not self._stop.wait(seconds):
            try:
                job.run(self._services)
            except Exception as error:
                log.error("%s failed: %s", job.name, places(error))
