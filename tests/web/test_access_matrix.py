"""Matrix and explanation: exact to a report's own side, outward to everybody else, each with its entry."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keys.encoding import b64u, format_time, unb64u
from policies.reasons import OUTWARD, REASONS
from tests.web.access_maker import deny, granted, instrument, permit, recorded
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, part, registered

UNKNOWN = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report of the CPT in two languages for the SPT and the national body."""
    parts = [part("p1"), part("p2", language="fr", states=["XB"])]
    return registered(world, tmp_path, parts=parts, recipients=["un-spt", "npm-xa"])


def explain(made: Made, person: Any, report: str | None = None, **query: Any) -> Any:
    """Ask for an explanation; `grantee` is `for`."""
    query = {"for" if name == "grantee" else name: value for name, value in query.items()}
    return made.world.get(person, f"/reports/{report or made.report}/explain", query_string=query)


def matrix(made: Made, person: Any, **query: Any) -> Any:
    """Ask for the matrix."""
    return made.world.get(person, f"/reports/{made.report}/access", query_string=query)


def reasons(answer: Any, action: str = "view") -> dict[tuple[str, str], str]:
    """Reasons by body and part."""
    return {(c["organisation"], c["part"]): c["reason"] for c in answer.json["cells"] if c["action"] == action}


def test_the_matrix_tells_the_owner_why(made: Made) -> None:
    """Every body, part and action with outcome, reason and the exact sentence, in the reader's language."""
    world, anna = made.world, made.officer
    granted(world, instrument("XA", [permit("un-spt", valid_to="2026-12-31")], conditions=["mark_copies"]))
    english, french = map(b64u, made.parts)
    answer = matrix(made, anna)
    assert reasons(answer) == {
        ("un-spt", english): "P_CONSENT", ("un-spt", french): "W_NO_CONSENT",
        ("npm-xa", english): "W_SCOPE_RECIPIENT", ("npm-xa", french): "W_NO_CONSENT",
    }
    assert reasons(answer, "forward")["un-spt", english] == "W_SCOPE_ACTION"
    cell = next(c for c in answer.json["cells"] if (c["organisation"], c["part"], c["action"]) == ("un-spt", english, "view"))
    assert (cell["outcome"], cell["not_after"], cell["obligations"]) == ("PERMIT", "2027-01-01T00:00:00Z", ["mark_copies"])
    assert cell["sentence"] == REASONS["P_CONSENT"].en
    french_answer = world.client.get(
        f"/api/v1/reports/{made.report}/access", headers={**world.token(anna), "Accept-Language": "fr"}
    )
    assert {c["sentence"] for c in french_answer.json["cells"]} <= {sentence.fr for sentence in REASONS.values()}
    assert answer.json["recipients"] == ["npm-xa", "un-spt"]
    assert matrix(made, anna, purpose="complaint_handling").json["purpose"] == "complaint_handling"


def test_the_nearest_miss_names_an_instrument_to_whom_it_belongs(made: Made) -> None:
    """The owner is told which of its own records came nearest, and of another body's record only that the State denies."""
    world = made.world
    mine = recorded(world, instrument("XA", [permit("un-spt")]))
    english = b64u(made.parts[0])

    def nearest() -> Any:
        return next(
            c["nearest"]
            for c in matrix(made, made.officer).json["cells"]
            if (c["organisation"], c["part"], c["action"]) == ("un-spt", english, "view")
        )

    assert (nearest()["instrument"], nearest()["test"], nearest()["reason"]) == (mine.name, "status", "W_UNVERIFIED")
    granted(world, instrument("XA", [deny()]), *world.officers("un-spt")[:2])
    assert (nearest()["instrument"], nearest()["outcome"], nearest()["reason"]) == (None, "deny", "W_REFUSED")


def test_who_may_see_the_matrix(made: Made) -> None:
    """The owner and its audit office; to a recipient, a stranger and for an unknown id it is not available, alike."""
    world = made.world
    assert matrix(made, world.officers("audit-cpt")[0]).status_code == 200
    refused = [matrix(made, world.officers(body)[0]) for body in ("un-spt", "npm-xa", "audit-un", "state:XA")]
    refused.append(world.get(made.officer, f"/reports/{UNKNOWN}/access"))
    assert {(answer.status_code, answer.data) for answer in refused} == {(404, refused[0].data)}
    assert refused[0].json["code"] == "N_UNAVAILABLE"


def test_each_look_at_the_matrix_has_its_entry(made: Made) -> None:
    """The owner and both sides' offices read who looked; a refused look leaves nothing."""
    world = made.world
    chen = world.officers("un-spt")[0]
    world.token(chen)
    size = world.size()
    matrix(made, chen)
    assert world.size() == size
    matrix(made, made.officer)
    record = world.read("audit-cpt").last("access:matrix:read")
    assert (record.fields["actor"], record.fields["report"]) == (made.officer.id, made.report)


def test_an_explanation_lists_what_it_rests_on(made: Made) -> None:
    """Outcome per part, the statements relied on, and an entry whose basis is theirs."""
    from exchange.ledger.entry import basis_of

    world = made.world
    agreed = granted(world, instrument("XA", [permit("un-spt")]))
    english, french = map(b64u, made.parts)
    told = explain(made, made.officer, grantee="un-spt").json
    assert (told["outcome"], told["reason"]) == ("PERMIT", "P_CONSENT")
    assert told["parts"] == {english: "P_CONSENT", french: "W_NO_CONSENT"}
    assert {b64u(made.header.hash), b64u(agreed.record.hash), b64u(agreed.last.hash)} == set(told["basis"])
    record = world.read("audit-cpt").last("access:explanation:permit")
    assert record.fields["basis"] == basis_of(unb64u(item) for item in told["basis"])
    assert (record.fields["grantee"], record.fields["body"]) == ("un-spt", "coe-cpt")
    one = explain(made, made.officer, grantee="un-spt", part=french).json
    assert (one["outcome"], one["reason"], one["parts"]) == ("WITHHOLD", "W_NO_CONSENT", {french: "W_NO_CONSENT"})


def test_an_explanation_of_another_instant(made: Made) -> None:
    """What was known then: before the agreement nothing, after a withdrawal that is to come nothing; before the report 409."""
    world = made.world
    before = world.clock.now()
    world.clock.forward(60)
    agreed = granted(world, instrument("XA", [permit("un-spt")]))
    later = world.clock.now() + timedelta(days=10)
    agreed.say("withdrawn", made.officer, effective=format_time(later))

    def at(moment: Any) -> str:
        return str(explain(made, made.officer, grantee="un-spt", at=format_time(moment)).json["reason"])

    assert [at(before), at(world.clock.now()), at(later)] == ["W_NO_CONSENT", "P_CONSENT", "W_WITHDRAWN"]
    early = explain(made, made.officer, grantee="un-spt", at=format_time(before - timedelta(seconds=1)))
    assert (early.status_code, early.json["code"]) == (409, "before_report")


def test_an_explanation_says_what_would_have_to_happen(made: Made) -> None:
    """Gate, legal basis, each State's answer, the steps with who takes them, and the paper; a command for the owner alone."""
    anna = made.officer
    waiting = recorded(made.world, instrument("XA", [permit("un-spt")], reference="NV 9/2026"))
    told = explain(made, anna, grantee="un-spt").json
    by_part = {each["part"]: each for each in told["decided"]}
    one, two = (by_part[b64u(each)] for each in made.parts)
    assert (one["gate"], one["step"], one["reason"]) == ("states", 8, "W_UNVERIFIED") and one["legal_basis"]
    assert [(each["state"], each["reason"], each["instrument"]) for each in one["states"]] == [
        ("XA", "W_UNVERIFIED", waiting.name)
    ]
    assert [each["reason"] for each in two["states"]] == ["W_NO_CONSENT"]
    steps = [(each["code"], each["who"], each["organisation"], each["state"], each["command"]) for each in told["steps"]]
    assert steps == [
        ("confirm", "keeper", "coe-cpt", "XA", f"exchange consent confirm {waiting.name}"),
        ("ask_state", "state", None, "XB", None),
    ]
    assert all(each["sentence"] for each in told["steps"])
    assert [(each["instrument"], each["reference"]) for each in told["evidence"]] == [(waiting.name, "NV 9/2026")]
    office = explain(made, made.world.officers("audit-cpt")[0], grantee="un-spt").json
    assert [(each["code"], each["command"]) for each in office["steps"]] == [("confirm", None), ("ask_state", None)]
    waiting.say("granted", made.world.officers("coe-cpt")[1])
    now = explain(made, anna, grantee="un-spt", part=b64u(made.parts[0])).json
    assert (now["reason"], now["steps"], len(now["decided"])) == ("P_CONSENT", [], 1)


def test_everybody_else_is_told_the_outward_code(made: Made) -> None:
    """A recipient asks about itself: the N_ code and its sentence, the same for an id without a report, also for `at`."""
    world = made.world
    chen = world.officers("un-spt")[0]
    answers = [
        explain(made, chen),
        explain(made, chen, report=UNKNOWN),
        explain(made, chen, part=b64u(made.parts[0])),
        explain(made, chen, part=b64u(bytes(8)), report=UNKNOWN),
        explain(made, chen, at="2030-01-01T00:00:00Z"),
        explain(made, chen, grantee="coe-cpt"),
    ]
    assert {(answer.status_code, answer.data) for answer in answers} == {(200, answers[0].data)}
    told = answers[0].json
    assert (told["outcome"], told["reason"]) == ("WITHHOLD", "N_UNAVAILABLE")
    assert told["sentence"] == OUTWARD["N_UNAVAILABLE"].en
    assert (told["parts"], told["basis"], told["nearest"], told["at"]) == ({}, [], None, None)
    assert (told["decided"], told["steps"], told["evidence"]) == ([], [], [])
    records = [r for r in world.read("un-spt").records if r.act.tag == "access:explanation:withhold"]
    assert len(records) == len(answers) and not any(record.full for record in records)
    granted(world, instrument("XA", [permit("un-spt")]))
    told = explain(made, chen).json
    assert (told["outcome"], told["parts"], told["basis"]) == ("PERMIT", {b64u(made.parts[0]): "P_CONSENT"}, [])


def test_a_body_that_is_none_is_said_so_to_everyone(made: Made) -> None:
    """Whether a body exists is no secret, and is checked before the report is looked at."""
    for person in (made.officer, made.world.officers("un-spt")[0]):
        for report in (made.report, UNKNOWN):
            answer = explain(made, person, report=report, grantee="no-such-body")
            assert (answer.status_code, answer.json["code"]) == (422, "unknown_organisation")


@pytest.mark.parametrize("query", [{"action": "steal"}, {"purpose": "sale"}, {"part": "p1"}, {"at": "now"}, {"x": "y"}])
def test_a_question_out_of_form_is_refused(made: Made, query: dict[str, str]) -> None:
    """422, nothing recorded."""
    made.world.token(made.officer)
    size = made.world.size()
    assert explain(made, made.officer, **query).status_code == 422
    assert made.world.size() == size
