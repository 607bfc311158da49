"""Durable appends to the audit log, against plain inserts of the same bytes in the same batches, and against single commits.

An append is an entry made, sealed to its readers under the chains, hashed into the tree, and committed with its views. The
peer is one table without anything else, which takes a row of as many bytes for each entry, and commits as often. Both are on
the same engine (EXCHANGE_TEST_ENGINE names it) with the same settings and on the same disk.
"""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from exchange.audit.writer import MOST
from exchange.db import Database
from exchange.ledger.leaf import LEAF_BYTES
from exchange.ledger.view import SLOTS, VIEW_BYTES
from exchange.logs.bulk import insert_rows
from exchange.logs.faults import Faults
from exchange.transparency.merkle import HASH_BYTES
from tests import databases
from tests.bench.figures import Bench, Figure, paired
from tests.unit.audit.audit_maker import START, Instance, permit

WRITERS = 16
# What an entry leaves: its leaf, its views, and two nodes of the tree, on average.
ENTRY_BYTES = LEAF_BYTES + SLOTS * VIEW_BYTES + 2 * HASH_BYTES
PLAIN_AT_MOST = 15
# For full batches. Sixteen callers who each wait for their own make batches of sixteen at most; what those gain is shown.
SINGLE_AT_MOST = 1 / 5
AIM = 5_000
EVENT = replace(permit(), signatures=(bytes(64),))


class Own(DeclarativeBase):
    """A base for the peer's table alone: migrations never see it."""


class Plain(Own):
    """A row of bytes."""

    __tablename__ = "bench_plain"

    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes]


class Commits(Faults):
    """Counts the batches in which entries were written."""

    count = 0

    def at(self, point: str) -> None:
        """See Faults."""
        self.count += point == "audit.record.after-views"


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield what appends cost in batches of one writer and of sixteen, beside plain inserts and beside single commits."""
    batches, runs = bench.choose(40, 16, 1), bench.choose(7, 5, 1)
    most, few = bench.choose(MOST, MOST, 16), bench.choose(512, 256, 16)
    commits = Commits()
    ours = Instance(_made(bench.folder / "ours"), replace={Faults: commits})
    ours.bodies.everybody()
    ours.start()
    theirs = Peer(_made(bench.folder / "theirs"))
    try:
        count = batches * most
        bench.say(f"{count:,} appends in batches of {most}")
        yield paired(
            f"{count:,} appends in batches of {most}, one writer",
            "plain inserts of the same bytes in the same batches",
            lambda: in_batches(ours, batches, most),
            lambda: theirs.insert(count, batches),
            runs=runs,
            at_most=PLAIN_AT_MOST,
            work=count,
            unit="entries",
            aim=AIM,
        )
        bench.say(f"{count:,} appends of {WRITERS} writers at once")
        begun = commits.count
        at_once(lambda: through_writer(ours, few // WRITERS))
        shared = commits.count - begun
        yield paired(
            f"{few:,} appends of {WRITERS} writers through the batching writer",
            f"plain inserts of the same bytes in as many batches ({shared})",
            lambda: at_once(lambda: through_writer(ours, few // WRITERS)),
            lambda: theirs.insert(few, shared),
            runs=runs,
            at_most=PLAIN_AT_MOST,
            work=few,
            unit="entries",
            aim=AIM,
        )
        bench.say(f"{few:,} appends with a commit each")
        yield paired(
            f"{few:,} appends in batches of {most}, one writer",
            "the same appends with a commit each",
            lambda: in_batches(ours, max(1, few // most), most),
            lambda: one_by_one(ours, few),
            runs=runs,
            at_most=SINGLE_AT_MOST,
        )
        yield paired(
            f"{few:,} appends of {WRITERS} writers through the batching writer",
            f"the same appends of {WRITERS} writers with a commit each",
            lambda: at_once(lambda: through_writer(ours, few // WRITERS)),
            lambda: at_once(lambda: one_by_one(ours, few // WRITERS)),
            runs=runs,
        )
    finally:
        ours.close()
        theirs.close()


def in_batches(instance: Instance, batches: int, size: int) -> None:
    """Append `size` entries in each of so many transactions."""
    for _ in range(batches):
        with instance.unit() as uow:
            instance.audit.record_many(uow, [EVENT] * size)


def one_by_one(instance: Instance, count: int) -> None:
    """Append entries in a transaction each."""
    for _ in range(count):
        with instance.unit() as uow:
            instance.audit.record(uow, EVENT)


def through_writer(instance: Instance, count: int) -> None:
    """Append entries one after the other, as a thread of the server does: each is durable before the next is asked for."""
    for _ in range(count):
        instance.audit.record_only(EVENT)


def at_once(act: Callable[[], None]) -> None:
    """Do something in sixteen threads that begin together; the first failure of one is raised."""
    failures: list[BaseException] = []
    together = threading.Barrier(WRITERS)

    def run() -> None:
        try:
            together.wait()
            act()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


class Peer:
    """A table that takes bytes, on the engine of the run."""

    def __init__(self, folder: Path) -> None:
        """Make the table in a database of its own."""
        self._database = Database(databases.url(folder), lambda: START)
        Own.metadata.create_all(self._database.engine)
        self._next = 0

    def insert(self, count: int, batches: int) -> None:
        """Insert so many rows in so many transactions, each of about as many; every row has random bytes of its own."""
        for batch in range(batches):
            size = (batch + 1) * count // batches - batch * count // batches
            with self._database.engine.begin() as connection:
                self._rows(connection, size)

    def _rows(self, connection: Connection, size: int) -> None:
        data = memoryview(os.urandom(size * ENTRY_BYTES))
        rows = [(self._next + i, bytes(data[i * ENTRY_BYTES : (i + 1) * ENTRY_BYTES])) for i in range(size)]
        insert_rows(connection, Plain, rows)
        self._next += size

    def close(self) -> None:
        """End its connections."""
        self._database.dispose()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
