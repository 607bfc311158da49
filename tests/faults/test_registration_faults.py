"""What was begun and broken off: at every point of registering, sending and signing, either all of it stands or nothing,
and the same request completes.

SIGKILL at the same points is tried by the process tests; here the act raises, and the unit of work rolls back.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from exchange.audit.statements import Statements
from exchange.db import Database, OutcomeUnknownError
from exchange.logs.faults import Faults
from exchange.reports.queries import Reports
from keys.statement import Statement
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import (
    Made,
    decision,
    handle,
    make_report,
    registered,
    signed_determination,
    signed_grant,
    signed_lift,
    signed_stop,
)


class BrokenOffError(Exception):
    """What a test's fault raises."""


class ArmedFaults(Faults):
    """Writes down the points passed; raises once at the one it is armed for."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.armed: str | None = None

    def at(self, point: str) -> None:
        """See Faults."""
        self.passed.append(point)
        if point == self.armed:
            self.armed = None
            raise BrokenOffError(point)


class LosingDatabase(Database):
    """A database whose answer to a commit is lost once, after it happened."""

    lose = False

    def _commit(self, connection: Connection) -> None:
        super()._commit(connection)
        if self.lose and self._writing.get():
            self.lose = False
            raise OutcomeUnknownError("the answer was lost")


@pytest.fixture
def faults() -> ArmedFaults:
    """The seam of the application under test."""
    return ArmedFaults()


@pytest.fixture
def world(tmp_path: Path, faults: ArmedFaults) -> Iterator[ExchangeWorld]:
    """A founded exchange whose acts can be broken off."""
    made = ExchangeWorld(tmp_path / "world", replace={Faults: faults})
    yield made
    made.close()


def points_of(faults: ArmedFaults, act: Callable[[], Any]) -> list[str]:
    """The points that an act passes, each once, in order."""
    faults.passed.clear()
    act()
    return list(dict.fromkeys(faults.passed))


def is_recorded(made: Made) -> bool:
    """Whether the report, or its header's statement, is there: both or neither."""
    with made.world.database.unit_of_work() as uow:
        row = made.world.services.get(Reports).find(uow, made.report)
        stored = made.world.services.get(Statements).find(uow, made.header.hash)
    assert (row is None) == (stored is None)
    return row is not None


def test_registration(world: ExchangeWorld, faults: ArmedFaults, tmp_path: Path) -> None:
    """Broken off at any point nothing is recorded; the same request then registers, once."""
    first = make_report(world, tmp_path)
    first.send()
    points = points_of(faults, lambda: first.register())
    assert {
        "reports.register.before-report",
        "reports.register.after-report",
        "reports.register.after-parts",
        "reports.register.after-envelopes",
        "audit.record.before-leaf",
        "audit.store.before-statement",
        "audit.store.after-statement",
        "reports.register.after-statement",
    } <= set(points)
    for point in points:
        made = make_report(world, tmp_path)
        made.send()
        faults.armed = point
        assert made.register().status_code == 500, point
        assert faults.armed is None
        assert not is_recorded(made), point
        assert made.register().status_code == 201, point
        assert made.register().status_code == 200, point
        assert is_recorded(made), point
    assert world.fsck() == []
    assert world.read("coe-cpt").findings == []


def test_pieces(world: ExchangeWorld, faults: ArmedFaults, tmp_path: Path) -> None:
    """Broken off before or after a piece is durable, or its row is: sent again it is there once, and the report registers."""
    for point in ("reports.upload.before-piece", "reports.upload.after-piece", "reports.upload.after-row"):
        made = make_report(world, tmp_path)
        (p1,) = made.parts
        made.open(p1)
        faults.armed = point
        assert made.put(p1, 0).status_code == 500
        assert faults.armed is None
        assert world.fsck() == []
        assert made.put(p1, 0).status_code == 204
        assert made.register().status_code == 201
    assert world.fsck() == []


def test_an_answer_that_was_lost(tmp_path: Path) -> None:
    """The commit happened and its answer was lost: the client is told so, sends the same again, and gets the first answer."""
    world = ExchangeWorld(tmp_path / "world")
    world.close()
    database = LosingDatabase(world.config.database_url, world.clock.now)
    world.replace[Database] = database
    world.open()
    made = make_report(world, tmp_path)
    made.send()
    world.token(made.officer)
    database.lose = True
    answer = made.register()
    assert (answer.status_code, answer.json["code"]) == (503, "outcome_unknown")
    again = made.register()
    assert again.status_code == 200
    assert again.json["header"]
    assert world.acts("coe-cpt").count("reports:report:register") == 1
    assert world.fsck() == []
    world.close()


def _later(made: Made) -> dict[str, Callable[[], tuple[Statement, dict[str, Any]]]]:
    anna, boris = made.world.officers("coe-cpt")[:2]
    stop = signed_stop(made, anna)
    return {
        "stop": lambda: (stop, {}),
        "lift": lambda: (signed_lift(made, stop, anna, boris), {}),
        "grant": lambda: signed_grant(made, "npm-xa", anna, boris),
        "determination": lambda: (
            signed_determination(made, "originator_decision", decision("coe-cpt", "deny", "un-spt"), anna),
            {},
        ),
    }


@pytest.mark.parametrize("name", ["stop", "lift", "grant", "determination"])
def test_later_statements(world: ExchangeWorld, faults: ArmedFaults, tmp_path: Path, name: str) -> None:
    """A stop, its lift, a grant and a determination: broken off at any point nothing stands; the same statement then does."""

    def prepared() -> tuple[Made, Statement, dict[str, Any]]:
        made = registered(world, tmp_path)
        later = _later(made)
        if name == "lift":
            handle(world, made.officer, *later["stop"]())
        return made, *later[name]()

    rehearsal, statement, beside = prepared()
    points = points_of(faults, lambda: handle(world, rehearsal.officer, statement, beside))
    assert any(point.startswith(f"reports.{name}.after") for point in points)
    for point in points:
        made, statement, beside = prepared()
        faults.armed = point
        with pytest.raises(BrokenOffError):
            handle(world, made.officer, statement, beside)
        with world.database.unit_of_work() as uow:
            assert world.services.get(Statements).find(uow, statement.hash) is None, point
            assert world.services.get(Reports).grants(uow, made.report) == [], point
        assert handle(world, made.officer, statement, beside).status == 201, point
        assert handle(world, made.officer, statement, beside).status == 200, point
    assert world.fsck() == []
