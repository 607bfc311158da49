"""Breaches of the rules of single kinds: who may be named, counted, ended. Used by test_replay_refusals."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

from keys.directory_authority import AuthorityAdd
from keys.directory_bodies import EpochAdd
from keys.directory_kinds import read_kind
from keys.statement import Statement
from tests.unit.keys.directory_breaches import Batch, changed, cpt, sign
from tests.unit.keys.directory_builder import Founding, Person


def enrolment(world: Founding, person: Person, *more: Person) -> Statement:
    """A signed `officer.enrol`."""
    return sign(world.enrolment(person), person, cpt(world), *more)


def mixed(world: Founding, name: str, **other: Any) -> Person:
    """A new person of coe-cpt with some of another person's keys or id."""
    person = world.person("coe-cpt", name)
    for field, value in other.items():
        setattr(person, field, value)
    return person


def an_unknown_body(world: Founding) -> Batch:
    """An officer of a body the directory does not have."""
    person = world.person("npm-xb")
    return sign(world.enrolment(person), person, cpt(world))


def an_unknown_office(world: Founding) -> Batch:
    """An audit office the directory does not have."""
    return world.audit_office("coe-cpt", "audit-xb", submit=False)


def a_body_twice(world: Founding) -> Batch:
    """A second body of the same id, written as the first one's next statement."""
    return world.add_organisation("un-spt", "mechanism", focal_points=[world.person("un-spt")], submit=False)


def an_unknown_officer(world: Founding) -> Batch:
    """A mandate for nobody."""
    return world.mandate(world.person("coe-cpt"), submit=False)


def an_officer_twice(world: Founding) -> Batch:
    """The id of an officer who is there already, with new keys, as that officer's next statement."""
    return enrolment(world, mixed(world, "same id", officer=world.focal_points("un-spt")[1].officer))


def a_founder_with_other_keys(world: Founding) -> Batch:
    """A founder's id with keys that `root` does not name."""
    person = mixed(world, "not the founder", officer=world.founders[-1].officer)
    person.organisation = "un-office"
    return world.add_organisation("un-office", "secretariat", focal_points=[person], submit=False)


def a_founder_elsewhere(world: Founding) -> Batch:
    """A founder as a focal point of another body than `root` says."""
    return world.add_organisation("npm-xa", "npm", "XA", focal_points=[world.founders[-1]], submit=False)


def of_another_body(world: Founding) -> Batch:
    """A mandate of coe-cpt for an officer of un-spt."""
    stranger = copy(world.focal_points("un-spt")[0])
    stranger.organisation = "coe-cpt"
    return world.mandate(stranger, submit=False)


def a_focal_point_elsewhere(world: Founding) -> Batch:
    """Focal points of coe-cpt from un-spt."""
    return world.set_focal_points("coe-cpt", [cpt(world), world.focal_points("un-spt")[0]], submit=False)


def a_mandate_after_the_end(world: Founding) -> Batch:
    """A mandate for someone who left."""
    gone = world.enrol("coe-cpt")
    world.leave(gone)
    return world.mandate(gone, submit=False)


def leaving_twice(world: Founding) -> Batch:
    """A second leave of the same officer."""
    gone = world.enrol("coe-cpt")
    world.leave(gone)
    return world.leave(gone, submit=False)


def a_key_twice(world: Founding) -> Batch:
    """A new officer with a colleague's sealing key."""
    return enrolment(world, mixed(world, "same key", seal=cpt(world).seal))


def a_key_for_two_uses(world: Founding) -> Batch:
    """A new officer whose stop key is the signing key."""
    person = world.person("coe-cpt", "one key")
    person.stop = person.sign
    return enrolment(world, person)


def the_key_of_an_old_epoch(world: Founding) -> Batch:
    """An epoch with the key of the one before."""
    values = read_kind(world.epoch("coe-cpt", submit=False))
    if not isinstance(values, EpochAdd):
        raise TypeError
    return sign(replace(values, key=world.epoch_keys["coe-cpt", 1].key_id).statement(), cpt(world))


def an_epoch_skipped(world: Founding) -> Batch:
    """Epoch 3 after epoch 1."""
    return world.epoch("coe-cpt", number=3, submit=False)


def an_epoch_again(world: Founding) -> Batch:
    """Epoch 1 after epoch 1."""
    return world.epoch("coe-cpt", number=1, submit=False)


def a_seat_too_many(world: Founding) -> Batch:
    """An epoch that counts one seat more than there are officers."""
    statement = world.epoch("coe-cpt", submit=False)
    seats = {**statement.body["seats"], "count": statement.body["seats"]["count"] + 1}
    return sign(changed(statement, seats=seats), cpt(world))


def a_seat_for_who_leaves(world: Founding) -> Batch:
    """A leave whose epoch still counts who left."""
    gone = world.enrol("coe-cpt")
    return [world.leave(gone, submit=False)[0], world.epoch("coe-cpt", submit=False)]


def a_leave_alone(world: Founding) -> Batch:
    """A leave without the next epoch."""
    return world.leave(world.enrol("coe-cpt"), submit=False)[:1]


def something_between(world: Founding) -> Batch:
    """A statement between a leave and its epoch."""
    leave, epoch = world.leave(world.enrol("coe-cpt"), submit=False)
    return [leave, world.audit_office("un-spt", "audit-cpt", submit=False), epoch]


def another_bodys_epoch(world: Founding) -> Batch:
    """A leave followed by the epoch of another body."""
    return [world.leave(world.enrol("coe-cpt"), submit=False)[0], world.epoch("un-spt", submit=False)]


def the_last_leaves(world: Founding) -> Batch:
    """The only focal point of a body leaves it."""
    world.enrol("audit-cpt")
    return world.leave(world.focal_points("audit-cpt")[0], submit=False)


def the_last_narrowed(world: Founding) -> Batch:
    """The only focal point's mandate takes the part away."""
    return world.mandate(world.focal_points("audit-cpt")[0], focal_point=False, submit=False)


def a_single_focal_point(world: Founding) -> Batch:
    """A body with one focal point names another."""
    person = world.enrol("audit-cpt")
    return world.set_focal_points("audit-cpt", [person], submit=False)


def a_mandate_that_widens(world: Founding) -> Batch:
    """A mandate that makes a focal point."""
    return world.mandate(world.enrol("coe-cpt"), focal_point=True, submit=False)


def not_an_audit_office(world: Founding) -> Batch:
    """A mechanism as audit office."""
    return world.audit_office("coe-cpt", "un-spt", submit=False)


def one_body_alone(world: Founding) -> Batch:
    """An authority confirmed by a quorum of one body."""
    world.add_organisation("state:XA", "state", "XA", extra=1)
    signers = [person for person in world.founders if person.organisation == "coe-cpt"]
    return world.authority("state:XA", "ECPT", signers=signers, submit=False)


def an_authority_with_another_key(world: Founding) -> Batch:
    """An authority whose key is a colleague's."""
    world.add_organisation("state:XA", "state", "XA", extra=2)
    values = read_kind(world.authority("state:XA", "ECPT", submit=False))
    if not isinstance(values, AuthorityAdd):
        raise TypeError
    other = world.officers("state:XA")[1]
    return sign(replace(values, sign=other.sign.key_id).statement(), *world.founders)


def an_authority_of_elsewhere(world: Founding) -> Batch:
    """An authority for State XA from another body."""
    world.add_organisation("state:XA", "state", "XA", extra=1)
    return world.authority("state:XA", "ECPT", cpt(world), submit=False)


def an_unknown_log(world: Founding) -> Batch:
    """A leave that names audit/2, which does not exist."""
    return world.leave(world.enrol("coe-cpt"), n=2, submit=False)


RULES: list[tuple[str, Callable[[Founding], Batch]]] = [
    ("key_not_good", an_authority_with_another_key),
    ("unknown_organisation", an_unknown_body),
    ("unknown_organisation", an_unknown_office),
    ("duplicate_organisation", a_body_twice),
    ("unknown_officer", an_unknown_officer),
    ("duplicate_officer", an_officer_twice),
    ("duplicate_officer", a_founder_with_other_keys),
    ("other_body", a_founder_elsewhere),
    ("other_body", of_another_body),
    ("other_body", a_focal_point_elsewhere),
    ("other_body", an_authority_of_elsewhere),
    ("officer_ended", a_mandate_after_the_end),
    ("officer_ended", leaving_twice),
    ("duplicate_key", a_key_twice),
    ("duplicate_key", a_key_for_two_uses),
    ("duplicate_key", the_key_of_an_old_epoch),
    ("epoch_number", an_epoch_skipped),
    ("epoch_number", an_epoch_again),
    ("seat_count", a_seat_too_many),
    ("seat_count", a_seat_for_who_leaves),
    ("epoch_due", a_leave_alone),
    ("epoch_due", something_between),
    ("epoch_due", another_bodys_epoch),
    ("last_focal_point", the_last_leaves),
    ("last_focal_point", the_last_narrowed),
    ("guardian_needed", a_single_focal_point),
    ("mandate_widens", a_mandate_that_widens),
    ("wrong_kind_of_body", not_an_audit_office),
    ("two_bodies_needed", one_body_alone),
    ("unknown_log", an_unknown_log),
]
