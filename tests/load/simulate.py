"""Many officers at once: each acts, thinks for two seconds, acts again, until the time is over."""

import asyncio
import random
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.load.acts import acts_of
from tests.load.line import LineError
from tests.load.officer import Officer, Unexpected
from tests.load.proving import NotProven
from tests.load.scene import Scene

THINKING: Final = 2.0
# Over which the officers arrive: nobody's arrival is what is measured.
ARRIVAL: Final = 10.0


@dataclass(frozen=True)
class Length:
    """How long it goes on once everybody has arrived, in seconds."""

    seconds: float
    arrival: float = ARRIVAL


async def simulate(scene: Scene, length: Length, tell: Callable[[str], None]) -> None:
    """Let everybody work; errors go into the figures, none ends the run."""
    began = time.monotonic()
    end = began + length.arrival + length.seconds
    people = scene.everybody
    lives = [_life(scene, officer, random.Random(scene.rng.random()), began, end, length) for officer in people]
    telling = asyncio.create_task(_progress(scene, end, tell))
    await asyncio.gather(*lives)
    telling.cancel()
    scene.floor.measured.facts["seconds"] = round(time.monotonic() - began, 1)


async def _life(
    scene: Scene, officer: Officer, rng: random.Random, began: float, end: float, length: Length
) -> None:
    acts = acts_of(scene, officer)
    names, weights = list(acts), list(acts.values())
    await asyncio.sleep(rng.random() * length.arrival)
    while time.monotonic() < end:
        act = rng.choices(names, weights)[0]
        try:
            await act(scene, officer)
        except (Unexpected, NotProven, LineError) as error:
            scene.floor.measured.failed(act.__name__, str(error))
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            scene.floor.measured.failed(act.__name__, f"{type(error).__name__} at {where.name}:{where.lineno}: {error}")
        await asyncio.sleep(min(rng.expovariate(1 / THINKING), max(0.0, end - time.monotonic())))
    officer.close()


async def _progress(scene: Scene, end: float, tell: Callable[[str], None]) -> None:
    measured = scene.floor.measured
    while True:
        before = measured.requests
        await asyncio.sleep(15)
        rate = (measured.requests - before) / 15
        left = max(0, end - time.monotonic())
        tell(f"{rate:.0f} requests a second, {sum(measured.errors.values())} errors, {left:.0f} s to go")


def to_stderr(text: str) -> None:
    """Tell whoever waits."""
    print(text, file=sys.stderr, flush=True)
