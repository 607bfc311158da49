"""Who is calling: one gate before every route under /api, so that no view can forget it.

It runs before routing's validation, so a caller without a token learns nothing about a request's form.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from flask import Flask, g, request

from exchange.db import UnitOfWork
from exchange.web.errors import UnauthenticatedError
from exchange.web.services import service, unit_of_work

API: Final = "/api/"
# The most bytes of a request that needs no token: a statement of 64 KiB, and its keys.
PUBLIC_BYTES: Final = 131_072


@dataclass(frozen=True)
class Caller:
    """An officer in force: `officer` is base64url of 16 bytes, `kid` the 32-byte id of the signing key shown."""

    officer: str
    organisation: str
    kid: bytes


@dataclass(frozen=True)
class ActiveOfficer:
    """What the directory says of an officer in force today: the body, the signing key's id and its 32 public bytes."""

    organisation: str
    kid: bytes
    public: bytes


class KeyDirectory(Protocol):
    """Who may call at all. The directory room puts one into the container."""

    def active_officer(self, uow: UnitOfWork, officer: str) -> ActiveOfficer | None:
        """Return what is in force for `officer` (base64url) in this transaction; None once they left or never joined."""


class Authenticator(Protocol):
    """Who a token speaks for. The accounts room puts one into the container."""

    def authenticate(self, uow: UnitOfWork, token: str) -> Caller:
        """Return the caller of a token in force; UnauthenticatedError for any other."""


def caller() -> Caller:
    """Return who makes the current request; UnauthenticatedError on a public route called without a token."""
    found = g.get("caller")
    if not isinstance(found, Caller):
        raise UnauthenticatedError("this needs a token")
    return found


def register(app: Flask, public: Collection[str]) -> None:
    """Ask for a token before every route of `app` under /api but the endpoints in `public`."""

    @app.before_request
    def require_caller() -> None:
        if not request.path.startswith(API) or request.endpoint is None:
            return
        if request.endpoint in public:
            # Nobody is known to ask: parsing must not cost what it may for a member.
            request.max_content_length = PUBLIC_BYTES
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise UnauthenticatedError("this needs a token")
        with unit_of_work() as uow:
            g.caller = service(Authenticator).authenticate(uow, token.strip())
