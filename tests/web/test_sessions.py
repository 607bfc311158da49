"""Sessions whose cookies ask no clock: a row in the database ends them, whoever holds a cookie, whatever a clock says."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from flask_openapi import OpenAPI
from itsdangerous import SignatureExpired, TimestampSigner

from exchange import create_app
from exchange.accounts.services import Accounts
from exchange.config import Config
from exchange.db import Database
from exchange.web.caller import KeyDirectory
from exchange.web.services import Clock
from exchange.web.sessions import ClocklessSessions
from tests.web.support import FakeKeyDirectory, FakeOfficer, StillClock, container
from tests.web.test_sign_in import PASSWORD, add_pages, enter

YEAR = 365 * 86_400


@pytest.fixture
def anna(app: OpenAPI, key_directory: FakeKeyDirectory) -> FakeOfficer:
    """An officer with an account, and pages to sign in at."""
    add_pages(app)
    who = key_directory.enrol("coe-cpt")
    container(app).get(Accounts).set_password(who.officer, "anna", PASSWORD)
    return who


@pytest.fixture
def second(app: OpenAPI, config: Config, clock: StillClock, key_directory: FakeKeyDirectory) -> Iterator[OpenAPI]:
    """Another worker on the same instance."""
    other = create_app(config, replace={Clock: clock, KeyDirectory: key_directory}, background=False)
    add_pages(other)
    yield other
    container(other).get(Database).dispose()


def signed_in(app: OpenAPI, name: str = "anna") -> str:
    """Sign in and return the cookie."""
    client = app.test_client()
    assert enter(client, name) == 200
    return cookie_of(client)


def cookie_of(client: FlaskClient) -> str:
    """The cookie a browser holds."""
    cookie = client.get_cookie("exchange")
    assert cookie is not None
    return cookie.value


def who_is(app: OpenAPI, cookie: str) -> str:
    """Whom the pages take the holder of a cookie for."""
    client = app.test_client()
    client.set_cookie("exchange", cookie)
    answer = client.get("/test/me")
    return answer.text if answer.status_code == 200 else "nobody"


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("off", [-YEAR, -2, 2, YEAR])
def test_a_host_whose_clock_is_wrong_knows_the_session(
    app: OpenAPI, second: OpenAPI, monkeypatch: pytest.MonkeyPatch, off: int
) -> None:
    """A cookie that is stamped in another host's future, or long ago by its clock, is as good as any."""
    right = TimestampSigner.get_timestamp
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda self: right(self) + off)
        cookie = signed_in(app)
    assert who_is(second, cookie) == "anna"
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda self: right(self) + off)
        assert who_is(second, signed_in(app)) == who_is(app, signed_in(second)) == "anna"


def test_flasks_own_sessions_would_not(app: OpenAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the class is for: Flask refuses a cookie that is two seconds ahead; but for that, the cookies are the same."""
    plain = Flask("other")
    plain.secret_key = app.secret_key
    ours = ClocklessSessions().get_signing_serializer(plain)
    theirs = SecureCookieSessionInterface().get_signing_serializer(plain)
    assert ours is not None and theirs is not None
    assert theirs.loads(ours.dumps({"a": 1}), max_age=60) == ours.loads(theirs.dumps({"a": 1})) == {"a": 1}
    right = TimestampSigner.get_timestamp
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda self: right(self) + 2)
        ahead = ours.dumps({"a": 1})
    assert ours.loads(ahead) == {"a": 1}
    with pytest.raises(SignatureExpired):
        theirs.loads(ahead, max_age=60)


@pytest.mark.usefixtures("anna")
def test_the_databases_clock_ends_a_session_everywhere(app: OpenAPI, second: OpenAPI, clock: StillClock) -> None:
    """Idle for too long, or too old: no worker knows it, and a stolen copy of the cookie is worth nothing either."""
    cookie = signed_in(app)
    clock.forward(29 * 60)
    assert who_is(second, cookie) == "anna"
    clock.forward(31 * 60)
    assert who_is(app, cookie) == who_is(second, cookie) == "nobody"
    cookie = signed_in(app)
    for _ in range(8 * 2 - 1):
        clock.forward(29 * 60)
        assert who_is(second, cookie) == "anna"
    clock.forward(60 * 60)
    assert who_is(second, cookie) == "nobody"


@pytest.mark.usefixtures("anna")
def test_a_clock_set_back_brings_no_session_back(app: OpenAPI, second: OpenAPI, clock: StillClock) -> None:
    """Time that a committed writer has seen is never unseen: what has ended stays ended when a clock jumps back."""
    cookie = signed_in(app)
    clock.forward(YEAR)
    later = signed_in(app)  # a writer has seen the year go by
    clock.forward(-YEAR)
    assert who_is(app, cookie) == who_is(second, cookie) == "nobody"
    assert who_is(second, later) == "anna"


def test_a_stolen_cookie_ends_with_its_owners_session(
    app: OpenAPI, second: OpenAPI, anna: FakeOfficer, key_directory: FakeKeyDirectory
) -> None:
    """Signing out, a new password, or leaving ends what a thief has, on the other worker at once."""
    accounts = container(app).get(Accounts)
    client = app.test_client()
    assert enter(client) == 200
    stolen = cookie_of(client)
    assert who_is(second, stolen) == "anna"
    assert client.post("/test/out", data={"csrf_token": client.get("/test/token").text}).status_code == 200
    assert who_is(second, stolen) == "nobody"
    stolen = signed_in(app)
    accounts.set_password(anna.officer, "anna", PASSWORD + "!")
    assert who_is(second, stolen) == "nobody"
    accounts.set_password(anna.officer, "anna", PASSWORD)
    stolen = signed_in(app)
    key_directory.leave(anna)
    assert who_is(second, stolen) == "nobody"


@pytest.mark.usefixtures("anna")
def test_a_cookie_speaks_for_its_own_person(app: OpenAPI, second: OpenAPI, key_directory: FakeKeyDirectory) -> None:
    """Two people's cookies stay theirs on every worker; one that was changed by a letter is nobody's."""
    bert = key_directory.enrol("un-spt")
    container(app).get(Accounts).set_password(bert.officer, "bert", PASSWORD)
    cookies = {name: signed_in(app, name) for name in ("anna", "bert")}
    assert [who_is(second, cookies[name]) for name in ("anna", "bert", "anna")] == ["anna", "bert", "anna"]
    head, _, signature = cookies["anna"].rpartition(".")
    other_head = cookies["bert"].rpartition(".")[0]
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    for forged in (f"{head}.{flipped}", f"{other_head}.{signature}", head, "", "x.y.z", "é"):
        assert who_is(second, forged) == "nobody"
