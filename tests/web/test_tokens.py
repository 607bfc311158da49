"""The token endpoint: who proves a key in force gets a token, and nobody else learns anything."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from flask_openapi import OpenAPI
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import text

from exchange.accounts.tokens import Tokens
from exchange.config import Config
from exchange.db import Database
from keys.encoding import b64u, parse_time
from keys.signing import SigningKey
from tests import databases
from tests.web.support import FakeKeyDirectory, StillClock, ask_token, bearer, container, make_assertion

ACCOUNT = "/api/v1/account"


def test_a_proof_gives_a_token_that_works(client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock) -> None:
    """An officer in force who proves their key gets a bearer token, and the gate knows them by it."""
    who = key_directory.enrol("coe-cpt")
    answer = ask_token(client, make_assertion(who, clock.now()))
    assert answer.status_code == 200
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 600)
    assert answer.headers["Cache-Control"] == "no-store"
    shown = client.get(ACCOUNT, headers={"Authorization": f"Bearer {answer.json['access_token']}"})
    assert shown.json == {"officer": who.officer, "organisation": "coe-cpt", "login_name": None}


def test_an_assertion_serves_once(client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock) -> None:
    """The second use of an assertion is refused; another id of the same officer is not."""
    who = key_directory.enrol("coe-cpt")
    assertion = make_assertion(who, clock.now())
    assert ask_token(client, assertion).status_code == 200
    again = ask_token(client, assertion)
    assert (again.status_code, again.json["code"], again.json["error"]) == (401, "assertion_replayed", "invalid_client")
    assert ask_token(client, make_assertion(who, clock.now(), jti="another-id-of-the-same")).status_code == 200


WRONG = {
    "another audience": {"aud": "http://localhost:8443/other"},
    "two audiences": {"aud": ["http://localhost:8443/oauth/token", "http://elsewhere"]},
    "another issuer": {"iss": "AAAAAAAAAAAAAAAAAAAAAA"},
    "another subject": {"sub": "AAAAAAAAAAAAAAAAAAAAAA"},
    "no id": {"jti": None},
    "a short id": {"jti": "short"},
    "an id that is no text": {"jti": 5},
    "no start": {"iat": None},
    "no end": {"exp": None},
    "an end as text": {"exp": "soon"},
    "a boolean start": {"iat": True},
    "a long life": {"exp": 4_000_000_000},
    "an end before the start": {"exp": 5},
    "another type": {"header": {"alg": "Ed25519", "typ": "JWT"}},
    "no type": {"header": {"alg": "Ed25519"}},
    "another key's id": {"header": {"alg": "Ed25519", "typ": "client-authentication+jwt", "kid": b64u(bytes(32))}},
    "a header too many": {"header": {"alg": "Ed25519", "typ": "client-authentication+jwt", "jku": "http://elsewhere"}},
    "another key": {"key": SigningKey(bytes(range(32)))},
}


@pytest.mark.parametrize("defect", sorted(WRONG))
def test_a_defective_assertion_is_refused(
    client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock, defect: str
) -> None:
    """Every defect gets the same code, whatever it is."""
    who = key_directory.enrol("coe-cpt")
    answer = ask_token(client, make_assertion(who, clock.now(), **WRONG[defect]))
    assert (answer.status_code, answer.json["code"]) == (401, "assertion_invalid")
    assert "detail" not in answer.json


def test_other_algorithms_are_refused(client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock) -> None:
    """The public key does not serve as a secret for HS256, and `none` is no signature."""
    who = key_directory.enrol("coe-cpt")
    good = make_assertion(who, clock.now())
    payload = good.split(".")[1]
    unsigned = b64u(b'{"alg":"none","typ":"client-authentication+jwt"}') + "." + payload + "."
    key = OctKey.import_key(who.key.public)
    header = {"alg": "HS256", "typ": "client-authentication+jwt"}
    claims = {"iss": who.officer, "sub": who.officer, "aud": "http://localhost:8443/oauth/token", "jti": "0123456789abcdef"}
    forged = jwt.encode(header, claims, key, algorithms=["HS256"])
    for assertion in (unsigned, forged, "", "a.b.c", good[:-4] + "AAAA", "." * 10, "é"):
        answer = ask_token(client, assertion)
        assert (answer.status_code, answer.json["code"]) == (401, "assertion_invalid"), assertion


def test_unknown_and_former_officers_get_the_same_answer(
    client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock
) -> None:
    """Whether an officer exists cannot be told from the answer, byte for byte."""
    who, stranger = key_directory.enrol("coe-cpt"), key_directory.enrol("coe-cpt")
    wrong_key = ask_token(client, make_assertion(who, clock.now(), key=stranger.key))
    key_directory.leave(stranger)
    left = ask_token(client, make_assertion(stranger, clock.now()))
    assert left.status_code == 401
    assert left.get_data() == wrong_key.get_data()


def test_other_grants_and_methods_are_refused(client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock) -> None:
    """Only client credentials with a signed assertion: no passwords, no secrets, no codes."""
    who = key_directory.enrol("coe-cpt")
    for grant in ("password", "authorization_code", ""):
        answer = ask_token(client, make_assertion(who, clock.now()), grant_type=grant)
        assert (answer.status_code, answer.json["code"]) == (400, "unsupported_grant")
        assert answer.json["error"] == "unsupported_grant_type"
    for form in ({}, {"client_id": who.officer}, {"client_id": who.officer, "client_secret": "x"}):
        answer = client.post("/oauth/token", data={"grant_type": "client_credentials", **form})
        assert (answer.status_code, answer.json["code"]) == (401, "assertion_invalid")
    assert client.get("/oauth/token").status_code == 405


@pytest.mark.parametrize("off", [-3600, -150, 90, 3600, 10**7])
def test_a_wrong_clock_is_told_the_right_time(
    client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock, off: int
) -> None:
    """Who proved the key and is only off in time gets the server's time, and succeeds once they go by it."""
    who = key_directory.enrol("coe-cpt")
    theirs = clock.now() + timedelta(seconds=off)
    answer = ask_token(client, make_assertion(who, theirs))
    assert (answer.status_code, answer.json["code"]) == (400, "clock_off")
    correction = parse_time(answer.json["server_time"]) - theirs
    assert ask_token(client, make_assertion(who, theirs + correction)).status_code == 200


@pytest.mark.parametrize("off", [-100, -30, 30, 60])
def test_a_clock_that_is_slightly_off_does_not_matter(
    client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock, off: int
) -> None:
    """A minute either way is allowed."""
    who = key_directory.enrol("coe-cpt")
    assert ask_token(client, make_assertion(who, clock.now() + timedelta(seconds=off))).status_code == 200


def test_a_wrong_clock_without_the_key_learns_nothing(
    client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock
) -> None:
    """The times are looked at last."""
    who, other = key_directory.enrol("coe-cpt"), key_directory.enrol("coe-cpt")
    answer = ask_token(client, make_assertion(who, clock.now() - timedelta(days=1), key=other.key))
    assert answer.json["code"] == "assertion_invalid"


def test_a_token_ends(client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock, app: OpenAPI) -> None:
    """With its time, with its officer, with its officer's key, and when it is revoked: at the next request."""
    who = key_directory.enrol("coe-cpt")
    headers = bearer(client, who, clock.now())
    clock.forward(599)
    assert client.get(ACCOUNT, headers=headers).status_code == 200
    clock.forward(1)
    assert client.get(ACCOUNT, headers=headers).status_code == 401

    headers = bearer(client, who, clock.now())
    before = key_directory.active[who.officer]
    key_directory.leave(who)
    refused = client.get(ACCOUNT, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (401, "unauthenticated")

    other = SigningKey(b"\x05" * 32)
    key_directory.active[who.officer] = type(before)("coe-cpt", other.key_id, other.public)
    assert client.get(ACCOUNT, headers=headers).status_code == 401

    key_directory.active[who.officer] = before
    assert client.get(ACCOUNT, headers=headers).status_code == 200
    with container(app).get(Database).unit_of_work(write=True) as uow:
        container(app).get(Tokens).revoke_all(uow, who.officer)
    assert client.get(ACCOUNT, headers=headers).status_code == 401


def test_the_database_holds_no_token(
    client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock, app: OpenAPI
) -> None:
    """A copy of the database lets nobody in: tokens are stored as hashes; what time has ended is purged."""
    who = key_directory.enrol("coe-cpt")
    token = bearer(client, who, clock.now())["Authorization"].removeprefix("Bearer ")
    database = container(app).get(Database)
    files = databases.stored(container(app).get(Config).instance)
    assert who.officer.encode() in b"".join(files.values()), "the search would find what is there"
    assert not any(token.encode() in data for data in files.values())
    clock.forward(3600)
    with database.unit_of_work(write=True) as uow:
        container(app).get(Tokens).purge(uow)
    with database.unit_of_work() as uow:
        counts = [uow.session.scalar(text(f"select count(*) from {table}")) for table in ("tokens", "used_assertions")]
    assert counts == [0, 0]


@pytest.mark.parametrize("header", ["", "Basic eDp5", "Bearer", "Bearer ", "Bearer nonsense", "bearer é", "Bearer a b"])
def test_the_gate_refuses_everything_but_a_token(client: FlaskClient, header: str) -> None:
    """Malformed, foreign and unknown credentials get one answer."""
    answer = client.get(ACCOUNT, headers={"Authorization": header})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
