"""A statement of an officer that the server keeps, for tests of what their leave may not take back."""

from exchange.audit.events import Event
from exchange.audit.statements import Statements, Subject
from exchange.db import UnitOfWork
from exchange.web.services import Services
from keys.encoding import b64u
from keys.statement import new
from tests.unit.keys.directory_builder import Person

REPORT = "11111111-2222-4333-8444-555555555555"


def keep_signed_by(uow: UnitOfWork, services: Services, person: Person) -> None:
    """Keep a stop signed by `person`, as any room keeps a statement: its signers' keys are among its subjects."""
    body = {"time": "2026-03-02T09:30:00Z", "exchange": b64u(bytes(32)), "nonce": b64u(bytes(16)), "report": REPORT}
    statement = new("exchange/stop/v1", body).signed_by(person.sign)
    fields = {"actor": person.id, "body": person.organisation, "owner": person.organisation, "report": REPORT}
    subjects = [Subject("signer", b64u(kid)) for kid in statement.kids]
    services.get(Statements).store(uow, statement, Event("reports:report:stop", fields), subjects)
