"""Signing in to the pages: a new session each time, limits on guessing that lock nobody else out."""

from pathlib import Path

import pytest
from flask import session
from flask.testing import FlaskClient
from flask_login import login_required
from flask_openapi import OpenAPI

from exchange import create_app
from exchange.accounts.services import Accounts
from exchange.accounts.signin import sign_in, sign_out, signed_in
from exchange.web.caller import KeyDirectory
from exchange.web.csrf import csrf_token
from exchange.web.language import choose
from exchange.web.services import Clock
from tests.web.support import FakeKeyDirectory, StillClock, bearer, container, make_config, prepare

PASSWORD = "quatre chevaux gris"


def add_pages(app: OpenAPI) -> None:
    """Give `app` the smallest pages that use the functions of `signin`."""

    def enter() -> str:
        from flask import request

        sign_in(request.form["name"], request.form["password"])
        return "in"

    def leave() -> str:
        sign_out()
        return "out"

    def plant() -> str:
        session["planted"] = "before"
        choose("fr")
        return csrf_token()

    app.add_url_rule("/test/token", "t_token", view_func=plant)
    app.add_url_rule("/test/in", "t_in", view_func=enter, methods=["POST"])
    app.add_url_rule("/test/out", "t_out", view_func=leave, methods=["POST"])
    app.add_url_rule("/test/me", "t_me", view_func=login_required(lambda: signed_in().login_name))
    app.add_url_rule("/test/session", "t_session", view_func=lambda: sorted(session))


def enter(client: FlaskClient, name: str = "anna", password: str = PASSWORD, address: str = "192.0.2.1") -> int:
    """Sign in from an address and return the status."""
    token = client.get("/test/token").text
    data = {"name": name, "password": password, "csrf_token": token}
    return client.post("/test/in", data=data, environ_base={"REMOTE_ADDR": address}).status_code


@pytest.fixture
def pages(app: OpenAPI, client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock) -> OpenAPI:
    """Return `app` with pages and the account "anna", made through the API as an officer's machine does."""
    add_pages(app)
    headers = bearer(client, key_directory.enrol("coe-cpt"), clock.now())
    body = {"login_name": "anna", "password": PASSWORD}
    answer = client.put("/api/v1/account/password", json=body, headers=headers)
    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert client.get("/api/v1/account", headers=headers).json["login_name"] == "anna"
    return app


def test_in_and_out(pages: OpenAPI) -> None:
    """A page for members opens after signing in and is closed after signing out, also to the old cookie."""
    client = pages.test_client()
    assert client.get("/test/me").status_code in (302, 401)
    assert enter(client) == 200
    assert client.get("/test/me").text == "anna"
    cookie = client.get_cookie("exchange")
    token = client.get("/test/token").text
    assert client.post("/test/out", data={"csrf_token": token}).text == "out"
    assert client.get("/test/me").status_code in (302, 401)
    assert cookie is not None
    client.set_cookie("exchange", cookie.value)
    assert client.get("/test/me").status_code in (302, 401)


def test_signing_in_starts_over(pages: OpenAPI) -> None:
    """Nothing planted in the browser before survives but the language; the form token is a new one."""
    client = pages.test_client()
    before = client.get("/test/token").text
    assert enter(client) == 200
    assert "planted" not in client.get("/test/session").json
    assert "language" in client.get("/test/session").json
    assert client.get("/test/token").text != before


def test_a_session_is_no_token_for_the_api(pages: OpenAPI) -> None:
    """A browser's cookie opens nothing under /api, so no other site can make it act there."""
    client = pages.test_client()
    assert enter(client) == 200
    assert client.get("/api/v1/account").status_code == 401


def test_a_cookie_signed_elsewhere_is_nobody(pages: OpenAPI, tmp_path: Path, key_directory: FakeKeyDirectory) -> None:
    """The session secret is this instance's own: another instance's cookie signs nobody in."""
    config = make_config(tmp_path / "other")
    prepare(config, StillClock())
    other = create_app(config, replace={KeyDirectory: key_directory, Clock: StillClock()}, background=False)
    assert other.secret_key != pages.secret_key
    add_pages(other)
    who = key_directory.enrol("un-spt")
    container(other).get(Accounts).set_password(who.officer, "bert", PASSWORD)
    foreign = other.test_client()
    assert enter(foreign, "bert") == 200
    cookie = foreign.get_cookie("exchange")
    assert cookie is not None
    client = pages.test_client()
    client.set_cookie("exchange", cookie.value)
    assert client.get("/test/me").status_code in (302, 401)


def test_guessing_is_slowed_down_and_locks_nobody_out(
    tmp_path: Path, clock: StillClock, key_directory: FakeKeyDirectory
) -> None:
    """After six guesses at a name from one address that address waits; the owner, elsewhere, signs in."""
    config = make_config(tmp_path, rate_limits=True)
    prepare(config, clock)
    app = create_app(config, replace={KeyDirectory: key_directory, Clock: clock}, background=False)
    add_pages(app)
    who = key_directory.enrol("coe-cpt")
    container(app).get(Accounts).set_password(who.officer, "anna", PASSWORD)
    client = app.test_client()
    statuses = [enter(client, password="wrong", address="198.51.100.6") for _ in range(8)]
    assert statuses == [401] * 6 + [429] * 2
    assert enter(client, address="198.51.100.6") == 429
    assert enter(app.test_client(), address="192.0.2.1") == 200
