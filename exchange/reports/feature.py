"""What the room `reports` gives the application."""

import logging
from typing import Final

from exchange.audit.statements import Statements
from exchange.config import Config
from exchange.db import Database
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.logs.services import Logs
from exchange.reports.api import api
from exchange.reports.checks import CHECKS
from exchange.reports.determinations import Determinations
from exchange.reports.gathering import Gathering
from exchange.reports.grants import Grants
from exchange.reports.handling import WAITS
from exchange.reports.locks import Locks
from exchange.reports.queries import Reports
from exchange.reports.recalls import Recalls
from exchange.reports.registration import Registration
from exchange.reports.statements import ReportStatements
from exchange.reports.uploads import Bounds, Uploads
from exchange.storage.pieces import PieceStore
from exchange.web.feature import Background, Feature
from exchange.web.services import Services
from keys.custody import Custody

log = logging.getLogger("exchange.reports")

_PURGE_SECONDS: Final = 3_600


def _build(services: Services) -> None:
    database, store, faults = services.get(Database), services.get(PieceStore), services.get(Faults)
    statements, snapshots = services.get(Statements), services.get(Snapshots)
    most_bytes = services.get(Config).max_report_bytes
    services.put(Locks, Locks(services.get(Custody)))
    locks = services.get(Locks)
    services.put(Uploads, Uploads(database, store, faults, Bounds(most_bytes)))
    registration = Registration(database, services.get(Logs), statements, snapshots, locks, faults, most_bytes)
    services.put(Registration, registration)
    services.put(Reports, Reports(statements, Gathering(statements, snapshots), locks, store))
    services.put(Recalls, Recalls(statements, snapshots, faults))
    grants = Grants(statements, snapshots, locks, faults)
    determinations = Determinations(statements, snapshots, faults)
    services.put(ReportStatements, ReportStatements(statements, snapshots, faults, grants, determinations))


def _purge(services: Services) -> None:
    emptied = services.get(Uploads).purge()
    if emptied:
        log.info("%d uploads that were never registered were removed", emptied)
    with services.get(Database).unit_of_work(write=True) as uow:
        services.get(Statements).drop_before(uow, uow.now - WAITS)


FEATURE = Feature(
    "reports",
    build=_build,
    blueprints=(api,),
    checks=CHECKS,
    background=(Background("purge-uploads", lambda _config: _PURGE_SECONDS, _purge),),
)
