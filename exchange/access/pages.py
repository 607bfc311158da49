"""What arrived, what was sent, and a report's page: as its owner sees it, or as a body it was sent to."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_login import login_required

from exchange.access.asker import Asker, Askers
from exchange.access.decide import UNAVAILABLE, Access
from exchange.access.errors import WithheldError
from exchange.access.explain_page import choices
from exchange.access.inbox import INBOX, PURPOSE, SENT, Boxes
from exchange.access.matrix import Matrices
from exchange.access.matrix_page import matrix_shown
from exchange.access.recall_page import recalls_shown
from exchange.access.recalls import Recalls
from exchange.access.report_page import parts_shown, steps_of
from exchange.access.report_view import Views
from exchange.access.standing import StandingDecisions
from exchange.access.timeline_shown import lines_of, picture_of
from exchange.accounts.signin import signed_in
from exchange.db import UnitOfWork
from exchange.publications.rows import PublicView
from exchange.reports.queries import Reports
from exchange.web.language import language
from exchange.web.services import service, unit_of_work
from keys.encoding import b64u
from policies.vocabulary import PURPOSES

blueprint = Blueprint("access_pages", __name__)


@blueprint.get("/reports")
@login_required
def show_arrived() -> str:
    """List what arrived for the reader's body."""
    return _box(INBOX)


@blueprint.get("/reports/sent")
@login_required
def show_sent() -> str:
    """List what the reader's body has transmitted."""
    return _box(SENT)


@blueprint.get("/reports/<report>")
@login_required
def show_report(report: str) -> str:
    """Show one report; one that is not the reader's to know of is answered like one that does not exist."""
    with unit_of_work() as uow:
        asker = _asker(uow)
        recalled = service(Recalls).of_report(uow, asker, report)
        recalls = recalls_shown(recalled, uow.now)
        try:
            view = service(Views).show(uow, asker, report)
        except WithheldError:
            # A recall is the reader's to know of, also where the report itself is withheld by now.
            if not recalls:
                raise
            return render_template("recalled.html", recalls=recalls)
        gathered = service(Access).gather(uow, asker, report)
        if gathered is None:
            raise WithheldError(UNAVAILABLE)
        recipients = service(Reports).recipients(uow, report)
        sent = {b64u(each.part) for each in recipients if each.organisation == asker.organisation}
        parts = parts_shown(view, gathered, sent, uow.now)
        publications = service(PublicView).of_report(uow, report) if view.own else []
    return render_template(
        "report.html",
        view=view,
        facts=gathered.document,
        parts=parts,
        publications=publications,
        steps=steps_of(view, recalled) if view.own else [],
        recalls=recalls,
        purposes=PURPOSES,
        **(_own(report) if view.own else {"matrix": None}),
        choices=choices() if view.own else None,
    )


def _own(report: str) -> dict[str, Any]:
    """What an owner's page has beside: matrix and timeline. The look has its entry before the page leaves."""
    asked = request.args.get("purpose", "")
    purpose = asked if asked in PURPOSES else PURPOSE
    read = service(Matrices).read(signed_in(), report, purpose, language(), through_time=True)
    with unit_of_work() as uow:
        matrix = matrix_shown(read, service(Reports).recipients(uow, report))
    past = read["timeline"]
    return {"matrix": matrix, "drawn": picture_of(past), "lines": lines_of(past), "left_out": past["left_out"]}


def _box(box: str) -> str:
    with unit_of_work() as uow:
        asker, after = _asker(uow), request.args.get("after") or None
        page = service(Boxes).page(uow, asker, box, after)
        first = box == INBOX and after is None
        asked = [each for each in service(Recalls).arrived(uow, asker) if each.open] if first else []
        recalls = recalls_shown(asked, uow.now)
        standing = service(StandingDecisions).in_force(uow, asker.organisation) if box == SENT else []
    return render_template("box.html", box=box, page=page, recalls=recalls, standing=standing)


def _asker(uow: UnitOfWork) -> Asker:
    who = signed_in()
    return service(Askers).officer(uow, who.officer, who.organisation)
