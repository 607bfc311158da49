"""Flask's signed session cookie, without a clock: a row in the database ends a session, by the database's clock.

Flask itself would hold the cookie's time against the clock of the host that answers, and refuse a cookie from the
future: where two hosts disagree by a second, a sign-in on one would be no sign-in on the other.
"""

from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature


class ClocklessSessions(SecureCookieSessionInterface):
    """Flask's sessions, with the same cookie, key and serializer, whose age nobody asks for."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what a cookie holds that this exchange signed; an empty session for any other, None without a key."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        value = request.cookies.get(self.get_cookie_name(app))
        if not value:
            return self.session_class()
        try:
            held: Any = serializer.loads(value)
        except BadSignature:
            return self.session_class()
        return self.session_class(held)
