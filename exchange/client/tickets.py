"""A statement as the server stores it, with the ticket that proves its place in the audit log.

Nothing that a server shows as "signed and entered" is believed before this: the ticket must rebuild a leaf from the
statement's own hash, and the leaf must stand at that index of a log that both its keys signed and that continues the
log this home has seen.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from exchange.client.audit_log import hashes
from exchange.client.errors import ServerRefusal
from exchange.client.report_errors import TicketNotProvenError
from exchange.client.session import Session
from exchange.client.signers import signer_book
from exchange.ledger.ticket import Ticket
from exchange.statements.signers import Place, SignerBook
from exchange.transparency.merkle import TreeHead
from keys import fields
from keys.encoding import b64u
from keys.errors import MalformedError
from keys.statement import Statement, parse

_STORED: Final[fields.Schema] = {"hash": fields.HASH, "statement": fields.anything, "ticket": fields.anything}


@dataclass(frozen=True)
class Stored:
    """A statement with its ticket, as answered and not proven yet."""

    statement: Statement
    ticket: Ticket

    @classmethod
    def read(cls, text: object, ticket: object) -> "Stored":
        """Read the text of a statement and its ticket; MalformedError, BadTicketError."""
        if not isinstance(text, str):
            raise MalformedError("a statement is a text")
        return cls(parse(text.encode("utf-8", "surrogatepass")), Ticket.from_json(ticket))

    @classmethod
    def from_json(cls, value: Any) -> "Stored":
        """Read {hash, statement, ticket}; MalformedError, BadTicketError; TicketNotProvenError for another hash."""
        if isinstance(value, dict):
            value = {name: value[name] for name in _STORED if name in value}
        body = fields.check(value, _STORED)
        found = cls.read(body["statement"], body["ticket"])
        if b64u(found.statement.hash) != body["hash"]:
            raise TicketNotProvenError("a statement under another's hash")
        return found

    @property
    def place(self) -> Place:
        """Where the ticket says it stands: (n, index)."""
        return self.ticket.n, self.ticket.index

    @property
    def entered(self) -> datetime:
        """The minute in which the log took it."""
        return datetime.fromtimestamp(self.ticket.time, UTC)

    @property
    def leaf_hash(self) -> bytes:
        """The RFC 6962 hash of the leaf that the ticket gives for this statement."""
        return self.ticket.leaf_hash(self.statement.hash)


@dataclass(frozen=True)
class Proof:
    """A checkpoint an answer brought, with its proofs: made when `since` was the newest head this home had seen."""

    value: Any
    since: TreeHead

    @property
    def head(self) -> str | None:
        """The text under the checkpoint's signatures (origin, size, root), not verified; None where there is none."""
        checkpoint = self.value.get("checkpoint") if isinstance(self.value, dict) else None
        return checkpoint.partition("\n\n")[0] if isinstance(checkpoint, str) else None

    def check(self, session: Session, leaf_hash: bytes, index: int) -> None:
        """Check that the leaf with this hash stands at `index` of a log that continues the one this home has seen.

        MalformedError, ProofError, AuditForkedError, AuditOlderError, and errors of `exchange.transparency`.
        """
        checkpoint = self.value.get("checkpoint") if isinstance(self.value, dict) else None
        if not isinstance(checkpoint, str):
            raise MalformedError("a proof without its checkpoint")
        head = session.audit.accept(checkpoint, hashes(self.value, "consistency"), self.since)
        head.check_leaf(leaf_hash, index, hashes(self.value, "inclusion"))


def prove(session: Session, stored: Stored, proof: Proof | None = None) -> SignerBook:
    """Prove a stored statement's place and return the book by which its signers count.

    1. The ticket is of the audit log that `root` names (TicketNotProvenError). 2. The statement's hash and the ticket give
    a leaf. 3. That leaf stands at the ticket's index of a checkpoint that both keys of the log signed and that continues
    the pinned log; without `proof` the server is asked for one. Raises ProofError, AuditForkedError, AuditOlderError, errors
    of `exchange.transparency`.
    """
    if stored.ticket.n != session.directory.root.logs["audit"].n:
        raise TicketNotProvenError("a ticket of another log")
    if proof is None:
        session.audit.prove(session.http, stored.leaf_hash, stored.ticket.index)
    else:
        proof.check(session, stored.leaf_hash, stored.ticket.index)
    return signer_book(session.directory, session.keys, stored.place, stored.entered)


def is_public(session: Session, stored: Stored) -> bool:
    """Whether the proof can be fetched now; False while the log in public ends before the entry."""
    try:
        prove(session, stored)
    except ServerRefusal as refusal:
        if refusal.status == 404:
            return False
        raise
    return True
