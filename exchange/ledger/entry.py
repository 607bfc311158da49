"""An entry of the audit log: sixteen salted field hashes under one commitment (docs/spec/audit-entry.md).

From one random seed of 32 bytes come all salts and decoys, so whoever holds seed and values rebuilds `com`. Whoever
holds only some salts, values and bare hashes rebuilds it too and learns nothing of the rest: a bare hash covers a salt
of 128 bits. A value of null is no value: its position holds a decoy.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from exchange.ledger.commit import (
    HASH_BYTES,
    POSITIONS,
    SALT_BYTES,
    SEED_BYTES,
    commitment,
    decoy_of,
    salt_of,
    spelled_field_hash,
)
from exchange.ledger.errors import BadEntryError, UnknownActError
from exchange.ledger.keyed import Keyed
from exchange.ledger.ticket import Ticket
from exchange.ledger.values import Value, check_value, spell
from exchange.ledger.vocabulary import Act, act_of
from keys.encoding import b64u, canonical, unb64u
from keys.errors import MalformedError


def basis_of(relied_on: Iterable[bytes]) -> str:
    """Return the field `basis`: base64url of SHA-256 of the JSON list of these 32-byte hashes.

    The list holds each hash once, as base64url, sorted by code point.
    """
    listed = canonical(sorted({b64u(value) for value in relied_on}), limit=None)
    return b64u(hashlib.sha256(listed).digest())


def check_values(values: Sequence[Any]) -> Act:
    """Return the act of sixteen values, hidden or absent ones null, when each is one its field takes.

    Raises UnknownActError for an act or a field this build does not know, BadEntryError for any other fault.
    """
    if len(values) != POSITIONS:
        raise BadEntryError(f"an entry has {POSITIONS} values")
    act = act_of(values[0])
    for position, value in enumerate(values):
        if value is None:
            continue
        if position >= len(act.fields):
            raise UnknownActError(f"act '{act.tag}' has a field that this build does not know")
        _check(act.fields[position], value)
    return act


def _check(name: str, value: object) -> None:
    try:
        check_value(name, value)
    except MalformedError as error:
        raise BadEntryError(f"field '{name}' is {error}") from None


@dataclass(frozen=True)
class Entry:
    """A whole entry: the seed and sixteen values, null where a position has none. Its repr shows neither."""

    seed: bytes = field(repr=False)
    values: tuple[Value, ...] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a seed that is not 32 bytes or values that `check_values` refuses."""
        if len(self.seed) != SEED_BYTES:
            raise BadEntryError(f"an entry's seed has {SEED_BYTES} bytes")
        check_values(self.values)

    @classmethod
    def make(cls, tag: str, fields: Mapping[str, Value], seed: bytes | None = None) -> "Entry":
        """Make the entry of an act from its fields by name, without `act`; a field left out has no value.

        `seed` is drawn anew unless a test gives it: a seed must never serve two entries.
        Raises UnknownActError, and BadEntryError for a field the act does not have, one it needs, or a bad value.
        """
        act = act_of(tag)
        known = {"act": tag, **fields}
        strange = sorted(known.keys() - set(act.fields))
        if strange or "act" in fields:
            raise BadEntryError(f"act '{tag}' has no field '{strange[0] if strange else 'act'}' to set")
        missing = sorted(name for name in act.required if known.get(name) is None)
        if missing:
            raise BadEntryError(f"act '{tag}' needs the field '{missing[0]}'")
        values = [known.get(name) for name in act.fields]
        values += [None] * (POSITIONS - len(values))
        return cls(secrets.token_bytes(SEED_BYTES) if seed is None else seed, tuple(values))

    @property
    def act(self) -> Act:
        """The act of this entry."""
        return act_of(self.values[0])

    @property
    def fields(self) -> dict[str, Value]:
        """The fields that have a value, by name, in the act's order; `act` first."""
        return _named(self.act, self.values)

    @cached_property
    def spelled(self) -> tuple[bytes, ...]:
        """The JSON of each value."""
        return tuple(spell(value) for value in self.values)

    @cached_property
    def json(self) -> bytes:
        """The JSON list of sixteen values in its one spelling."""
        return b"[" + b",".join(self.spelled) + b"]"

    @cached_property
    def hashes(self) -> tuple[bytes, ...]:
        """h_1 to h_16."""
        names, seed = self.act.fields, Keyed(self.seed)
        return tuple(
            decoy_of(seed, i + 1)
            if value is None
            else spelled_field_hash(salt_of(seed, names[i]), names[i], self.spelled[i])
            for i, value in enumerate(self.values)
        )

    @cached_property
    def com(self) -> bytes:
        """The commitment, 32 bytes."""
        return commitment(self.hashes)

    def partial(self, visible: Iterable[str]) -> "PartialEntry":
        """Return what shows only the named fields that have a value, and of all others the bare hash."""
        names = self.act.fields
        shown = {names.index(name) for name in visible if name in names}
        shown = {i for i in shown | {0} if self.values[i] is not None}
        values = tuple(value if i in shown else None for i, value in enumerate(self.values))
        seed = Keyed(self.seed)
        openings = tuple(salt_of(seed, names[i]) if i in shown else self.hashes[i] for i in range(POSITIONS))
        return PartialEntry(values, openings)

    def ticket(self, n: int, index: int, time: int, vw: bytes) -> Ticket:
        """Return the ticket of this entry's statement: audit/n, leaf `index`, its time and `vw`.

        Raises BadEntryError when the entry names no statement.
        """
        names = self.act.fields
        position = names.index("statement") if "statement" in names else None
        if position is None or self.values[position] is None:
            raise BadEntryError(f"act '{self.act.tag}' names no statement here")
        others = self.hashes[:position] + self.hashes[position + 1 :]
        return Ticket(n, index, time, vw, position + 1, salt_of(self.seed, "statement"), others)

    def to_json(self) -> dict[str, Any]:
        """Return {"seed", "values"}, as a release answer and a package carry it."""
        return {"seed": b64u(self.seed), "values": list(self.values)}

    @classmethod
    def from_json(cls, value: object) -> "Entry":
        """Read what `to_json` makes; BadEntryError or UnknownActError otherwise."""
        if not isinstance(value, dict) or set(value) != {"seed", "values"} or not isinstance(value["values"], list):
            raise BadEntryError("an entry is seed and values")
        try:
            seed = unb64u(value["seed"], SEED_BYTES)
        except MalformedError as error:
            raise BadEntryError("an entry's seed is misspelt") from error
        return cls(seed, tuple(value["values"]))


@dataclass(frozen=True)
class PartialEntry:
    """Part of an entry: at each position a value and its salt (16 bytes), or null and the bare hash (32 bytes)."""

    values: tuple[Value, ...] = field(repr=False)
    openings: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse values that `check_values` refuses and openings whose length does not fit their value."""
        check_values(self.values)
        lengths = [HASH_BYTES if value is None else SALT_BYTES for value in self.values]
        if [len(opening) for opening in self.openings] != lengths:
            raise BadEntryError("a salt stands beside each value and a hash where there is none")

    @property
    def act(self) -> Act:
        """The act of this entry, which every partial entry shows."""
        return act_of(self.values[0])

    @property
    def fields(self) -> dict[str, Value]:
        """The fields that are shown, by name, in the act's order; `act` first."""
        return _named(self.act, self.values)

    @cached_property
    def spelled(self) -> tuple[bytes, ...]:
        """The JSON of each value."""
        return tuple(spell(value) for value in self.values)

    @cached_property
    def json(self) -> bytes:
        """The JSON list of sixteen values in its one spelling."""
        return b"[" + b",".join(self.spelled) + b"]"

    @cached_property
    def hashes(self) -> tuple[bytes, ...]:
        """h_1 to h_16."""
        names = self.act.fields
        return tuple(
            opening if value is None else spelled_field_hash(opening, names[i], self.spelled[i])
            for i, (value, opening) in enumerate(zip(self.values, self.openings, strict=True))
        )

    @cached_property
    def com(self) -> bytes:
        """The commitment, 32 bytes."""
        return commitment(self.hashes)


def _named(act: Act, values: Sequence[Value]) -> dict[str, Value]:
    return {name: value for name, value in zip(act.fields, values, strict=False) if value is not None}
