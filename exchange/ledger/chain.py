"""Chains of view keys: the derivations both sides share, and what is sealed to the reading bodies.

Per reading body 32 random bytes c_0, HPKE-sealed for all bodies at once; the seals are durable and their leaf 0x02
stands before a first secret is used. Tag = Expand(c_i, "tag", 16), key = Expand(c_i, "view" || com, 32),
c_{i+1} = Expand(c_i, "next", 32), Expand being HKDF-Expand with SHA-256 (docs/spec/audit-entry.md).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from exchange.ledger.errors import ChainStateError
from exchange.ledger.keyed import Keyed, keyed
from exchange.ledger.leaf import ChainLeaf
from keys.encoding import lp, u32
from keys.errors import MalformedError
from keys.fields import organisation
from keys.suite import HPKE_OVERHEAD

SECRET_BYTES: Final = 32
TAG_BYTES: Final = 16
PROCESS_BYTES: Final = 16
SEAL_BYTES: Final = HPKE_OVERHEAD + SECRET_BYTES
DAY: Final = 86_400

_CHAIN_LABEL: Final = b"exchange/audit/chain/v1\0"


def expand(secret: bytes | Keyed, info: bytes, size: int) -> bytes:
    """Return HKDF-Expand with SHA-256 (RFC 5869) for at most 32 bytes: the first block, HMAC(secret, info || 0x01)."""
    return keyed(secret).digest(info + b"\x01")[:size]


def tag_of(secret: bytes | Keyed) -> bytes:
    """Return the tag, 16 bytes, of the view that c_i opens."""
    return expand(secret, b"tag", TAG_BYTES)


def key_of(secret: bytes | Keyed, com: bytes) -> bytes:
    """Return the AES-256 key of the view that c_i opens, in the leaf whose commitment is `com`."""
    return expand(secret, b"view" + com, 32)


def next_of(secret: bytes | Keyed) -> bytes:
    """Return c_{i+1}."""
    return expand(secret, b"next", SECRET_BYTES)


def chain_info(body: str, epoch: int, process: bytes, day: int) -> bytes:
    """Return the HPKE info of a seal: label || lp(body) || u32 epoch || process (16) || u32 days since 1970."""
    return _CHAIN_LABEL + lp(body.encode("ascii")) + u32(epoch) + process + u32(day)


@dataclass(frozen=True)
class ReadingBody:
    """A body that reads: its id, its current epoch (from 1) and that epoch's 1,216-byte sealing key."""

    body: str
    epoch: int
    public: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is not a body's id, and an epoch below 1 (ChainStateError)."""
        _check_body(self.body, self.epoch)


@dataclass(frozen=True)
class ChainSeal:
    """A body's c_0, sealed to its epoch: 1,168 bytes."""

    body: str
    epoch: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True)
class ChainRecord:
    """What is stored and served beside a leaf 0x02: whose chains it opened, when, and all seals, sorted by body."""

    process: bytes
    day: int
    seals: tuple[ChainSeal, ...]

    def __post_init__(self) -> None:
        """Refuse a process id, day, body, epoch or seal of another form, and bodies out of order (ChainStateError)."""
        if len(self.process) != PROCESS_BYTES or not 0 <= self.day < 2**32:
            raise ChainStateError("a chain has a process id of 16 bytes and a day")
        for seal in self.seals:
            _check_body(seal.body, seal.epoch)
            if len(seal.sealed) != SEAL_BYTES:
                raise ChainStateError(f"a chain's seal has {SEAL_BYTES} bytes")
        bodies = [seal.body for seal in self.seals]
        if bodies != sorted(set(bodies)):
            raise ChainStateError("a chain's seals are not sorted by body, each once")

    @property
    def seals_hash(self) -> bytes:
        """SHA-256 over, by body, lp(body) || u32 epoch || seal: what the leaf 0x02 commits to."""
        return seals_hash(self.seals)

    def leaf(self, time: int, filling: bytes) -> ChainLeaf:
        """Return the leaf 0x02 of this chain; `time` in whole minutes, `filling` 32 random bytes."""
        return ChainLeaf(time, self.seals_hash, filling)


def seals_hash(seals: Iterable[ChainSeal]) -> bytes:
    """Return SHA-256 over lp(body) || u32 epoch || seal of each."""
    digest = hashlib.sha256()
    for seal in seals:
        digest.update(lp(seal.body.encode("ascii")) + u32(seal.epoch) + seal.sealed)
    return digest.digest()


def _check_body(body: str, epoch: int) -> None:
    try:
        organisation(body)
    except MalformedError as error:
        raise ChainStateError("a chain is sealed to what is not a body") from error
    if not 1 <= epoch < 2**32:
        raise ChainStateError("a chain is sealed to an epoch that does not exist")
