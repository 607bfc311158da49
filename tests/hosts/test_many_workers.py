"""Several workers on one host: each is whole, one may die at any moment, and nothing of one is used by another."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hosts.asking import TOKENS, Load, entries_of
from tests.hosts.machines import children, database_of, running, until, workers
from tests.load.hosts import ENGINES, Host
from tests.scripts.running import ROOT

pytestmark = [
    pytest.mark.full("a minute of real servers, and Debian's postgresql"),
    pytest.mark.sqlite("it brings PostgreSQL itself"),
    pytest.mark.timeout(300),
]

@pytest.mark.parametrize("engine", ENGINES)
def test_one_of_several_workers_is_killed_and_the_others_go_on(engine: str, tmp_path: Path) -> None:
    """SIGKILL under load: requests of that worker break and no others; a new worker comes; the log is dense, and no view's
    key was used twice, though every worker draws chains of its own."""
    with database_of(tmp_path, engine) as url, running(tmp_path, url, EXCHANGE_WORKERS="3") as machines:
        (host,) = machines.hosts
        until(lambda: len(workers(host)) == 3)
        before = workers(host)
        with Load(machines, 6) as load:
            until(lambda: len(load.given) >= 60)
            os.kill(before[0], signal.SIGKILL)
            killed = time.monotonic()
            until(lambda: len([each for each in load.given if each > killed]) >= 60)
        assert load.refused == []
        assert len(load.broken) <= 6
        until(lambda: len(workers(host)) == 3)
        assert before[0] not in workers(host) and set(before[1:]) <= set(workers(host))
        machines.check_log()
        assert len(load.given) <= entries_of(machines, TOKENS) <= len(load.given) + len(load.broken)


def test_a_stop_lets_requests_end(tmp_path: Path) -> None:
    """SIGTERM under load: every request that was answered stands, and the process ends with exit 0."""
    with running(tmp_path, EXCHANGE_WORKERS="2") as machines:
        (host,) = machines.hosts
        process = host._process
        assert process is not None
        with Load(machines, 4) as load:
            until(lambda: len(load.given) >= 20)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
            load.done.set()
        assert load.refused == []
        assert machines.complaints() == []
        machines.check_log()
        assert len(load.given) <= entries_of(machines, TOKENS)


@pytest.mark.parametrize("words", [(), ("--preload",)], ids=["plain", "preload"])
def test_any_wsgi_server_will_do(tmp_path: Path, words: tuple[str, ...]) -> None:
    """`gunicorn wsgi:app` with several workers, made before the fork or after it: each starts at its first request."""
    with running(tmp_path) as machines:
        (host,) = machines.hosts
        host.stop()
        process = _gunicorn(host, *words)
        try:
            until(lambda: machines.ask(0, "GET", "/api/v1/instance").status_code == 200)
            until(lambda: len(children(process.pid)) == 3)
            with Load(machines, 6) as load:
                until(lambda: len(load.given) >= 60)
            assert (load.refused, load.broken) == ([], [])
        finally:
            process.terminate()
            assert process.wait(30) == 0
        machines.check_log()
        assert entries_of(machines, TOKENS) == len(load.given)


def _gunicorn(host: Host, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--workers", "3", "--threads", "4", *words]
    with (host.folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{host.port}"], cwd=ROOT, env=host.environment, stdout=log, stderr=log
        )


def test_the_address_is_free_again(tmp_path: Path) -> None:
    """After a stop nothing of the server is left: neither a worker nor its socket."""
    with running(tmp_path, EXCHANGE_WORKERS="2") as machines:
        (host,) = machines.hosts
        until(lambda: len(workers(host)) == 2)
        pids = workers(host)
        host.stop()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", host.port))
        assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
