"""Proofs travel as JSON and as `.tlog-proof` files, one spelling each, and prove what they say under a policy."""

from base64 import b64encode

import pytest

from exchange.transparency.errors import LogFormatError, LogRangeError, ProofError, QuorumError
from exchange.transparency.evaluate import Standing
from exchange.transparency.merkle import TreeHead, leaf_hash, root_at
from exchange.transparency.policy import make_policy
from exchange.transparency.proof import ConsistencyProof, InclusionProof, TlogProof, parse_tlog_proof
from exchange.transparency.store import MemoryLog
from tests.unit.transparency import slow_tree
from tests.unit.transparency.log_maker import NOW, WITNESSED, make_keys

ENTRIES = slow_tree.entries(37)
LOG = MemoryLog(ENTRIES)
KEYS = make_keys()
POLICY = make_policy([KEYS.public])
SIGNED = KEYS.sign_checkpoint(*LOG.head(), NOW)


def a_proof(index: int = 21, extra: bytes | None = None) -> TlogProof:
    return TlogProof(index, InclusionProof.make(LOG, index, 37).hashes, SIGNED, extra)


@pytest.mark.parametrize("extra", [None, b"", b"a"])
def test_a_tlog_proof_proves_its_leaf(extra: bytes | None) -> None:
    """File and back, for every leaf; another leaf, index or hash is refused."""
    for index in range(37):
        proof = parse_tlog_proof(a_proof(index, extra).to_bytes())
        assert proof == a_proof(index, extra)
        assert proof.verify(POLICY, leaf_hash(ENTRIES[index])).standing is Standing.UNWITNESSED
    with pytest.raises(ProofError):
        a_proof().verify(POLICY, leaf_hash(ENTRIES[20]))
    with pytest.raises(ProofError):
        TlogProof(20, a_proof().hashes, SIGNED).verify(POLICY, leaf_hash(ENTRIES[21]))
    with pytest.raises(QuorumError):
        a_proof().verify(WITNESSED, leaf_hash(ENTRIES[21]))


def test_the_text_is_that_of_the_specification() -> None:
    """Header, extra, index, hashes, an empty line, the checkpoint verbatim."""
    lines = [b"c2sp.org/tlog-proof@v1", b"extra YQ==", b"index 21", *map(b64encode, a_proof().hashes), b"", SIGNED]
    assert a_proof(extra=b"a").to_bytes() == b"\n".join(lines)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"),
        (b"index 21", b"index 021"),
        (b"index 21", b"index 37"),
        (b"index 21", b"index -1"),
        (b"index 21", b"Index 21"),
        (b"index 21\n", b""),
        (b"index 21", b"extra YR==\nindex 21"),
        (b"index 21", b"extra\nindex 21"),
        (b"index 21", b"index 21\n"),
        (b"index 21", b"index 21\nAAAA"),
        (b"index 21", "index ２１".encode()),
        (b"\n\n", b"\n\n\n"),
        (b"\n37\n", b"\n21\n"),
    ],
)
def test_other_spellings_are_refused(old: bytes, new: bytes) -> None:
    """Each is a LogFormatError."""
    data = a_proof().to_bytes()
    assert old in data
    with pytest.raises(LogFormatError):
        parse_tlog_proof(data.replace(old, new, 1))


def test_oversized_proofs_are_refused() -> None:
    """Too long a file, too many hashes, too much extra data."""
    with pytest.raises(LogFormatError):
        parse_tlog_proof(b"x" * 2_000_000)
    for proof in (TlogProof(0, (bytes(32),) * 64, SIGNED), a_proof(extra=bytes(70_000)), TlogProof(0, (), b"x")):
        with pytest.raises(LogFormatError):
            proof.to_bytes()


def test_json_proofs() -> None:
    """Objects come back equal and verify; heads of other sizes, or nothing to prove, are refused."""
    inclusion = InclusionProof.from_json(InclusionProof.make(LOG, 5, 30).to_json())
    inclusion.verify(leaf_hash(ENTRIES[5]), root_at(LOG, 30))
    consistency = ConsistencyProof.from_json(ConsistencyProof.make(LOG, 5, 30).to_json())
    old, new = TreeHead(5, root_at(LOG, 5)), TreeHead(30, root_at(LOG, 30))
    consistency.verify(old.root, new.root)
    consistency.verify_heads(old, new)
    for heads in [(new, old), (old, LOG.head()), (old, TreeHead(30, old.root))]:
        with pytest.raises(ProofError):
            consistency.verify_heads(*heads)
    with pytest.raises(LogRangeError):
        ConsistencyProof.make(LOG, 0, 30)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"index": 0, "size": 1},
        {"index": 0, "size": 1, "hashes": "AA"},
        {"index": 0, "size": 1, "hashes": [], "more": 1},
        {"index": True, "size": 1, "hashes": []},
        {"index": 0.0, "size": 1, "hashes": []},
        {"index": 0, "size": 2**53, "hashes": []},
        {"index": -1, "size": 1, "hashes": []},
        {"index": 0, "size": 1, "hashes": ["AA"]},
        {"index": 0, "size": 1, "hashes": [None]},
        {"index": 0, "size": 1, "hashes": [43 * "A"] * 64},
    ],
)
def test_other_json_is_refused(value: object) -> None:
    """Missing and extra fields, other types, numbers out of range, too many hashes: a LogFormatError."""
    for kind in (InclusionProof, ConsistencyProof):
        with pytest.raises(LogFormatError):
            kind.from_json(value)
