"""What would close if an agreement were withdrawn, suspended or disputed now: asked before anybody confirms that it is.

Answered about the reports that the asker's own body transmitted, and no others. Each is decided on twice, as it stands and as
it would stand with that event recorded; whom it closes for, and for whom it opens (an exclusion ends too), is the difference.
"""

from collections.abc import Iterator
from typing import Any, Final

from exchange.access.asker import Asker, Askers
from exchange.access.decide import Access, parts_for
from exchange.access.facts import Gathered, gathered_of, request_of
from exchange.consents.api import may_see
from exchange.consents.register import Register, with_event
from exchange.db import UnitOfWork
from exchange.reports.queries import SENT, Reports
from exchange.web.errors import NotAvailableError

EVENTS: Final = ("withdrawn", "suspended", "disputed")
PAGE: Final = 200


class Closings:
    """Answers the question, a page of the own body's reports at a time, the newest first."""

    def __init__(self, access: Access, askers: Askers, reports: Reports, register: Register) -> None:
        self._access = access
        self._askers = askers
        self._reports = reports
        self._register = register

    def page(
        self, uow: UnitOfWork, asker: Asker, instrument: str, event: str, after: str | None, limit: int = PAGE
    ) -> dict[str, Any]:
        """Return {items: [{report, kind, reference, closes, opens}], next}: of up to `limit` reports those it changes.

        `closes`, `opens`: [{organisation, parts}]. `next` is the last report looked at, None at the end. NotAvailableError for
        an instrument that is not the asker's to see, or an `after` that is not in the list.
        """
        found = self._register.find(uow, instrument)
        if found is None or not may_see(found, asker.organisation):
            raise NotAvailableError("an instrument that is not the caller's")
        rows = self._reports.list_candidates(uow, asker.organisation, SENT, after, limit)
        gathered = self._access.gather_listed(uow, asker, rows, reasons=False)
        items = [
            item
            for row in rows
            if any(each.row.id == instrument for each in gathered[row.report].registered)
            if (item := self._changed(uow, gathered[row.report], instrument, event, asker.organisation)) is not None
        ]
        return {"items": items, "next": rows[-1].report if len(rows) == limit else None}

    def _changed(
        self, uow: UnitOfWork, now: Gathered, instrument: str, event: str, body: str
    ) -> dict[str, Any] | None:
        registered = tuple(
            with_event(each, event, body, uow.now) if each.row.id == instrument else each for each in now.registered
        )
        closes, opens = [], []
        for organisation, sent in sorted(now.document.sent.items()):
            asker = self._askers.body(uow, organisation)
            then = gathered_of(request_of(asker, now.document), now.document, registered, uow.now)
            before = sent.intersection(parts_for(now.asked_by(asker), "view", uow.now))
            after = sent.intersection(parts_for(then, "view", uow.now))
            closes += list(_difference(organisation, before, after))
            opens += list(_difference(organisation, after, before))
        if not closes and not opens:
            return None
        document = now.document
        named = {"report": document.report, "kind": document.kind, "reference": document.reference}
        return {**named, "closes": closes, "opens": opens}


def _difference(organisation: str, more: frozenset[str], less: frozenset[str]) -> Iterator[dict[str, Any]]:
    if gone := more - less:
        yield {"organisation": organisation, "parts": sorted(gone)}
