"""What concerns an officer now: what arrived and may be known of, what waits for a second signature, what a State owes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from exchange.access.asker import Askers
from exchange.access.inbox import INBOX, Boxes
from exchange.audit.statements import Statements
from exchange.consents.register import Register
from exchange.db import UnitOfWork
from exchange.web.caller import KeyDirectory
from keys.encoding import b64u
from policies.status import PENDING

# A day on which an answer is due is spoken of from so long before it.
AHEAD: Final = timedelta(days=7)


class Concerning:
    """Reads what concerns an officer, in the caller's unit; the newest page of what arrived, not all of it."""

    def __init__(
        self, boxes: Boxes, askers: Askers, statements: Statements, register: Register, directory: KeyDirectory
    ) -> None:
        self._boxes = boxes
        self._askers = askers
        self._statements = statements
        self._register = register
        self._directory = directory

    def of(self, uow: UnitOfWork, officer: str, body: str) -> Iterator[str]:
        """Yield a name for each thing that concerns an officer of a body."""
        asker = self._askers.officer(uow, officer, body)
        for item in self._boxes.page(uow, asker, INBOX).items:
            yield f"arrived/{item['report']}"
        active = self._directory.active_officer(uow, officer)
        for pending in self._statements.pending_of(uow, body):
            if active is None or active.kid not in pending.statement.kids:
                yield f"second/{b64u(pending.statement.hash)}"
        for found in self._register.visible_to(uow, body, None):
            due = found.instrument.reply_by
            if due is not None and uow.now >= due - AHEAD and found.status(uow.now).state == PENDING:
                yield f"due/{found.row.id}"
