"""Limits on guessing. They count per source address, and per source address and account: so a stranger who guesses at
somebody's name is slowed down, and the somebody, at another address, is not locked out.

Counts of all workers and hosts lie in Redis or Valkey where `REDIS_URL` names one, else in each process. Nothing else is
kept there and nothing correct depends on it: while it does not answer, each process counts by itself, and asks again after
some seconds. Keys there are keyed hashes: whoever looks in, or finds a dump, learns neither addresses nor accounts.
"""

import hashlib
import hmac
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from exchange.config import Config
from exchange.web.errors import WebError
from exchange.web.services import service

log = logging.getLogger("exchange.limits")

LIMITS: Final[Mapping[str, str]] = {
    "token-address": "300/minute",
    "token-account": "60/minute",
    "sign-in-address": "30/minute",
    "sign-in-account": "6/minute",
    "join-address": "30/minute",
    "note-address": "60/minute",
}
# A request waits this long for Redis, once; then nobody asks for the longer time.
_WAIT_SECONDS: Final = 0.25
_AWAY_SECONDS: Final = 5.0
_LABEL: Final = b"exchange/limits/v1\0"


class TooManyRequestsError(WebError):
    """More attempts from this address than its limit; nothing was tried, and a minute's wait helps."""

    code: ClassVar[str] = "too_many_requests"


class Limits:
    """Counts attempts: where everybody counts if that answers, else in this process."""

    def __init__(
        self,
        shared: RateLimiter | None,
        own: RateLimiter,
        secret: bytes,
        *,
        enabled: bool = True,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`shared` counts for all, if there is one, `own` for this process; keys are hashed under `secret`; `seconds` measures
        how long a `shared` that did not answer is left alone."""
        self._shared = shared
        self._own = own
        self._key = hashlib.blake2b(_LABEL, key=secret, digest_size=32).digest()
        self._enabled = enabled
        self._seconds = seconds
        self._lock = threading.Lock()
        self._away_until: float | None = None

    def allows(self, name: str, address: str, account: str = "") -> bool:
        """Count one attempt under the limit `name`; False when it is over."""
        if not self._enabled:
            return True
        item, key = parse(LIMITS[name]), self.key(name, address, account)
        if self._shared is not None and self._asks():
            try:
                allowed = self._shared.hit(item, key)
            except Exception as error:  # the client's and the system's errors have no other root in common
                self._left_alone(error)
            else:
                self._is_back()
                return allowed
        return self._own.hit(item, key)

    def key(self, name: str, address: str, account: str) -> str:
        """Return what an attempt is counted under."""
        text = "\0".join((name, address, account)).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:32]

    def _asks(self) -> bool:
        with self._lock:
            return self._away_until is None or self._seconds() >= self._away_until

    def _left_alone(self, error: Exception) -> None:
        with self._lock:
            first, self._away_until = self._away_until is None, self._seconds() + _AWAY_SECONDS
        if first:
            # Never the text: it may name hosts.
            log.warning("REDIS_URL does not answer (%s): this process counts by itself", type(error).__name__)

    def _is_back(self) -> None:
        with self._lock:
            was, self._away_until = self._away_until is not None, None
        if was:
            log.warning("REDIS_URL answers again")


def build(app: Flask, config: Config, secret: bytes) -> Limits:
    """Return the limits of `app`; nothing is connected yet, and rate limits may be off in tests alone."""
    own = FixedWindowRateLimiter(MemoryStorage())
    if not (config.redis_url and config.rate_limits):
        return Limits(None, own, secret, enabled=config.rate_limits)
    url = config.redis_url
    options: dict[str, Any] = {
        "socket_connect_timeout": _WAIT_SECONDS,
        "socket_timeout": _WAIT_SECONDS,
        # One try more than the first: a connection kept from before Redis was started anew fails once.
        "retry": Retry(NoBackoff(), 1),
    }
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=f"redis+{url}" if url.startswith("unix://") else url,
        storage_options=options,
        headers_enabled=False,
    )
    return Limits(limiter.limiter, own, secret)


def check_limit(name: str, account: str = "") -> None:
    """Count one attempt under the limit `name` from this request's address; TooManyRequestsError when it is over."""
    if not service(Limits).allows(name, request.remote_addr or "-", account):
        raise TooManyRequestsError("too many attempts")
