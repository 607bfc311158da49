"""What the room `directory` gives the application."""

from collections.abc import Iterator

from exchange.audit.bodies import BodyDirectory
from exchange.audit.services import Audit
from exchange.audit.statements import Statements
from exchange.config import Config
from exchange.db import Database
from exchange.directory.api import PUBLIC, api
from exchange.directory.invitations import Invitations
from exchange.directory.pages import blueprint as pages
from exchange.directory.services import Bodies, Directories, Halves
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.logs.services import Logs
from exchange.web.caller import KeyDirectory
from exchange.web.feature import Check, Feature, Founding
from exchange.web.services import Services
from exchange.web.serving import public_halves
from keys.custody import Custody
from keys.directory_submission import Submission
from keys.encoding import b64u
from keys.errors import KeysError


class Founder:
    """`flask init --root`: records the founding in a unit of its own."""

    def __init__(self, database: Database, directories: Directories) -> None:
        self._database = database
        self._directories = directories

    def found(self, submission: bytes) -> str:
        """Record the root of a proposal file; return its hash as base64url. Errors of `Directories.found`."""
        parsed = Submission.from_json(submission.strip())
        with self._database.unit_of_work(write=True) as uow:
            return b64u(self._directories.found(uow, parsed).hash)


def _build(services: Services) -> None:
    logs, audit = services.get(Logs), services.get(Audit)
    snapshots = Snapshots(logs)
    halves = Halves(public_halves(services.get(Custody), services.get(Config)))
    directories = Directories(logs, audit, services.get(Statements), snapshots, services.get(Faults), halves)
    bodies = Bodies(snapshots)
    services.put(Snapshots, snapshots)
    services.put(Halves, halves)
    services.put(Directories, directories)
    services.put(Bodies, bodies)
    services.put(BodyDirectory, bodies)
    services.put(KeyDirectory, bodies)
    services.put(Invitations, Invitations(snapshots, audit))
    services.put(Founding, Founder(services.get(Database), directories))


def _check(services: Services) -> Iterator[str]:
    """Replay the whole directory from its leaves, as a client would, trusting nothing kept in memory."""
    fresh = Snapshots(services.get(Logs))
    with services.get(Database).unit_of_work() as uow:
        try:
            fresh.current(uow)
        except (KeysError, ValueError) as error:
            yield f"the directory does not replay: {error}"


FEATURE = Feature(
    "directory", build=_build, blueprints=(api, pages), public=PUBLIC, checks=(Check("replay", _check),)
)
