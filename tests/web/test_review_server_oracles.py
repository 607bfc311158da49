"""What the server tells without saying it: work done, copies of its files, other bodies' rows, what a stranger can cost."""

import sqlite3
import stat
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from exchange.accounts.tokens import Tokens
from exchange.config import Config
from exchange.db import Database
from exchange.web.caller import PUBLIC_BYTES
from keys.directory_officers import PrivateMandate
from keys.directory_submission import SealedProfile, Submission
from keys.encoding import b64u
from keys.seats import wrapped_size
from keys.suite import SEED_BYTES
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import granted, instrument, permit
from tests.web.exchange_world import API, ExchangeWorld
from tests.web.report_maker import part as part_of
from tests.web.report_maker import registered
from tests.web.support import StillClock


def queries(world: ExchangeWorld, person: Person, path: str) -> tuple[bytes, int]:
    """An answer's body, and how often the database was asked for it."""
    world.token(person)
    asked: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", count)
    try:
        return world.get(person, path).data, len(asked)
    finally:
        event.remove(world.database.engine, "before_cursor_execute", count)


@pytest.mark.parametrize("body", ["un-spt", "npm-xa", "state:XA"])
@pytest.mark.parametrize(
    "path",
    ["/reports/{}/parts/{part}/pieces/0", "/reports/{}", "/reports/{}/access", "/reports/{}/explain",
     "/reports?box=inbox&after={}"],
)  # fmt: skip
def test_an_unknown_id_costs_what_a_hidden_report_costs(
    world: ExchangeWorld, tmp_path: Path, path: str, body: str
) -> None:
    """A report that is withheld and an id that is none: the same bytes, and about the same work."""
    made = registered(world, tmp_path, parts=[part_of("p1", states=["XB"])])
    granted(world, instrument("XB", [permit("audit-un")]))
    person = world.officers(body)[0]
    part = b64u(made.parts[0])
    hidden, cost = queries(world, person, path.format(made.report, part=part))
    unknown, other = queries(world, person, path.format(uuid.uuid4(), part=part))
    assert hidden == unknown
    assert 0.75 <= other / cost <= 1.4, (cost, other)


def test_a_recused_officer_of_the_owner_is_told_nothing(world: ExchangeWorld, tmp_path: Path) -> None:
    """Who is recused from reports on a State sees neither the report nor its matrix, nor is told why."""
    anna = world.officers("coe-cpt")[0]
    made = registered(world, tmp_path)
    founding = world.founding
    private = PrivateMandate("member", excluded_states=("XA",))
    world.submit(founding.mandate(anna, focal_point=True, private=private))
    shown = world.get(anna, f"/reports/{made.report}")
    assert (shown.status_code, shown.json["code"]) == (404, "N_UNAVAILABLE")
    assert world.get(anna, f"/reports/{made.report}/access").data == shown.data
    told = world.get(anna, f"/reports/{made.report}/explain").json
    assert (told["reason"], told["parts"], told["basis"]) == ("N_UNAVAILABLE", {}, [])


def test_nobody_replaces_the_profiles_of_another_body(world: ExchangeWorld) -> None:
    """A focal point of the SPT enrols a colleague, and beside that tries to put bytes in the place of a CPT profile."""
    founding = world.founding
    chen, anna = world.officers("un-spt")[0], world.officers("coe-cpt")[0]
    person = founding.person("un-spt")
    enrol = founding.enrolment(person).signed_by(person.sign).signed_by(chen.sign)
    epoch = founding.directory.current_epoch("coe-cpt")
    assert epoch is not None
    forged = SealedProfile(anna.officer, "coe-cpt", epoch.number, bytes(wrapped_size(SEED_BYTES)), b"forged")
    submission: Submission = replace(founding.submission(enrol), profiles=(forged,))
    answer = world.client.post(f"{API}/directory/statements", data=submission.to_json(), headers=world.token(chen))
    assert (answer.status_code, answer.json["code"]) == (422, "beside_mismatch")
    assert world.get(anna, "/organisations/coe-cpt/members").json["profiles"] == []


@pytest.mark.sqlite("what is deleted is overwritten in its file; PostgreSQL keeps it until a vacuum (docs/limitations.md)")
def test_tokens_that_ended_are_gone_from_the_file(world: ExchangeWorld) -> None:
    """A copy of the database does not tell who held a token hours ago: what is purged is overwritten."""
    world.get(world.officers("un-spt")[0], "/account")
    path = str(world.database.engine.url.database)
    with sqlite3.connect(path) as plain:
        hashes = [row[0] for row in plain.execute("SELECT hash FROM tokens")]
    assert hashes
    world.clock.forward(7_200)
    with world.database.unit_of_work(write=True) as uow:
        world.services.get(Tokens).purge(uow)
    world.close()
    with sqlite3.connect(path) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = Path(path).read_bytes()
    assert not [digest for digest in hashes if digest in data]


@pytest.mark.sqlite("its database is a file with permissions of its own")
def test_a_database_outside_the_instance_is_private_too(tmp_path: Path) -> None:
    """DATABASE_URL may point anywhere: the file and its journals are the server's user's alone, whatever the umask."""
    path = tmp_path / "elsewhere.sqlite"
    config = Config(instance=tmp_path / "instance", database_url=f"sqlite:///{path}")
    database = Database(config.database_url, StillClock().now)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE something (x)")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("elsewhere.sqlite*")}
    database.dispose()
    assert set(modes.values()) == {0o600}, modes


def test_who_has_no_token_sends_little(world: ExchangeWorld) -> None:
    """Requests without a token are read up to 128 KiB: parsing JSON takes many times the memory of its bytes."""
    data = b'{"x":[' + b"[]," * (PUBLIC_BYTES // 3) + b"[]]}"
    answer = world.client.post(f"{API}/directory/joins", data=data, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_deep_json_is_malformed_and_no_failure(world: ExchangeWorld) -> None:
    """A body nested beyond what is read is the client's mistake, and fills no error log."""
    data = b"[" * 60_000
    answer = world.client.post(f"{API}/directory/joins", data=data, content_type="application/json")
    assert answer.status_code in (400, 422), answer.text
