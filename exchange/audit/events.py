"""An act as a room reports it, and what comes back once its entry is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from exchange.ledger.entry import Entry
from exchange.ledger.ticket import Ticket
from exchange.ledger.values import Value
from keys.encoding import b64u, format_time


@dataclass(frozen=True)
class Event:
    """One act: its tag in the vocabulary, its fields by name without `act`, the signatures of what a client signed.

    Who reads it follows from the act and from the fields `owner` and `body`: no room chooses readers. `owner` is never
    given for an id that belongs to no report. Signatures have 64 bytes each, at most four (`view.kept_signatures`).
    """

    act: str
    fields: Mapping[str, Value] = field(default_factory=dict, repr=False)
    signatures: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Recorded:
    """An entry that stands once its unit of work has committed: log audit/`n`, leaf `index`, whole minute, vw, the entry."""

    n: int
    index: int
    time: int
    vw: bytes
    entry: Entry = field(repr=False)

    def ticket(self) -> Ticket:
        """Return the ticket of the statement this entry names; BadEntryError when it names none."""
        return self.entry.ticket(self.n, self.index, self.time, self.vw)

    def to_json(self) -> dict[str, Any]:
        """Return {n, index, time, vw, seed, act, values}, as the answer to whoever acted carries it."""
        return {
            "n": self.n,
            "index": self.index,
            "time": format_time(datetime.fromtimestamp(self.time, UTC)),
            "vw": b64u(self.vw),
            "act": self.entry.act.tag,
            **self.entry.to_json(),
        }
