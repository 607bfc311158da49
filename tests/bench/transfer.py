"""Deposit and open a file over loopback with the real commands, each in a process of its own, and the memory they take.

Beside it stands what people do with ordinary tools and the same peers: `age` for as many recipients, `curl` into an nginx
(DAV PUT) and from it, `age -d`; files that are kept are made durable, as ours are. That proves nothing to anyone: no
directory, no consent, no log. In both times the commands' own starts are contained; in ours also the passphrase's 64 MiB of
Argon2id.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.bench.figures import Bench, Figure, paired
from tests.bench.front import FILES, nginx
from tests.bench.peers import MIB, Age, make_durable, need, random_file
from tests.scripts.running import ROOT, Exchange, found

RECIPIENTS = 2
AIM_MIB = 200
DEPOSIT = "--to un-spt --state XA --language en --kind visit_report --adopted-on 2026-02-03 --again --json".split()
OPEN = "--purpose follow_up --json".split()
# What the system says of a process's parent before it began would count as its own: it is asked at its end, of itself.
LINE = """
import atexit, sys
from pathlib import Path
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    Path(sys.argv.pop()).write_text(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
atexit.register(peak)
words, place = sys.argv[2:], sys.argv[1]
sys.argv = ["exchange", *words]
from exchange.client.cli.main import main
try:
    main()
finally:
    sys.argv = [place]
"""


class CommandFailedError(Exception):
    """A command that was to be measured did not do what it was asked; what it said."""


@dataclass
class Commands:
    """The founders' commands in a folder, with the most memory that each has taken, in MiB."""

    exchange: Exchange
    folder: Path
    report: str = ""
    peaks: dict[str, float] = field(default_factory=dict)

    def deposit(self, file: Path) -> None:
        """Deposit a file as a new report, of which the id is kept."""
        self.report = str(json.loads(self._run(f"deposit {_size(file)}", "deposit", str(file), *DEPOSIT))["report"])

    def open(self, size: str) -> None:
        """Open the last report into the folder `opened`."""
        self._run(f"open {size}", "open", self.report, *OPEN, "-o", str(self.folder / "opened"))

    def _run(self, name: str, *words: str) -> str:
        person = self.exchange.cpt
        environment = {
            **os.environ,
            "EXCHANGE_HOME": str(person.home),
            "EXCHANGE_PASSPHRASE_FILE": str(person.phrase),
            "EXCHANGE_LANG": "en",
        }
        with tempfile.NamedTemporaryFile(dir=self.folder) as peak:
            command = [sys.executable, "-c", LINE, peak.name, *words]
            done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                raise CommandFailedError(f"{name} ended with {done.returncode}: {done.stdout} {done.stderr}")
            taken = int(Path(peak.name).read_text()) / 1024
        self.peaks[name] = max(taken, self.peaks.get(name, 0))
        return done.stdout


@dataclass(frozen=True)
class Tools:
    """What people do with ordinary tools: a key for each reader, and a place on a web server."""

    age: Age
    curl: str
    url: str
    folder: Path

    def send(self, plain: Path) -> None:
        """Encrypt, upload, and make durable what the server has."""
        sealed = self.folder / "sealed-by-peer"
        self.age.encrypt(plain, sealed, RECIPIENTS)
        self._curl("-T", str(sealed), self.url)
        make_durable(self.folder / "files" / "part")

    def fetch(self) -> None:
        """Download, decrypt, and make the result durable."""
        fetched = self.folder / "fetched-by-peer"
        self._curl("-o", str(fetched), self.url)
        self.age.decrypt(fetched, self.folder / "opened-by-peer")

    def clear(self) -> None:
        """Remove what is not on the server, and let the disk finish."""
        for name in ("sealed-by-peer", "fetched-by-peer", "opened-by-peer"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "opened", ignore_errors=True)
        os.sync()

    def _curl(self, *words: str) -> None:
        subprocess.run([self.curl, "-sS", "--fail", "--noproxy", "*", *words], check=True, capture_output=True)


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield deposit and open at a hundredth, a tenth and all of the data, how times grow, and peak memory."""
    age, curl = Age(bench.folder, RECIPIENTS), need("curl", "curl")
    largest = bench.choose(1024 * MIB, 128 * MIB, 2 * MIB)
    place = bench.folder / "exchange"
    place.mkdir()
    exchange = found(place)
    commands = Commands(exchange, bench.folder)
    done: list[tuple[Figure, Figure]] = []
    try:
        with nginx(bench.folder, exchange) as client:
            tools = Tools(age, curl, str(client.base_url.join(f"{FILES}part")), bench.folder)
            for size in (largest // 100, largest // 10, largest):
                done.append(_both(bench, commands, tools, size))
                yield from done[-1]
        yield from _growth(done)
        yield from _memory(commands, _server_peak(exchange))
    finally:
        exchange.server.stop()


def _both(bench: Bench, commands: Commands, tools: Tools, size: int) -> tuple[Figure, Figure]:
    """Measure deposit and open of a file of this size."""
    file = random_file(bench.folder / f"report-{size}", size)
    runs = bench.choose(3, 3, 1)
    what = _size(file)
    bench.say(f"deposit {what}")
    deposit = paired(
        f"deposit {what}",
        f"age for {RECIPIENTS}, curl into nginx",
        partial(commands.deposit, file),
        partial(tools.send, file),
        runs=runs,
        work=size / MIB,
        unit="MiB",
        before=tools.clear,
    )
    bench.say(f"open {what}")
    opened = paired(
        f"open {what}",
        "curl from nginx, age -d",
        partial(commands.open, what),
        tools.fetch,
        runs=runs,
        work=size / MIB,
        unit="MiB",
        before=tools.clear,
    )
    file.unlink()
    return deposit, opened


def _growth(done: list[tuple[Figure, Figure]]) -> Iterator[Figure]:
    """Yield how many times as long the larger ones took: 10 and 100 would be in proportion."""
    for times, larger in zip((10, 100), done[1:], strict=True):
        for small, large in zip(done[0], larger, strict=True):
            ratio = large.ours / small.ours
            name = f"{large.name}, {times} times the data"
            yield Figure(name, f"ours, {small.name}", large.ours, small.ours, ratio, large.runs)


def _memory(commands: Commands, server: float) -> Iterator[Figure]:
    """Yield the most memory that each command, and any process of the server, has taken."""
    for name, peak in commands.peaks.items():
        yield _peak(f"peak memory of the client, {name}", peak)
    yield _peak("peak memory of the server's largest process, after all of it", server)


def _peak(name: str, peak: float) -> Figure:
    return Figure(name, "the aim", peak, AIM_MIB, peak / AIM_MIB, 1, scale="MiB")


def _server_peak(exchange: Exchange) -> float:
    """Return the most memory that a process of the server has had, in MiB."""
    group = os.getpgid(exchange.server._process.pid) if exchange.server._process else 0
    most = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            if os.getpgid(int(status.parent.name)) == group:
                lines = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
                most = max([most, *(int(line.split()[1]) for line in lines)])
    return most / 1024


def _size(file: Path) -> str:
    return f"{file.stat().st_size / MIB:,.4g} MiB"
