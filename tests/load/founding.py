"""The exchange that load and races run on: founded by straight appending of really signed statements, then served by hosts.

Two mechanisms (coe-cpt, un-spt), the mechanisms' NPMs of States XA and XB, both States' authorities, two audit offices; as
many officers as are asked for, each with keys of their own. Every statement is signed by whom the rules call for and goes
through the application's own door; only the requests are left out, since founding is not what is measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from exchange import create_app
from exchange.config import Config, from_environment
from exchange.db import Database
from exchange.directory.services import Directories
from exchange.migrations.run import upgrade
from exchange.web.services import EXTENSION, Clock, Services
from keys import custody_file
from tests.unit.keys.directory_builder import Founding, Person
from tests.web.exchange_world import custody_of
from tests.web.support import StillClock

INSTANCE: Final = "load.example"
# body -> (kind, State, focal points, its share of the officers, its audit office)
BODIES: Final[Mapping[str, tuple[str, str | None, int, float, str]]] = {
    "audit-cpt": ("audit", None, 1, 0.02, "audit-un"),
    "audit-un": ("audit", None, 1, 0.02, "audit-un"),
    "coe-cpt": ("mechanism", None, 4, 0.34, "audit-cpt"),
    "un-spt": ("mechanism", None, 4, 0.30, "audit-un"),
    "npm-xa": ("npm", "XA", 2, 0.12, "audit-un"),
    "npm-xb": ("npm", "XB", 2, 0.12, "audit-un"),
    "state:XA": ("state", "XA", 2, 0.04, "audit-cpt"),
    "state:XB": ("state", "XB", 2, 0.04, "audit-cpt"),
}
MECHANISMS: Final = ("coe-cpt", "un-spt")
# Statements appended in one act: each entry of an act asks for the directory that the act's statements leave behind.
_BATCH: Final = 4


@dataclass(frozen=True)
class Founded:
    """What the simulator knows of the exchange: everybody's keys, and the directory that the hosts serve."""

    founding: Founding

    @property
    def officers(self) -> list[Person]:
        """Every officer, in the order of BODIES."""
        return [person for body in BODIES for person in self.founding.officers(body)]

    def keepers(self, body: str) -> list[Person]:
        """The focal points of a body."""
        return self.founding.focal_points(body)


def directory_of(officers: int, now: datetime) -> Founding:
    """Build the directory: about `officers` people (never fewer than the focal points), statements from two days before."""
    world = Founding(INSTANCE, now=now.astimezone(UTC).replace(microsecond=0) - timedelta(days=2))
    for body, (kind, state, focal, _share, _office) in BODIES.items():
        founders = sum(person.organisation == body for person in world.founders)
        world.add_organisation(body, kind, state, extra=focal - founders)
    for body, (_kind, _state, focal, share, _office) in BODIES.items():
        for _ in range(round(officers * share) - focal):
            world.enrol(body)
        world.epoch(body)
    for body, (*_rest, office) in BODIES.items():
        if body != office:
            world.audit_office(body, office)
    for state in ("state:XA", "state:XB"):
        world.authority(state, "ECPT")
    return world


def found(environment: Mapping[str, str], officers: int, now: datetime) -> Founded:
    """Found an exchange where `environment` says: custody, tables, root, and the whole directory."""
    config = from_environment({name: value for name, value in environment.items() if _is_setting(name)})
    world = directory_of(officers, now)
    custody_file.create(config.custody_file, custody_of(world))
    clock = StillClock(world.now)
    _append(config, clock, world)
    return Founded(world)


def _is_setting(name: str) -> bool:
    return name.startswith("EXCHANGE_") or name == "DATABASE_URL"


def _append(config: Config, clock: StillClock, world: Founding) -> None:
    database = Database(config.database_url, clock.now)
    upgrade(database)
    database.dispose()
    app = create_app(config, replace={Clock: clock}, background=False)
    services: Services = app.extensions[EXTENSION]
    database, directories = services.get(Database), services.get(Directories)
    first, *others = world.statements
    with database.unit_of_work(write=True) as uow:
        directories.found(uow, world.submission(first))
    for start in range(0, len(others), _BATCH):
        with database.unit_of_work(write=True) as uow:
            directories.submit(uow, world.submission(*others[start : start + _BATCH]), None)
    database.dispose()


def copy_custody(source: Path, folder: Path) -> None:
    """Give another host's instance folder the same secrets, as its operator would."""
    folder.mkdir(mode=0o700, parents=True)
    made = folder / "custody.json"
    made.touch(0o600)
    made.write_bytes((source / "custody.json").read_bytes())
