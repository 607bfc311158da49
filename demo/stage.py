"""The demo's stage: an instance with a real server process, homes of officers, and commands run as people run them.

Everything is told on standard output: what is done, the commands themselves, the lines of their output that matter, and
what the step proves. A command that ends otherwise than expected ends the demo with exit code 1.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

ROOT: Final = Path(__file__).resolve().parent.parent
BIN: Final = Path(sys.executable).parent
# The demo's public checkpoint moves every few seconds, not once a minute; the server allows that on loopback alone.
CHECKPOINT_SECONDS: Final = 2
# The least a passphrase lock may ask for: the demo unlocks keys some eighty times.
MEMORY_MIB: Final = 64


class DemoFailed(Exception):
    """A step did not end as the story says."""


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object that `--json` prints."""
        return json.loads(self.out)


class Stage:
    """Folders, the server, and the people."""

    def __init__(self, instance: Path, homes: Path, language: str) -> None:
        self.instance = instance
        self.homes = homes
        self.language = language
        self.files = homes / "papers"
        self.secrets: list[str] = []
        self._server: subprocess.Popen[bytes] | None = None
        # A port of its own: a server that happens to run on this machine, another demo's even, must not answer for ours.
        self._port = free_port()
        self._log = instance.parent / f"{instance.name}.log"
        self._texts = tomllib.loads((Path(__file__).parent / f"story.{language}.toml").read_text(encoding="utf-8"))
        self._step = 0

    # Telling

    def text(self, key: str, **values: object) -> str:
        """Return a sentence of the story in the language chosen."""
        found: Any = self._texts
        for name in key.split("."):
            found = found[name]
        return str(found).format(**values)

    def chapter(self, key: str) -> None:
        """Begin a chapter."""
        self._step += 1
        print(f"\n{'─' * 78}\n{self._step:>2}. {self.text(f'chapter.{key}')}\n", flush=True)

    def proves(self, key: str, **values: object) -> None:
        """Say what the step has shown."""
        print(f"    ✔ {self.text(f'proves.{key}', **values)}", flush=True)

    def tell(self, key: str, **values: object) -> None:
        """Say a sentence of the story."""
        print(f"    {self.text(f'tell.{key}', **values)}", flush=True)

    def show(self, lines: Iterable[str], most: int = 12) -> None:
        """Show lines of output, indented; what is over `most` lines is counted."""
        kept = [line for line in lines if line.strip()]
        for line in kept[:most]:
            print(f"        {line}", flush=True)
        if len(kept) > most:
            print(f"        … ({len(kept) - most})", flush=True)

    # Folders and the server

    def clear(self) -> None:
        """Remove what an earlier run left, and make the folders anew."""
        for folder in (self.instance, self.homes):
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(mode=0o700)
        self.files.mkdir(mode=0o700)
        self._log.unlink(missing_ok=True)

    def flask(self, *arguments: str) -> Ran:
        """Run one of the operator's commands."""
        command = [str(BIN / "python"), "-m", "flask", "--app", "wsgi", *arguments]
        print(f"    $ flask {' '.join(shown(arguments))}", flush=True)
        return self._run(command, self._environment(), 0)

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://localhost:{self._port}"

    def start_server(self) -> None:
        """Start the real server and wait until it answers; DemoFailed after twenty seconds."""
        command = [str(BIN / "python"), "-m", "flask", "--app", "wsgi", "serve"]
        with self._log.open("ab") as log:
            # The server's own line stays in its log: the demo's output is the story.
            self._server = subprocess.Popen(  # our own interpreter and our own module
                command, cwd=ROOT, env=self._environment(), stdout=log, stderr=log
            )
        end = time.monotonic() + 20
        while time.monotonic() < end and self._server.poll() is None:
            try:
                if httpx.get(f"{self.url}/api/v1/instance", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise DemoFailed(f"the server does not answer: see {self._log}")

    def stop_server(self) -> None:
        """End the server as an operator would."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=30)
            self._server = None

    @property
    def server_log(self) -> bytes:
        """Everything the server has written to its log."""
        return self._log.read_bytes()

    # People

    def passphrase(self, who: str) -> None:
        """Give a person a passphrase in a file of their own."""
        phrase = " ".join(secrets.choice(WORDS) for _ in range(7))
        self.secrets.append(phrase)
        path = self.homes / f"{who}.passphrase"
        path.touch(mode=0o600)
        path.write_text(phrase + "\n", encoding="utf-8")

    def exchange(self, who: str, *arguments: str, expect: int = 0, quiet: bool = False, as_json: bool = False) -> Ran:
        """Run `exchange` as a person; DemoFailed when it ends with another exit code than `expect`."""
        if not quiet:
            print(f"    {who}$ exchange {' '.join(shown(arguments))}", flush=True)
        command = [str(BIN / "exchange"), *arguments, *(["--json"] if as_json else [])]
        environment = {
            **os.environ,
            "EXCHANGE_HOME": str(self.homes / who),
            "EXCHANGE_LANG": self.language,
            "EXCHANGE_PASSPHRASE_FILE": str(self.homes / f"{who}.passphrase"),
            "NO_COLOR": "1",
            "COLUMNS": "110",
        }
        return self._run(command, environment, expect)

    def together(self, jobs: Sequence[tuple[str, ...]]) -> list[Ran]:
        """Run commands of different people at the same time: each job is (who, argument, ...)."""
        for who, *arguments in jobs:
            print(f"    {who}$ exchange {' '.join(shown(arguments))}", flush=True)
        with ThreadPoolExecutor(max_workers=3) as pool:
            return list(pool.map(lambda job: self.exchange(job[0], *job[1:], quiet=True), jobs))

    def paper(self, name: str) -> str:
        """Return the path of a file that people hand to each other."""
        return str(self.files / name)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EXCHANGE_")}
        return {
            **kept,
            "EXCHANGE_INSTANCE": str(self.instance),
            "EXCHANGE_PORT": str(self._port),
            "EXCHANGE_PUBLIC_URL": self.url,
            "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": str(CHECKPOINT_SECONDS),
            "LANG": {"fr": "fr_FR.UTF-8"}.get(self.language, "C.UTF-8"),
        }

    def _run(self, command: list[str], environment: dict[str, str], expect: int) -> Ran:
        done = subprocess.run(  # our own commands with arguments of our own
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode != expect:
            print(done.stdout, done.stderr, sep="\n", flush=True)
            raise DemoFailed(f"exit code {done.returncode}, not {expect}: {' '.join(shown(command))}")
        return Ran(done.returncode, done.stdout, done.stderr)


def free_port() -> int:
    """Return a port of the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def shown(arguments: Iterable[str]) -> list[str]:
    """Return arguments as they are shown: paths below the project without the way to it, texts with spaces quoted."""
    short = (argument.replace(f"{ROOT}/", "") for argument in arguments)
    return [f"'{argument}'" if " " in argument else argument for argument in short]


WORDS: Final = (
    "amber birch cedar delta ember fjord grove heron indigo juniper kestrel lagoon maple nectar osprey pebble quartz "
    "raven saffron thistle umber violet willow yarrow zephyr"
).split()
