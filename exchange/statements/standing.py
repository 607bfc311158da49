"""Standing decisions of an originator: which of them stand, once those that came later in their chains are counted.

A chain is (body, scope): all decisions of a body with the same kinds and States. In it the last word on a body, or on any,
stands; a denial to everyone ends every permit before it; an end ends permits and no denial. Whether a decision bears on a
certain report, `Standing.permits` and `Standing.denies` say.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol, TypeVar

from exchange.statements.determination import Determination, StandingScope
from exchange.statements.determination_values import APPROVAL, END, ORIGINATOR_DECISION
from keys.encoding import parse_time
from keys.fields import parse_date

PERMIT: Final = "permit"
DENY: Final = "deny"
# What transmitting a report lets the recipients named do: a permit of less sends nothing, since sending would widen it.
TRANSMITTED: Final = ("view", "download")


class Decided(Protocol):
    """A decision: a permit or a denial."""

    @property
    def effect(self) -> str:
        """Which of the two."""
        ...


T = TypeVar("T", bound=Decided)


@dataclass(frozen=True)
class Standing:
    """A decision that stands. `statement`: its hash; `signed`: when it was written.

    `grantee` None (in a denial): any body; `kinds`, `states` None: any. `valid_from`, `valid_to`: as signed, a day or a time,
    None for no limit.
    """

    statement: bytes
    signed: datetime
    organisation: str
    effect: str
    grantee: str | None
    kinds: tuple[str, ...] | None
    states: tuple[str, ...] | None
    actions: tuple[str, ...]
    valid_from: str | None
    valid_to: str | None

    @property
    def transmits(self) -> bool:
        """Whether it permits as much as transmitting a report to a body does."""
        return self.effect == PERMIT and all(action in self.actions for action in TRANSMITTED)

    def permits(self, kind: str, states: Iterable[str]) -> bool:
        """Whether it lets a part of such a report, which concerns these States, go: it must name every one of them."""
        return self.effect == PERMIT and self._of_kind(kind) and (self.states is None or set(states) <= set(self.states))

    def denies(self, kind: str, states: Iterable[str]) -> bool:
        """Whether it keeps such a part from going: one State that it names is enough, whatever the period."""
        named = self.states is None or not set(states).isdisjoint(self.states)
        return self.effect == DENY and self._of_kind(kind) and named

    def within(self, now: datetime) -> bool:
        """Whether `now` lies in its period: a bare day begins with its first instant in UTC, and is included as an end."""
        begun = self.valid_from is None or _instant(self.valid_from) <= now
        return begun and (self.valid_to is None or now < _instant(self.valid_to, end=True))

    def _of_kind(self, kind: str) -> bool:
        return self.kinds is None or kind in self.kinds


def in_force(organisation: str, listed: Sequence[tuple[bytes, Determination]]) -> list[Standing]:
    """Return what stands of a body's determinations (hash and values, in the order of the log), in that order.

    Others than its standing decisions are passed over. A period is not looked at.
    """
    return sorted(
        (each for chain in _chains(organisation, listed).values() for each in chain.values()),
        key=_order(listed),
    )


def bearing_on(organisation: str, listed: Sequence[tuple[bytes, Determination]], grantee: str) -> list[Standing]:
    """Return what of it bears on one body: of each chain what names it, else what is said of any body."""
    chains = _chains(organisation, listed).values()
    found = [chain.get(grantee, chain.get(None)) for chain in chains]
    return sorted((each for each in found if each is not None), key=_order(listed))


def approval_needed(organisation: str, listed: Iterable[Determination]) -> bool:
    """Return whether a body's transmissions need a second officer's approval, after these in the order of the log."""
    needed = False
    for values in listed:
        scope = values.scope
        if isinstance(scope, StandingScope) and scope.organisation == organisation and values.fact == APPROVAL:
            needed = values.value
    return needed


def count_decision(chain: dict[str | None, T], grantee: str | None, decision: T) -> None:
    """Let one more decision count in its chain, which holds by body, or None for any, what stands so far.

    What is said of any body ends what was said of each.
    """
    if grantee is None:
        chain.clear()
    chain[grantee] = decision


def end_permits(chain: dict[str | None, T], grantee: str | None) -> None:
    """End what a chain permits to a body (None: to any). Denials stay; what is said of any body bears on it again."""
    for name in [name for name, each in chain.items() if grantee in (None, name) and each.effect == PERMIT]:
        del chain[name]


def _chains(
    organisation: str, listed: Sequence[tuple[bytes, Determination]]
) -> dict[bytes, dict[str | None, Standing]]:
    chains: dict[bytes, dict[str | None, Standing]] = {}
    for hash, values in listed:
        if isinstance(values.scope, StandingScope) and values.fact == ORIGINATOR_DECISION:
            if values.scope.organisation == organisation:
                chain, value = chains.setdefault(values.chain(organisation), {}), values.value
                if value["effect"] == END:
                    end_permits(chain, value["grantee"])
                else:
                    count_decision(chain, value["grantee"], _standing(hash, values))
    return chains


def _order(listed: Sequence[tuple[bytes, Determination]]) -> Callable[[Standing], int]:
    places = {hash: place for place, (hash, _values) in enumerate(listed)}
    return lambda each: places[each.statement]


def _standing(hash: bytes, values: Determination) -> Standing:
    value = values.value
    return Standing(
        statement=hash,
        signed=values.link.time,
        organisation=value["organisation"],
        effect=value["effect"],
        grantee=value["grantee"],
        kinds=_texts(value["kinds"]),
        states=_texts(value["states"]),
        actions=tuple(value["actions"]),
        valid_from=value["valid_from"],
        valid_to=value["valid_to"],
    )


def _texts(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def _instant(text: str, *, end: bool = False) -> datetime:
    """The instant a day or a time names; with `end` the first one after a day."""
    if "T" in text:
        return parse_time(text)
    day = datetime.combine(parse_date(text), time.min, UTC)
    if not end:
        return day
    return datetime.max.replace(tzinfo=UTC) if day.date() == date.max else day + timedelta(days=1)
