"""Refusals: a problem document with a stable code for programs, in the reader's language, without detail of failures."""

import logging
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi import OpenAPI

from exchange.texts import LANGUAGES, catalogue
from exchange.translations.check import error_codes
from exchange.web.errors import ClockOffError, NotAvailableError
from exchange.web.statuses import HTTP_CODES, STATUS
from tests.web.support import FakeKeyDirectory, StillClock, bearer

SECRET = "planted-secret-7f3a"


def test_every_code_has_its_sentences() -> None:
    """No code of the status table is without a sentence, in either language, and the languages differ."""
    for code in {*STATUS, *HTTP_CODES.values()}:
        texts = [catalogue(language).get(f"error.{code}") for language in LANGUAGES]
        assert all(isinstance(text, str) and text for text in texts), code
        assert texts[0] != texts[1], code


SERVER_ROOMS = ("web", "storage", "db.py", "logs", "audit", "directory", "accounts", "reports", "consents", "access")


def test_every_code_of_a_server_room_has_its_status() -> None:
    """No server room raises a code that would reach its reader as a bare 500 by oversight."""
    places = tuple(f"exchange/{room}" for room in SERVER_ROOMS)
    missing = {code: place for code, place in error_codes().items() if place.startswith(places) and code not in STATUS}
    assert missing == {}


def test_statuses_are_http_errors() -> None:
    """Every status is one a client acts on."""
    assert set(STATUS.values()) <= {400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 416, 422, 429, 500, 503, 507}


def test_unknown_route_of_the_api(client: FlaskClient) -> None:
    """An address that does not exist is a 404 problem document, with and without a token."""
    answer = client.get("/api/v1/no-such-thing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json == {
        "type": "/problems/not_found",
        "title": "There is nothing at this address.",
        "status": 404,
        "code": "not_found",
    }


def test_unauthenticated_comes_before_validation(client: FlaskClient) -> None:
    """A malformed body without a token is 401, not 422: strangers learn nothing of a request's form."""
    answer = client.put("/api/v1/account/password", json={"nonsense": 1})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


def test_validation_names_places_and_no_value(
    client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock
) -> None:
    """A caller learns where their request is malformed; no value comes back."""
    headers = bearer(client, key_directory.enrol("coe-cpt"), clock.now())
    answer = client.put("/api/v1/account/password", json={"login_name": "a", "password": SECRET, "x": SECRET}, headers=headers)
    assert (answer.status_code, answer.json["code"], answer.mimetype) == (422, "invalid_request", "application/problem+json")
    assert {field["at"] for field in answer.json["fields"]} == {"login_name", "x"}
    assert SECRET not in answer.get_data(as_text=True)
    for body in (b"", b"[]", b"{", b"null", b'"text"'):
        answer = client.put("/api/v1/account/password", data=body, headers=headers, content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (422, "invalid_request"), body


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("fr", "fr"), ("fr-CH, en;q=0.5", "fr"), ("de, en;q=0.2, fr;q=0.1", "en"), ("", "en"), ("*", "en"),
        ("fr;q=nonsense", "en"),
    ],
)
def test_the_title_is_in_the_readers_language(client: FlaskClient, accept: str, language: str) -> None:
    """Accept-Language chooses between English and French."""
    answer = client.get("/api/v1/account", headers={"Accept-Language": accept})
    assert answer.headers["Content-Language"] == language
    assert answer.json["title"] == {"en": "Please sign in first.", "fr": "Veuillez d'abord vous identifier."}[language]


def test_people_get_a_sentence(client: FlaskClient) -> None:
    """A page that does not exist is no problem document."""
    answer = client.get("/no-such-page", headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.mimetype in ("text/plain", "text/html")) == (404, True)
    assert "Il n'y a rien à cette adresse" in answer.get_data(as_text=True).replace("&#39;", "'")


def test_a_code_explains_itself(client: FlaskClient) -> None:
    """`type` is an address, and it answers."""
    answer = client.get("/problems/clock_off", headers={"Accept-Language": "fr"})
    assert answer.status_code == 200 and "horloge" in answer.get_data(as_text=True)
    assert client.get("/problems/nonsense").status_code == 404


def test_method_and_size(client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock) -> None:
    """Another method is 405 and says which are allowed; a body over the limit is 413 before it is read."""
    headers = bearer(client, key_directory.enrol("coe-cpt"), clock.now())
    answer = client.delete("/api/v1/account/password", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert "PUT" in answer.headers["Allow"]
    big = client.put("/api/v1/account/password", data=b"x" * (21 << 20), headers=headers, content_type="application/json")
    assert (big.status_code, big.json["code"]) == (413, "too_large")


class Stumble(Exception):
    """An error nobody foresaw."""


class OddError(Exception):
    """An error whose code stands in no table."""

    code = "not_in_the_table"


@pytest.fixture
def failing(app: OpenAPI) -> OpenAPI:
    """Return `app` with routes that fail in every way."""
    causes: dict[str, Any] = {
        "unforeseen": Stumble(SECRET),
        "odd": OddError(SECRET),
        "missing": NotAvailableError(SECRET),
        "key": KeyError(SECRET),
    }

    for name, error in causes.items():

        def view(error: Exception = error) -> str:
            try:
                raise ValueError(SECRET)
            except ValueError as inner:
                raise error from inner

        app.add_url_rule(f"/api/v1/failing/{name}", f"failing.{name}", view_func=lambda view=view: view())
    app.add_url_rule("/failing", "failing_page", view_func=lambda: 1 / 0)
    return app


def test_no_secret_of_a_failure_is_shown_or_logged(
    failing: OpenAPI, key_directory: FakeKeyDirectory, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure is answered without detail and logged by type and place; what its message quotes appears nowhere."""
    client = failing.test_client()
    headers = bearer(client, key_directory.enrol("coe-cpt"), clock.now())
    caplog.set_level(logging.DEBUG)
    for name, status, code in [
        ("unforeseen", 500, "internal"), ("odd", 500, "internal"), ("key", 500, "internal"), ("missing", 404, "not_available"),
    ]:
        answer = client.get(f"/api/v1/failing/{name}", headers=headers)
        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert set(answer.json) == {"type", "title", "status", "code"}
        assert SECRET not in answer.get_data(as_text=True)
    assert client.get("/failing").status_code == 500
    assert "Stumble" in caplog.text and "test_problem_json.py" in caplog.text
    assert SECRET not in caplog.text and headers["Authorization"].removeprefix("Bearer ") not in caplog.text


def test_members_of_an_error_stand_in_its_document(app: OpenAPI, clock: StillClock) -> None:
    """What an error carries for its reader is in the problem document; it cannot replace the standard members."""
    from exchange.web.problems import document

    error = ClockOffError("far off", clock.now())
    body = document("clock_off", "en", members={**error.members, "status": 999})
    assert (body["server_time"], body["status"]) == ("2026-03-02T09:00:00Z", 400)
