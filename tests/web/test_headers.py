"""What every answer carries, what a form must repeat, and what the access log may say."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from flask import request, session
from flask.testing import FlaskClient
from flask_openapi import OpenAPI

from exchange import create_app
from exchange.web.access_log import shown
from exchange.web.csrf import csrf_token
from tests.web.support import StillClock, make_config


def test_every_answer_is_closed(client: FlaskClient) -> None:
    """Pages and programs, successes and refusals: nothing inline, nothing embedded, nothing remembered, nothing told on."""
    for path in ("/", "/api/v1/account", "/api/v1/openapi.json", "/problems/clock_off", "/oauth/token"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert "Strict-Transport-Security" not in headers


def test_programs_are_told_the_time(client: FlaskClient, clock: StillClock) -> None:
    """Every answer to a program carries the server's clock."""
    clock.forward(5)
    assert client.get("/api/v1/account").headers["Exchange-Time"] == "2026-03-02T09:00:05Z"
    assert "Exchange-Time" not in client.get("/").headers


@pytest.fixture
def with_form(app: OpenAPI) -> OpenAPI:
    """Return `app` with a form."""
    app.add_url_rule("/form", "form", view_func=lambda: csrf_token())
    app.add_url_rule("/form", "sent", view_func=lambda: request.form["x"], methods=["POST"])
    app.add_url_rule("/planted", "planted", view_func=lambda: session.setdefault("csrf", "attacker"))
    return app


def test_a_form_repeats_its_sessions_token(with_form: OpenAPI) -> None:
    """Without the token, with another session's or an empty one, nothing happens."""
    mine, theirs = with_form.test_client(), with_form.test_client()
    token, other = mine.get("/form").text, theirs.get("/form").text
    assert token != other and len(token) >= 43
    assert mine.post("/form", data={"x": "1", "csrf_token": token}).text == "1"
    assert mine.post("/form", data={"x": "1"}, headers={"X-CSRF-Token": token}).text == "1"
    for wrong in (None, "", other, token[:-1], "é"):
        data = {"x": "1"} if wrong is None else {"x": "1", "csrf_token": wrong}
        assert mine.post("/form", data=data).status_code == 400
    assert with_form.test_client().post("/form", data={"x": "1", "csrf_token": ""}).status_code == 400


@pytest.mark.parametrize(
    ("rule", "logged"),
    [
        ("/api/v1/reports/<id>/parts/<p>/release", "/api/v1/reports/…"),
        ("/api/v1/reports", "/api/v1/reports"),
        ("/reports/<id>", "/reports/…"),
        ("/api/v1/uploads/<id>/pieces/<n>", "/api/v1/uploads/<id>/pieces/<n>"),
    ],
)
def test_routes_below_reports_are_not_logged(rule: str, logged: str) -> None:
    """The access log ends at /reports/…"""
    assert shown(rule) == logged


def test_the_access_log_quotes_nothing(app: OpenAPI, caplog: pytest.LogCaptureFixture) -> None:
    """No path as sent, no query, no id, and no address of whoever was served: only of who was refused something else."""
    app.add_url_rule("/other/reports/<report>", "planted_report", view_func=lambda report: "x")
    app.add_url_rule("/other/<thing>", "planted_other", view_func=lambda thing: "x")
    caplog.set_level(logging.INFO)
    client = app.test_client()
    client.get("/other/reports/planted-id?q=planted-query")
    client.get("/other/planted-id?q=planted-query")
    client.get("/planted-unknown")
    lines = [record.getMessage() for record in caplog.records if record.name == "exchange.access"]
    assert lines == ["- GET /other/reports/… 200", "- GET /other/<thing> 200", "127.0.0.1 GET - 404"]
    assert "planted" not in caplog.text.replace("planted_", "")


def test_behind_tls(tmp_path: Path, clock: StillClock) -> None:
    """Under https: HSTS, and a cookie that is Secure and bound to this host; the proxy's scheme and address count."""
    from exchange.web.services import Clock
    from tests.web.support import prepare

    config = make_config(tmp_path, public_url="https://exchange.example", proxies=1)
    prepare(config, clock)
    app = create_app(config, replace={Clock: clock}, background=False)
    app.add_url_rule("/form", "form", view_func=lambda: f"{csrf_token()[:0]}{request.remote_addr} {request.scheme}")
    headers = {"X-Forwarded-For": "6.6.6.6, 192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "exchange.example"}
    answer = app.test_client().get("/form", headers=headers)
    assert answer.text == "192.0.2.7 https"
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-exchange=") and "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_an_instance_that_is_not_prepared_refuses(tmp_path: Path) -> None:
    """Before `flask prepare` every request is 503, and nothing is written."""
    app = create_app(make_config(tmp_path))
    answer = app.test_client().get("/api/v1/account")
    assert (answer.status_code, answer.json["code"]) == (503, "not_prepared")
    assert list(tmp_path.iterdir()) == []


PRIVATE = ("keys.identity", "keys.seat_open", "exchange.sealing.unseal", "exchange.ledger.reader", "exchange.client")


def test_no_private_half_is_loaded(tmp_path: Path) -> None:
    """Making the application imports none of the modules that could open a report (promise P1)."""
    code = f"import sys, wsgi; print([name for name in {PRIVATE!r} if name in sys.modules])"
    env = {"EXCHANGE_INSTANCE": str(tmp_path / "instance")}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert found.stdout.strip() == "[]"
