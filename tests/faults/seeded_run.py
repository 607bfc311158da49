"""One run: a world, its hosts, the people, the end, and the check."""

import time
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.seeded_check import check
from tests.faults.seeded_driver import Driver
from tests.faults.seeded_faults import ShiftedClock
from tests.faults.seeded_hosts import Host, Processes, ProcessHost, ThreadHost
from tests.faults.seeded_ledger import Ledger
from tests.faults.seeded_plan import KILL, PROCESSES, Plan
from tests.faults.seeded_world import RunWorld, Template, copied


@dataclass
class Result:
    """What became of a run. `counts` are of requests, acts (`act …`), faults (`fault …`) and points (`at …`)."""

    seed: int
    engine: str
    servers: str
    findings: list[str]
    seconds: float
    counts: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**vars(self), "counts": dict(sorted(self.counts.items()))}


def run(plan: Plan, templates: Mapping[str, Template], processes: Processes | None, folder: Path) -> Result:
    """Run a plan in `folder`, which is removed unless something was found; never raises for what went wrong in it."""
    began = time.monotonic()
    ledger = Ledger()
    hosts: list[Host] = []
    world: RunWorld | None = None
    try:
        world = copied(templates[plan.engine], folder)
        shift = world.clock.shift.total_seconds()
        for number, wrong in enumerate(plan.clocks):
            hosts.append(_host(plan, processes, world, number, shift + wrong))
        Driver(plan, world, hosts, ledger).run()
        _end(hosts, plan.end)
        # The next process has a clock that is right, and not behind what was recorded.
        app = world.opened(ShiftedClock(shift + max(0, *plan.clocks)))
        try:
            for finding in check(plan, world, ledger, app):
                ledger.found(finding)
        finally:
            app.close()
    except Exception as error:
        ledger.found(f"the run broke off: {type(error).__name__}: {error}\n{traceback.format_exc()}")
    finally:
        _end(hosts, KILL)
    counts = _counted(plan, ledger, hosts)
    if world is not None and not ledger.findings:
        world.remove()
    return Result(plan.seed, plan.engine, plan.servers, ledger.findings, time.monotonic() - began, counts)


def _host(plan: Plan, processes: Processes | None, world: RunWorld, number: int, clock: float) -> Host:
    if plan.servers == PROCESSES:
        if processes is None:
            raise AssertionError("a run in processes needs a nursery")
        return ProcessHost(processes, world.config, world.folder / f"host-{number}", clock)
    return ThreadHost(world.config, clock)


def _end(hosts: Sequence[Host], how: str) -> None:
    for host in hosts:
        host.close(kill=how == KILL)


def _counted(plan: Plan, ledger: Ledger, hosts: Sequence[Host]) -> Counter[str]:
    counts = Counter(ledger.counts)
    counts["runs on two hosts"] = int(len(plan.clocks) > 1)
    counts["runs with clocks apart"] = int(len(set(plan.clocks)) > 1)
    counts["runs with lanes at once"] = int(plan.lanes > 1)
    counts["faults drawn"] = len(plan.faults)
    for step in plan.steps:
        counts[f"act {step.kind}"] += 1
    for deed in ledger.deeds:
        counts[f"{deed.state} {deed.kind}"] += 1
    for host in hosts:
        counts["restarts"] += host.starts - 1
        for action, point in host.fired():
            counts[f"fault {action}"] += 1
            counts[f"at {point}: {action}"] += 1
    return counts


