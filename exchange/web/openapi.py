"""The OpenAPI 3.1 document at /api/v1/openapi.json, generated from the routes, with problem+json documented."""

from typing import Any, Final

from flask.json.provider import DefaultJSONProvider
from flask_openapi import APIBlueprint, Info, OpenAPI
from flask_openapi.types import ResponseDict
from pydantic import BaseModel, Field

from exchange.web.problems import MEDIA_TYPE, invalid_request

PREFIX: Final = "/api/v1"
DOCUMENT: Final = "/openapi.json"
OPEN_ENDPOINTS: Final = frozenset({"openapi_document"})


class Problem(BaseModel):
    """An RFC 9457 problem document. `code` is stable; further members depend on it."""

    type: str = Field(description="a relative address that says what the code means")
    title: str = Field(description="a sentence in the language of Accept-Language (en, fr)")
    status: int
    code: str = Field(description="stable; see docs/http.md")
    detail: str | None = Field(default=None, description="where a request is malformed, in English")


_PROBLEM: Final[dict[str, Any]] = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def problems(**descriptions: str) -> ResponseDict:
    """Return the `responses` entries of refusals: problems(s409="other bytes are stored") documents a 409."""
    return {name.removeprefix("s"): {"description": text, **_PROBLEM} for name, text in descriptions.items()}


COMMON: Final[ResponseDict] = problems(
    s401="no token in force", s404="not available", s422="the request is malformed", s500="the server failed"
)


class _Json(DefaultJSONProvider):
    """Flask's JSON, for which a body nested too deeply is a malformed one, not a failure of the server."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse JSON; ValueError for whatever is none."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def new_app(import_name: str) -> OpenAPI:
    """Return the Flask application that collects the document; the document's route is added by `publish`."""
    app = OpenAPI(
        import_name,
        info=Info(title="Confidential Report Exchange", version="1"),
        security_schemes={"bearer": {"type": "http", "scheme": "bearer"}},
        validation_error_status=422,
        validation_error_model=Problem,
        validation_error_callback=invalid_request,
        doc_ui=False,
    )
    app.openapi_version = "3.1.0"
    app.json = _Json(app)
    return app


def publish(app: OpenAPI) -> None:
    """Serve the document. It describes the interface and needs no token."""

    @app.route(PREFIX + DOCUMENT, endpoint="openapi_document")
    def openapi_document() -> dict[str, Any]:
        return app.api_doc


def api_blueprint(name: str, import_name: str, tag: str) -> APIBlueprint:
    """Return a feature's blueprint under /api/v1: bearer token documented, common problems documented, one tag."""
    return APIBlueprint(
        name,
        import_name,
        url_prefix=PREFIX,
        abp_tags=[{"name": tag}],
        abp_security=[{"bearer": []}],
        abp_responses=COMMON,
    )
