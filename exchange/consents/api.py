"""/api/v1/consents: the register as the caller's body may see it. Events come in through /statements."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from exchange.audit.statements import Statements
from exchange.consents import today
from exchange.consents.register import Register, Registered
from exchange.db import UnitOfWork
from exchange.notes.blocks import to_json
from exchange.texts import LANGUAGES
from exchange.web.caller import caller
from exchange.web.errors import NotAvailableError
from exchange.web.openapi import api_blueprint
from exchange.web.services import service, unit_of_work
from keys.encoding import b64u, format_time

api = api_blueprint("consents_api", __name__, "consents")


class Query(BaseModel):
    """A State, where only its instruments are asked for."""

    model_config = ConfigDict(extra="forbid")

    state: str | None = Field(default=None, pattern="^[A-Z]{2}$")


class StateQuery(BaseModel):
    """The State that is meant."""

    model_config = ConfigDict(extra="forbid")

    state: str = Field(pattern="^[A-Z]{2}$")


class InstrumentPath(BaseModel):
    """An instrument's id, base64url of 16 bytes."""

    instrument: str = Field(pattern=r"^[A-Za-z0-9_-]*$")


@api.get("/consents")
def list_consents(query: Query) -> dict[str, Any]:
    """List the instruments that the caller's body recorded, or, for a State, that are its own."""
    with unit_of_work() as uow:
        found = service(Register).visible_to(uow, caller().organisation, query.state)
        return {"instruments": [shown(uow, registered) for registered in found]}


@api.get("/consents/today")
def show_today(query: StateQuery) -> dict[str, Any]:
    """Show what a State has agreed to today, as far as the caller's body may see it: facts, their code, the statements
    they rest on with their tickets, and the page in both languages."""
    with unit_of_work() as uow:
        page = today.today(uow, service(Register), caller().organisation, query.state, today.checkpoint())
        if page is None:
            raise NotAvailableError("a State of which the caller's body recorded nothing")
        hashes = [event.statement for each in page.standing for event in each.found.events]
        stored = service(Statements).all(uow, hashes)
    return {
        "facts": page.facts,
        "code": page.code,
        "statements": [stored[hash].to_json() for hash in hashes if hash in stored],
        "papers": [to_json(paper) for paper in today.papers_of(page, LANGUAGES)],
    }


@api.get("/consents/<instrument>")
def show_consent(path: InstrumentPath) -> dict[str, Any]:
    """Show one instrument with the statements and tickets of all its events."""
    organisation = caller().organisation
    with unit_of_work() as uow:
        found = service(Register).find(uow, path.instrument)
        if found is None or not may_see(found, organisation):
            raise NotAvailableError("an instrument that is not the caller's")
        statements = service(Statements)
        stored = [statements.find(uow, event.statement) for event in found.events]
        return {**shown(uow, found), "statements": [item.to_json() for item in stored if item is not None]}


def may_see(found: Registered, organisation: str) -> bool:
    """Whether a body may see an instrument: it recorded it, or it is the State's own."""
    return organisation in (found.row.recorder_body, f"state:{found.row.state}")


def shown(uow: UnitOfWork, found: Registered) -> dict[str, Any]:
    """Return an instrument as JSON values, its status computed at this instant."""
    status = found.status(uow.now)
    return {
        "instrument": found.row.id,
        "state": found.row.state,
        "recorded_by": found.row.recorder_body,
        "terms": found.terms,
        "status": status.state,
        "verified": status.verified,
        "reason": status.reason,
        "events": [
            {
                "type": event.type,
                "at": format_time(event.at),
                "effective": None if event.effective is None else format_time(event.effective),
                "by_body": event.by_body,
                "by_state": event.by_state,
                "statement": b64u(event.statement),
            }
            for event in found.events
        ],
    }
