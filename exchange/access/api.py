"""/api/v1: lists, reports, pieces, releases, statements, matrix, explanations. What may be seen, `decide` alone says."""

from typing import Any, Final

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from exchange.access import sending
from exchange.access.asker import Asker, Askers
from exchange.access.explain import Explanations, Question
from exchange.access.inbox import BOXES, PAGE, SENT, Boxes
from exchange.access.matrix import Matrices
from exchange.access.pieces import SealedPieces
from exchange.access.recalls import PAGE as RECALLS_PAGE
from exchange.access.recalls import Recalls
from exchange.access.release import Releases
from exchange.access.report_view import Views
from exchange.access.standing import StandingDecisions
from exchange.access.statements import Dispatcher
from exchange.config import Config
from exchange.db import UnitOfWork
from exchange.statements import words
from exchange.web.caller import caller
from exchange.web.language import language
from exchange.web.openapi import api_blueprint, problems
from exchange.web.services import service, unit_of_work
from keys.encoding import MAX_BYTES, MAX_INTEGER, b64u, parse_time, unb64u

api = api_blueprint("access_api", __name__, "access")

_ID8: Final = "^[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]$"
_UUID: Final = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_ORGANISATION: Final = "^(state:[A-Z]{2}|[a-z0-9]+(-[a-z0-9]+)*)$"
_ACTIONS: Final = "^(" + "|".join(words.ACTIONS) + ")$"
_PURPOSES: Final = "^(" + "|".join(words.PURPOSES) + ")$"
_HASH: Final = "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"
_ID16: Final = "^[A-Za-z0-9_-]{21}[AQgw]$"
_MOST_PIECES: Final = 2**32 - 1

_WITHHELD: Final = problems(
    s403="withheld: N_ACCOUNT, N_CLEARANCE or N_UNDERTAKING", s404="withheld, or no such report: N_UNAVAILABLE"
)


class BoxQuery(BaseModel):
    """Which list, and where it goes on."""

    model_config = ConfigDict(extra="forbid")

    box: str = Field(pattern="^(" + "|".join(BOXES) + ")$")
    after: str | None = Field(default=None, pattern=_UUID, description="the id of the last report already shown")
    limit: int = Field(default=PAGE, ge=1, le=100)


class ReportPath(BaseModel):
    """Which report."""

    report: str = Field(pattern=_UUID)


class PartPath(ReportPath):
    """Which part of a report."""

    part: str = Field(pattern=_ID8)


class PiecePath(PartPath):
    """Which sealed piece."""

    n: int = Field(ge=0, le=_MOST_PIECES)


class ReportQuery(BaseModel):
    """How far the caller has verified the audit log."""

    model_config = ConfigDict(extra="forbid")

    audit_size: int = Field(default=0, ge=0, le=MAX_INTEGER)


class ReleaseBody(BaseModel):
    """A signed release-request, and how far the caller has verified the audit log."""

    model_config = ConfigDict(extra="forbid", strict=True)

    statement: str = Field(max_length=MAX_BYTES)
    audit_size: int = Field(default=0, ge=0, le=MAX_INTEGER)


class MatrixQuery(BaseModel):
    """For which purpose the matrix is made, and whether its past is asked for too."""

    model_config = ConfigDict(extra="forbid")

    timeline: bool = Field(default=False, description="with how it came about: what opened, narrowed, closed, and when")

    purpose: str = Field(default="follow_up", pattern=_PURPOSES)


class ExplainQuery(BaseModel):
    """What is to be explained."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    grantee: str | None = Field(default=None, alias="for", pattern=_ORGANISATION, max_length=40)
    part: str | None = Field(default=None, pattern=_ID8)
    action: str = Field(default="view", pattern=_ACTIONS)
    purpose: str = Field(default="follow_up", pattern=_PURPOSES)
    at: str | None = Field(default=None, max_length=32, description="an instant, RFC 3339; for the report's own side")


class RecallQuery(BaseModel):
    """Which recalls: of what the caller's body sent or was sent, or of one report; and how far the caller has verified."""

    model_config = ConfigDict(extra="forbid")

    box: str = Field(default=BOXES[0], pattern="^(" + "|".join(BOXES) + ")$")
    report: str | None = Field(default=None, pattern=_UUID, description="only of this report, on either side, all of them")
    after: str | None = Field(default=None, pattern=_HASH, description="the hash of the last recall already shown")
    limit: int = Field(default=RECALLS_PAGE, ge=1, le=100)
    audit_size: int = Field(default=0, ge=0, le=MAX_INTEGER)


class RestedQuery(BaseModel):
    """Which agreement of a State, and where the list goes on."""

    model_config = ConfigDict(extra="forbid")

    instrument: str = Field(pattern=_ID16)
    after: str | None = Field(default=None, pattern=_UUID)


class StatementBody(BaseModel):
    """A signed statement and what lies beside it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    statement: str = Field(max_length=MAX_BYTES)
    beside: dict[str, Any] = Field(default_factory=dict)


def _asker(uow: UnitOfWork) -> Asker:
    who = caller()
    return service(Askers).officer(uow, who.officer, who.organisation)


@api.get("/reports", responses=problems(s404="`after` is not in the list"))
def list_reports(query: BoxQuery) -> dict[str, Any]:
    """List what arrived for the caller's body, or what it sent, newest first, as far as it may know of it now."""
    with unit_of_work() as uow:
        return service(Boxes).page(uow, _asker(uow), query.box, query.after, query.limit).to_json()


@api.get("/reports/<report>", responses={**_WITHHELD, **problems(s409="the caller has verified more than this log holds")})
def show_report(path: ReportPath, query: ReportQuery) -> dict[str, Any]:
    """Show a report's header, the descriptors that are the caller's to know, sealed manifests, and what is permitted."""
    views = service(Views)
    with unit_of_work() as uow:
        view = views.show(uow, _asker(uow), path.report)
    return views.proven(view, query.audit_size)


@api.get(
    "/reports/<report>/parts/<part>/pieces/<int:n>",
    responses={"200": {"description": "a sealed piece", "content": {"application/octet-stream": {}}}, **_WITHHELD},
)
def read_piece(path: PiecePath) -> Response:
    """Give one sealed piece, while its part may be viewed."""
    with unit_of_work() as uow:
        data = service(SealedPieces).read(uow, _asker(uow), path.report, path.part, path.n)
    return Response(data, content_type="application/octet-stream")


@api.get(
    "/reports/<report>/parts/<part>/content",
    responses={
        "200": {"description": "the whole sealed part", "content": {"application/octet-stream": {}}},
        "206": {"description": "the range of it that was asked for", "content": {"application/octet-stream": {}}},
        **_WITHHELD,
        **problems(s416="the range begins after the part's end"),
    },
)
def read_content(path: PartPath) -> Response:
    """Give a sealed part, its pieces one after the other, or the one range of it that `Range` (RFC 9110) asks for, while
    the part may be viewed."""
    with unit_of_work() as uow:
        content = service(SealedPieces).content(uow, _asker(uow), path.report, path.part)
    return sending.send(content, service(Config).accel)


@api.post(
    "/reports/<report>/parts/<part>/release",
    responses={
        **_WITHHELD,
        **problems(s400="clock_off", s409="the caller has verified more than this log holds", s503="the log is stopped"),
    },
)
def release(path: PartPath, body: ReleaseBody) -> dict[str, Any]:
    """Answer a signed release-request: the envelope, its entry, and the proofs that the entry stands in the log."""
    text = body.statement.encode("utf-8", "surrogatepass")
    return service(Releases).release(caller(), path.report, path.part, text, body.audit_size)


@api.get("/reports/<report>/access", responses=_WITHHELD)
def show_matrix(path: ReportPath, query: MatrixQuery) -> dict[str, Any]:
    """Show the access matrix to the bodies that made the report, and to their audit offices."""
    return service(Matrices).read(caller(), path.report, query.purpose, language(), through_time=query.timeline)


@api.get("/reports/<report>/explain", responses=_WITHHELD)
def explain(path: ReportPath, query: ExplainQuery) -> dict[str, Any]:
    """Explain a decision: exactly to the report's own side, outwardly to everybody else about themselves."""
    at = None if query.at is None else parse_time(query.at)
    question = Question(path.report, query.grantee, query.part, query.action, query.purpose, at)
    return service(Explanations).explain(caller(), question, language())


@api.post(
    "/statements",
    responses=problems(
        s403="the signer may not say this", s409="the statement does not fit what stands now", s422="not in form"
    ),
)
def take_statement(body: StatementBody) -> tuple[dict[str, Any], int]:
    """Take a signed statement: stop, lift, grant, determination, consent, receipt, recall, recall-answer."""
    text = body.statement.encode("utf-8", "surrogatepass")
    answer = service(Dispatcher).take(text, body.beside, caller())
    return answer.body, answer.status


@api.get("/statements/pending")
def list_pending() -> dict[str, Any]:
    """List the statements of the caller's body that wait for another officer's signature."""
    with unit_of_work() as uow:
        return {"pending": service(Dispatcher).pending(uow, caller())}


@api.get("/statements/standing", responses=problems(s409="the caller has verified more than this log holds"))
def list_standing(query: ReportQuery) -> dict[str, Any]:
    """List the standing decisions of the caller's body in the order recorded, each with its proof: those that stand, and
    all that came before them."""
    decisions = service(StandingDecisions)
    with unit_of_work() as uow:
        stored = decisions.of(uow, caller().organisation)
    return {"standing": decisions.proven(stored, query.audit_size)}


@api.get("/recalls", responses=problems(s404="`after` is not in the list", s409="the caller has verified more"))
def list_recalls(query: RecallQuery) -> dict[str, Any]:
    """List recalls, newest first: of the caller's own reports with every body's answer, or those its body was told of."""
    recalls = service(Recalls)
    after = None if query.after is None else unb64u(query.after)
    with unit_of_work() as uow:
        asker = _asker(uow)
        if query.report is not None:
            found, more = recalls.of_report(uow, asker, query.report), False
        else:
            page = recalls.sent if query.box == SENT else recalls.arrived
            listed = page(uow, asker, after, query.limit + 1)
            found, more = listed[: query.limit], len(listed) > query.limit
    following = b64u(found[-1].recalled.stored.hash) if more else None
    return {"items": recalls.proven(found, query.audit_size), "next": following}


@api.get("/recalls/rested", responses=problems(s404="no such agreement of the caller's"))
def list_rested(query: RestedQuery) -> dict[str, Any]:
    """List which of the caller's own reports other bodies could view by an agreement right before it ended."""
    with unit_of_work() as uow:
        found, following = service(Recalls).rested(uow, _asker(uow), query.instrument, query.after)
        items = [
            {
                "report": row.report,
                "parts": [{"part": part, "organisations": bodies} for part, bodies in sorted(parts.items())],
            }
            for row, parts in found
        ]
    return {"items": items, "next": following}
