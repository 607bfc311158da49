"""Every error's way to its reader: RFC 9457 problem documents for programs, a short page for people.

The status comes from `exchange.web.statuses`, the title is the catalogue's sentence in the reader's language. The text of
an exception is shown only where it says how a request is malformed; what the server itself stumbles over is logged by
type and place, and answered without detail.
"""

import logging
from collections.abc import Mapping
from typing import Final, cast

from flask import Blueprint, Flask, Response, json, render_template, request
from jinja2 import TemplateNotFound
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from exchange.texts import has, sentence
from exchange.web.failures import places
from exchange.web.language import for_machines, language
from exchange.web.statuses import HTTP_CODES, STATUS

log = logging.getLogger("exchange.web")
blueprint = Blueprint("problems", __name__)

MEDIA_TYPE: Final = "application/problem+json"
_RESERVED: Final = frozenset({"type", "title", "status", "detail", "code"})


def document(code: str, tongue: str, detail: str = "", members: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return the problem document of `code` in a language. `members` may not replace the standard ones."""
    body: dict[str, object] = {
        "type": f"/problems/{code}",
        "title": sentence(code, tongue),
        "status": STATUS.get(code, 500),
        "code": code,
    }
    if detail:
        body["detail"] = detail
    body.update({name: value for name, value in (members or {}).items() if name not in _RESERVED})
    return body


def problem(code: str, detail: str = "", members: Mapping[str, object] | None = None) -> Response:
    """Return the answer to the current request for an error `code`."""
    tongue = language()
    body = document(code if code in STATUS else "internal", tongue, detail, members)
    status = STATUS.get(code, 500)
    if for_machines():
        response = Response(json.dumps(body), status, mimetype=MEDIA_TYPE)
    else:
        response = Response(_page(body), status)
        if not response.get_data().lstrip().startswith(b"<"):
            response.mimetype = "text/plain"
    response.headers["Content-Language"] = tongue
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    elif status == 429:
        response.headers["Retry-After"] = "60"
    elif status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _page(body: Mapping[str, object]) -> str:
    try:
        return render_template("problem.html", problem=body)
    except TemplateNotFound:
        return f"{body['title']}\n"


def of_error(error: Exception) -> Response:
    """Return the answer for any exception a view let out."""
    if isinstance(error, HTTPException):
        return _of_http(error)
    code = getattr(error, "code", None)
    if not isinstance(code, str) or code not in STATUS:
        log.error("unexpected error in %s: %s", request.endpoint, places(error))
        return problem("internal")
    status = STATUS[code]
    if status >= 500:
        log.error("%s in %s: %s", code, request.endpoint, places(error))
    members = getattr(error, "members", None)
    detail = str(error) if status in (400, 422) else ""
    return problem(code, detail, members if isinstance(members, Mapping) else None)


def _of_http(error: HTTPException) -> Response:
    answer = error.get_response(request.environ)
    status = error.code or answer.status_code
    if status < 400 or answer.mimetype == MEDIA_TYPE:
        # A redirect of the router's, or an answer that validation has made already.
        return cast(Response, Response.force_type(answer, request.environ))  # type: ignore[arg-type]
    response = problem(HTTP_CODES.get(status, "bad_request" if status < 500 else "internal"))
    if "Allow" in answer.headers:
        response.headers["Allow"] = answer.headers["Allow"]
    return response


def invalid_request(error: ValidationError) -> Response:
    """Return 422 with the places a request's body, path or query is malformed, and no value from it."""
    fields = [
        {"at": ".".join(str(step) for step in item["loc"]), "problem": item["type"]}
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return problem("invalid_request", members={"fields": fields})


def register(app: Flask) -> None:
    """Answer every exception of `app` here, and say at /problems/CODE what a code means."""
    app.register_error_handler(Exception, of_error)
    app.register_blueprint(blueprint)


@blueprint.get("/problems/<code>")
def explain(code: str) -> Response:
    """Say what an error code means, in the reader's language."""
    if code not in STATUS or not has(f"error.{code}"):
        return problem("not_found")
    tongue = language()
    text = f"{code} ({STATUS[code]})\n\n{sentence(code, tongue)}\n"
    return Response(text, mimetype="text/plain", headers={"Content-Language": tongue})
