"""Real hosts, real workers, and the little an officer's machine says to them here; founded as the load tests are.

    with running(folder, url, hosts=2, EXCHANGE_WORKERS="2") as machines:
        machines.token(machines.officer(0), host=1)
"""

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from exchange import create_app
from exchange.audit.bundles import Bundles
from exchange.client.assertion import ASSERTION_TYPE, make_assertion
from exchange.config import from_environment
from exchange.database_url import POSTGRESQL
from exchange.db import Database
from exchange.ledger.bundle import Bundle, bundle_count, parse_bundle
from exchange.ledger.chain import TAG_BYTES
from exchange.ledger.leaf import ChainLeaf
from exchange.ledger.reader import LogReader
from exchange.ledger.record import Record
from exchange.logs.places import AUDIT
from exchange.logs.services import Logs
from exchange.web.services import EXTENSION, Services
from tests import postgres
from tests.load.founding import BODIES, Founded, copy_custody, found
from tests.load.hosts import Host
from tests.load.papers import now
from tests.unit.keys.directory_builder import Person

API = "/api/v1"


class Browser:
    """One person's browser: cookies are kept by name of the host, so they go to every host of the exchange."""

    def __init__(self, ports: Sequence[int]) -> None:
        """Nothing is open yet."""
        self._ports = ports
        self._client = httpx.Client(timeout=30, trust_env=False)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._client.close()

    def page(self, host: int, path: str) -> httpx.Response:
        """A page, as a host shows it."""
        return self._client.get(f"http://localhost:{self._ports[host]}{path}")

    def sign_in(self, host: int, name: str, password: str) -> httpx.Response:
        """Fill in the form of the sign-in page."""
        return self._post(host, "/sign-in", "/sign-in", name=name, password=password)

    def sign_out(self, host: int) -> httpx.Response:
        """Press the button that every page has."""
        return self._post(host, "/account", "/sign-out")

    def _post(self, host: int, page: str, path: str, **form: str) -> httpx.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page(host, page).text)
        assert token is not None
        return self._client.post(f"http://localhost:{self._ports[host]}{path}", data={"csrf_token": token[1], **form})


@dataclass
class Machines:
    """An exchange and the hosts that serve it."""

    founded: Founded
    hosts: list[Host]
    clock: Callable[[], datetime] = now

    def officer(self, number: int, body: str = "coe-cpt") -> Person:
        """One of a body's officers."""
        officers = self.founded.founding.officers(body)
        return officers[number % len(officers)]

    def ask(self, host: int, method: str, path: str, token: str = "", **rest: Any) -> httpx.Response:
        """One request on a connection of its own, so that any worker may get it."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"http://localhost:{self.hosts[host].port}{path}"
        return httpx.request(method, url, headers=headers, timeout=30, trust_env=False, **rest)

    def asks_token(self, person: Person, host: int = 0) -> httpx.Response:
        """Ask a host for a token; the audience is the one address that all of them serve."""
        audience = f"{self.hosts[0].url}/oauth/token"
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": make_assertion(person.officer, person.sign, audience, self.clock()),
        }
        return self.ask(host, "POST", "/oauth/token", data=form)

    def token(self, person: Person, host: int = 0) -> str:
        """A token, which must be given."""
        answer = self.asks_token(person, host)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def browser(self) -> "Browser":
        """A browser that nobody has used; every host is one and the same address to it."""
        return Browser([host.port for host in self.hosts])

    def public_size(self, host: int = 0, log: str = AUDIT) -> tuple[int, int]:
        """(size, time) of the checkpoint a host shows."""
        note = self.ask(host, "GET", f"/log/{log}/1/checkpoint").text
        keys = self.services_of(host).get(Logs)._places.place(log).keys.public
        head = keys.verify(note.encode())
        return head.checkpoint.size, head.time

    def services_of(self, host: int) -> Services:
        """The services of one more process of a host, which serves nobody: to look at what the others did."""
        if not hasattr(self, "_services"):
            self._services: dict[int, Services] = {}
        if host not in self._services:
            environment = self.hosts[host].environment
            settings = {n: v for n, v in environment.items() if n.startswith("EXCHANGE_") or n == "DATABASE_URL"}
            self._services[host] = create_app(from_environment(settings), background=False).extensions[EXTENSION]
        return self._services[host]

    def bundles(self, host: int = 0) -> list[Bundle]:
        """The whole audit log, public or not."""
        services = self.services_of(host)
        with services.get(Database).unit_of_work() as uow:
            size = services.get(Logs).head(uow, AUDIT).size
            made = [services.get(Bundles).bundle(uow, k, size) for k in range(bundle_count(size))]
        return [parse_bundle(data) for data in made if data is not None]

    def reads(self, body: str, bundles: Sequence[Bundle] | None = None) -> list[Record]:
        """Every entry a body can read; whatever its reader complains about fails here."""
        keys = {number: key for (name, number), key in self.founded.founding.epoch_keys.items() if name == body}
        reader = LogReader(body, keys)
        records: list[Record] = []
        for bundle in self.bundles() if bundles is None else bundles:
            reading = reader.read(bundle)
            assert reading.findings == ()
            records += reading.records
        return records

    def check_log(self) -> int:
        """Indices are dense, no view's tag stands twice, every body's reader is content, fsck is too; return the chains."""
        bundles = self.bundles()
        rows = [row for bundle in bundles for row in bundle.rows]
        assert [row.index for row in rows] == list(range(len(rows)))
        tags = [view[:TAG_BYTES] for row in rows for view in row.views or ()]
        assert len(tags) == len(set(tags)) > 0
        for body in BODIES:
            self.reads(body, bundles)
        code, said = self.hosts[0].operator("fsck")
        assert (code, said.strip()) == (0, "sound"), said
        return sum(isinstance(row.leaf, ChainLeaf) for row in rows)

    def complaints(self) -> list[str]:
        """What the hosts' logs say of errors."""
        marks = (" ERROR ", " CRITICAL ", "Traceback")
        return [line for host in self.hosts for line in host.log.splitlines() if any(mark in line for mark in marks)]


@contextmanager
def running(
    folder: Path,
    url: str = "",
    hosts: int = 1,
    officers: int = 20,
    app: str = "wsgi",
    apps: tuple[str, ...] = (),
    **settings: str,
) -> Iterator[Machines]:
    """Found an exchange below `folder` and serve it on hosts that share a database, pieces and logs, and nothing else.

    `url`: a PostgreSQL database, which several hosts need. `apps`: an application for each host.
    """
    common = {"EXCHANGE_RATE_LIMITS": "0", "EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": "1", "EXCHANGE_THREADS": "8", **settings}
    if url:
        common |= {"DATABASE_URL": url, "EXCHANGE_SHARED": str(folder / "shared")}
    made = [Host(folder / f"host{number}", common, apps[number] if apps else app) for number in range(hosts)]
    for host in made:
        host.folder.mkdir(parents=True)
        host.environment["EXCHANGE_PUBLIC_URL"] = made[0].url
    machines = Machines(found(made[0].environment, officers, now()), made)
    for host in made[1:]:
        copy_custody(made[0].folder / "instance", host.folder / "instance")
    try:
        for host in made:
            host.start()
        yield machines
    finally:
        for services in getattr(machines, "_services", {}).values():
            services.get(Database).dispose()
        for host in made:
            host.stop()


@contextmanager
def database_of(folder: Path, engine: str = POSTGRESQL) -> Iterator[str]:
    """The address of a PostgreSQL database for the length of the block; empty for SQLite, which lies in the instance."""
    if engine != POSTGRESQL:
        yield ""
        return
    cluster, name = postgres.cluster(), postgres.name_of(folder)
    cluster.create(name)
    try:
        yield cluster.url(name)
    finally:
        cluster.drop(name)


def children(pid: int) -> list[int]:
    """The processes that a process has forked."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(word) for word in text.split()]


def workers(host: Host) -> list[int]:
    """The workers of a host that runs."""
    process = host._process
    assert process is not None
    return children(process.pid)


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something to be so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            if holds():
                return
        time.sleep(0.1)
    raise AssertionError("it did not come to be so")
