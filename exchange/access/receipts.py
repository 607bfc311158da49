"""Receipts: a reader's word that a part was opened. Each is an entry in the log and nothing else: no table holds it.

The server keeps no list of releases, so it cannot hold a receipt against one; whoever reads both entries can, and the
audit offices do. The same receipt sent again is a second entry that says the same.
"""

from typing import Any

from exchange.access.acts import Acts, Decided
from exchange.access.decide import UNAVAILABLE
from exchange.access.errors import WithheldError
from exchange.access.relied import Footing
from exchange.audit.events import Event
from exchange.db import UnitOfWork
from exchange.directory.signers import signer_book
from exchange.directory.snapshots import Snapshots
from exchange.ledger.values import Value
from exchange.ledger.view import kept_signatures
from exchange.logs.places import AUDIT, N
from exchange.logs.services import Logs
from exchange.reports.queries import Reports
from exchange.statements import receipt
from exchange.statements.errors import WrongSignerError
from exchange.statements.receipt import Receipt
from exchange.statements.signers import CLOCK_TOLERANCE
from exchange.transparency.errors import LogRangeError
from exchange.web.caller import Caller
from exchange.web.errors import ClockOffError
from keys.encoding import b64u, format_time
from keys.statement import Statement


class Receipts:
    """Takes receipts in."""

    def __init__(self, reports: Reports, snapshots: Snapshots, acts: Acts, footing: Footing, logs: Logs) -> None:
        self._reports = reports
        self._snapshots = snapshots
        self._acts = acts
        self._footing = footing
        self._logs = logs

    def take(self, statement: Statement, who: Caller) -> dict[str, Any]:
        """Record a receipt, in a batch with other acts that only log; return {hash, ticket}.

        1. One officer of the caller's body signed it, with a key that is good (errors of `exchange.statements`). It may
        come late, from a machine without a network, so only a time ahead of ours is refused (ClockOffError).
        2. The caller's body was named as recipient of that part; else WithheldError, as for an id without a report.
        3. The entry it names lies in our log (LogRangeError).
        """
        values = receipt.read(statement)
        _nothing, recorded = self._acts.record(lambda uow: self._decide(uow, values, statement, who))
        return {"hash": b64u(statement.hash), "ticket": recorded.ticket().to_json()}

    def _decide(self, uow: UnitOfWork, values: Receipt, statement: Statement, who: Caller) -> Decided[None]:
        book = signer_book(uow, self._snapshots.required(uow))
        signer = receipt.verify(values, statement, book)
        if signer.organisation != who.organisation:
            raise WrongSignerError("a receipt is signed by an officer of another body than sends it")
        if values.stamp.time - uow.now > CLOCK_TOLERANCE:
            raise ClockOffError("a receipt's time is ahead of the server's clock", uow.now)
        row = self._reports.find(uow, values.report)
        kept = self._reports.envelope_for(uow, values.report, values.part, who.organisation)
        if row is None or kept is None:
            raise WithheldError(UNAVAILABLE)
        if values.n != N or values.index >= self._logs.head(uow, AUDIT).size:
            raise LogRangeError("a receipt names an entry that the log does not have")
        fields: dict[str, Value] = {
            "actor": b64u(signer.officer),
            "body": signer.organisation,
            "owner": row.owner,
            "report": values.report,
            "part": b64u(values.part),
            "request": b64u(values.request),
            "n": values.n,
            "index": values.index,
            "nonce": b64u(values.stamp.nonce),
            "asked": format_time(values.stamp.time),
            "statement": b64u(statement.hash),
        }
        event = Event("access:receipt:record", fields, kept_signatures(statement))
        return Decided(None, event, self._footing.directory(uow))
