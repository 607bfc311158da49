"""What the room `consents` gives the application."""

from collections.abc import Iterator

from sqlalchemy import select

from exchange.audit.statements import Statements
from exchange.consents.api import api
from exchange.consents.models import ConsentEvent, ConsentInstrument, ConsentScope
from exchange.consents.notes_page import blueprint as notes
from exchange.consents.pages import blueprint as pages
from exchange.consents.register import Register
from exchange.consents.services import Consents
from exchange.db import Database, UnitOfWork
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.web.feature import Check, Feature
from exchange.web.services import Services


def _build(services: Services) -> None:
    register = Register(services.get(Statements))
    services.put(Register, register)
    services.put(Consents, Consents(services.get(Statements), register, services.get(Snapshots), services.get(Faults)))


def _check(services: Services) -> Iterator[str]:
    """Every event of the register is a statement that is kept with its ticket, and every instrument can be read."""
    statements = services.get(Statements)
    with services.get(Database).unit_of_work() as uow:
        for event in uow.session.scalars(select(ConsentEvent)):
            if statements.find(uow, event.statement) is None:
                yield f"event {event.number} of instrument '{event.instrument}' has no statement"
        yield from _unreadable(uow, services.get(Register))


def _unreadable(uow: UnitOfWork, register: Register) -> Iterator[str]:
    """What would withhold, for a broken record, every report on which an instrument bears; or is not found by its scope."""
    scopes: dict[str, set[str]] = {}
    for scope in uow.session.scalars(select(ConsentScope)):
        scopes.setdefault(scope.instrument, set()).add(scope.about)
    for instrument in uow.session.scalars(select(ConsentInstrument.id)):
        try:
            found = register.find(uow, instrument)
        except Exception as error:
            yield f"instrument '{instrument}' cannot be read: {type(error).__name__}"
            continue
        if found is not None and found.speaks_of != scopes.get(instrument, set()):
            yield f"instrument '{instrument}' is not found by what it speaks of"


FEATURE = Feature("consents", build=_build, blueprints=(api, pages, notes), checks=(Check("events", _check),))
