"""Publishing broken off at every point: either it is published, whole, or nothing is there; and the same again completes."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.audit.statements import Statements
from exchange.logs.faults import Faults
from exchange.publications.files import PublicFiles
from keys.encoding import b64u
from keys.statement import Statement
from tests.faults.test_registration_faults import ArmedFaults, points_of
from tests.web.exchange_world import API, ExchangeWorld
from tests.web.publication_maker import DATA, asked_by, request, send, signed, withdrawal
from tests.web.report_maker import Made, registered


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


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report of the CPT."""
    return registered(world, tmp_path)


def downloaded(made: Made, statement: Statement) -> bytes | None:
    """What anyone gets; None where nothing is published."""
    path = f"{API}/publications/{b64u(statement.hash)}/files/rendition"
    answer = made.world.app.test_client().get(path, headers={"Host": "localhost:8443"})
    data = answer.get_data()
    answer.close()
    return data if answer.status_code == 200 else None


def recorded(made: Made, statement: Statement) -> bool:
    """Whether a statement has its entry."""
    with made.world.database.unit_of_work() as uow:
        return made.world.services.get(Statements).find(uow, statement.hash) is not None


def test_a_file_that_was_broken_off(world: ExchangeWorld, faults: ArmedFaults, made: Made) -> None:
    """At no point does a half-sent file count; sent again it is whole, and until both have signed nobody gets it."""
    anna, boris = world.officers("coe-cpt")[:2]
    basis = request(asked_by(world))
    rehearsal = signed(made, basis, anna)
    world.say(anna, rehearsal)
    points = [point for point in points_of(faults, lambda: send(made, boris, rehearsal)) if "publications" in point]
    assert points == [f"publications.file.{name}" for name in ("before-bytes", "after-bytes", "after-row")]
    for point in points:
        statement = signed(made, basis, anna)
        assert world.say(anna, statement).status_code == 202
        faults.armed = point
        assert send(made, boris, statement).status_code == 500, point
        assert downloaded(made, statement) is None and world.fsck() == [], point
        both = statement.signed_by(boris.sign)
        if point != "publications.file.after-row":
            assert world.say(boris, both).json["code"] == "publication_file_missing", point
        assert send(made, boris, statement).status_code == 204, point
        assert world.say(boris, both).status_code == 201, point
        assert downloaded(made, statement) == DATA, point
    assert world.fsck() == []


def test_a_publication_that_was_broken_off(world: ExchangeWorld, faults: ArmedFaults, made: Made) -> None:
    """Row, statement and entry are there together or not at all; the same statement then publishes, once."""
    anna, boris = world.officers("coe-cpt")[:2]
    basis = request(asked_by(world))

    def waiting() -> Statement:
        statement = signed(made, basis, anna)
        assert world.say(anna, statement).status_code == 202
        assert send(made, boris, statement).status_code == 204
        return statement.signed_by(boris.sign)

    rehearsal = waiting()
    points = points_of(faults, lambda: world.say(boris, rehearsal))
    assert {f"publications.publish.{name}" for name in ("before-row", "after-row", "after-statement")} <= set(points)
    for point in points:
        statement = waiting()
        world.token(boris)
        faults.armed = point
        assert world.say(boris, statement).status_code == 500, point
        assert not recorded(made, statement) and downloaded(made, statement) is None, point
        assert world.say(boris, statement).status_code == 201, point
        assert world.say(boris, statement).status_code == 200, point
        assert downloaded(made, statement) == DATA, point
    assert world.fsck() == []
    assert world.acts("coe-cpt").count("publications:rendition:publish") == len(points) + 1


def test_a_withdrawal_that_was_broken_off(world: ExchangeWorld, faults: ArmedFaults, made: Made) -> None:
    """Before its commit the file is given out, after it never again; and what the disk keeps is removed later."""
    anna, boris = world.officers("coe-cpt")[:2]
    basis = request(asked_by(world))

    def published() -> Statement:
        statement = signed(made, basis, anna)
        world.say(anna, statement)
        send(made, boris, statement)
        assert world.say(boris, statement.signed_by(boris.sign)).status_code == 201
        return statement

    first = published()
    gone = withdrawal(made, first, anna)
    points = points_of(faults, lambda: world.say(anna, gone))
    assert {f"publications.withdraw.{name}" for name in ("before-row", "after-row", "after-statement")} <= set(points)
    for point in points:
        statement = published()
        ending = withdrawal(made, statement, anna)
        faults.armed = point
        assert world.say(anna, ending).status_code == 500, point
        assert not recorded(made, ending) and downloaded(made, statement) == DATA, point
        assert world.say(anna, ending).status_code == 201, point
        assert downloaded(made, statement) is None, point
    assert world.services.get(PublicFiles).purge() == len(points) + 1
    assert world.fsck() == []
    listed = world.app.test_client().get(f"{API}/publications", headers={"Host": "localhost:8443"}).json["publications"]
    assert {file["sha256"] for item in listed for file in item["files"]} == {hashlib.sha256(DATA).hexdigest()}
