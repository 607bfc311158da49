"""The writer's side of the chains of view keys: one process, one day, all reading bodies.

A turn is what one transaction takes. It draws view secrets from a working copy; only `committed` makes the copy the
state, and only then is the old c_i gone. After `rolled_back` the same secrets are drawn again, which is safe: nobody
saw their views, and a key also depends on `com`. After an outcome nobody knows, nothing is drawn any more: new chains.
"""

import os
import secrets
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from exchange.ledger.chain import (
    DAY,
    PROCESS_BYTES,
    SECRET_BYTES,
    ChainRecord,
    ChainSeal,
    ReadingBody,
    chain_info,
    key_of,
    next_of,
    tag_of,
)
from exchange.ledger.errors import ChainStateError, NoChainError
from exchange.ledger.keyed import Keyed
from exchange.ledger.leaf import minute_of
from keys.recipient import wrap

Due: TypeAlias = Literal["new_process", "new_day", "bodies_changed", "outcome_unknown"]


@dataclass(frozen=True)
class ViewSecret:
    """The secret of one view: its tag, and its key once `com` is known. Its repr shows the tag alone."""

    tag: bytes
    _secret: Keyed = field(repr=False)

    def key(self, com: bytes) -> bytes:
        """Return the AES-256 key of this view in the leaf whose commitment is `com`."""
        return key_of(self._secret, com)


class Chains:
    """The chains of one process for one day: drawn, then standing, then turned until something makes them end.

    Life: `draw`, store `record` and append `leaf` in one transaction, `stand` after its commit, then turns.
    """

    def __init__(self, heads: Mapping[str, bytes], record: ChainRecord, leaf: bytes, epochs: Mapping[str, int]) -> None:
        """Use `draw`."""
        self._heads = dict(heads)
        self._epochs = dict(epochs)
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._standing = False
        self._lost = False
        self._turn: Turn | None = None
        self.record = record
        self.leaf = leaf

    @classmethod
    def draw(cls, bodies: Iterable[ReadingBody], now: datetime) -> "Chains":
        """Draw c_0 for every reading body and seal them all at once; no bodies yet is no error.

        `now` gives the day and the time of the leaf 0x02, so append it without delay.
        Raises BadKeyError for a sealing key that is not acceptable, ChainStateError for a body given twice.
        """
        process, day = secrets.token_bytes(PROCESS_BYTES), _day(now)
        heads: dict[str, bytes] = {}
        seals: list[ChainSeal] = []
        for body in sorted(bodies, key=lambda b: b.body):
            heads[body.body] = secrets.token_bytes(SECRET_BYTES)
            info = chain_info(body.body, body.epoch, process, day)
            seals.append(ChainSeal(body.body, body.epoch, wrap(body.public, heads[body.body], info)))
        record = ChainRecord(process, day, tuple(seals))
        leaf = record.leaf(minute_of(now), secrets.token_bytes(32)).data
        return cls(heads, record, leaf, {seal.body: seal.epoch for seal in seals})

    @property
    def bodies(self) -> frozenset[str]:
        """The bodies that read by these chains."""
        return frozenset(self._epochs)

    def due(self, now: datetime, bodies: Iterable[ReadingBody]) -> Due | None:
        """Say why new chains must be drawn before the next entry, or None while these serve."""
        if self._pid != os.getpid():
            return "new_process"
        if self._lost:
            return "outcome_unknown"
        if self.record.day != _day(now):
            return "new_day"
        if self._epochs != {body.body: body.epoch for body in bodies}:
            return "bodies_changed"
        return None

    def stand(self) -> None:
        """Say that record and leaf 0x02 are committed, durably; before that no secret is given."""
        self._standing = True

    def begin(self) -> "Turn":
        """Open the turn of one transaction. ChainStateError: not standing, lost, in a fork, or a turn is still open."""
        with self._lock:
            if self._pid != os.getpid():
                raise ChainStateError("these chains were drawn before a fork")
            if not self._standing:
                raise ChainStateError("the leaf of these chains does not stand yet")
            if self._lost:
                raise ChainStateError("a commit of unknown outcome ended these chains")
            if self._turn is not None:
                raise ChainStateError("a turn of these chains is still open")
            self._turn = Turn(self, dict(self._heads))
            return self._turn

    def _end(self, turn: "Turn", heads: dict[str, bytes] | None, lost: bool) -> None:
        with self._lock:
            if self._turn is not turn:
                raise ChainStateError("this turn has ended")
            self._turn = None
            if heads is not None:
                self._heads = heads
            if lost:
                self._lost = True
                self._heads = {}

    def __repr__(self) -> str:
        return f"<Chains of {len(self._epochs)} bodies, day {self.record.day}>"


class Turn:
    """One transaction's use of the chains; ends exactly once, by `committed`, `rolled_back` or `lost`.

    As a context manager it guards the end: left without one, it counts as lost, since nobody said what happened.
    """

    def __init__(self, chains: Chains, heads: dict[str, bytes]) -> None:
        """Use `Chains.begin`."""
        self._chains = chains
        self._heads = heads
        self._open = True

    def next_view_secret(self, body: str) -> ViewSecret:
        """Return the next view secret of a reading body; NoChainError when these chains have none for it."""
        if not self._open:
            raise ChainStateError("this turn has ended")
        secret = self._heads.get(body)
        if secret is None:
            raise NoChainError(f"no chain of view keys for body '{body}'")
        keyed = Keyed(secret)
        self._heads[body] = next_of(keyed)
        return ViewSecret(tag_of(keyed), keyed)

    def committed(self) -> None:
        """The transaction is durable: its secrets are spent and forgotten."""
        self._finish(self._heads, lost=False)

    def rolled_back(self) -> None:
        """The transaction left nothing: its secrets will be drawn again."""
        self._finish(None, lost=False)

    def lost(self) -> None:
        """Nobody knows whether the transaction is durable: these chains end here."""
        self._finish(None, lost=True)

    def _finish(self, heads: dict[str, bytes] | None, *, lost: bool) -> None:
        if not self._open:
            raise ChainStateError("this turn has ended")
        self._open = False
        self._heads = {}
        self._chains._end(self, heads, lost)

    def __enter__(self) -> "Turn":
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._open:
            self.lost()


def _day(now: datetime) -> int:
    """Return the days since 1970 in UTC."""
    return int(now.astimezone(UTC).timestamp()) // DAY
