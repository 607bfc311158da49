"""Seeded runs find nothing: a few always, fifty on each engine with the marker `full`, a thousand with `make faults`."""

import json
from pathlib import Path

import pytest

from tests import postgres
from tests.faults import seeded
from tests.faults.seeded_ledger import DONE, Deed, Ledger
from tests.faults.seeded_plan import ACTIONS, DELIVERIES, ENGINES, PROCESSES, THREADS, plan_of
from tests.faults.seeded_summary import Summary

pytestmark = [pytest.mark.timeout(1800), pytest.mark.sqlite("each run names its engine itself")]

PLANS = 400


def played(folder: Path, seeds: range, engine: str) -> Summary:
    """Play runs and add them up."""
    summary = Summary()
    for result in seeded.play(seeds, engine, 2, folder):
        summary.add(result)
    return summary


def test_a_few_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Lose nothing, release nothing without an entry, and leave nothing unclean; servers in processes and in this one."""
    assert {plan_of(seed).servers for seed in range(20, 24)} == {PROCESSES, THREADS}
    code = seeded.main(["--runs", "4", "--seed", "20", "--engine", "sqlite", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["breaches"] == [] and code == 0
    assert said["runs"] == 4 and sum(said["acknowledged"].values()) and sum(said["faults"].values())


@pytest.mark.full("minutes, PostgreSQL")
@pytest.mark.parametrize("engine", ENGINES)
def test_fifty_runs(tmp_path: Path, engine: str) -> None:
    """On each engine; faults of most kinds happened in them."""
    if engine != "sqlite":
        assert postgres.programs()
    summary = played(tmp_path, range(50), engine)
    assert [(each.seed, each.findings) for each in summary.breaches] == []
    assert summary.runs == 50 and sum(count > 0 for count in summary.faults.values()) >= 6


def test_a_number_says_everything() -> None:
    """Its plan is the same each time; every engine, kind of act, fault and way to travel is in some plan."""
    plans = [plan_of(seed) for seed in range(PLANS)]
    assert plans == [plan_of(seed) for seed in range(PLANS)]
    steps = [step for plan in plans for step in plan.steps]
    assert {plan.engine for plan in plans} == set(ENGINES)
    assert {step.delivery for step in steps} == set(DELIVERIES)
    assert {fault.action for plan in plans for fault in plan.faults} == {a for kinds in ACTIONS.values() for a in kinds}
    acts = {"deposit", "release", "receipt", "record", "confirm", "withdraw", "stop", "lift", "grant", "decide"}
    assert {step.kind for step in steps} == acts | {"submit", "publish"}
    assert any([step.number for step in plan.steps] != sorted(step.number for step in plan.steps) for plan in plans)


def test_two_answers_for_one_act_are_a_finding() -> None:
    """Sent again, an act has the same entry; what was refused is not done, what was done is not refused."""
    deed = Deed("stop", 1, "open", b"hash", "coe-cpt")
    ledger = Ledger()
    ledger.acknowledged(ledger.begin(deed), {"ticket": {"index": 7}})
    ledger.acknowledged(deed, {"ticket": {"index": 7}})
    assert ledger.findings == [] and deed.state == DONE
    ledger.acknowledged(deed, {"ticket": {"index": 8}})
    ledger.refused(deed, "duplicate")
    assert len(ledger.findings) == 2
    other = ledger.begin(Deed("stop", 2, "open", b"other", "coe-cpt"))
    ledger.refused(other, "broken_chain")
    ledger.acknowledged(other, {"ticket": {"index": 9}})
    assert len(ledger.findings) == 3


def test_a_kind_of_fault_that_never_happened_is_named() -> None:
    """In many runs each must have happened; in none it is missing."""
    summary = Summary()
    assert set(summary.faults) <= set(summary.never())
    summary.counts.update({f"fault {action}": 1 for action in summary.faults})
    assert not set(summary.faults) & set(summary.never())
