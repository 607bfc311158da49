"""/api/v1/audit: the public head, bundles up to it, and proofs against it, for every member."""

from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from exchange.audit.bundles import Bundles
from exchange.ledger.bundle import MEDIA_TYPE
from exchange.logs.places import AUDIT, N
from exchange.logs.services import Logs
from exchange.web.caller import caller
from exchange.web.errors import NotAvailableError
from exchange.web.openapi import api_blueprint, problems
from exchange.web.services import service, unit_of_work

api = api_blueprint("audit_api", __name__, "audit")

# RFC 9110 has no bounds, this log has: bundle numbers and indices stay far below 2^53.
_MOST = 2**53 - 1


class HeadBody(BaseModel):
    """The audit log in public."""

    n: int
    size: int = Field(description="leaves; in public a multiple of 16")
    checkpoint: str = Field(description="C2SP signed note, both signatures of the log")
    consistency: list[str] = Field(description="RFC 6962 proof from the size asked for, base64url; none from 0")
    witnessed: bool = Field(description="whether independent verifiers cosigned it")


class BundlePath(BaseModel):
    """Which bundle."""

    k: int = Field(ge=0, le=_MOST)


class SinceQuery(BaseModel):
    """From which size on the caller wants to see this history continued: what they verified last."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    since: int = Field(default=0, ge=0, le=_MOST, alias="from")


class ProofQuery(SinceQuery):
    """Which leaf."""

    index: int = Field(ge=0, le=_MOST)


class ProofBody(BaseModel):
    """That a leaf stands in the public log."""

    checkpoint: str
    size: int
    inclusion: list[str] = Field(description="RFC 6962 path, base64url")
    consistency: list[str] = Field(description="RFC 6962 proof from the size asked for, base64url; none from 0")


@api.get("/audit/head", responses={"200": HeadBody, **problems(s503="the log is stopped")})
def head(query: SinceQuery) -> dict[str, Any]:
    """Show number, size and checkpoint of the audit log: the public one, unless the caller has seen a later one."""
    answer = service(Logs).prove(AUDIT, None, query.since).to_json()
    answer.pop("inclusion")
    return HeadBody(n=N, witnessed=False, **answer).model_dump()


@api.get(
    "/audit/bundles/<int:k>",
    responses={"200": {"description": "a bundle (docs/spec/audit-entry.md)", "content": {MEDIA_TYPE: {}}}},
)
def bundle(path: BundlePath) -> Response:
    """Return leaves 256k to 256k+255, the last up to the public size, with their views and the seals of their chains."""
    who = caller()
    bundles = service(Bundles)
    size = service(Logs).public_checkpoint(AUDIT).size
    with unit_of_work() as uow:
        data = bundles.bundle(uow, path.k, size)
    if data is None:
        raise NotAvailableError("no such bundle in public")
    bundles.note_reading(who.officer, who.organisation, path.k, size)
    return Response(data, content_type=MEDIA_TYPE)


@api.get("/audit/proof", responses={"200": ProofBody, **problems(s503="the log is stopped")})
def proof(query: ProofQuery) -> dict[str, Any]:
    """Prove that a leaf stands in the public log; a leaf beyond its size is not available yet."""
    logs = service(Logs)
    if query.index >= logs.public_checkpoint(AUDIT).size:
        raise NotAvailableError("beyond the public size")
    return ProofBody(**logs.prove(AUDIT, query.index, query.since).to_json()).model_dump()
