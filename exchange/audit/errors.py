"""Errors of the room `audit`. What is wrong with an entry itself is raised by `exchange.ledger`."""

from typing import ClassVar


class AuditError(Exception):
    """Root of everything this room raises itself."""

    code: ClassVar[str] = "audit_failed"


class StatementStoredError(AuditError):
    """A statement of this hash has its entry and its ticket already: the first answer holds."""

    code = "statement_stored"


class StatementNotKeptError(AuditError):
    """A release-request or a receipt was to be stored: they exist in sealed views only."""

    code = "statement_not_kept"


class UnitSpoiledError(AuditError):
    """An entry of this unit of work failed after view secrets were drawn; the unit must be rolled back."""

    code = "audit_unit_spoiled"
