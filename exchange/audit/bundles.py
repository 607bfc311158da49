"""Bundles of the audit log as members fetch them: whole, and never beyond the public size. Reading leaves an entry."""

import logging
import threading

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.audit.events import Event
from exchange.audit.models import AuditChain, AuditSeal, AuditViews
from exchange.audit.services import Audit
from exchange.db import UnitOfWork
from exchange.ledger.bundle import BUNDLE_LEAVES, Stored, build_bundle
from exchange.ledger.chain import ChainRecord, ChainSeal
from exchange.ledger.values import Value
from exchange.ledger.view import SLOTS, VIEW_BYTES
from exchange.logs.places import AUDIT, N
from exchange.logs.services import Logs
from exchange.transparency.errors import LogStopped

log = logging.getLogger("exchange.audit")


class Bundles:
    """Reads bundles, and remembers in memory alone whose reading of which size has its entry already."""

    def __init__(self, logs: Logs, audit: Audit) -> None:
        self._logs = logs
        self._audit = audit
        self._lock = threading.Lock()
        self._read: dict[str, int] = {}

    def bundle(self, uow: UnitOfWork, k: int, size: int) -> bytes | None:
        """Return bundle `k` of the log up to the public `size`, or None when that has no such bundle."""
        start = k * BUNDLE_LEAVES
        if not 0 <= start < size:
            return None
        stop = min(start + BUNDLE_LEAVES, size)
        leaves = self._logs.leaves(uow, AUDIT, start, stop)
        views = views_between(uow.session, start, stop)
        chains = chains_between(uow.session, start, stop)
        stored = [
            Stored(leaf, views.get(index, ()), chains.get(index)) for index, leaf in enumerate(leaves, start)
        ]
        return build_bundle(start, stored)

    def note_reading(self, officer: str, organisation: str, first: int, size: int) -> None:
        """Write the entry of an officer who reads the log of `size`, once for each size, from bundle `first` on.

        A stopped log takes no entry and must be read all the more.
        """
        with self._lock:
            if self._read.get(officer) == size:
                return
        fields: dict[str, Value] = {"actor": officer, "body": organisation, "first": first, "size": size}
        try:
            self._audit.record_only(Event("audit:log:read", fields))
        except LogStopped:
            log.error("the audit log is stopped: a reading of it has no entry")
        with self._lock:
            self._read[officer] = size


def views_between(session: Session, start: int, stop: int) -> dict[int, tuple[bytes, ...]]:
    """Return the four views of each entry among leaves start to stop - 1."""
    query = select(AuditViews.index, AuditViews.views).where(
        AuditViews.n == N, AuditViews.index >= start, AuditViews.index < stop
    )
    return {
        index: tuple(views[i * VIEW_BYTES : (i + 1) * VIEW_BYTES] for i in range(SLOTS))
        for index, views in session.execute(query)
    }


def chains_between(session: Session, start: int, stop: int) -> dict[int, ChainRecord]:
    """Return the record of each chain among leaves start to stop - 1; ChainStateError for one that is not one."""
    seals: dict[int, list[ChainSeal]] = {}
    of_seals = select(AuditSeal).where(AuditSeal.n == N, AuditSeal.index >= start, AuditSeal.index < stop)
    for seal in session.scalars(of_seals.order_by(AuditSeal.index, AuditSeal.body)):
        seals.setdefault(seal.index, []).append(ChainSeal(seal.body, seal.epoch, seal.sealed))
    of_chains = select(AuditChain).where(AuditChain.n == N, AuditChain.index >= start, AuditChain.index < stop)
    return {
        chain.index: ChainRecord(chain.process, chain.day, tuple(seals.get(chain.index, ())))
        for chain in session.scalars(of_chains)
    }
