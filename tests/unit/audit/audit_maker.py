"""A small instance for tests of logs and audit: services on a temporary folder, bodies a test adds, and readers' eyes.

What bodies read is read with the ledger's own reader, which no server room may import and tests may.
"""

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from exchange.audit.bodies import BodyDirectory
from exchange.audit.bundles import Bundles
from exchange.audit.events import Event
from exchange.audit.feature import FEATURE as AUDIT_FEATURE
from exchange.audit.publisher import AuditPublisher
from exchange.audit.services import Audit
from exchange.audit.statements import Statements
from exchange.config import Config
from exchange.db import Database, UnitOfWork
from exchange.ledger.bundle import bundle_count, parse_bundle
from exchange.ledger.chain import ReadingBody
from exchange.ledger.reader import LogReader
from exchange.ledger.record import Finding, Record
from exchange.logs.feature import FEATURE as LOGS_FEATURE
from exchange.logs.places import AUDIT, LogPlaces
from exchange.logs.services import Logs
from exchange.web.services import Clock, Services
from keys.custody import Custody, FileCustody
from keys.encoding import b64u
from keys.seat_open import SealKey
from keys.signing import SigningKey
from keys.statement import Statement, new
from tests import databases

START = datetime(2026, 3, 10, 12, 0, 30, tzinfo=UTC)
CPT, SPT, CPT_AUDIT, SPT_AUDIT = "coe-cpt", "un-spt", "audit-cpt", "audit-spt"
OFFICER = b64u(b"officer-of-tests")
REPORT = "11111111-2222-4333-8444-555555555555"
PART = b64u(b"part-001")
HASH = b64u(hashlib.sha256(b"some hash").digest())


@cache
def seal_key(body: str, epoch: int = 1) -> SealKey:
    """A body's key, the same in every run."""
    return SealKey(hashlib.sha256(f"{body} {epoch}".encode()).digest())


@cache
def template() -> Path:
    """An instance just prepared, made once a run and copied for each test."""
    folder = Path(tempfile.mkdtemp()) / "instance"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    FileCustody.create(folder / "custody.json", "exchange.example")
    database = Database(databases.url(folder), lambda: START)
    databases.with_tables(database)
    database.dispose()
    databases.kept(folder)
    return folder


@dataclass
class StillClock:
    """A clock that stands still until a test moves it."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def forward(self, **delta: int) -> None:
        self.moment += timedelta(**delta)


@dataclass
class FakeBodies:
    """A directory a test fills: epochs by body, offices by body, the host."""

    epochs: dict[str, int] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=lambda: {CPT: CPT_AUDIT, SPT: SPT_AUDIT})
    host_is: str | None = CPT

    def reading_bodies(self, uow: UnitOfWork) -> Sequence[ReadingBody]:
        return [ReadingBody(body, epoch, seal_key(body, epoch).public) for body, epoch in self.epochs.items()]

    def audit_office(self, uow: UnitOfWork, body: str) -> str | None:
        return self.offices.get(body)

    def host(self, uow: UnitOfWork) -> str | None:
        return self.host_is

    def everybody(self) -> None:
        """Give all four bodies their first epoch."""
        self.epochs.update(dict.fromkeys((CPT_AUDIT, SPT_AUDIT, CPT, SPT), 1))


class Instance:
    """The services of logs and audit on `folder`; a second one on the same folder is the next process."""

    def __init__(
        self, folder: Path, clock: StillClock | None = None, bodies: FakeBodies | None = None, **replace: Any
    ) -> None:
        self.clock = clock or StillClock()
        self.bodies = bodies or FakeBodies()
        place = folder / "instance"
        if not (place / "custody.json").exists():
            shutil.copytree(template(), place)
            databases.copied(template(), place)
        self.config = Config(instance=place, database_url=databases.url(place))
        pinned: dict[type[Any], object] = {Clock: self.clock, BodyDirectory: self.bodies}
        self.services = Services(pinned | replace.get("replace", {}))
        self.services.put(Config, self.config)
        self.services.put(Custody, FileCustody.load(self.config.custody_file))
        self.services.put(Database, Database(self.config.database_url, self.clock.now))
        self.database = self.services.get(Database)
        for feature in (LOGS_FEATURE, AUDIT_FEATURE):
            if feature.build is not None:
                feature.build(self.services)
        self.logs = self.services.get(Logs)
        self.audit = self.services.get(Audit)
        self.statements = self.services.get(Statements)
        self.publisher = self.services.get(AuditPublisher)
        self.places = self.services.get(LogPlaces)

    def start(self) -> "Instance":
        """Do what a process does before its first request."""
        for feature in (LOGS_FEATURE, AUDIT_FEATURE):
            if feature.start is not None:
                feature.start(self.services)
        return self

    def unit(self, write: bool = True) -> Any:
        """Open a unit of work."""
        return self.database.unit_of_work(write=write)

    def record(self, event: Event) -> int:
        """Write one entry in a unit of its own and return its index."""
        return self.audit.record_only(event).index

    def size(self, log: str = AUDIT) -> int:
        """The committed size of a log."""
        with self.unit(write=False) as uow:
            return self.logs.head(uow, log).size

    def fsck(self) -> list[str]:
        """Every finding of both features' checks."""
        checks = [*LOGS_FEATURE.checks, *AUDIT_FEATURE.checks]
        return [f"{check.name}: {finding}" for check in checks for finding in check.run(self.services)]

    def bundles(self, size: int | None = None) -> list[bytes]:
        """The bundles of the whole log, public or not."""
        size = self.size() if size is None else size
        with self.unit(write=False) as uow:
            made = [self.services.get(Bundles).bundle(uow, k, size) for k in range(bundle_count(size))]
        return [data for data in made if data is not None]

    def read(self, body: str, epochs: Sequence[int] = (1, 2, 3)) -> tuple[list[Record], list[Finding]]:
        """Everything one body reads in the log, and what it has to complain about."""
        reader = LogReader(body, {epoch: seal_key(body, epoch) for epoch in epochs})
        readings = [reader.read(parse_bundle(data)) for data in self.bundles()]
        return [r for one in readings for r in one.records], [f for one in readings for f in one.findings]

    def close(self) -> None:
        """End this process's connections."""
        self.database.dispose()


def permit(**changes: Any) -> Event:
    """A permitted release by un-spt of a report of coe-cpt."""
    return Event("access:release:permit", release_fields(envelope=HASH, reason="P_CONSENT", **changes))


def withhold(**changes: Any) -> Event:
    """A withheld release of the same."""
    return Event("access:release:withhold", release_fields(reason="W_NO_CONSENT", code="N_UNAVAILABLE", **changes))


def release_fields(**changes: Any) -> dict[str, Any]:
    """The fields both have."""
    fields = {
        "actor": OFFICER, "body": SPT, "owner": CPT, "report": REPORT, "part": PART, "action": "view",
        "purpose": "follow_up", "request": HASH, "asked": "2026-03-10T12:00:00Z", "nonce": b64u(bytes(16)),
    }
    return fields | changes


def signed(typ: str = "exchange/stop/v1", seeds: Sequence[int] = (1,), **body: Any) -> Statement:
    """A statement of any label, signed by the keys of these seeds."""
    payload = {"time": "2026-03-10T12:00:00Z", "exchange": HASH, "nonce": b64u(bytes(16)), "report": REPORT} | body
    statement = new(typ, payload)
    for seed in seeds:
        statement = statement.signed_by(SigningKey(bytes([seed]) * 32))
    return statement


def stop_event() -> Event:
    """The act that a stop statement is."""
    return Event("reports:report:stop", {"actor": OFFICER, "body": CPT, "owner": CPT, "report": REPORT})
