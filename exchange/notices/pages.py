"""The page on which a signed-in person asks for notices by e-mail, or ends them."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from exchange.accounts.signin import signed_in
from exchange.notices.errors import NoticesError
from exchange.notices.services import Notices
from exchange.web.language import language, text
from exchange.web.services import service
from exchange.web.statuses import STATUS

blueprint = Blueprint("notices_pages", __name__)


@blueprint.get("/account/notices", endpoint="show")
@login_required
def show_page() -> str:
    """Show what the person has asked for."""
    return _page(None)


@blueprint.post("/account/notices")
@login_required
def ask() -> Response | tuple[str, int]:
    """Send a code to an address."""
    address = request.form.get("address", "")
    return _try(lambda who: service(Notices).ask(who, address, language()))


@blueprint.post("/account/notices/confirm")
@login_required
def confirm() -> Response | tuple[str, int]:
    """Give back the code."""
    code = request.form.get("code", "")
    return _try(lambda who: service(Notices).confirm(who, code))


@blueprint.post("/account/notices/stop")
@login_required
def stop() -> Response | tuple[str, int]:
    """End notices."""
    return _try(lambda who: service(Notices).stop(who))


def _try(act: Callable[[str], None]) -> Response | tuple[str, int]:
    try:
        act(signed_in().officer)
    except NoticesError as error:
        return _page(text(f"error.{error.code}")), STATUS[error.code]
    return redirect(url_for("notices_pages.show"), 303)


def _page(problem: str | None) -> str:
    return render_template("notices.html", wish=service(Notices).wish(signed_in().officer), problem=problem)
