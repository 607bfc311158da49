"""A real Redis between two hosts: it counts attempts for both, it may hang or die at any moment, and nothing depends on it."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from limits import parse

from exchange.web.limits import LIMITS
from tests.hosts.machines import API, Machines, database_of, running, until
from tests.hosts.redis_server import PASSWORD, RedisServer, redis_server

pytestmark = [
    pytest.mark.full("Debian's postgresql and redis-server"),
    pytest.mark.sqlite("it brings its own PostgreSQL"),
    pytest.mark.timeout(300),
]

MOST = parse(LIMITS["sign-in-account"]).amount
# Longer than a process leaves a Redis alone that did not answer.
AGAIN = 6


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    """The Redis; its socket's path must be short."""
    with tempfile.TemporaryDirectory(prefix="redis") as folder, redis_server(Path(folder) / "r") as server:
        yield server


@pytest.fixture(scope="module")
def machines(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """An exchange of two hosts with a process each, whose limits are in force and counted in `redis`."""
    folder = tmp_path_factory.mktemp("redis")
    settings = {"REDIS_URL": redis.url, "EXCHANGE_RATE_LIMITS": "1"}
    with database_of(folder) as url, running(folder, url, hosts=2, **settings) as made:
        yield made


def guesses(machines: Machines, name: str, *hosts: int) -> list[int]:
    """Guess at somebody's password, once at each of these hosts in turn; return the statuses."""
    with machines.browser() as browser:
        return [browser.sign_in(host, name, "a guess").status_code for host in hosts]


def said(machines: Machines, words: str) -> int:
    """How often the hosts say something in their logs."""
    return sum(host.log.count(words) for host in machines.hosts)


def test_two_processes_count_together(machines: Machines, redis: RedisServer) -> None:
    """Whichever host is asked, the limit is one; others are not affected; what Redis keeps tells nothing of anybody."""
    statuses = guesses(machines, "anna", *[n % 2 for n in range(MOST)])
    assert statuses == [401] * MOST
    assert guesses(machines, "anna", 0, 1) == [429, 429]
    assert guesses(machines, "bert", 0, 1) == [401, 401]
    kept = redis.client().keys("*")
    assert len(kept) >= 3
    assert not any(word in key for key in kept for word in (b"anna", b"bert", b"127.0.0.1"))


def test_a_redis_that_hangs_delays_one_request_a_little(machines: Machines, redis: RedisServer) -> None:
    """A request waits for it for a moment, and the next ones do not ask; everybody is served."""
    redis.hang()
    began = time.monotonic()
    for number in range(4):
        machines.token(machines.officer(number), number % 2)
    assert time.monotonic() - began < 10
    assert said(machines, "REDIS_URL does not answer") == 2


def test_without_redis_each_process_counts_by_itself(machines: Machines, redis: RedisServer) -> None:
    """Killed, no worse: guesses are limited by each process's own counts, tokens are given, reports are listed."""
    redis.kill()
    for host in (0, 1):
        assert guesses(machines, "carla", *[host] * (MOST + 1)) == [401] * MOST + [429]
        token = machines.token(machines.officer(host), host)
        assert machines.ask(1 - host, "GET", f"{API}/reports?box=inbox", token).status_code == 200


def test_redis_comes_back(machines: Machines, redis: RedisServer) -> None:
    """Empty and after some seconds: both processes count in it again, and say so once."""
    redis.start()
    time.sleep(AGAIN)
    for host in (0, 1):
        machines.token(machines.officer(host), host)
    assert said(machines, "REDIS_URL answers again") == 2
    assert guesses(machines, "doris", *[n % 2 for n in range(MOST + 2)]) == [401] * MOST + [429] * 2


def test_afterwards_nothing_is_missing_and_nothing_is_told(machines: Machines, redis: RedisServer) -> None:
    """The log is dense and sound; no host's log holds Redis's password or place, nor an error."""
    machines.check_log()
    assert machines.complaints() == []
    until(lambda: said(machines, "REDIS_URL") == 4)
    for host in machines.hosts:
        assert PASSWORD not in host.log and str(redis.socket) not in host.log
