"""The batching writer: acts that only log share a transaction, so that one sync of the disk makes many entries durable.

One of the callers leads: it opens the writing unit, takes what waits by then, in the order of arrival, and commits for all.
The others wait for it, and the first of whoever came meanwhile leads next. There is no thread, nothing to start or stop,
and a fork begins with an empty queue.
"""

import copy
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeAlias, TypeVar
from weakref import WeakSet

from sqlalchemy.exc import SQLAlchemyError

from exchange.audit.events import Event, Recorded
from exchange.db import Database, DatabaseBusyError, DbError, OutcomeUnknownError, UnitOfWork, UnitOfWorkError

# The most acts of one transaction: sealing them takes about what a disk's sync takes, so none waits long for the others.
MOST: Final = 128

# What an act does in the batch's unit: look again at what it relied on, and say what is to be recorded, or raise.
Settled: TypeAlias = Callable[[UnitOfWork], Event]

P = TypeVar("P")


class _Job:
    """One caller's act. `woken`: it has its result, or it leads now."""

    def __init__(self, settled: Settled, written: Callable[[], None] | None) -> None:
        self.settled = settled
        self.written = written
        self.woken = threading.Event()
        self.recorded: Recorded | None = None
        self.error: BaseException | None = None

    @property
    def done(self) -> bool:
        """Whether its caller may go on."""
        return self.recorded is not None or self.error is not None


class Writer(Generic[P]):
    """One for each process, made by the audit room."""

    def __init__(
        self,
        database: Database,
        prepare: Callable[[Event], P],
        record: Callable[[UnitOfWork, Sequence[P]], list[Recorded]],
        most: int = MOST,
    ) -> None:
        """`prepare` refuses what cannot be recorded and writes nothing; `record` writes all that was prepared."""
        self._database = database
        self._prepare = prepare
        self._record = record
        self._most = most
        self.forget()
        _WRITERS.add(self)

    def forget(self) -> None:
        """Begin anew with an empty queue: what waited belongs to the process that this one was forked from."""
        self._guard = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._leader: _Job | None = None

    def write(self, settled: Settled, written: Callable[[], None] | None = None) -> Recorded:
        """Record one act, in a transaction with what others record at the same time; durable when this returns.

        `settled` runs in the batch's writing unit, maybe in another thread and request than the caller's: it takes all it
        needs with it, writes nothing, and returns the event, or raises to refuse: this act alone then leaves nothing.
        `written` runs once the entries of the batch are written; what it raises undoes the batch.

        Raises what `settled` and the making of the entry raise; and what the database, the log or the commit say of the
        batch, to each of its callers: OutcomeUnknownError tells each that its entry may stand. UnitOfWorkError inside a
        writing unit of the caller's, which would wait for itself.
        """
        if self._database.is_writing:
            raise UnitOfWorkError("the batching writer was called inside a writing unit of work")
        job = _Job(settled, written)
        try:
            if not self._queue(job):
                job.woken.wait()
            if not job.done:
                self._lead(job)
        finally:
            self._leave(job)
        if job.error is not None:
            raise job.error
        if job.recorded is None:
            raise OutcomeUnknownError("a batch ended without a result")
        return job.recorded

    def _queue(self, job: _Job) -> bool:
        """Stand at the end of the queue; return whether nobody leads, so that this job must."""
        with self._guard:
            self._waiting.append(job)
            if self._leader is None:
                self._leader = job
            return self._leader is job

    def _leave(self, job: _Job) -> None:
        """Give up the lead, if it is this job's, to the first that waits; a caller who was interrupted waits no more."""
        with self._guard:
            if not job.done and job in self._waiting:
                self._waiting.remove(job)
            if self._leader is job:
                self._leader = self._waiting[0] if self._waiting else None
                if self._leader is not None:
                    self._leader.woken.set()

    def _lead(self, own: _Job) -> None:
        """Write one batch, `own` first in it; whatever happens, everybody in it is told."""
        batch: list[_Job] = []
        unknown: list[bool] = []
        try:
            with self._database.unit_of_work(write=True) as uow:
                uow.on_unknown(lambda: unknown.append(True))
                batch = self._take()
                self._write(uow, batch)
        except BaseException as error:
            batch = batch or self._take()
            for job in batch:
                if not job.done:
                    job.error = error if job is own else _told(error, bool(unknown))
            if not isinstance(error, Exception):
                raise
        finally:
            for job in batch:
                job.woken.set()

    def _take(self) -> list[_Job]:
        """Take the oldest acts that wait; the leader's own is the first of them."""
        with self._guard:
            return [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]

    def _write(self, uow: UnitOfWork, batch: Sequence[_Job]) -> None:
        """Settle each act by itself, then write what is left of them at once; the commit gives them their results."""
        settled: list[_Job] = []
        prepared: list[P] = []
        for job in batch:
            try:
                prepared.append(self._prepare(job.settled(uow)))
                settled.append(job)
            except (SQLAlchemyError, DbError):
                raise  # the transaction itself is in doubt, for everybody
            except Exception as error:
                job.error = error
        recorded = self._record(uow, prepared)
        for job in settled:
            if job.written is not None:
                job.written()

        def committed() -> None:
            for job, one in zip(settled, recorded, strict=True):
                job.recorded = one

        uow.on_commit(committed)


def _told(error: BaseException, unknown: bool) -> BaseException:
    """What failed the leader, as one of the others is to hear it: an exception of its own, since each has its traceback."""
    if not isinstance(error, Exception):  # the leader was interrupted, which is no affair of the others
        if unknown:
            return OutcomeUnknownError("the outcome of a commit is not known")
        return DatabaseBusyError("a batch was interrupted before its commit")
    try:
        return copy.copy(error)
    except Exception:
        return error


_WRITERS: WeakSet[Writer[Any]] = WeakSet()


def _forget_all() -> None:
    for writer in list(_WRITERS):
        writer.forget()


os.register_at_fork(after_in_child=_forget_all)
