"""Trees of any shape: proofs verify for what they prove and nothing else, tiles give what nodes give, policies add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.transparency.errors import ProofError
from exchange.transparency.merkle import TreeHasher, leaf_hash, peaks_of, root_at, subtree_hash
from exchange.transparency.paths import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from exchange.transparency.policy import Witness, make_policy
from exchange.transparency.store import MemoryLog
from exchange.transparency.tile_reader import TileReader
from exchange.transparency.tiles import edge_tiles, entry_bundles, hash_tiles, root_of_edges
from exchange.transparency.vkey import KeyType
from tests.unit.transparency import slow_tree
from tests.unit.transparency.log_maker import AUDIT, Verifier

MOST = 1200
ENTRIES = slow_tree.entries(MOST)
LOG = MemoryLog(ENTRIES)
sizes = st.integers(1, MOST)


@given(sizes, st.data())
def test_inclusion(size: int, data: st.DataObject) -> None:
    """A proof made for a leaf verifies, and for no other leaf, root or altered path."""
    index = data.draw(st.integers(0, size - 1))
    root, leaf, proof = root_at(LOG, size), leaf_hash(ENTRIES[index]), inclusion_proof(LOG, index, size)
    assert proof == slow_tree.path(index, ENTRIES[:size])
    verify_inclusion(leaf, index, size, proof, root)
    wrong = data.draw(st.integers(0, size + 3))
    if wrong != index:
        with pytest.raises(ProofError):
            verify_inclusion(leaf, wrong, size, proof, root)
    for altered in altered_proofs(proof, data):
        with pytest.raises(ProofError):
            verify_inclusion(leaf, index, size, altered, root)


@given(sizes, st.data())
def test_consistency(new: int, data: st.DataObject) -> None:
    """A proof between two sizes verifies, and for no other root or altered path."""
    old = data.draw(st.integers(1, new))
    roots, proof = (root_at(LOG, old), root_at(LOG, new)), consistency_proof(LOG, old, new)
    verify_consistency(old, roots[0], new, roots[1], proof)
    for pair in [(roots[0], bytes(32)), (bytes(32), roots[1])]:
        with pytest.raises(ProofError):
            verify_consistency(old, pair[0], new, pair[1], proof)
    for altered in altered_proofs(proof, data):
        with pytest.raises(ProofError):
            verify_consistency(old, roots[0], new, roots[1], altered)


def altered_proofs(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    at = data.draw(st.integers(0, len(proof)))
    noise = data.draw(st.binary(min_size=32, max_size=32))
    altered = [[*proof[:at], noise, *proof[at:]]]
    if at < len(proof):
        altered += [
            proof[:at] + proof[at + 1 :],
            [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]],
        ]
    return altered


@given(st.integers(0, MOST), st.integers(0, MOST))
def test_a_resumed_hasher_is_the_same_hasher(first: int, second: int) -> None:
    """Continuing from stored peaks gives the roots of going through in one."""
    first, second = sorted((first, second))
    hasher = TreeHasher.resume(LOG, first)
    for entry in ENTRIES[first:second]:
        hasher.add(leaf_hash(entry))
    assert hasher.head() == (second, root_at(LOG, second))
    assert hasher.peaks == tuple(LOG.get(level, index) for level, index in peaks_of(0, second))


@given(st.integers(0, 10), st.integers(0, MOST), st.integers(0, MOST))
def test_subtrees_are_those_of_the_slow_twin(level: int, number: int, width: int) -> None:
    """Any subtree that RFC 6962 can ask for, complete or not."""
    start = (number % ((MOST >> level) + 1)) << level
    stop = start + min(width % (2 << level), (1 << level), MOST - start)
    if stop > start:
        assert subtree_hash(LOG, start, stop) == slow_tree.mth(ENTRIES[start:stop])


@given(st.lists(st.integers(0, MOST), min_size=1, max_size=6).map(sorted))
def test_tiles_written_along_any_route_give_every_root(route: list[int]) -> None:
    """Publishing at any sizes leaves the files of the last one, and they give the root of every smaller size."""
    files: dict[str, bytes] = {}
    bundles: set[str] = set()
    for old, new in zip([0, *route], route, strict=False):
        for tile in hash_tiles(old, new):
            files[tile.path] = b"".join(LOG.hashes(tile.node_level, tile.start, tile.start + tile.width))
        bundles |= {tile.path for tile in entry_bundles(old, new)}
    last = route[-1]
    assert {tile.path for tile in hash_tiles(0, last)} <= set(files)
    assert {tile.path for tile in entry_bundles(0, last)} <= bundles
    reader = TileReader(files.get, last)
    assert root_at(reader, last // 2) == root_at(LOG, last // 2)
    edges = [LOG.hashes(tile.node_level, tile.start, tile.start + tile.width) for tile in edge_tiles(last)]
    assert root_of_edges(edges) == root_at(LOG, last)


VERIFIERS = [Witness(f"w{i}", Verifier(f"w{i}.example", KeyType.COSIGNATURE_ED25519, i + 60).vkey) for i in range(5)]


@given(
    st.integers(1, 5), st.dictionaries(st.sampled_from([w.name for w in VERIFIERS]), st.integers(1, 99)), st.booleans()
)
def test_a_quorum_is_met_when_enough_have_cosigned(wanted: int, times: dict[str, int], own: bool) -> None:
    """k of n verifiers and the log itself, at the time the last of the first k did."""
    policy = make_policy([AUDIT.public], VERIFIERS, wanted)
    assert not policy.own_keys_suffice()
    met = policy.quorum_time({**times, **({"audit-1": 50} if own else {})})
    if own and len(times) >= wanted:
        assert met == max(50, sorted(times.values())[wanted - 1])
    else:
        assert met is None
