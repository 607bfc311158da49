"""/api/v1/publications: what is published, for anyone; and the files of one that waits, from its second officer."""

from typing import Any, Final

from flask import Response, send_file
from pydantic import BaseModel, ConfigDict, Field

from exchange.publications.files import PublicFiles
from exchange.publications.rows import PAGE, PublicView
from exchange.reports.digest import digest_field
from exchange.statements import words
from exchange.storage.errors import StorageError
from exchange.web.caller import caller
from exchange.web.incoming import incoming
from exchange.web.openapi import api_blueprint, problems
from exchange.web.services import service, unit_of_work
from keys.encoding import unb64u

api = api_blueprint("publications_api", __name__, "publications")

_ID: Final = r"^[A-Za-z0-9_-]{43}$"
_MISSING: Final = problems(s404="no such publication, or it was withdrawn")


class ListQuery(BaseModel):
    """Where the list goes on."""

    model_config = ConfigDict(extra="forbid")

    after: str | None = Field(default=None, pattern=_ID, description="the id of the last publication already shown")
    limit: int = Field(default=PAGE, ge=1, le=100)


class PublicationPath(BaseModel):
    """Which publication."""

    publication: str = Field(pattern=_ID)


class FilePath(PublicationPath):
    """Which of its files: the rendition, or the comments of the State."""

    role: str = Field(pattern=f"^({words.RENDITION}|{words.COMMENTS})$")


@api.get("/publications", responses=problems(s404="`after` is not in the list"), security=[])
def list_publications(query: ListQuery) -> dict[str, Any]:
    """List what is published, newest first, withdrawn ones too, with each file's SHA-256 in hexadecimal. Needs no token."""
    with unit_of_work() as uow:
        shown, after = service(PublicView).page(uow, query.after, query.limit)
        return {"next": after, "publications": [each.to_json() for each in shown]}


@api.get("/publications/<publication>", responses=_MISSING, security=[])
def show_publication(path: PublicationPath) -> dict[str, Any]:
    """Show one publication. Needs no token."""
    with unit_of_work() as uow:
        return service(PublicView).show(uow, path.publication).to_json()


@api.get(
    "/publications/<publication>/files/<role>",
    responses={"200": {"description": "the file", "content": {"application/octet-stream": {}}}, **_MISSING},
    security=[],
)
def read_file(path: FilePath) -> Response:
    """Give a published file to anyone, to be saved, with its SHA-256 (`Repr-Digest`, RFC 9530). Needs no token."""
    with unit_of_work() as uow:
        statement, file = service(PublicView).file(uow, path.publication, path.role)
        place = service(PublicFiles).path(uow, statement, path.role)
    try:
        response = send_file(
            place, file.media_type, as_attachment=True, download_name=file.name, etag=file.sha256.hex(), max_age=None
        )
    except OSError as error:
        raise StorageError("a published file could not be opened") from error
    response.headers["Repr-Digest"] = digest_field(file.sha256)
    return response


@api.put(
    "/publications/<publication>/files/<role>",
    responses={
        "204": {"description": "the file is stored, durably"},
        **problems(
            s403="the officer who signed first sends no file", s404="nothing waits under this hash", s422="another file"
        ),
    },
    request_body={
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
)
def put_file(path: FilePath) -> tuple[str, int]:
    """Send a file of a publication that waits under this hash: its second officer does, before signing."""
    body = incoming()
    try:
        service(PublicFiles).put(caller(), unb64u(path.publication, 32), path.role, body)
    except Exception:
        body.skip()
        raise
    return "", 204
