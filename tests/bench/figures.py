"""What every measurement gives: our time and a peer's for the same work, in pairs, in one run on one machine.

Each module of this folder that has `measure(bench: Bench) -> Iterator[Figure]` is part of the suite. It works in
`bench.folder` alone, does less where `bench.quick`, ends what it starts, and raises `PeerMissingError` where a program that
it is compared with is not installed. Names of figures are the same in every run but for the numbers in them.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


class PeerMissingError(Exception):
    """A program that we are compared with is not installed; the message names the Debian package."""


@dataclass(frozen=True)
class Bench:
    """One run: a folder of its own on a real disk, whether little is to be measured, and whom to tell how far it is.

    `tiny`: so little that the figures mean nothing; only whether the harness works is asked then.
    """

    folder: Path
    quick: bool = False
    tiny: bool = False
    say: Callable[[str], None] = lambda _line: None

    def choose(self, full: int, quick: int, tiny: int) -> int:
        """Return the size (or number) that is due in this run."""
        return tiny if self.tiny else quick if self.quick else full


@dataclass(frozen=True)
class Figure:
    """One comparison. `ours` and `theirs`: medians, in seconds or in `scale`; `ratio`: median of the ratios of the pairs.

    `at_most`: the ratio this project holds itself to, None where the figure is only shown. `work`: how much of `unit` was
    done in `ours` seconds, where a rate says more than a time; `aim`: the rate hoped for, which no test asks for.
    """

    name: str
    peer: str
    ours: float
    theirs: float
    ratio: float
    runs: int
    at_most: float | None = None
    work: float | None = None
    unit: str = ""
    aim: float | None = None
    scale: str = "s"

    @property
    def holds(self) -> bool:
        """Whether the ratio is within its bound; a figure without a bound always holds."""
        return self.at_most is None or self.ratio <= self.at_most

    @property
    def rate(self) -> float | None:
        """How much of `unit` is done a second."""
        return None if self.work is None else self.work / self.ours


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
    work: float | None = None,
    unit: str = "",
    aim: float | None = None,
    before: Callable[[], object] = lambda: None,
) -> Figure:
    """Do both once to warm up, then `runs` times in alternating order; noise of the machine then hits both alike.

    `before` is done ahead of each, untimed: it removes what the run before has left.
    """
    for act in (ours, theirs):
        before()
        act()
    mine: list[float] = []
    other: list[float] = []
    for turn in range(runs):
        for act, times in ((ours, mine), (theirs, other)) if turn % 2 else ((theirs, other), (ours, mine)):
            before()
            times.append(seconds(act))
    ratio = statistics.median(a / b for a, b in zip(mine, other, strict=True))
    return Figure(
        name, peer, statistics.median(mine), statistics.median(other), ratio, runs, at_most, work, unit, aim
    )
