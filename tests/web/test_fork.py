"""What a fork carries over and must not be used twice: connections, chains of view keys, random numbers; and what all
workers must agree on: each other's sessions, one dense log.
"""

import json
import os
import secrets
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import session
from flask_openapi import OpenAPI
from sqlalchemy import text

from exchange import create_app
from exchange.audit.bodies import BodyDirectory
from exchange.audit.bundles import Bundles
from exchange.audit.services import Audit
from exchange.config import Config
from exchange.db import Database
from exchange.ledger.bundle import parse_bundle
from exchange.ledger.chain import TAG_BYTES
from exchange.ledger.leaf import ChainLeaf
from exchange.ledger.reader import LogReader
from exchange.logs.places import AUDIT
from exchange.logs.services import Logs
from exchange.web.caller import KeyDirectory
from exchange.web.process import Process
from exchange.web.services import Clock
from tests.unit.audit.audit_maker import FakeBodies, permit, seal_key
from tests.web.support import FakeKeyDirectory, StillClock, container, prepare

WORKERS, ENTRIES = 3, 4


@pytest.fixture
def app(config: Config, clock: StillClock, key_directory: FakeKeyDirectory) -> Iterator[OpenAPI]:
    """An application as the process has it that will fork: it has written entries and has a connection in its pool."""
    prepare(config, clock)
    bodies = FakeBodies()
    bodies.everybody()
    services = {Clock: clock, KeyDirectory: key_directory, BodyDirectory: bodies}
    app = create_app(config, replace=services, background=False)
    app.add_url_rule("/test/plant", "t_plant", view_func=lambda: session.setdefault("mark", secrets.token_hex(8)))
    app.add_url_rule("/test/mark", "t_mark", view_func=lambda: session.get("mark", "nobody"))
    record(app)
    yield app
    container(app).get(Database).dispose()


def record(app: OpenAPI, count: int = 1) -> None:
    """Write entries, one transaction each, half of them by the batching writer."""
    audit, database = container(app).get(Audit), container(app).get(Database)
    for number in range(count):
        if number % 2:
            audit.record_only(permit())
        else:
            with database.unit_of_work(write=True) as uow:
                audit.record(uow, permit())


def forked(work: Callable[[], Any]) -> Any:
    """Do `work` in a fork, which then ends without a word to anybody, and return what it returned."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            told = json.dumps([work(), None])
        except BaseException:
            told = json.dumps([None, traceback.format_exc()])
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        value, error = json.loads(pipe.read())
    assert os.waitpid(pid, 0)[1] == 0 and error is None, error
    return value


def cookie_of(app: OpenAPI) -> tuple[str, str]:
    """Begin a session; return its cookie and the mark in it."""
    client = app.test_client()
    mark = client.get("/test/plant").text
    cookie = client.get_cookie("exchange")
    assert cookie is not None
    return cookie.value, mark


def mark_of(app: OpenAPI, cookie: str) -> str:
    """What a session is, to who has its cookie."""
    client = app.test_client()
    client.set_cookie("exchange", cookie)
    return client.get("/test/mark").text


def rows_of(app: OpenAPI) -> list[Any]:
    """The audit log; every body's reader is content with it."""
    services = container(app)
    with services.get(Database).unit_of_work() as uow:
        size = services.get(Logs).head(uow, AUDIT).size
        data = services.get(Bundles).bundle(uow, 0, size)
    assert data is not None
    bundle = parse_bundle(data)
    for body in ("coe-cpt", "un-spt"):
        assert LogReader(body, {1: seal_key(body)}).read(bundle).findings == ()
    return list(bundle.rows)


def test_each_worker_draws_chains_of_its_own_and_the_log_is_dense(app: OpenAPI) -> None:
    """No view's tag stands twice, though each fork found its parent's chains in memory; each begins with a leaf 0x02."""

    def work() -> None:
        container(app).get(Process).start()
        record(app, ENTRIES)

    chains = sum(isinstance(row.leaf, ChainLeaf) for row in rows_of(app))
    for _ in range(WORKERS):
        forked(work)
    record(app, ENTRIES)  # the parent goes on with its own
    rows = rows_of(app)
    assert [row.index for row in rows] == list(range(len(rows)))
    tags = [view[:TAG_BYTES] for row in rows for view in row.views or ()]
    assert len(tags) == len(set(tags)) >= 4 * ENTRIES * (WORKERS + 1)
    assert sum(isinstance(row.leaf, ChainLeaf) for row in rows) == chains + WORKERS


def test_a_worker_leaves_its_parents_connections_alone(app: OpenAPI) -> None:
    """A fork opens its own, and the parent's still work when it has ended; the parent's transaction is not the fork's."""
    database = container(app).get(Database)
    postgresql = database.engine.dialect.name == "postgresql"

    def line() -> int:
        with database.engine.connect() as connection:
            if postgresql:
                return int(connection.execute(text("select pg_backend_pid()")).scalar_one())
            return id(connection.connection.dbapi_connection)

    def work() -> int:
        container(app).get(Process).start()
        return line()

    with database.unit_of_work() as uow:  # open while others fork and end
        size = container(app).get(Logs).head(uow, AUDIT).size
        others = [forked(work) for _ in range(WORKERS)]
        assert len(container(app).get(Logs).leaves(uow, AUDIT, 0, size)) == size
    if postgresql:
        assert len({line(), *others}) == WORKERS + 1
    record(app)


def test_random_numbers_differ(app: OpenAPI) -> None:
    """Neither two workers nor a worker and its parent draw the same secrets."""

    def work() -> list[str]:
        container(app).get(Process).start()
        return [secrets.token_hex(16), os.urandom(16).hex(), cookie_of(app)[1]]

    drawn = [value for _ in range(WORKERS) for value in forked(work)] + work()
    assert len(set(drawn)) == 3 * (WORKERS + 1)


def test_a_session_of_one_worker_is_one_of_every_worker(app: OpenAPI) -> None:
    """All have the one session secret, so whichever worker is asked knows who it is."""

    def began() -> tuple[str, str]:
        container(app).get(Process).start()
        return cookie_of(app)

    cookie, mark = forked(began)
    assert forked(lambda: mark_of(app, cookie)) == mark == mark_of(app, cookie)
