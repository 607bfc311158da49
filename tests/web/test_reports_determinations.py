"""Determinations: what closes takes one officer, what opens two, and each follows the last of its chain."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange.reports.errors import (
    FactNotPermittedError,
    PartUnknownError,
)
from exchange.reports.facts import DocumentFacts
from exchange.reports.queries import Reports
from exchange.statements.determination import StandingScope
from exchange.statements.errors import BrokenLinkError, OtherSubjectError, WrongSignerError
from keys.encoding import b64u
from tests.unit.keys.directory_builder import Person
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import (
    Made,
    decision,
    handle,
    part,
    registered,
    signed_determination,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeWorld]:
    """A founded exchange for all tests here: each determines facts about reports of its own."""
    made = ExchangeWorld(tmp_path_factory.mktemp("determinations") / "world")
    yield made
    made.close()


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """The CPT's report for the SPT, of one part on XA."""
    return registered(world, tmp_path)


@pytest.fixture
def officers(world: ExchangeWorld) -> list[Person]:
    """Two officers of the CPT."""
    return world.officers("coe-cpt")


def facts(made: Made) -> DocumentFacts:
    """The report's facts now."""
    with made.world.database.unit_of_work() as uow:
        return made.world.services.get(Reports).document_facts(uow, made.report)


def case(name: str) -> dict[str, Any]:
    """A case provided for by the treaty, with a vote of two thirds."""
    vote = {"abstaining": 0, "against": 2, "for": 8, "members": 12, "on": "2026-02-28"}
    return {"case": name, "heard_on": "2026-02-20", "vote": vote}


def recorded(made: Made, *signers: Person, **values: Any) -> bytes:
    """Record a determination by these officers and return its hash."""
    statement = signed_determination(made, values.pop("fact"), values.pop("value"), *signers, **values)
    handled = handle(made.world, signers[0], statement)
    assert handled.stored is not None
    return handled.stored.hash


def test_a_denial_takes_one_and_a_permit_two(made: Made, officers: list[Person]) -> None:
    """An originator takes its decision back by one officer, at once; giving it again takes two."""
    anna, boris = officers[:2]
    assert facts(made).decisions_for("un-spt")[0].ref == b64u(made.header.hash)
    denied = recorded(made, anna, fact="originator_decision", value=decision("coe-cpt", "deny", "un-spt"))
    (stands,) = facts(made).decisions_for("un-spt")
    assert (stands.effect, stands.ref) == ("deny", b64u(denied))
    permit = decision("coe-cpt", "permit", "un-spt")
    given = signed_determination(made, "originator_decision", permit, anna, prev=denied)
    assert handle(made.world, anna, given).status == 202
    assert facts(made).decisions_for("un-spt")[0].effect == "deny"
    assert handle(made.world, boris, given.signed_by(boris.sign)).status == 201
    (stands,) = facts(made).decisions_for("un-spt")
    assert (stands.effect, stands.ref) == ("permit", b64u(given.hash))
    record = made.world.read("coe-cpt").last("reports:determination:record")
    assert (record.fields["fact"], record.fields["prev"]) == ("originator_decision", b64u(denied))


def test_determinations_follow_each_other(made: Made, officers: list[Person]) -> None:
    """A chain has one last link: a first one again, or one that follows something else, is out of turn."""
    anna = officers[0]
    value = decision("coe-cpt", "deny", "un-spt")
    recorded(made, anna, fact="originator_decision", value=value)
    for prev in (None, bytes(32)):
        with pytest.raises(BrokenLinkError):
            value = decision("coe-cpt", "deny", "npm-xa")
            handle(made.world, anna, signed_determination(made, "originator_decision", value, anna, prev=prev))


def test_standing_decisions(world: ExchangeWorld, made: Made, officers: list[Person], tmp_path: Path) -> None:
    """A standing denial bears on every report of the body, those registered before and after."""
    anna = officers[0]
    value = decision("coe-cpt", "deny", "npm-xa", kinds=["visit_report"])
    scope = StandingScope("coe-cpt", ("visit_report",))
    statement = signed_determination(made, "originator_decision", value, anna, scope=scope)
    assert handle(world, anna, statement).status == 201
    assert handle(world, anna, statement).status == 200
    later = registered(world, tmp_path)
    for each in (made, later):
        (stands,) = facts(each).decisions_for("npm-xa")
        assert (stands.effect, stands.kinds) == ("deny", ("visit_report",))
    spt = world.officers("un-spt")[0]
    with pytest.raises(WrongSignerError):
        handle(world, spt, signed_determination(made, "originator_decision", value, spt, scope=scope))


def test_a_body_decides_for_itself_alone(made: Made, officers: list[Person]) -> None:
    """Neither in another body's name nor with another body's officers."""
    anna, boris = officers[:2]
    spt = made.world.officers("un-spt")
    foreign = decision("un-spt", "deny", "npm-xa")
    for statement in (
        signed_determination(made, "originator_decision", foreign, anna),
        signed_determination(made, "publication", True, *spt[:2]),
        signed_determination(made, "publication", True, anna, spt[0]),
    ):
        with pytest.raises(WrongSignerError):
            handle(made.world, anna, statement)
    with pytest.raises(OtherSubjectError):
        handle(made.world, anna, signed_determination(made, "publication", True, anna, boris, header=bytes(32)))


def test_publication_of_a_part(world: ExchangeWorld, tmp_path: Path) -> None:
    """Two officers publish a part, one takes it back; the later word of part and report counts for each part."""
    made = registered(world, tmp_path, parts=[part("p1"), part("p2", language="fr")])
    anna, boris = world.officers("coe-cpt")[:2]
    one, two = made.parts

    def published() -> list[bool]:
        return [each.published for each in facts(made).document.parts]

    single = signed_determination(made, "publication", True, anna, part_id=one)
    assert handle(world, anna, single).status == 202
    assert published() == [False, False]
    handle(world, boris, single.signed_by(boris.sign))
    assert published() == [True, False]
    everything = recorded(made, anna, boris, fact="publication", value=True)
    assert published() == [True, True]
    recorded(made, anna, fact="publication", value=False, part_id=two)
    assert published() == [True, False]
    recorded(made, anna, fact="publication", value=False, prev=everything)
    assert published() == [False, False]


def test_the_free_tier_takes_two(world: ExchangeWorld, made: Made, tmp_path: Path) -> None:
    """One officer's header says free and is treated as confidential; two officers' header, or determination, opens it."""
    anna, boris = world.officers("coe-cpt")[:2]
    alone = registered(world, tmp_path, tier="free")
    assert facts(alone).document.tier == "confidential"
    opened = recorded(alone, anna, boris, fact="tier_free", value=True)
    assert facts(alone).document.tier == "free"
    recorded(alone, anna, fact="tier_free", value=False, prev=opened)
    assert facts(alone).document.tier == "confidential"
    both = registered(world, tmp_path, tier="free", signers=(anna, boris))
    assert facts(both).document.tier == "free"
    recorded(both, anna, fact="tier_free", value=False)
    assert facts(both).document.tier == "confidential"


def test_overrides_events_and_emergencies(made: Made, officers: list[Person]) -> None:
    """What the treaty lets this body state; by two officers, and taken back by one."""
    anna, boris = officers[:2]
    now = made.world.clock.now()
    override = recorded(made, anna, boris, fact="override", value=case("ecpt-10-2-statement"))
    assert facts(made).document.override == "ecpt-10-2-statement"
    recorded(made, anna, fact="override", value=None, prev=override)
    assert facts(made).document.override is None
    event = recorded(made, anna, boris, fact="event", value={"name": "response_received", "on": "2026-03-01"})
    recorded(made, anna, boris, fact="event", value={"name": "plenary_adoption", "on": "2026-03-02"}, prev=event)
    assert {name: at.date().isoformat() for name, at in facts(made).document_events.items()} == {
        "response_received": "2026-03-01",
        "plenary_adoption": "2026-03-02",
    }
    recorded(made, anna, boris, fact="emergency", value={"at": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "to": ["un-spt"]})
    emergency = facts(made).document.emergency
    assert emergency is not None
    assert (emergency.at, emergency.to) == (now, ("un-spt",))
    assert {emergency.by, emergency.confirmed_by} == {anna.id, boris.id}


def test_facts_this_body_may_not_state(
    world: ExchangeWorld, made: Made, officers: list[Person], tmp_path: Path
) -> None:
    """Another treaty's case, relevance where the treaty knows none, a fact of the whole report about a part, an alert that
    would become free; a part that is not there."""
    anna, boris = officers[:2]
    alert = registered(world, tmp_path, tier="alert", kind="reprisals_allegation")
    cases: list[tuple[Made, str, Any, bytes | None, type[Exception]]] = [
        (made, "override", case("opcat-16-4-report"), None, FactNotPermittedError),
        (made, "relevance", {"organisation": "npm-xa", "relevant": True}, None, FactNotPermittedError),
        (made, "override", case("ecpt-10-2-statement"), made.parts[0], FactNotPermittedError),
        (alert, "tier_free", True, None, FactNotPermittedError),
        (made, "publication", True, bytes(8), PartUnknownError),
        (
            made,
            "originator_decision",
            decision("coe-cpt", "deny", "un-spt", parts=[b64u(bytes(8))]),
            None,
            PartUnknownError,
        ),
    ]
    for about, fact, value, part_id, error in cases:
        with pytest.raises(error):
            handle(world, anna, signed_determination(about, fact, value, anna, boris, part_id=part_id))


def test_relevance_for_a_national_body(world: ExchangeWorld, tmp_path: Path) -> None:
    """OPCAT art. 16(1): the SPT finds a report relevant for the NPM of the State it concerns, which then receives it by
    statute, those parts alone that concern its State alone; one officer takes that back."""
    made = registered(
        world,
        tmp_path,
        owner="un-spt",
        parts=[part("p1"), part("p2", states=["XA", "XB"], language="fr")],
        recipients=["npm-xa"],
    )
    one, two = world.officers("un-spt")[:2]

    def statutory() -> dict[str, tuple[str, ...] | None]:
        return {each.organisation: each.parts for each in facts(made).document.statutory_recipients}

    first = b64u(made.parts[0])
    assert statutory() == {"state:XA": (first,)}
    said = recorded(made, one, two, fact="relevance", value={"organisation": "npm-xa", "relevant": True})
    assert statutory() == {"state:XA": (first,), "npm-xa": (first,)}
    with pytest.raises(FactNotPermittedError):
        recorded(made, one, two, fact="relevance", value={"organisation": "coe-cpt", "relevant": True}, prev=said)
    recorded(made, one, fact="relevance", value={"organisation": "npm-xa", "relevant": False}, prev=said)
    assert statutory() == {"state:XA": (first,)}
