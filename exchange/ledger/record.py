"""What a reader gets out of the log: records of acts, and findings about the log itself.

Plain values, in the public half of the room, so that exports and pages can take them without the keys that made them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from exchange.ledger.entry import Entry, PartialEntry
from exchange.ledger.values import Value
from exchange.ledger.vocabulary import Act

# Each finding says that the log, the server or a keeper of keys did something the format does not allow, but the last
# group, which says only what this reader cannot read.
FINDINGS: Final[Mapping[str, str]] = {
    "views_altered": "the stored views are not those the leaf commits to",
    "seals_altered": "the stored seals of a chain are not those the leaf commits to",
    "entry_before_chain": "an entry stands before any chain of view keys",
    "chain_day": "a chain's day is not the day of its leaf",
    "seal_missing": "a chain of view keys leaves this body out, which earlier ones had",
    "seal_closed": "the chain's seal does not open with this body's key of that epoch",
    "gap": "views that should come first in a chain are missing, while later ones are there",
    "view_closed": "a view of ours does not open with its key",
    "view_malformed": "a view of ours opens, but is not in the format",
    "view_other_entry": "a view of ours does not rebuild what its leaf commits to",
    "act_unknown": "a view of ours names an act or field that this program does not know",
    "view_misplaced": "a view of ours stands in another's place or has another form than its act gives us",
    "keys_missing": "the keys of the other views are missing from an audit office's view",
    "keys_misplaced": "the keys of the other views are in a view that must not hold them",
    "other_view_closed": "another reader's view does not open with the key we were given for it",
    "other_view_differs": "another reader's view says something else than the entry does, or too much or too little",
    "chain_repeated": "a chain of view keys is one that was given before",
    "entry_missing": "an act of this body has its ticket, but no entry among this body's views",
    "no_key": "a chain is sealed to an epoch of this body whose key is not at hand: its entries stay closed to us",
}

# Findings that accuse nobody.
REMARKS: Final = frozenset({"no_key"})


@dataclass(frozen=True)
class Record:
    """One act as one body reads it.

    `slots`: where this body's views of it stand. `full`: whether the whole entry is ours. `signatures`: the client's.
    `keys`: the other three views' keys, for an audit office. `time`: seconds since 1970, a whole minute.
    """

    index: int
    time: int
    entry: Entry | PartialEntry
    vw: bytes
    slots: tuple[int, ...]
    signatures: tuple[bytes, ...] = ()
    keys: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def full(self) -> bool:
        """Whether every value of the entry is known."""
        return isinstance(self.entry, Entry)

    @property
    def act(self) -> Act:
        """The act."""
        return self.entry.act

    @property
    def fields(self) -> dict[str, Value]:
        """The values known to this body, by field name; `act` first."""
        return self.entry.fields

    @property
    def moment(self) -> datetime:
        """The minute of the act, UTC."""
        return datetime.fromtimestamp(self.time, UTC)


@dataclass(frozen=True)
class Finding:
    """Something to look into: the leaf's index, the view's slot where one is meant, a code of FINDINGS, a detail."""

    index: int
    code: str
    slot: int | None = None
    detail: str = ""

    @property
    def sentence(self) -> str:
        """The finding in one English line, for exports and tests; people read the catalogue's sentence."""
        where = f"leaf {self.index}" + (f", view {self.slot + 1}" if self.slot is not None else "")
        return f"{where}: {FINDINGS[self.code]}" + (f" ({self.detail})" if self.detail else "")
