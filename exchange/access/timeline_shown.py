"""A report's timeline as values for programs, and as a picture: which of them say what is the matrix's own business.

An agreement is named to the body that keeps it and to its State; what another body keeps is shown where it changed something,
by State and event, since that much the exact reasons tell anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.access.timeline import AGREEMENT, Happened, Moment, Timeline
from exchange.consents.register import Registered
from keys.encoding import format_time, parse_time

ALL, SOME, NONE = "all", "some", "none"
# Of the picture, in units of its own: where the names end, how wide a moment and how high a body is.
_NAMES: Final = 150
_STEP: Final = 46
_ROW: Final = 40
_HEAD: Final = 30


def timeline_shown(found: Timeline, now: datetime, eyes: str) -> dict[str, Any]:
    """Return {now, left_out, moments: [{at, ahead, happened, open, opened, widened, narrowed, closed}]}."""
    return {
        "now": format_time(now),
        "left_out": found.left_out,
        "moments": [shown for each in found.moments if (shown := _moment(each, now, eyes)) is not None],
    }


def _moment(moment: Moment, now: datetime, eyes: str) -> dict[str, Any] | None:
    happened = [_happened(each, moment.at, eyes) for each in moment.happened if moment.changes or _named(each, eyes)]
    if not happened and not moment.changes:
        return None
    return {
        "at": format_time(moment.at),
        "ahead": moment.at > now,
        "happened": happened,
        "open": {body: {part: sorted(actions) for part, actions in parts.items()} for body, parts in moment.open.items()},
        "opened": list(moment.opened),
        "widened": list(moment.widened),
        "narrowed": list(moment.narrowed),
        "closed": list(moment.closed),
    }


def _named(each: Happened, eyes: str) -> bool:
    return each.found is None or _sees(each.found, eyes)


def _sees(found: Registered, eyes: str) -> bool:
    return eyes in (found.row.recorder_body, f"state:{found.row.state}")


def _happened(each: Happened, at: datetime, eyes: str) -> dict[str, Any]:
    found = each.found
    named = found is not None and _sees(found, eyes)
    return {
        "kind": each.kind,
        "event": each.event,
        "recorded": format_time(each.recorded),
        "acts": format_time(each.acts),
        "is_recorded": each.recorded == at,
        "acts_now": each.acts == at,
        "state": None if found is None else found.row.state,
        "instrument": found.row.id if found is not None and named else None,
        "reference": found.terms["reference"] if found is not None and named else None,
    }


@dataclass(frozen=True)
class Span:
    """From a moment to the next: how much of the report a body could read. In the picture's units."""

    x: int
    width: int
    level: str


@dataclass(frozen=True)
class Strip:
    """A body's row: its place, and its spans."""

    organisation: str
    y: int
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Mark:
    """A moment's number at the top of its column."""

    number: int
    x: int
    ahead: bool


@dataclass(frozen=True)
class Picture:
    """The timeline drawn: a column from each moment to the next, a row a body. Not to scale, so that nothing is too small.

    `now`: where the present stands.
    """

    width: int
    height: int
    marks: tuple[Mark, ...]
    strips: tuple[Strip, ...]
    now: int


@dataclass(frozen=True)
class Line:
    """A moment in words: its number in the picture, when, what happened, and for whom that changed something."""

    number: int
    at: datetime
    ahead: bool
    happened: tuple[Mapping[str, Any], ...]
    changes: tuple[tuple[str, tuple[str, ...]], ...]


def picture_of(shown: Mapping[str, Any]) -> Picture:
    """Draw what `timeline_shown` gave."""
    moments = shown["moments"]
    places = [_NAMES + number * _STEP for number in range(len(moments) + 1)]
    bodies = sorted({body for each in moments for body in each["open"]})
    past = sum(1 for each in moments if not each["ahead"])
    return Picture(
        width=places[-1] + 10,
        height=_HEAD + len(bodies) * _ROW,
        marks=tuple(Mark(n + 1, places[n], each["ahead"]) for n, each in enumerate(moments)),
        strips=tuple(
            Strip(
                body,
                _HEAD + row * _ROW,
                tuple(Span(places[n], _STEP, _level(each["open"].get(body, {}))) for n, each in enumerate(moments)),
            )
            for row, body in enumerate(bodies)
        ),
        now=places[past] - _STEP // 3,
    )


def lines_of(shown: Mapping[str, Any]) -> list[Line]:
    """Return the same in words."""
    kinds = ("opened", "widened", "narrowed", "closed")
    return [
        Line(
            number + 1,
            parse_time(each["at"]),
            each["ahead"],
            tuple(one for one in each["happened"] if one["kind"] == AGREEMENT or one["is_recorded"]),
            tuple((kind, tuple(each[kind])) for kind in kinds if each[kind]),
        )
        for number, each in enumerate(shown["moments"])
    ]


def _level(parts: Mapping[str, list[str]]) -> str:
    readable = [part for part, actions in parts.items() if "view" in actions]
    return NONE if not readable else ALL if len(readable) == len(parts) else SOME
