"""Consent events: the instrument's form, the chain, and two people without an interest."""

from dataclasses import replace
from typing import Any

import pytest

from exchange.statements import consent, words
from exchange.statements.errors import (
    BenefitingSignerError,
    BrokenLinkError,
    OtherSubjectError,
    SamePersonError,
    TooManySignersError,
)
from exchange.statements.form import Link
from exchange.statements.instrument import grantees
from keys.errors import MalformedError
from tests.unit.statements.cast import (
    BOOK,
    EXCHANGE,
    INSTRUMENT,
    INSTRUMENT_ID,
    NOW,
    OFFICERS,
    PROVISION,
    RECORD,
    event,
    key,
)

RECORD_HASH = consent.build(RECORD).hash
PLACE = (INSTRUMENT_ID, RECORD_HASH)


def recorded(**change: Any) -> consent.Consent:
    return replace(RECORD, body={**INSTRUMENT, **change})


def test_one_officer_signs_an_event() -> None:
    """Two on one event are refused: a second person confirms with a statement of their own."""
    bare = consent.build(RECORD)
    assert consent.verify(RECORD, bare.signed_by(key("anna")), BOOK) == OFFICERS["anna"]
    with pytest.raises(TooManySignersError):
        consent.verify(RECORD, bare.signed_by(key("anna")).signed_by(key("boris")), BOOK)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "xa"},
        {"kind": "general"},
        {"form": "e-mail"},
        {"authority_competent": None},
        {"received_on": None},
        {"received_on": "yesterday"},
        {"evidence": "D1"},
        {"amends": ["I1"]},
        {"conditions": ["be_nice"]},
        {"conditions": [{"kind": "language_only", "parameter": None}]},
        {"conditions": [{"kind": "embargo_until", "parameter": ["2027-01-01"]}]},
        {"conditions": [{"kind": "retain_until", "parameter": "response_received"}]},
        {"provisions": [{**PROVISION, "grantees": None}]},
        {"provisions": [{**PROVISION, "actions": []}]},
        {"provisions": [{**PROVISION, "actions": ["read"]}]},
        {"provisions": [{**PROVISION, "scope": "everything"}]},
        {"provisions": [{**PROVISION, "more": 1}]},
        {"provisions": [{k: v for k, v in PROVISION.items() if k != "valid_to"}]},
        {"events": []},
        {"id": "I1"},
        {"by_state": True},
    ],
    ids=repr,
)
def test_an_instrument_out_of_form_is_malformed(change: dict[str, Any]) -> None:
    """Outside the closed lists, with a field too many or too few; `by_state` is never signed."""
    with pytest.raises(MalformedError, match="body"):
        consent.build(recorded(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"provisions": []},
        {"provisions": [{**PROVISION, "effect": "deny", "grantees": None}]},
        {"provisions": [{**PROVISION, "scope_ref": ["D1/p1", "D1/p2"], "valid_from": "2026-01-01T00:00:00Z"}]},
        {"conditions": [{"kind": "embargo_until", "parameter": "response_received"}, "view_only"]},
        {"conditions": [{"kind": "retain_until", "parameter": "2027-01-01"}]},
        {"evidence": "00010203-0405-4607-8809-0a0b0c0d0e0f", "reply_by": "2026-06-01", "undertaking": "U-2026-1"},
    ],
    ids=repr,
)
def test_an_instrument_in_form_is_read_back(change: dict[str, Any]) -> None:
    """Whatever the case file format permits."""
    assert consent.read(consent.build(recorded(**change))) == recorded(**change)


def test_an_events_body_is_effective_and_reason() -> None:
    """A date, a time or null; a text or null; nothing else."""
    for body in ({"effective": "2026-04-01"}, {"effective": "2026-04-01T10:00:00Z", "reason": "Note verbale 12/2026"}):
        value = event("withdrawn", RECORD_HASH, **body)
        assert consent.read(consent.build(value)) == value
    for body in ({"effective": "soon"}, {"reason": ""}, {"by": "a"}, {"reason": "x" * 1001}):
        with pytest.raises(MalformedError, match="body"):
            consent.build(event("withdrawn", RECORD_HASH, **body))


def test_a_record_starts_a_chain_and_nothing_else_does() -> None:
    """`prev` is null for `recorded` alone; events are a closed list."""
    for value in (
        replace(RECORD, link=Link(NOW, EXCHANGE, b"p" * 32)),
        event("withdrawn", None),
        event("forgotten", RECORD_HASH),
    ):
        with pytest.raises(MalformedError):
            consent.build(value)


@pytest.mark.parametrize("name", [e for e in words.EVENTS if e != "recorded"])
def test_each_event_follows_the_last_but_a_confirmation_the_record(name: str) -> None:
    """So that a confirmer signs exactly what was recorded."""
    last = b"l" * 32
    due, other = (RECORD_HASH, last) if name in words.CONFIRMING else (last, RECORD_HASH)
    consent.follows(event(name, due), PLACE, last)
    with pytest.raises(BrokenLinkError):
        consent.follows(event(name, other), PLACE, last)


def test_an_event_needs_its_record() -> None:
    """No record, another instrument's, or a second record under the id."""
    with pytest.raises(OtherSubjectError):
        consent.follows(event("granted", RECORD_HASH), None, None)
    with pytest.raises(OtherSubjectError):
        consent.follows(event("granted", RECORD_HASH), (b"o" * 16, RECORD_HASH), RECORD_HASH)
    consent.follows(RECORD, None, None)
    with pytest.raises(BrokenLinkError):
        consent.follows(RECORD, PLACE, RECORD_HASH)


def test_two_people_record_and_confirm() -> None:
    """Two officers, of one body or two; not one person with two keys."""
    anna, again, boris = (OFFICERS[name] for name in ("anna", "anna-2", "boris"))
    consent.check_two_people(RECORD, anna)
    consent.check_two_people(RECORD, anna, boris)
    for confirmer in (anna, again):
        with pytest.raises(SamePersonError):
            consent.check_two_people(RECORD, anna, confirmer)


def test_nobody_signs_for_a_body_that_would_benefit() -> None:
    """Neither as recorder nor as confirmer; a deny benefits nobody."""
    anna, chen = OFFICERS["anna"], OFFICERS["chen"]
    assert grantees(RECORD.body) == {"un-spt"}
    with pytest.raises(BenefitingSignerError):
        consent.check_two_people(RECORD, chen)
    with pytest.raises(BenefitingSignerError):
        consent.check_two_people(RECORD, anna, chen)
    consent.check_two_people(recorded(provisions=[{**PROVISION, "effect": "deny"}]), chen)


def test_who_publishes_receives_nothing() -> None:
    """A State's request to a body that it publish is written down by that body; with anything else beside it, it is not."""
    chen = OFFICERS["chen"]
    asked = {**PROVISION, "actions": ["publish"]}
    consent.check_two_people(recorded(provisions=[asked]), chen)
    for provisions in ([{**PROVISION, "actions": ["publish", "view"]}], [asked, PROVISION]):
        with pytest.raises(BenefitingSignerError):
            consent.check_two_people(recorded(provisions=provisions), chen)


def test_the_state_itself_signs_alone() -> None:
    """An authority in force of that State needs no second person; of another State it is nobody."""
    xa = OFFICERS["xa"]
    assert consent.by_state(xa, "XA")
    assert not consent.by_state(xa, "XB")
    consent.check_two_people(RECORD, xa, xa)
    own = recorded(provisions=[{**PROVISION, "grantees": ["state:XA"]}])
    consent.check_two_people(own, xa, xa)
    with pytest.raises(BenefitingSignerError):
        consent.check_two_people(replace(own, body={**own.body, "state": "XB"}), xa)
