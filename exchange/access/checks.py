"""What `flask fsck` asks of this room: every report can be decided on, so that nothing is withheld for a broken record."""

from collections.abc import Iterator

from exchange.access.asker import Askers
from exchange.access.decide import Access
from exchange.db import Database, UnitOfWork
from exchange.directory.errors import NotFoundedError
from exchange.directory.snapshots import Snapshots
from exchange.reports.queries import SENT, Reports
from exchange.web.feature import Check
from exchange.web.services import Services
from policies.decision import register_of

_BATCH = 100


def check_decisions(services: Services) -> Iterator[str]:
    """Yield each report whose facts, or the register of whose States, cannot be read."""
    with services.get(Database).unit_of_work() as uow:
        try:
            directory = services.get(Snapshots).required(uow)
        except NotFoundedError:
            return
        for body in directory.organisations:
            asker = services.get(Askers).body(uow, body.id)
            for report in _sent_by(services.get(Reports), uow, body.id):
                try:
                    gathered = services.get(Access).gather(uow, asker, report)
                    if gathered is not None:
                        register_of(gathered.facts, uow.now)
                except Exception as error:
                    yield f"report '{report}' cannot be decided on: {type(error).__name__}"


def _sent_by(reports: Reports, uow: UnitOfWork, organisation: str) -> Iterator[str]:
    after: str | None = None
    while rows := reports.list_candidates(uow, organisation, SENT, after, _BATCH):
        yield from (row.report for row in rows)
        after = rows[-1].report


CHECKS = (Check("decisions", check_decisions),)
