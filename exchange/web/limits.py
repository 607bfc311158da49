"""Limits on guessing. They count per source address, and per source address and account: so a stranger who guesses at
somebody's name is slowed down, and the somebody, at another address, is not locked out.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse

from exchange.config import Config
from exchange.web.errors import WebError
from exchange.web.services import service

LIMITS: Final[Mapping[str, str]] = {
    "token-address": "300/minute",
    "token-account": "60/minute",
    "sign-in-address": "30/minute",
    "sign-in-account": "6/minute",
    "join-address": "30/minute",
}


class TooManyRequestsError(WebError):
    """More attempts from this address than its limit; nothing was tried, and a minute's wait helps."""

    code: ClassVar[str] = "too_many_requests"


def build(app: Flask, config: Config) -> Limiter:
    """Return the limiter of `app`: one process, so counts live in memory; rate limits may be off in tests alone."""
    return Limiter(
        get_remote_address,
        app=app,
        storage_uri="memory://",
        in_memory_fallback_enabled=True,
        headers_enabled=False,
        enabled=config.rate_limits,
    )


def check_limit(name: str, account: str = "") -> None:
    """Count one attempt under the limit `name` from this request's address; TooManyRequestsError when it is over."""
    limiter = service(Limiter)
    if limiter.enabled and not limiter.limiter.hit(parse(LIMITS[name]), name, request.remote_addr or "-", account):
        raise TooManyRequestsError("too many attempts")
