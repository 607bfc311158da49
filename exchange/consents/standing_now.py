"""Where authorisations stand now among the others of their State, as decisions see it; worked out, never stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from exchange.consents.register import Registered
from policies import register as standing
from policies import status as statuses
from policies.register import Held

UNCONFIRMED: Final = "unconfirmed"
# Statuses in which an authorisation opens nothing and will not again; what it excludes may outlast them.
ENDED: Final = frozenset(
    {statuses.WITHDRAWN, statuses.LAPSED, statuses.SUPERSEDED, statuses.REJECTED, statuses.INVALIDATED}
)


@dataclass(frozen=True)
class Standing:
    """An authorisation with its status in the words of `word.status`, and whether something it excludes still counts."""

    found: Registered
    status: str
    excludes: bool

    @property
    def matters(self) -> bool:
        """Whether anything of it opens or excludes, or may come to."""
        return self.excludes or self.status not in ENDED


def stand(found: Sequence[Registered], near: Sequence[Registered], now: datetime) -> list[Standing]:
    """Return where each of `found` stands; `near` are all the instruments of their States."""
    # Which day a document was adopted matters to successions of States alone, and none is asked about here.
    register = standing.Register([each.instrument for each in near], (), now.date(), now)
    held: dict[str, Mapping[str, Held]] = {}
    for state in {each.row.state for each in found}:
        held[state] = {each.instrument.id: each for each in register.of(state)}
    return [_stands(each, held[each.row.state].get(each.row.id), now) for each in found]


def status_of(found: Registered, near: Sequence[Registered], now: datetime) -> str:
    """Return where one authorisation stands among the others of its State."""
    return stand([found], near, now)[0].status


def _stands(found: Registered, held: Held | None, now: datetime) -> Standing:
    denies = held is not None and held.denies
    excludes = denies and any(provision.effect == "deny" for provision in found.instrument.provisions)
    return Standing(found, _status(found, held, now), excludes)


def _status(found: Registered, held: Held | None, now: datetime) -> str:
    own = found.status(now)
    if held is not None and not held.exists and own.state not in statuses.ABSENT:
        return statuses.SUPERSEDED
    if own.state == statuses.IN_FORCE and not own.verified:
        return UNCONFIRMED
    if own.reason == "W_LAPSED":
        return statuses.LAPSED
    return own.state
