"""Forms must come from our own pages: a random token in the signed session, repeated by every form, compared in
constant time. Programs authenticate with a header no other site can make a browser send, so they need none.
"""

import hmac
import secrets
from typing import Final

from flask import Flask, request, session

from exchange.web.errors import CsrfError
from exchange.web.language import for_machines

FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"
_SESSION_KEY: Final = "csrf"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token() -> str:
    """Return this session's token, made at first use; the template global `csrf_token`."""
    token = session.get(_SESSION_KEY)
    if not isinstance(token, str):
        token = secrets.token_urlsafe(32)
        session[_SESSION_KEY] = token
    return token


def renew() -> None:
    """Forget this session's token, at sign-in and sign-out."""
    session.pop(_SESSION_KEY, None)


def register(app: Flask) -> None:
    """Refuse every unsafe request to a page of `app` that does not repeat its session's token (CsrfError)."""
    app.jinja_env.globals["csrf_token"] = csrf_token

    @app.before_request
    def check_token() -> None:
        if request.method in _SAFE or for_machines() or request.endpoint is None:
            return
        expected = session.get(_SESSION_KEY)
        given = request.headers.get(HEADER) or request.form.get(FIELD) or ""
        if not isinstance(expected, str) or not hmac.compare_digest(expected.encode(), given.encode()):
            raise CsrfError("the form's token is missing or not this session's")
