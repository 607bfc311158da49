"""A ticket: what proves that a statement has its entry in the audit log, and hides everything else in that entry.

A ticket is checked in steps; this module does the first two, the caller (with `exchange.transparency`) the rest:
1. the statement's hash, the ticket's salt and the other fifteen hashes give `com`;
2. com, time and vw give the leaf, and the leaf its RFC 6962 hash;
3. an inclusion proof puts that leaf hash at `index` of a checkpoint of audit/n that was verified.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from exchange.ledger.commit import HASH_BYTES, POSITIONS, SALT_BYTES, commitment, field_hash
from exchange.ledger.errors import BadLeafError, BadTicketError
from exchange.ledger.leaf import EntryLeaf
from keys.encoding import MAX_INTEGER, b64u, canonical, format_time, parse_json, parse_time, unb64u
from keys.errors import MalformedError
from keys.merkle_head import leaf_hash

_NAMES: Final = {"n", "index", "time", "vw", "position", "salt", "others"}


@dataclass(frozen=True)
class Ticket:
    """Log number, index, leaf time (seconds since 1970), vw, and the opening of the field `statement` in the entry."""

    n: int
    index: int
    time: int
    vw: bytes
    position: int
    salt: bytes = field(repr=False)
    others: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse numbers out of range and byte strings of another length (BadTicketError)."""
        if not (1 <= self.n <= MAX_INTEGER and 0 <= self.index <= MAX_INTEGER):
            raise BadTicketError("a ticket's log number or index is out of range")
        # `act` stands at position 1, so a statement never does.
        if not 2 <= self.position <= POSITIONS:
            raise BadTicketError("a ticket's position is out of range")
        if len(self.salt) != SALT_BYTES or [len(h) for h in self.others] != [HASH_BYTES] * (POSITIONS - 1):
            raise BadTicketError("a ticket has a salt of 16 bytes and fifteen hashes of 32")
        try:
            EntryLeaf(self.time, bytes(32), self.vw)
        except BadLeafError as error:
            raise BadTicketError(str(error)) from None

    def com(self, statement: bytes) -> bytes:
        """Return the commitment this ticket gives for a statement's 32-byte hash."""
        h = field_hash(self.salt, "statement", b64u(statement))
        return commitment((*self.others[: self.position - 1], h, *self.others[self.position - 1 :]))

    def leaf(self, statement: bytes) -> bytes:
        """Return the 73 bytes of the leaf this ticket gives for a statement's hash."""
        return EntryLeaf(self.time, self.com(statement), self.vw).data

    def leaf_hash(self, statement: bytes) -> bytes:
        """Return SHA-256(0x00 || leaf): what an inclusion proof must put at `index` of audit/n."""
        return leaf_hash(self.leaf(statement))

    def to_json(self) -> dict[str, Any]:
        """Return the ticket as JSON values: {n, index, time, vw, position, salt, others}."""
        return {
            "n": self.n,
            "index": self.index,
            "time": format_time(datetime.fromtimestamp(self.time, UTC)),
            "vw": b64u(self.vw),
            "position": self.position,
            "salt": b64u(self.salt),
            "others": [b64u(h) for h in self.others],
        }

    @property
    def text(self) -> bytes:
        """The ticket's one spelling, canonical JSON."""
        return canonical(self.to_json())

    @classmethod
    def from_json(cls, value: object) -> "Ticket":
        """Read what `to_json` makes; BadTicketError otherwise."""
        if not isinstance(value, dict) or set(value) != _NAMES:
            raise BadTicketError("a ticket is n, index, time, vw, position, salt and others")
        numbers = [value[name] for name in ("n", "index", "position")]
        if any(isinstance(number, bool) or not isinstance(number, int) for number in numbers):
            raise BadTicketError("a ticket's n, index and position are numbers")
        if not isinstance(value["others"], list):
            raise BadTicketError("a ticket's others are a list")
        try:
            time = int(parse_time(value["time"]).timestamp())
            vw, salt = unb64u(value["vw"], 32), unb64u(value["salt"], 16)
            others = tuple(unb64u(h, 32) for h in value["others"])
        except MalformedError as error:
            raise BadTicketError(f"a ticket's value is {error}") from None
        return cls(value["n"], value["index"], time, vw, value["position"], salt, others)

    @classmethod
    def parse(cls, text: bytes) -> "Ticket":
        """Read a ticket from its one spelling; BadTicketError otherwise."""
        try:
            value = parse_json(text)
        except MalformedError as error:
            raise BadTicketError("a ticket is not canonical JSON") from error
        return cls.from_json(value)
