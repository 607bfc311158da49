"""Chains of view keys: what both sides derive, when new ones are due, and what happens when a transaction fails."""

import os

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from exchange.ledger.chain import ChainRecord, ChainSeal, ReadingBody, chain_info, key_of, next_of, tag_of
from exchange.ledger.chain_writer import Chains
from exchange.ledger.errors import ChainStateError, NoChainError
from exchange.ledger.leaf import ChainLeaf, parse_leaf

SECRET, COM = bytes(range(32)), bytes(range(100, 132))


def test_derivations_are_hkdf_expand():
    """Tag, key and next secret are those of another implementation of RFC 5869."""

    def expand(info, size):
        return HKDFExpand(SHA256(), size, info).derive(SECRET)

    assert tag_of(SECRET) == expand(b"tag", 16)
    assert key_of(SECRET, COM) == expand(b"view" + COM, 32)
    assert next_of(SECRET) == expand(b"next", 32)


def test_every_body_can_open_its_seal_and_nobody_elses(log, key_of_body):
    """c_0 is sealed to each body under an info that names body, epoch, process and day."""
    chains = Chains.draw(log.bodies(), log.now)
    record = chains.record
    assert [seal.body for seal in record.seals] == sorted(log.epochs)
    secrets = set()
    for seal in record.seals:
        info = chain_info(seal.body, seal.epoch, record.process, record.day)
        secrets.add(key_of_body(seal.body).open(seal.sealed, info))
    assert len(secrets) == 4 and {len(secret) for secret in secrets} == {32}
    assert record.day == 20522 == int(log.now.timestamp()) // 86400
    leaf = parse_leaf(chains.leaf)
    assert isinstance(leaf, ChainLeaf) and leaf.seals == record.seals_hash and leaf.time == 1_773_144_000


def test_chains_without_bodies_stand_too(log):
    """Before the first epoch there is nobody to seal to, and the leaf still stands."""
    log.epochs = {}
    assert log.new_chains().record.seals == ()


def test_nothing_is_given_before_the_leaf_stands(log):
    """The seals are durable before their first use, or a reader could never find its views."""
    chains = Chains.draw(log.bodies(), log.now)
    with pytest.raises(ChainStateError):
        chains.begin()
    chains.stand()
    assert chains.begin().next_view_secret("un-spt").tag


def test_a_rolled_back_transaction_leaves_no_gap(log):
    """The same secrets are drawn again; with another `com` they give another key, so no key seals twice."""
    chains = log.new_chains()
    turn = chains.begin()
    first = [turn.next_view_secret("un-spt") for _ in range(3)]
    turn.rolled_back()
    turn = chains.begin()
    again = [turn.next_view_secret("un-spt") for _ in range(3)]
    assert [s.tag for s in first] == [s.tag for s in again]
    assert first[0].key(COM) != again[0].key(bytes(32))
    turn.committed()
    turn = chains.begin()
    assert turn.next_view_secret("un-spt").tag not in {s.tag for s in first}


def test_tags_never_repeat(log):
    """Over thousands of views of several bodies and chains, no tag comes twice."""
    tags = set()
    for _ in range(3):
        chains = log.new_chains()
        for _ in range(200):
            with chains.begin() as turn:
                for body in log.epochs:
                    tags.add(turn.next_view_secret(body).tag)
                turn.committed()
        log.later(days=1)
    assert len(tags) == 3 * 200 * 4


def test_a_committed_secret_is_forgotten(log):
    """After the commit the old c_i is nowhere in the writer; going back is impossible."""
    chains = log.new_chains()
    turn = chains.begin()
    secret = turn.next_view_secret("un-spt")._secret
    turn.committed()
    assert secret not in chains._heads.values() and secret not in turn._heads.values()


def test_an_outcome_nobody_knows_ends_the_chains(log):
    """A commit that may or may not have happened: no secret is drawn again, new chains are due."""
    chains = log.new_chains()
    turn = chains.begin()
    turn.next_view_secret("un-spt")
    turn.lost()
    assert chains.due(log.now, log.bodies()) == "outcome_unknown"
    with pytest.raises(ChainStateError):
        chains.begin()
    assert chains._heads == {}


def test_a_turn_left_open_counts_as_lost(log):
    """An exception between drawing and commit ends the chains, unless someone says it was rolled back."""
    chains = log.new_chains()
    with pytest.raises(RuntimeError), chains.begin() as turn:
        turn.next_view_secret("un-spt")
        raise RuntimeError
    assert chains.due(log.now, log.bodies()) == "outcome_unknown"


def test_turns_do_not_overlap_and_end_once(log):
    """Two transactions at a time, a secret after the end, or two ends are errors."""
    chains = log.new_chains()
    turn = chains.begin()
    with pytest.raises(ChainStateError):
        chains.begin()
    turn.committed()
    for misuse in (turn.committed, turn.rolled_back, turn.lost, lambda: turn.next_view_secret("un-spt")):
        with pytest.raises(ChainStateError):
            misuse()


def test_a_body_without_a_chain_is_an_error(log):
    """A body that came later needs new chains."""
    with pytest.raises(NoChainError):
        log.new_chains().begin().next_view_secret("npm-xa")


def test_new_chains_are_due_at_each_trigger(log):
    """Midnight UTC, a new body, a new epoch; not before."""
    chains = log.new_chains()
    assert chains.due(log.now, log.bodies()) is None
    log.epochs["npm-xa"] = 1
    assert chains.due(log.now, log.bodies()) == "bodies_changed"
    del log.epochs["npm-xa"]
    log.epochs["un-spt"] = 2
    assert chains.due(log.now, log.bodies()) == "bodies_changed"
    log.epochs["un-spt"] = 1
    log.later(hours=11, minutes=59, seconds=29)
    assert chains.due(log.now, log.bodies()) is None
    log.later(seconds=1)
    assert chains.due(log.now, log.bodies()) == "new_day"


def test_a_forked_process_cannot_go_on_with_its_parents_chains(log, monkeypatch):
    """Two processes with the same c_i would use tags twice: after a fork, chains are dead."""
    chains = log.new_chains()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert chains.due(log.now, log.bodies()) == "new_process"
    with pytest.raises(ChainStateError):
        chains.begin()


@pytest.mark.parametrize(
    "make",
    [
        lambda: ReadingBody("UN-SPT", 1, bytes(1216)),
        lambda: ReadingBody("un-spt", 0, bytes(1216)),
        lambda: ChainRecord(bytes(15), 1, ()),
        lambda: ChainRecord(bytes(16), -1, ()),
        lambda: ChainRecord(bytes(16), 1, (ChainSeal("un-spt", 1, bytes(1167)),)),
        lambda: ChainRecord(bytes(16), 1, (ChainSeal("un-spt", 0, bytes(1168)),)),
        lambda: ChainRecord(bytes(16), 1, (ChainSeal("UN SPT", 1, bytes(1168)),)),
        lambda: ChainRecord(bytes(16), 1, (ChainSeal("un-spt", 1, bytes(1168)), ChainSeal("coe-cpt", 1, bytes(1168)))),
        lambda: ChainRecord(bytes(16), 1, (ChainSeal("un-spt", 1, bytes(1168)),) * 2),
    ],
    ids=["reader", "reader's epoch", "process", "day", "seal", "epoch", "body", "order", "twice"],
)
def test_a_malformed_record_is_refused(make):
    """Each part of a chain's record has one form."""
    with pytest.raises(ChainStateError):
        make()
