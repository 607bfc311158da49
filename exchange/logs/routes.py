"""/log/{name}/{n}/…: what anyone may fetch of both logs, as C2SP tlog-tiles serves it; the directory's entries for members.

A tile is served only up to the public size, whatever lies on the disk. Bytes of tiles never change, so they may be kept;
a checkpoint may not.
"""

from typing import Final

from flask import Blueprint, Response, jsonify, request
from flask_login import current_user

from exchange.logs.places import AUDIT, DIRECTORY, LOGS, N
from exchange.logs.services import Logs
from exchange.transparency.errors import LogFormatError
from exchange.transparency.tiles import ENTRIES, Tile, parse_path
from exchange.web.caller import Authenticator
from exchange.web.errors import NotAvailableError, UnauthenticatedError
from exchange.web.services import service, unit_of_work

blueprint = Blueprint("logs", __name__, url_prefix="/log")

TEXT: Final = "text/plain; charset=utf-8"
BINARY: Final = "application/octet-stream"
_FOREVER: Final = "public, max-age=31536000, immutable"
_PRIVATE: Final = "private, no-store"
_NOW: Final = "no-cache"


def _file(data: bytes | None, media_type: str, caching: str) -> Response:
    if data is None:
        raise NotAvailableError("no such file of a log")
    return Response(data, content_type=media_type, headers={"Cache-Control": caching})


def _known(name: str, n: int) -> None:
    if name not in LOGS or n != N:
        raise NotAvailableError("no such log")


@blueprint.get("/<name>/<int:n>/checkpoint")
def checkpoint(name: str, n: int) -> Response:
    """Serve the public checkpoint, signed by both keys of the log."""
    _known(name, n)
    return _file(service(Logs).public_checkpoint(name).note, TEXT, _NOW)


@blueprint.get("/<name>/<int:n>/<path:path>")
def tile(name: str, n: int, path: str) -> Response:
    """Serve a hash tile or an entry bundle by its one spelling."""
    _known(name, n)
    try:
        wanted = parse_path(path)
    except LogFormatError as error:
        raise NotAvailableError("not the path of a tile") from error
    caching = _FOREVER
    if name == DIRECTORY and wanted.level == ENTRIES:
        _require_member()
        caching = _PRIVATE
    logs = service(Logs)
    if not _is_public(wanted, logs.public_checkpoint(name).size):
        raise NotAvailableError("beyond the public size")
    return _file(logs.public_file(name, path), BINARY, caching)


def _is_public(wanted: Tile, size: int) -> bool:
    return wanted.start + wanted.width <= size >> wanted.node_level


def _require_member() -> None:
    """Let a bearer token or a signed-in browser pass, nobody else."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        with unit_of_work() as uow:
            service(Authenticator).authenticate(uow, token.strip())
    elif not current_user.is_authenticated:
        raise UnauthenticatedError("the directory's statements are for members")


@blueprint.get("/policy")
def policy() -> Response:
    """Serve the tlog-policy that names both logs with all their keys."""
    return _file(service(Logs).policy()[0].encode("utf-8"), TEXT, _NOW)


@blueprint.get("/policy-ed25519")
def policy_ed25519() -> Response:
    """Serve the same policy without its ML-DSA-44 keys, for tools that know Ed25519 alone."""
    return _file(service(Logs).policy()[1].encode("utf-8"), TEXT, _NOW)


@blueprint.get("/state")
def state() -> Response:
    """Say of each log whether it runs or is stopped, and up to which size it is public."""
    logs = service(Logs)
    sizes = {name: logs.public_checkpoint(name).size for name in LOGS}
    answer = jsonify({name: {"n": N, "state": logs.state(name), "size": sizes[name]} for name in (AUDIT, DIRECTORY)})
    answer.headers["Cache-Control"] = _NOW
    return answer
