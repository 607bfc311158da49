"""A PostgreSQL cluster of the tests' own: on a socket only, one a run, gone with the process that started it.

Its settings are those of a careful server, since `flask fsck` asks for them (fsync, full pages), and it lies in memory where
there is room, where they cost little. Its language sorts "a" before "B", and its time zone is none that anybody would
choose, so what follows the cluster's language or zone is found. A missing PostgreSQL is a failure: whoever asked for it
wants to know. The clusters that Debian's package keeps are neither used nor touched.
"""

import atexit
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import Pool, event

from tests.programs import program

USER: Final = "exchange"
# Where the cluster of this run lies, for the workers that the run starts.
PLACE: Final = "CLUSTER_OF_TESTS"
_ROOM: Final = 4 << 30
_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "min_wal_size": "80MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "timezone": "Pacific/Auckland",
}


def programs() -> Path:
    """Return the folder of the newest PostgreSQL's programs: Debian's place, else the PATH."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda path: int(path.parent.name))
    return Path(program("initdb", package="postgresql")).resolve().parent


class Server:
    """A cluster that runs until `stop`, or until this process ends, however it ends."""

    def __init__(self, **settings: str) -> None:
        """Make a cluster in a new folder, and start it; `settings` go before those of every cluster of tests."""
        self._settings = {**_SETTINGS, **settings}
        memory = Path("/dev/shm")
        roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
        self._programs = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="pg", dir=memory if roomy else "/tmp"))
        # PostgreSQL refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, -1)
        self._keeper = self._keep()
        self._run("initdb", "-A", "trust", "-U", USER, "-E", "UTF8", "-N", "--locale=C.UTF-8", *self._language())
        self._start()

    def _start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in self._settings.items())
        self._run("pg_ctl", "-l", str(self.folder / "log"), "-o", f"-k {self.folder} {options}", "-w", "start")

    def begin_again_as_standby(self) -> None:
        """Stop in good order and start as what waits for a primary: it can be read, and takes no writes."""
        self._run("pg_ctl", "-m", "fast", "-w", "stop")
        (self.folder / "data" / "standby.signal").touch()
        self._start()

    def _language(self) -> list[str]:
        said = subprocess.run([self._programs / "initdb", "--help"], capture_output=True, text=True, check=True).stdout
        return ["--locale-provider=icu", "--icu-locale=en"] if "--icu-locale" in said else []

    def _run(self, program: str, *words: str) -> None:
        told = self.folder / f"{program}.said"
        with told.open("wb") as said:  # no pipe: the server would hold its other end
            done = subprocess.run(
                [self._programs / program, "-D", self.folder / "data", *words],
                stdout=said, stderr=said, cwd="/", user=self._user, check=False, timeout=180,
            )  # fmt: skip
        if done.returncode:
            raise RuntimeError(told.read_text())

    def _keep(self) -> "subprocess.Popen[bytes]":
        """A process that stops the cluster and removes its folder when the pipe from this process breaks."""
        script = 'read -r _; "$1" -D "$2/data" -m immediate stop; rm -rf "$2"'
        return subprocess.Popen(
            ["/bin/sh", "-c", script, "keeper", self._programs / "pg_ctl", self.folder],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", start_new_session=True,
            user=self._user,
        )  # fmt: skip

    def stop(self) -> None:
        """End the cluster and remove its folder."""
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper.wait(60)
        # The folder itself may lie where only its owner or root may remove it.
        shutil.rmtree(self.folder, ignore_errors=True)


class Cluster:
    """The databases of the run's cluster, as one process of the run uses them."""

    def __init__(self, folder: Path) -> None:
        """Connect to the cluster in `folder`."""
        self.folder = folder
        self.made: set[str] = set()
        self._admin = psycopg.connect(self.url("postgres"), autocommit=True)
        # A connection that a test left open would warn of itself in some later test.
        self._open: list[Any] = [self._admin]
        event.listen(Pool, "connect", self._remember)
        atexit.register(lambda: self._close([*self._open]))

    def url(self, name: str) -> str:
        """How DATABASE_URL names one of the databases."""
        return f"postgresql://{USER}@/{name}?host={self.folder}"

    def has(self, name: str) -> bool:
        """Whether there is a database of this name, whoever made it."""
        return self._admin.execute("select 1 from pg_database where datname = %s", (name,)).fetchone() is not None

    def create(self, name: str, template: str = "template0") -> None:
        """Make a database, in place of what has that name; whoever is still connected to either is cut off."""
        self.drop(name)
        if template != "template0":
            self.ask("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", template)
        query = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        self._admin.execute(query)
        self.made.add(name)

    def drop(self, name: str) -> None:
        """Remove a database, with whoever is connected to it."""
        self._close([each for each in self._open if each.closed or each.info.dbname == name])
        self._admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        self.made.discard(name)

    def ask(self, query: Any, *values: Any) -> list[Any]:
        """Ask the server itself, as its superuser, from outside every database of the tests."""
        cursor = self._admin.execute(query, values)
        return cursor.fetchall() if cursor.description else []

    def _remember(self, connection: Any, _record: Any) -> None:
        if isinstance(connection, psycopg.Connection):
            self._open.append(connection)

    def _close(self, connections: list[Any]) -> None:
        for each in connections:
            each.close()
            self._open.remove(each)


@cache
def cluster() -> Cluster:
    """The cluster of this run: the one whose folder the environment names, else one that ends with this process."""
    return Cluster(Path(os.environ.get(PLACE) or _own_server().folder))


@cache
def _own_server() -> Server:
    return Server()


def name_of(folder: Path) -> str:
    """The name of the database that belongs to a folder."""
    return "of_" + hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:24]
