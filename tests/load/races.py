"""`python -m tests.load.races`: thousands of withdrawals and stops that race with releases; exit 1 for a breach.

docs/load.md says what is run and what is checked.
"""

import argparse
import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.load import aftermath
from tests.load.hosts import ENGINES, Serving, Setting, serving
from tests.load.line import played
from tests.load.measured import Measured
from tests.load.officer import Floor
from tests.load.papers import Desk
from tests.load.proving import Notebook
from tests.load.racing import LANES, RACERS, Races
from tests.load.simulate import to_stderr
from tests.load.timeline import CONSENT, STOP
from tests.programs import ProgramMissingError

BOTH = "both"


async def raced(
    serving: Serving, withdrawals: int, seed: int, tell: Callable[[str], None] = to_stderr, lanes: int = LANES
) -> Measured:
    """Run the races, hold every outcome to the rules of `timeline`, check what is left; return the figures."""
    founding, measured = serving.founded.founding, Measured()
    floor = Floor(serving.ports, serving.public_url, Desk(founding), Notebook(founding), measured)
    races = Races(floor, serving.founded, random.Random(seed), withdrawals)
    began = time.monotonic()
    await races.run(lanes, tell)
    timelines = [made.timeline for made in races.reports]
    released = [each for timeline in timelines for each in timeline.releases]
    overlapped, both = (sum(each) for each in zip(*(timeline.raced for timeline in timelines), strict=True))
    measured.facts |= {
        "engine": serving.setting.engine,
        "hosts": serving.setting.real_hosts,
        "workers a host": serving.setting.real_workers,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
        "withdrawals raced": races.done[CONSENT],
        "stops raced": races.done[STOP],
        "releases permitted": sum(each.index is not None for each in released),
        "releases refused": sum(each.index is None for each in released),
        "closings with a release in flight": overlapped,
        "of these with a permit and a refusal": both,
    }
    measured.findings += [breach for timeline in timelines for breach in timeline.breaches()]
    after = Floor(serving.ports, serving.public_url, floor.desk, floor.notebook, Measured())
    reader = after.officer(founding.officers("audit-cpt")[0])
    tell("checking what is left")
    await aftermath.check(serving, after, reader, aftermath.by_instrument(races.reports))
    measured.findings += after.measured.findings
    measured.facts |= after.measured.facts
    return measured


def run(
    setting: Setting, withdrawals: int, seed: int, lanes: int = LANES, tell: Callable[[str], None] = to_stderr
) -> Measured:
    """Found, serve, race, check."""
    with tempfile.TemporaryDirectory(prefix="races") as folder, serving(Path(folder), setting) as served:
        return played(raced(served, withdrawals, seed, tell, lanes))


def officers_for(lanes: int) -> int:
    """How many officers an exchange needs so that every lane has its readers."""
    return round(lanes * RACERS / 0.30) + 10


def main(words: list[str]) -> int:
    """Read the command line, run, print; 0 when nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.races", description=__doc__)
    parser.add_argument("--withdrawals", type=int, default=2_000, help="for each engine")
    parser.add_argument("--engine", choices=(*ENGINES, BOTH), default=BOTH)
    parser.add_argument("--hosts", type=int, default=2, help="on PostgreSQL; SQLite has one host with as many workers")
    parser.add_argument("--workers", type=int, default=2, help="a host")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args(words)
    figures = {}
    for engine in ENGINES if asked.engine == BOTH else (asked.engine,):
        to_stderr(f"racing on {engine}")
        setting = Setting(engine, asked.hosts, asked.workers, officers_for(LANES))
        figures[engine] = run(setting, asked.withdrawals, asked.seed)
        print(figures[engine].table(), flush=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps({name: each.to_json() for name, each in figures.items()}, indent=2) + "\n")
    return 0 if all(each.ok for each in figures.values()) else 1


if __name__ == "__main__":
    # Ended from outside, the hosts end with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except ProgramMissingError as error:
        sys.exit(str(error))
