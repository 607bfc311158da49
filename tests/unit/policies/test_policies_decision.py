"""The decision beyond what a case file compares: basis, explanation, and everything that must fail shut."""

from dataclasses import replace
from datetime import datetime

import pytest

from policies import decision as decisions
from policies import gates
from policies.decision import decide, decide_with, register_of
from policies.errors import FactsError
from policies.gate import Gate
from policies.times import read_instant
from tests.unit.policies.examples import case_of, facts_of

NOW = read_instant("2026-03-10T12:00:00Z")


def test_basis_names_what_was_relied_on():
    """Originators' decisions by their ref, then instruments by ref or id; each once, and only on a permit by consent."""
    facts = facts_of(
        document={"id": "D1", "parts": [{"id": "p1"}, {"id": "p2"}]},
        originator_decisions=[{}, {"actions": ["publish"]}],
        instruments=[{"id": "I1"}, {"id": "I2"}, {"id": "I3", "state": "XB"}],
    )
    first, second = facts.originator_decisions
    facts = replace(
        facts,
        originator_decisions=(replace(first, ref="hash-1"), replace(second, ref="hash-2")),
        instruments=(replace(facts.instruments[0], ref="hash-3"), *facts.instruments[1:]),
    )
    assert decide(facts, NOW).basis == ("hash-1", "hash-3", "I2")
    assert decide(replace(facts, request=replace(facts.request, organisation="coe-cpt")), NOW).basis == ()
    assert decide(facts_of(), NOW).basis == ("I1",)
    assert decide(facts_of(instruments=[{"id": "I1", "provisions": []}]), NOW).basis == ()


def test_other_regimes_rest_on_no_instrument():
    """Where the originators decide, no State's instrument is told as relied on, nor any duty of it."""
    limited = [{"id": "I1", "conditions": ["view_only"]}]
    found = decide(facts_of(document={"id": "D1", "regime": "R3"}, instruments=limited), NOW)
    assert (found.reason, found.basis, found.obligations) == ("P_ORIGINATOR", (), ())
    assert found.results[0].answers == ()


def test_explanation_names_the_nearest_miss():
    """Part by part: gate, reason, and each State's answer with the instrument, sentence and test it missed at."""
    facts = facts_of(
        document={"id": "D1", "parts": [{"id": "p1", "states": ["XA", "XB"]}]},
        instruments=[
            {"id": "I1", "provisions": [{"grantees": []}, {"languages": ["fr"]}]},
            {"id": "I2", "state": "XB", "provisions": [{"effect": "deny"}]},
        ],
    )
    (result,) = decide(facts, NOW).results
    assert (result.part, result.step, result.gate, result.permitted, result.reason) == (
        "p1", 8, "states", False, "W_SCOPE_LANGUAGE",
    )
    one, other = result.answers
    assert (one.state, one.outcome, one.reason) == ("XA", "miss", "W_SCOPE_LANGUAGE")
    assert (one.instrument, one.provision, one.test) == ("I1", 1, "language")
    assert (other.state, other.outcome, other.reason) == ("XB", "deny", "W_REFUSED")
    assert (other.instrument, other.provision, other.test) == ("I2", 0, None)


def test_explanation_before_the_states():
    """A part that is decided before the States are asked tells no State's answer."""
    (result,) = decide(facts_of(request={"clearance": 0}), NOW).results
    assert (result.gate, result.step, result.answers) == ("clearance", 7, ())


def test_explanation_of_a_permit():
    """A permit tells what each State permits, and on what."""
    (result,) = decide(facts_of(), NOW).results
    (answer,) = result.answers
    assert (result.gate, answer.outcome, answer.reason, answer.basis) == ("consent", "permit", None, ("I1",))


@pytest.mark.parametrize("now", [None, "2026-03-10", datetime(2026, 3, 10), 5])
def test_an_unknown_instant_closes_even_what_is_published(now):
    """Without an instant that carries its offset nothing is permitted, whatever the facts."""
    facts = facts_of(document={"id": "D1", "parts": [{"id": "p1", "published": True}]})
    found = decide(facts, now)
    assert (found.outcome, found.reason, found.parts, found.permitted) == ("WITHHOLD", "W_NO_CONSENT", (), False)
    with pytest.raises(FactsError):
        register_of(facts, now)


def test_a_gate_that_breaks_closes(monkeypatch):
    """What is raised inside a gate withholds everything, also what other parts would permit."""

    def broken(asked):
        raise ZeroDivisionError

    monkeypatch.setattr(gates, "GATES", (*gates.GATES[:4], Gate("broken", 3, "", "", "", broken), *gates.GATES[4:]))
    found = decide(facts_of(), NOW)
    assert (found.outcome, found.reason, found.parts, found.withheld) == ("WITHHOLD", "W_NO_CONSENT", (), {})


def test_gates_that_all_pass_close(monkeypatch):
    """Nothing is not yes: if no gate has an answer, the part is withheld."""
    monkeypatch.setattr(gates, "GATES", gates.GATES[:-1])
    found = decide(facts_of(), NOW)
    assert (found.outcome, found.reason, found.withheld) == ("WITHHOLD", "W_NO_CONSENT", {"p1": "W_NO_CONSENT"})


def test_one_register_serves_several_requests():
    """A register read once gives the same decisions as one read each time."""
    facts = facts_of(document={"id": "D1", "parts": [{"id": "p1"}, {"id": "p2", "states": ["XB"]}]})
    register = register_of(facts, NOW)
    for action in ("view", "download", "print", "publish"):
        asking = replace(facts, request=replace(facts.request, action=action))
        assert decide_with(asking, NOW, register) == decide(asking, NOW)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"request": {"clearance": 1}}, True),
        ({"request": {"clearance": 1}, "instruments": []}, False),
        ({"instruments": [{"id": "I1", "undertaking": "u1"}]}, True),
        ({"request": {"clearance": 1}, "instruments": [{"id": "I1", "undertaking": "u1"}]}, False),
        ({"instruments": []}, False),
        ({}, False),
    ],
)
def test_whether_everything_else_permits(changes, expected):
    """Only where clearance alone, or undertakings alone, are missing does everything else permit."""
    case = case_of(**changes)
    assert decide(case.facts, case.now).else_permits is expected


def test_outcomes_have_their_names():
    """The two outcomes are the words of the format."""
    assert (decisions.PERMIT, decisions.WITHHOLD) == ("PERMIT", "WITHHOLD")
    assert decide(facts_of(), NOW).permitted
