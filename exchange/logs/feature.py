"""What the room `logs` gives the application."""

from exchange.config import Config
from exchange.db import Database
from exchange.logs.checks import CHECKS
from exchange.logs.faults import Faults
from exchange.logs.pages import blueprint as pages
from exchange.logs.places import LogPlaces
from exchange.logs.routes import blueprint
from exchange.logs.services import Logs
from exchange.web.feature import Background, Feature
from exchange.web.services import Clock, Services
from keys.custody import Custody


def _build(services: Services) -> None:
    services.put(Faults, Faults())
    services.put(LogPlaces, LogPlaces(services.get(Config).logs_dir, services.get(Custody)))
    logs = Logs(services.get(Database), services.get(LogPlaces), services.get(Clock), services.get(Faults))
    services.put(Logs, logs)


def _start(services: Services) -> None:
    services.get(LogPlaces).check_locks()
    services.get(Logs).recover()


def _publish(services: Services) -> None:
    services.get(Logs).publish_directory()


FEATURE = Feature(
    "logs",
    build=_build,
    blueprints=(blueprint, pages),
    checks=CHECKS,
    start=_start,
    background=(Background("publish", lambda config: config.public_checkpoint_seconds, _publish),),
)
