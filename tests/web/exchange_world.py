"""A founded exchange for tests of the server: the real application over a directory of really signed statements.

    world = ExchangeWorld(tmp_path)              # coe-cpt, un-spt, npm-xa, state:XA, audit-cpt, audit-un, one authority
    anna = world.officers("coe-cpt")[0]
    world.get(anna, "/reports?box=inbox")        # a bearer token of hers; .json, .status_code
    world.submit(world.founding.enrolment(...))  # what the builder signs, appended through the application

The instance's keys are those the builder's root names. It is founded once a process and copied for each test.
"""

import copy
import functools
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from flask_openapi import OpenAPI

from exchange import create_app
from exchange.config import Config
from exchange.db import Database
from exchange.directory.services import Directories
from exchange.ledger.bundle import bundle_count, parse_bundle
from exchange.ledger.reader import LogReader
from exchange.ledger.record import Finding, Record
from exchange.logs.places import AUDIT
from exchange.logs.services import Logs
from exchange.web.services import Clock, Services
from exchange.wiring import FEATURES
from keys import custody_file
from keys.encoding import b64u, canonical
from keys.statement import Statement
from tests import databases
from tests.unit.keys.directory_builder import Founding, Person, seed
from tests.web.support import FakeOfficer, StillClock, bearer, container, make_config

API = "/api/v1"


def custody_of(founding: Founding) -> bytes:
    """Return a custody file with the keys that the builder's root names."""
    body = {
        "instance": founding.instance,
        "lock": b64u(founding.lock.key_id),
        "lock_seeds": [b64u(seed("lock"))],
        "logs": [
            {"ed25519": b64u(seed(name + " log")), "log": name, "mldsa44": b64u(seed(name + " log pq")), "n": 1}
            for name in ("audit", "directory")
        ],
        "session": b64u(seed("session")),
        "version": 1,
    }
    return canonical(body) + b"\n"


def _copied(founding: Founding) -> Founding:
    """A builder that goes on from where `founding` stands; people and keys are shared, since they do not change."""
    made = copy.copy(founding)
    for name, value in vars(founding).items():
        if isinstance(value, dict | list):
            setattr(made, name, value.copy())
    return made


@functools.cache
def _template() -> tuple[Path, Founding]:
    """Found an exchange once a process; every test works on a copy of its folder, and of the directory's builder."""
    folder = Path(tempfile.mkdtemp(prefix="exchange-template-"))
    world = _Opened(folder, Founding.started())
    custody_file.create(world.config.custody_file, custody_of(world.founding))
    database = Database(world.config.database_url, world.clock.now)
    databases.with_tables(database)
    database.dispose()
    world.open()
    first, *others = world.founding.statements
    directories = world.services.get(Directories)
    with world.database.unit_of_work(write=True) as uow:
        directories.found(uow, world.founding.submission(first))
    world.submit(*others)
    world.close()
    databases.kept(world.config.instance)
    return folder, world.founding


class _Opened:
    """An application over a folder, and the builder of its directory."""

    def __init__(self, folder: Path, founding: Founding, replace: Mapping[type[Any], object] | None = None) -> None:
        self.folder = folder
        self.founding = founding
        self.clock = StillClock(founding.now)
        self.config: Config = make_config(folder)
        self.replace = dict(replace or {})
        self._tokens: dict[tuple[bytes, datetime], dict[str, str]] = {}

    def open(self) -> None:
        """Start the application: once more after `close`, as a next process would."""
        self.app: OpenAPI = create_app(self.config, replace={Clock: self.clock, **self.replace}, background=False)
        self.services: Services = container(self.app)
        self.database = self.services.get(Database)
        self.client: FlaskClient = self.app.test_client()
        self.client.environ_base["HTTP_HOST"] = "localhost:8443"

    def close(self) -> None:
        """End this process's connections."""
        self.database.dispose()

    def submit(self, *statements: Statement) -> None:
        """Append statements that the builder made, with what lies beside them, in one act."""
        self.clock.moment = max(self.clock.moment, self.founding.now)
        with self.database.unit_of_work(write=True) as uow:
            self.services.get(Directories).submit(uow, self.founding.submission(*statements), None)


class ExchangeWorld(_Opened):
    """A founded exchange on a folder of its own."""

    def __init__(self, folder: Path, replace: Mapping[type[Any], object] | None = None) -> None:
        template, founding = _template()
        shutil.copytree(template, folder, dirs_exist_ok=True)
        databases.copied(template / "instance", folder / "instance")
        super().__init__(folder, _copied(founding), replace)
        self.open()

    # People and requests

    def officers(self, organisation: str) -> list[Person]:
        """The active officers of a body, focal points first."""
        return self.founding.officers(organisation)

    def token(self, person: Person) -> dict[str, str]:
        """The Authorization header of a token of `person`; asked for once a moment."""
        moment = self.clock.now()
        known = self._tokens.get((person.officer, moment))
        if known is None:
            fake = FakeOfficer(person.organisation, person.id, person.sign)
            known = self._tokens[person.officer, moment] = bearer(self.client, fake, moment)
        return known

    def get(self, person: Person, path: str, **options: Any) -> Any:
        """GET a path below /api/v1 as `person`."""
        return self.client.get(API + path, headers=self.token(person), **options)

    def post(self, person: Person, path: str, body: Any = None, **options: Any) -> Any:
        """POST JSON to a path below /api/v1 as `person`."""
        return self.client.post(API + path, json=body, headers=self.token(person), **options)

    def put(self, person: Person, path: str, **options: Any) -> Any:
        """PUT to a path below /api/v1 as `person`."""
        headers = {**self.token(person), **options.pop("headers", {})}
        return self.client.put(API + path, headers=headers, **options)

    def say(self, person: Person, statement: Statement, beside: Mapping[str, Any] | None = None) -> Any:
        """Post a statement to /statements as `person`."""
        return self.post(person, "/statements", {"statement": statement.text.decode("ascii"), "beside": beside or {}})

    # What stands

    def size(self, log: str = AUDIT) -> int:
        """The committed size of a log."""
        with self.database.unit_of_work() as uow:
            return self.services.get(Logs).head(uow, log).size

    def fsck(self) -> list[str]:
        """Every finding of every feature's checks."""
        return [
            f"{feature.name}/{check.name}: {finding}"
            for feature in FEATURES
            for check in feature.checks
            for finding in check.run(self.services)
        ]

    def read(self, body: str) -> "Reading":
        """Everything one body reads in the audit log, public or not, and what it has to complain about."""
        from exchange.audit.bundles import Bundles

        keys = {number: key for (name, number), key in self.founding.epoch_keys.items() if name == body}
        reader, size = LogReader(body, keys), self.size()
        reading = Reading()
        with self.database.unit_of_work() as uow:
            for k in range(bundle_count(size)):
                data = self.services.get(Bundles).bundle(uow, k, size)
                if data is not None:
                    found = reader.read(parse_bundle(data))
                    reading.records += found.records
                    reading.findings += found.findings
        return reading

    def acts(self, body: str, since: int = 0) -> list[str]:
        """The acts a body reads from a leaf index on."""
        return [record.act.tag for record in self.read(body).records if record.index >= since]


@dataclass
class Reading:
    """What one body reads."""

    records: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def last(self, act: str) -> Record:
        """The last record of an act."""
        return [record for record in self.records if record.act.tag == act][-1]
