"""Publishing a rendition: two officers, a file of its own, anyone without an account; and taking it off the page."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.audit.statements import Statements
from exchange.publications.files import PublicFiles, PublicStore
from exchange.reports.queries import Reports
from keys.encoding import b64u, format_time
from keys.statement import Statement
from tests.web.access_maker import ask
from tests.web.exchange_world import API, ExchangeWorld
from tests.web.publication_maker import (
    COMMENTS,
    DATA,
    asked_by,
    public_file,
    published,
    request,
    send,
    signed,
    withdrawal,
)
from tests.web.report_maker import Made, registered, signed_stop


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeWorld]:
    """A founded exchange for all tests here; XA asks for the publication of each report anew."""
    made = ExchangeWorld(tmp_path_factory.mktemp("publications") / "world")
    yield made
    made.close()


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """The CPT's report on XA for the SPT."""
    return registered(world, tmp_path)


def of(made: Made) -> dict[str, Any]:
    """The provision's scope: this report alone."""
    return {"scope": "document", "scope_ref": made.report, "time_scope": None}


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json["code"]


def public(world: ExchangeWorld, path: str, **headers: str) -> Any:
    """GET a path without an account, whole."""
    answer = world.app.test_client().get(path, headers={"Host": "localhost:8443", **headers})
    answer.get_data()
    answer.close()
    return answer


def shown(world: ExchangeWorld, statement: Statement) -> Any:
    """A publication as programs read it."""
    return public(world, f"{API}/publications/{b64u(statement.hash)}").json


def download(world: ExchangeWorld, statement: Statement, role: str = "rendition") -> Any:
    """The file of a publication."""
    return public(world, f"{API}/publications/{b64u(statement.hash)}/files/{role}")


def is_published(made: Made) -> bool:
    """Whether all parts count as published."""
    with made.world.database.unit_of_work() as uow:
        facts = made.world.services.get(Reports).document_facts(uow, made.report)
    return all(part.published for part in facts.document.parts)


def test_anyone_reads_what_two_officers_published(world: ExchangeWorld, made: Made) -> None:
    """At the State's request: proposed by one, the file sent and confirmed by the other; then anyone has the file, its
    SHA-256, and nothing else of the report; and the part is public for every body."""
    chen = world.officers("un-spt")[0]
    assert code(ask(made, chen, made.parts[0])) == (404, "N_UNAVAILABLE")
    statement, answer = published(made, request(asked_by(world, **of(made))), comments=COMMENTS)
    assert answer.status_code == 201, answer.text
    found = shown(world, statement)
    assert found == public(world, f"{API}/publications").json["publications"][0]
    assert (found["owner"], found["kind"], found["states"], found["basis"]) == ("coe-cpt", "visit_report", ["XA"], "request")
    assert found["withdrawn"] is None
    assert [file["sha256"] for file in found["files"]] == [hashlib.sha256(each).hexdigest() for each in (DATA, COMMENTS)]
    assert made.report not in str(found) and made.values.reference not in str(found)
    file = download(world, statement)
    assert (file.status_code, file.data) == (200, DATA)
    assert download(world, statement, "comments").data == COMMENTS
    assert is_published(made)
    released = ask(made, chen, made.parts[0])
    assert released.status_code == 200
    assert made.world.fsck() == []


def test_the_headers_of_a_published_file(world: ExchangeWorld, made: Made) -> None:
    """It is saved and not shown, nothing is guessed or run, its digest goes with it, and a part of it can be asked for."""
    statement, _ = published(made, request(asked_by(world, **of(made))))
    file = download(world, statement)
    assert file.headers["Content-Disposition"] == "attachment; filename=report-xa-en.txt"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Set-Cookie" not in file.headers
    path = f"{API}/publications/{b64u(statement.hash)}/files/rendition"
    part = public(world, path, Range="bytes=0-5")
    assert (part.status_code, part.data) == (206, DATA[:6])
    same = public(world, path, **{"If-None-Match": file.headers["ETag"]})
    assert same.status_code == 304


def test_one_person_puts_nothing_on_the_server(world: ExchangeWorld, made: Made) -> None:
    """Before a first officer has signed there is no place for a file; that officer sends none; what is signed by one, or by
    two before the file is there, is not published."""
    anna, boris = world.officers("coe-cpt")[:2]
    statement = signed(made, request(asked_by(world, **of(made))), anna)
    assert code(send(made, boris, statement)) == (404, "not_available")
    assert world.say(anna, statement).status_code == 202
    assert code(send(made, anna, statement)) == (403, "publication_first_signer")
    assert code(send(made, world.officers("un-spt")[0], statement)) == (404, "not_available")
    assert code(send(made, boris, statement, COMMENTS, "comments")) == (404, "not_available")
    both = statement.signed_by(boris.sign)
    assert code(world.say(boris, both)) == (409, "publication_file_missing")
    assert shown(world, statement)["code"] == "not_available"
    assert not is_published(made)
    assert code(send(made, boris, statement, DATA[:-1] + b"?")) == (422, "publication_file_differs")
    assert code(send(made, boris, statement, DATA + b"?")) == (422, "publication_file_differs")
    assert code(world.say(boris, both)) == (409, "publication_file_missing")
    assert send(made, boris, statement).status_code == 204
    assert send(made, boris, statement).status_code == 204
    assert world.say(boris, both).status_code == 201
    assert world.say(boris, both).status_code == 200
    assert code(send(made, boris, statement, COMMENTS)) == (404, "not_available")
    assert download(world, statement).data == DATA


def test_withdrawing_takes_one(world: ExchangeWorld, made: Made, tmp_path: Path) -> None:
    """One officer takes it off the page at once; what was published and its SHA-256 stay known; the part closes again; and
    its file is removed."""
    anna, boris = world.officers("coe-cpt")[:2]
    chen = world.officers("un-spt")[0]
    statement, _ = published(made, request(asked_by(world, **of(made))))
    other = registered(world, tmp_path / "other")
    gone = withdrawal(made, statement, boris)
    assert code(world.say(boris, withdrawal(made, statement, anna, boris))) == (422, "signers_too_many")
    assert code(world.say(chen, withdrawal(made, statement, chen))) == (404, "not_available")
    assert code(world.say(anna, withdrawal(made, made.header, anna))) == (409, "publication_ended")
    assert world.say(boris, gone).status_code == 201
    assert world.say(boris, gone).status_code == 200
    assert code(world.say(anna, withdrawal(made, statement, anna))) == (409, "publication_ended")
    assert code(world.say(anna, withdrawal(other, statement, anna))) == (409, "publication_ended")
    found = shown(world, statement)
    assert found["withdrawn"] and found["files"][0]["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert code(download(world, statement)) == (404, "not_available")
    assert not is_published(made)
    assert code(ask(made, chen, made.parts[0])) == (404, "N_UNAVAILABLE")
    files, store = world.services.get(PublicFiles), world.services.get(PublicStore)
    before = len(store.keys())
    assert files.purge() >= 1 and len(store.keys()) < before
    assert world.fsck() == []
    acts = world.acts("coe-cpt")
    assert acts.count("publications:rendition:withdraw") == 1


def test_a_past_instant_is_told_as_it_was(world: ExchangeWorld, made: Made) -> None:
    """Explained for an instant before publication, while it stood, and after it was withdrawn."""
    anna = world.officers("coe-cpt")[0]
    basis = request(asked_by(world, **of(made)))
    before = world.clock.now()
    world.clock.forward(60)
    statement, _ = published(made, basis)
    while_public = world.clock.now()
    world.clock.forward(60)
    assert world.say(anna, withdrawal(made, statement, anna)).status_code == 201
    reasons = []
    for moment in (before, while_public, world.clock.now()):
        query = f"for=un-spt&action=view&purpose=follow_up&at={format_time(moment)}"
        answer = world.get(anna, f"/reports/{made.report}/explain?{query}")
        assert answer.status_code == 200, answer.text
        reasons.append(answer.json["reason"])
    assert reasons[1] == "P_PUBLIC" and "P_PUBLIC" not in (reasons[0], reasons[2])


def test_what_waits_too_long_is_removed(world: ExchangeWorld, made: Made) -> None:
    """A file whose publication is never confirmed goes with what waits."""
    anna, boris = world.officers("coe-cpt")[:2]
    statement = signed(made, request(asked_by(world, **of(made))), anna)
    world.say(anna, statement)
    assert send(made, boris, statement).status_code == 204
    files = world.services.get(PublicFiles)
    files.purge()  # what other tests withdrew
    assert files.purge() == 0
    with world.database.unit_of_work(write=True) as uow:
        world.services.get(Statements).drop_before(uow, uow.now + timedelta(seconds=1))
    assert files.purge() == 1
    assert code(send(made, boris, statement)) == (404, "not_available")


def test_a_publication_that_names_what_is_not_there(world: ExchangeWorld, made: Made) -> None:
    """Another report's part, a file over the bound, another body's report, something beside it, a stopped report."""
    anna = world.officers("coe-cpt")[0]
    basis = request(asked_by(world, **of(made)))
    large = public_file(size=world.config.max_request_bytes + 1)
    for changes, refusal in (
        ({"parts": (bytes(8),)}, (422, "part_unknown")),
        ({"rendition": large}, (413, "publication_too_large")),
        ({"header": bytes(32)}, (422, "statement_other_subject")),
        ({"report": "00000000-0000-4000-8000-000000000000"}, (404, "not_available")),
    ):
        assert code(world.say(anna, signed(made, basis, anna, **changes))) == refusal
    assert code(world.say(anna, signed(made, basis, anna), {"more": 1})) == (422, "beside_wrong")
    chen = world.officers("un-spt")[0]
    assert code(world.say(chen, signed(made, basis, chen))) == (404, "not_available")
    assert world.say(anna, signed_stop(made, anna)).status_code == 201
    assert code(world.say(anna, signed(made, basis, anna))) == (403, "publication_basis")


def test_the_list_goes_on(world: ExchangeWorld, made: Made) -> None:
    """Page after page, newest first, every publication once; a place that is none is refused."""
    basis = request(asked_by(world, **of(made)))
    for _ in range(2):
        assert published(made, basis)[1].status_code == 201
    every = public(world, f"{API}/publications?limit=100").json["publications"]
    found, after = [], ""
    while after is not None:
        page = public(world, f"{API}/publications?limit=1" + (f"&after={after}" if after else "")).json
        found += page["publications"]
        after = page["next"]
    assert found == every and len({each["id"] for each in every}) == len(every) >= 2
    assert public(world, f"{API}/publications?after={b64u(bytes(32))}").status_code == 404
    assert public(world, f"{API}/publications?limit=0").status_code == 422


def test_fsck_finds_a_damaged_file(world: ExchangeWorld, made: Made) -> None:
    """A published file that changed on the disk, or is gone, and a stranger beside it."""
    statement, _ = published(made, request(asked_by(world, **of(made))))
    assert world.fsck() == []
    with world.database.unit_of_work() as uow:
        path = world.services.get(PublicFiles).path(uow, statement.hash, "rendition")
    path.write_bytes(b"x" * len(DATA))
    (finding,) = world.fsck()
    assert b64u(statement.hash) in finding
    path.unlink()
    assert len(world.fsck()) == 1
    path.write_bytes(DATA)
    (path.parent / "a stranger.txt").write_bytes(b"")
    (finding,) = world.fsck()
    assert "a stranger.txt" in finding
    (path.parent / "a stranger.txt").unlink()
    assert world.fsck() == []
