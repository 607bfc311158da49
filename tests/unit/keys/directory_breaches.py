"""Breaches of what all directory statements share: place, chain, time, signers. Used by test_replay_refusals.

A case takes a world (`breached_world`) and returns what must be refused; its table gives the code.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from keys.encoding import format_time
from keys.replay import ADMISSION
from keys.statement import Signature, Statement, new
from tests.unit.keys.directory_builder import Founding, Person

Batch = Statement | Sequence[Statement]


def sign(statement: Statement, *people: Person) -> Statement:
    """The statement signed by these people alone."""
    statement = Statement(statement.typ, statement.payload)
    for person in people:
        statement = statement.signed_by(person.sign)
    return statement


def changed(statement: Statement, **fields: Any) -> Statement:
    """The statement with other payload fields, unsigned."""
    return new(statement.typ, {**statement.body, **fields})


def cpt(world: Founding, index: int = 0) -> Person:
    """A focal point of coe-cpt."""
    return world.focal_points("coe-cpt")[index]


def breached_world() -> Founding:
    """coe-cpt and un-spt with two focal points and an epoch each, an audit office with one, a founder not yet in."""
    world = Founding(founders=(("coe-cpt", 2), ("un-spt", 2), ("un-office", 1)))
    world.add_organisation("coe-cpt", "mechanism")
    world.add_organisation("un-spt", "mechanism")
    world.add_organisation("audit-cpt", "audit")
    world.epoch("coe-cpt")
    world.epoch("un-spt")
    return world


def a_second_root(world: Founding) -> Batch:
    """root, again."""
    return sign(replace(world.root, time=world.now).statement(), *world.founders)


def another_exchange(world: Founding) -> Batch:
    """An epoch signed for an exchange of the same people."""
    statement = world.epoch("coe-cpt", submit=False)
    return sign(changed(statement, exchange="A" * 43), cpt(world))


def no_prev(world: Founding) -> Batch:
    """An epoch that pretends to be its body's first statement."""
    return sign(changed(world.epoch("coe-cpt", submit=False), prev=None), cpt(world))


def overtaken(world: Founding) -> Batch:
    """An epoch written before another statement of the body was accepted."""
    statement = world.epoch("coe-cpt", submit=False)
    world.audit_office("coe-cpt", "audit-cpt")
    return statement


def said_twice(world: Founding) -> Batch:
    """A statement sent again."""
    return world.statements[-1]


def too_old(world: Founding) -> Batch:
    """A statement that waited for over seven days."""
    statement = world.epoch("coe-cpt", submit=False)
    world.now += ADMISSION.older + timedelta(minutes=1)
    return statement


def too_new(world: Founding) -> Batch:
    """A statement by a clock more than five minutes fast."""
    time = format_time(world.now + ADMISSION.newer + timedelta(seconds=1))
    return sign(changed(world.epoch("coe-cpt", submit=False), time=time), cpt(world))


def a_clock_set_back(world: Founding) -> Batch:
    """A server that logs a leaf before the one in front of it."""
    statement = world.epoch("coe-cpt", submit=False)
    world.now = world.leaves[-1].logged - timedelta(seconds=1)
    return statement


def nobody_due(world: Founding) -> Batch:
    """An enrolment signed by the joiner alone."""
    person = world.person("coe-cpt")
    return sign(world.enrolment(person), person)


def joiner_missing(world: Founding) -> Batch:
    """An enrolment that the joiner did not sign."""
    return sign(world.enrolment(world.person("coe-cpt")), cpt(world))


def quorum_missing(world: Founding) -> Batch:
    """A body added by one founder."""
    new_person = world.person("npm-xa")
    statement = world.add_organisation("npm-xa", "npm", "XA", focal_points=[new_person], submit=False)
    return sign(statement, new_person, world.founders[0])


def named_missing(world: Founding) -> Batch:
    """A body added without the signature of a focal point it names."""
    statement = world.add_organisation("npm-xa", "npm", "XA", extra=2, submit=False)
    return sign(statement, *world.founders)


def one_of_two(world: Founding) -> Batch:
    """New focal points by one focal point."""
    return world.set_focal_points("coe-cpt", [cpt(world)], signers=[cpt(world)], submit=False)


def a_stranger_too(world: Founding) -> Batch:
    """An epoch that an officer of another body signed as well."""
    statement = world.epoch("coe-cpt", submit=False)
    return sign(statement, cpt(world), world.focal_points("un-spt")[0])


def not_a_focal_point(world: Founding) -> Batch:
    """An epoch by an officer who is not a focal point."""
    return world.epoch("coe-cpt", signers=[world.enrol("coe-cpt")], submit=False)


def a_focal_point_in_the_quorum(world: Founding) -> Batch:
    """An authority signed by a stranger to the quorum beside the founders."""
    world.add_organisation("state:XA", "state", "XA", extra=1)
    return world.authority("state:XA", "ECPT", signers=[*world.founders, *world.officers("state:XA")], submit=False)


def an_unknown_key(world: Founding) -> Batch:
    """An epoch signed with a key the directory never named."""
    return world.epoch("coe-cpt", signers=[world.person("coe-cpt")], submit=False)


def who_left(world: Founding) -> Batch:
    """An epoch by a focal point who left."""
    gone = cpt(world, 1)
    world.leave(gone)
    return world.epoch("coe-cpt", signers=[gone], submit=False)


def a_founder_who_left(world: Founding) -> Batch:
    """A body added with the signature of a founder whose access ended."""
    world.leave(cpt(world))
    return world.add_organisation("npm-xa", "npm", "XA", submit=False)


def anothers_signature(world: Founding) -> Batch:
    """A line with a colleague's key id over the signer's own signature."""
    statement = world.epoch("coe-cpt", submit=False)
    forged = Signature(cpt(world, 1).sign.key_id, statement.signatures[0].value)
    return Statement(statement.typ, statement.payload, (forged,))


GENERAL: list[tuple[str, Callable[[Founding], Batch]]] = [
    ("root_misplaced", a_second_root),
    ("wrong_exchange", another_exchange),
    ("broken_chain", no_prev),
    ("broken_chain", overtaken),
    ("broken_chain", said_twice),
    ("statement_time", too_old),
    ("statement_time", too_new),
    ("leaf_time", a_clock_set_back),
    ("signers_missing", nobody_due),
    ("signers_missing", joiner_missing),
    ("signers_missing", quorum_missing),
    ("signers_missing", named_missing),
    ("signers_missing", one_of_two),
    ("unexpected_signer", a_stranger_too),
    ("unexpected_signer", not_a_focal_point),
    ("unexpected_signer", a_focal_point_in_the_quorum),
    ("key_not_good", an_unknown_key),
    ("key_not_good", who_left),
    ("key_not_good", a_founder_who_left),
    ("bad_signature", anothers_signature),
]
