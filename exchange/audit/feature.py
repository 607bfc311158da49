"""What the room `audit` gives the application."""

import logging
from importlib.metadata import PackageNotFoundError, version

from exchange.audit.api import api
from exchange.audit.bodies import BodyDirectory, NoBodies
from exchange.audit.bundles import Bundles
from exchange.audit.checks import CHECKS
from exchange.audit.events import Event
from exchange.audit.publisher import AuditPublisher
from exchange.audit.services import Audit
from exchange.audit.statements import Statements
from exchange.config import Config
from exchange.db import Database
from exchange.logs.faults import Faults
from exchange.logs.places import AUDIT
from exchange.logs.services import RUNNING, Logs
from exchange.transparency.errors import LogStopped
from exchange.web.feature import Background, Feature
from exchange.web.services import Services

log = logging.getLogger("exchange.audit")

_DISTRIBUTION = "confidential-report-exchange"


def _build(services: Services) -> None:
    # The directory room, built later, puts its own in this one's place.
    services.put(BodyDirectory, NoBodies())
    database, logs, faults = services.get(Database), services.get(Logs), services.get(Faults)
    audit = Audit(database, logs, lambda: services.get(BodyDirectory), faults)
    services.put(Audit, audit)
    services.put(Statements, Statements(services.get(Audit), logs, faults))
    services.put(Bundles, Bundles(logs, services.get(Audit)))
    seconds = services.get(Config).public_checkpoint_seconds
    publisher = AuditPublisher(database, logs, services.get(Audit), faults, seconds)
    services.put(AuditPublisher, publisher)


def _start(services: Services) -> None:
    """Say in the log that the instance was started, once it is founded, and complete an interrupted publication."""
    database = services.get(Database)
    try:
        with database.unit_of_work() as uow:
            founded = services.get(BodyDirectory).host(uow) is not None
        if founded:
            event = Event("operator:instance:start", {"outcome": "done", "build": _build_name()})
            services.get(Audit).record_only(event)
        services.get(AuditPublisher).publish()
    except LogStopped:
        # The instance still answers what needs no entry, and says at /log/state what is wrong.
        log.error("the audit log is stopped: see docs/spec/logs.md")


def _build_name() -> str:
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        return "source"


def _publish(services: Services) -> None:
    if services.get(Logs).state(AUDIT) == RUNNING:
        services.get(AuditPublisher).publish()


# How often the publisher looks: a twelfth of the time between two checkpoints, so that none comes much too late.
FEATURE = Feature(
    "audit",
    build=_build,
    blueprints=(api,),
    checks=CHECKS,
    start=_start,
    background=(Background("publish", lambda config: max(1, config.public_checkpoint_seconds // 12), _publish),),
)
