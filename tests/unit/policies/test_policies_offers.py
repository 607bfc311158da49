"""What pages offer and what is served: only what a decision would permit."""

from dataclasses import replace

from policies.offers import decide_forward, is_listed, permitted_actions, readable_parts
from policies.times import read_instant
from policies.vocabulary import PURPOSES
from tests.unit.policies.examples import facts_of

NOW = read_instant("2026-03-10T12:00:00Z")


def test_actions_and_purposes():
    """The pairs that would be permitted, whatever the request itself names; complaint handling only by name."""
    facts = facts_of(request={"action": "quote", "variant": "redacted"})
    offered = permitted_actions(facts, NOW)
    assert {action for action, _ in offered} == {"see_existence", "view", "download", "print"}
    assert {purpose for _, purpose in offered} == set(PURPOSES) - {"complaint_handling"}


def test_parts_in_document_order():
    """The parts whose pieces may be served: for some purpose, in any rendition, in document order."""
    parts = [{"id": "p2", "language": "fr"}, {"id": "p3", "states": ["XB"]}, {"id": "p1", "variant": "redacted"}]
    purposes = [{"purposes": ["complaint_handling"]}]
    facts = facts_of(document={"id": "D1", "parts": parts}, instruments=[{"id": "I1", "provisions": purposes}])
    assert readable_parts(facts, NOW) == ("p2", "p1")
    assert readable_parts(replace(facts, instruments=()), NOW) == ()


def test_listed_without_being_readable():
    """To see that a document exists is less than to read it."""
    facts = facts_of(instruments=[{"id": "I1", "provisions": [{"actions": ["see_existence"]}]}])
    assert is_listed(facts, NOW)
    assert readable_parts(facts, NOW) == ()
    assert not is_listed(replace(facts, instruments=()), NOW)


def test_nothing_is_offered_where_facts_are_missing():
    """What cannot be decided is not offered, not served and not listed."""
    assert permitted_actions(None, NOW) == () == readable_parts(None, NOW)
    assert not is_listed(facts_of(), None)


def test_forwarding_is_decided_twice():
    """Forward for who sends it on, view for who is to receive it; each has an answer of its own."""
    facts = facts_of(
        originator_decisions=[{"actions": ["forward"]}, {"grantee": "iachr"}],
        instruments=[{"id": "I1", "provisions": [{"actions": ["forward"]}, {"grantees": ["iachr"]}]}],
    )
    recipient = replace(facts.request, organisation="iachr")
    assert [each.reason for each in decide_forward(facts, recipient, NOW)] == ["P_CONSENT", "P_CONSENT"]
    other = replace(recipient, organisation="un-srt")
    assert [each.reason for each in decide_forward(facts, other, NOW)] == ["P_CONSENT", "W_ORIGINATOR"]
    assert [each.reason for each in decide_forward(facts, None, NOW)] == ["W_NO_CONSENT", "W_NO_CONSENT"]
    assert [each.reason for each in decide_forward(None, recipient, NOW)] == ["W_NO_CONSENT", "W_NO_CONSENT"]
