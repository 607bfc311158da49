"""/api/v1: the instance, the directory's statements, what lies beside them, invitations and requests to join."""

from typing import Any

from flask import request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from exchange.db import UnitOfWork
from exchange.directory.beside import keys_of, members_of, seats_of
from exchange.directory.errors import RangeError
from exchange.directory.invitations import Invitations
from exchange.directory.models import DirectoryLeaf
from exchange.directory.services import Directories, Halves
from exchange.directory.snapshots import LOG, Snapshots
from exchange.logs.services import Logs
from exchange.web.caller import caller
from exchange.web.errors import NotAvailableError
from exchange.web.limits import check_limit
from exchange.web.openapi import api_blueprint, problems
from exchange.web.services import service, unit_of_work
from keys.directory_submission import Submission
from keys.encoding import b64u, format_time, parse_time, unb64u

PUBLIC = frozenset({"directory_api.show_instance", "directory_api.join"})

api = api_blueprint("directory_api", __name__, "directory")


class Query(BaseModel):
    """Where a sync begins: the size the caller has verified already."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    since: int = Field(default=0, ge=0, alias="from")


class InvitationBody(BaseModel):
    """What the server may know of an invitation."""

    model_config = ConfigDict(extra="forbid")

    invitation: str = Field(description="SHA-256 of the labelled code, base64url")
    expires: str = Field(description="RFC 3339")


class JoinBody(BaseModel):
    """A joiner's request."""

    model_config = ConfigDict(extra="forbid")

    invitation: str
    statement: str = Field(max_length=65_535)
    mac: str
    keys: dict[str, str] = Field(max_length=3)


class OrganisationPath(BaseModel):
    """A body's id."""

    organisation: str


@api.get("/instance")
def show_instance() -> dict[str, Any]:
    """Show what this server is: instance, address, exchange, keys, the logs' sizes in public, its clock."""
    logs = service(Logs)
    full, ed25519 = logs.policy()
    with unit_of_work() as uow:
        directory = service(Snapshots).current(uow)
        now = format_time(uow.now)
    sizes = {name: logs.public_checkpoint(name).size for name in ("directory", "audit")}
    return {
        **service(Halves).value,
        "exchange": None if directory is None else b64u(directory.exchange),
        "server_time": now,
        "sizes": sizes,
        "policy": {"full": full, "ed25519": ed25519},
        "witnessed": False,
    }


@api.get("/directory", responses=problems(s409="the caller has verified more than this server holds"))
def read_directory(query: Query) -> dict[str, Any]:
    """Give the statements from a size on, with a checkpoint signed at the end, its proof, and the keys they name."""
    logs = service(Logs)
    with unit_of_work() as uow:
        service(Snapshots).required(uow)
    note = logs.signed_checkpoint(LOG)
    if query.since > note.size:
        raise RangeError("the directory has fewer statements than asked for")
    with unit_of_work() as uow:
        return {
            "size": note.size,
            "checkpoint": note.note.decode("utf-8"),
            "consistency": _consistency(uow, query.since, note.size),
            "entries": _entries(uow, query.since, note.size),
            "keys": keys_of(uow, logs.leaves(uow, LOG, query.since, note.size)),
        }


@api.post(
    "/directory/statements",
    responses=problems(s409="the statements do not fit the directory as it stands now"),
    request_body={"content": {"application/json": {"schema": {"type": "object"}}}},
)
def submit() -> tuple[dict[str, Any], int]:
    """Append statements in their order, all or nothing."""
    submission = Submission.from_json(request.get_data())
    who = caller()
    with unit_of_work(write=True) as uow:
        accepted = service(Directories).submit(uow, submission, who)
        service(Invitations).used(uow, accepted, who)
        size = service(Logs).head(uow, LOG).size
    return {"size": size, "entries": [{"hash": b64u(a.hash), "index": a.index} for a in accepted]}, 201


@api.post("/directory/invitations", responses=problems(s403="only a focal point invites"))
def invite(body: InvitationBody) -> tuple[dict[str, str], int]:
    """Note an invitation; its code stays outside."""
    with unit_of_work(write=True) as uow:
        service(Invitations).make(uow, caller(), unb64u(body.invitation, 32), parse_time(body.expires))
    return {"invitation": body.invitation}, 201


@api.post("/directory/joins", responses=problems(s409="another request stands under this invitation"))
def join(body: JoinBody) -> tuple[dict[str, str], int]:
    """Leave a request to join for the inviter."""
    check_limit("join-address")
    keys = {unb64u(kid, 32): unb64u(public) for kid, public in body.keys.items()}
    code_hash, proof = unb64u(body.invitation, 32), unb64u(body.mac, 32)
    with unit_of_work(write=True) as uow:
        service(Invitations).join(uow, code_hash, body.statement.encode("utf-8"), proof, keys)
    return {"invitation": body.invitation}, 202


@api.get("/directory/joins", responses=problems(s403="only a focal point reads them"))
def list_joins() -> dict[str, Any]:
    """List the requests to join the caller's body."""
    with unit_of_work() as uow:
        return {"joins": service(Invitations).waiting(uow, caller())}


@api.get("/account/seats")
def own_seats() -> dict[str, Any]:
    """Give the caller's own seats, one an epoch."""
    with unit_of_work() as uow:
        return {"seats": seats_of(uow, unb64u(caller().officer, 16))}


@api.get("/organisations/<organisation>/members")
def members(path: OrganisationPath) -> dict[str, Any]:
    """Give a body its own: all seats, sealed profiles, private halves of mandates. Other bodies' are not available."""
    if path.organisation != caller().organisation:
        raise NotAvailableError("another body's members")
    with unit_of_work() as uow:
        return members_of(uow, service(Snapshots).required(uow), path.organisation)


def _entries(uow: UnitOfWork, since: int, size: int) -> list[dict[str, str]]:
    times = uow.session.scalars(
        select(DirectoryLeaf.logged)
        .where(DirectoryLeaf.index >= since, DirectoryLeaf.index < size)
        .order_by(DirectoryLeaf.index)
    ).all()
    texts = service(Logs).leaves(uow, LOG, since, size)
    return [
        {"text": text.decode("ascii"), "time": format_time(logged)}
        for text, logged in zip(texts, times, strict=True)
    ]


def _consistency(uow: UnitOfWork, since: int, size: int) -> list[str]:
    if since == 0:
        return []
    return [b64u(node) for node in service(Logs).consistency(uow, LOG, since, size).hashes]
