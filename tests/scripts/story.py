"""The people of the story: two focal points of the CPT, one of the SPT, the audit offices of both, a State's authority.

Each file of transcripts has an exchange of its own: what States have agreed to in one is nothing to another.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.running import Exchange, Person, Server, add_body


@dataclass
class Cast:
    """Who takes part."""

    exchange: Exchange
    cpt: Person
    second: Person
    spt: Person
    office: Person
    spt_office: Person

    @property
    def folder(self) -> Path:
        """Where people keep their files."""
        return self.exchange.folder

    def readers(self, report: str, count: int) -> Any:
        """Return what the owner is told, once the log in public has come as far as so many acknowledged releases."""
        for _attempt in range(20):
            found = self.cpt.asks("readers", report)
            if sum(1 for release in found["releases"] if release["received"]) >= count:
                return found
            time.sleep(0.5)
        raise AssertionError(f"fewer than {count} acknowledged releases stand in public")

    @property
    def instance(self) -> Path:
        """The server's own folder."""
        return Path(self.exchange.server.environment["EXCHANGE_INSTANCE"])


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """Return the bodies of the story on a server of their own, all with keys; each mechanism has named its audit office."""
    folder = tmp_path_factory.mktemp("story")
    server = Server(folder)
    server.prepare()
    cpt, second, spt = (Person(name, folder) for name in ("cpt", "cpt-second", "spt"))
    cards = {person.name: person.makes_keys("un-spt" if person is spt else "coe-cpt") for person in (cpt, second, spt)}
    root = folder / "root.json"
    cpt.asks(
        "directory", "found", "--server", server.halves, "--host", "coe-cpt", "--founder", cards["spt"], "-o", root
    )
    spt.asks("directory", "cosign", root, "--server", server.halves, "--yes")
    server.found(root)
    server.start()
    add_body(cpt, spt, "coe-cpt", "mechanism", [cards["cpt"], cards["cpt-second"]], second)
    second.asks("directory", "sync", "--server", server.url)
    add_body(cpt, spt, "un-spt", "mechanism", [cards["spt"]])
    cpt.asks("organisation", "rotate")
    spt.asks("organisation", "rotate")
    offices = []
    for name, body in (("audit-cpt", cpt), ("audit-spt", spt)):
        office = Person(name, folder)
        add_body(cpt, spt, name, "audit", [office.makes_keys(name)], office)
        office.asks("directory", "sync", "--server", server.url)
        office.asks("organisation", "rotate")
        body.asks("organisation", "audit-office", name)
        offices.append(office)
    yield Cast(Exchange(server, folder, cpt, spt), cpt, second, spt, *offices)
    server.stop()
