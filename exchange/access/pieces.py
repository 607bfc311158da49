"""Sealed pieces, served while they could be put to some use: decided anew for every single request.

A piece opens nothing without a release, so reading one leaves no entry (`NOT_ACTS` of the vocabulary).
"""

from exchange.access.asker import Asker
from exchange.access.decide import Access, outward_for, parts_for
from exchange.access.errors import WithheldError
from exchange.db import UnitOfWork
from exchange.reports.queries import Reports, SealedContent
from keys.encoding import unb64u
from keys.errors import MalformedError


class SealedPieces:
    """Reads pieces for whoever may view their part now for some purpose."""

    def __init__(self, access: Access, reports: Reports) -> None:
        self._access = access
        self._reports = reports

    def read(self, uow: UnitOfWork, asker: Asker, report: str, part: str, number: int) -> bytes:
        """Return a piece; WithheldError, NotAvailableError for a number that a part the asker may read does not have."""
        self._check(uow, asker, report, part)
        return self._reports.piece(uow, report, part_id(part), number)

    def content(self, uow: UnitOfWork, asker: Asker, report: str, part: str) -> SealedContent:
        """Return where all pieces of a part lie, one after the other; WithheldError, StorageError where they do not."""
        self._check(uow, asker, report, part)
        return self._reports.content(uow, report, part_id(part))

    def _check(self, uow: UnitOfWork, asker: Asker, report: str, part: str) -> None:
        gathered = self._access.gather(uow, asker, report)
        mine = None if gathered is None else gathered.part(part)
        if mine is None or part not in parts_for(mine, "view", uow.now):
            raise WithheldError(outward_for(gathered, part, "view", uow.now))


def part_id(part: str) -> bytes:
    """Return the 8 bytes of a part's id; WithheldError for a text that is none: no report has such a part."""
    try:
        return unb64u(part, 8)
    except MalformedError:
        raise WithheldError("N_UNAVAILABLE") from None
