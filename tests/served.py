"""A server in a process of its own: an instance folder, a port of loopback, settings, and how it is started and stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]


class Served:
    """One server; nothing runs, and nothing is made, before somebody asks for it."""

    def __init__(self, folder: Path, settings: Mapping[str, str], app: str = "wsgi") -> None:
        """Choose a free port; of this process's settings of an exchange none is passed on."""
        self.folder = folder
        self.app = app
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EXCHANGE_")}
        kept.pop("DATABASE_URL", None)
        own = {"EXCHANGE_INSTANCE": str(folder / "instance"), "EXCHANGE_PORT": str(self.port), "LANG": "C.UTF-8"}
        self.environment = {**kept, **own, "EXCHANGE_PUBLIC_URL": self.url, **settings}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it said on standard error."""
        return (self.folder / "server.log").read_text(errors="replace")

    def start(self) -> None:
        """Serve, and return when the server answers; AssertionError with what it said where it does not."""
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", self.app, "serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(600):
            try:
                httpx.get(f"{self.url}/api/v1/instance", trust_env=False)
                return
            except httpx.TransportError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        raise AssertionError(self.log)

    def stop(self) -> None:
        """End the process started here, as its operator would."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(60)
        self._process = None
