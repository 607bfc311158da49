"""Writing entries: acts become leaves and sealed views, in the transaction of what they record.

1. the entries are made and checked, before anything is written; 2. their readers follow from the acts; 3. chains are drawn
if due, their leaf first; 4. four views each are sealed; 5. the leaves are appended; 6. the views are kept. The commit is
the caller's, or for acts that only log the batching writer's (`exchange.audit.writer`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import insert

from exchange.audit.bodies import BodyDirectory
from exchange.audit.chains import ChainKeeper
from exchange.audit.events import Event, Recorded
from exchange.audit.models import AuditChain, AuditSeal, AuditViews
from exchange.audit.readers import EntryReaders
from exchange.audit.writer import Writer
from exchange.db import Database, UnitOfWork, UnitOfWorkError
from exchange.ledger.chain_writer import Chains
from exchange.ledger.entry import Entry
from exchange.ledger.leaf import EntryLeaf, minute_of
from exchange.ledger.view import Views, check_size, views_for
from exchange.logs.bulk import insert_rows
from exchange.logs.faults import Faults
from exchange.logs.places import AUDIT, N
from exchange.logs.services import Logs


@dataclass(frozen=True)
class Prepared:
    """An act whose entry is made and fits its views: nothing about it can be refused any more."""

    entry: Entry = field(repr=False)
    signatures: tuple[bytes, ...] = field(default=(), repr=False)


class Audit:
    """The one writer of the audit log in this process. `writer` takes the acts that change nothing else."""

    def __init__(self, database: Database, logs: Logs, bodies: Callable[[], BodyDirectory], faults: Faults) -> None:
        self._logs = logs
        self._bodies = bodies
        self._faults = faults
        self._chains = ChainKeeper()
        self.writer: Writer[Prepared] = Writer(database, self.record_prepared)

    def record(self, uow: UnitOfWork, event: Event) -> Recorded:
        """Write the entry of an act in the caller's writing unit: `record_many` of one."""
        return self.record_many(uow, [event])[0]

    def record_many(self, uow: UnitOfWork, events: Iterable[Event]) -> list[Recorded]:
        """Write the entries of acts, in this order, in the caller's writing unit; they stand when that has committed.

        Never inside a savepoint that might be undone alone. Raises UnknownActError, BadEntryError, BadViewError and
        EntryTooLargeError before anything was written. LogStopped: the unit must then be rolled back, and takes no
        further entry.
        """
        return self.record_prepared(uow, [self.prepare(event) for event in events])

    def record_only(self, event: Event, recheck: Callable[[UnitOfWork], None] | None = None) -> Recorded:
        """Write the entry of an act that changes nothing else, in a batch with others'; durable when this returns.

        `recheck` runs first, in the batch's unit, and refuses by raising: what a decision relied on must still hold where
        its entry is written; it writes nothing. Raises as `record_many`, and UnitOfWorkError inside a writing unit of the
        caller's.
        """

        ready = self.ready(event)

        def settled(uow: UnitOfWork) -> Prepared:
            if recheck is not None:
                recheck(uow)
            return ready()

        return self.writer.write(settled)

    def prepare(self, event: Event) -> Prepared:
        """Make and check the entry of an act, its hashes too; raises as `record_many` does before anything is written."""
        entry = Entry.make(event.act, event.fields)
        check_size(entry, event.signatures)
        entry.com  # noqa: B018  (kept by the entry: whoever holds the writer's turn must not spend it on this)
        return Prepared(entry, event.signatures)

    def ready(self, event: Event) -> Callable[[], Prepared]:
        """Make the entry of an act ahead of its batch; return what gives it out, and on any later call one made anew.

        So work is done before the writer's turn, and no entry is sealed twice: a batch that was rolled back may have left
        its views somewhere on the disk, and view keys depend on the entry's seed.
        """
        made = [self.prepare(event)]
        return lambda: made.pop() if made else self.prepare(event)

    def record_prepared(self, uow: UnitOfWork, prepared: Sequence[Prepared]) -> list[Recorded]:
        """Write entries that `prepare` made: one turn of the chains, one move of the head."""
        if not uow.write:
            raise UnitOfWorkError("an entry was to be written in a reading unit of work")
        if not prepared:
            return []
        directory = self._bodies()
        readers = EntryReaders(uow, directory)
        turn, served = self._chains.turn(
            uow, directory.reading_bodies(uow), lambda chains: self._keep_chains(uow, chains)
        )
        try:
            time = minute_of(uow.now)
            views = [
                views_for(each.entry, readers.of(each.entry).among(served), turn, each.signatures) for each in prepared
            ]
            leaves = [
                EntryLeaf(time, each.entry.com, sealed.vw) for each, sealed in zip(prepared, views, strict=True)
            ]
            self._faults.at("audit.record.before-leaf")
            indices = self._logs.append_many(uow, AUDIT, [leaf.data for leaf in leaves])
            self._faults.at("audit.record.before-views")
            self._keep_views(uow, indices, views)
            self._faults.at("audit.record.after-views")
        except BaseException:
            self._chains.spoil(uow)
            raise
        return [
            Recorded(N, index, time, leaf.vw, each.entry)
            for index, leaf, each in zip(indices, leaves, prepared, strict=True)
        ]

    def _keep_chains(self, uow: UnitOfWork, chains: Chains) -> None:
        self._faults.at("audit.record.before-chain")
        index = self._logs.append(uow, AUDIT, chains.leaf)
        record = chains.record
        uow.session.execute(
            insert(AuditChain), {"n": N, "index": index, "process": record.process, "day": record.day}
        )
        seals = [
            {"n": N, "index": index, "body": seal.body, "epoch": seal.epoch, "sealed": seal.sealed}
            for seal in record.seals
        ]
        if seals:
            uow.session.execute(insert(AuditSeal), seals)
        self._faults.at("audit.record.after-chain")

    def _keep_views(self, uow: UnitOfWork, indices: range, views: Sequence[Views]) -> None:
        rows = [(N, index, b"".join(each.sealed)) for index, each in zip(indices, views, strict=True)]
        insert_rows(uow.session.connection(), AuditViews, rows)
