"""Sets of what permits reach, as boxes: one side for each field, and what is left of a box when others are taken from it.

Only what comparing two agreements needs. A side is a set of names, perhaps all but some, or an interval.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

# Beyond this many remaining boxes the answer is that something is left: which is always the answer that opens less.
MOST_BOXES = 2_000


@dataclass(frozen=True)
class Names:
    """A set of names; with `others`, every name there may be but these. `document/a/b` lies within `document/a`."""

    names: frozenset[str]
    others: bool = False

    @classmethod
    def of(cls, names: Iterable[str]) -> "Names":
        """Return the set of these names."""
        return cls(frozenset(names))

    @classmethod
    def every(cls) -> "Names":
        """Return the set of every name."""
        return cls(frozenset(), others=True)

    @property
    def empty(self) -> bool:
        """Whether there is no name in it."""
        return not self.names and not self.others

    def holds(self, name: str) -> bool:
        """Whether a name, or the name it lies within, is in the set."""
        within = "/".join(name.split("/")[:2]) if name.startswith("document/") else name
        return any((each in self.names) != self.others for each in (name, within))

    def inside(self, other: "Names") -> "Names":
        """Return what of this set is in the other."""
        if not self.others:
            return Names(frozenset(name for name in self.names if other.holds(name)))
        return Names(self.names | other.names, True) if other.others else Names(other.names - self.names)

    def outside(self, other: "Names") -> "tuple[Names, ...]":
        """Return what of this set is not in the other, in pieces."""
        if not self.others:
            left = Names(frozenset(name for name in self.names if not other.holds(name)))
        else:
            left = Names(other.names - self.names) if other.others else Names(self.names | other.names, True)
        return () if left.empty else (left,)


@dataclass(frozen=True)
class Interval:
    """From `start` on and before `end`; None is no bound on that side."""

    start: float | None
    end: float | None

    @property
    def empty(self) -> bool:
        """Whether nothing lies in it."""
        return self.start is not None and self.end is not None and self.start >= self.end

    def inside(self, other: "Interval") -> "Interval":
        """Return what of this interval is in the other."""
        starts = [each for each in (self.start, other.start) if each is not None]
        ends = [each for each in (self.end, other.end) if each is not None]
        return Interval(max(starts, default=None), min(ends, default=None))

    def outside(self, other: "Interval") -> "tuple[Interval, ...]":
        """Return what of this interval is not in the other: before it, after it."""
        before = () if other.start is None else (self.inside(Interval(None, other.start)),)
        after = () if other.end is None else (self.inside(Interval(other.end, None)),)
        return tuple(each for each in (*before, *after) if not each.empty)


Side: TypeAlias = Names | Interval
Box: TypeAlias = tuple[Side, ...]


def left_of(box: Box, taken: Sequence[Box]) -> bool:
    """Whether anything is left of a box when others of the same sides are taken from it."""
    rest = [box]
    for other in taken:
        rest = [piece for each in rest for piece in _less(each, other)]
        if not rest or len(rest) > MOST_BOXES:
            break
    return bool(rest)


def sides_outside(box: Box, other: Box) -> tuple[int, ...]:
    """The places of the sides by which a box reaches beyond another."""
    return tuple(place for place, side in enumerate(box) if _outside(side, other[place]))


def _less(whole: Box, other: Box) -> list[Box]:
    """What is left of one box when another is taken from it, in boxes that do not meet."""
    pieces: list[Box] = []
    box = whole
    for place, side in enumerate(whole):
        pieces += [(*box[:place], piece, *box[place + 1 :]) for piece in _outside(side, other[place])]
        common = _inside(side, other[place])
        if common.empty:
            return [whole]
        box = (*box[:place], common, *box[place + 1 :])
    return pieces


def _outside(side: Side, other: Side) -> tuple[Side, ...]:
    if isinstance(side, Names):
        return side.outside(other) if isinstance(other, Names) else (side,)
    return side.outside(other) if isinstance(other, Interval) else (side,)


def _inside(side: Side, other: Side) -> Side:
    if isinstance(side, Names):
        return side.inside(other) if isinstance(other, Names) else Names.of(())
    return side.inside(other) if isinstance(other, Interval) else Names.of(())
