"""What an officer's machine holds an answer to: signed checkpoints, consistent with what it has seen, and the leaf in them.

Every checkpoint that any officer was shown is kept: `aftermath` holds all of them to the one log that stands in the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from exchange.ledger.entry import Entry
from exchange.ledger.leaf import EntryLeaf
from exchange.ledger.ticket import Ticket
from exchange.sealing.envelope import envelope_hash
from exchange.statements.release_request import ReleaseRequest
from exchange.transparency.log_keys import LogPublicKeys
from exchange.transparency.merkle import EMPTY_ROOT, TreeHead, leaf_hash
from exchange.transparency.paths import verify_consistency, verify_inclusion
from keys.encoding import b64u, format_time, parse_time, unb64u
from keys.statement import Statement
from tests.unit.keys.directory_builder import Founding, Person


class NotProven(Exception):
    """An answer that does not hold."""


@dataclass
class Notebook:
    """The audit log as all officers together have been shown it: heads by size, leaves by index."""

    founding: Founding
    heads: dict[int, bytes] = field(default_factory=dict)
    leaves: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the log's keys from the root."""
        log = self.founding.directory.log("audit")
        keys = LogPublicKeys.parse(log.ed25519, log.mldsa44)

        @lru_cache(maxsize=64)
        def verified(note: str) -> TreeHead:
            return keys.verify(note.encode()).checkpoint.head

        self._verified = verified

    def head(self, note: str) -> TreeHead:
        """Verify a checkpoint and keep it; NotProven where another of its size was shown."""
        head = self._verified(note)
        if self.heads.setdefault(head.size, head.root) != head.root:
            raise NotProven(f"two histories of size {head.size}")
        return head

    def ticket(self, statement: Statement, ticket: Mapping[str, Any]) -> Ticket:
        """Keep the leaf that a ticket gives for a statement."""
        found = Ticket.from_json(ticket)
        self.leaf(found.index, found.leaf_hash(statement.hash))
        return found

    def leaf(self, index: int, digest: bytes) -> None:
        """Keep a leaf's hash; NotProven where another stands at its index."""
        if self.leaves.setdefault(index, digest) != digest:
            raise NotProven(f"two leaves at index {index}")


@dataclass
class Seen:
    """How far one officer has verified the audit log."""

    notebook: Notebook
    pinned: TreeHead = field(default_factory=lambda: TreeHead(0, EMPTY_ROOT))

    def accept(self, proof: Mapping[str, Any], since: TreeHead, leaf: bytes | None = None, index: int = 0) -> TreeHead:
        """Hold {checkpoint, consistency, inclusion} to what was pinned when it was asked for; pin it where it is newer.

        Raises NotProven and errors of `exchange.transparency`.
        """
        head = self.notebook.head(proof["checkpoint"])
        if head.size < since.size:
            raise NotProven(f"a log of {head.size} entries after one of {since.size}")
        if since.size:
            nodes = [unb64u(node) for node in proof["consistency"]]
            verify_consistency(since.size, since.root, head.size, head.root, nodes)
        if leaf is not None:
            verify_inclusion(leaf, index, head.size, [unb64u(node) for node in proof["inclusion"]], head.root)
            self.notebook.leaf(index, leaf)
        if head.size > self.pinned.size:
            self.pinned = head
        return head

    def release(
        self,
        answer: Mapping[str, Any],
        since: TreeHead,
        person: Person,
        request: ReleaseRequest,
        signed: Statement,
        owner: str,
    ) -> int:
        """Hold a release to its entry and its proofs, as the client's `release_check` does; return its index."""
        entry = Entry.from_json({"seed": answer["seed"], "values": answer["values"]})
        expected = {
            "act": "access:release:permit",
            "report": request.report,
            "part": b64u(request.part),
            "action": request.action,
            "purpose": request.purpose,
            "request": b64u(signed.hash),
            "envelope": b64u(envelope_hash(unb64u(answer["envelope"]))),
            "actor": person.id,
            "body": person.organisation,
            "owner": owner,
            "asked": format_time(request.stamp.time),
            "nonce": b64u(request.stamp.nonce),
        }
        for name, value in expected.items():
            if entry.fields.get(name) != value:
                raise NotProven(f"the entry says something else in '{name}'")
        leaf = EntryLeaf(int(parse_time(answer["time"]).timestamp()), entry.com, unb64u(answer["vw"]))
        self.accept(answer, since, leaf_hash(leaf.data), answer["index"])
        return int(answer["index"])
