"""An application on a temporary instance, with a directory of officers that a test fills itself; and a founded exchange.

`app` is prepared and has every table; nothing in it runs in the background; its clock stands still until a test moves it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_openapi import OpenAPI

from exchange import create_app
from exchange.config import Config
from exchange.db import Database
from exchange.web.caller import KeyDirectory
from exchange.web.services import Clock
from tests.web.exchange_world import ExchangeWorld
from tests.web.support import FakeKeyDirectory, StillClock, container, make_config, prepare


@pytest.fixture
def clock() -> StillClock:
    """Return the clock of `app`."""
    return StillClock()


@pytest.fixture
def key_directory() -> FakeKeyDirectory:
    """Return the key directory of `app`; nobody is in force yet."""
    return FakeKeyDirectory()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return the settings of `app`."""
    return make_config(tmp_path)


@pytest.fixture
def app(config: Config, clock: StillClock, key_directory: FakeKeyDirectory) -> Iterator[OpenAPI]:
    """Return a prepared application."""
    prepare(config, clock)
    app = create_app(config, replace={Clock: clock, KeyDirectory: key_directory}, background=False)
    yield app
    container(app).get(Database).dispose()


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    """Return a client of `app` that sends the address readers use."""
    client = app.test_client()
    client.environ_base["HTTP_HOST"] = "localhost:8443"
    return client


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ExchangeWorld]:
    """A founded exchange."""
    made = ExchangeWorld(tmp_path / "world")
    yield made
    made.close()
