"""What a release and a page of a list cost at 10 and 100 times the data, beside the same at 1, through the real application.

The data: reports of one mechanism to another, each agreed to by the State concerned in an instrument of its own, and entries
of the audit log. Each world is asked for the page that is newest and for a release; one officer after the other.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.figures import Bench, Figure, paired
from tests.bench.grown import Grower
from tests.web.access_maker import ask, granted, instrument, permit
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, part, registered

READER = "un-spt"
PAGE = 20
TIMES = (10, 100)
AT_MOST = 1.3


class RefusedError(Exception):
    """What was to be measured was refused, or a page was not full."""


@dataclass(frozen=True)
class World:
    """An exchange with so many times the data, and the one report in it that can be opened."""

    world: ExchangeWorld
    made: Made

    @classmethod
    def of(cls, folder: Path, reports: int, entries: int) -> "World":
        """Found it and let it grow."""
        world = ExchangeWorld(folder / "world")
        made = registered(world, folder, parts=[part("p1"), part("p2", language="fr")])
        agreed = granted(
            world, instrument("XA", [permit(READER, scope="document", scope_ref=made.report)], kind="specific")
        )
        grower = Grower(world, made, agreed)
        grower.reports(reports)
        grower.entries(entries)
        return cls(world, made)

    def release(self, count: int) -> None:
        """Ask for the release of a part so many times."""
        reader = self.world.officers(READER)[0]
        for _ in range(count):
            _good(ask(self.made, reader, self.made.parts[0]))

    def page(self, box: str, count: int) -> None:
        """Ask for the newest page of a list so many times."""
        person = self.world.officers(READER)[0] if box == "inbox" else self.made.officer
        for _ in range(count):
            found = _good(self.world.get(person, f"/reports?box={box}&limit={PAGE}")).json
            if len(found["items"]) != PAGE:
                raise RefusedError(f"a page of {len(found['items'])} reports")


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield how a release, a page of the inbox and a page of what was sent grow; quick: fewer repetitions."""
    reports, entries = 2 * PAGE, 100
    count, runs = bench.choose(8, 4, 1), bench.choose(9, 5, 1)
    times = (2, 3) if bench.tiny else TIMES
    with ExitStack() as stack:
        worlds: dict[int, World] = {}
        for number in (1, *times):
            bench.say(f"a world with {number * reports} reports")
            worlds[number] = World.of(_made(bench.folder / f"times-{number}"), number * reports, number * entries)
            stack.callback(worlds[number].world.close)
        acts: dict[str, Callable[[World], Any]] = {
            f"{count} releases": lambda world: world.release(count),
            f"{count} pages of {PAGE} of the inbox": lambda world: world.page("inbox", count),
            f"{count} pages of {PAGE} of what was sent": lambda world: world.page("sent", count),
        }
        for number in times:
            data = f"{number * reports} reports and instruments, {number * entries} entries more"
            for name, act in acts.items():
                yield paired(
                    f"{name}, {data}",
                    f"the same with {reports} and {entries}",
                    lambda act=act, number=number: act(worlds[number]),  # type: ignore[misc]
                    lambda act=act: act(worlds[1]),  # type: ignore[misc]
                    runs=runs,
                    at_most=AT_MOST if number == TIMES[-1] else None,
                )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _good(answer: Any) -> Any:
    if answer.status_code != 200:
        raise RefusedError(f"{answer.status_code}: {answer.text}")
    return answer
