"""What every measurement gives: our time and a peer's for the same work, in pairs, in one run on one machine."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One comparison. `ours` and `theirs`: median seconds; `ratio`: median of the paired ratios ours/theirs.

    `at_most`: the ratio this project holds itself to, None where the figure is only shown.
    """

    name: str
    peer: str
    ours: float
    theirs: float
    ratio: float
    runs: int
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the ratio is within its bound; a figure without a bound always holds."""
        return self.at_most is None or self.ratio <= self.at_most


def seconds(act: Callable[[], object]) -> float:
    """How long `act` takes once."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def paired(
    name: str,
    peer: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    runs: int = 5,
    at_most: float | None = None,
) -> Figure:
    """Do both once to warm up, then `runs` times in alternating order; noise of the machine then hits both alike."""
    ours()
    theirs()
    mine, other = [], []
    for turn in range(runs):
        for act, times in ((ours, mine), (theirs, other)) if turn % 2 else ((theirs, other), (ours, mine)):
            times.append(seconds(act))
    ratio = statistics.median(a / b for a, b in zip(mine, other, strict=True))
    return Figure(name, peer, statistics.median(mine), statistics.median(other), ratio, runs, at_most)
