"""The three leaves of an audit log, always 73 bytes, and the time that stands in them (docs/spec/audit-entry.md)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, TypeAlias

from exchange.ledger.errors import BadLeafError
from keys.encoding import u64

LEAF_BYTES: Final = 73
MINUTE: Final = 60
# The last whole minute whose RFC 3339 spelling has four digits of year: 9999-12-31T23:59:00Z.
_LAST_TIME: Final = 253402300740


def minute_of(moment: datetime) -> int:
    """Return an aware datetime as whole minutes, in seconds since 1970: the only precision a leaf has."""
    if moment.tzinfo is None:
        raise BadLeafError("a time has no zone")
    return int(moment.timestamp()) // MINUTE * MINUTE


@dataclass(frozen=True)
class _Leaf:
    """A leaf's time, seconds since 1970 and a multiple of 60, and its two halves of 32 bytes."""

    kind: ClassVar[int]
    time: int
    first: bytes
    second: bytes

    def __post_init__(self) -> None:
        """Refuse a time that is not a whole minute, and halves that are not 32 bytes (BadLeafError)."""
        if self.time % MINUTE or not 0 <= self.time <= _LAST_TIME:
            raise BadLeafError("a leaf's time is not a whole minute")
        if len(self.first) != 32 or len(self.second) != 32:
            raise BadLeafError("a leaf's halves have 32 bytes each")

    @property
    def data(self) -> bytes:
        """The leaf's 73 bytes."""
        return bytes([self.kind]) + u64(self.time) + self.first + self.second


class EntryLeaf(_Leaf):
    """0x01 || time || com || vw: an entry."""

    kind = 1

    @property
    def com(self) -> bytes:
        """The entry's commitment."""
        return self.first

    @property
    def vw(self) -> bytes:
        """SHA-256 over the SHA-256 of the four views."""
        return self.second


class ChainLeaf(_Leaf):
    """0x02 || time || hash of the chain's seals || 32 random bytes: view keys drawn anew for all bodies."""

    kind = 2

    @property
    def seals(self) -> bytes:
        """The hash of the seals."""
        return self.first


class SuccessorLeaf(_Leaf):
    """0x03 || time || SHA-256 of the old log's last checkpoint || 32 zeros: opens audit/<n+1>."""

    kind = 3

    def __post_init__(self) -> None:
        """Refuse a second half that is not zero, beside what every leaf refuses."""
        super().__post_init__()
        if any(self.second):
            raise BadLeafError("a successor leaf ends in zeros")

    @property
    def checkpoint(self) -> bytes:
        """SHA-256 of the old log's last checkpoint."""
        return self.first


Leaf: TypeAlias = EntryLeaf | ChainLeaf | SuccessorLeaf


def parse_leaf(data: bytes) -> Leaf:
    """Read a leaf; BadLeafError for another length or kind, a broken minute, or a successor without its zeros."""
    if len(data) != LEAF_BYTES:
        raise BadLeafError(f"a leaf has {LEAF_BYTES} bytes")
    time, first, second = int.from_bytes(data[1:9], "big"), data[9:41], data[41:]
    for kind in (EntryLeaf, ChainLeaf, SuccessorLeaf):
        if data[0] == kind.kind:
            return kind(time, first, second)
    raise BadLeafError("a leaf of a kind that this build does not know")
