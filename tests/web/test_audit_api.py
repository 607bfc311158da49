"""/api/v1/audit: members read the whole log up to its public size, and their reading leaves an entry."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi import OpenAPI

from exchange import create_app
from exchange.audit.bodies import BodyDirectory
from exchange.audit.events import Event
from exchange.audit.publisher import AuditPublisher
from exchange.audit.services import Audit
from exchange.config import Config
from exchange.db import Database
from exchange.ledger.bundle import parse_bundle
from exchange.ledger.reader import LogReader
from exchange.logs.services import Logs
from exchange.transparency.merkle import leaf_hash
from exchange.transparency.paths import verify_inclusion
from exchange.web.caller import KeyDirectory
from exchange.web.process import Process
from exchange.web.services import Clock
from keys.encoding import unb64u
from tests.unit.audit.audit_maker import FakeBodies, permit, seal_key
from tests.web.support import FakeKeyDirectory, StillClock, bearer, container, prepare


@pytest.fixture
def app(config: Config, clock: StillClock, key_directory: FakeKeyDirectory) -> Iterator[OpenAPI]:
    """An application whose directory is a test's own, with four bodies that read."""
    prepare(config, clock)
    bodies = FakeBodies()
    bodies.everybody()
    services = {Clock: clock, KeyDirectory: key_directory, BodyDirectory: bodies}
    app = create_app(config, replace=services, background=False)
    yield app
    container(app).get(Database).dispose()


@pytest.fixture
def member(app: OpenAPI, client: FlaskClient, key_directory, clock) -> dict[str, str]:
    """A token of an officer of un-spt."""
    return bearer(client, key_directory.enrol("un-spt"), clock.now())


def act(app: OpenAPI, count: int = 1, *, publish: bool = True) -> None:
    """Record releases, and publish."""
    with container(app).get(Database).unit_of_work(write=True) as uow:
        for _ in range(count):
            container(app).get(Audit).record(uow, permit())
    if publish:
        container(app).get(AuditPublisher).publish(at_once=True)


def read_all(client: FlaskClient, headers: dict[str, str], body: str) -> tuple[list[Any], list[Any]]:
    """What a member reads with its body's key, bundle after bundle."""
    head = client.get("/api/v1/audit/head", headers=headers).json
    reader = LogReader(body, {1: seal_key(body)})
    records, findings = [], []
    for k in range(-(-head["size"] // 256)):
        answer = client.get(f"/api/v1/audit/bundles/{k}", headers=headers)
        assert answer.status_code == 200 and answer.content_type == "application/octet-stream"
        reading = reader.read(parse_bundle(answer.get_data()))
        records += reading.records
        findings += reading.findings
    return records, findings


def test_a_body_reads_its_own_acts_over_http(app: OpenAPI, client: FlaskClient, member) -> None:
    """Head, bundles, keys of one's own: nothing else is needed, and nothing is to complain about."""
    act(app, 20)
    records, findings = read_all(client, member, "un-spt")
    assert [r.act.tag for r in records].count("access:release:permit") == 20 and findings == []


def test_only_what_is_public_is_served(app: OpenAPI, client: FlaskClient, member) -> None:
    """Entries after the public size are in no bundle and have no proof here yet."""
    act(app)
    act(app, publish=False)
    size = client.get("/api/v1/audit/head", headers=member).json["size"]
    with container(app).get(Database).unit_of_work() as uow:
        assert size < container(app).get(Logs).head(uow, "audit").size
    bundle = parse_bundle(client.get("/api/v1/audit/bundles/0", headers=member).get_data())
    assert len(bundle.rows) == size and size % 16 == 0
    assert client.get("/api/v1/audit/bundles/1", headers=member).status_code == 404
    assert client.get(f"/api/v1/audit/proof?index={size - 1}", headers=member).status_code == 200
    assert client.get(f"/api/v1/audit/proof?index={size}", headers=member).status_code == 404


def test_a_proof_puts_a_leaf_into_the_public_tree(app: OpenAPI, client: FlaskClient, member) -> None:
    """Inclusion against the very checkpoint that is public."""
    act(app)
    answer = client.get("/api/v1/audit/proof?index=5", headers=member).json
    assert answer["checkpoint"] == client.get("/log/audit/1/checkpoint").get_data(as_text=True)
    with container(app).get(Database).unit_of_work() as uow:
        leaf = container(app).get(Logs).leaves(uow, "audit", 5, 6)[0]
        root = container(app).get(Logs).head(uow, "audit").root
    proof = [unb64u(value) for value in answer["inclusion"]]
    verify_inclusion(leaf_hash(leaf), 5, answer["size"], proof, root)


def test_reading_leaves_one_entry_for_each_public_size(app: OpenAPI, client: FlaskClient, member) -> None:
    """Who read the log, up to where, is itself in the log; reading on in the same size adds nothing."""
    act(app, 260)
    size = client.get("/api/v1/audit/head", headers=member).json["size"]
    read_all(client, member, "un-spt")
    read_all(client, member, "un-spt")
    container(app).get(AuditPublisher).publish(at_once=True)
    records, _ = read_all(client, member, "un-spt")
    readings = [r.fields for r in records if r.act.tag == "audit:log:read"]
    assert [(r["body"], r["first"], r["size"]) for r in readings] == [("un-spt", 0, size)]


def test_everything_under_audit_needs_a_token(client: FlaskClient) -> None:
    """Views are for members, sealed as they are."""
    for path in ("head", "bundles/0", "proof?index=0"):
        assert client.get(f"/api/v1/audit/{path}").status_code == 401


@pytest.mark.parametrize("path", ["bundles/99", "proof?index=999999", "bundles/x", "bundles/-1"])
def test_what_is_not_there_is_not_available(app: OpenAPI, client: FlaskClient, member, path: str) -> None:
    """Beyond the end, or no number at all."""
    act(app)
    assert client.get(f"/api/v1/audit/{path}", headers=member).status_code == 404


@pytest.mark.parametrize("path", ["proof", "proof?index=x", "proof?index=-1", "proof?index=0&more=1"])
def test_a_malformed_question_is_422(client: FlaskClient, member, path: str) -> None:
    """The form of a question is checked before anything is looked up."""
    assert client.get(f"/api/v1/audit/{path}", headers=member).status_code == 422


def test_a_stopped_log_can_still_be_read(app: OpenAPI, client: FlaskClient, member) -> None:
    """When the server must not write any more, auditors look all the closer."""
    act(app)
    (container(app).get(Logs)._places.files("audit").private.root / "signed").write_bytes(b"nonsense")
    with pytest.raises(Exception, match="not signed by this log"):
        container(app).get(Logs).signed_checkpoint("audit")
    records, findings = read_all(client, member, "un-spt")
    assert [r.act.tag for r in records].count("access:release:permit") == 1 and findings == []
    with pytest.raises(Exception, match="not signed"):
        container(app).get(Audit).record_only(Event("log:padding:append"))


def test_the_background_publisher_moves_the_log_and_stops(config: Config, clock: StillClock) -> None:
    """A serving process publishes by itself, with the machine's clock, and ends its threads when asked."""
    prepare(config, clock)
    quick = replace(config, public_checkpoint_seconds=1)
    app = create_app(quick, replace={BodyDirectory: FakeBodies(host_is=None)}, background=True)
    services = container(app)
    process = services.get(Process)
    process.start()
    services.get(Audit).record_only(permit())
    wait_until = time.monotonic() + 20
    while services.get(Logs).public_checkpoint("audit").size == 0 and time.monotonic() < wait_until:
        time.sleep(0.05)
    process.stop()
    assert services.get(Logs).public_checkpoint("audit").size == 16
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("exchange-publish")]
    services.get(Database).dispose()
