"""Bugs that are planted in the application are found by a few seeded runs: the check has teeth.

Each bug is one that a server could have: what it answers and what it keeps then differ. The runs are the first whose plan has
the acts or the fault that the bug needs.
"""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from exchange.access.acts import Acts
from exchange.audit.events import Event, Recorded
from exchange.audit.services import Audit
from exchange.audit.statements import Statements
from exchange.consents import register
from exchange.ledger.leaf import minute_of
from exchange.logs.places import AUDIT, N
from tests.faults import seeded
from tests.faults.seeded_faults import SeededDatabase
from tests.faults.seeded_plan import OPEN, SQLITE, STANDING, THREADS, Plan, plan_of
from tests.faults.seeded_run import run
from tests.faults.seeded_world import Template, found

pytestmark = [pytest.mark.timeout(300), pytest.mark.sqlite("the bugs are the application's, on either engine")]

FEW = 5


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The exchange that every run copies."""
    return found(SQLITE, tmp_path_factory.mktemp("seeded") / "template")


def runs_with(wanted: Callable[[Plan], bool]) -> list[int]:
    """The numbers of the first few runs whose plan is as wanted."""
    calm = (seed for seed in itertools.count() if plan_of(seed).lanes == 1 and not any(plan_of(seed).clocks))
    return list(itertools.islice((seed for seed in calm if wanted(plan_of(seed, SQLITE, THREADS))), FEW))


def is_said(wanted: str, template: Template, folder: Path, seeds: Sequence[int]) -> bool:
    """Whether one of these runs has a finding that says this."""
    for seed in seeds:
        result = run(plan_of(seed, SQLITE, THREADS), {SQLITE: template}, None, folder / f"run-{seed}")
        if any(wanted in finding for finding in result.findings):
            return True
    return False


def kinds(plan: Plan) -> list[str]:
    """The kinds of its acts, in order."""
    return [step.kind for step in plan.steps]


def test_answered_before_the_commit(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers go out, and of four commits after them one does not happen."""
    real, commits = SeededDatabase._commit, itertools.count(1)

    def hopeful(self: SeededDatabase, connection: Connection) -> None:
        if self._writing.get() and next(commits) % 4 == 0:
            connection.rollback()
        else:
            real(self, connection)

    monkeypatch.setattr(SeededDatabase, "_commit", hopeful)
    seeds = runs_with(lambda plan: "stop" in kinds(plan) and "confirm" in kinds(plan))
    assert is_said("was acknowledged", template, tmp_path, seeds)


def test_an_entry_that_is_not_written(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop is kept and answered, with an entry that nobody wrote."""
    real = Audit.record

    def careless(self: Audit, uow: Any, event: Event) -> Recorded:
        if event.act != "reports:report:stop":
            return real(self, uow, event)
        return Recorded(N, self._logs.head(uow, AUDIT).size, minute_of(uow.now), bytes(32), self.prepare(event).entry)

    monkeypatch.setattr(Audit, "record", careless)
    seeds = runs_with(lambda plan: "stop" in kinds(plan))
    assert is_said("was acknowledged, and has 0 entries", template, tmp_path, seeds)


def test_views_that_are_lost(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log has every leaf; what one of three says is nobody's to read."""
    real = Audit._keep_views

    def careless(self: Audit, uow: Any, indices: range, views: Any) -> None:
        if indices[0] % 3:
            real(self, uow, indices, views)

    monkeypatch.setattr(Audit, "_keep_views", careless)
    assert is_said("cannot read the log", template, tmp_path, runs_with(lambda plan: True))


def test_a_release_without_its_entry(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second envelope leaves with the entry of the first."""
    real = Acts.record
    kept: list[Any] = []

    def thrifty(self: Acts, decide: Any, before: Any = None, after: Any = None) -> Any:
        if not kept:
            answer, recorded = real(self, decide, before, after)
            kept.append(recorded)
            return answer, recorded
        with self._database.unit_of_work() as uow:
            return decide(uow).answer, kept[0]

    monkeypatch.setattr(Acts, "record", thrifty)

    def wanted(plan: Plan) -> bool:
        return sum(step.kind == "release" and (step.about, step.by) == (OPEN, "un-spt") for step in plan.steps) > 1

    assert is_said("envelopes left with the one entry", template, tmp_path, runs_with(wanted))


def test_a_withdrawal_that_is_ignored(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The register keeps it, and the decision does not look at it."""
    real = register.instrument_of

    def deaf(id: str, terms: Any, events: Any, ref: str | None) -> Any:
        return real(id, terms, [event for event in events if event.type != "withdrawn"], ref)

    monkeypatch.setattr(register, "instrument_of", deaf)

    def wanted(plan: Plan) -> bool:
        places = {(step.kind, step.about): place for place, step in enumerate(plan.steps)}
        withdrawn, released = places.get(("withdraw", STANDING), 99), places.get(("release", OPEN), -1)
        return withdrawn < released and "confirm" not in kinds(plan) and "stop" not in kinds(plan)

    assert is_said("no consent is in force", template, tmp_path, runs_with(wanted))


def test_a_stop_that_is_lost(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is recorded, and no report knows of it."""
    real = Statements.store

    def forgetful(self: Statements, uow: Any, statement: Any, event: Any, subjects: Any) -> Any:
        return real(self, uow, statement, event, [] if statement.typ == "exchange/stop/v1" else subjects)

    monkeypatch.setattr(Statements, "store", forgetful)
    assert is_said("is shown as not stopped", template, tmp_path, runs_with(lambda plan: "stop" in kinds(plan)))


def test_the_command_names_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that finds something makes the command fail; it says which run, and how it is played again."""
    monkeypatch.setattr(Audit, "_keep_views", lambda self, uow, indices, views: None)
    assert seeded.main(["--only", "4", "--engine", "sqlite", "--jobs", "1", "--folder", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "python -m tests.faults.seeded --only 4 --engine sqlite" in said.err + said.out
