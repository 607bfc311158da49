"""The servers of a run, of two sorts with one interface: an application in this process, and processes that can be killed."""

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from exchange import create_app
from exchange.config import Config
from exchange.web.process import Process
from exchange.web.services import EXTENSION
from tests.faults.nursery import Nursery
from tests.faults.seeded_app import PUBLISH, publish
from tests.faults.seeded_faults import Seeded, ShiftedClock, line_of, services
from tests.faults.seeded_plan import Fault

HOST_NAME: Final = "localhost:8443"
PATIENCE: Final = 60.0
# A server that was started so often in one run cannot be started.
MOST_STARTS: Final = 12


class LostError(Exception):
    """No answer came: nobody knows what became of the request."""


@dataclass(frozen=True)
class Answer:
    """A status, and the values of a JSON body; {} for any other."""

    status: int
    json: Mapping[str, Any]
    text: str = ""

    @property
    def status_code(self) -> int:
        """The status, as Flask spells it."""
        return self.status

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.json.get("code", ""))


def _answer(status: int, data: bytes) -> Answer:
    text = data.decode("utf-8", "replace")
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        value = {}
    return Answer(status, value if isinstance(value, dict) else {"list": value}, text)


class Host(Protocol):
    """One server."""

    starts: int

    def send(self, method: str, path: str, headers: Mapping[str, str], data: bytes, *, cut: bool = False) -> Answer:
        """Send a request and return its answer; LostError without one, as always when the line is `cut` after sending."""
        ...

    def publish(self) -> str | None:
        """Make both logs public; return the code of what went wrong. LostError as `send`."""
        ...

    def arm(self, fault: Fault) -> None:
        """Let a fault happen from now on."""
        ...

    def revive(self) -> None:
        """Start it again if it has died."""
        ...

    def close(self, *, kill: bool) -> None:
        """End it, by a signal that it may take notice of or one that it may not."""
        ...

    def fired(self) -> list[tuple[str, str]]:
        """What has happened so far: (action, point)."""
        ...


class ThreadHost:
    """An application in this process."""

    def __init__(self, config: Config, clock: float) -> None:
        """`clock`: by how many seconds its clock is wrong."""
        self.faults = Seeded()
        self.starts = 1
        self.app = create_app(config, replace=services(config, ShiftedClock(clock), self.faults), background=False)
        self.services = self.app.extensions[EXTENSION]

    def send(self, method: str, path: str, headers: Mapping[str, str], data: bytes, *, cut: bool = False) -> Answer:
        """See Host."""
        client = self.app.test_client()
        found = client.open(path, method=method, data=data, headers=dict(headers), base_url=f"http://{HOST_NAME}")
        if cut:
            raise LostError("cut")
        return _answer(found.status_code, found.get_data())

    def publish(self) -> str | None:
        """See Host."""
        return publish(self.services)

    def arm(self, fault: Fault) -> None:
        """See Host."""
        self.faults.arm(fault)

    def revive(self) -> None:
        """See Host."""

    def close(self, *, kill: bool) -> None:
        """See Host."""
        self.services.get(Process).stop()
        if self.faults.database is not None:
            self.faults.database.dispose()

    def fired(self) -> list[tuple[str, str]]:
        """See Host."""
        return list(self.faults.fired)


class Processes:
    """The nursery of a process, for several threads."""

    def __init__(self) -> None:
        """Start it."""
        self._nursery = Nursery()
        self._lock = threading.Lock()

    def start(self, environment: Mapping[str, str], log: Path) -> int:
        """Start a server; return the id of its process and group."""
        with self._lock:
            return self._nursery.start(["--app", "tests.faults.seeded_app", "serve"], environment, log)

    def ended(self, pid: int) -> int | None:
        """See Nursery."""
        with self._lock:
            return self._nursery.ended(pid)

    def close(self) -> None:
        """See Nursery."""
        self._nursery.close()


class ProcessHost:
    """A gunicorn with one worker, in processes of its own."""

    def __init__(self, processes: Processes, config: Config, folder: Path, clock: float) -> None:
        """Start it; the files it is armed through, and its log, lie in `folder`."""
        folder.mkdir()
        self._processes, self._folder = processes, folder
        self._armed, self._fired = folder / "armed", folder / "fired"
        self._lock = threading.Lock()
        self.starts = 0
        self.port = _free_port()
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("EXCHANGE_", "DATABASE_"))},
            "EXCHANGE_INSTANCE": str(config.instance),
            "DATABASE_URL": config.database_url,
            "EXCHANGE_PORT": str(self.port),
            "EXCHANGE_PUBLIC_URL": f"http://{HOST_NAME}",
            "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "3600",
            "EXCHANGE_RATE_LIMITS": "0",
            "EXCHANGE_THREADS": "4",
            "LANG": "C.UTF-8",
            "FAULT_ARMED": str(self._armed),
            "FAULT_FIRED": str(self._fired),
            "FAULT_CLOCK": str(clock),
        }
        self._pid: int | None = None
        self.revive()

    def send(self, method: str, path: str, headers: Mapping[str, str], data: bytes, *, cut: bool = False) -> Answer:
        """See Host."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            line.request(method, path, body=data or None, headers={**headers, "Host": HOST_NAME})
            if cut:
                raise LostError("cut")
            answer = line.getresponse()
            return _answer(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise LostError(type(error).__name__) from None
        finally:
            line.close()

    def publish(self) -> str | None:
        """See Host."""
        answer = self.send("POST", PUBLISH, {}, b"")
        return None if answer.status == 200 else answer.text or "failed"

    def arm(self, fault: Fault) -> None:
        """See Host."""
        with self._lock:
            waiting = self._armed.read_text(encoding="ascii") if self._armed.exists() else ""
            beside = self._folder / "armed.new"
            beside.write_text(waiting + line_of(fault), encoding="ascii")
            beside.replace(self._armed)

    def revive(self) -> None:
        """See Host. What is being killed may still look alive for a moment, so only an answer is believed."""
        with self._lock:
            limit = time.monotonic() + PATIENCE
            while time.monotonic() < limit:
                if self._pid is None or self._processes.ended(self._pid) is not None:
                    # Also when it was killed at its start, by a fault that was armed while the last one died.
                    if self.starts > MOST_STARTS:
                        break
                    self.starts += 1
                    self._pid = self._processes.start(self._environment, self._folder / "server.log")
                if self._answers():
                    return
                time.sleep(0.02)
        raise AssertionError(self.log())

    def _answers(self) -> bool:
        try:
            return self.send("GET", "/api/v1/instance", {}, b"").status == 200
        except LostError:
            return False

    def close(self, *, kill: bool) -> None:
        """See Host."""
        if self._pid is None or self._processes.ended(self._pid) is not None:
            return
        os.killpg(self._pid, signal.SIGKILL if kill else signal.SIGTERM)
        limit = time.monotonic() + PATIENCE
        while self._processes.ended(self._pid) is None:
            if time.monotonic() > limit:
                os.killpg(self._pid, signal.SIGKILL)
                raise AssertionError("a server does not end:\n" + self.log())
            time.sleep(0.01)

    def fired(self) -> list[tuple[str, str]]:
        """See Host."""
        if not self._fired.exists():
            return []
        pairs = [line.split(" ", 1) for line in self._fired.read_text(encoding="ascii").splitlines()]
        return [(action, point) for action, point in pairs]

    def log(self) -> str:
        """What the server wrote."""
        path = self._folder / "server.log"
        return path.read_text(errors="replace")[-4_000:] if path.exists() else ""


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
