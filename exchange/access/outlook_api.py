"""/api/v1: what would close, and whose reports may go to whom. About the caller's own reports and register alone."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from exchange.access.agenda import Agendas
from exchange.access.asker import Asker, Askers
from exchange.access.closing import EVENTS, Closings
from exchange.access.closing import PAGE as CLOSING_PAGE
from exchange.access.coverage import KIND, Coverage
from exchange.access.inbox import PURPOSE
from exchange.db import UnitOfWork
from exchange.statements import words
from exchange.web.caller import caller
from exchange.web.language import language
from exchange.web.openapi import api_blueprint, problems
from exchange.web.services import service, unit_of_work
from policies.vocabulary import KINDS

api = api_blueprint("outlook_api", __name__, "access")

_UUID: Final = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


class ClosingPath(BaseModel):
    """An instrument's id, base64url of 16 bytes."""

    instrument: str = Field(pattern=r"^[A-Za-z0-9_-]*$")


class ClosingQuery(BaseModel):
    """Which event would be recorded, and where the list of the caller's reports goes on."""

    model_config = ConfigDict(extra="forbid")

    event: str = Field(default="withdrawn", pattern="^(" + "|".join(EVENTS) + ")$")
    after: str | None = Field(default=None, pattern=_UUID, description="the id of the last report already looked at")
    limit: int = Field(default=CLOSING_PAGE, ge=1, le=CLOSING_PAGE)


class CoverageQuery(BaseModel):
    """Of which kind of report, and for which purpose."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(default=KIND, pattern="^(" + "|".join(KINDS) + ")$")
    purpose: str = Field(default=PURPOSE, pattern="^(" + "|".join(words.PURPOSES) + ")$")


def asker_of(uow: UnitOfWork) -> Asker:
    """Return whoever calls, as an asker."""
    who = caller()
    return service(Askers).officer(uow, who.officer, who.organisation)


@api.get("/consents/<instrument>/closing", responses=problems(s404="an instrument that is not the caller's"))
def show_closing(path: ClosingPath, query: ClosingQuery) -> dict[str, Any]:
    """Tell which of the caller's own reports would close, and for whom, if an event of an instrument were recorded now."""
    with unit_of_work() as uow:
        return service(Closings).page(uow, asker_of(uow), path.instrument, query.event, query.after, query.limit)


@api.get("/today")
def show_today() -> dict[str, Any]:
    """Tell what arrived, what is due, what waits for the caller's second signature, and what waits for which State."""
    with unit_of_work() as uow:
        return service(Agendas).read(uow, asker_of(uow), language())


@api.get("/coverage")
def show_coverage(query: CoverageQuery) -> dict[str, Any]:
    """Tell for each State of the caller's register and each body whether a report on that State might go there today."""
    with unit_of_work() as uow:
        return service(Coverage).read(uow, asker_of(uow), query.kind, query.purpose, language())
