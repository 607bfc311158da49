"""Standing decisions as the program believes them: signed by two, entered, in order, and none missing that was seen."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange.client import standing
from exchange.client.deposit import transmit
from exchange.client.deposit_plan import PartPlan, Plan
from exchange.client.errors import HomeDamagedError, ServerRefusal, UsageError
from exchange.client.report_errors import (
    RecipientWithoutKeyError,
    StandingAnswerError,
    StandingDenialError,
    StandingUnknownError,
)
from exchange.client.sealing import Terms
from exchange.sealing import package as packages
from exchange.statements import determination
from exchange.statements.determination import Determination, StandingScope
from exchange.statements.determination_values import ORIGINATOR_DECISION
from exchange.statements.errors import TooFewSignersError
from exchange.statements.form import Link
from keys.encoding import b64u
from keys.errors import MalformedError
from keys.statement import Statement
from tests.unit.client.fake_exchange import problem
from tests.unit.client.fake_log import At, at
from tests.unit.client.fake_report import Report

REPORT = "visit_report"


class Desk:
    """A CPT officer, and a server that shows the standing decisions entered so far."""

    def __init__(self, folder: Path) -> None:
        self.here: At = at(folder / "home", "coe-cpt")
        self.here.session.sync()
        self.shown: list[dict[str, Any]] = []
        self.last: dict[bytes, bytes] = {}

    def enters(self, effect: str, to: str | None, *states: str, signers: int = 2, **changes: Any) -> Statement:
        """Enter a standing decision, signed by so many officers of the CPT, and show it."""
        organisation = changes.pop("organisation", "coe-cpt")
        scope = StandingScope(organisation, (REPORT,), states or ("XA",))
        value = {
            **scope.body(), "actions": ["view", "download"], "effect": effect, "grantee": to, "parts": None,
            "valid_from": None, "valid_to": None, **changes,
        }
        link = Link(self.here.world.now, self.here.session.directory.exchange, None)
        values = Determination(link, scope, None, ORIGINATOR_DECISION, value)
        chain = values.chain(organisation)
        statement = determination.build(replace(values, link=replace(link, prev=self.last.get(chain))))
        for person in self.here.world.officers(organisation)[:signers]:
            statement = statement.signed_by(person.sign)
        self.last[chain] = statement.hash
        fields = {"actor": self.here.person.id, "body": organisation, "owner": organisation, "fact": ORIGINATOR_DECISION}
        self.shown.append(self.here.store("reports:determination:record", fields, statement))
        self.answers()
        return statement

    def answers(self, shown: list[dict[str, Any]] | None = None) -> None:
        """Let the server show these, each with its proof."""
        listed = self.shown if shown is None else shown

        def answer(request: httpx.Request) -> httpx.Response:
            since = int(request.url.params["audit_size"])
            proven = [{**item, "proof": self.here.proof(item["ticket"]["index"], since)} for item in listed]
            return httpx.Response(200, json={"standing": proven})

        self.here.server.answers[standing.STANDING] = answer

    def applying(self, folder: Path, *states: str, to: tuple[str, ...] = (), **changes: Any) -> tuple[standing.Also, ...]:
        """Who else a report of one part for each of these States goes to."""
        parts = tuple(
            PartPlan(f"p{n}", folder / f"{n}.txt", tuple(state.split("+")), "en") for n, state in enumerate(states, 1)
        )
        plan = Plan(parts, to, changes.pop("kind", REPORT), date(2026, 3, 1), without=changes.pop("without", ()))
        return standing.applying(self.here.session, plan, changes.pop("tier", "confidential"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Nothing is decided yet."""
    made = Desk(tmp_path)
    made.answers()
    return made


def test_a_standing_permit_adds_its_body(desk: Desk, tmp_path: Path) -> None:
    """For the kind and State it names, and no other; not twice where the sender names it."""
    desk.enters("permit", "un-spt")
    (also,) = desk.applying(tmp_path, "XA")
    assert (also.organisation, also.parts, also.states) == ("un-spt", frozenset({"p1"}), frozenset({("XA",)}))
    assert desk.applying(tmp_path, "XB") == () == desk.applying(tmp_path, "XA", kind="press_release")
    assert desk.applying(tmp_path, "XA", to=("un-spt",)) == ()


def test_each_part_goes_by_its_own_states(desk: Desk, tmp_path: Path) -> None:
    """A part on two States needs both named; the header then names the body for the other parts alone."""
    desk.enters("permit", "un-spt")
    desk.enters("permit", "un-spt", "XA", "XB")
    (also,) = desk.applying(tmp_path, "XA", "XB", "XA+XB", "XA+XC")
    assert also.parts == frozenset({"p1", "p2", "p3"})
    terms = Terms(Plan((), ("npm-xa",), REPORT, None), "R1", "confidential", 2, (also,))
    assert terms.bodies("coe-cpt", ["XA", "XB"]) == ("coe-cpt", "npm-xa", "un-spt")
    assert terms.bodies("coe-cpt", ["XA", "XC"]) == ("coe-cpt", "npm-xa")


def test_neither_an_alert_nor_evidence_goes_by_itself(desk: Desk, tmp_path: Path) -> None:
    """The person at risk decides of the one, the register has the other's addressees; nothing is even asked."""
    desk.enters("permit", "un-spt")
    seen = len(desk.here.server.seen)
    assert desk.applying(tmp_path, "XA", tier="alert") == () == desk.applying(tmp_path, "XA", tier="evidence")
    assert len(desk.here.server.seen) == seen


def test_a_period_and_a_narrower_permit_send_nothing(desk: Desk, tmp_path: Path) -> None:
    """Outside its days, or where it lets a body view alone."""
    desk.enters("permit", "un-spt", valid_to="2020-01-01")
    desk.enters("permit", "npm-xa", valid_from="2090-01-01")
    desk.enters("permit", "npm-xa", "XB", actions=["view"])
    assert desk.applying(tmp_path, "XA", "XB") == ()


def test_an_end_and_a_denial(desk: Desk, tmp_path: Path) -> None:
    """After its end nothing goes by itself, and the body may be named; a denial refuses even that."""
    desk.enters("permit", "un-spt")
    desk.enters("end", "un-spt", signers=1)
    assert desk.applying(tmp_path, "XA") == () == desk.applying(tmp_path, "XA", to=("un-spt",))
    desk.enters("deny", None, "XB", signers=1)
    with pytest.raises(StandingDenialError):
        desk.applying(tmp_path, "XA+XB", to=("un-spt",))


def test_one_body_is_left_out(desk: Desk, tmp_path: Path) -> None:
    """By name, and only one that would get it."""
    desk.enters("permit", "un-spt")
    desk.enters("permit", "npm-xa")
    (also,) = desk.applying(tmp_path, "XA", without=("un-spt",))
    assert also.organisation == "npm-xa"
    with pytest.raises(UsageError):
        desk.applying(tmp_path, "XA", without=("npm-xb",))


def test_a_permit_of_one_officer_counts_for_nothing(desk: Desk) -> None:
    """A server that shows it as entered is not believed."""
    desk.enters("permit", "un-spt", signers=1)
    with pytest.raises(TooFewSignersError):
        standing.fetch(desk.here.session)


def test_another_bodys_decision_is_not_ours(desk: Desk) -> None:
    """What the SPT decided about its documents says nothing about the CPT's."""
    desk.enters("permit", "coe-cpt", organisation="un-spt")
    with pytest.raises(StandingAnswerError):
        standing.fetch(desk.here.session)


def test_an_end_that_is_hidden_is_found(desk: Desk) -> None:
    """Whoever has seen it once is not shown the permit alone again; nor a list out of order, or with a hole."""
    desk.enters("permit", "un-spt")
    desk.enters("end", "un-spt", signers=1)
    desk.enters("permit", "un-spt")
    assert len(standing.fetch(desk.here.session).listed) == 3
    for shown in (desk.shown[:1], desk.shown[:2], desk.shown[::-1], [desk.shown[0], desk.shown[2]], []):
        desk.answers(shown)
        with pytest.raises(StandingAnswerError):
            standing.fetch(desk.here.session)


@pytest.mark.parametrize("answer", [None, {}, {"standing": {}}, {"standing": [1]}, {"standing": [{"hash": "x"}]}])
def test_an_answer_out_of_form(desk: Desk, answer: Any) -> None:
    """Only this room's errors come of it."""
    desk.here.answers(standing.STANDING, answer)
    with pytest.raises(MalformedError):
        standing.fetch(desk.here.session)


def test_a_record_that_was_damaged(desk: Desk) -> None:
    """What this home has seen is not guessed."""
    desk.here.session.home.write(standing.SEEN, b"{}")
    with pytest.raises(HomeDamagedError):
        standing.fetch(desk.here.session)


def test_what_is_not_in_force_cannot_be_ended(desk: Desk) -> None:
    """And a standing permit lets as much as a transmission does."""
    scope = StandingScope("coe-cpt", (REPORT,), ("XA",))
    with pytest.raises(StandingUnknownError):
        standing.decide(desk.here.session, "end", scope, "un-spt")
    with pytest.raises(UsageError):
        standing.decide(desk.here.session, "permit", scope, "un-spt", ("view",))


def test_a_body_nobody_can_seal_to_is_not_decided_for(desk: Desk) -> None:
    """A slip in its name would hold up every later transmission."""
    with pytest.raises(RecipientWithoutKeyError):
        standing.decide(desk.here.session, "permit", StandingScope("coe-cpt", (REPORT,), ("XA",)), "un-sptt")


def test_a_resumed_deposit_goes_to_whom_it_is_due_now(desk: Desk, tmp_path: Path) -> None:
    """Sealed before a decision was made, it reaches its body; sealed before it ended, it does not: over one ciphertext."""
    report = Report(desk.here, tmp_path, to=("un-spt",))
    sent: list[bytes] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return problem("storage_failed", 500)

    upload = b64u(bytes(16))
    desk.here.answers("/api/v1/uploads", {"pieces": 1, "run": 16, "upload": upload})
    desk.here.answers(f"/api/v1/uploads/{upload}", {"stored": list(range(100))})
    desk.here.server.answers["/api/v1/reports"] = take
    plan = replace(report.plan, adopted_on=date(2026, 3, 1))
    for effect in (None, "permit", "end"):
        if effect is not None:
            desk.enters(effect, "npm-xa", signers=2 if effect == "permit" else 1)
        with pytest.raises(ServerRefusal):
            transmit(report.session, plan)
    packages_sent = [packages.from_bytes(each) for each in sent]
    named = [{each.value.organisation for each in package.descriptors.recipients} for package in packages_sent]
    assert named == [{"coe-cpt", "un-spt"}, {"coe-cpt", "un-spt", "npm-xa"}, {"coe-cpt", "un-spt"}]
    assert len({each.value.root for package in packages_sent for each in package.descriptors.parts}) == 1
    assert report.session.teller.keys.count("client.standing_adds") == 1
