"""What the room `publications` gives the application."""

import logging
from typing import Final

from exchange.audit.statements import Statements
from exchange.config import Config
from exchange.db import Database
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.publications.api import api
from exchange.publications.checks import CHECKS
from exchange.publications.files import PublicFiles, PublicStore
from exchange.publications.pages import blueprint as pages
from exchange.publications.rows import PublicView
from exchange.publications.services import Publications
from exchange.reports.queries import Reports
from exchange.web.feature import Background, Feature
from exchange.web.services import Services

log = logging.getLogger("exchange.publications")

_PURGE_SECONDS: Final = 3_600


def _build(services: Services) -> None:
    statements, snapshots, reports = services.get(Statements), services.get(Snapshots), services.get(Reports)
    faults, config = services.get(Faults), services.get(Config)
    services.put(PublicStore, PublicStore(config.publications_dir))
    files = PublicFiles(services.get(Database), services.get(PublicStore), statements, snapshots, faults)
    services.put(PublicFiles, files)
    services.put(PublicView, PublicView(statements, reports))
    publications = Publications(statements, snapshots, reports, files, faults, config.max_request_bytes)
    services.put(Publications, publications)


def _purge(services: Services) -> None:
    gone = services.get(PublicFiles).purge()
    if gone:
        log.info("%d files that are not published were removed", gone)


FEATURE = Feature(
    "publications",
    build=_build,
    blueprints=(api, pages),
    public=frozenset(
        {"publications_api.list_publications", "publications_api.show_publication", "publications_api.read_file"}
    ),
    checks=CHECKS,
    background=(Background("purge-publications", lambda _config: _PURGE_SECONDS, _purge),),
)
