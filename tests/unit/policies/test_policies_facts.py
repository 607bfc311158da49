"""Facts are checked when they are made, hold still, and have no default that could open anything."""

from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from datetime import UTC, datetime

import pytest

from policies import facts
from policies.errors import FactsError, PoliciesError
from tests.unit.policies.examples import facts_of

RECORDS = [each for each in vars(facts).values() if is_dataclass(each)]


def test_no_field_has_a_default_but_ref():
    """Whoever gathers facts has to say each of them; the caller's own handle alone may be left out."""
    with_default = {(record.__name__, each.name) for record in RECORDS for each in fields(record) if each.default is None}
    assert with_default == {("OriginatorDecision", "ref"), ("Instrument", "ref")}
    assert len(RECORDS) >= 13


def test_facts_hold_still():
    """No field can be set after the facts are made."""
    found = facts_of()
    with pytest.raises(FrozenInstanceError):
        found.request.active = True


@pytest.mark.parametrize(
    ("record", "changes"),
    [
        ("request", {"organisation": None}),
        ("request", {"clearance": True}),
        ("document", {"adopted_on": datetime(2025, 7, 4, tzinfo=UTC)}),
        ("document", {"held_until": datetime(2026, 3, 10)}),
        ("document", {"originators": ["coe-cpt"]}),
        ("document", {"parts": (None,)}),
    ],
)
def test_wrong_types_are_not_taken(record, changes):
    """A value of another type, or an instant without its offset, is an error of the room that names the field."""
    with pytest.raises(FactsError) as caught:
        replace(getattr(facts_of(), record), **changes)
    assert next(iter(changes)) in str(caught.value) and caught.value.code == "facts_invalid"
    assert isinstance(caught.value, PoliciesError)


def test_ids_are_unique():
    """A part or an instrument is there once."""
    found = facts_of()
    with pytest.raises(FactsError):
        replace(found, instruments=found.instruments * 2)
    with pytest.raises(FactsError):
        replace(found.document, parts=found.document.parts * 2)


def test_a_permit_names_its_grantees():
    """Null grantees mean anyone in a deny, and cannot stand in a permit."""
    (provision,) = facts_of().instruments[0].provisions
    with pytest.raises(FactsError):
        replace(provision, grantees=None)
    assert replace(provision, grantees=None, effect="deny").grantees is None
