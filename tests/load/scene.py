"""What the simulated officers work on: reports that are open to their readers, and reports that move."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.load.founding import MECHANISMS, Founded
from tests.load.moving import Moving, moving
from tests.load.officer import Floor, Officer
from tests.load.papers import Report

# Who may read a mechanism's reports on a State: the other mechanism and the State's NPM, or some of them.
STATES: Final = ("XA", "XB")
OTHER: Final[Mapping[str, str]] = {"coe-cpt": "un-spt", "un-spt": "coe-cpt"}
SMALL: Final = 20_000
# Two pieces of 1 MiB once it is padded.
LARGE: Final = 1_300_000


@dataclass
class Scene:
    """Everybody and everything; `announced` are ids of reports from before they are sent."""

    floor: Floor
    rng: random.Random
    officers: dict[str, list[Officer]]
    keepers: dict[str, list[Officer]]
    steady: list[Report] = field(default_factory=list)
    moving: list[tuple[Moving, asyncio.Lock]] = field(default_factory=list)
    announced: dict[str, Report] = field(default_factory=dict)

    @classmethod
    def of(cls, floor: Floor, founded: Founded, rng: random.Random) -> "Scene":
        """Seat everybody."""
        seated: dict[str, list[Officer]] = {}
        for person in founded.officers:
            seated.setdefault(person.organisation, []).append(floor.officer(person))
        keepers = {
            body: [each for each in seated[body] if each.person in founded.keepers(body)] for body in MECHANISMS
        }
        return cls(floor, rng, seated, keepers)

    @property
    def everybody(self) -> list[Officer]:
        """Every officer."""
        return [officer for body in self.officers.values() for officer in body]

    def a_report(self, fits: Callable[[Report], bool]) -> Report | None:
        """One of the steady reports that fit, the later ones as likely as the earlier."""
        for _ in range(40):
            found = self.rng.choice(self.steady) if self.steady else None
            if found is not None and fits(found):
                return found
        return None

    def readable_by(self, body: str) -> Report | None:
        """A steady report that the body may read, and did not write."""
        return self.a_report(lambda each: each.owner != body and (body in each.readers or body in each.granted))

    async def seal(self, officer: Officer, states: tuple[str, ...], readers: tuple[str, ...]) -> Report:
        """Seal a report of two or three parts, one in four with a part of two pieces; in a thread, as it takes time."""
        sizes = [SMALL] * self.rng.choice((2, 2, 3))
        if self.rng.random() < 0.25:
            sizes[0] = LARGE
        report = await asyncio.to_thread(officer.floor.desk.sealed, officer.person, states, readers, sizes)
        self.announced[report.id] = report
        return report

    async def deposit(self, officer: Officer) -> Report:
        """Transmit a report on XA or XB."""
        state = self.rng.choice(STATES)
        npm, other = f"npm-{state.lower()}", OTHER[officer.body]
        readers = self.rng.choice(((npm, other), (npm, other), (npm,), (other,)))
        report = await self.seal(officer, (state,), readers)
        await officer.deposit(report)
        self.steady.append(report)
        return report

    async def prepare(self, steady: int, moving_reports: int) -> None:
        """Have standing agreements of both States on record for both mechanisms, and the first reports sent."""
        for body in MECHANISMS:
            for state in STATES:
                await self.agree_standing(body, state)
        by_turns = [body for _ in range((steady + 1) // 2) for body in MECHANISMS][:steady]
        await gather_few([lambda body=body: self.deposit(self.rng.choice(self.officers[body])) for body in by_turns])
        await gather_few([lambda number=number: self._move(number) for number in range(moving_reports)])

    async def agree_standing(self, body: str, state: str) -> None:
        """Record and confirm a State's agreement to all reports of a mechanism."""
        first, second = self.keepers[body][:2]
        desk = self.floor.desk
        record = desk.record(first.person, state, (OTHER[body], f"npm-{state.lower()}"))
        await first.say("consent record", record)
        await second.say("consent confirm", desk.event(second.person, record, record.hash, "granted"))

    async def _move(self, number: int) -> None:
        """A report that needs the agreement of a State of its own, and has it."""
        body = MECHANISMS[number % len(MECHANISMS)]
        first, second = self.rng.sample(self.keepers[body], 2)
        report = await self.seal(first, (state_code(number),), (OTHER[body],))
        await first.deposit(report)
        made = moving(report, (first, second))
        await made.agree()
        self.moving.append((made, asyncio.Lock()))


def state_code(number: int) -> str:
    """A State of its own for each number below 600: codes AA to WZ, which nobody's directory names."""
    return f"{chr(65 + number // 26 % 23)}{chr(65 + number % 26)}"


async def gather_few(jobs: list[Callable[[], object]], at_once: int = 8) -> None:
    """Run jobs, a few at a time."""
    waiting = iter(jobs)

    async def worker() -> None:
        for job in waiting:
            await job()  # type: ignore[misc]

    await asyncio.gather(*(worker() for _ in range(at_once)))
