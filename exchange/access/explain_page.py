"""The page that says why: for any body, action, purpose and moment to a report's own side, outwardly to everybody else.

It is the explanation programs get, with its entry; a page that nobody but the report's own side may know more from is the
same for an id that belongs to no report.
"""

from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, render_template, request
from flask_login import login_required

from exchange.access.errors import BeforeReportError
from exchange.access.explain import Explanations, Question
from exchange.access.inbox import PURPOSE
from exchange.accounts.signin import signed_in
from exchange.directory.snapshots import Snapshots
from exchange.web.errors import NotAvailableError
from exchange.web.language import language, text
from exchange.web.services import service, unit_of_work
from keys import fields
from keys.errors import KeysError
from policies.vocabulary import ACTIONS, PURPOSES

blueprint = Blueprint("explanation_pages", __name__)

_ACTION: Final = "view"
# What a browser's own field for a moment gives: with seconds, or without where there are none.
_FORMS: Final = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M")


@blueprint.get("/reports/<report>/explanation")
@login_required
def show_explanation(report: str) -> str:
    """Explain a decision; what was asked for in a form that cannot be read is told, and nothing is asked instead."""
    _check(report)
    asked = request.args
    grantee = asked.get("for") or None
    action = asked["action"] if asked.get("action") in ACTIONS else _ACTION
    purpose = asked["purpose"] if asked.get("purpose") in PURPOSES else PURPOSE
    moment = asked.get("at", "").strip()
    at = moment_of(moment) if moment else None
    found, problem = None, None
    if moment and at is None:
        problem = text("page.explain.not_a_moment")
    else:
        try:
            question = Question(report, grantee, None, action, purpose, at)
            found = service(Explanations).explain(signed_in(), question, language())
        except BeforeReportError as error:
            problem = text(f"error.{error.code}")
    return render_template(
        "explanation.html",
        report=report,
        found=found,
        problem=problem,
        asked={"for": grantee or signed_in().organisation, "action": action, "purpose": purpose, "at": moment},
        # The form is for whoever may ask about others: nobody else's question is heard.
        choices=choices() if found is None or found["at"] is not None else None,
    )


def moment_of(value: str) -> datetime | None:
    """Return a moment in UTC as a browser's field or a statement spells it; None for anything else."""
    for form in _FORMS:
        try:
            return datetime.strptime(value.removesuffix("Z"), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _check(report: str) -> None:
    try:
        fields.uuid(report)
    except KeysError:
        raise NotAvailableError("no id of a report") from None


def choices() -> dict[str, Any]:
    """Return what the question can be about: bodies, actions, purposes."""
    with unit_of_work() as uow:
        bodies = [each.id for each in service(Snapshots).required(uow).organisations if each.kind != "audit"]
    return {"bodies": bodies, "actions": ACTIONS, "purposes": PURPOSES}
