"""Bearer tokens: 32 random bytes the client holds, their SHA-256 here, ten minutes, and never longer than the key.

Each use asks the directory again: a token ends with the officer's key, in the same transaction in which that ends.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy import delete

from exchange.accounts.assertion import Proven
from exchange.accounts.errors import AssertionInvalidError, AssertionReplayedError
from exchange.accounts.models import Token, UsedAssertion
from exchange.audit.events import Event
from exchange.audit.services import Audit
from exchange.db import UnitOfWork
from exchange.web.caller import Caller, KeyDirectory
from exchange.web.errors import UnauthenticatedError
from keys.encoding import format_time

METHOD: Final = "private_key_jwt"


class Tokens:
    """Issues and recognises tokens (the container's Authenticator)."""

    def __init__(self, directory: Callable[[], KeyDirectory], audit: Audit, seconds: int) -> None:
        """`directory` gives the key directory when asked; a token lives `seconds`."""
        self._directory = directory
        self._audit = audit
        self.seconds = seconds

    def issue(self, uow: UnitOfWork, proven: Proven, kid: bytes) -> str:
        """Record a proven assertion as used and return a new token for it.

        AssertionReplayedError when it was used before; AssertionInvalidError when its key ended in the meantime.
        """
        if uow.session.get(UsedAssertion, (proven.officer, proven.jti)) is not None:
            raise AssertionReplayedError("the assertion was used before")
        active = self._directory().active_officer(uow, proven.officer)
        if active is None or active.kid != kid:
            raise AssertionInvalidError("the key is no longer in force")
        token = secrets.token_urlsafe(32)
        expires = uow.now + timedelta(seconds=self.seconds)
        uow.session.add(UsedAssertion(officer=proven.officer, jti=proven.jti, expires=proven.dead))
        uow.session.add(Token(hash=_hash(token), officer=proven.officer, kid=kid, expires=expires))
        fields = {
            "actor": proven.officer,
            "body": active.organisation,
            "method": METHOD,
            "expires": format_time(expires),
        }
        self._audit.record(uow, Event("accounts:token:issue", fields))
        return token

    def authenticate(self, uow: UnitOfWork, token: str) -> Caller:
        """Return whom `token` speaks for; UnauthenticatedError for any token not in force, without telling why."""
        row = uow.session.get(Token, _hash(token))
        if row is None or row.expires <= uow.now:
            raise UnauthenticatedError("the token is not in force")
        active = self._directory().active_officer(uow, row.officer)
        if active is None or active.kid != row.kid:
            raise UnauthenticatedError("the token is not in force")
        return Caller(row.officer, active.organisation, row.kid)

    def revoke_all(self, uow: UnitOfWork, officer: str) -> None:
        """End every token of an officer at once."""
        uow.session.execute(delete(Token).where(Token.officer == officer))

    def purge(self, uow: UnitOfWork) -> None:
        """Remove tokens and used assertions that time has ended."""
        uow.session.execute(delete(Token).where(Token.expires <= uow.now))
        uow.session.execute(delete(UsedAssertion).where(UsedAssertion.expires <= uow.now))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
