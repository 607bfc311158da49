"""Which instrument comes nearest where none that speaks of a document says more: one for each State, whatever the document.

An instrument that does not speak of a document can still be what its State's answer names: where nothing permits or denies,
the answer is the miss that went furthest, and of those that went equally far the first recorded (docs/spec/consent.md,
"One State"). Such an instrument misses at its authority, its status or its verification, or else at the document, and each
of these is the same for every document. So the first of those that get furthest in this stands for all the others of its
State: no other can be named, unless it speaks of the document. `tests/properties/test_access_bearing.py` shows that a
decision on what bears and on these is, in every word, the decision on the whole register.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from exchange.access.instruments import counted
from exchange.consents.register import Register, Registered
from exchange.db import UnitOfWork
from keys.encoding import b64u
from policies import register as standing
from policies import status
from policies import vocabulary as words
from policies.facts import Instrument
from policies.provisions import VERIFIED, miss_of_instrument
from policies.register import Held

# Instruments of a State read at once; nearly always one of the first goes as far as any can.
_CHUNK: Final = 24
_FURTHEST: Final = VERIFIED + 1
# States, each with the bodies of a report, that one process remembers.
_KEPT: Final = 2048


@dataclass(frozen=True)
class _Known:
    """What was found at one version of a State's head, and the time in which it stays so: no event begins to act in it."""

    version: int
    since: datetime
    until: datetime | None
    instruments: frozenset[str]

    def holds(self, version: int, now: datetime) -> bool:
        """Whether it holds for that version at that instant."""
        return self.version == version and self.since <= now and (self.until is None or now < self.until)


@dataclass
class _Search:
    """The first that got furthest so far, in the order in which decisions hear of instruments: how far, and its id.

    Once for questions of the ladder, which pass over permits that name no action of it, and once for all others.
    """

    heard: dict[bool, tuple[int, str]] = field(default_factory=dict)
    own: dict[bool, tuple[int, str]] = field(default_factory=dict)
    instants: list[datetime] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether nothing recorded later can be named."""
        return all(ladder in self.heard and self.heard[ladder][0] == _FURTHEST for ladder in (True, False))

    @property
    def instruments(self) -> frozenset[str]:
        """The ids found."""
        found = set()
        for ladder in (True, False):
            # What a State itself refused is heard once more after everything else, so among equals it comes last.
            best = [each[ladder] for each in (self.heard, self.own) if ladder in each]
            if best:
                found.add(max(best, key=lambda each: each[0])[1])
        return frozenset(found)

    def take(
        self, state: str, found: Sequence[Registered], chunk: Collection[str], bodies: Collection[str], now: datetime
    ) -> None:
        """Look at the instruments of a chunk, read with whatever replaces them."""
        self.instants += (at for each in found for at in _instants(each.instrument) if at > now)
        source = {name: each.row.id for each in found for name in (each.row.id, b64u(each.row.record))}
        # Which day a document was adopted matters to successions of States alone, and there are none.
        register = standing.Register(counted(found, bodies, now), (), now.date(), now)
        for held in register.of(state):
            if source[held.instrument.id] not in chunk or not held.exists:
                continue
            best = self.heard if held.instrument.id in chunk else self.own
            for ladder in (True, False):
                reached = _reached(held)
                if _permits(held.instrument, ladder=ladder) and (ladder not in best or best[ladder][0] < reached):
                    best[ladder] = (reached, source[held.instrument.id])


def _instants(instrument: Instrument) -> Iterator[datetime]:
    return (status.acts_at(instrument, event) for event in instrument.events)


def _reached(held: Held) -> int:
    miss = miss_of_instrument(held)
    return _FURTHEST if miss is None else miss[0]


def _permits(instrument: Instrument, *, ladder: bool) -> bool:
    """Whether an instrument has something that can miss: a permit, or no provision at all."""
    permits = [each for each in instrument.provisions if each.effect == "permit"]
    if ladder:
        permits = [each for each in permits if not words.NAMED_ON_LADDER.isdisjoint(each.actions)]
    return bool(permits) or not instrument.provisions


class Nearest:
    """Finds them, and remembers what is found as long as the State's register does not change and no event begins to act.

    Safe to share between threads: what is remembered is only ever replaced.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._known: dict[tuple[str, frozenset[str]], _Known] = {}

    def of(
        self, uow: UnitOfWork, asked: Iterable[tuple[str, frozenset[str]]], at: datetime | None = None
    ) -> dict[tuple[str, frozenset[str]], frozenset[str]]:
        """Return for each State, with the bodies that made a report, the ids of the instruments that stand for the others.

        `at`: the instant that is decided for, None for now, with the register as known then; for another one nothing is
        remembered. In a writing unit nothing is remembered either, for it may be rolled back.
        """
        pairs = set(asked)
        versions = self._register.versions(uow, {state for state, _bodies in pairs})
        found = {}
        for pair in pairs:
            known = self._known.get(pair)
            if at is None and known is not None and known.holds(versions[pair[0]], uow.now):
                found[pair] = known.instruments
        for bodies, states in _by_bodies(pairs - found.keys()):
            for state, search in self._search(uow, states, bodies, at or uow.now, at).items():
                found[state, bodies] = search.instruments
                if at is None and not uow.write:
                    until = min(search.instants, default=None)
                    self._keep((state, bodies), _Known(versions[state], uow.now, until, search.instruments))
        return found

    def _search(
        self, uow: UnitOfWork, states: Collection[str], bodies: frozenset[str], now: datetime, known: datetime | None
    ) -> dict[str, _Search]:
        found = {state: _Search() for state in states}
        after = dict.fromkeys(states, 0)
        while after:
            listed = self._register.first_heard(uow, after, bodies, _CHUNK, known)
            ids = {state: [name for _version, name in each] for state, each in listed.items()}
            read = self._register.bearing(uow, (), (), [name for each in ids.values() for name in each], known)
            for state, chunk in ids.items():
                own = [each for each in read if each.row.state == state]
                found[state].take(state, own, frozenset(chunk), bodies, now)
            after = {
                state: each[-1][0] for state, each in listed.items() if len(each) == _CHUNK and not found[state].over
            }
        return found

    def _keep(self, pair: tuple[str, frozenset[str]], known: _Known) -> None:
        if len(self._known) >= _KEPT:
            self._known = {}
        self._known[pair] = known


def _by_bodies(pairs: Iterable[tuple[str, frozenset[str]]]) -> Iterator[tuple[frozenset[str], set[str]]]:
    found: dict[frozenset[str], set[str]] = {}
    for state, bodies in pairs:
        found.setdefault(bodies, set()).add(state)
    yield from found.items()
