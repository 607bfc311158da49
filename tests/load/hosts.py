"""Real hosts on one exchange: processes that serve, each with an instance folder, a port and settings of its own.

`serving` founds the exchange on the engine asked for and starts the hosts. On PostgreSQL every host has its own instance
folder with a copy of the custody file, the same database, and the shared folder of pieces and logs; SQLite has one host.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exchange.database_url import POSTGRESQL
from tests import postgres
from tests.load.founding import Founded, copy_custody, found
from tests.load.papers import now
from tests.served import ROOT, Served

ENGINES: Final = ("sqlite", POSTGRESQL)


@dataclass(frozen=True)
class Setting:
    """What is served: the engine, how many hosts with how many workers each, how many officers, which application."""

    engine: str
    hosts: int
    workers: int
    officers: int
    app: str = "wsgi"

    @property
    def real_hosts(self) -> int:
        """SQLite lives on one host."""
        return self.hosts if self.engine == POSTGRESQL else 1

    @property
    def real_workers(self) -> int:
        """Workers a host: as many in all, on whichever engine."""
        return self.workers if self.engine == POSTGRESQL else self.workers * self.hosts


class Host(Served):
    """One host of an exchange, with its operator's commands."""

    def operator(self, *words: str) -> tuple[int, str]:
        """Run one of the operator's commands on this host; return its exit code and what it said."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


@dataclass
class Serving:
    """Hosts that run, and the exchange they serve."""

    setting: Setting
    founded: Founded
    hosts: list[Host]

    @property
    def ports(self) -> list[int]:
        """The hosts' ports."""
        return [host.port for host in self.hosts]

    @property
    def public_url(self) -> str:
        """The one address that all hosts serve, as behind one proxy."""
        return self.hosts[0].url

    def complaints(self) -> list[str]:
        """What the hosts' own logs say of errors: a server that answered well and failed behind it has failed."""
        found = []
        for host in self.hosts:
            lines = host.log.splitlines()
            found += [line for line in lines if " ERROR " in line or " CRITICAL " in line or "Traceback" in line]
        return found


@contextmanager
def serving(folder: Path, setting: Setting) -> Iterator[Serving]:
    """Found an exchange in `folder` and serve it; hosts and database end with the block, the folder stays."""
    settings = _settings(folder, setting)
    hosts = [Host(folder / f"host{number}", settings, setting.app) for number in range(setting.real_hosts)]
    for host in hosts:
        host.folder.mkdir(parents=True)
        host.environment["EXCHANGE_PUBLIC_URL"] = hosts[0].url
    founded = found(hosts[0].environment, setting.officers, now())
    for host in hosts[1:]:
        copy_custody(hosts[0].folder / "instance", host.folder / "instance")
    try:
        for host in hosts:
            host.start()
        yield Serving(setting, founded, hosts)
    finally:
        for host in hosts:
            host.stop()
        if setting.engine == POSTGRESQL:
            postgres.cluster().drop(postgres.name_of(folder))


def _settings(folder: Path, setting: Setting) -> dict[str, str]:
    settings = {
        # As in service: every officer has an address of their own.
        "EXCHANGE_RATE_LIMITS": "1",
        "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "5",
        # So that every officer renews a token more than once in five minutes.
        "EXCHANGE_TOKEN_SECONDS": "120",
        "EXCHANGE_WORKERS": str(setting.real_workers),
        # All workers of all hosts have room among the connections of one cluster.
        "EXCHANGE_THREADS": "8",
    }
    if setting.engine == POSTGRESQL:
        settings["EXCHANGE_SHARED"] = str(folder / "shared")
        settings["DATABASE_URL"] = _database(folder)
    return settings


def _database(folder: Path) -> str:
    cluster, name = postgres.cluster(), postgres.name_of(folder)
    cluster.create(name)
    return cluster.url(name)
