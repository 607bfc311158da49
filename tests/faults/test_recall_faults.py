"""A recall and its answer broken off at any point: either all of it stands, with everyone who is told, or nothing does.

And whoever damages its rows afterwards is found by `flask fsck`.
"""

from pathlib import Path

import pytest
from sqlalchemy import delete

from exchange.access.statements import Dispatcher
from exchange.audit.statements import Statements
from exchange.reports.models import Recall, RecallNotice
from exchange.reports.queries import Reports
from exchange.reports.recalls import Recalls
from exchange.web.caller import Caller
from keys.statement import Statement
from tests.faults.test_registration_faults import ArmedFaults, BrokenOffError, faults, points_of, world
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import granted, instrument, permit
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, registered, signed_answer, signed_recall

__all__ = ["faults", "world"]


def say(world: ExchangeWorld, person: Person, statement: Statement) -> int:
    """Hand a statement to the one address for them, as the API does; the status."""
    who = Caller(person.id, person.organisation, person.sign.key_id)
    return world.services.get(Dispatcher).take(statement.text, {}, who).status


def state(made: Made) -> tuple[bool, list[int], int]:
    """Whether the report is closed by a recall, how many are told by each recall, and how many answers there are."""
    with made.world.database.unit_of_work() as uow:
        part = made.world.services.get(Reports).document_facts(uow, made.report).document.parts[0]
        found = made.world.services.get(Recalls).of_report(uow, made.report)
    return part.recalled is not None, [len(each.notices) for each in found], sum(len(each.answers) for each in found)


@pytest.mark.parametrize("name", ["recall", "answer"])
def test_broken_off_anywhere(world: ExchangeWorld, faults: ArmedFaults, tmp_path: Path, name: str) -> None:
    """Nothing of it stands; the same statement then stands once, with its notices or as the one answer."""
    granted(world, instrument("XA", [permit("un-spt")]))
    chen = world.officers("un-spt")[0]

    def prepared() -> tuple[Made, Person, Statement]:
        made = registered(world, tmp_path)
        recalled = signed_recall(made, made.officer)
        if name == "recall":
            return made, made.officer, recalled
        say(world, made.officer, recalled)
        return made, chen, signed_answer(made, recalled, chen, made.parts[0])

    rehearsal, person, statement = prepared()
    points = points_of(faults, lambda: say(world, person, statement))
    assert state(rehearsal) == (True, [1], int(name == "answer"))
    assert {f"reports.{name}.before-statement", f"reports.{name}.after-statement"} <= set(points)
    assert name == "answer" or "reports.recall.after-notices" in points
    for point in points:
        made, person, statement = prepared()
        before = state(made)
        faults.armed = point
        with pytest.raises(BrokenOffError):
            say(world, person, statement)
        assert state(made) == before, point
        with world.database.unit_of_work() as uow:
            assert world.services.get(Statements).find(uow, statement.hash) is None, point
        assert [say(world, person, statement) for _ in range(2)] == [201, 200], point
        assert state(made) == (True, [1], int(name == "answer")), point
    assert world.fsck() == []


def test_damage_is_found(world: ExchangeWorld, tmp_path: Path) -> None:
    """A recall without its row would reach nobody and still close; a notice to a body never named tells too much."""
    granted(world, instrument("XA", [permit("un-spt")]))
    made = registered(world, tmp_path)
    say(world, made.officer, signed_recall(made, made.officer))
    assert world.fsck() == []
    with world.database.unit_of_work(write=True) as uow:
        number = uow.session.query(Recall.number).scalar()
        uow.session.add(RecallNotice(organisation="npm-xa", recall=number, part=made.parts[0], officer=""))
    assert any("npm-xa" in line for line in world.fsck())
    with world.database.unit_of_work(write=True) as uow:
        uow.session.execute(delete(RecallNotice))
        uow.session.execute(delete(Recall))
    assert any("has no row" in line for line in world.fsck())
