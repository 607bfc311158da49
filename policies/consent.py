"""Which consent of one State stands for one part, request and instant: permit, deny, or none with the nearest miss.

The pure computation over the register. Source: `docs/spec/consent.md`, "One State".
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from policies.facts import Facts, Instrument, Part
from policies.provisions import (
    TEST_NAMES,
    TESTS,
    VERIFIED,
    Question,
    Says,
    denies,
    end_of_permit,
    is_passed_over,
    miss_of_instrument,
    named_parts,
)
from policies.register import Held, Register
from policies.status import Status
from policies.status import status as _status

PERMIT, DENY, MISS = "permit", "deny", "miss"
# Where an instrument without provisions misses once it is in force and verified: it names no document.
_NO_PROVISION = (VERIFIED + 1, "W_SCOPE_DOCUMENT")


@dataclass(frozen=True)
class Answer:
    """What one State's register says.

    `reason` is None for a permit. `instrument`, `provision` (its index) and `test` tell which one denies or came nearest,
    None where there is none. For a permit: what all that match oblige to, the undertakings they ask for, when the one
    that lasts longest ends (None: no end), and the instruments relied on.
    """

    state: str
    outcome: str
    reason: str | None
    instrument: str | None = None
    provision: int | None = None
    test: str | None = None
    obligations: tuple[str, ...] = ()
    undertakings: tuple[str, ...] = ()
    ends: datetime | None = None
    basis: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Permit:
    """A permit as far as it is the same for every part: what differs is left in `by_part`, before `miss`.

    `by_part`: what tests say of a part, each with where the permit misses if it fails; `miss`: where it misses if those
    pass, None if not. `named`: the parts it names, outside which it misses as out of scope; None where that is not so.
    """

    held: Held
    provision: int | None
    by_part: tuple[tuple[Callable[[Part], bool], tuple[int, str]], ...]
    miss: tuple[int, str] | None
    ends: datetime | None = None
    named: frozenset[str] | None = None

    def misses(self, part: Part) -> tuple[int, str] | None:
        """Where the permit misses for a part, None if it matches."""
        return next((missed for passes, missed in self.by_part if not passes(part)), self.miss)


class _Permits:
    """A State's permits in the order recorded, found by part: of a long register few name any one part."""

    def __init__(self, permits: Sequence[_Permit]) -> None:
        self._permits = permits
        self._for_any: list[int] = []
        self._naming: dict[str, list[int]] = {}
        strangers: list[int] = []
        for order, permit in enumerate(permits):
            if permit.named is None:
                self._for_any.append(order)
                continue
            strangers.append(order)
            for name in permit.named:
                self._naming.setdefault(name, []).append(order)
        # Of those that do not name a part each misses at the same test, so the first stands for all.
        self._for_any += strangers[:1]

    def meeting(self, part: Part) -> list[_Permit]:
        """Return, in order, those that may match a part and those whose miss may be the nearest."""
        return [self._permits[order] for order in sorted({*self._for_any, *self._naming.get(part.id, ())})]


@dataclass(frozen=True)
class _Deny:
    """A denial that matches the request: for every part, or those of which `says` tells."""

    held: Held
    provision: int | None
    says: Says

    def matches(self, part: Part) -> bool:
        """Whether it matches for a part."""
        return self.says(part) if callable(self.says) else self.says


@dataclass
class Consents:
    """What the States answer to one request: each State's register is read once, whatever the number of parts."""

    facts: Facts
    register: Register
    now: datetime
    _read: dict[str, tuple[_Permits, list[_Deny]]] = field(default_factory=dict)

    def answer(self, state: str, part: Part) -> Answer:
        """What a State answers for a part."""
        if state not in self._read:
            self._read[state] = self._of(state)
        permits, refusals = self._read[state]
        matching: list[_Permit] = []
        nearest: tuple[int, str, _Permit] | None = None
        for permit in permits.meeting(part):
            miss = permit.misses(part)
            if miss is None:
                matching.append(permit)
            elif nearest is None or miss[0] > nearest[0]:
                nearest = (*miss, permit)
        lifted = {name for permit in matching for name in _named_by(permit.held.instrument)}
        for deny in refusals:
            if deny.held.instrument.id not in lifted and deny.matches(part):
                reason = "W_CONFLICT_DENY" if matching else "W_REFUSED"
                return Answer(state, DENY, reason, deny.held.instrument.id, deny.provision)
        if matching:
            return _permit(state, matching)
        if nearest is None:
            return Answer(state, MISS, "W_NO_CONSENT")
        position, reason, permit = nearest
        return Answer(state, MISS, reason, permit.held.instrument.id, permit.provision, TEST_NAMES[position])

    def _of(self, state: str) -> tuple[_Permits, list[_Deny]]:
        question = Question(self.facts, self.now)
        held_by_state = self.register.of(state)
        permits = [permit for held in held_by_state for permit in _permits(held, question)]
        return _Permits(permits), [deny for held in held_by_state for deny in _denials(held, question)]


def status(instrument: Instrument, now: datetime) -> Status:
    """The status of one instrument by its own events, for pages; `reason` is None where it is in force and verified."""
    return _status(instrument, now)


def _named_by(instrument: Instrument) -> tuple[str, ...]:
    return (*instrument.amends, *instrument.supersedes)


def _permits(held: Held, question: Question) -> Iterator[_Permit]:
    instrument = held.instrument
    if not held.exists:
        return
    general = miss_of_instrument(held)
    if not instrument.provisions:
        yield _Permit(held, None, (), general or _NO_PROVISION)
    for index, provision in enumerate(instrument.provisions):
        if provision.effect != "permit" or is_passed_over(provision, question):
            continue
        by_part, miss, named = [], general, None
        for position, test in enumerate(TESTS if general is None else (), start=VERIFIED + 1):
            says = test.says(provision, instrument, question)
            if callable(says):
                by_part.append((says, (position, test.reason)))
                named = named_parts(provision, question)
            elif not says:
                miss = (position, test.reason)
                break
        ends = [end for end in (end_of_permit(provision, instrument), held.closes) if end is not None]
        yield _Permit(held, index, tuple(by_part), miss, min(ends, default=None), named)


def _denials(held: Held, question: Question) -> Iterator[_Deny]:
    """The provisions that deny, by index; None for a refusal without provisions, which denies everything."""
    instrument = held.instrument
    if held.refuses and not instrument.provisions:
        yield _Deny(held, None, True)
    for index, provision in enumerate(instrument.provisions):
        if held.refuses:
            yield _Deny(held, index, denies(provision, instrument, question, refused=True))
        if held.denies and provision.effect == "deny":
            yield _Deny(held, index, denies(provision, instrument, question, refused=False))


def _permit(state: str, permits: list[_Permit]) -> Answer:
    instruments = list({permit.held.instrument.id: permit.held.instrument for permit in permits}.values())
    ends = [permit.ends for permit in permits]
    return Answer(
        state,
        PERMIT,
        None,
        instruments[0].id,
        permits[0].provision,
        obligations=tuple(condition.kind for instrument in instruments for condition in instrument.conditions),
        undertakings=tuple(instrument.undertaking for instrument in instruments if instrument.undertaking is not None),
        ends=None if None in ends else max(end for end in ends if end is not None),
        basis=tuple(instrument.ref or instrument.id for instrument in instruments),
    )
