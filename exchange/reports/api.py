"""/api/v1: uploads in pieces, and the one request that registers a report."""

from typing import Any, Final

from flask import request
from pydantic import BaseModel, ConfigDict, Field

from exchange.config import Config
from exchange.reports.digest import CONTENT_DIGEST, PIECE_HASHES
from exchange.reports.registration import Registration
from exchange.reports.uploads import Opened, Uploads
from exchange.sealing.pieces import HEAD_BYTES, PIECE_BYTES
from exchange.web.caller import caller
from exchange.web.incoming import incoming
from exchange.web.openapi import api_blueprint, problems
from exchange.web.services import Clock, service, unit_of_work
from keys.encoding import MAX_INTEGER, b64u, format_time, parse_uuid, unb64u

api = api_blueprint("reports_api", __name__, "reports")

_PART_BYTES: Final = 8
_MOST_PIECES: Final = 2**32 - 1


class UploadBody(BaseModel):
    """Which part is about to be sent."""

    model_config = ConfigDict(extra="forbid", strict=True)

    report: str = Field(description="the report's UUID, lower case")
    part: str = Field(description="the part's id, 8 bytes, base64url")
    size: int = Field(ge=1, le=MAX_INTEGER, description="bytes of the ciphertext")


class UploadAnswer(BaseModel):
    """An upload: its id, how many pieces it takes, and how many one request may carry."""

    upload: str
    pieces: int
    run: int = Field(description="the most whole pieces of one request")


class UploadState(BaseModel):
    """An upload and what of it is stored."""

    report: str
    part: str
    size: int
    pieces: int
    stored: list[int] = Field(description="numbers of the pieces that are stored, in order")


class UploadPath(BaseModel):
    """Which upload."""

    upload: str = Field(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")


class PiecePath(UploadPath):
    """Which piece of an upload is the first that is sent."""

    n: int = Field(ge=0, le=_MOST_PIECES)


class RegisteredBody(BaseModel):
    """A registered report: the hash of its header, and the ticket of the header's entry."""

    report: str
    header: str
    ticket: dict[str, Any]
    server_time: str


@api.post(
    "/uploads",
    responses={
        "201": UploadAnswer,
        "200": UploadAnswer,
        **problems(
            s409="the part is open with another size", s413="over a report's most bytes", s429="too many uploads"
        ),
    },
)
def open_upload(body: UploadBody) -> tuple[dict[str, Any], int]:
    """Open the upload of a part, or find the one that is open; the same request again changes nothing."""
    parse_uuid(body.report)
    part = unb64u(body.part, _PART_BYTES)
    with unit_of_work(write=True) as uow:
        opened = service(Uploads).open(uow, caller(), body.report, part, body.size)
    run = (service(Config).max_request_bytes - HEAD_BYTES) // PIECE_BYTES
    return UploadAnswer(upload=opened.id, pieces=opened.pieces, run=run).model_dump(), 201 if opened.new else 200


@api.put(
    "/uploads/<upload>/pieces/<int:n>",
    responses={
        "204": {"description": "every piece sent is stored, durably"},
        **problems(s400="no digest, or no length", s409="other bytes are stored as one of these pieces"),
    },
    request_body={
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
)
def put_pieces(path: PiecePath) -> tuple[str, int]:
    """Store whole pieces from piece `n` on, as many as the body holds: all of them full, only a part's last is shorter.

    `Content-Digest` (RFC 9530) with the SHA-256 of the body is required, or `Exchange-Piece-Hashes`: the pieces' leaf hashes,
    one after the other, as one byte sequence (RFC 9651). Any order, any number of requests at once; the same again changes
    nothing. Where a piece is refused, none of the request is stored.
    """
    body = incoming()
    try:
        service(Uploads).put(
            caller(), path.upload, path.n, body, request.headers.get(CONTENT_DIGEST), request.headers.get(PIECE_HASHES)
        )
    except Exception:
        body.skip()
        raise
    return "", 204


@api.get("/uploads/<upload>", responses={"200": UploadState})
def show_upload(path: UploadPath) -> dict[str, Any]:
    """Show which pieces have arrived, so that a sender goes on where it was cut off."""
    with unit_of_work() as uow:
        opened, stored = service(Uploads).show(uow, caller(), path.upload)
    return _state(opened, stored).model_dump()


@api.post(
    "/reports",
    responses={
        "201": RegisteredBody,
        "200": RegisteredBody,
        **problems(
            s400="a clock is far off",
            s403="the signer or the body may not",
            s409="not up to date, pieces missing or different, or another header is registered",
            s413="over a report's most bytes",
        ),
    },
    request_body={
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    },
)
def register() -> tuple[dict[str, Any], int]:
    """Register a report: header, descriptors, manifests and locked envelopes in one package without parts; all or
    nothing. The very same header again gets the first answer."""
    registered = service(Registration).register(request.get_data(cache=False), caller())
    body = {**registered.to_json(), "server_time": format_time(service(Clock).now())}
    return RegisteredBody(**body).model_dump(), 201 if registered.new else 200


def _state(opened: Opened, stored: list[int]) -> UploadState:
    return UploadState(
        report=opened.report, part=b64u(opened.part), size=opened.size, pieces=opened.pieces, stored=stored
    )
