"""What was measured: how long each kind of request took, and everything that went wrong."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

# Told in full; of the rest the number.
_TOLD: Final = 20


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of sorted values; 0 of none."""
    if not sorted_values:
        return 0.0
    return sorted_values[max(0, math.ceil(share * len(sorted_values)) - 1)]


@dataclass
class Measured:
    """Seconds by act, and errors by act."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def took(self, act: str, seconds: float) -> None:
        """Note one request."""
        self.seconds[act].append(seconds)

    def failed(self, act: str, why: str) -> None:
        """Note an error: no answer, an answer that was not due, one that does not hold."""
        self.errors[act] += 1
        if len(self.told) < _TOLD:
            self.told.append(f"{act}: {why}")

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return sum(len(each) for each in self.seconds.values())

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong and nothing was found afterwards."""
        return not self.errors and not self.findings

    def rows(self) -> list[dict[str, Any]]:
        """One row an act: {act, count, p50_ms, p95_ms, max_ms, errors}."""
        found = []
        for act in sorted({*self.seconds, *self.errors}):
            took = sorted(self.seconds.get(act, []))
            found.append(
                {
                    "act": act,
                    "count": len(took),
                    "p50_ms": round(1000 * percentile(took, 0.50), 1),
                    "p95_ms": round(1000 * percentile(took, 0.95), 1),
                    "max_ms": round(1000 * (took[-1] if took else 0.0), 1),
                    "errors": self.errors[act],
                }
            )
        return found

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {"ok": self.ok, **self.facts, "acts": self.rows(), "errors": self.told, "findings": self.findings}

    def table(self) -> str:
        """The figures for people."""
        rows = self.rows()
        lines = [f"{'act':<24}{'count':>8}{'p50 ms':>10}{'p95 ms':>10}{'max ms':>10}{'errors':>8}"]
        for row in rows:
            numbers = f"{row['p50_ms']:>10}{row['p95_ms']:>10}{row['max_ms']:>10}"
            lines.append(f"{row['act']:<24}{row['count']:>8}{numbers}{row['errors']:>8}")
        every = sorted(value for values in self.seconds.values() for value in values)
        ms = [round(1000 * value, 1) for value in (percentile(every, 0.5), percentile(every, 0.95), max(every, default=0))]
        total = sum(self.errors.values())
        lines.append(f"{'all':<24}{len(every):>8}{ms[0]:>10}{ms[1]:>10}{ms[2]:>10}{total:>8}")
        lines += [f"{name}: {json.dumps(value)}" for name, value in self.facts.items()]
        lines += [f"error: {each}" for each in self.told]
        if total > len(self.told):
            lines.append(f"and {total - len(self.told)} more errors")
        lines += [f"finding: {each}" for each in self.findings]
        return "\n".join(lines)
