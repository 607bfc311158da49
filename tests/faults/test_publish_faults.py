"""Appending and publishing fail before, in and after each of their writes, by exception and by SIGKILL.

Whatever the place: what was committed stays, what was not is gone, readers of the files see a whole log, the next process
starts through the ordinary way, passes fsck, and takes the same act again.
"""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from exchange.db import Database, OutcomeUnknownError
from exchange.logs.faults import Faults
from exchange.logs.places import LogPlaces
from exchange.transparency.files import DurableDirectory, Files
from exchange.transparency.policy_text import parse_policy
from exchange.transparency.sequencer import LogFiles
from exchange.transparency.verify_offline import verify_files
from keys.custody import FileCustody
from tests.unit.audit.audit_maker import CPT, SPT, FakeBodies, Instance, StillClock, permit, signed, stop_event

ROOT = Path(__file__).parent.parent.parent
APPEND = [
    "audit.record.before-chain",
    "audit.record.after-chain",
    "audit.record.before-leaf",
    "logs.append.before-leaf",
    "logs.append.before-nodes",
    "logs.append.before-head",
    "logs.append.after-head",
    "audit.record.before-views",
    "audit.record.after-views",
    "audit.store.before-statement",
    "audit.store.after-statement",
]
COMMIT = ["commit.before", "commit.after"]


class Crash(Exception):
    """The process ended here."""


class Bomb(Faults):
    """Does something the first time a point is passed; knows which points there are."""

    def __init__(self, point: str, blow: Callable[[], None]) -> None:
        self.point, self.blow = point, blow
        self.passed: list[str] = []
        self.armed = False

    def at(self, point: str) -> None:
        self.passed.append(point)
        if self.armed and point == self.point:
            self.armed = False
            self.blow()


class BombedDatabase(Database):
    """A database that passes a fault's points round its commit."""

    faults: Faults = Faults()

    def _commit(self, connection: Connection) -> None:
        try:
            self.faults.at("commit.before")
            super()._commit(connection)
            self.faults.at("commit.after")
        except Crash as error:
            raise OutcomeUnknownError("the outcome of a commit is not known") from error


class BombedFiles:
    """Files of a log that pass a fault's points round each change."""

    def __init__(self, files: Files, name: str, faults: Faults) -> None:
        self._files, self._name, self._faults = files, name, faults

    def read(self, name: str) -> bytes | None:
        return self._files.read(name)

    def write(self, name: str, data: bytes) -> None:
        point = f"{self._name}.{name}"
        self._faults.at(f"{point}.before")
        self._files.write(name, data)
        self._faults.at(f"{point}.after")

    def discard(self, name: str) -> None:
        self._files.discard(name)

    def lock(self) -> AbstractContextManager[None]:
        return self._files.lock()


class BombedPlaces(LogPlaces):
    """Places whose files pass a fault's points."""

    faults: Faults = Faults()

    def files(self, log: str) -> LogFiles:
        plain = super().files(log)
        public = BombedFiles(plain.public, f"{log}.public", self.faults)
        return LogFiles(public, BombedFiles(plain.private, f"{log}.private", self.faults), public)


def bombed(folder: Path, bomb: Bomb, clock: StillClock, bodies: FakeBodies) -> Instance:
    """An instance that passes the bomb's points at every write."""
    first = Instance(folder, clock, bodies)
    first.close()
    database = BombedDatabase(first.config.database_url, clock.now)
    places = BombedPlaces(first.config.logs_dir, FileCustody.load(first.config.custody_file))
    database.faults = places.faults = bomb
    return Instance(folder, clock, bodies, replace={Faults: bomb, Database: database, LogPlaces: places})


def act(instance: Instance) -> None:
    """One act that writes everything an act can: entry, statement, a directory leaf; then it becomes public."""
    statement = signed()
    with instance.unit(write=False) as uow:
        if instance.statements.find(uow, statement.hash) is not None:
            return  # as a client that repeats its request: the first answer holds
    with instance.unit() as uow:
        instance.logs.append(uow, "directory", b"a statement\n")
        instance.statements.store(uow, statement, stop_event(), [])


def publish(instance: Instance) -> None:
    instance.logs.publish_directory()
    instance.publisher.publish(at_once=True)


def whole(instance: Instance) -> bool:
    """Whether both logs' files verify as a stranger would verify them."""
    policy = parse_policy(instance.logs.policy()[0].encode())
    for log in ("directory", "audit"):
        files = DurableDirectory(instance.config.logs_dir / log)
        if not verify_files(files.read, policy, entries=files.read).ok:
            return False
    return True


def recovered(folder: Path, clock: StillClock, bodies: FakeBodies) -> None:
    """The next process starts, is sound, takes the same act again, publishes it, and no reader misses a view."""
    clock.forward(seconds=120)
    instance = Instance(folder, clock, bodies).start()
    assert instance.logs.state("audit") == instance.logs.state("directory") == "running"
    assert instance.fsck() == []
    assert whole(instance)
    act(instance)
    instance.record(permit())
    publish(instance)
    assert instance.fsck() == []
    assert whole(instance)
    assert instance.logs.public_checkpoint("audit").size == instance.size()
    assert instance.logs.public_checkpoint("directory").size == instance.size("directory") == 1
    for body in (CPT, SPT):
        records, findings = instance.read(body)
        assert findings == []
        stops = [record for record in records if record.act.tag == "reports:report:stop"]
        assert len(stops) == (1 if body == CPT else 0)
    instance.close()


def setting() -> tuple[StillClock, FakeBodies]:
    bodies = FakeBodies()
    bodies.everybody()
    return StillClock(), bodies


def arm(instance: Instance, bomb: Bomb) -> None:
    """From now on points count; a body has joined, so that the next entry begins new chains."""
    instance.bodies.epochs["npm-xa"] = 1
    bomb.passed.clear()
    bomb.armed = True


def points_of_an_act(folder: Path) -> list[str]:
    """Every point an act and its publication pass, in order, each once."""
    clock, bodies = setting()
    bomb = Bomb("", lambda: None)
    instance = bombed(folder, bomb, clock, bodies).start()
    arm(instance, bomb)
    act(instance)
    publish(instance)
    instance.close()
    return list(dict.fromkeys(bomb.passed))


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The points of an act."""
    return points_of_an_act(tmp_path_factory.mktemp("points"))


PUBLISH = [
    f"{where}.{when}"
    for where in (
        "directory.private.signed",
        "directory.public.tile/entries/000.p/1",
        "directory.public.tile/0/000.p/1",
        "directory.public.checkpoint",
        "audit.private.signed",
        "audit.public.tile/entries/000.p/32",
        "audit.public.tile/0/000.p/32",
        "audit.public.checkpoint",
    )
    for when in ("before", "after")
] + ["audit.publish.after-padding"]


def test_the_points_are_all_there_are(points: list[str]) -> None:
    """Every write of an act and its publication has its points, and each is in the tables below."""
    assert set(points) == {*APPEND, *COMMIT, *PUBLISH}


@pytest.mark.parametrize("point", [*APPEND, *COMMIT, *PUBLISH])
def test_an_exception_anywhere_leaves_a_sound_instance(tmp_path: Path, point: str) -> None:
    """The same process and the next one go on; what was refused is done by asking again."""

    def blow() -> None:
        if point.endswith("before"):
            raise OSError(errno.ENOSPC, "no space left on device")
        raise Crash(point)

    clock, bodies = setting()
    bomb = Bomb(point, blow)
    instance = bombed(tmp_path, bomb, clock, bodies).start()
    arm(instance, bomb)
    for step in (act, publish):
        try:
            step(instance)
        except (Crash, OSError, OutcomeUnknownError):
            pass
    assert not bomb.armed
    assert whole(instance)
    act(instance)
    publish(instance)
    assert instance.fsck() == []
    instance.close()
    recovered(tmp_path, clock, bodies)


CHILD = """
import os, signal, sys
from pathlib import Path
from tests.faults import test_publish_faults as t
folder, point = Path(sys.argv[1]), sys.argv[2]
clock, bodies = t.setting()
bomb = t.Bomb(point, lambda: os.kill(os.getpid(), signal.SIGKILL))
instance = t.bombed(folder, bomb, clock, bodies).start()
t.arm(instance, bomb)
t.act(instance)
t.publish(instance)
"""


@pytest.mark.parametrize(
    "point",
    [
        "audit.record.after-chain",
        "logs.append.before-head",
        "audit.store.after-statement",
        *COMMIT,
        "directory.private.signed.after",
        "audit.publish.after-padding",
        "audit.public.tile/0/000.p/32.after",
        "audit.public.checkpoint.after",
    ],
)
def test_sigkill_leaves_a_sound_instance(tmp_path: Path, point: str) -> None:
    """Nothing runs any more in the killed process, no hook and no handler: the next one recovers all the same."""
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), point], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, timeout=60, check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    clock, bodies = setting()
    recovered(tmp_path, clock, bodies)


@pytest.mark.parametrize("log", ["directory", "audit"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("file", ["private.signed", "public.checkpoint"])
def test_founding_a_log_is_completed_by_the_next_start(tmp_path: Path, log: str, file: str, when: str) -> None:
    """The empty tree is signed, then shown; in between a process may end."""

    def blow() -> None:
        raise Crash(file)

    clock, bodies = setting()
    bomb = Bomb(f"{log}.{file}.{when}", blow)
    bomb.armed = True
    instance = bombed(tmp_path, bomb, clock, bodies)
    with pytest.raises(Crash):
        instance.start()
    instance.close()
    recovered(tmp_path, clock, bodies)
