"""What the room `access` gives the application."""

from exchange.access.acts import Acts
from exchange.access.agenda import Agendas
from exchange.access.api import api
from exchange.access.asker import Askers
from exchange.access.checks import CHECKS
from exchange.access.closing import Closings
from exchange.access.coverage import Coverage
from exchange.access.decide import Access
from exchange.access.explain import Explanations
from exchange.access.explain_page import blueprint as explanation_pages
from exchange.access.facts import Gatherer
from exchange.access.inbox import Boxes
from exchange.access.lookback import Lookback
from exchange.access.matrix import Insiders, Matrices
from exchange.access.nearest import Nearest
from exchange.access.outlook_api import api as outlook_api
from exchange.access.outlook_pages import blueprint as outlook_pages
from exchange.access.pages import blueprint as pages
from exchange.access.pieces import SealedPieces
from exchange.access.proofs import Proofs
from exchange.access.publishing import Publishing
from exchange.access.recalls import Recalls
from exchange.access.receipts import Receipts
from exchange.access.release import Releases
from exchange.access.relied import Footing
from exchange.access.report_view import Views
from exchange.access.standing import StandingDecisions
from exchange.access.statements import Dispatcher
from exchange.audit.services import Audit
from exchange.audit.statements import Statements
from exchange.consents.register import Register
from exchange.consents.services import Consents
from exchange.db import Database
from exchange.directory.services import Bodies
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.logs.services import Logs
from exchange.publications.services import Publications
from exchange.reports.queries import Reports
from exchange.reports.recalls import Recalls as KeptRecalls
from exchange.reports.statements import ReportStatements
from exchange.web.feature import Feature
from exchange.web.services import Services


def _build(services: Services) -> None:
    database, logs, audit = services.get(Database), services.get(Logs), services.get(Audit)
    snapshots, reports, register = services.get(Snapshots), services.get(Reports), services.get(Register)
    askers = Askers(snapshots, services.get(Bodies))
    footing = Footing(services.get(Statements), register, logs)
    gatherer = Gatherer(reports, register, Nearest(register))
    access = Access(gatherer, reports, footing)
    acts = Acts(database, audit, footing)
    insiders = Insiders(services.get(Bodies))
    services.put(Askers, askers)
    services.put(Access, access)
    services.put(Boxes, Boxes(access, askers, reports))
    boxes = Boxes(access, askers, reports)
    statements = services.get(Statements)
    services.put(Closings, Closings(access, askers, reports, register))
    services.put(Coverage, Coverage(register, snapshots, askers))
    services.put(Views, Views(access, reports, Proofs(database, logs)))
    services.put(StandingDecisions, StandingDecisions(reports, Proofs(database, logs)))
    services.put(SealedPieces, SealedPieces(access, reports))
    services.put(Matrices, Matrices(access, askers, insiders, acts, reports))
    services.put(Explanations, Explanations(access, askers, insiders, acts))
    faults = services.get(Faults)
    services.put(Releases, Releases(access, askers, reports, snapshots, acts, footing, logs, faults))
    receipts = Receipts(reports, snapshots, acts, footing, logs)
    lookback = Lookback(gatherer, askers, reports, snapshots)
    kept = services.get(KeptRecalls)
    recalls = Recalls(kept, lookback, access, askers, reports, register, Proofs(database, logs))
    services.put(Recalls, recalls)
    services.put(Agendas, Agendas(access, askers, boxes, reports, register, statements, snapshots, recalls))
    dispatcher = Dispatcher(
        database,
        services.get(Statements),
        reports,
        services.get(ReportStatements),
        services.get(Consents),
        register,
        receipts,
        recalls,
        services.get(Publications),
        Publishing(access, askers, reports),
    )
    services.put(Dispatcher, dispatcher)


BLUEPRINTS = (api, outlook_api, pages, explanation_pages, outlook_pages)
FEATURE = Feature("access", build=_build, blueprints=BLUEPRINTS, checks=CHECKS)
