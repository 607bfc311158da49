"""Password accounts and web sessions. Pages call `Accounts.sign_in` through `exchange.accounts.signin`.

A session is a row: it ends when the row goes, whatever cookie a browser still holds.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NoReturn

from sqlalchemy import delete, select

from exchange.accounts.errors import LoginNameTakenError, SignInFailedError
from exchange.accounts.models import Account, WebSession
from exchange.accounts.passwords import Passwords, login_name
from exchange.audit.events import Event
from exchange.audit.services import Audit, Prepared
from exchange.db import Database, UnitOfWork
from exchange.web.caller import KeyDirectory

METHOD: Final = "password"
# A session's row is written when its last use is older than this: reading a page costs no transaction each time.
_SEEN_STEP: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class SignedIn:
    """Who a session speaks for, as the directory has it today: officer and organisation as ids, and the login name."""

    officer: str
    organisation: str
    login_name: str


class Accounts:
    """Accounts and sessions; opens its own units of work where a password is checked in between."""

    def __init__(
        self,
        database: Database,
        directory: Callable[[], KeyDirectory],
        passwords: Passwords,
        audit: Audit,
        idle: timedelta,
        longest: timedelta,
    ) -> None:
        """A session ends `idle` after its last use and `longest` after its start."""
        self._database = database
        self._audit = audit
        self._directory = directory
        self._passwords = passwords
        self._idle = idle
        self._longest = longest

    def set_password(self, officer: str, name: str, password: str) -> None:
        """Give `officer` a name and password for the pages, replacing former ones, and end all their sessions.

        LoginNameInvalidError, LoginNameTakenError, PasswordTooWeakError.
        """
        name = login_name(name)
        stored = self._passwords.hash(name, password)
        with self._database.unit_of_work(write=True) as uow:
            owner = uow.session.scalar(select(Account.officer).where(Account.login_name == name))
            if owner not in (None, officer):
                raise LoginNameTakenError(f"the name {name!r} is taken")
            account = uow.session.get(Account, officer)
            if account is None:
                uow.session.add(Account(officer=officer, login_name=name, password_hash=stored, changed=uow.now))
            else:
                account.login_name, account.password_hash, account.changed = name, stored, uow.now
            self.end_sessions(uow, officer)
            active = self._directory().active_officer(uow, officer)
            if active is not None:
                fields = {"actor": officer, "body": active.organisation}
                self._audit.record(uow, Event("accounts:password:set", fields))

    def name_of(self, uow: UnitOfWork, officer: str) -> str | None:
        """Return the name `officer` signs in with; None without a password account."""
        return uow.session.scalar(select(Account.login_name).where(Account.officer == officer))

    def sign_in(self, name: str, password: str) -> str:
        """Return the secret of a new session; SignInFailedError, after the same work, for every reason there is."""
        lowered = name.strip().lower()
        with self._database.unit_of_work() as uow:
            account = uow.session.scalar(select(Account).where(Account.login_name == lowered))
        good = self._passwords.check(None if account is None else account.password_hash, password)
        if account is None or not good:
            self._refuse(None if account is None else account.officer)
        with self._database.unit_of_work(write=True) as uow:
            current = uow.session.get(Account, account.officer)
            active = self._directory().active_officer(uow, account.officer)
            if current is not None and current.password_hash == account.password_hash and active is not None:
                secret = secrets.token_urlsafe(32)
                ends = uow.now + self._longest
                uow.session.add(WebSession(hash=_hash(secret), officer=account.officer, seen=uow.now, ends=ends))
                fields = {"actor": account.officer, "body": active.organisation, "method": METHOD}
                self._audit.record(uow, Event("accounts:session:start", fields))
                return secret
        self._refuse(account.officer)

    def _refuse(self, officer: str | None) -> NoReturn:
        """Leave the entry of a sign-in that failed, and refuse it: the same work and answer for every reason."""

        def refusal(uow: UnitOfWork) -> Prepared:
            active = None if officer is None else self._directory().active_officer(uow, officer)
            fields = {
                "actor": None if active is None else officer,
                "body": None if active is None else active.organisation,
                "method": METHOD,
                "cause": "credentials",
            }
            return self._audit.prepare(Event("accounts:session:refuse", fields))

        self._audit.writer.write(refusal)
        raise SignInFailedError("name and password do not go together")

    def session(self, secret: str) -> SignedIn | None:
        """Return whom a session speaks for; None once it ended, idled out, or its officer is no longer in force."""
        with self._database.unit_of_work() as uow:
            row = uow.session.get(WebSession, _hash(secret))
            if row is None or row.ends <= uow.now or row.seen + self._idle <= uow.now:
                return None
            active = self._directory().active_officer(uow, row.officer)
            name = self.name_of(uow, row.officer)
            if active is None or name is None:
                return None
            found = SignedIn(row.officer, active.organisation, name)
            stale = row.seen + _SEEN_STEP <= uow.now
        if stale:
            with self._database.unit_of_work(write=True) as uow:
                again = uow.session.get(WebSession, _hash(secret))
                if again is not None:
                    again.seen = uow.now
        return found

    def sign_out(self, secret: str) -> None:
        """End one session; nothing happens when it has ended already."""
        with self._database.unit_of_work(write=True) as uow:
            row = uow.session.get(WebSession, _hash(secret))
            if row is None:
                return
            active = self._directory().active_officer(uow, row.officer)
            if active is not None:
                fields = {"actor": row.officer, "body": active.organisation}
                self._audit.record(uow, Event("accounts:session:end", fields))
            uow.session.delete(row)

    def end_sessions(self, uow: UnitOfWork, officer: str) -> None:
        """End every session of an officer at once."""
        uow.session.execute(delete(WebSession).where(WebSession.officer == officer))

    def purge(self, uow: UnitOfWork) -> None:
        """Remove sessions that time has ended."""
        ended = (WebSession.ends <= uow.now) | (WebSession.seen <= uow.now - self._idle)
        uow.session.execute(delete(WebSession).where(ended))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
