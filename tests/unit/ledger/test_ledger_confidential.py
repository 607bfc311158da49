"""What the public and the store see of the audit log: the same number of random-looking bytes for every kind of event."""

import pytest

from exchange.ledger.bundle import build_bundle
from exchange.ledger.view import Readers
from exchange.ledger.vocabulary import ACTS

SLOTS = [
    Readers("audit-cpt", "audit-spt", "coe-cpt", "un-spt"),
    Readers(None, "audit-spt", None, "un-spt"),
    Readers("audit-cpt"),
    Readers(),
]


def test_a_distinguisher_over_lengths_learns_nothing(log, fields_for, largest):
    """Whatever act, values, readers and signatures: one length for leaves, one for views, and four views a leaf."""
    shapes = set()
    for tag in ACTS:
        for fields in (fields_for(tag), largest(tag)):
            for readers in SLOTS:
                index = log.append(tag, fields, readers, (bytes(64),) * (len(tag) % 5))
                stored = log.stored[index]
                shapes.add((len(stored.leaf), tuple(len(view) for view in stored.views)))
    assert shapes == {(73, (1024,) * 4)}


def test_leaves_differ_in_nothing_but_the_minute_and_hashes(log, fields_for):
    """Two entries of the same minute share kind and time and no byte string else, whoever reads them."""
    indexes = [log.append(tag, readers=readers) for tag in ACTS for readers in SLOTS]
    leaves = [log.stored[index].leaf for index in indexes]
    assert {leaf[:9] for leaf in leaves} == {b"\x01" + (1_773_144_000).to_bytes(8, "big")}
    halves = [half for leaf in leaves for half in (leaf[9:41], leaf[41:])]
    assert len(set(halves)) == len(halves)


def test_all_views_have_different_tags_and_bytes(log):
    """Dummies included: no tag and no sixteen bytes at the start of a ciphertext come twice."""
    for tag in ACTS:
        for readers in SLOTS:
            log.append(tag, readers=readers)
    views = [view for stored in log.stored for view in stored.views]
    assert len({view[:16] for view in views}) == len({view[16:32] for view in views}) == len(views)


@pytest.mark.parametrize("tag", ACTS)
def test_no_planted_word_stands_outside_sealed_views(tag, log, fields_for):
    """Neither names nor ids of the act are found in leaves and views; and not even the body's, in the part that says who
    acted. (The seals of a chain list the bodies that read, all of them, whoever acts.)"""
    fields = fields_for(tag)
    index = log.append(tag, fields)
    blob = log.stored[index].leaf + b"".join(log.stored[index].views)
    planted = [tag, *(value for value in fields.values() if isinstance(value, str) and len(value) > 3)]
    assert not [word for word in planted if word.encode() in blob]


def test_seals_do_not_depend_on_who_acts(log):
    """All bodies are sealed to at once: a chain's record is as long for a log with one active body as with all."""
    log.append(readers=SLOTS[0])
    log.new_chains()
    log.append(readers=SLOTS[1])
    first, second = log.stored[0].chain, log.stored[2].chain
    assert [seal.body for seal in first.seals] == [seal.body for seal in second.seals]
    assert len(build_bundle(0, log.stored[:2])) == len(build_bundle(0, log.stored[2:]))
