"""A large document with a full register is decided fast enough for a page."""

import sys
import time

from policies.decision import decide
from tests.unit.policies.examples import case_of


def test_fifty_parts_and_twenty_instruments():
    """50 parts on 20 instruments, each with events, conditions and a deny beside it, are decided in under 50 ms."""
    instruments = [
        {
            "id": f"I{n}",
            "conditions": ["mark_copies", {"kind": "language_only", "parameter": ["en"]}],
            "supersedes": [f"I{n - 1}"] if n % 5 == 4 else [],
            "provisions": [{}, {"effect": "deny", "scope": "part", "scope_ref": "D1/p49"}],
        }
        for n in range(20)
    ]
    case = case_of(
        document={"id": "D1", "parts": [{"id": f"p{n}"} for n in range(50)]}, instruments=instruments
    )
    decision = decide(case.facts, case.now)
    assert len(decision.parts) == 49 and decision.withheld == {"p49": "W_CONFLICT_DENY"}
    assert fastest(case) < 0.05


def test_each_part_with_instruments_of_its_own():
    """Where every part has 20 instruments of its own, twice the parts cost twice the work: none meets the others' 20."""
    assert calls(own_instruments(100)) < 2.1 * calls(own_instruments(50))


def calls(case):
    """How many Python functions are called while a case is decided: the work, whatever else the machine does."""
    count = 0

    def counted(_frame, event, _argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        decide(case.facts, case.now)
    finally:
        sys.setprofile(None)
    return count


def fastest(case):
    """The shortest of nine times that deciding a case took, in seconds of this process."""
    took = []
    for _ in range(9):
        started = time.process_time()
        decide(case.facts, case.now)
        took.append(time.process_time() - started)
    return min(took)


def own_instruments(parts):
    """A document whose parts are each named by 20 instruments that name no other, by `parts` times 20 in all."""
    instruments = [
        {"id": f"I{part}-{n}", "provisions": [{"scope": "part", "scope_ref": f"D1/p{part}"}]}
        for part in range(parts)
        for n in range(20)
    ]
    case = case_of(document={"id": "D1", "parts": [{"id": f"p{n}"} for n in range(parts)]}, instruments=instruments)
    assert len(decide(case.facts, case.now).parts) == parts
    return case
