"""One report as a body may see it: the parts it may know of, its own recipient descriptors, links to what it may see too.

The server keeps every descriptor; nobody learns of a part, State or recipient that is not theirs to know. The owner sees all.
Looking leaves no entry: header, descriptors and sealed manifests open nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from exchange.access.asker import Asker
from exchange.access.decide import UNAVAILABLE, Access, pairs_for, parts_for
from exchange.access.errors import WithheldError
from exchange.access.proofs import Proofs
from exchange.audit.statements import Stored
from exchange.db import UnitOfWork
from exchange.reports.queries import Reports
from exchange.sealing.descriptors import Descriptors
from keys.encoding import b64u, unb64u


@dataclass(frozen=True)
class ReportView:
    """What is shown of a report. `visible`: part ids as base64url; `permitted`: per part the pairs a page may offer.

    `stops`, `lifts` and `determinations` are the owner's to see. `proofs` are added by `Views.proven`, outside the unit.
    """

    report: str
    owner: str
    own: bool
    visible: tuple[str, ...]
    header: Stored
    descriptors: Descriptors
    manifests: dict[str, bytes]
    grants: tuple[Stored, ...]
    stops: tuple[Stored, ...]
    lifts: tuple[Stored, ...]
    determinations: tuple[Stored, ...]
    stopped: bool
    permitted: dict[str, tuple[tuple[str, str], ...]]


class Views:
    """Shows reports."""

    def __init__(self, access: Access, reports: Reports, proofs: Proofs) -> None:
        self._access = access
        self._reports = reports
        self._proofs = proofs

    def show(self, uow: UnitOfWork, asker: Asker, report: str) -> ReportView:
        """Return what `asker` may see of a report; WithheldError where that is nothing, or there is no such report."""
        gathered = self._access.gather(uow, asker, report)
        visible = () if gathered is None else parts_for(gathered, "see_existence", uow.now)
        if gathered is None or not visible:
            raise WithheldError(UNAVAILABLE)
        own = asker.organisation == gathered.document.owner
        parts = [unb64u(part) for part in visible]
        links = () if own else self._linked(uow, asker, report)
        reports = self._reports
        return ReportView(
            report=report,
            owner=gathered.document.owner,
            own=own,
            visible=visible,
            header=reports.header(uow, report),
            descriptors=reports.shown(uow, report, asker.organisation, parts, links),
            manifests={part: reports.manifest(uow, report, unb64u(part)) for part in visible},
            grants=tuple(reports.grants(uow, report, None if own else asker.organisation)),
            stops=tuple(reports.stops(uow, report)) if own else (),
            lifts=tuple(reports.lifts(uow, report)) if own else (),
            determinations=tuple(reports.determinations(uow, report)) if own else (),
            stopped=own and gathered.document.document.stopped,
            permitted={part: pairs_for(gathered, part, uow.now) for part in visible},
        )

    def proven(self, view: ReportView, audit_size: int) -> dict[str, Any]:
        """Return a view as JSON values with the proofs of its statements; LogRangeError, LogStopped.

        `audit_size`: the size up to which the caller has verified the audit log, 0 for none.
        """
        stored = (view.header, *view.grants, *view.stops, *view.lifts, *view.determinations)
        proofs = {each.hash: proof for each, proof in zip(stored, self._proofs.of(stored, audit_size), strict=True)}

        def listed(statements: Sequence[Stored]) -> list[dict[str, Any]]:
            return [{**each.to_json(), "proof": proofs[each.hash]} for each in statements]

        header = view.header.to_json()
        return {
            "report": view.report,
            "owner": view.owner,
            "header": header["statement"],
            "ticket": header["ticket"],
            "proof": proofs[view.header.hash],
            **view.descriptors.to_json(),
            "manifests": {part: b64u(sealed) for part, sealed in view.manifests.items()},
            "grants": listed(view.grants),
            "stops": listed(view.stops),
            "lifts": listed(view.lifts),
            "determinations": listed(view.determinations),
            "stopped": view.stopped,
            "permitted": {part: [list(pair) for pair in pairs] for part, pairs in view.permitted.items()},
        }

    def _linked(self, uow: UnitOfWork, asker: Asker, report: str) -> tuple[str, ...]:
        """The linked reports whose existence the asker may know of too."""
        linked = {salted.value.report for salted in self._reports.descriptors(uow, report).links}
        return tuple(other for other in sorted(linked) if self._access.sees(uow, asker, other))
