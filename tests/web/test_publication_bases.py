"""Which bases carry a publication: what States asked for, OPCAT 16(2), the treaties' own cases, a body's own rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange.reports.queries import Reports
from exchange.statements.publication import Basis
from keys.encoding import b64u
from tests.web.access_maker import ask, deny, granted, instrument, permit, recorded, signed_record
from tests.web.exchange_world import ExchangeWorld
from tests.web.publication_maker import asked_by, published, request, signed, withdrawal
from tests.web.report_maker import Made, part, registered, signed_determination

REFUSED = (403, "publication_basis")
VOTE = {"abstaining": 1, "against": 2, "for": 7, "members": 10, "on": "2026-03-01"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ExchangeWorld]:
    """A founded exchange."""
    made = ExchangeWorld(tmp_path / "world")
    yield made
    made.close()


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """The CPT's report on XA for the SPT."""
    return registered(world, tmp_path)


def proposed(made: Made, basis: Basis, **changes: Any) -> tuple[int, str]:
    """Propose a publication: (202, "pending"), or status and code of the refusal."""
    first = made.world.officers(made.values.owner)[0]
    answer = made.world.say(first, signed(made, basis, first, **changes))
    return answer.status_code, answer.json.get("code", "pending")


def determined(made: Made, fact: str, value: Any, **changes: Any) -> bytes:
    """Two officers of the owner state a fact."""
    people = made.world.officers(made.values.owner)[:2]
    statement = signed_determination(made, fact, value, *people, **changes)
    answer = made.world.say(people[0], statement)
    assert answer.status_code == 201, answer.text
    return statement.hash


def override(case: str, **changes: Any) -> dict[str, Any]:
    """The value of a case provided for by the treaty."""
    return {"case": case, "heard_on": "2026-02-20", "vote": {**VOTE, **changes}}


def published_parts(made: Made) -> list[bool]:
    """Which parts count as published, in document order."""
    with made.world.database.unit_of_work() as uow:
        facts = made.world.services.get(Reports).document_facts(uow, made.report)
    return [each.published for each in facts.document.parts]


def test_the_states_request(world: ExchangeWorld, made: Made) -> None:
    """Named, in force and for this body and report it carries; not named, of another body, withdrawn, or an agreement to
    transmission alone, it does not."""
    anna = world.officers("coe-cpt")[0]
    transmission = granted(world, instrument("XA", [permit("un-spt")], kind="specific"))
    assert proposed(made, request(transmission)) == REFUSED
    asked = asked_by(world)
    assert proposed(made, request(transmission)) == REFUSED
    assert proposed(made, request(asked, transmission)) == REFUSED
    assert proposed(made, Basis("request", (bytes(16),))) == REFUSED
    assert proposed(made, request(asked)) == (202, "pending")
    assert asked.say("withdrawn", anna).status_code == 201
    assert proposed(made, request(asked)) == REFUSED


def test_a_request_that_ends_before_the_second_signature(world: ExchangeWorld, made: Made) -> None:
    """The basis is looked at again when the second officer confirms."""
    anna, boris = world.officers("coe-cpt")[:2]
    asked = asked_by(world)
    statement = signed(made, request(asked), anna)
    assert world.say(anna, statement).status_code == 202
    assert asked.say("withdrawn", boris).status_code == 201
    answer = world.say(boris, statement.signed_by(boris.sign))
    assert (answer.status_code, answer.json["code"]) == REFUSED


def test_one_record_alone_carries_nothing(world: ExchangeWorld, made: Made) -> None:
    """A request that nobody confirmed."""
    alone = recorded(world, instrument("XA", [permit("coe-cpt", actions=["publish"])], kind="specific"))
    assert proposed(made, request(alone)) == REFUSED


def test_nobody_else_asks_for_a_state(world: ExchangeWorld, made: Made) -> None:
    """The CPT may write down a request to publish its own reports, but with it nothing that it receives; a request that the
    SPT writes down opens no report of the CPT; and the State asks by its own key."""
    anna = world.officers("coe-cpt")[0]
    mixed = permit("coe-cpt", actions=["publish", "view"])
    refused = world.say(anna, signed_record(world, instrument("XA", [mixed]), anna))
    assert (refused.status_code, refused.json["code"]) == (403, "signer_benefits")
    spt = world.officers("un-spt")[:2]
    if len(spt) == 2:
        assert proposed(made, request(asked_by(world, "XA", *spt))) == REFUSED
    state = world.officers("state:XA")[0]
    own = asked_by(world, "XA", state, state)
    assert proposed(made, request(own)) == (202, "pending")


def test_automatic_publication(world: ExchangeWorld, made: Made) -> None:
    """E22: a standing agreement to publish carries publication from its day on, and no transmission before; it is not a
    request, nor a request automatic."""
    chen = world.officers("un-spt")[0]
    later = asked_by(world, kind="standing", valid_from="2026-06-01")
    assert proposed(made, request(later, kind="automatic")) == REFUSED
    standing = asked_by(world, kind="standing")
    assert proposed(made, request(standing)) == REFUSED
    once = asked_by(world)
    assert proposed(made, request(once, kind="automatic")) == REFUSED
    answer = ask(made, chen, made.parts[0])
    assert (answer.status_code, answer.json["code"]) == (404, "N_UNAVAILABLE")
    assert published(made, request(standing, kind="automatic"))[1].status_code == 201
    assert ask(made, chen, made.parts[0]).status_code == 200


def test_a_denial_stands_against_a_request(world: ExchangeWorld, made: Made) -> None:
    """What the State excluded from publication is not published, whatever else it agreed to."""
    asked = asked_by(world)
    assert proposed(made, request(asked)) == (202, "pending")
    granted(world, instrument("XA", [{**deny("coe-cpt"), "actions": ["publish"]}]))
    assert proposed(made, request(asked)) == REFUSED


def test_every_state_of_every_part(world: ExchangeWorld, tmp_path: Path) -> None:
    """E13: a part on XA, one on XB; each part needs its own State's request, and no more is named than is needed."""
    flight = registered(world, tmp_path, parts=[part("p1"), part("p2", states=["XB"], language="fr")])
    one, two = flight.parts
    xa, xb = asked_by(world, "XA"), asked_by(world, "XB")
    assert proposed(flight, request(xa)) == REFUSED
    assert proposed(flight, request(xa, xb), parts=(one,)) == REFUSED
    assert proposed(flight, request(xb), parts=(one,)) == REFUSED
    assert published(flight, request(xa), parts=(one,))[1].status_code == 201
    assert sorted(published_parts(flight)) == [False, True]
    assert published(flight, request(xb), parts=(two,))[1].status_code == 201
    assert published_parts(flight) == [True, True]


def test_data_on_persons(world: ExchangeWorld, tmp_path: Path) -> None:
    """An original with data on persons is not published; a redacted rendition is, and the original stays as closed."""
    made = registered(world, tmp_path, parts=[part("p1", personal_data=True)])
    basis = request(asked_by(world))
    assert proposed(made, basis) == (403, "publication_personal_data")
    assert published(made, basis, variant="redacted")[1].status_code == 201
    assert published_parts(made) == [False]
    answer = ask(made, world.officers("un-spt")[0], made.parts[0])
    assert (answer.status_code, answer.json["code"]) == (404, "N_UNAVAILABLE")


def test_what_a_request_limits(world: ExchangeWorld, made: Made) -> None:
    """A request for one language or for a redacted version carries no other."""
    french = asked_by(world, languages=["fr"])
    assert proposed(made, request(french)) == REFUSED
    assert proposed(made, request(french), language="fr") == (202, "pending")
    redacted = asked_by(world, variants=["redacted"])
    assert proposed(made, request(redacted)) == REFUSED
    assert proposed(made, request(redacted), variant="redacted") == (202, "pending")


def test_partial_publication_is_the_spts_alone(world: ExchangeWorld, made: Made, tmp_path: Path) -> None:
    """E20, OPCAT art. 16(2): once the State made a part public the SPT may publish all of it; the CPT may not; and before,
    or once that statement no longer holds, nobody may."""
    report = registered(
        world, tmp_path / "spt", owner="un-spt", recipients=["coe-cpt"], parts=[part("p1"), part("p2", language="fr")]
    )
    one = report.parts[0]
    people = world.officers("un-spt")[:2]
    assert proposed(report, Basis("partial", (), bytes(32))) == REFUSED
    public = determined(report, "publication", True, part_id=one)
    assert sorted(published_parts(report)) == [False, True]
    assert proposed(report, Basis("partial", (), report.header.hash)) == REFUSED
    assert published(report, Basis("partial", (), public))[1].status_code == 201
    assert published_parts(report) == [True, True]
    retracted = signed_determination(report, "publication", False, people[0], part_id=one, prev=public)
    assert world.say(people[0], retracted).status_code == 201
    assert proposed(report, Basis("partial", (), public)) == REFUSED
    of_the_cpt = determined(made, "publication", True)
    assert proposed(made, Basis("partial", (), of_the_cpt)) == REFUSED


def test_partial_publication_after_a_request(world: ExchangeWorld, tmp_path: Path) -> None:
    """What the SPT published at the State's request is a part made public, as long as it is not withdrawn."""
    report = registered(
        world, tmp_path / "spt", owner="un-spt", recipients=["coe-cpt"], parts=[part("p1"), part("p2", language="fr")]
    )
    people = world.officers("un-spt")[:2]
    state = world.officers("state:XA")[0]
    asked = asked_by(world, "XA", state, state, grantee="un-spt", scope="part", time_scope=None,
                     scope_ref=f"{report.report}/{b64u(report.parts[0])}")  # fmt: skip
    assert proposed(report, request(asked)) == REFUSED
    statement, answer = published(report, request(asked), parts=(report.parts[0],))
    assert answer.status_code == 201, answer.text
    assert proposed(report, Basis("partial", (), statement.hash)) == (202, "pending")
    assert world.say(people[0], withdrawal(report, statement, people[0])).status_code == 201
    assert proposed(report, Basis("partial", (), statement.hash)) == REFUSED


def test_a_case_of_the_treaty(world: ExchangeWorld, made: Made, tmp_path: Path) -> None:
    """E35: by two thirds the CPT makes a public statement, and the report stays confidential. E36: CAT publishes an SPT
    report by majority. Without the determination, or on one that was ended, nothing."""
    statement = registered(world, tmp_path / "statement", kind="public_statement")
    assert proposed(statement, Basis("override", (), bytes(32))) == REFUSED
    case = determined(statement, "override", override("ecpt-10-2-statement"))
    assert published(statement, Basis("override", (), case))[1].status_code == 201
    of_report = determined(made, "override", override("ecpt-10-2-statement"))
    assert proposed(made, Basis("override", (), of_report)) == REFUSED
    assert proposed(made, Basis("override", (), case)) == REFUSED
    spt = registered(world, tmp_path / "spt", owner="un-spt", recipients=["coe-cpt"])
    by_cat = determined(spt, "override", override("opcat-16-4-report", **{"for": 6, "against": 4, "abstaining": 0}))
    assert published(spt, Basis("override", (), by_cat))[1].status_code == 201
    (first,) = world.officers("un-spt")[:1]
    assert world.say(first, signed_determination(spt, "override", None, first, prev=by_cat)).status_code == 201
    assert proposed(spt, Basis("override", (), by_cat)) == REFUSED


def test_by_a_bodys_own_rules(world: ExchangeWorld, made: Made, tmp_path: Path) -> None:
    """A general report is nobody's to consent to; a visit report is."""
    general = registered(world, tmp_path / "general", kind="general_report", tier="free")
    assert published(general, Basis("own"))[1].status_code == 201
    assert proposed(made, Basis("own")) == REFUSED
    asked_by(world)
    assert proposed(made, Basis("own")) == REFUSED


def test_alerts_and_evidence_are_never_published(world: ExchangeWorld, tmp_path: Path) -> None:
    """On no basis."""
    alert = registered(world, tmp_path / "alert", tier="alert", kind="reprisals_allegation")
    evidence = registered(world, tmp_path / "evidence", tier="evidence", kind="note_verbale", recipients=["audit-cpt"])
    asked = asked_by(world)
    for report in (alert, evidence):
        for basis in (request(asked), Basis("own")):
            assert proposed(report, basis) == REFUSED

