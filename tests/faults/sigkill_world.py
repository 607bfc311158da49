"""The worlds of the SIGKILL tests: one founding a run, copied for each case, with a server that can die in it.

What stands in every world, acknowledged to the people who did it, and may never be lost: a report of the CPT to the SPT that
State XA has agreed to (`released`), a report that is stopped with a lift waiting (`stopped`), a grant that waits, an
authorisation that waits to be confirmed, and a complete proposal of a further body.
"""

import fcntl
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from keys.encoding import canonical
from tests import databases
from tests.faults.nursery import Nursery
from tests.scripts.running import Person, Server, add_body

PEOPLE = ("cpt", "second", "spt", "office")
TEXT = b"what the delegation saw\n" * 40
WORDS = ("--state", "XA", "--language", "en", "--kind", "visit_report", "--adopted-on", "2026-02-03")
# Nothing of the background happens in between, unless a case is about it.
QUIET = "3600"


class MortalServer(Server):
    """A server whose processes come from the nursery, and that may be told where to die."""

    def __init__(self, folder: Path, nursery: Nursery, **settings: str) -> None:
        """As Server; nothing runs yet."""
        super().__init__(folder, **settings)
        self.nursery = nursery
        self.armed, self.trace = folder / "armed", folder / "trace"
        self.pid: int | None = None

    def operator(self, *words: str, expect: int = 0) -> str:
        """See Server."""
        log = self.folder / "operator.log"
        log.unlink(missing_ok=True)
        pid = self.nursery.start(["--app", "wsgi", *words], self.environment, log)
        code = self.nursery.wait(pid)
        said = log.read_text()
        assert code == expect, said
        return said

    def start(self, app: str = "wsgi", **settings: str) -> None:
        """See Server."""
        environment = {**self.environment, **settings}
        if app != "wsgi":
            environment |= {"FAULT_ARMED": str(self.armed), "FAULT_TRACE": str(self.trace)}
        self.pid = self.nursery.start(["--app", app, "serve"], environment, self.folder / "server.log")
        self._answers(self.pid)

    def _answers(self, pid: int) -> None:
        """Wait for an answer. The address is bound before the worker is ready: one request then waits for it."""
        for _ in range(3000):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                httpx.get(f"{self.url}/api/v1/instance", trust_env=False, verify=False, timeout=60)
                return
            except (OSError, httpx.TransportError):
                # Nobody listens yet, or it was a worker that is being killed.
                code = self.nursery.ended(pid)
                assert code is None, f"ended with {code}\n{(self.folder / 'server.log').read_text()}"
                time.sleep(0.02)
        raise AssertionError((self.folder / "server.log").read_text())

    def stop(self) -> None:
        """End the process as a power cut would: every next start of a case begins from what is on the disk."""
        if self.pid is not None and self.nursery.ended(self.pid) is None:
            os.killpg(self.pid, 15)
            self.nursery.wait(self.pid)
        self.pid = None

    @property
    def runs(self) -> bool:
        """Whether the process that was started last goes on."""
        return self.pid is not None and self.nursery.ended(self.pid) is None

    def public_size(self) -> int:
        """How many leaves of the audit log are in public."""
        note = httpx.get(f"{self.url}/log/audit/1/checkpoint", trust_env=False, verify=False).text
        return int(note.splitlines()[1])

    def arm(self, path: str) -> None:
        """From now on, passing these points in this order kills the server."""
        beside = self.armed.with_suffix(".new")
        beside.write_text(path, encoding="ascii")
        beside.replace(self.armed)

    def has_died(self) -> int:
        """Wait for the end of the process; return minus the signal that ended it."""
        assert self.pid is not None
        code = self.nursery.wait(self.pid, 30)
        self.pid = None
        return code


# Tables whose rows are only ever added.
RECORDS = (
    "reports",
    "report_envelopes",
    "recalls",
    "recall_notices",
    "signed_statement",
    "consent_events",
    "directory_leaves",
    "log_leaves",
)


@dataclass
class World:
    """People in a folder of their own with a server of their own, and what stands."""

    folder: Path
    server: MortalServer
    facts: dict[str, Any]
    ends: ExitStack

    @property
    def database(self) -> str:
        """Where the instance's database is, for whoever looks behind the server's back."""
        return databases.url(self.folder / "instance")

    def recorded(self) -> set[tuple[Any, ...]]:
        """Return every row that stands for something people were told is done: what is in it may never go or change."""
        with databases.behind(self.database) as database:
            return {(name, *row) for name in RECORDS for row in database.execute(text(f"select * from {name}"))}

    def settle(self, seconds: float = 30) -> None:
        """Wait until every entry so far is in public: from then on nothing pads the audit log until somebody acts."""
        limit = time.monotonic() + seconds
        while True:
            with databases.behind(self.database) as database:
                size = database.scalar(text("select count(*) from log_leaves where log = 'audit'"))
            if self.server.public_size() >= size:
                return
            assert time.monotonic() < limit, "the audit log does not become public"
            time.sleep(0.1)

    def person(self, name: str) -> Person:
        """One of PEOPLE."""
        return Person(name, self.folder)

    @property
    def cpt(self) -> Person:
        """A focal point of the CPT, who sent everything."""
        return self.person("cpt")

    @property
    def second(self) -> Person:
        """Another focal point of the CPT."""
        return self.person("second")

    @property
    def office(self) -> Person:
        """The CPT's audit officer, who is still to be let in."""
        return self.person("office")

    @property
    def spt(self) -> Person:
        """The focal point of the SPT."""
        return self.person("spt")


def authorisation(report: str, **change: Any) -> bytes:
    """The file of an authorisation: State XA agrees that the SPT opens a report."""
    permit = {
        "effect": "permit",
        "scope": "document",
        "scope_ref": report,
        "grantees": ["un-spt"],
        "actions": ["view", "download"],
        "purposes": ["follow_up"],
    }
    body = {"state": "XA", "kind": "specific", "received_on": "2026-02-04", "provisions": [permit], **change}
    return json.dumps(body).encode()


def found(folder: Path, nursery: Nursery) -> None:
    """Found the exchange of the template in `folder`, and write down what stands in it."""
    server = MortalServer(folder, nursery, EXCHANGE_PUBLIC_CHECKPOINT_SECONDS=QUIET)
    server.prepare()
    cpt, second, spt, office = (Person(name, folder) for name in PEOPLE)
    bodies = ("coe-cpt", "coe-cpt", "un-spt", "audit-cpt")
    cards = {name: Person(name, folder).makes_keys(body) for name, body in zip(PEOPLE, bodies, strict=True)}
    root = folder / "root.json"
    cpt.asks("directory", "found", "--server", server.halves, "--host", "coe-cpt", "--founder", cards["spt"], "-o", root)
    spt.asks("directory", "cosign", root, "--server", server.halves, "--yes")
    server.found(root)
    server.start()
    add_body(cpt, spt, "coe-cpt", "mechanism", [cards["cpt"], cards["second"]], second)
    second.asks("directory", "sync", "--server", server.url)
    add_body(cpt, spt, "un-spt", "mechanism", [cards["spt"]])
    for person in (cpt, spt):
        person.asks("organisation", "rotate")
    facts = {"released": deposited(cpt, "released", "un-spt"), "stopped": deposited(cpt, "stopped", "coe-cpt")}
    file = folder / "agreement.json"
    file.write_bytes(authorisation(facts["released"]))
    facts["standing"] = cpt.asks("consent", "record", file, "--yes")["instrument"]
    second.asks("consent", "confirm", facts["standing"], "--yes")
    facts["waiting"] = cpt.asks("consent", "record", file, "--adds", "--yes")["instrument"]
    cpt.asks("stop", facts["stopped"], "--no-proof")
    facts["lift"] = cpt.asks("lift", facts["stopped"], "--yes")["statements"][0]["hash"]
    facts["grant"] = cpt.asks("grant", facts["stopped"], "--to", "un-spt", "--yes")["hash"]
    proposal = folder / "audit-cpt.json"
    words = ["--kind", "audit", "--focal-point", cards["office"], "-o", proposal]
    cpt.asks("organisation", "add", "audit-cpt", *words)
    for signer in (spt, office):
        signer.asks("directory", "cosign", proposal, "--yes")
    facts["proposal"] = proposal.name
    server.stop()
    databases.kept(folder / "instance")
    (folder / "facts.json").write_text(json.dumps(facts))


def deposited(person: Person, name: str, to: str) -> str:
    """Transmit a small report and return its id."""
    file = person.folder / f"{name}.txt"
    file.write_bytes(TEXT)
    return str(person.asks("deposit", file, *WORDS, "--to", to, "--reference", name)["report"])


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of a run share, and no other run."""
    folder = factory.getbasetemp()
    return folder.parent if folder.name.startswith("popen-") else folder


def template(shared: Path, nursery: Nursery) -> Path:
    """Return the folder of the founded exchange, made by the first worker of a run that needs it."""
    folder = shared / "sigkill-template"
    with (shared / "sigkill-template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "facts.json").exists():
            folder.mkdir()
            found(folder, nursery)
    return folder


@contextmanager
def copied(source: Path, folder: Path, nursery: Nursery, **settings: str) -> Iterator[World]:
    """Give a world of its own in `folder`; whatever runs in it is ended afterwards."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.log"))
    databases.copied(source / "instance", folder / "instance")
    server = MortalServer(folder, nursery, **{"EXCHANGE_PUBLIC_CHECKPOINT_SECONDS": QUIET, **settings})
    for name in PEOPLE:
        path = folder / name / "server.json"
        if not path.exists():
            continue  # the newcomer, who knows no server yet
        path.write_bytes(canonical({**json.loads(path.read_text()), "url": server.url}))
    try:
        with ExitStack() as ends:
            yield World(folder, server, json.loads((folder / "facts.json").read_text()), ends)
    finally:
        server.stop()


