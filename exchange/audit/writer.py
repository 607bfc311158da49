"""The batching writer: acts that only log share a transaction, so that one sync of the disk makes many entries durable.

One of the callers leads: it opens the writing unit, takes what waits by then, in the order of arrival, and commits for all.
The others wait for it, and the first of whoever came meanwhile leads next. There is no thread, nothing to start or stop,
and a fork begins with an empty queue. An act stays in the queue until it has its result, so whoever leads next goes on with
what a batch that certainly left nothing has not answered.
"""

import copy
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final, Generic, TypeAlias, TypeVar
from weakref import WeakSet

from sqlalchemy.exc import SQLAlchemyError

from exchange.audit.events import Recorded
from exchange.db import Database, DbError, OutcomeUnknownError, UnitOfWork, UnitOfWorkError

# The most acts of one transaction: sealing them takes about what a disk's sync takes, so none waits long for the others.
MOST: Final = 128

P = TypeVar("P")

# What an act does in the batch's unit: look again at what it relied on, and give what is to be recorded, or raise. It may be
# asked again after a batch that left nothing, and gives an entry made anew then.
Settled: TypeAlias = Callable[[UnitOfWork], P]


class _Job(Generic[P]):
    """One caller's act. `woken`: it has its result, or it leads now."""

    def __init__(self, settled: Settled[P], written: Callable[[], None] | None) -> None:
        self.settled = settled
        self.written = written
        self.woken = threading.Event()
        self.recorded: Recorded | None = None
        self.error: BaseException | None = None

    @property
    def done(self) -> bool:
        """Whether its caller may go on."""
        return self.recorded is not None or self.error is not None


class _Batch(Generic[P]):
    """The acts of one transaction. `nothing_written`: as long as that is certain."""

    def __init__(self) -> None:
        self.jobs: list[_Job[P]] = []
        self.nothing_written = True
        self.settling: _Job[P] | None = None

    def begin(self, uow: UnitOfWork) -> None:
        """From here on only the unit can say that nothing was written."""

        def rolled_back() -> None:
            self.nothing_written = True

        uow.on_rollback(rolled_back)
        self.nothing_written = False

    @property
    def waiting(self) -> list[_Job[P]]:
        """The acts that have no result."""
        return [job for job in self.jobs if not job.done]


class Writer(Generic[P]):
    """One for each process, made by the audit room."""

    def __init__(
        self, database: Database, record: Callable[[UnitOfWork, Sequence[P]], list[Recorded]], most: int = MOST
    ) -> None:
        """`record` writes the entries of at most `most` acts, in their order, in the unit it is given."""
        self._database = database
        self._record = record
        self._most = most
        self.forget()
        _WRITERS.add(self)

    def forget(self) -> None:
        """Begin anew with an empty queue: what waited belongs to the process that this one was forked from."""
        self._guard = threading.Lock()
        self._waiting: deque[_Job[P]] = deque()
        self._leader: _Job[P] | None = None

    def write(self, settled: Settled[P], written: Callable[[], None] | None = None) -> Recorded:
        """Record one act, in a transaction with what others record at the same time; durable when this returns.

        `settled` runs in the batch's writing unit, maybe in another thread and request than the caller's: it takes all it
        needs with it, writes nothing, and returns what is to be recorded, or raises to refuse: this act alone then leaves
        nothing. `written` runs once the entries of the batch are written; what it raises undoes the batch.

        Raises what `settled` raises, and what the database, the log or the commit say of the batch, to each of its callers:
        OutcomeUnknownError tells each that its entry may stand. UnitOfWorkError inside a writing unit of the caller's, which
        would wait for itself.
        """
        if self._database.is_writing:
            raise UnitOfWorkError("the batching writer was called inside a writing unit of work")
        job = _Job(settled, written)
        try:
            if not self._queue(job):
                job.woken.wait()
            while not job.done:
                self._lead(job)
        finally:
            self._leave(job)
        if job.error is not None:
            raise job.error
        if job.recorded is None:
            raise OutcomeUnknownError("a batch ended without a result")
        return job.recorded

    def _queue(self, job: _Job[P]) -> bool:
        """Stand at the end of the queue; return whether nobody leads, so that this job must."""
        with self._guard:
            self._waiting.append(job)
            if self._leader is None:
                self._leader = job
            return self._leader is job

    def _leave(self, job: _Job[P]) -> None:
        """Give up the lead, if it is this job's, to the first that waits; a caller who was interrupted waits no more."""
        with self._guard:
            if self._leader is job:
                self._waiting = deque(each for each in self._waiting if each is not job and not each.done)
                self._leader = self._waiting[0] if self._waiting else None
                if self._leader is not None:
                    self._leader.woken.set()
            elif not job.done and job in self._waiting:
                self._waiting.remove(job)

    def _lead(self, own: _Job[P]) -> None:
        """Write one batch, `own` among the first of it; whoever has a result then is told.

        Nobody has one, nor has `own`, only where another act broke the unit: that act has its error, and the rest another try.
        """
        batch: _Batch[P] = _Batch()
        try:
            with self._database.unit_of_work(write=True) as uow:
                batch.begin(uow)
                batch.jobs = self._take()
                self._write(uow, batch)
        except BaseException as error:
            self._failed(own, batch, error)
            if not isinstance(error, Exception):
                raise
        finally:
            for job in batch.jobs:
                if job.done:
                    job.woken.set()

    def _take(self) -> list[_Job[P]]:
        """Return the oldest acts that wait; the leader's own is among them, since it was the oldest when it began to lead."""
        with self._guard:
            return list(islice((job for job in self._waiting if not job.done), self._most))

    def _write(self, uow: UnitOfWork, batch: _Batch[P]) -> None:
        """Settle each act by itself, then write what is left of them at once; the commit gives them their results."""
        settled: list[_Job[P]] = []
        prepared: list[P] = []
        for job in batch.jobs:
            batch.settling = job
            try:
                prepared.append(job.settled(uow))
                settled.append(job)
            except (SQLAlchemyError, DbError):
                raise  # the transaction itself is in doubt
            except Exception as error:
                job.error = error
        batch.settling = None
        recorded = self._record(uow, prepared)
        for job in settled:
            if job.written is not None:
                job.written()

        def committed() -> None:
            for job, one in zip(settled, recorded, strict=True):
                job.recorded = one

        uow.on_commit(committed)

    def _failed(self, own: _Job[P], batch: _Batch[P], error: BaseException) -> None:
        """Say to each of a batch what became of it; those to whom nothing is said stay in the queue."""
        if not batch.nothing_written:
            for job in batch.waiting:
                job.error = OutcomeUnknownError("the outcome of a commit is not known")
        elif not isinstance(error, Exception):
            own.error = error  # the leader was interrupted, which is no affair of the others
        elif batch.settling is not None and isinstance(error, (SQLAlchemyError, UnitOfWorkError)):
            batch.settling.error = error  # its own question was wrong; what the database as a whole says is another error
        else:
            batch.jobs = batch.jobs or self._take()
            for job in batch.waiting:
                job.error = error if job is own else _copy(error)


def _copy(error: Exception) -> Exception:
    """An exception for another caller, since each has a traceback of its own."""
    try:
        return copy.copy(error)
    except Exception:
        return error


_WRITERS: WeakSet[Writer[Any]] = WeakSet()


def _forget_all() -> None:
    for writer in list(_WRITERS):
        writer.forget()


os.register_at_fork(after_in_child=_forget_all)
