"""A body's standing decisions: shown to its own members, with what proves that each stands in the audit log."""

from collections.abc import Sequence
from typing import Any

from exchange.access.proofs import Proofs
from exchange.audit.statements import Stored
from exchange.db import UnitOfWork
from exchange.reports.queries import Reports
from exchange.statements import determination
from exchange.statements.standing import Standing, in_force


class StandingDecisions:
    """Reads them. Nobody else is shown what a body decided about its documents in general."""

    def __init__(self, reports: Reports, proofs: Proofs) -> None:
        self._reports = reports
        self._proofs = proofs

    def of(self, uow: UnitOfWork, organisation: str) -> list[Stored]:
        """Return every standing decision of a body, also ended ones, in the order recorded."""
        return self._reports.standing_decisions(uow, organisation)

    def in_force(self, uow: UnitOfWork, organisation: str) -> list[Standing]:
        """Return those that stand, whatever their periods."""
        read = [(each.hash, determination.read(each.statement)) for each in self.of(uow, organisation)]
        return in_force(organisation, read)

    def proven(self, stored: Sequence[Stored], audit_size: int) -> list[dict[str, Any]]:
        """Return {hash, statement, ticket, proof} of each; LogRangeError, LogStopped. Call it with no unit open."""
        proofs = self._proofs.of(stored, audit_size)
        return [{**each.to_json(), "proof": proof} for each, proof in zip(stored, proofs, strict=True)]
