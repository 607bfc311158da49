"""The start page of whoever is signed in, what waits for them; and the page of whose reports may go to whom."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from exchange.access.agenda import Agendas
from exchange.access.asker import Asker, Askers
from exchange.access.coverage import KIND, Coverage
from exchange.access.inbox import PURPOSE
from exchange.accounts.signin import SIGN_IN_PAGE, signed_in
from exchange.db import UnitOfWork
from exchange.web.language import language
from exchange.web.services import service, unit_of_work
from policies.vocabulary import KINDS, PURPOSES

blueprint = Blueprint("outlook_pages", __name__)


@blueprint.get("/")
def start() -> Any:
    """Show what waits for the reader, or go to signing in."""
    if not current_user.is_authenticated:
        return redirect(url_for(SIGN_IN_PAGE))
    with unit_of_work() as uow:
        found = service(Agendas).read(uow, _asker(uow), language())
    return render_template("agenda.html", found=found)


@blueprint.get("/coverage")
@login_required
def show_coverage() -> str:
    """Show whose reports may go to whom today: States by bodies."""
    asked = request.args
    kind = asked["kind"] if asked.get("kind") in KINDS else KIND
    purpose = asked["purpose"] if asked.get("purpose") in PURPOSES else PURPOSE
    with unit_of_work() as uow:
        found = service(Coverage).read(uow, _asker(uow), kind, purpose, language())
    return render_template("coverage.html", found=found, kinds=KINDS, purposes=PURPOSES)


def _asker(uow: UnitOfWork) -> Asker:
    who = signed_in()
    return service(Askers).officer(uow, who.officer, who.organisation)
