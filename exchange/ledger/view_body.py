"""The inside of a view, 992 bytes: form 1 (full), form 2 (partial), or nothing but zeros, a dummy.

u8 form || form 1: seed (32) || lp(JSON of sixteen values) || form 2: u16 mask, then per position a salt (16) where its
bit is set, else a bare hash (32) || u8 k, k view keys (32) || u8 s, s signatures (64) || zeros. The mask's highest bit
is position 1. One spelling: what parses prints back the same (docs/spec/audit-entry.md).
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from exchange.ledger.commit import HASH_BYTES, POSITIONS, SALT_BYTES, SEED_BYTES
from exchange.ledger.entry import Entry, PartialEntry
from exchange.ledger.errors import BadEntryError, BadViewError, EntryTooLargeError
from exchange.ledger.values import Value
from keys.encoding import lp

BODY_BYTES: Final = 992
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
# The other three views of a leaf, or none.
KEYS: Final = (0, 3)
# A statement's text, stored beside, carries every signature; a view keeps the first four of them in its order.
MAX_SIGNATURES: Final = 4

_FULL: Final = 1
_PARTIAL: Final = 2


@dataclass(frozen=True)
class ViewBody:
    """What a view says: an entry or a part of one, the other views' keys (three or none), the client's signatures."""

    entry: Entry | PartialEntry
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    signatures: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse another number or length of keys and signatures (BadViewError)."""
        if len(self.keys) not in KEYS or any(len(key) != KEY_BYTES for key in self.keys):
            raise BadViewError("a view holds three keys of 32 bytes or none")
        if len(self.signatures) > MAX_SIGNATURES or any(len(s) != SIGNATURE_BYTES for s in self.signatures):
            raise BadViewError(f"a view holds at most {MAX_SIGNATURES} signatures of 64 bytes")

    @property
    def full(self) -> bool:
        """Whether the view holds the whole entry."""
        return isinstance(self.entry, Entry)

    def encode(self) -> bytes:
        """Return the 992 bytes; EntryTooLargeError when they do not suffice."""
        values = lp(self.entry.json)
        if isinstance(self.entry, Entry):
            data = bytes([_FULL]) + self.entry.seed + values
        else:
            mask = _mask(self.entry.values)
            data = bytes([_PARTIAL]) + values + mask.to_bytes(2, "big") + b"".join(self.entry.openings)
        data += bytes([len(self.keys)]) + b"".join(self.keys)
        data += bytes([len(self.signatures)]) + b"".join(self.signatures)
        if len(data) > BODY_BYTES:
            raise EntryTooLargeError(f"a view's inside is {len(data) - BODY_BYTES} bytes over {BODY_BYTES}")
        return data.ljust(BODY_BYTES, b"\0")


class Dummy:
    """The inside of a view that fills a slot nobody reads: zeros."""

    def encode(self) -> bytes:
        """Return the 992 zeros."""
        return bytes(BODY_BYTES)

    def __eq__(self, other: object) -> bool:
        """One dummy is like another."""
        return isinstance(other, Dummy)

    def __hash__(self) -> int:
        """One dummy is like another."""
        return hash(Dummy)


AnyBody: TypeAlias = ViewBody | Dummy


def parse_view_body(data: bytes) -> AnyBody:
    """Read the inside of a view.

    Raises UnknownActError for an act or field this build does not know, BadViewError for anything else that is not the
    one spelling of a view's inside. Whether it rebuilds its leaf's `com` is for the caller to compare.
    """
    if len(data) != BODY_BYTES:
        raise BadViewError(f"a view's inside has {BODY_BYTES} bytes")
    if not any(data):
        return Dummy()
    reader = _Reader(data)
    form = reader.number(1)
    if form == _FULL:
        seed = reader.take(SEED_BYTES)
        text = reader.take(reader.number(2))
        entry = _made(Entry, seed, _parse_values(text))
    elif form == _PARTIAL:
        text = reader.take(reader.number(2))
        values = _parse_values(text)
        if reader.number(2) != _mask(values):
            raise BadViewError("a view's mask is not that of its values")
        openings = tuple(reader.take(HASH_BYTES if value is None else SALT_BYTES) for value in values)
        entry = _made(PartialEntry, values, openings)
    else:
        raise BadViewError("a view of a form that this build does not know")
    if entry.json != text:
        raise BadViewError("a view's values are not in their one spelling")
    keys = tuple(reader.take(KEY_BYTES) for _ in range(reader.number(1)))
    signatures = tuple(reader.take(SIGNATURE_BYTES) for _ in range(reader.number(1)))
    reader.zeros()
    return ViewBody(entry, keys, signatures)


def _made(kind: Any, *arguments: Any) -> Any:
    try:
        return kind(*arguments)
    except BadEntryError as error:
        raise BadViewError(f"a view's entry is not one: {error}") from None


def _parse_values(data: bytes) -> tuple[Value, ...]:
    """Read a JSON list of sixteen scalars; what each may hold, and whether it was spelt right, is checked after."""
    try:
        values = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadViewError("a view's values are not JSON") from error
    if not isinstance(values, list) or len(values) != POSITIONS:
        raise BadViewError(f"a view's values are not a list of {POSITIONS}")
    if any(isinstance(value, list | dict | float) for value in values):
        raise BadViewError("a view's values are not all plain")
    return tuple(values)


def _mask(values: tuple[Value, ...]) -> int:
    """Return the u16 whose highest bit is position 1: set where a value, and so its salt, is given."""
    return sum(1 << (POSITIONS - 1 - i) for i, value in enumerate(values) if value is not None)


class _Reader:
    """Takes bytes from the front; never past the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        if self._at + size > len(self._data):
            raise BadViewError("a view's inside ends too early")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, size: int) -> int:
        """Return the next `size` bytes as a big-endian number."""
        return int.from_bytes(self.take(size), "big")

    def zeros(self) -> None:
        """Check that nothing but zeros is left."""
        if any(self._data[self._at :]):
            raise BadViewError("a view's filling is not zeros")
