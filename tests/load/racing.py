"""Withdrawals and stops that race with releases: on every host at once, over and over, each outcome noted with its index.

A lane is one report with its keepers and readers; lanes run side by side. One race: the report is opened, several readers ask
for it on different hosts within milliseconds of the statement that closes it, and once that is acknowledged one more asks on
every host. What may have come of it, `timeline` says.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.load.founding import Founded
from tests.load.moving import Moving, moving
from tests.load.officer import Floor, Officer, Unexpected
from tests.load.proving import NotProven
from tests.load.scene import OTHER, SMALL, state_code
from tests.load.timeline import CONSENT, STOP

LANES: Final = 8
# Requests that race with each closing, and over how many seconds they and it are sent.
RACERS: Final = 3
SPREAD: Final = 0.04
# One race in so many is a stop.
STOPS: Final = 5
# Races of one report, before the next one takes its place: the register of one State stays as small as it is in life.
RACES_A_REPORT: Final = 12
# A lane ends after so many errors with nothing right in between.
GIVE_UP: Final = 5


@dataclass
class Races:
    """Races that were run: their reports, and what is left to do."""

    floor: Floor
    founded: Founded
    rng: random.Random
    left: int
    reports: list[Moving] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=lambda: {CONSENT: 0, STOP: 0})

    async def run(self, lanes: int, tell: Callable[[str], None]) -> None:
        """Run until as many withdrawals as asked for are acknowledged, and the stops among them."""
        keepers = [self.floor.officer(person) for person in self.founded.keepers("coe-cpt")[:2]]
        people = self.founded.founding.officers("un-spt")
        readers = [[self.floor.officer(person) for person in people[lane::lanes][:RACERS]] for lane in range(lanes)]
        telling = asyncio.create_task(self._progress(tell))
        await asyncio.gather(*(self._lane((keepers[0], keepers[1]), each) for each in readers))
        telling.cancel()

    async def _lane(self, keepers: tuple[Officer, Officer], readers: Sequence[Officer]) -> None:
        in_a_row = 0
        while self.left > 0 and in_a_row < GIVE_UP:
            try:
                made = await self._report(keepers)
                for _ in range(RACES_A_REPORT):
                    if self.left <= 0:
                        return
                    await self.race(made, readers)
                    in_a_row = 0
            except (Unexpected, NotProven) as error:
                self.floor.measured.failed("race", str(error))
                in_a_row += 1

    async def _report(self, keepers: tuple[Officer, Officer]) -> Moving:
        first, _second = keepers
        state = state_code(len(self.reports))
        self.reports.append(moving(first.floor.desk.sealed(first.person, (state,), (OTHER[first.body],), [SMALL]), keepers))
        made = self.reports[-1]
        await first.deposit(made.report)
        return made

    async def race(self, made: Moving, readers: Sequence[Officer]) -> None:
        """One race."""
        if made.stopped is not None:
            await made.lift()
        if not made.agreed:
            await made.agree()
        stops = self.rng.randrange(STOPS) == 0
        if not stops:
            self.left -= 1
        part, hosts = made.report.parts[0], len(self.floor.ports)
        asking = [
            asyncio.create_task(self._ask(made, part, reader, self.rng.random() * SPREAD, number % hosts))
            for number, reader in enumerate(readers)
        ]
        try:
            await asyncio.sleep(self.rng.random() * SPREAD)
            host = self.rng.randrange(hosts)
            await (made.stop(host) if stops else made.withdraw(host))
            self.done[STOP if stops else CONSENT] += 1
            # From here on nobody may get it, wherever they ask.
            await asyncio.gather(*(self._ask(made, part, readers[n % len(readers)], 0.0, n) for n in range(hosts)))
        finally:
            ended = await asyncio.gather(*asking, return_exceptions=True)
        for each in ended:
            if isinstance(each, BaseException):
                raise each

    async def _ask(self, made: Moving, part: bytes, reader: Officer, after: float, host: int) -> None:
        await reader.token()
        prepared = reader.floor.desk.request(reader.person, made.report.id, part)
        await asyncio.sleep(after)
        made.note(await reader.release(made.report, part, (200, 404), host, prepared=prepared))

    async def _progress(self, tell: Callable[[str], None]) -> None:
        while True:
            await asyncio.sleep(15)
            tell(f"{self.done[CONSENT]} withdrawals and {self.done[STOP]} stops raced, {max(0, self.left)} to go")


