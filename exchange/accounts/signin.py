"""Flask-Login's side of sessions: what a page calls to sign somebody in or out, and who is signed in.

Signing in starts an empty Flask session (nothing an attacker planted in the browser before survives), keeps the chosen
language, and makes a new form token.
"""

from typing import Any

from flask import Flask, current_app, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from exchange.accounts.services import Accounts, SignedIn
from exchange.web import csrf
from exchange.web.errors import UnauthenticatedError
from exchange.web.language import SESSION_KEY
from exchange.web.limits import check_limit
from exchange.web.services import Services, service

SIGN_IN_PAGE = "accounts_pages.sign_in"
# The page somebody asked for before signing in. In the session, not in the address: nobody can send a link that sets it.
WANTED = "wanted"


class User(UserMixin):  # type: ignore[misc]
    """The signed-in person, for Flask-Login; templates read `current_user.who`."""

    def __init__(self, secret: str, who: SignedIn) -> None:
        self._secret = secret
        self.who = who

    def get_id(self) -> str:
        """Return the session's secret, which the signed cookie carries."""
        return self._secret

    def __repr__(self) -> str:
        return "<User>"


def sign_in(name: str, password: str) -> None:
    """Sign somebody in for this browser; SignInFailedError, or TooManyRequestsError from `exchange.web.limits`."""
    check_limit("sign-in-address")
    check_limit("sign-in-account", name.strip().lower()[:64])
    accounts = service(Accounts)
    secret = accounts.sign_in(name, password)
    who = accounts.session(secret)
    if who is None:
        raise UnauthenticatedError("the session ended at once")
    _start_over()
    session.permanent = True
    login_user(User(secret, who))


def sign_out() -> None:
    """End this browser's session, here and in the database."""
    if current_user.is_authenticated:
        service(Accounts).sign_out(current_user.get_id())
    logout_user()
    _start_over()


def signed_in() -> SignedIn:
    """Return who is signed in; UnauthenticatedError where nobody is (a page behind `login_required` never sees it)."""
    if not current_user.is_authenticated:
        raise UnauthenticatedError("nobody is signed in")
    who: SignedIn = current_user.who
    return who


def _start_over() -> None:
    language = session.get(SESSION_KEY)
    session.clear()
    csrf.renew()
    if language is not None:
        session[SESSION_KEY] = language


def setup(app: Flask, services: Services) -> None:
    """Attach Flask-Login to `app`."""
    manager = LoginManager()
    manager.session_protection = None  # the row in the database ends a session; addresses change on poor lines
    manager.init_app(app)

    @manager.user_loader
    def load(secret: str) -> User | None:
        who = services.get(Accounts).session(secret)
        return None if who is None else User(secret, who)

    @manager.unauthorized_handler
    def ask_to_sign_in() -> Any:
        if SIGN_IN_PAGE not in current_app.view_functions:
            raise UnauthenticatedError("nobody is signed in")
        if request.method == "GET":
            session[WANTED] = request.full_path.rstrip("?")
        return redirect(url_for(SIGN_IN_PAGE))
