"""What every later statement on a report has in common: whose it is, the second signer, and the answer.

Stopping takes one officer; what opens takes two, and waits as a pending statement until the second has signed the very
same payload. A report that is not the caller's body's answers like one that does not exist.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from exchange.audit.statements import Pending, Statements, Stored, merged
from exchange.db import UnitOfWork
from exchange.directory.signers import check_time
from exchange.reports import rows
from exchange.reports.rows import ReportRow
from exchange.statements.errors import TooFewSignersError
from exchange.web.caller import Caller
from exchange.web.errors import NotAvailableError
from keys.encoding import b64u
from keys.statement import Statement

# How long a statement waits for its second officer. A signature cannot be taken back, so it must not open anything much later.
WAITS: Final = timedelta(days=7)

_CREATED: Final = 201
_ACCEPTED: Final = 202
_OK: Final = 200


@dataclass(frozen=True)
class Handled:
    """What became of a statement: stored with its ticket, or pending until `needs` more officers have signed it.

    `repeated`: it has its entry already, and this is the first answer again.
    """

    stored: Stored | None = None
    pending: Pending | None = None
    needs: int = 0
    repeated: bool = False

    @property
    def status(self) -> int:
        """The HTTP status: 201 stored, 200 stored before, 202 pending."""
        if self.stored is None:
            return _ACCEPTED
        return _OK if self.repeated else _CREATED

    def to_json(self) -> dict[str, Any]:
        """Return {hash, statement, ticket}, or {pending, needs}."""
        if self.stored is not None:
            return self.stored.to_json()
        if self.pending is None:
            raise LookupError("a statement that is neither stored nor pending")
        return {"pending": b64u(self.pending.hash), "needs": self.needs}


@dataclass(frozen=True)
class Posted:
    """A statement as posted by `who`, with what was said beside it, and when its payload says it was made."""

    statement: Statement
    beside: Mapping[str, Any]
    who: Caller
    time: datetime


def own_report(uow: UnitOfWork, report: str, who: Caller) -> ReportRow:
    """Return a report of the caller's body, its one originator; NotAvailableError for any other id."""
    found = rows.find(uow, report)
    if found is None or found.owner != who.organisation:
        raise NotAvailableError("no such report of this body")
    return found


class TwoPeople:
    """Gathers signatures until a statement may stand."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def repeated(self, uow: UnitOfWork, statement: Statement) -> Handled | None:
        """Return the first answer to a statement that has its entry already."""
        found = self._statements.find(uow, statement.hash)
        return None if found is None else Handled(stored=found, repeated=True)

    def gathered(self, uow: UnitOfWork, posted: Posted) -> Posted:
        """Return what was posted, joined with what is pending under its hash.

        The clock is asked of the first signer alone (ClockOffError): the second may come up to `WAITS` later.
        """
        pending = self._statements.pending(uow, posted.statement.hash)
        if pending is None or pending.body != posted.who.organisation or pending.received + WAITS < uow.now:
            check_time(posted.time, uow.now)
            return posted
        return replace(
            posted,
            statement=merged(pending.statement, posted.statement),
            beside=pending.beside or posted.beside,
        )

    def complete(self, uow: UnitOfWork, posted: Posted, verify: Callable[[Statement], object]) -> Handled | None:
        """Return None once `verify` finds enough signers; else keep the statement as pending and say what it needs.

        Whatever else `verify` raises goes to the caller: only a statement in which every signature is good is kept.
        """
        try:
            verify(posted.statement)
        except TooFewSignersError:
            pending = self._statements.hold(uow, posted.statement, posted.who.organisation, posted.beside)
            return Handled(pending=pending, needs=1)
        return None
