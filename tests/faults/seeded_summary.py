"""What many runs were, counted: acts by kind, faults by kind and by point, how requests travelled, and breaches."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from tests.faults.seeded_ledger import DONE, REFUSED
from tests.faults.seeded_plan import ACTIONS
from tests.faults.seeded_run import Result

# How requests and runs can be other than orderly, as `seeded_driver` and `seeded_run` count it.
TRAVELS: Final = (
    "requests",
    "sent twice",
    "sent twice at once",
    "cut by the client",
    "late",
    "answers lost",
    "too early",
    "runs with lanes at once",
    "runs with clocks apart",
    "runs on two hosts",
    "restarts",
    "publications",
    "publications repeated",
)
# What must have happened in a large number of runs, beside every action.
EXPECTED: Final = ("sent twice", "sent twice at once", "cut by the client", "late", "too early", "runs with clocks apart")


class Summary:
    """Adds up the results of runs."""

    def __init__(self) -> None:
        """No run yet."""
        self.runs = 0
        self.seconds = 0.0
        self.sorts: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.breaches: list[Result] = []
        self.last = 0

    def add(self, result: Result) -> None:
        """Count one run."""
        self.runs += 1
        self.sorts[f"{result.engine}, {result.servers}"] += 1
        self.counts.update(result.counts)
        if result.findings:
            self.breaches.append(result)

    def _with(self, before: str) -> dict[str, int]:
        found = {name.removeprefix(before): count for name, count in self.counts.items() if name.startswith(before)}
        return dict(sorted(found.items()))

    @property
    def acts(self) -> Mapping[str, int]:
        """How many signed acts were acknowledged, by kind."""
        return self._with(f"{DONE} ")

    @property
    def refused(self) -> Mapping[str, int]:
        """How many were refused, by kind."""
        return self._with(f"{REFUSED} ")

    @property
    def faults(self) -> Mapping[str, int]:
        """How often each kind of fault happened; 0 for one that never did."""
        actions = sorted({action for kinds in ACTIONS.values() for action in kinds})
        return {action: self.counts[f"fault {action}"] for action in actions}

    def never(self) -> list[str]:
        """What should have happened in many runs and did not."""
        missing = [action for action, count in self.faults.items() if not count]
        return missing + [name for name in EXPECTED if not self.counts[name]]

    def breach(self, result: Result) -> str:
        """Name a run that found something, and how it is played again."""
        again = f"python -m tests.faults.seeded --only {result.seed} --engine {result.engine}"
        return f"BREACH in run {result.seed} ({result.engine}, {result.servers}); again: {again}"

    def progress(self, runs: int, seconds: float) -> str:
        """Say how far it is."""
        left = seconds / self.runs * (runs - self.runs) / 60
        return f"{self.runs} of {runs} runs, {len(self.breaches)} with breaches, about {left:.0f} minutes left"

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "runs": self.runs,
            "seconds": self.seconds,
            "sorts": dict(sorted(self.sorts.items())),
            "acknowledged": dict(self.acts),
            "refused": dict(self.refused),
            "faults": dict(self.faults),
            "points": self._with("at "),
            "travels": {name: self.counts[name] for name in TRAVELS},
            "breaches": [result.to_json() for result in self.breaches],
        }

    def table(self) -> str:
        """Return it for people."""
        lines = [f"{self.runs} runs in {self.seconds:.0f} seconds"]
        parts = (
            ("runs", dict(sorted(self.sorts.items()))),
            ("acts acknowledged", self.acts),
            ("acts refused", self.refused),
            ("faults that happened", self.faults),
            ("on the way", {name: self.counts[name] for name in TRAVELS}),
        )
        for title, counts in parts:
            lines.append(f"\n{title}")
            lines.extend(f"  {name:<28}{count:>8,}" for name, count in counts.items())
        points = len({point.partition(":")[0] for point in self._with("at ")})
        lines.append(f"\n{points} different points at which a fault happened")
        lines.extend([f"\n{len(self.breaches)} runs with breaches", *(self.breach(result) for result in self.breaches)])
        return "\n".join(lines)
