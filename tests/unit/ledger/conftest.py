"""A small log with four bodies, built with the room's own writer; tests read it back with what readers have."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from exchange.ledger.bundle import Bundle, Stored, build_bundle, parse_bundle
from exchange.ledger.chain import ReadingBody
from exchange.ledger.chain_writer import Chains
from exchange.ledger.entry import Entry
from exchange.ledger.leaf import EntryLeaf, minute_of
from exchange.ledger.reader import LogReader
from exchange.ledger.record import Finding, Record
from exchange.ledger.values import FIELDS, Value
from exchange.ledger.view import Readers, Views, views_for
from exchange.ledger.vocabulary import ACTS
from keys.seat_open import SealKey

BODIES = ("audit-cpt", "audit-spt", "coe-cpt", "un-spt")
START = datetime(2026, 3, 10, 12, 0, 30, tzinfo=UTC)


def seal_key(body: str, epoch: int = 1) -> SealKey:
    """A body's key, the same in every run."""
    return SealKey(hashlib.sha256(f"{body} {epoch}".encode()).digest())


def largest_fields(tag: str) -> dict[str, Value]:
    """A value for every field of an act but `act`, each as long as its kind permits."""
    return {name: FIELDS[name].kind.largest for name in ACTS[tag].fields[1:]}


def fields_of(tag: str, body: str = "un-spt", owner: str = "coe-cpt") -> dict[str, Value]:
    """Plausible values for every field of an act but `act`."""
    values = largest_fields(tag)
    given = {"body": body, "owner": owner, "grantee": body, "action": "view", "purpose": "follow_up", "build": "0.1.0"}
    given |= {"reason": "W_NO_CONSENT", "code": "N_UNAVAILABLE", "kind": "visit_report", "subject": "un-spt"}
    return {name: given.get(name, value) for name, value in values.items()}


READERS = Readers("audit-cpt", "audit-spt", "coe-cpt", "un-spt")


@dataclass
class Log:
    """An audit log in memory, with its writer."""

    epochs: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BODIES, 1))
    now: datetime = START
    stored: list[Stored] = field(default_factory=list)
    entries: dict[int, Entry] = field(default_factory=dict)
    chains: Chains | None = None

    def bodies(self) -> list[ReadingBody]:
        """The reading bodies as a directory would list them."""
        return [ReadingBody(body, epoch, seal_key(body, epoch).public) for body, epoch in self.epochs.items()]

    def new_chains(self) -> Chains:
        """Draw chains and append their leaf."""
        self.chains = Chains.draw(self.bodies(), self.now)
        self.stored.append(Stored(self.chains.leaf, chain=self.chains.record))
        self.chains.stand()
        return self.chains

    def append(
        self,
        tag: str = "access:release:permit",
        fields: Mapping[str, Value] | None = None,
        readers: Readers = READERS,
        signatures: tuple[bytes, ...] = (),
        commit: bool = True,
    ) -> int:
        """Append one entry and return its index; with `commit` False the transaction is rolled back."""
        chains = self.chains or self.new_chains()
        entry = Entry.make(tag, fields_of(tag) if fields is None else fields)
        with chains.begin() as turn:
            views = views_for(entry, readers, turn, signatures)
            if not commit:
                turn.rolled_back()
                return -1
            index = self.append_raw(entry, views)
            turn.committed()
        return index

    def append_raw(self, entry: Entry, views: Views) -> int:
        """Append an entry's leaf with these views, whatever they are."""
        self.stored.append(Stored(EntryLeaf(minute_of(self.now), entry.com, views.vw).data, views.sealed))
        self.entries[len(self.stored) - 1] = entry
        return len(self.stored) - 1

    def bundles(self) -> list[Bundle]:
        """What a server hands out, parsed as a client does."""
        spans = range(0, len(self.stored), 256)
        return [parse_bundle(build_bundle(first, self.stored[first : first + 256])) for first in spans]

    def read(self, body: str, keys: Mapping[int, SealKey] | None = None) -> tuple[list[Record], list[Finding]]:
        """Everything one body reads in this log."""
        known = {epoch: seal_key(body, epoch) for epoch in (1, 2, 3)} if keys is None else keys
        reader = LogReader(body, known)
        readings = [reader.read(bundle) for bundle in self.bundles()]
        return [r for reading in readings for r in reading.records], [f for g in readings for f in g.findings]

    def later(self, **delta: int) -> None:
        """Let time pass."""
        self.now += timedelta(**delta)


@pytest.fixture
def log() -> Log:
    """An empty log with four bodies: two mechanisms and their audit offices."""
    return Log()


@pytest.fixture
def readers() -> Readers:
    """un-spt asks for a report of coe-cpt; each has its audit office."""
    return READERS


@pytest.fixture
def key_of_body() -> object:
    """The function from body and epoch to the body's key."""
    return seal_key


@pytest.fixture
def fields_for() -> object:
    """The function from a tag to plausible fields."""
    return fields_of


@pytest.fixture
def largest() -> object:
    """The function from a tag to the largest fields."""
    return largest_fields
