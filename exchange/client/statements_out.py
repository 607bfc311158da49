"""Signing a statement and giving it to the server: entered at once, or waiting for a second officer's signature."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.client import unanswered
from exchange.client.errors import ServerRefusal
from exchange.client.report_errors import TicketNotProvenError
from exchange.client.session import Session
from exchange.client.tickets import Stored
from exchange.client.unanswered import Act
from exchange.ledger.ticket import Ticket
from keys import fields
from keys.encoding import b64u, unb64u
from keys.errors import MalformedError
from keys.statement import Statement

STATEMENTS: Final = "/api/v1/statements"
_WAITS: Final[fields.Schema] = {"needs": fields.integer(1), "pending": fields.HASH}


@dataclass(frozen=True)
class Posted:
    """What became of a statement: `stored` with its ticket, or None while `needs` officers still have to sign.

    `answer`: what else the server said.
    """

    statement: Statement
    stored: Stored | None
    needs: int
    answer: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return {hash, entry {n, index} or null, needs}."""
        entry = None if self.stored is None else {"n": self.stored.ticket.n, "index": self.stored.ticket.index}
        return {"hash": b64u(self.statement.hash), "entry": entry, "needs": self.needs}


def anything_fits(_statement: Statement) -> bool:
    """Say that a kept statement still is what the person means."""
    return True


def in_chain(previous: bytes | None) -> Callable[[Statement], bool]:
    """Return whether a kept statement is, or directly follows, the last of its chain: nothing came after it."""

    def fits(statement: Statement) -> bool:
        return statement.hash == previous or statement.body.get("prev") == (
            None if previous is None else b64u(previous)
        )

    return fits


def sign_and_post(
    session: Session,
    act: Act,
    build: Callable[[datetime], Statement],
    beside: Mapping[str, Any] | None = None,
    fits: Callable[[Statement], bool] = anything_fits,
) -> Posted:
    """Build a statement for the time of now, sign it and post it; the same act again, where no answer came, as it was sent.

    `fits` False for a kept statement: something came after it that it would not undo again, so a new one is due. A clock that
    was wrong is corrected from the server's answer, told, and the statement built and signed once more.
    Raises what `build` and `Http` raise, MalformedError, TicketNotProvenError.
    """
    kept = unanswered.find(session.home, act)
    if kept is not None and fits(kept.statement):
        try:
            return post_once(session, act, kept.statement, kept.beside)
        except ServerRefusal:
            pass  # it was never recorded: the server answers what it has recorded
    try:
        return post_once(session, act, build(session.now()).signed_by(session.officer.sign), beside)
    except ServerRefusal as refusal:
        if refusal.code != "clock_off":
            raise
    return post_once(session, act, build(session.now()).signed_by(session.officer.sign), beside)


def post_once(session: Session, act: Act, statement: Statement, beside: Mapping[str, Any] | None = None) -> Posted:
    """Post a signed statement, which is kept until the server has answered, so that the same act again sends the same."""
    unanswered.keep(session.home, act, statement, beside or {})
    try:
        posted = post(session, statement, beside)
    except ServerRefusal:
        unanswered.forget(session.home, act)
        raise
    unanswered.forget(session.home, act)
    return posted


def post(session: Session, statement: Statement, beside: Mapping[str, Any] | None = None) -> Posted:
    """Post a signed statement; the same one again gets the first answer."""
    body = {"statement": statement.text.decode("ascii"), "beside": dict(beside or {})}
    answer = session.http.post(STATEMENTS, body)
    if not isinstance(answer, dict):
        raise MalformedError("an answer to a statement is an object")
    if "pending" in answer:
        waits = fields.check({name: answer.get(name) for name in _WAITS}, _WAITS)
        if unb64u(waits["pending"]) != statement.hash:
            raise TicketNotProvenError("the server holds another statement than was sent")
        return Posted(statement, None, waits["needs"], answer)
    if answer.get("hash") != b64u(statement.hash):
        raise TicketNotProvenError("the server entered another statement than was sent")
    return Posted(statement, Stored(statement, Ticket.from_json(answer.get("ticket"))), 0, answer)
