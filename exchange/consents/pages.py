"""The register of authorisations as its keepers and its State read it."""

from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, render_template, request
from flask_login import login_required

from exchange.accounts.signin import signed_in
from exchange.consents import today
from exchange.consents.api import may_see
from exchange.consents.register import Register, Registered
from exchange.consents.standing_now import UNCONFIRMED, stand, status_of
from exchange.consents.wording import limitations_of, terms_of
from exchange.texts import LANGUAGES
from exchange.web.errors import NotAvailableError
from exchange.web.language import language
from exchange.web.services import service, unit_of_work
from exchange.web.showing import state_name
from policies import status as statuses

blueprint = Blueprint("consents_pages", __name__)

# Where no more can be done by a person; what can be, in every other status.
_ACTS = {
    statuses.RECORDED: ("confirm",),
    UNCONFIRMED: ("confirm",),
    statuses.PENDING: ("confirm",),
    statuses.IN_FORCE: ("suspend", "withdraw"),
    statuses.SUSPENDED: ("resume", "withdraw"),
}


@dataclass(frozen=True)
class Shown:
    """An authorisation with where it stands now, in the words of `word.status`."""

    found: Registered
    status: str

    @property
    def stands(self) -> bool:
        """Whether it is in force."""
        return self.status == statuses.IN_FORCE

    @property
    def acts(self) -> tuple[str, ...]:
        """What its keepers can do now, as words of the command line."""
        return _ACTS.get(self.status, ())


@blueprint.get("/consents")
@login_required
def show_register() -> str:
    """List what the reader's body keeps, or what is the reader's State's own, by State, the newest first."""
    who = signed_in()
    with unit_of_work() as uow:
        found = service(Register).visible_to(uow, who.organisation, None)
        near = service(Register).of_states(uow, {each.row.state for each in found})
        now = uow.now
    ordered = sorted(reversed(found), key=lambda each: state_name(each.row.state))
    shown = [Shown(each.found, each.status) for each in stand(ordered, near, now)]
    groups = [(state, list(group)) for state, group in groupby(shown, key=lambda each: each.found.row.state)]
    return render_template("register.html", groups=groups)


@blueprint.get("/consents/today")
@login_required
def show_today() -> str:
    """Show what a State has agreed to today, in both languages: all of it to its authority, its own records to a body."""
    who = signed_in()
    own = who.organisation.removeprefix("state:") if who.organisation.startswith("state:") else ""
    state = request.args.get("state", own)
    with unit_of_work() as uow:
        page = today.today(uow, service(Register), who.organisation, state, today.checkpoint())
    if page is None:
        raise NotAvailableError("a State of which the reader's body recorded nothing")
    languages = sorted(LANGUAGES, key=lambda tongue: tongue != language())
    return render_template("today.html", page=page, papers=today.papers_of(page, languages))


@blueprint.get("/consents/<instrument>")
@login_required
def show_authorisation(instrument: str) -> str:
    """Show one authorisation: what it permits, in sentences, and its history."""
    who = signed_in()
    with unit_of_work() as uow:
        found = service(Register).find(uow, instrument)
        if found is None or not may_see(found, who.organisation):
            raise NotAvailableError("an instrument that is not the reader's")
        near = service(Register).of_states(uow, [found.row.state])
        now = uow.now
    shown = Shown(found, status_of(found, near, now))
    return render_template(
        "authorisation.html",
        shown=shown,
        terms=terms_of(found.instrument, now, refused=shown.status == statuses.REFUSED),
        limitations=limitations_of(found.instrument),
        keeps=who.organisation == found.row.recorder_body,
    )
