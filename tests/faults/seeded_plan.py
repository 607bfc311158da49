"""What one seed means: which engine and servers, what people do, in which order it arrives, and what goes wrong when.

A plan is made from its seed alone, so a run is replayed by its number. What is not in the plan is the scheduler's: with
more than one lane, requests of different lanes interleave as they come.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
ENGINES: Final = (SQLITE, POSTGRESQL)
# Three runs of ten; which, their last digit says.
_ON_POSTGRESQL: Final = (2, 5, 9)
# In this process, where anything may be raised; or processes of their own, which can be killed.
THREADS: Final = "threads"
PROCESSES: Final = "processes"

# What stands in every world before the first step (`seeded_world`): reports, instruments, a stop.
OPEN, CLOSED, STANDING, WAITING, STOP = "open", "closed", "standing", "waiting", "stop-closed"

# How far the clocks of two hosts may be apart, in seconds: within what a statement's time may be off, and far beyond.
CLOCKS: Final = (0, 0, 0, 45, -90, 200, -270, 1_800, -3_600, 21_600)
ONCE, TWICE, TOGETHER, CUT, LATE = "once", "twice", "together", "cut", "late"
DELIVERIES: Final = {ONCE: 50, TWICE: 10, TOGETHER: 13, CUT: 12, LATE: 15}
# Ends the server's processes / one worker, whom gunicorn replaces / no room / an error of the device / a pause / the line
# to the database breaks / a commit that happened, or did not, and whose outcome nobody says.
KILL, KILL_WORKER, FULL, BROKEN, SLOW, LINE, DONE, UNDONE = (
    "kill", "kill-worker", "full", "broken", "slow", "line", "commit-done", "commit-undone",
)  # fmt: skip
ACTIONS: Final = {
    PROCESSES: {KILL: 60, KILL_WORKER: 12, FULL: 5, SLOW: 5, LINE: 6, DONE: 6, UNDONE: 6},
    THREADS: {FULL: 24, BROKEN: 20, SLOW: 12, LINE: 14, DONE: 16, UNDONE: 14},
}
# Any point, by its number since the fault was armed; or one of these, which matter most and are few among many.
NAMED: Final = (
    "commit.before",
    "commit.after",
    "access.release.after-commit",
    "audit.publish.after-padding",
    "audit.private.signed.before",
    "audit.private.signed.after",
    "audit.public.tile.after",
    "audit.public.checkpoint.before",
    "directory.public.checkpoint.before",
    "logs.append.before-head",
    "audit.record.after-views",
    "reports.register.after-envelopes",
    "consents.take.after-head",
)
ANY: Final = "*"


@dataclass(frozen=True)
class Step:
    """One act of one person.

    `about`: the name of what it is about. `makes`: the name of what it makes. `after`: steps whose answer it needs;
    `by`: the body that acts. `pieces`: of a deposit. `delivery`: how the request travels.
    """

    number: int
    kind: str
    about: str
    makes: str
    by: str
    after: tuple[int, ...]
    lane: int
    host: int
    delivery: str
    pieces: int = 1


@dataclass(frozen=True)
class Fault:
    """Armed on a host before a step is sent: at the `count`-th passing of `point` since then, `action` happens, once."""

    before: int
    host: int
    action: str
    point: str
    count: int


@dataclass(frozen=True)
class Plan:
    """One run."""

    seed: int
    engine: str
    servers: str
    clocks: tuple[int, ...]
    lanes: int
    steps: tuple[Step, ...]
    faults: tuple[Fault, ...]
    end: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


@dataclass
class _Drawn:
    """What stands after the steps drawn so far: name -> the step that made it so, -1 for what stood before."""

    registered: dict[str, int] = field(default_factory=lambda: {OPEN: -1, CLOSED: -1})
    recorded: dict[str, int] = field(default_factory=lambda: {WAITING: -1})
    granted: dict[str, int] = field(default_factory=lambda: {STANDING: -1})
    stops: dict[str, tuple[str, int]] = field(default_factory=lambda: {STOP: (CLOSED, -1)})
    releases: dict[str, int] = field(default_factory=dict)
    readers: dict[str, int] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    submits: int = 0


def plan_of(seed: int, engine: str | None = None, servers: str | None = None) -> Plan:
    """Return the plan of a seed; `engine` and `servers` replace what the seed says."""
    rng = random.Random(f"exchange faults {seed}")
    drawn_engine = POSTGRESQL if seed % 10 in _ON_POSTGRESQL else SQLITE
    drawn_servers = PROCESSES if rng.random() < 0.4 else THREADS
    hosts = 2 if rng.random() < 0.5 else 1
    clocks = tuple(rng.choice(CLOCKS) for _ in range(hosts))
    lanes = rng.choice((1, 1, 1, 2, 3))
    count = rng.randint(6, 10)
    steps = _steps(rng, count, lanes, hosts)
    kind = servers or drawn_servers
    faults = tuple(sorted((_fault(rng, count, hosts, kind) for _ in range(rng.choice((1, 1, 2, 2, 3)))), key=_when))
    end = rng.choice(("stop", KILL))
    return Plan(seed, engine or drawn_engine, kind, clocks, lanes, _reordered(rng, steps), faults, end)


def _when(fault: Fault) -> tuple[int, int]:
    return fault.before, fault.host


def _steps(rng: random.Random, count: int, lanes: int, hosts: int) -> list[Step]:
    drawn = _Drawn()
    steps = []
    for number in range(count):
        kinds = {kind: weight for kind, (weight, able, _draw) in _KINDS.items() if able(drawn)}
        kind = _weighted(rng, kinds)
        about, makes, by, after = _KINDS[kind][2](rng, drawn, number)
        delivery = _weighted(rng, DELIVERIES)
        pieces = rng.choice((1, 1, 2, 3)) if kind == "deposit" else 1
        after = tuple(step for step in after if step >= 0)
        steps.append(
            Step(number, kind, about, makes, by, after, rng.randrange(lanes), rng.randrange(hosts), delivery, pieces)
        )
    return steps


def _reordered(rng: random.Random, steps: list[Step]) -> tuple[Step, ...]:
    """Now and then two neighbours arrive the wrong way round."""
    for place in range(len(steps) - 1):
        if rng.random() < 0.1:
            steps[place], steps[place + 1] = steps[place + 1], steps[place]
    return tuple(steps)


def _fault(rng: random.Random, count: int, hosts: int, servers: str) -> Fault:
    action = _weighted(rng, ACTIONS[servers])
    point, number = ANY, int(rng.triangular(1, 45, 6))
    if action in (DONE, UNDONE):
        point, number = "commit.before", rng.randint(1, 3)
    elif rng.random() < 0.4:
        point, number = rng.choice(NAMED), rng.choice((1, 1, 2))
    return Fault(rng.randrange(count), rng.randrange(hosts), action, point, number)


def _weighted(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


# Each draws what a step is about: (about, makes, by, after).
_Draw = tuple[str, str, str, tuple[int, ...]]


def _any(rng: random.Random, names: Sequence[str]) -> str:
    return rng.choice(sorted(names))


def _deposit(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    name = f"report-{number}"
    drawn.registered[name] = number
    return "", name, "coe-cpt", ()


def _release(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    report = _any(rng, [*drawn.registered])
    granted = report in drawn.readers and rng.random() < 0.5
    drawn.releases[f"release-{number}"] = number
    return report, f"release-{number}", "npm-xa" if granted else "un-spt", (drawn.registered[report],)


def _receipt(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    name = _any(rng, [*drawn.releases])
    return name, "", "", (drawn.releases.pop(name),)


def _record(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    name = f"instrument-{number}"
    drawn.recorded[name] = number
    return "", name, "coe-cpt", ()


def _confirm(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    name = _any(rng, [*drawn.recorded])
    before = drawn.recorded.pop(name)
    drawn.granted[name] = number
    return name, "", "coe-cpt", (before,)


def _withdraw(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    name = _any(rng, [*drawn.granted])
    return name, "", "coe-cpt", (drawn.granted.pop(name),)


def _open_reports(drawn: _Drawn) -> list[str]:
    return sorted(set(drawn.registered) - {report for report, _step in drawn.stops.values()})


def _stop(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    report = _any(rng, _open_reports(drawn))
    drawn.stops[f"stop-{number}"] = (report, number)
    return report, f"stop-{number}", "coe-cpt", (drawn.registered[report],)


def _lift(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    name = _any(rng, [*drawn.stops])
    _report, before = drawn.stops.pop(name)
    return name, "", "coe-cpt", (before,)


def _ungranted(drawn: _Drawn) -> list[str]:
    return sorted(set(drawn.registered) - set(drawn.readers))


def _grant(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    report = _any(rng, _ungranted(drawn))
    drawn.readers[report] = number
    return report, "", "coe-cpt", (drawn.registered[report],)


def _undecided(drawn: _Drawn) -> list[str]:
    return sorted(set(drawn.registered) - drawn.decided)


def _decide(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    report = _any(rng, _undecided(drawn))
    drawn.decided.add(report)
    return report, "", "coe-cpt", (drawn.registered[report],)


def _submit(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    drawn.submits += 1
    return "", f"officer-{number}", rng.choice(("coe-cpt", "npm-xa")), ()


def _publish(rng: random.Random, drawn: _Drawn, number: int) -> _Draw:
    return "", "", "", ()


_KINDS: Final[dict[str, tuple[int, Callable[[_Drawn], object], Callable[[random.Random, _Drawn, int], _Draw]]]] = {
    "deposit": (16, lambda drawn: True, _deposit),
    "release": (26, lambda drawn: True, _release),
    "receipt": (6, lambda drawn: drawn.releases, _receipt),
    "record": (8, lambda drawn: True, _record),
    "confirm": (10, lambda drawn: drawn.recorded, _confirm),
    "withdraw": (10, lambda drawn: drawn.granted, _withdraw),
    "stop": (10, _open_reports, _stop),
    "lift": (8, lambda drawn: drawn.stops, _lift),
    "grant": (8, _ungranted, _grant),
    "decide": (3, _undecided, _decide),
    "submit": (6, lambda drawn: drawn.submits < 2, _submit),
    "publish": (12, lambda drawn: True, _publish),
}
