"""A Redis of the tests' own: on a socket only, with a password, in memory, gone when the test ends."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from tests.programs import program

PASSWORD: Final = "planted-password-of-redis"


class RedisServer:
    """A server that a test kills, stops and starts again."""

    def __init__(self, folder: Path) -> None:
        """Choose a socket in `folder`, whose path is short enough for one; nothing runs yet."""
        self.folder = folder
        self.socket = folder / "socket"
        self._program = program("redis-server", "valkey-server", package="redis-server")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """How REDIS_URL names it."""
        return f"unix://:{PASSWORD}@{self.socket}"

    def start(self) -> None:
        """Start it, empty, and return when it answers."""
        words = ["--port", "0", "--unixsocket", str(self.socket), "--requirepass", PASSWORD]
        words += ["--save", "", "--dir", str(self.folder)]
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen([self._program, *words], stdout=log, stderr=log)
        for _ in range(200):
            try:
                self.client().ping()
                return
            except RedisError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "redis.log").read_text())

    def client(self) -> "Redis[Any]":
        """A connection to look at what it keeps."""
        return Redis(unix_socket_path=str(self.socket), password=PASSWORD)

    def hang(self) -> None:
        """Let it stop answering with every connection open, until it is killed."""
        self._signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self._signal(signal.SIGKILL)
            self._process.wait(30)
        self._process = None

    def _signal(self, number: int) -> None:
        if self._process is None:
            raise RuntimeError("Redis does not run")
        os.kill(self._process.pid, number)


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """A Redis that runs for the length of the block."""
    folder.mkdir()
    server = RedisServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
