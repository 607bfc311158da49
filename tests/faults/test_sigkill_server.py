"""The server is killed before and after each of its writes: the next one is sound, and the same command again completes.

A real server in processes of its own, real commands, SIGKILL. `sigkill_cases` says where, `sigkill_acts` what must be there
afterwards. The complete list runs with the marker `full`; an ordinary run has a dozen of its points.
"""

import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from exchange.client import http
from tests.faults.nursery import Nursery
from tests.faults.sigkill_acts import ACTS, rows, statements
from tests.faults.sigkill_cases import CASES, PUBLISHING, QUICK, RECEIPT, points_of
from tests.faults.sigkill_world import World, copied, shared_folder, template
from tests.scripts.running import Said

# The first test of a run founds the exchange that all of them copy.
pytestmark = pytest.mark.timeout(300)

KILLED = -signal.SIGKILL
DYING = "tests.faults.dying"
ALL = [(act, path) for act, paths in CASES.items() for path in paths]


def _cases(act: str | None = None) -> list[object]:
    """The cases, those that do not always run with their marker."""
    listed = ALL if act is None else [(act, path) for path in PUBLISHING]
    full = pytest.mark.full("minutes")
    return [
        pytest.param(*case, id=f"{case[0]}-{case[1].replace(' ', '-')}", marks=() if case in QUICK else full)
        for case in listed
    ]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Where the processes of this module come from."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def world(nursery: Nursery, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A founded exchange of its own."""
    with copied(template(shared_folder(tmp_path_factory), nursery), tmp_path / "world", nursery) as made:
        yield made


def dies_during(world: World, act: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Type a command whose server dies at the last of these points; nobody restarts it while the command has patience."""
    world.server.start(DYING)
    world.server.arm(path)
    with monkeypatch.context() as impatient:
        impatient.setattr(http, "ATTEMPTS", 1)
        ACTS[act].types(world, expect=3)
    assert world.server.has_died() == KILLED


def recovered(world: World) -> None:
    """The next server starts, and finds nothing wrong with what the last one left."""
    world.server.start(EXCHANGE_PUBLIC_CHECKPOINT_SECONDS="1")
    assert world.server.operator("fsck").strip() == "sound"


@pytest.mark.parametrize(("act", "path"), _cases())
def test_the_same_command_completes_after_the_server_died(
    world: World, act: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at the last of these points: network failure, a sound instance, and then the command does its work, once."""
    doing = ACTS[act]
    doing.prepare(world)
    before = world.recorded()
    dies_during(world, act, path, monkeypatch)
    recovered(world)
    doing.check(world, doing.types(world))
    assert before <= world.recorded()


@pytest.mark.parametrize(("act", "path"), _cases("publish"))
def test_what_was_acknowledged_becomes_public_after_a_kill(
    world: World, act: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while the log is made public: what was acknowledged stands, and the next server completes what was begun."""
    world.server.start(DYING, EXCHANGE_PUBLIC_CHECKPOINT_SECONDS="1")
    said = ACTS["stop"].types(world)
    before = world.recorded()
    world.server.arm(path)
    monkeypatch.setattr(http, "ATTEMPTS", 1)
    while world.server.runs:
        with suppress(AssertionError):  # whoever asks for something while it dies is told of the network, or answered
            world.spt.types("inbox")
    assert world.server.has_died() == KILLED
    monkeypatch.undo()
    recovered(world)
    ACTS["stop"].check(world, said)
    assert before <= world.recorded()


def test_a_worker_that_dies_is_replaced_while_the_command_waits(world: World) -> None:
    """Killed after the commit, the worker alone: the command's own patience is enough, and it registers once."""
    ACTS["deposit"].prepare(world)
    world.server.start(DYING, FAULT_ALONE="1")
    world.server.arm("reports.register.after-statement commit.after")
    said = ACTS["deposit"].types(world)
    assert world.server.runs and not world.server.armed.exists()
    assert said.out.count("-") >= 4 and statements(world, "report-header") == rows(world, "reports") == 3
    assert world.server.operator("fsck").strip() == "sound"


@pytest.mark.parametrize("path", [pytest.param(p, marks=pytest.mark.full("minutes")) for p in RECEIPT])
def test_a_receipt_goes_with_the_next_command_after_a_kill(world: World, path: str) -> None:
    """Killed while a receipt is recorded: the report is open, and its receipt reaches the next server."""
    world.server.start(DYING)
    world.server.arm(path)
    ACTS["release"].types(world)
    assert world.server.has_died() == KILLED
    recovered(world)
    world.spt.asks("inbox")
    ACTS["release"].check(world, Said(0, "", ""))


def test_every_point_has_a_case() -> None:
    """The source names no point at which nothing is killed here, and no case names a point that is gone."""
    killing = {path.split()[-1] for _act, path in ALL} | set(PUBLISHING)
    named = points_of()
    assert named - killing == set()
    passed = {point for _act, path in ALL for point in path.split()} | set(PUBLISHING)
    ours = {point for point in passed if point.partition(".")[0] not in ("commit", "storage")}
    assert {point for point in ours if point.count(".") == 2 and "-" in point} - named == set()
    assert {(act, path) for act, path in QUICK} <= {*ALL, *(("publish", path) for path in PUBLISHING)}


def test_a_point_that_is_planted_is_found(tmp_path: Path) -> None:
    """Spelled out, or put together from what each call gives: a new one without a case would fail the test above."""
    (tmp_path / "room.py").write_text(
        "class Room:\n"
        "    def take(self):\n"
        '        self._faults.at("room.take.before-rows")\n'
        '        self._store(1, "lift")\n'
        "    def _store(self, uow, act):\n"
        '        self._faults.at(f"room.{act}.after-row")\n'
    )
    assert points_of(tmp_path) == {"room.take.before-rows", "room.lift.after-row"}
