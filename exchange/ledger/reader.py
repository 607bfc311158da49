"""PRIVATE HALF, imported by the client alone: read an audit log with the keys of one body, and notice what is wrong.

A reader takes the bundles from leaf 0 on. It opens the chains sealed to its body, knows by that which tags to expect,
opens the views that bear them, rebuilds every entry and compares it with its leaf. That the leaves are those of the
verified tree is for the caller to check (`exchange.transparency`).
"""

import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from exchange.ledger.bundle import Bundle, Row
from exchange.ledger.chain import DAY, TAG_BYTES, ChainRecord, chain_info, key_of, next_of, tag_of
from exchange.ledger.cross_check import check_others, check_place
from exchange.ledger.errors import BadViewError, BundleOrderError, ClosedViewError, UnknownActError
from exchange.ledger.keyed import Keyed
from exchange.ledger.leaf import ChainLeaf, EntryLeaf
from exchange.ledger.record import Finding, Record
from exchange.ledger.view import open_view, views_hash
from exchange.ledger.view_body import ViewBody, parse_view_body
from keys.errors import CannotOpenError
from keys.seat_open import SealKey

# How many missing views in a row a chain can have and still be recognised when it goes on. A chain serves one day; two
# days on it is kept in mind with fewer, since ten years of them must fit a small machine.
LOOKAHEAD: Final = 256
LOOKAHEAD_OLD: Final = 16


@dataclass(eq=False)
class _Chain:
    """One chain of ours: the next secrets, and how many views of it came so far."""

    leaf_index: int
    day: int
    seen: int = 0
    window: int = LOOKAHEAD
    ahead: deque[tuple[bytes, bytes]] = field(default_factory=deque)


@dataclass(frozen=True)
class Reading:
    """What a bundle held for this body."""

    records: tuple[Record, ...]
    findings: tuple[Finding, ...]


class LogReader:
    """Reads one audit log for one body, bundle after bundle."""

    def __init__(self, body: str, keys: Mapping[int, SealKey]) -> None:
        """Take the body's id and its sealing keys by epoch, as far as this reader has them."""
        self._body = body
        self._keys = dict(keys)
        self._expected: dict[bytes, _Chain] = {}
        self._recent: list[_Chain] = []
        self._started: set[bytes] = set()
        self._listed = False
        self._any_chain = False
        self._next = 0
        self._findings: list[Finding] = []

    def read(self, bundle: Bundle) -> Reading:
        """Read the next bundle.

        Raises BundleOrderError unless it begins where the last one ended; so nothing can be skipped.
        """
        if bundle.first != self._next:
            raise BundleOrderError(f"bundle from leaf {bundle.first} where leaf {self._next} is due")
        self._next += len(bundle.rows)
        self._findings = []
        records: list[Record] = []
        for row in bundle.rows:
            if isinstance(row.leaf, ChainLeaf) and row.chain is not None:
                self._start(row.index, row.leaf, row.chain)
            elif isinstance(row.leaf, EntryLeaf):
                record = self._entry(row, row.leaf)
                records += [] if record is None else [record]
        return Reading(tuple(records), tuple(self._findings))

    def _find(self, index: int, code: str, slot: int | None = None, detail: str = "") -> None:
        self._findings.append(Finding(index, code, slot, detail))

    def _start(self, index: int, leaf: ChainLeaf, chain: ChainRecord) -> None:
        """Open this body's chain in a leaf 0x02.

        1. The seals are those the leaf commits to. 2. The chain is of the leaf's day. 3. This body is among the readers,
        at least since it first was. 4. The key of that epoch is at hand. 5. The seal opens and holds 32 bytes. 6. These
        are not the secrets of a chain that was opened before.
        """
        self._any_chain = True
        if not hmac.compare_digest(chain.seals_hash, leaf.seals):
            self._find(index, "seals_altered")
        if chain.day != leaf.time // DAY:
            self._find(index, "chain_day")
        seal = next((seal for seal in chain.seals if seal.body == self._body), None)
        if seal is None:
            if self._listed:
                self._find(index, "seal_missing")
            return
        self._listed = True
        key = self._keys.get(seal.epoch)
        if key is None:
            self._find(index, "no_key", detail=f"epoch {seal.epoch}")
            return
        try:
            secret = key.open(seal.sealed, chain_info(seal.body, seal.epoch, chain.process, chain.day))
        except CannotOpenError:
            self._find(index, "seal_closed", detail=f"epoch {seal.epoch}")
            return
        first = tag_of(secret)
        if first in self._started:
            self._find(index, "chain_repeated")
            return
        self._started.add(first)
        self._retire(chain.day)
        started = _Chain(index, chain.day)
        self._recent.append(started)
        self._look_ahead(started, secret)

    def _retire(self, day: int) -> None:
        """Keep only a short window for chains of two days and more before `day`."""
        for old in [chain for chain in self._recent if chain.day + 1 < day]:
            self._recent.remove(old)
            old.window = LOOKAHEAD_OLD
            while len(old.ahead) > old.window:
                tag, _secret = old.ahead.pop()
                del self._expected[tag]

    def _look_ahead(self, chain: _Chain, secret: bytes) -> None:
        """Expect the tags from c_i = `secret` on, as far as the window goes."""
        while len(chain.ahead) < chain.window:
            keyed = Keyed(secret)
            tag = tag_of(keyed)
            chain.ahead.append((tag, secret))
            self._expected[tag] = chain
            secret = next_of(keyed)

    def _entry(self, row: Row, leaf: EntryLeaf) -> Record | None:
        """Open this body's views of one entry: one record, from the fullest of them."""
        if not self._any_chain:
            self._find(row.index, "entry_before_chain")
        if not hmac.compare_digest(views_hash(row.views), leaf.vw):
            self._find(row.index, "views_altered")
        opened: list[tuple[int, bytes, ViewBody]] = []
        for slot, view in enumerate(row.views):
            chain = self._expected.get(view[:TAG_BYTES])
            if chain is None:
                continue
            secret = self._advance(chain, view[:TAG_BYTES], row.index)
            key = key_of(secret, leaf.com)
            body = self._open(row.index, slot, view, key, leaf.com)
            if body is not None:
                opened.append((slot, key, body))
        if not opened:
            return None
        for slot, key, body in opened:
            self._findings += check_place(row.index, slot, self._body, body)
            self._findings += check_others(row.index, slot, row.views, leaf.com, key, body)
        # The whole entry before a part of it, and the view with the other keys before one without.
        best = max((body for _slot, _key, body in opened), key=lambda body: (body.full, len(body.keys)))
        slots = tuple(slot for slot, _key, _body in opened)
        return Record(row.index, leaf.time, best.entry, leaf.vw, slots, best.signatures, best.keys)

    def _advance(self, chain: _Chain, tag: bytes, index: int) -> bytes:
        """Return the secret of a tag that was found; report the views that should have come before it."""
        missing = 0
        while True:
            found, secret = chain.ahead.popleft()
            del self._expected[found]
            if found == tag:
                break
            missing += 1
        if missing:
            first = chain.seen + 1
            self._find(index, "gap", detail=f"views {first} to {first + missing - 1} of chain {chain.leaf_index}")
        chain.seen += missing + 1
        last = chain.ahead[-1][1] if chain.ahead else secret
        self._look_ahead(chain, next_of(last))
        return secret

    def _open(self, index: int, slot: int, view: bytes, key: bytes, com: bytes) -> ViewBody | None:
        """Open one view of ours: it opens, it is in the format, it is no dummy, it rebuilds its leaf's commitment."""
        try:
            body = parse_view_body(open_view(view, key))
        except ClosedViewError:
            self._find(index, "view_closed", slot)
            return None
        except UnknownActError as error:
            self._find(index, "act_unknown", slot, str(error))
            return None
        except BadViewError as error:
            self._find(index, "view_malformed", slot, str(error))
            return None
        if not isinstance(body, ViewBody):
            self._find(index, "view_malformed", slot, "a dummy under a tag of ours")
            return None
        if not hmac.compare_digest(body.entry.com, com):
            self._find(index, "view_other_entry", slot)
            return None
        return body
