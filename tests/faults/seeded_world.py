"""The world of a seeded run: an exchange founded once for each engine, with a copy of its own for each run.

In every world stand, acknowledged: a report that the SPT may open (`open`), one that is stopped (`closed`), an instrument of
State XA in force (`standing`), and one that waits to be confirmed (`waiting`).
"""

import copy
import secrets
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from exchange.config import Config
from exchange.db import Database
from exchange.directory.services import Directories
from exchange.migrations.run import upgrade
from keys import custody_file
from keys.statement import Statement
from tests import postgres
from tests.faults.seeded_plan import CLOSED, OPEN, SQLITE, STANDING, STOP, WAITING
from tests.unit.keys.directory_builder import Founding, Person
from tests.web.access_maker import Instrument, granted, instrument, permit, recorded
from tests.web.exchange_world import ExchangeWorld, custody_of
from tests.web.report_maker import Made, registered, signed_stop
from tests.web.support import CHEAP, FakeOfficer, StillClock, ask_token, make_assertion

READERS: Final = ("un-spt", "npm-xa")
FILE: Final = "exchange.sqlite"


def config_of(folder: Path, url: str) -> Config:
    """The settings of an instance in `folder`, whose database is at `url`."""
    return Config(instance=folder / "instance", database_url=url, argon2=CHEAP, rate_limits=False)


class Founded(ExchangeWorld):
    """An application without faults over an instance, and the builder of its directory."""

    def __init__(
        self, folder: Path, url: str, founding: Founding, clock: Any, replace: Mapping[type[Any], object] | None = None
    ) -> None:
        """`clock`: has `now()`."""
        self.folder, self.founding, self.clock = folder, founding, clock
        self.config = config_of(folder, url)
        self.replace = dict(replace or {})
        self._tokens = {}
        self._known: dict[str, dict[str, str]] = {}
        self.open()

    def token(self, person: Person) -> dict[str, str]:
        """See ExchangeWorld: the clock runs here, so one token serves."""
        if person.id not in self._known:
            fake = FakeOfficer(person.organisation, person.id, person.sign)
            answer = ask_token(self.client, make_assertion(fake, self.clock.now(), jti=secrets.token_hex(16)))
            if answer.status_code != 200:
                raise RuntimeError(answer.get_data(as_text=True))
            self._known[person.id] = {"Authorization": f"Bearer {answer.json['access_token']}"}
        return self._known[person.id]


@dataclass(frozen=True)
class Template:
    """What each run copies: a folder, and for PostgreSQL the database to copy; who is there, and what stands."""

    engine: str
    folder: Path
    place: Path | None
    founding: Founding
    reports: Mapping[str, Made]
    instruments: Mapping[str, Instrument]
    stop: Statement

    @property
    def statements(self) -> dict[bytes, str]:
        """The statements that stand in every world, by hash, with their labels."""
        headers = [made.header for made in self.reports.values()]
        consents = [made.record for made in self.instruments.values()]
        kept = [*headers, *consents, self.stop, self.instruments[STANDING].last]
        return {statement.hash: statement.typ for statement in kept}


def found(engine: str, folder: Path) -> Template:
    """Found the exchange of an engine in `folder`; a cluster of PostgreSQL is started when it is that engine's."""
    founding = Founding.started()
    place = None if engine == SQLITE else postgres.cluster().folder
    name = "seeded_template"
    if place is not None:
        postgres.cluster().create(name)
    url = _url(folder, place, name)
    config = config_of(folder, url)
    custody_file.create(config.custody_file, custody_of(founding))
    clock = StillClock(founding.now)
    database = Database(url, clock.now)
    upgrade(database)
    database.dispose()
    world = Founded(folder, url, founding, clock)
    first, *others = founding.statements
    with world.database.unit_of_work(write=True) as uow:
        world.services.get(Directories).found(uow, founding.submission(first))
    world.submit(*others)
    reports = {name: registered(world, folder / "officers" / name) for name in (OPEN, CLOSED)}
    terms = instrument("XA", [permit(*READERS)])
    instruments = {
        STANDING: granted(world, terms),
        WAITING: recorded(world, terms),
    }
    stop = signed_stop(reports[CLOSED], reports[CLOSED].officer)
    answer = world.say(reports[CLOSED].officer, stop)
    if answer.status_code != 201:
        raise RuntimeError(answer.text)
    world.close()
    return Template(engine, folder, place, founding, reports, instruments, stop)


def _url(folder: Path, place: Path | None, name: str) -> str:
    if place is None:
        return f"sqlite:///{(folder / 'instance' / FILE).absolute()}"
    return f"postgresql://{postgres.USER}@/{name}?host={place}"


class DriverClock:
    """The clock by which people sign: this machine's, put right by what a server says of its own."""

    def __init__(self, not_before: datetime) -> None:
        self.shift = max(timedelta(0), not_before - datetime.now(UTC))

    def now(self) -> datetime:
        """Return the present, in whole seconds."""
        return (datetime.now(UTC) + self.shift).replace(microsecond=0)

    def set(self, moment: datetime) -> None:
        """The server's clock shows this moment."""
        self.shift = moment - datetime.now(UTC)


@dataclass
class RunWorld:
    """A copy of a template: what `report_maker` and `access_maker` sign with, and the things of the run by name."""

    template: Template
    folder: Path
    url: str
    founding: Founding
    clock: DriverClock
    reports: dict[str, Made] = field(default_factory=dict)
    instruments: dict[str, Instrument] = field(default_factory=dict)
    stops: dict[str, tuple[Statement, str]] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        """The settings of its instance."""
        return config_of(self.folder, self.url)

    def officers(self, organisation: str) -> list[Person]:
        """See ExchangeWorld."""
        return self.founding.officers(organisation)

    def opened(self, clock: Any) -> Founded:
        """A next application over what the run left, without faults."""
        return Founded(self.folder, self.url, self.founding, clock)

    def remove(self) -> None:
        """Remove the folder and the database."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.template.place is not None:
            _administer(self.template.place, "drop database if exists {} with (force)", _name(self.url))


def copied(template: Template, folder: Path) -> RunWorld:
    """Copy a template for one run; RunWorld.remove removes it again."""
    shutil.copytree(template.folder / "instance", folder / "instance")
    name = f"run_{uuid.uuid4().hex}"
    if template.place is not None:
        _administer(template.place, "create database {} template {}", name, "seeded_template")
    founding = copy.copy(template.founding)
    for key, value in vars(founding).items():
        if isinstance(value, dict | list):
            setattr(founding, key, value.copy())
    clock = DriverClock(founding.now + timedelta(days=1))
    world = RunWorld(template, folder, _url(folder, template.place, name), founding, clock)
    for key, made in template.reports.items():
        world.reports[key] = replace(made, world=world, uploads={})
    for key, kept in template.instruments.items():
        world.instruments[key] = replace(kept, world=world)
    world.stops[STOP] = (template.stop, CLOSED)
    return world


def _name(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0] if "@/" not in url else url.partition("@/")[2].partition("?")[0]


def _administer(place: Path, query: str, *names: str) -> None:
    """One statement on a connection of its own: the cluster's belongs to the process that started it."""
    with psycopg.connect(f"postgresql://{postgres.USER}@/postgres?host={place}", autocommit=True) as connection:
        connection.execute(sql.SQL(query).format(*(sql.Identifier(name) for name in names)))
