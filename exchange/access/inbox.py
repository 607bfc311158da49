"""What arrived and what was sent: lists that show only what the asker may know to exist, at this moment.

A page is gathered at once: the database is asked the same number of questions for two reports as for fifty. No count, no gap
and no page mark tells of a report that is left out: a page ends at the last report that is shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.access.asker import Asker, Askers
from exchange.access.decide import Access, judge_gathered, parts_for
from exchange.access.facts import Gathered
from exchange.db import UnitOfWork
from exchange.reports.queries import Reports
from exchange.reports.rows import ReportRow
from exchange.web.errors import NotAvailableError
from keys.encoding import format_time

INBOX: Final = "inbox"
SENT: Final = "sent"
BOXES: Final = (INBOX, SENT)
PAGE: Final = 50
# Reports looked at in one go, once a first look of a page's length has not filled the page.
_BATCH: Final = 200
# For what the owner's list asks: the most ordinary purpose of a transmission.
PURPOSE: Final = "follow_up"


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first; `next` is the id to go on after, None at the end."""

    items: list[dict[str, Any]]
    next: str | None

    def to_json(self) -> dict[str, Any]:
        """Return {items, next}."""
        return {"items": self.items, "next": self.next}


class Boxes:
    """Lists the reports that a body received or sent."""

    def __init__(self, access: Access, askers: Askers, reports: Reports) -> None:
        self._access = access
        self._askers = askers
        self._reports = reports

    def page(self, uow: UnitOfWork, asker: Asker, box: str, after: str | None = None, limit: int = PAGE) -> Page:
        """Return a page of `box` ("inbox" or "sent").

        NotAvailableError for an `after` that is not in the list, or that the asker may not know of now.
        """
        items: list[dict[str, Any]] = []
        if after is not None and not self._access.sees(uow, asker, after):
            raise NotAvailableError("no such place in a list")
        for row, gathered, visible in self._visible(uow, asker, box, after, limit):
            if len(items) == limit:
                return Page(items, items[-1]["report"])
            items.append(self._item(uow, asker, row, gathered, visible))
        return Page(items, None)

    def _visible(
        self, uow: UnitOfWork, asker: Asker, box: str, after: str | None, limit: int
    ) -> Iterator[tuple[ReportRow, Gathered, tuple[str, ...]]]:
        number = limit + 1  # with the one that tells that there is a next page
        while True:
            rows = self._reports.list_candidates(uow, asker.organisation, box, after, number)
            # Only what was sent shows reasons; for what arrived it is enough what is permitted.
            found = self._access.gather_listed(uow, asker, rows, reasons=box == SENT)
            for row in rows:
                visible = parts_for(found[row.report], "see_existence", uow.now)
                if visible:
                    yield row, found[row.report], visible
            if len(rows) < number:
                return
            after, number = rows[-1].report, _BATCH

    def _item(
        self, uow: UnitOfWork, asker: Asker, row: ReportRow, gathered: Gathered, visible: tuple[str, ...]
    ) -> dict[str, Any]:
        document = gathered.document
        own = asker.organisation == row.owner
        # Policy may permit a part that nobody made an envelope of for this body: a release would withhold it.
        sent = document.sent.get(asker.organisation, frozenset())
        readable = frozenset() if own else sent.intersection(parts_for(gathered, "view", uow.now))
        receivers = receivers_of(uow, self._askers, gathered) if own else {}
        held = document.document.held_until
        return {
            "report": row.report,
            "owner": row.owner,
            "kind": document.kind,
            "reference": document.reference,
            "adopted_on": document.adopted_on.isoformat(),
            "registered": format_time(row.registered),
            "parts": [
                {
                    "part": part.id,
                    "language": part.language,
                    "variant": part.variant,
                    **(
                        _transmission(part.id, part.states, document.sent, receivers, uow.now)
                        if own
                        else {"states": None, "view": part.id in readable, "reason": None, "recipients": None}
                    ),
                }
                for part in gathered.parts
                if part.id in visible
            ],
            "stopped": document.document.stopped and own,
            "held_until": format_time(held) if own and held is not None else None,
        }


def receivers_of(uow: UnitOfWork, askers: Askers, gathered: Gathered) -> dict[str, Gathered]:
    """Return the bodies that a report was sent to, its owner left out, sorted, with the facts for each in general."""
    return {organisation: gathered.asked_by(askers.body(uow, organisation)) for organisation in gathered.document.sent}


def _transmission(
    part: str,
    states: tuple[str, ...],
    sent: Mapping[str, frozenset[str]],
    receivers: Mapping[str, Gathered],
    now: datetime,
) -> dict[str, Any]:
    """What the owner is shown of a part: for each body it was sent to, whether it could view it now, and why (not)."""
    shown = []
    for organisation, gathered in receivers.items():
        mine = gathered.part(part)
        if part in sent[organisation] and mine is not None:
            decision = judge_gathered(mine.asking("view", PURPOSE), now)
            shown.append({"organisation": organisation, "view": decision.permitted, "reason": decision.reason})
    first = next((each for each in shown if not each["view"]), shown[0] if shown else None)
    return {
        "states": list(states),
        "view": bool(shown) and all(each["view"] for each in shown),
        "reason": None if first is None else first["reason"],
        "recipients": shown,
    }
