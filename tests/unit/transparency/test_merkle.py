"""The tree, its proofs and their verification agree with the slow twin, and refuse what is off by one bit or one hash."""

import pytest

from exchange.transparency.errors import LogFormatError, LogRangeError, ProofError
from exchange.transparency.merkle import EMPTY_ROOT, TreeHasher, append, leaf_hash, node_hash, root_at, root_of
from exchange.transparency.paths import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from exchange.transparency.store import MemoryLog, MemoryNodes
from keys.merkle_head import tree_head
from tests.unit.transparency import slow_tree

SIZES = 40


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    return MemoryLog(slow_tree.entries(SIZES))


def test_roots_are_those_of_rfc_6962(log: MemoryLog) -> None:
    """Root by streaming, root from stored nodes and root of the slow twin are the same at every size."""
    entries = slow_tree.entries(SIZES)
    hasher = TreeHasher()
    for size in range(SIZES + 1):
        expected = slow_tree.mth(entries[:size])
        assert hasher.root() == root_at(log, size) == root_of(map(leaf_hash, entries[:size])) == expected
        assert hasher.head() == (size, expected)
        if size < SIZES:
            hasher.add(leaf_hash(entries[size]))


def test_known_hashes() -> None:
    """The empty tree, the empty leaf and a node have the hashes that RFC 6962 implementations print."""
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


def test_every_inclusion_proof(log: MemoryLog) -> None:
    """For every leaf of every size, the proof is the slow twin's and verifies."""
    entries = slow_tree.entries(SIZES)
    for size in range(1, SIZES + 1):
        root = root_at(log, size)
        for index in range(size):
            proof = inclusion_proof(log, index, size)
            assert proof == slow_tree.path(index, entries[:size])
            verify_inclusion(leaf_hash(entries[index]), index, size, proof, root)


def test_every_consistency_proof(log: MemoryLog) -> None:
    """For every pair of sizes, the proof is the slow twin's and verifies."""
    entries = slow_tree.entries(SIZES)
    for new in range(1, SIZES + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(log, old, new)
            assert proof == slow_tree.proof(old, entries[:new])
            verify_consistency(old, root_at(log, old), new, root_at(log, new), proof)


def test_damaged_proofs_are_refused(log: MemoryLog) -> None:
    """A hash changed, added or dropped anywhere, another index or size, another root: each is a ProofError."""
    leaf, root = log.get(0, 21), root_at(log, 37)
    proof = inclusion_proof(log, 21, 37)
    for damaged in damages(proof):
        with pytest.raises(ProofError):
            verify_inclusion(leaf, 21, 37, damaged, root)
    for index, size in [(20, 37), (22, 37), (37, 37), (21, 65), (21, 32), (21, 21), (-1, 37)]:
        with pytest.raises(ProofError):
            verify_inclusion(leaf, index, size, proof, root)
    steps = consistency_proof(log, 21, 37)
    for damaged in damages(steps):
        with pytest.raises(ProofError):
            verify_consistency(21, root_at(log, 21), 37, root, damaged)
    for old, new in [(20, 37), (22, 37), (21, 32), (37, 21), (0, 37), (21, 21)]:
        with pytest.raises(ProofError):
            verify_consistency(old, root_at(log, 21), new, root, steps)


def damages(proof: list[bytes]) -> list[list[bytes]]:
    flipped = [[*proof[:i], bytes([proof[i][0] ^ 1]) + proof[i][1:], *proof[i + 1 :]] for i in range(len(proof))]
    dropped = [proof[:i] + proof[i + 1 :] for i in range(len(proof))]
    added = [[*proof[:i], bytes(32), *proof[i:]] for i in range(len(proof) + 1)]
    return [*flipped, *dropped, *added, [proof[0][:31], *proof[1:]], []]


def test_appending_continues_from_stored_nodes(log: MemoryLog) -> None:
    """Appending in any batches gives the nodes and the head of appending at once."""
    entries = slow_tree.entries(SIZES)
    for batch in (1, 3, 7, SIZES):
        store = MemoryNodes()
        size = 0
        for start in range(0, SIZES, batch):
            head = append(store, size, map(leaf_hash, entries[start : start + batch]))
            size = head.size
        assert head == log.head()
        assert store._nodes == log._nodes


def test_appending_costs_two_writes_a_leaf_and_few_reads() -> None:
    """A batch reads the peaks once; every complete node is written exactly once."""
    reads, writes = [], []

    class Counting(MemoryNodes):
        def get(self, level: int, index: int) -> bytes:
            reads.append((level, index))
            return super().get(level, index)

        def put(self, level: int, index: int, node: bytes) -> None:
            writes.append((level, index))
            super().put(level, index, node)

    store = Counting()
    append(store, 0, [bytes(32)] * 1000)
    assert reads == []
    append(store, 1000, [bytes(32)] * 24)
    assert len(reads) == (1000).bit_count()
    assert len(writes) == len(set(writes)) == 2 * 1024 - 1


def test_wrong_input_has_typed_errors(log: MemoryLog) -> None:
    """Sizes, indices and hashes that are not there are LogRangeError or LogFormatError, never a ValueError."""
    for call in (
        lambda: inclusion_proof(log, 5, 5),
        lambda: inclusion_proof(log, -1, 5),
        lambda: consistency_proof(log, 0, 5),
        lambda: consistency_proof(log, 6, 5),
        lambda: root_at(log, -1),
        lambda: root_at(log, 2**63),
        lambda: root_at(log, SIZES + 1),
        lambda: TreeHasher(3, [bytes(32)]),
        lambda: log.put(0, 0, bytes(32)),
        lambda: log.entries(0, SIZES + 1),
    ):
        with pytest.raises(LogRangeError):
            call()
    with pytest.raises(LogFormatError):
        TreeHasher().add(bytes(31))
    with pytest.raises(LogRangeError, match="full"):
        TreeHasher(2**63 - 1, [bytes(32)] * 63).add(bytes(32))


def test_the_rooms_agree_on_a_head() -> None:
    """keys.merkle_head, which may import nothing of ours, gives the heads this room gives."""
    entries = slow_tree.entries(SIZES)
    for size in range(SIZES + 1):
        assert tree_head(entries[:size]) == slow_tree.mth(entries[:size])
