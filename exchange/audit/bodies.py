"""What the audit room must know of the directory, which lies above it: who reads, and whose audit office is whose."""

from collections.abc import Sequence
from typing import Protocol

from exchange.db import UnitOfWork
from exchange.ledger.chain import ReadingBody


class BodyDirectory(Protocol):
    """The directory as of one transaction, statements added earlier in it included. The directory room provides it."""

    def reading_bodies(self, uow: UnitOfWork) -> Sequence[ReadingBody]:
        """Return every body that has an epoch, with its current one. Asked once for each entry, so it must be quick."""

    def audit_office(self, uow: UnitOfWork, body: str) -> str | None:
        """Return the audit office that `body` has named last, or None."""

    def host(self, uow: UnitOfWork) -> str | None:
        """Return the host named in `root`, or None before the founding."""


class NoBodies:
    """A BodyDirectory of an instance that is not founded: nobody reads, and every view is a dummy."""

    def reading_bodies(self, uow: UnitOfWork) -> Sequence[ReadingBody]:
        """Return nobody."""
        return ()

    def audit_office(self, uow: UnitOfWork, body: str) -> str | None:
        """Return no office."""
        return None

    def host(self, uow: UnitOfWork) -> str | None:
        """Return no host."""
        return None
