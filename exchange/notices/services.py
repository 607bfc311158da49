"""Who is told by e-mail that there is something to see, and when: once a day at most, all at the same hour.

A message is the same for everybody: it names no body, report, State or number of anything, and comes at an hour that does not
depend on when something happened. What was told is kept as marks under a salt of the officer's own.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select

from exchange.audit.events import Event
from exchange.audit.services import Audit
from exchange.db import Database, UnitOfWork
from exchange.logs.faults import Faults
from exchange.notices.address import read_address
from exchange.notices.errors import (
    MailAskedOftenError,
    MailCodeError,
    MailFailedError,
    MailNotOfferedError,
)
from exchange.notices.mail import Mailer
from exchange.notices.models import NoticeAddress
from exchange.texts import say
from exchange.web.caller import KeyDirectory
from exchange.web.failures import places

log = logging.getLogger("exchange.notices")

# Before the offices of Geneva and Strasbourg open, for everybody alike.
HOUR: Final = time(5)
CODE_LASTS: Final = timedelta(hours=24)
ASK_AGAIN: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5
# Whoever takes a notice in hand keeps others from it for this long; after a failure it is tried again then.
_IN_HAND: Final = timedelta(hours=1)
_MARK_BYTES: Final = 16
# Without letters and digits that are read for one another.
_CODE_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_CODE_LENGTH: Final = 10

# What concerns an officer (base64url) of a body now, each thing by a name of its own.
Concerns = Callable[[UnitOfWork, str, str], Iterable[str]]


@dataclass(frozen=True)
class Wish:
    """What an officer has asked for; `confirmed` once they gave the code back. `address` is None without a wish."""

    offered: bool
    address: str | None = None
    language: str | None = None
    confirmed: bool = False


class Notices:
    """Opens its own units: no message is sent inside one."""

    def __init__(
        self,
        database: Database,
        directory: Callable[[], KeyDirectory],
        audit: Audit,
        mailer: Mailer,
        concerns: Concerns,
        public_url: str,
        faults: Faults,
    ) -> None:
        """`public_url` is all that a message names."""
        self._database = database
        self._directory = directory
        self._audit = audit
        self._mailer = mailer
        self._concerns = concerns
        self._public_url = public_url
        self._faults = faults

    def wish(self, officer: str) -> Wish:
        """Return what an officer has asked for."""
        with self._database.unit_of_work() as uow:
            row = uow.session.get(NoticeAddress, officer)
            if row is None:
                return Wish(self._mailer.offered)
            return Wish(self._mailer.offered, row.address, row.language, row.next is not None)

    def ask(self, officer: str, address: str, language: str) -> None:
        """Send a code to an address that an officer wants notices at; from now on nothing goes to a former one.

        MailNotOfferedError, MailAddressError, MailAskedOftenError, MailFailedError: after that one the wish stands, and a code
        can be asked for anew.
        """
        if not self._mailer.offered:
            raise MailNotOfferedError("this exchange sends no e-mail")
        address = read_address(address)
        code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
        with self._database.unit_of_work(write=True) as uow:
            row = uow.session.get(NoticeAddress, officer)
            if row is not None and uow.now < row.asked + ASK_AGAIN:
                raise MailAskedOftenError("a code was sent a moment ago")
            if row is not None:
                uow.session.delete(row)
                uow.session.flush()
            wish = NoticeAddress(
                officer=officer,
                address=address,
                language=language,
                asked=uow.now,
                code=_hash(code),
                tries=0,
                salt=secrets.token_bytes(16),
                told=None,
                next=None,
            )
            uow.session.add(wish)
            self._record(uow, officer, "accounts:notices:ask")
            self._faults.at("notices.ask.before-commit")
        subject, text = say("notices.subject", language), say("notices.code", language, code=code, url=self._public_url)
        self._mailer.send(address, subject, text, language)

    def confirm(self, officer: str, code: str) -> None:
        """Begin with notices: the officer gives back the code they were sent. MailCodeError.

        What concerns them now counts as told: they are here and see it. The same code once more changes nothing.
        """
        with self._database.unit_of_work(write=True) as uow:
            row = uow.session.get(NoticeAddress, officer)
            good = row is not None and self._matches(row, code, uow.now)
            if row is not None and good and row.next is None:
                row.tries = 0
                row.told = self._marks(uow, row, self._body(uow, officer))
                row.next = _next_hour(uow.now)
                self._record(uow, officer, "accounts:notices:begin")
                self._faults.at("notices.confirm.before-commit")
        if not good:
            raise MailCodeError("not the code that was sent")

    def stop(self, officer: str) -> None:
        """End notices and forget the address; nothing happens where there is none."""
        with self._database.unit_of_work(write=True) as uow:
            row = uow.session.get(NoticeAddress, officer)
            if row is not None:
                uow.session.delete(row)
                self._record(uow, officer, "accounts:notices:end")
                self._faults.at("notices.stop.before-commit")

    def send_due(self) -> int:
        """Tell whoever is due of what is new to them, and return how many messages were sent.

        Each is taken in hand in a unit of its own, so that of several hosts one sends it. One that the mail server did not
        take is tried again in an hour; a host that dies in between leaves it to the next, which may send it twice.
        """
        if not self._mailer.offered:
            return 0
        with self._database.unit_of_work() as uow:
            due = uow.session.scalars(
                select(NoticeAddress.officer).where(NoticeAddress.next <= uow.now).order_by(NoticeAddress.next)
            ).all()
        return sum(self._tell_safely(officer) for officer in due)

    def _tell_safely(self, officer: str) -> bool:
        """As `_tell`; what cannot be told to one officer does not keep it from the next."""
        try:
            return self._tell(officer)
        except Exception as error:
            log.error("a notice could not be made: %s", places(error))
            return False

    def _tell(self, officer: str) -> bool:
        taken = self._take(officer)
        if taken is None:
            return False
        address, language, marks, new = taken
        if new:
            try:
                text = say("notices.text", language, url=self._public_url)
                self._mailer.send(address, say("notices.subject", language), text, language)
            except MailFailedError as error:
                log.warning("a notice waits for an hour: %s", error)
                return False
            self._faults.at("notices.send.mailed")
        with self._database.unit_of_work(write=True) as uow:
            row = uow.session.get(NoticeAddress, officer)
            if row is not None and row.address == address and row.next is not None:
                row.told, row.next = marks, _next_hour(uow.now)
        return new

    def _take(self, officer: str) -> tuple[str, str, bytes, bool] | None:
        """Take a notice in hand: address, language, the marks of what concerns the officer now, whether any is new."""
        with self._database.unit_of_work(write=True) as uow:
            row = uow.session.get(NoticeAddress, officer)
            if row is None or row.next is None or row.next > uow.now:
                return None
            body = self._body(uow, officer)
            if body is None:  # who has left is told nothing, and their address is forgotten
                uow.session.delete(row)
                return None
            marks = self._marks(uow, row, body)
            row.next = uow.now + _IN_HAND
            return row.address, row.language, marks, bool(_set(marks) - _set(row.told or b""))

    def _marks(self, uow: UnitOfWork, row: NoticeAddress, body: str | None) -> bytes:
        names = () if body is None else self._concerns(uow, row.officer, body)
        marks = {hmac.new(row.salt, name.encode(), hashlib.sha256).digest()[:_MARK_BYTES] for name in names}
        return b"".join(sorted(marks))

    def _matches(self, row: NoticeAddress, code: str, now: datetime) -> bool:
        """Whether it is the code; a wrong one is counted, and after five the code is void."""
        if now >= row.asked + CODE_LASTS or row.tries >= MOST_TRIES:
            return False
        row.tries += 1
        return hmac.compare_digest(row.code, _hash("".join(code.split()).upper()))

    def _body(self, uow: UnitOfWork, officer: str) -> str | None:
        active = self._directory().active_officer(uow, officer)
        return None if active is None else active.organisation

    def _record(self, uow: UnitOfWork, officer: str, act: str) -> None:
        body = self._body(uow, officer)
        if body is not None:
            self._audit.record(uow, Event(act, {"actor": officer, "body": body}))


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()


def _set(marks: bytes) -> frozenset[bytes]:
    return frozenset(marks[at : at + _MARK_BYTES] for at in range(0, len(marks), _MARK_BYTES))


def _next_hour(now: datetime) -> datetime:
    """Return the next moment at which notices go out, after `now`."""
    today = datetime.combine(now.date(), HOUR, now.tzinfo)
    return today if now < today else today + timedelta(days=1)
