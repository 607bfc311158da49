"""Taking in what is signed about a report after its registration: stop, lift, grant, determination.

Each handler works in the caller's writing unit, checks everything there, and stores statement, ticket and entry.
"""

from collections.abc import Mapping
from typing import Any

from exchange.audit.events import Event
from exchange.audit.statements import Statements, Stored, Subject
from exchange.db import UnitOfWork
from exchange.directory.signers import signer_book
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.reports.determinations import Determinations
from exchange.reports.errors import BesideError, StopEndedError
from exchange.reports.gathering import standing_stops
from exchange.reports.grants import Grants
from exchange.reports.handling import Handled, Posted, TwoPeople, own_report
from exchange.reports.rows import ReportRow
from exchange.statements import determination, grant, lift, recall, stop
from exchange.web.caller import Caller
from keys.errors import UnknownVersionError
from keys.statement import Statement


def event_of(act: str, row: ReportRow, who: Caller, more: Mapping[str, Any] | None = None) -> Event:
    """Return the event of an act on a report."""
    fields = {"actor": who.officer, "body": who.organisation, "owner": row.owner, "report": row.report}
    return Event(act, {**fields, **(more or {})})


class ReportStatements:
    """The handlers, by label."""

    labels = frozenset({stop.LABEL, lift.LABEL, grant.LABEL, determination.LABEL})

    def __init__(
        self,
        statements: Statements,
        snapshots: Snapshots,
        faults: Faults,
        grants: Grants,
        determinations: Determinations,
    ) -> None:
        self._statements = statements
        self._snapshots = snapshots
        self._faults = faults
        self._grants = grants
        self._determinations = determinations
        self._two = TwoPeople(statements)

    def handle(self, uow: UnitOfWork, statement: Statement, beside: Mapping[str, Any], who: Caller) -> Handled:
        """Hand a statement to the handler of its label; UnknownVersionError for a label that is not this room's."""
        handlers = {
            stop.LABEL: self.handle_stop,
            lift.LABEL: self.handle_lift,
            grant.LABEL: self.handle_grant,
            determination.LABEL: self.handle_determination,
        }
        handler = handlers.get(statement.typ)
        if handler is None:
            raise UnknownVersionError(f"unknown label '{statement.typ}'")
        return handler(uow, statement, beside, who)

    def handle_stop(self, uow: UnitOfWork, statement: Statement, beside: Mapping[str, Any], who: Caller) -> Handled:
        """Stop a report by one officer of its originator: from the commit on, nothing of it is released.

        Raises NotAvailableError, BesideError, ClockOffError, and the errors of `stop.verify`.
        """
        _nothing_beside(beside)
        values = stop.read(statement)
        row = own_report(uow, values.report, who)
        repeated = self._two.repeated(uow, statement)
        if repeated is not None:
            return repeated
        posted = self._two.gathered(uow, Posted(statement, beside, who, values.stamp.time))
        book = signer_book(uow, self._snapshots.required(uow))
        stop.verify(values, posted.statement, book, row.header, {row.owner})
        return Handled(stored=self._store(uow, "stop", posted, row))

    def handle_lift(self, uow: UnitOfWork, statement: Statement, beside: Mapping[str, Any], who: Caller) -> Handled:
        """End one stop, or one recall, by two officers of the originator; others stand.

        Raises NotAvailableError, BesideError, ClockOffError, StopEndedError, and the errors of `lift.verify`.
        """
        _nothing_beside(beside)
        values = lift.read(statement)
        row = own_report(uow, values.report, who)
        repeated = self._two.repeated(uow, statement)
        if repeated is not None:
            return repeated
        posted = self._two.gathered(uow, Posted(statement, beside, who, values.stamp.time))
        closing = [
            *self._statements.of(uow, "report", row.report, stop.LABEL),
            *self._statements.of(uow, "report", row.report, recall.LABEL),
        ]
        lifts = self._statements.of(uow, "report", row.report, lift.LABEL)
        if values.stop not in {each.hash for each in standing_stops(closing, lifts)}:
            raise StopEndedError("no stop or recall of this report stands under that hash")
        book = signer_book(uow, self._snapshots.required(uow))
        waiting = self._two.complete(
            uow, posted, lambda full: lift.verify(values, full, book, row.report, values.stop, {row.owner})
        )
        return waiting or Handled(stored=self._store(uow, "lift", posted, row))

    def handle_grant(self, uow: UnitOfWork, statement: Statement, beside: Mapping[str, Any], who: Caller) -> Handled:
        """Name later recipients by two officers of the owner (`grants.Grants.take`)."""
        return self._grants.take(uow, statement, beside, who)

    def handle_determination(
        self, uow: UnitOfWork, statement: Statement, beside: Mapping[str, Any], who: Caller
    ) -> Handled:
        """Record a fact that opens or closes a gate (`determinations.Determinations.take`)."""
        _nothing_beside(beside)
        return self._determinations.take(uow, statement, who)

    def _store(self, uow: UnitOfWork, act: str, posted: Posted, row: ReportRow) -> Stored:
        self._faults.at(f"reports.{act}.before-statement")
        event = event_of(f"reports:report:{act}", row, posted.who)
        stored = self._statements.store(uow, posted.statement, event, [Subject("report", row.report)])
        self._faults.at(f"reports.{act}.after-statement")
        return stored


def _nothing_beside(beside: Mapping[str, Any]) -> None:
    if beside:
        raise BesideError("nothing lies beside this statement")
