"""What a page with decisions and an explanation cost with 10,000 agreements of 196 States and 100,000 reports, beside the same
at a hundredth of the size, through the real application.

One officer after the other; what a process remembers is there, as in a server that runs. An explanation of a past moment
remembers nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from keys.encoding import format_time
from tests.bench.figures import Bench, Figure, paired
from tests.bench.spread import Spread, codes
from tests.web.access_maker import granted, instrument, permit
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, registered

READER: Final = "un-spt"
PAGE: Final = 50
AT_MOST: Final = 1.5


class RefusedError(Exception):
    """What was to be measured was refused, or a page was not full."""


@dataclass(frozen=True)
class Size:
    """How many agreements, of how many States, and reports."""

    agreements: int
    states: int
    reports: int


@dataclass(frozen=True)
class World:
    """An exchange of a size, and the report in it that is explained: the newest."""

    world: ExchangeWorld
    made: Made
    report: str
    past: str

    @classmethod
    def of(cls, folder: Path, size: Size) -> "World":
        """Found it and let it grow."""
        world = ExchangeWorld(folder / "world")
        made = registered(world, folder)
        kind = {"scope": "kind", "scope_ref": "visit_report"}
        standing = granted(world, instrument("XA", [permit(READER, **kind)]))
        own = permit(READER, scope="document", scope_ref=made.report)
        specific = granted(world, instrument("XA", [own], kind="specific"))
        Spread(world, made, specific, standing).grow(size.reports, size.agreements, codes(size.states))
        past = format_time(world.clock.now())
        world.clock.forward(3600)
        listed = _good(world.get(made.officer, "/reports?box=sent&limit=1")).json
        return cls(world, made, listed["items"][0]["report"], past)

    def page(self, box: str, count: int) -> None:
        """Ask for the newest page of a list so many times."""
        person = self.world.officers(READER)[0] if box == "inbox" else self.made.officer
        for _ in range(count):
            found = _good(self.world.get(person, f"/reports?box={box}&limit={PAGE}")).json
            if len(found["items"]) != PAGE:
                raise RefusedError(f"a page of {len(found['items'])} reports")

    def explain(self, count: int, at: str | None = None) -> None:
        """Ask so many times why the reader may open the newest report."""
        query = {"for": READER, **({} if at is None else {"at": at})}
        for _ in range(count):
            told = _good(self.world.get(self.made.officer, f"/reports/{self.report}/explain", query_string=query)).json
            if told["reason"] != "P_CONSENT":
                raise RefusedError(told["reason"])


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield what a page of the inbox, one of what was sent, and an explanation cost; quick: fewer repetitions."""
    small = Size(100, 50, 1000) if not bench.tiny else Size(60, 50, 60)
    large = Size(10_000, 196, 100_000) if not bench.tiny else Size(80, 55, 120)
    count, runs = bench.choose(8, 4, 1), bench.choose(9, 5, 1)
    with ExitStack() as stack:
        worlds = []
        for name, size in (("small", small), ("large", large)):
            bench.say(f"a world with {size.agreements} agreements and {size.reports} reports")
            folder = bench.folder / name
            folder.mkdir()
            worlds.append(World.of(folder, size))
            stack.callback(worlds[-1].world.close)
        acts: dict[str, Callable[[World], Any]] = {
            f"{count} pages of {PAGE} of the inbox": lambda world: world.page("inbox", count),
            f"{count} pages of {PAGE} of what was sent, with reasons": lambda world: world.page("sent", count),
            f"{count} explanations": lambda world: world.explain(count),
            f"{count} explanations of a past moment": lambda world: world.explain(count, world.past),
        }
        data = f"{large.agreements} agreements of {large.states} States, {large.reports} reports"
        for name, act in acts.items():
            yield paired(
                f"{name}, {data}",
                f"the same with {small.agreements} and {small.reports}",
                lambda act=act: act(worlds[1]),  # type: ignore[misc]
                lambda act=act: act(worlds[0]),  # type: ignore[misc]
                runs=runs,
                at_most=AT_MOST,
            )


def _good(answer: Any) -> Any:
    if answer.status_code != 200:
        raise RefusedError(f"{answer.status_code}: {answer.text[:500]}")
    return answer
