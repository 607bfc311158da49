"""Statements of one's own body that wait for a second officer, and that officer's confirmation.

Whoever confirms signs the very payload that waits. It is read by this build's own parsers first, and put into plain words
by the command line; the envelopes of a grant are checked as far as they can be without opening them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.client import unanswered
from exchange.client.report_errors import PendingUnknownError
from exchange.client.session import Session
from exchange.client.statements_out import STATEMENTS, Posted, post_once
from exchange.statements import registry
from exchange.statements.determination import Determination
from exchange.statements.grant import Grant
from exchange.statements.lift import Lift
from exchange.statements.publication import Publication
from exchange.statements.registry import Value
from keys.encoding import b64u, parse_time
from keys.errors import MalformedError
from keys.statement import Statement, parse

PENDING: Final = f"{STATEMENTS}/pending"


@dataclass(frozen=True)
class Waiting:
    """A statement that waits, what it says, and what lies beside it."""

    statement: Statement
    value: Value
    beside: Mapping[str, Any]
    received: datetime

    @property
    def hash(self) -> str:
        """The hash by which a person names it."""
        return b64u(self.statement.hash)


def waiting(session: Session) -> list[Waiting]:
    """Return what waits for a second officer of this body; UnknownVersionError for what this build cannot read."""
    answer = session.http.get(PENDING)
    listed = answer.get("pending") if isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        raise MalformedError("what waits is a list")
    return [_read(item) for item in listed]


def find(session: Session, name: str) -> Waiting:
    """Return the one that a hash, or its beginning of at least six characters, names; PendingUnknownError.

    One that this home has confirmed without an answer counts: the server may have recorded it all the same.
    """
    sent = [_again(session, kept) for kept in unanswered.everything(session.home)]
    listed = {item.hash: item for item in [*sent, *waiting(session)]}
    found = [item for hash, item in listed.items() if len(name) >= 6 and hash.startswith(name)]
    if len(found) != 1:
        raise PendingUnknownError(f"no statement '{name}' waits", hash=name)
    return found[0]


def confirm(session: Session, found: Waiting) -> Posted:
    """Add this officer's signature and post; the server checks that two different officers have signed."""
    session.sync()
    return post_once(session, ("confirm", found.hash), found.statement.signed_by(session.officer.sign), found.beside)


def signers(session: Session, found: Waiting) -> list[bytes]:
    """Return the officers (16 bytes) who have signed so far, each with a signature that verifies; BadSignatureError."""
    kids = found.statement.check_signatures(session.keys.get)
    officers = [session.directory.officer_at(kid) for kid in sorted(kids)]
    return [officer.id for officer in officers if officer is not None]


def _again(session: Session, kept: unanswered.Kept) -> Waiting:
    return Waiting(kept.statement, registry.read(kept.statement), kept.beside, session.now())


def _read(item: Any) -> Waiting:
    text = item.get("statement") if isinstance(item, dict) else None
    beside = item.get("beside", {}) if isinstance(item, dict) else None
    if not isinstance(text, str) or not isinstance(beside, dict):
        raise MalformedError("what waits is a statement and what lies beside it")
    statement = parse(text.encode("utf-8", "surrogatepass"))
    return Waiting(statement, _for_two(registry.read(statement)), beside, parse_time(item.get("received")))


def _for_two(value: Value) -> Value:
    """Return the values of a statement that takes two officers; MalformedError for any other.

    Signatures stand alone: of a statement that one officer signs, the second signature would count without the first.
    """
    if not isinstance(value, Grant | Lift | Determination | Publication):
        raise MalformedError("what waits is a statement that one officer signs")
    return value
