"""Running case files: decide each, compare with what it expects, tell what differs."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.case_file import Case, case_paths, read_files
from policies.decision import Decision, decide
from policies.errors import CaseError
from policies.times import show_instant

ALL_HOLD, MISMATCH, MALFORMED = 0, 1, 2


@dataclass(frozen=True)
class Outcome:
    """One case decided: what it expects and what came out, for the keys it gives and that differ."""

    id: str
    expected: dict[str, Any]
    got: dict[str, Any]

    @property
    def holds(self) -> bool:
        """Whether everything the case gives came out."""
        return not self.expected

    def line(self) -> str:
        """`ok ID`, or `FAIL ID: expected …, got …`."""
        if self.holds:
            return f"ok {self.id}"
        return f"FAIL {self.id}: expected {_text(self.expected)}, got {_text(self.got)}"


@dataclass(frozen=True)
class Report:
    """All cases of a run, in order, and what could not be read: path and error."""

    outcomes: tuple[Outcome, ...]
    errors: tuple[tuple[str, CaseError], ...]

    @property
    def failed(self) -> int:
        """How many cases came out otherwise than expected."""
        return sum(not outcome.holds for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0 all hold, 1 a mismatch, 2 something is malformed."""
        if self.errors:
            return MALFORMED
        return MISMATCH if self.failed else ALL_HOLD

    def summary(self) -> str:
        """The last line."""
        return f"{len(self.outcomes)} cases, {self.failed} failed"

    def as_json(self) -> str:
        """The whole report as one JSON object."""
        return _text(
            {
                "cases": len(self.outcomes),
                "failed": self.failed,
                "results": [
                    {"id": each.id, "ok": each.holds, "expected": _plain(each.expected), "got": _plain(each.got)}
                    for each in self.outcomes
                ],
                "errors": [{"path": path, "code": error.code, "message": str(error)} for path, error in self.errors],
            }
        )


def check_paths(paths: Iterable[Path]) -> Report:
    """Decide every case that `paths` name."""
    try:
        files = case_paths(paths)
    except CaseError as error:
        return Report((), (("", error),))
    outcomes, errors = [], []
    for path, case in read_files(files):
        if isinstance(case, Case):
            outcomes.append(check(case))
        else:
            errors.append((str(path), case))
    return Report(tuple(outcomes), tuple(errors))


def check(case: Case) -> Outcome:
    """Decide one case and compare, key by key as given."""
    got = result_of(decide(case.facts, case.now))
    differing = [key for key in case.expect if case.expect[key] != got[key]]
    return Outcome(case.id, {key: case.expect[key] for key in differing}, {key: got[key] for key in differing})


def result_of(decision: Decision) -> dict[str, Any]:
    """A decision in the keys of `expect`."""
    return {
        "outcome": decision.outcome,
        "reason": decision.reason,
        "parts": list(decision.parts),
        "withheld": dict(decision.withheld),
        "not_after": decision.not_after,
        "obligations": list(decision.obligations),
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: show_instant(value) if key == "not_after" and value is not None else value
        for key, value in values.items()
    }


def _text(values: dict[str, Any]) -> str:
    return json.dumps(_plain(values))
