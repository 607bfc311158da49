"""Signing in and out, the choice of language, the start page, and one's own account."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user, login_required

from exchange.accounts.errors import SignInFailedError
from exchange.accounts.signin import WANTED, sign_in, sign_out, signed_in
from exchange.texts import LANGUAGES
from exchange.web.language import choose, text
from exchange.web.limits import TooManyRequestsError
from exchange.web.showing import local_path

blueprint = Blueprint("accounts_pages", __name__)

# Where whoever has signed in begins: what waits for them (`exchange.access.outlook_pages`).
START = "/"


@blueprint.get("/sign-in", endpoint="sign_in")
def sign_in_page() -> Any:
    """Show the form, or where a signed-in person was going."""
    if current_user.is_authenticated:
        return redirect(START)
    return render_template("sign_in.html", name="", problem=None)


@blueprint.post("/sign-in")
def enter() -> Any:
    """Sign in; whatever is wrong, the answer is the same sentence."""
    name = request.form.get("name", "")
    wanted = session.get(WANTED)
    try:
        sign_in(name, request.form.get("password", ""))
    except SignInFailedError:
        return render_template("sign_in.html", name=name, problem=text("error.sign_in_failed")), 401
    except TooManyRequestsError:
        page = render_template("sign_in.html", name=name, problem=text("error.too_many_requests"))
        return page, 429, {"Retry-After": "60"}
    return redirect((isinstance(wanted, str) and local_path(wanted)) or START, 303)


@blueprint.post("/sign-out")
def leave() -> Any:
    """End this browser's session."""
    sign_out()
    return redirect(url_for("accounts_pages.sign_in"), 303)


@blueprint.post("/language")
def switch() -> Any:
    """Remember the language and come back to the page."""
    tongue = request.form.get("language", "")
    if tongue in LANGUAGES:
        choose(tongue)
    return redirect(local_path(request.form.get("to", "")) or "/", 303)


@blueprint.get("/account")
@login_required
def account() -> str:
    """Show who is signed in, for which body, and where to change what."""
    return render_template("account.html", who=signed_in())
