"""/log/…: both logs as anyone may fetch them, the directory's statements for members alone."""

from collections.abc import Iterator

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
from exchange.logs.services import Logs
from exchange.transparency.policy_text import parse_policy
from exchange.transparency.tiles import parse_bundle
from exchange.transparency.verify_offline import verify_files
from exchange.web.caller import KeyDirectory
from exchange.web.services import Clock
from tests.unit.audit.audit_maker import FakeBodies
from tests.web.support import FakeKeyDirectory, StillClock, bearer, container, prepare

STATEMENT = b"a statement of the directory\n"


@pytest.fixture
def app(config: Config, clock: StillClock, key_directory: FakeKeyDirectory) -> Iterator[OpenAPI]:
    """An application whose directory is a test's own."""
    prepare(config, clock)
    replace = {Clock: clock, KeyDirectory: key_directory, BodyDirectory: FakeBodies(host_is=None)}
    app = create_app(config, replace=replace, background=False)
    yield app
    container(app).get(Database).dispose()


@pytest.fixture
def filled(app: OpenAPI) -> OpenAPI:
    """An application with one directory statement, a fresh member's token, and 16 public audit leaves."""
    services = container(app)
    with services.get(Database).unit_of_work(write=True) as uow:
        services.get(Logs).append(uow, "directory", STATEMENT)
    services.get(Audit).record_only(Event("operator:instance:check", {"outcome": "done", "build": "0.1.0"}))
    services.get(AuditPublisher).publish(at_once=True)
    return app


@pytest.mark.parametrize("name", ["directory", "audit"])
def test_a_log_verifies_over_http(filled: OpenAPI, client: FlaskClient, key_directory, clock, name: str) -> None:
    """What the routes serve is a whole log, by the policy they serve and nothing else."""
    member = bearer(client, key_directory.enrol("coe-cpt"), clock.now())

    def fetch(path: str) -> bytes | None:
        answer = client.get(f"/log/{name}/1/{path}", headers=member)
        return answer.get_data() if answer.status_code == 200 else None

    policy = parse_policy(client.get("/log/policy").get_data())
    assert verify_files(fetch, policy, entries=fetch).ok


def test_a_fresh_instance_serves_empty_logs(client: FlaskClient) -> None:
    """Before its first act each log has a checkpoint of size 0 and no tile."""
    for name in ("directory", "audit"):
        assert client.get(f"/log/{name}/1/checkpoint").get_data().split(b"\n")[1] == b"0"
        assert client.get(f"/log/{name}/1/tile/0/000.p/1").status_code == 404


def test_content_types_and_caching(filled: OpenAPI, client: FlaskClient) -> None:
    """A checkpoint is text and never stale; a tile is bytes and for ever."""
    checkpoint = client.get("/log/audit/1/checkpoint")
    assert checkpoint.content_type == "text/plain; charset=utf-8"
    assert checkpoint.headers["Cache-Control"] == "no-cache"
    tile = client.get("/log/audit/1/tile/0/000.p/16")
    assert tile.content_type == "application/octet-stream"
    assert "immutable" in tile.headers["Cache-Control"] and "public" in tile.headers["Cache-Control"]
    plain = client.get("/log/policy-ed25519")
    assert plain.status_code == 200 and plain.content_type == "text/plain; charset=utf-8"
    assert b"witness" not in plain.get_data() and b"log exchange.example/audit/1" in plain.get_data()


def test_the_directorys_statements_are_for_members(filled: OpenAPI, client: FlaskClient, key_directory, clock) -> None:
    """Without a token 401, with one in force the bundle, never for a shared cache; hash tiles stay public."""
    path = "/log/directory/1/tile/entries/000.p/1"
    refused = client.get(path)
    assert refused.status_code == 401 and refused.json["code"] == "unauthenticated"
    assert client.get(path, headers={"Authorization": "Bearer nonsense"}).status_code == 401
    who = key_directory.enrol("coe-cpt")
    token = bearer(client, who, clock.now())
    answer = client.get(path, headers=token)
    assert parse_bundle(answer.get_data(), 1) == [STATEMENT]
    assert answer.headers["Cache-Control"] == "private, no-store"
    key_directory.leave(who)
    assert client.get(path, headers=token).status_code == 401
    assert client.get("/log/directory/1/tile/0/000.p/1").status_code == 200


def test_whoever_is_signed_in_to_the_pages_is_a_member(
    filled: OpenAPI, client: FlaskClient, key_directory: FakeKeyDirectory, clock: StillClock
) -> None:
    """A session does as well as a token; the audit log's bundles need neither."""
    from exchange.accounts.services import Accounts
    from exchange.accounts.signin import sign_in

    who = key_directory.enrol("coe-cpt")
    container(filled).get(Accounts).set_password(who.officer, "somebody", "correct horse battery")
    filled.add_url_rule("/test-sign-in", view_func=lambda: (sign_in("somebody", "correct horse battery"), "")[1])
    assert client.get("/test-sign-in").status_code == 200
    assert client.get("/log/directory/1/tile/entries/000.p/1").status_code == 200
    assert client.get("/log/audit/1/tile/entries/000.p/16").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "audit/2/checkpoint", "other/1/checkpoint", "audit/1/tile/0/000", "audit/1/tile/0/000.p/17",
        "audit/1/tile/0/000.p/1", "audit/1/tile/0/0", "audit/1/tile/8/000", "audit/1/tile/entries/001.p/1",
        "audit/1/tile/0/../../../memory/audit-1/signed", "audit/1/signed", "audit/1/.lock", "audit/0/checkpoint",
    ],
)
def test_anything_else_is_not_there(filled: OpenAPI, client: FlaskClient, path: str) -> None:
    """Other numbers, other spellings, other files, and sizes that were never public: 404, all alike."""
    assert client.get(f"/log/{path}").status_code == 404


def test_tiles_beyond_the_public_size_stay_private(filled: OpenAPI, client: FlaskClient) -> None:
    """A publication that was interrupted leaves files that no checkpoint promises yet."""
    folder = container(filled).get(Logs)._places.files("audit").public
    folder.write("tile/0/000.p/32", bytes(32 * 32))
    assert client.get("/log/audit/1/tile/0/000.p/32").status_code == 404


def test_the_state_says_when_a_log_is_stopped(filled: OpenAPI, client: FlaskClient) -> None:
    """Health in one look: number, state, public size."""
    expected = {"audit": {"n": 1, "size": 16, "state": "running"}, "directory": {"n": 1, "size": 1, "state": "running"}}
    assert client.get("/log/state").json == expected
    services = container(filled)
    (services.get(Logs)._places.files("audit").private.root / "signed").write_bytes(b"nonsense")
    with pytest.raises(Exception, match="not signed by this log"):
        services.get(Logs).signed_checkpoint("audit")
    assert client.get("/log/state").json["audit"]["state"] == "stopped"


def test_fsck_asks_both_rooms(filled: OpenAPI) -> None:
    """`flask fsck` says that a sound instance is sound, and names what is not."""
    runner = filled.test_cli_runner()
    folder = container(filled).get(Logs)._places.files("audit").public.root
    assert not [line for line in runner.invoke(args=["fsck"]).output.splitlines() if line.startswith(("logs/", "audit/"))]
    (folder / "tile/0/000.p/16").unlink()
    told = runner.invoke(args=["fsck"])
    assert told.exit_code == 1
    assert "logs/files: log 'audit': the file 'tile/0/000.p/16' is not what the leaves give" in told.output
