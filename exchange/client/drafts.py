"""A transmission that a second person approves: sealed and registered for one's own body alone, until two have signed.

The sender's program registers the report with no other recipient, and proposes a grant for each body it is meant for; a
grant takes two officers, so it waits, and nobody outside the body can learn of the report or has an envelope of it. The
second officer opens the report on their own machine, sees what it is, and signs the grants, or stops the report instead.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from exchange.client import pending, report_acts
from exchange.client.documents.looking import look
from exchange.client.opening import OpenedPart, Wanted, open_report
from exchange.client.pending import Waiting
from exchange.client.progress import Meter
from exchange.client.report_errors import DraftUnknownError, OwnDraftError
from exchange.client.report_view import ReportView
from exchange.client.session import Session
from exchange.client.standing import Also
from exchange.client.statements_out import Posted
from exchange.statements import grant as grants
from exchange.statements.grant import Grant
from keys.encoding import b64u

# What the log says of the second person's look; for one's own body any purpose would do.
_PURPOSE: Final = "follow_up"


@dataclass(frozen=True)
class Goes:
    """A body a draft is meant for, and the ids of the parts it gets (base64url)."""

    organisation: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """A report that waits for approval: as its owner's body is shown it, and the grants that wait."""

    view: ReportView
    waiting: tuple[Waiting, ...]

    @property
    def goes(self) -> list[Goes]:
        """Whom the grants that wait name, with the parts."""
        found = []
        for each in self.waiting:
            parts: dict[str, list[str]] = {}
            for named in _grant(each).recipients:
                parts.setdefault(named.organisation, []).append(b64u(named.part))
            found += [Goes(organisation, tuple(ids)) for organisation, ids in parts.items()]
        return found


@dataclass(frozen=True)
class Page:
    """A part as it was opened: descriptor and manifest, the file, and its first page's text where there is one to show."""

    opened: OpenedPart
    file: Path
    text: str | None


def meant_for(view: ReportView, to: Sequence[str], also: Sequence[Also]) -> list[Goes]:
    """Return whom a draft is meant for: its addressees, and whom standing decisions add, for the parts they cover."""
    found = [Goes(organisation, tuple(b64u(part.id) for part in view.parts)) for organisation in to]
    for each in also:
        found.append(Goes(each.organisation, tuple(b64u(part.id) for part in view.parts if part.states in each.states)))
    # A grant that names no part would be one of all of them.
    return [goes for goes in found if goes.parts]


def propose(session: Session, report: str, to: Sequence[str], also: Sequence[Also]) -> list[Posted]:
    """Propose a grant for each body a draft is meant for, that neither stands nor waits already; raises as `grant`."""
    view = report_acts.own_report(session, report)
    known = {named.organisation for stored in view.grants for named in grants.read(stored.statement).recipients}
    known |= {goes.organisation for goes in Draft(view, tuple(_waiting(session, report))).goes}
    return [
        report_acts.grant(session, report, goes.organisation, goes.parts)
        for goes in meant_for(view, to, also)
        if goes.organisation not in known
    ]


def find(session: Session, report: str) -> Draft:
    """Return a draft that this officer may approve; DraftUnknownError where nothing of it waits, OwnDraftError where this
    officer has proposed it, and as `report_acts.own_report`."""
    view = report_acts.own_report(session, report)
    waiting = tuple(_waiting(session, report))
    if not waiting:
        raise DraftUnknownError("nothing of this report waits for a second person", report=report)
    if any(session.officer.id in pending.signers(session, each) for each in waiting):
        raise OwnDraftError("another person approves what this one has proposed")
    return Draft(view, waiting)


@contextmanager
def opened(session: Session, draft: Draft, folder: Path | None, meter: Meter) -> Iterator[list[Page]]:
    """Open every part on this machine, into a folder or, without one, where nothing is left of it; as `open_report`.

    The log has that this officer looked.
    """
    with TemporaryDirectory(prefix="draft-", dir=session.home.path("")) as own:
        wanted = Wanted(draft.view.report, "view", _PURPOSE, folder or Path(own))
        yield [
            Page(each, each.opened.path, look(each.opened.path).first_page)
            for each in open_report(session, wanted, meter)
        ]


def approve(session: Session, draft: Draft, check: Callable[[Grant], None]) -> list[Posted]:
    """Sign every grant that waits, each first held to `check`."""
    for each in draft.waiting:
        check(_grant(each))
    return [pending.confirm(session, each) for each in draft.waiting]


def decline(session: Session, draft: Draft) -> Posted:
    """Stop the report: what waits may still be signed, and opens nothing while the stop stands."""
    return report_acts.stop(session, draft.view.report)


def _waiting(session: Session, report: str) -> Iterator[Waiting]:
    for each in pending.waiting(session):
        if isinstance(each.value, Grant) and each.value.report == report:
            yield each


def _grant(waiting: Waiting) -> Grant:
    if not isinstance(waiting.value, Grant):
        raise LookupError("what waits for a draft is a grant")
    return waiting.value
