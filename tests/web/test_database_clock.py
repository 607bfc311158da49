"""The clock that several hosts share: asked of the database now and then, counted on in between and while it is away."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from exchange import wiring
from exchange.db import DatabaseAwayError
from exchange.wiring import DatabaseClock, SystemClock

RIGHT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Unit:
    """A unit of work of `FakeDatabase`."""

    def __init__(self, now: datetime) -> None:
        self.now = now


class FakeDatabase:
    """A database whose clock a test moves, and which a test takes away."""

    def __init__(self) -> None:
        self.moment = RIGHT
        self.away = False
        self.asked = 0
        self.slow: Callable[[], None] = lambda: None

    @contextmanager
    def unit_of_work(self) -> Iterator[Unit]:
        """See Database."""
        self.asked += 1
        self.slow()
        if self.away:
            raise DatabaseAwayError("the database is not reached")
        yield Unit(self.moment)


class WrongClock(SystemClock):
    """A host whose clock is an hour ahead."""

    def now(self) -> datetime:
        """See SystemClock."""
        return RIGHT + HOUR


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock of this process, in the one element of a list."""
    moments = [1000.0]
    monkeypatch.setattr(wiring.time, "monotonic", lambda: moments[0])
    return moments


@pytest.fixture
def database() -> FakeDatabase:
    """The database asked."""
    return FakeDatabase()


@pytest.fixture
def clock(database: FakeDatabase, seconds: list[float]) -> DatabaseClock:
    """The clock under test, on a host that is wrong by an hour."""
    return DatabaseClock(database, WrongClock())  # type: ignore[arg-type]


def test_it_tells_the_databases_time_and_asks_now_and_then(
    clock: DatabaseClock, database: FakeDatabase, seconds: list[float]
) -> None:
    """Between two questions, ten seconds apart, it counts on; a host's own clock is not looked at."""
    told = []
    for _ in range(40):
        told.append(clock.now())
        seconds[0] += 1
        database.moment += timedelta(seconds=1)
    assert told == [RIGHT + timedelta(seconds=n) for n in range(40)]
    assert database.asked == 4


def test_it_counts_on_while_the_database_is_away(
    clock: DatabaseClock, database: FakeDatabase, seconds: list[float]
) -> None:
    """From what it heard last, for as long as it takes; and it goes by the database again once that answers."""
    assert clock.now() == RIGHT
    database.away = True
    seconds[0] += 3600
    assert clock.now() == RIGHT + HOUR
    database.away, database.moment = False, RIGHT + 2 * HOUR
    assert clock.now() == RIGHT + 2 * HOUR


def test_before_the_first_answer_the_machine_is_believed(
    clock: DatabaseClock, database: FakeDatabase
) -> None:
    """A host that starts while the database is away has no better clock, until it answers for the first time."""
    database.away = True
    assert clock.now() == RIGHT + HOUR
    database.away = False
    assert clock.now() == RIGHT


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_clock_that_jumps_is_followed_at_the_next_question(
    clock: DatabaseClock, database: FakeDatabase, seconds: list[float], jump: timedelta
) -> None:
    """The database's clock is the exchange's, set right or wrong: all hosts follow it within ten seconds.

    Nothing that is decided goes back with it: decisions and signed times have a floor of their own.
    """
    assert clock.now() == RIGHT
    database.moment += jump
    seconds[0] += 5
    assert clock.now() == RIGHT + timedelta(seconds=5)
    seconds[0] += 6
    assert clock.now() == RIGHT + jump


def test_one_thread_asks_and_the_others_go_on(
    clock: DatabaseClock, database: FakeDatabase, seconds: list[float]
) -> None:
    """While a slow database is asked, nobody else waits for it, and no second connection is taken."""
    assert clock.now() == RIGHT
    seconds[0] += 11
    asking, answered = threading.Event(), threading.Event()

    def slow() -> None:
        asking.set()
        assert answered.wait(10)

    database.slow = slow
    thread = threading.Thread(target=clock.now)
    thread.start()
    assert asking.wait(10)
    assert [clock.now() for _ in range(5)] == [RIGHT + timedelta(seconds=11)] * 5
    answered.set()
    thread.join()
    assert database.asked == 2
