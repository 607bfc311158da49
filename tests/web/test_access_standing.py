"""Standing decisions over HTTP: what they open, end and close together with the decision a transmission is signed with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange.statements.determination import StandingScope
from keys.statement import Statement, parse
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import ask, granted, instrument, permit
from tests.web.exchange_world import ExchangeWorld
from tests.web.fill import fill, signed_in
from tests.web.report_maker import Made, decision, make_report, registered, signed_determination

DECISION = "originator_decision"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ExchangeWorld]:
    """An exchange of its own: a standing decision bears on every report."""
    made = ExchangeWorld(tmp_path / "world")
    yield made
    made.close()


class Desk:
    """The CPT's report for the SPT, agreed to by State XA, and the standing decisions made so far."""

    def __init__(self, world: ExchangeWorld, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.anna, self.boris = world.officers("coe-cpt")[:2]
        self.made = registered(world, folder)
        granted(world, instrument("XA", [permit("un-spt", "npm-xa")]))
        self.last: bytes | None = None

    def decides(self, effect: str, grantee: str | None = "un-spt", *signers: Person, **changes: Any) -> Any:
        """A standing decision on visit reports concerning XA, signed by these or by two; the last answer."""
        value = decision("coe-cpt", effect, grantee, kinds=["visit_report"], states=["XA"], **changes)
        scope = StandingScope("coe-cpt", ("visit_report",), ("XA",))
        statement = signed_determination(self.made, DECISION, value, self.anna, scope=scope, prev=self.last)
        answer = self.world.say(self.anna, statement)
        if signers != (self.anna,) and answer.status_code == 202:
            answer = self.world.say(self.boris, statement.signed_by(self.boris.sign))
        if answer.status_code == 201:
            self.last = statement.hash
        return answer

    def outcome(self, made: Made | None = None, organisation: str = "un-spt") -> str:
        """What the owner is told of a body viewing a report."""
        report = (made or self.made).report
        answer = self.world.get(self.anna, f"/reports/{report}/explain", query_string={"for": organisation})
        return str(answer.json["reason"])

    def opens(self, organisation: str = "un-spt", made: Made | None = None) -> int:
        """The status of a release request of a body's officer."""
        report = made or self.made
        return int(ask(report, self.world.officers(organisation)[0], report.parts[0]).status_code)

    def denies(self, grantee: str) -> Statement:
        """A denial about the one report."""
        statement = signed_determination(self.made, DECISION, decision("coe-cpt", "deny", grantee), self.anna)
        assert self.world.say(self.anna, statement).status_code == 201
        return statement


@pytest.fixture
def desk(world: ExchangeWorld, tmp_path: Path) -> Desk:
    """Nothing standing yet."""
    return Desk(world, tmp_path)


def test_one_officer_decides_nothing_that_opens(desk: Desk) -> None:
    """The first signature waits; the second makes it stand, and the log has its entry."""
    assert desk.decides("permit", "npm-xa", desk.anna).status_code == 202
    assert desk.world.get(desk.anna, "/statements/standing").json == {"standing": []}
    assert desk.decides("permit", "npm-xa").status_code == 201
    record = desk.world.read("coe-cpt").last("reports:determination:record")
    assert record.fields["fact"] == DECISION and "report" not in record.fields


def test_a_standing_permit_without_an_envelope_opens_nothing(desk: Desk) -> None:
    """Policy permits, and the body was never sealed to: there is nothing to give."""
    desk.decides("permit", "npm-xa")
    assert desk.outcome(organisation="npm-xa") == "P_CONSENT"
    assert desk.opens("npm-xa") == 404


def test_ending_it_leaves_what_went(desk: Desk) -> None:
    """The report was sent with a decision of its own, in its header; one officer ends the standing one."""
    desk.decides("permit")
    assert desk.opens() == 200
    assert desk.decides("end", "un-spt", desk.anna).status_code == 201
    assert (desk.opens(), desk.outcome()) == (200, "P_CONSENT")


def test_a_denial_of_one_report_wins(desk: Desk) -> None:
    """Over the header's own decision and over a standing one, made before or after it."""
    desk.decides("permit")
    desk.denies("un-spt")
    assert (desk.opens(), desk.outcome()) == (404, "W_ORIGINATOR")
    later = registered(desk.world, desk.folder)
    assert desk.opens(made=later) == 200
    desk.decides("permit")
    assert desk.opens() == 404


def test_a_standing_denial_closes_every_report_and_only_two_open_again(desk: Desk) -> None:
    """Also those that were sent before; the end of a permit does not lift it."""
    later = registered(desk.world, desk.folder)
    assert desk.decides("deny", None, desk.anna).status_code == 201
    assert (desk.opens(), desk.opens(made=later)) == (404, 404)
    assert desk.decides("end", "un-spt", desk.anna).status_code == 201
    assert desk.opens() == 404
    assert desk.decides("permit", "un-spt", desk.anna).status_code == 202
    assert desk.opens() == 404
    assert desk.decides("permit").status_code == 201
    assert (desk.opens(), desk.opens(made=later)) == (200, 200)


def test_a_period_that_has_passed_narrows_no_transmission(desk: Desk) -> None:
    """Until when reports go by themselves says nothing about those that went: their header has no end."""
    desk.decides("permit", valid_to="2020-01-01")
    assert desk.opens() == 200


def test_a_body_can_require_approval_of_what_it_transmits(desk: Desk) -> None:
    """One officer requires it, two give it up; then one officer's header goes to nobody else, two officers' does."""
    world, scope = desk.world, StandingScope("coe-cpt")
    required = signed_determination(desk.made, "approval", True, desk.anna, scope=scope)
    assert world.say(desk.anna, required).status_code == 201
    alone = make_report(world, desk.folder)
    alone.send()
    refused = alone.register()
    assert (refused.status_code, refused.json["code"]) == (403, "approval_required")
    registered(world, desk.folder, recipients=[])
    registered(world, desk.folder, signers=(desk.anna, desk.boris))
    registered(world, desk.folder, tier="evidence", kind="note_verbale", recipients=["state:XA"])
    given_up = signed_determination(desk.made, "approval", False, desk.anna, scope=scope, prev=required.hash)
    assert world.say(desk.anna, given_up).status_code == 202
    assert alone.register().status_code == 403
    assert world.say(desk.boris, given_up.signed_by(desk.boris.sign)).status_code == 201
    assert alone.register().status_code == 201


def test_who_is_shown_them(desk: Desk) -> None:
    """The members of the body, each statement with its proof; another body is shown its own, which are none."""
    desk.decides("permit")
    (item,) = desk.world.get(desk.boris, "/statements/standing").json["standing"]
    assert parse(item["statement"].encode()).hash == desk.last
    assert set(item["proof"]) >= {"checkpoint", "inclusion"}
    assert desk.world.get(desk.world.officers("un-spt")[0], "/statements/standing").json == {"standing": []}
    ahead = desk.world.get(desk.anna, "/statements/standing", query_string={"audit_size": 10**6})
    assert (ahead.status_code, ahead.json["code"]) == (409, "log_range")


def test_the_page_of_what_was_sent_lists_them(tmp_path: Path) -> None:
    """Where a member looks: what goes by itself, since when and until when, in their language."""
    filled = fill(tmp_path)
    anna, boris = filled.officers("coe-cpt")[:2]
    value = decision("coe-cpt", "permit", "un-spt", kinds=["visit_report"], states=["XA"], valid_to="2030-12-31")
    scope = StandingScope("coe-cpt", ("visit_report",), ("XA",))
    assert "decided nothing that holds" in signed_in(filled, "anna").page("/reports/sent").text
    statement = signed_determination(filled.reports["flight"], DECISION, value, anna, boris, scope=scope)
    assert filled.say(anna, statement).status_code == 201
    page = signed_in(filled, "anna").page("/reports/sent")
    assert "goes to SPT with its transmission" in page.text and "31 December 2030" in page.text
    french = signed_in(filled, "anna", "fr").page("/reports/sent")
    assert "est adressé à SPT dès sa transmission" in french.text
    assert "with its transmission" not in signed_in(filled, "chen").page("/reports/sent").text
    filled.close()
