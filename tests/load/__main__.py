"""`python -m tests.load`: many officers on real hosts, for minutes, without an error; prints a table, exit 1 for any error.

docs/load.md says what is run and what is checked.
"""

import argparse
import json
import random
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from exchange.database_url import POSTGRESQL
from tests.load import aftermath
from tests.load.hosts import ENGINES, Serving, Setting, serving
from tests.load.line import played
from tests.load.measured import Measured
from tests.load.officer import Floor
from tests.load.papers import Desk
from tests.load.proving import Notebook
from tests.load.scene import Scene
from tests.load.simulate import ARRIVAL, Length, simulate, to_stderr
from tests.programs import ProgramMissingError

STEADY = 40
MOVING = 16


async def worked(serving: Serving, length: Length, seed: int, tell: Any = to_stderr) -> Measured:
    """Seat the officers, send the first reports, let everybody work, check what is left of it; return the figures."""
    founding = serving.founded.founding
    preparing, measured = Measured(), Measured()
    floor = Floor(serving.ports, serving.public_url, Desk(founding), Notebook(founding), preparing)
    scene = Scene.of(floor, serving.founded, random.Random(seed))
    await scene.prepare(STEADY, MOVING)
    tell(f"{preparing.requests} requests of preparation; {len(scene.everybody)} officers arrive")
    floor.measured = measured
    setting = serving.setting
    measured.facts |= {
        "engine": setting.engine,
        "hosts": setting.real_hosts,
        "workers a host": setting.real_workers,
        "officers": len(scene.everybody),
        "seed": seed,
    }
    await simulate(scene, length, tell)
    tell("checking what is left")
    measured.facts["requests"] = measured.requests
    measured.facts["reports sent"] = len(scene.steady) - STEADY
    reports = [moving for moving, _lock in scene.moving]
    measured.facts["closed and opened again"] = sum(len(each.timeline.changes) for each in reports) - MOVING
    measured.findings += [breach for each in reports for breach in each.timeline.breaches()]
    after = Floor(serving.ports, serving.public_url, floor.desk, floor.notebook, Measured())
    reader = after.officer(scene.officers["audit-cpt"][0].person)
    await aftermath.check(serving, after, reader, aftermath.by_instrument(reports))
    measured.findings += after.measured.findings
    measured.facts |= after.measured.facts
    return measured


def main(words: list[str]) -> int:
    """Read the command line, run, print; 0 when nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--officers", type=int, default=200)
    parser.add_argument("--engine", choices=ENGINES, default=POSTGRESQL)
    parser.add_argument("--hosts", type=int, default=2, help="on PostgreSQL; SQLite has one host with as many workers")
    parser.add_argument("--workers", type=int, default=4, help="a host")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args(words)
    setting = Setting(asked.engine, asked.hosts, asked.workers, asked.officers)
    with tempfile.TemporaryDirectory(prefix="load") as folder, serving(Path(folder), setting) as served:
        measured = played(worked(served, Length(60 * asked.minutes, ARRIVAL), asked.seed))
    if asked.json is not None:
        asked.json.write_text(json.dumps(measured.to_json(), indent=2) + "\n")
    print(measured.table())
    return 0 if measured.ok else 1


if __name__ == "__main__":
    # Ended from outside, the hosts end with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except ProgramMissingError as error:
        sys.exit(str(error))
