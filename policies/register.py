"""The register of instruments as it stands for each State at one instant.

Joins what an instrument's own events say (`status`) with what other instruments and successions of States do to it.
One register serves every part of a decision. Source: `docs/spec/consent.md`, "One State" and "Succession".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from policies import status as statuses
from policies.facts import Instrument, Succession
from policies.times import first_instant

STANDS, SUSPENDED, ABSENT = "stands", "suspended", "absent"


@dataclass(frozen=True)
class Held:
    """One instrument as one State's: what it can open, what it withholds, and when what it opens is known to end.

    `exists`: false where for permits and misses it is as if there were no instrument. `reason`: why it opens nothing,
    None where it is in force. `denies`, `refuses`: whether its denials, or all of it as a refusal, count.
    """

    instrument: Instrument
    exists: bool
    reason: str | None
    verified: bool
    denies: bool
    refuses: bool
    closes: datetime | None


class Register:
    """Instruments and successions, read at one instant for a document adopted on one day."""

    def __init__(
        self, instruments: Sequence[Instrument], successions: Sequence[Succession], adopted_on: date, now: datetime
    ) -> None:
        self._by_state: dict[str, list[tuple[int, Instrument]]] = {}
        for order, instrument in enumerate(instruments):
            self._by_state.setdefault(instrument.state, []).append((order, instrument))
        self._successions = tuple(entry for entry in successions if entry.on <= now)
        self._adopted = first_instant(adopted_on)
        self._now = now
        self._held: dict[str, tuple[Held, ...]] = {}

    def of(self, state: str) -> tuple[Held, ...]:
        """The instruments that count for a State, its own and those it took over, in the order recorded."""
        if state not in self._held:
            self._held[state] = self._view(state)
        return self._held[state]

    def answering(self, state: str) -> tuple[str, ...]:
        """The States whose answers a part tagged with `state` needs: itself, or every successor that has none.

        A State that is entered as its own successor lives on beside the others, and is asked with them.
        """
        answering: dict[str, None] = {}
        self._follow(state, answering, {state})
        # States that are said to succeed each other in a circle leave nobody: then the State itself is asked.
        return tuple(answering) or (state,)

    def _follow(self, state: str, answering: dict[str, None], seen: set[str]) -> None:
        successors = [entry.successor for entry in self._successions if entry.predecessor == state]
        for successor in successors or [state]:
            if successor == state:
                answering[state] = None
            elif successor not in seen:
                seen.add(successor)
                self._follow(successor, answering, seen)

    def _view(self, state: str) -> tuple[Held, ...]:
        whose = {**self._inherited(state), state: STANDS}
        found = [
            (order, instrument, how)
            for name, how in whose.items()
            if how != ABSENT
            for order, instrument in self._by_state.get(name, ())
        ]
        ordered = sorted(found, key=lambda entry: entry[0])
        mine = [(instrument, how) for _, instrument, how in ordered]
        replaced = _replaced([instrument for instrument, _ in mine], self._now)
        silent = self._silenced(mine, replaced)
        return tuple(
            self._held_as(instrument, how, instrument.id in replaced, instrument.id in silent)
            for instrument, how in mine
        )

    def _inherited(self, state: str) -> dict[str, str]:
        """How the instruments of each predecessor, near or remote, count for `state`; where ways differ, suspended."""
        found: dict[str, str] = {}
        waiting, seen = [(state, STANDS)], {(state, STANDS)}
        while waiting:
            heir, how = waiting.pop()
            for entry in self._successions:
                if entry.successor != heir:
                    continue
                step = (entry.predecessor, self._through(entry, how))
                differs = found.get(entry.predecessor, step[1]) != step[1]
                found[entry.predecessor] = SUSPENDED if differs else step[1]
                if step not in seen:
                    seen.add(step)
                    waiting.append(step)
        return found

    def _through(self, entry: Succession, how: str) -> str:
        if how == ABSENT or (entry.mode == "separates" and self._adopted >= entry.on):
            return ABSENT
        return how if entry.mode == "continues" else SUSPENDED

    def _silenced(self, mine: Sequence[tuple[Instrument, str]], replaced: frozenset[str]) -> frozenset[str]:
        """The ids whose denials are silent: named by an instrument that is verified and in force right now."""
        return frozenset(
            named
            for instrument, how in mine
            for named in instrument.supersedes
            if how == STANDS
            and instrument.authority_competent
            and instrument.id not in replaced
            and statuses.stands(statuses.acting(instrument, self._now))
        )

    def _held_as(self, instrument: Instrument, how: str, replaced: bool, silent: bool) -> Held:
        now = self._now
        known = statuses.timeline(instrument, now)
        events = tuple(event for instant, event in known if instant <= now)
        state = statuses.replay(events)
        if how == SUSPENDED and state in (statuses.RECORDED, statuses.PENDING, statuses.IN_FORCE):
            state = statuses.SUSPENDED
        audible = bool(events) and instrument.authority_competent and not silent
        # One person's finding that it is void ends what it opens, not what it refuses.
        unvoided = statuses.replay_without_invalidation(events) if state == statuses.INVALIDATED else state
        return Held(
            instrument=instrument,
            exists=state == statuses.INVALIDATED or not (replaced or state in statuses.ABSENT),
            reason=statuses.reason_of(state, instrument.reply_by, now),
            verified=statuses.is_verified(events),
            denies=audible and not statuses.ended(events, statuses.ENDS_A_DENY),
            refuses=audible and unvoided == statuses.REFUSED and not statuses.ended(events, statuses.ENDS_A_REFUSAL),
            closes=statuses.closes_at(instrument, now) if len(known) > len(events) else None,
        )


def _replaced(instruments: Sequence[Instrument], now: datetime) -> frozenset[str]:
    """The ids superseded for good: named by one that was once verified and in force, and is not void since."""
    naming = [
        (first, instrument.id, named)
        for instrument in instruments
        for named in instrument.supersedes
        if instrument.authority_competent and not _is_void(instrument, now)
        if (first := statuses.first_stood(instrument, now)) is not None
    ]
    replaced: dict[str, datetime] = {}
    for first, name, named in sorted(naming, key=lambda entry: entry[0]):
        # What was replaced before it could stand never stood, so it replaces nothing.
        if replaced.get(name, first) >= first:
            replaced.setdefault(named, first)
    return frozenset(replaced)


def _is_void(instrument: Instrument, now: datetime) -> bool:
    return statuses.replay(statuses.acting(instrument, now)) in (statuses.INVALIDATED, statuses.REJECTED)
