"""Who reads an act follows from the act: its owner, its actor's body, and the audit office of each."""

import pytest

from exchange.audit.events import Event
from exchange.ledger.vocabulary import ACTS, PADDING, PARTIAL_FIELDS
from tests.unit.audit.audit_maker import (
    CPT,
    CPT_AUDIT,
    OFFICER,
    SPT,
    SPT_AUDIT,
    Instance,
    permit,
    release_fields,
    withhold,
)

BODIES = (CPT_AUDIT, SPT_AUDIT, CPT, SPT)


def readers(instance: Instance, event: Event) -> dict[str, str]:
    """Who reads an act that is recorded now, and how much of it."""
    index = instance.record(event)
    found = {}
    for body in BODIES:
        records, findings = instance.read(body)
        assert findings == []
        for record in records:
            if record.index == index:
                found[body] = ("all" if record.full else "part") + (" and keys" if record.keys else "")
    return found


def test_a_permit_is_read_by_all_four(instance: Instance) -> None:
    """Both bodies everything, both offices the other views' keys as well."""
    assert readers(instance, permit()) == {CPT: "all", SPT: "all", CPT_AUDIT: "all and keys", SPT_AUDIT: "all and keys"}


def test_a_withholding_is_the_owners_offices_secret(instance: Instance) -> None:
    """The requester's side reads what it asked, the owner nothing, its office everything."""
    assert readers(instance, withhold()) == {SPT: "part", SPT_AUDIT: "part", CPT_AUDIT: "all and keys"}
    shown = instance.read(SPT)[0][-1]
    assert tuple(shown.fields) == PARTIAL_FIELDS
    assert "reason" in instance.read(CPT_AUDIT)[0][-1].fields


def test_an_unknown_id_is_the_hosts_offices(instance: Instance) -> None:
    """Nobody owns it, so the host's office holds the entry; the requester's side cannot tell."""
    instance.bodies.host_is = SPT
    assert readers(instance, withhold(owner=None)) == {SPT: "part", SPT_AUDIT: "all and keys"}
    instance.bodies.host_is = CPT
    assert readers(instance, withhold(owner=None)) == {SPT: "part", SPT_AUDIT: "part", CPT_AUDIT: "all and keys"}


def test_padding_and_acts_without_a_body_are_the_hosts_offices(instance: Instance) -> None:
    """Somebody must be able to say that a decoy is one."""
    start = Event("operator:instance:check", {"outcome": "done", "build": "0.1.0"})
    refused = Event("accounts:session:refuse", {"method": "password", "cause": "wrong"})
    for event in (Event(PADDING), start, refused):
        assert readers(instance, event) == {CPT_AUDIT: "all and keys"}


def test_an_act_of_a_body_alone_is_its_own(instance: Instance) -> None:
    """A sign-in is read by the officer's body and its office, not by the host's."""
    event = Event("accounts:session:start", {"actor": OFFICER, "body": SPT, "method": "password"})
    assert readers(instance, event) == {SPT: "all", SPT_AUDIT: "all and keys"}


def test_a_body_without_office_or_epoch_leaves_a_dummy(instance: Instance) -> None:
    """The other views are the same; nothing else shows it."""
    del instance.bodies.offices[SPT]
    assert readers(instance, permit()) == {CPT: "all", SPT: "all", CPT_AUDIT: "all and keys"}
    instance.bodies.offices[SPT] = "audit-new"
    assert readers(instance, permit()) == {CPT: "all", SPT: "all", CPT_AUDIT: "all and keys"}


def test_owner_and_actor_may_be_one(instance: Instance) -> None:
    """An owner who asks for its own report is read by itself and its office alone."""
    assert readers(instance, permit(body=CPT)) == {CPT: "all", CPT_AUDIT: "all and keys"}
    assert readers(instance, withhold(body=CPT)) == {CPT: "part", CPT_AUDIT: "all and keys"}


def test_signatures_are_kept_where_the_act_is_read(instance: Instance) -> None:
    """A release-request is kept in no table: its signature is in the views."""
    event = permit()
    instance.record(Event(event.act, event.fields, (b"s" * 64,)))
    assert instance.read(CPT_AUDIT)[0][-1].signatures == (b"s" * 64,)


@pytest.mark.parametrize("tag", sorted(tag for tag, act in ACTS.items() if act.views == "partial"))
def test_no_act_with_a_hidden_reason_reaches_the_owner(instance: Instance, tag: str) -> None:
    """A State's office must not be able to learn through the log what its entry withholds."""
    fields = {name: value for name, value in release_fields(reason="W_X", code="N_X", grantee=SPT).items()}
    event = Event(tag, {name: value for name, value in fields.items() if name in ACTS[tag].fields})
    assert CPT not in readers(instance, event)
