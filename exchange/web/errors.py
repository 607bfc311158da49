"""Errors of the room `web`, which every feature may raise.

An error may carry `members`: further members of its problem document (RFC 9457 section 3.2), never a secret.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from keys.encoding import format_time


class WebError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "internal"

    @property
    def members(self) -> Mapping[str, object]:
        """Further members of the problem document."""
        return {}


class NotPreparedError(WebError):
    """The instance has no custody file yet: `flask prepare --name HOST` makes it."""

    code = "not_prepared"


class UnauthenticatedError(WebError):
    """No token, or one that is unknown, expired or no longer its officer's."""

    code = "unauthenticated"


class ForbiddenError(WebError):
    """The caller is known and may not do this, and may know that it exists."""

    code = "forbidden"


class NotAvailableError(WebError):
    """No such thing, or not the caller's to know of: the same answer, byte for byte."""

    code = "not_available"


class InvalidRequestError(WebError):
    """The request does not have the form the interface describes; the message says where, quoting no value."""

    code = "invalid_request"


class CsrfError(WebError):
    """A page's form came without the token of its session: sent from elsewhere, or the session ended."""

    code = "form_expired"


class ClockOffError(WebError):
    """A time in the request is too far from the server's clock; the answer carries `server_time`."""

    code = "clock_off"

    def __init__(self, message: str, server_time: datetime) -> None:
        super().__init__(message)
        self.server_time = server_time

    @property
    def members(self) -> Mapping[str, object]:
        """The server's clock, by which a client corrects its own."""
        return {"server_time": format_time(self.server_time)}
