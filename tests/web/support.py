"""What tests of the server share: a clock that stands still, a directory a test fills itself, tokens.

Import as `from tests.web.support import …`; the fixtures stand in tests/web/conftest.py.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from flask_openapi import OpenAPI
from joserfc import jwt
from joserfc.jwk import OKPKey

from exchange.config import Argon2Cost, Config
from exchange.db import Database, UnitOfWork
from exchange.web.caller import ActiveOfficer
from exchange.web.services import EXTENSION, Services
from keys.custody import FileCustody
from keys.encoding import b64u
from keys.signing import SigningKey
from tests import databases

START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
CHEAP = Argon2Cost(memory_kib=19_456, passes=2, lanes=1)


@dataclass
class StillClock:
    """A clock that stands still until a test moves it."""

    moment: datetime = START

    def now(self) -> datetime:
        """Return the moment it stands at."""
        return self.moment

    def forward(self, seconds: float) -> datetime:
        """Move on and return the new moment."""
        self.moment += timedelta(seconds=seconds)
        return self.moment


@dataclass
class FakeOfficer:
    """An officer with a signing key of their own."""

    organisation: str
    officer: str
    key: SigningKey


@dataclass
class FakeKeyDirectory:
    """Who is in force, as a test says; stands in for the directory room."""

    active: dict[str, ActiveOfficer] = field(default_factory=dict)
    made: int = 0

    def enrol(self, organisation: str) -> FakeOfficer:
        """Put a new officer in force."""
        self.made += 1
        key = SigningKey(self.made.to_bytes(32, "big"))
        officer = b64u(self.made.to_bytes(16, "big"))
        self.active[officer] = ActiveOfficer(organisation, key.key_id, key.public)
        return FakeOfficer(organisation, officer, key)

    def leave(self, who: FakeOfficer) -> None:
        """End an officer's time."""
        del self.active[who.officer]

    def active_officer(self, uow: UnitOfWork, officer: str) -> ActiveOfficer | None:
        """See `exchange.web.caller.KeyDirectory`."""
        return self.active.get(officer)


def make_config(folder: Path, **changes: Any) -> Config:
    """Return a Config for an instance in `folder`, with the cheapest password cost that is accepted."""
    instance = folder / "instance"
    url = databases.url(instance)
    return Config(**{"instance": instance, "database_url": url, "argon2": CHEAP, "rate_limits": False, **changes})


def prepare(config: Config, clock: StillClock) -> None:
    """Make custody and tables, as `flask prepare` does, without the migrations' detour."""
    FileCustody.create(config.custody_file, "exchange.example")
    database = Database(config.database_url, clock.now)
    databases.with_tables(database)
    database.dispose()


def container(app: OpenAPI) -> Services:
    """Return the services of an application."""
    found: Services = app.extensions[EXTENSION]
    return found


ENDPOINT = "http://localhost:8443/oauth/token"


def make_assertion(who: FakeOfficer, now: datetime, audience: str = ENDPOINT, **changes: Any) -> str:
    """Return a client assertion of `who` at `now`; `changes` replace claims (None removes one), `header` the header."""
    header = changes.pop("header", {"alg": "Ed25519", "typ": "client-authentication+jwt"})
    key = changes.pop("key", who.key)
    issued = int(now.timestamp())
    claims = {
        "iss": who.officer, "sub": who.officer, "aud": audience, "iat": issued, "exp": issued + 60,
        "jti": changes.pop("jti", f"assertion-{who.officer}-{issued}"), **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    private = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": b64u(key.public), "d": b64u(seed_of(key))})
    return jwt.encode(header, claims, private, algorithms=["Ed25519"])


def seed_of(key: SigningKey) -> bytes:
    """Return the seed of a key made here."""
    return key._private.private_bytes_raw()


def ask_token(client: FlaskClient, assertion: str, **form: str) -> Any:
    """Send a token request and return the answer."""
    return client.post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
            **form,
        },
    )


def bearer(client: FlaskClient, who: FakeOfficer, now: datetime) -> dict[str, str]:
    """Return the Authorization header of a fresh token of `who`."""
    answer = ask_token(client, make_assertion(who, now))
    if answer.status_code != 200:
        raise RuntimeError(answer.get_data(as_text=True))
    return {"Authorization": f"Bearer {answer.json['access_token']}"}
