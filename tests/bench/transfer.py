"""Deposit and open over loopback, the real commands in processes of their own, against age and nginx doing the like.

Theirs: `age` encrypts a file, durably, and it is sent with DAV PUT; it is fetched with a static GET and `age -d` opens it.
Ours is that with everything an exchange is for: keys unlocked with a passphrase, the directory brought up to date, policy,
envelopes, registration, a release with its entry, a receipt. Peak memory is shown beside that for a small file.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx

from tests.bench.figures import Bench, Figure, paired
from tests.bench.front import FILES, nginx
from tests.bench.peers import MIB, Age, make_durable, need, random_file
from tests.scripts.running import ROOT, Exchange, Person, found

DEPOSIT: Final = "--to un-spt --state XA --language en --kind visit_report --adopted-on 2026-02-03".split()
# The process says itself at its end what it has had at most: what wait4 says counts the process that started it as well.
_LINE: Final = """
import os, sys
from exchange.client.cli.main import main
try:
    main()
finally:
    with open("/proc/self/status") as status, open(os.environ["BENCH_PEAK"], "w") as peak:
        peak.writelines(line for line in status if line.startswith("VmHWM"))
"""
_SHOWN: Final = {"deposit": "client, deposit", "open": "client, open", "server": "server, its largest process"}


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield deposit and open, and what memory they take."""
    need("nginx", "nginx-core")
    size, small = bench.choose(1024, 128, 2), bench.choose(16, 8, 1)
    runs = bench.choose(3, 3, 1)
    folder = bench.folder / "exchange"
    folder.mkdir()
    exchange = found(folder)
    try:
        age = Age(bench.folder, 1)
        with nginx(bench.folder, exchange) as peer:
            plain = random_file(bench.folder / "plain", size * MIB)
            ours, theirs = _Ours(exchange.cpt, bench.folder / "opened"), _Theirs(age, peer, bench.folder)
            # What the two processes of a server and a client need at all, before anything large has come.
            ours.deposit(random_file(bench.folder / "small", small * MIB))
            ours.open()
            before, ours.peaks = {**ours.peaks, "server": [server_peak(exchange)]}, {}
            bench.say(f"deposit {size} MiB")
            deposit = partial(ours.deposit, plain), partial(theirs.deposit, plain)
            yield _figure(f"deposit {size} MiB", "age and nginx DAV PUT", *deposit, runs, size)
            bench.say(f"open {size} MiB")
            name, program = f"open {size} MiB from the server", "nginx static GET and age -d"
            yield _figure(name, program, ours.open, theirs.open, runs, size)
            ours.peaks["server"] = [server_peak(exchange)]
            for what, called in _SHOWN.items():
                large, little = max(ours.peaks[what]) / MIB, max(before[what]) / MIB
                name, beside = f"peak memory of the {called}, {size} MiB", f"the same with {small} MiB"
                yield Figure(name, beside, large, little, large / little, 1, scale="MiB")
    finally:
        exchange.server.stop()


def _figure(name: str, peer: str, ours: Any, theirs: Any, runs: int, size: int) -> Figure:
    return paired(name, peer, ours, theirs, runs=runs, work=size, unit="MiB", before=os.sync)


@dataclass
class _Ours:
    """An officer who deposits files and opens the last report."""

    person: Person
    out: Path
    peaks: dict[str, list[int]] = field(default_factory=dict)
    report: str = ""

    def deposit(self, file: Path) -> None:
        """Deposit a file as a new report."""
        self.report = str(self._command("deposit", [str(file), *DEPOSIT])["report"])

    def open(self) -> None:
        """Open the report that was deposited last."""
        shutil.rmtree(self.out, ignore_errors=True)
        self._command("open", [self.report, "--purpose", "follow_up", "-o", str(self.out)])

    def _command(self, name: str, words: Sequence[str]) -> dict[str, Any]:
        peak = self.out.with_name("peak")
        environment = {
            **os.environ,
            "BENCH_PEAK": str(peak),
            "EXCHANGE_HOME": str(self.person.home),
            "EXCHANGE_PASSPHRASE_FILE": str(self.person.phrase),
            "EXCHANGE_LANG": "en",
        }
        with tempfile.TemporaryFile() as out:
            command = [sys.executable, "-c", _LINE, name, *words, "--json"]
            code = subprocess.call(command, env=environment, cwd=ROOT, stdout=out, stderr=subprocess.DEVNULL)
            out.seek(0)
            said = out.read().decode()
        if code:
            raise ValueError(f"{name} ended with {code}: {said}")
        self.peaks.setdefault(name, []).append(_peak(peak))
        return dict(json.loads(said))


@dataclass
class _Theirs:
    """Somebody who encrypts with age and keeps files at nginx."""

    age: Age
    peer: httpx.Client
    folder: Path

    def deposit(self, file: Path) -> None:
        """Encrypt a file and send it."""
        sealed = self.folder / "by-age"
        sealed.unlink(missing_ok=True)
        self.age.encrypt(file, sealed, 1)
        with sealed.open("rb") as content:
            said = {"Content-Length": str(sealed.stat().st_size)}
            blocks = iter(lambda: content.read(MIB), b"")
            self.peer.put(f"{FILES}by-age", content=blocks, headers=said).raise_for_status()

    def open(self) -> None:
        """Fetch the file and decrypt it."""
        fetched, out = self.folder / "fetched", self.folder / "by-age-opened"
        out.unlink(missing_ok=True)
        with fetched.open("wb") as file, self.peer.stream("GET", f"{FILES}by-age") as answer:
            answer.raise_for_status()
            for block in answer.iter_raw(MIB):
                file.write(block)
        self.age.decrypt(fetched, out)
        make_durable(out)


def server_peak(exchange: Exchange) -> int:
    """Return the most memory that a process of the server has had, in bytes."""
    group, most = os.getpgid(exchange.server._process.pid) if exchange.server._process else 0, 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            if os.getpgid(int(status.parent.name)) == group:
                most = max(most, _peak(status))
    return most


def _peak(status: Path) -> int:
    """Return what the line VmHWM of a process's status says, in bytes; 0 where there is none (proc(5))."""
    lines = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return max((int(line.split()[1]) * 1024 for line in lines), default=0)
