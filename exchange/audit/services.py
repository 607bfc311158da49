"""Writing entries: an act becomes one leaf and four sealed views, in the transaction of what it records.

1. the entry is made and checked; 2. its readers follow from the act; 3. chains are drawn if due, their leaf first;
4. the four views are sealed; 5. the leaf is appended; 6. the views are kept. The commit is the caller's.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import insert

from exchange.audit.bodies import BodyDirectory
from exchange.audit.chains import ChainKeeper
from exchange.audit.events import Event, Recorded
from exchange.audit.models import AuditChain, AuditSeal, AuditViews
from exchange.db import Database, UnitOfWork, UnitOfWorkError
from exchange.ledger.chain_writer import Chains
from exchange.ledger.entry import Entry
from exchange.ledger.leaf import EntryLeaf, minute_of
from exchange.ledger.values import Value
from exchange.ledger.view import Readers, Views, views_for
from exchange.ledger.vocabulary import Act
from exchange.logs.faults import Faults
from exchange.logs.places import AUDIT, N
from exchange.logs.services import Logs


class Audit:
    """The one writer of the audit log in this process."""

    def __init__(self, database: Database, logs: Logs, bodies: Callable[[], BodyDirectory], faults: Faults) -> None:
        self._database = database
        self._logs = logs
        self._bodies = bodies
        self._faults = faults
        self._chains = ChainKeeper()

    def record(self, uow: UnitOfWork, event: Event) -> Recorded:
        """Write the entry of an act in the caller's writing unit; it stands when that unit has committed.

        Never inside a savepoint that might be undone alone. Raises UnknownActError and BadEntryError before anything was
        written; EntryTooLargeError, LogStopped: the unit must then be rolled back, and takes no further entry.
        """
        if not uow.write:
            raise UnitOfWorkError("an entry was to be written in a reading unit of work")
        entry = Entry.make(event.act, event.fields)
        readers = self._readers(uow, entry.act, entry.fields)
        turn, served = self._chains.turn(
            uow, self._bodies().reading_bodies(uow), lambda chains: self._keep_chains(uow, chains)
        )
        try:
            views = views_for(entry, readers.among(served), turn, event.signatures)
            time = minute_of(uow.now)
            self._faults.at("audit.record.before-leaf")
            index = self._logs.append(uow, AUDIT, EntryLeaf(time, entry.com, views.vw).data)
            self._faults.at("audit.record.before-views")
            self._keep_views(uow, index, views)
            self._faults.at("audit.record.after-views")
        except BaseException:
            self._chains.spoil(uow)
            raise
        return Recorded(N, index, time, views.vw, entry)

    def record_only(self, event: Event, recheck: Callable[[UnitOfWork], None] | None = None) -> Recorded:
        """Write the entry of an act that changes nothing else, in a unit of its own; durable when this returns.

        `recheck` runs in that unit first and refuses by raising: what a decision relied on must still hold where its
        entry is written. Raises as `record`, and UnitOfWorkError inside a writing unit of the caller's.
        """
        with self._database.unit_of_work(write=True) as uow:
            if recheck is not None:
                recheck(uow)
            return self.record(uow, event)

    def _readers(self, uow: UnitOfWork, act: Act, fields: Mapping[str, Value]) -> Readers:
        """Return who reads an act: its owner and its actor's body, and the audit office of each.

        A withholding without an owner and every act without a body have the audit office of the host in the owner's
        office's place: somebody must be able to say what happened.
        """
        owner, body = _name(fields, "owner"), _name(fields, "body")
        directory = self._bodies()
        stand_in = directory.host(uow) if owner is None and (body is None or act.views == "partial") else None

        def office(of: str | None) -> str | None:
            return None if of is None else directory.audit_office(uow, of)

        return Readers(office(owner or stand_in), office(body), owner, body)

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

    def _keep_views(self, uow: UnitOfWork, index: int, views: Views) -> None:
        values = {"n": N, "index": index, "views": b"".join(views.sealed)}
        uow.session.execute(insert(AuditViews), values)


def _name(fields: Mapping[str, Value], field: str) -> str | None:
    value = fields.get(field)
    return value if isinstance(value, str) else None
