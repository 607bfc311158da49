"""A reader written by others, PyPI tlog-scales, reads our logs: signatures of both kinds, tiles, entries, every proof."""

import subprocess
import sys
from pathlib import Path

import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey, VkeySet
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import Checkpoint, ConsistencyProofInvalid, InclusionProof

from exchange.transparency.merkle import root_at
from exchange.transparency.policy import make_policy
from exchange.transparency.proof import ConsistencyProof as OurConsistency
from exchange.transparency.proof import InclusionProof as OurInclusion
from exchange.transparency.proof import TlogProof, parse_tlog_proof
from exchange.transparency.store import MemoryLog
from tests.unit.transparency import slow_tree
from tests.unit.transparency.log_maker import ORIGIN, make_keys, publish_log

KEYS = make_keys()
SIZE = 600
ENTRIES = slow_tree.entries(SIZE)
SAMPLE = [0, 1, 2, 254, 255, 256, 257, 400, 511, 512, 598, 599]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MemoryLog]:
    directory = tmp_path_factory.mktemp("scales") / "log"
    return directory, publish_log(directory, ENTRIES, [1, 255, 256, 257, SIZE], KEYS)


@pytest.fixture
def reader(published: tuple[Path, MemoryLog]) -> TilesReader:
    found = TilesReader(LocalBackend(published[0]))
    found.get_checkpoint()
    return found


def test_it_verifies_both_signatures(published: tuple[Path, MemoryLog]) -> None:
    """Our vkeys are read, and both lines verify under them; not under another log's keys."""
    checkpoint = TilesReader(LocalBackend(published[0])).get_checkpoint()
    assert (checkpoint.origin, checkpoint.size) == (ORIGIN, SIZE)
    ours = [Vkey.from_string(vkey.text) for vkey in (KEYS.public.ed25519, KEYS.public.mldsa44)]
    for vkey in ours:
        checkpoint.verify(vkey)
    assert len(VkeySet(*ours).verify(checkpoint.signatures, checkpoint)) == 2
    assert checkpoint.serialize().encode() == (published[0] / "checkpoint").read_bytes()
    other = make_keys(seed=5).public.mldsa44
    with pytest.raises(RuntimeError):
        checkpoint.verify(Vkey.from_string(other.text))


def test_it_reads_the_root_and_every_entry(reader: TilesReader, published: tuple[Path, MemoryLog]) -> None:
    """The root from our tiles is the signed one, and the bundles hold our entries."""
    assert reader.calculate_root_hash() == published[1].head().root
    assert [reader.get_entry(index) for index in range(SIZE)] == ENTRIES


def test_its_inclusion_proofs_are_ours(reader: TilesReader, published: tuple[Path, MemoryLog]) -> None:
    """What it makes from our tiles is what we make, and each side's checker takes it."""
    store = published[1]
    for size in (257, 512, SIZE):
        for index in (i for i in SAMPLE if i < size):
            theirs, ours = reader.get_inclusion_proof(index, size), OurInclusion.make(store, index, size)
            assert theirs.node_hashes == list(ours.hashes)
            theirs.check(leaf_hash(ENTRIES[index]), root_at(store, size))
            InclusionProof(index, size, list(ours.hashes)).check(leaf_hash(ENTRIES[index]), root_at(store, size))
            ours.verify(leaf_hash(ENTRIES[index]), root_at(store, size))


def test_its_consistency_proofs_are_ours(reader: TilesReader, published: tuple[Path, MemoryLog]) -> None:
    """Also for sizes between, which never had tiles of their own."""
    store = published[1]
    sizes = [size for size in SAMPLE if size] + [SIZE]
    for old in sizes:
        for new in (size for size in sizes if size >= old):
            theirs, ours = reader.get_consistency_proof(old, new), OurConsistency.make(store, old, new)
            assert theirs.node_hashes == list(ours.hashes)
            theirs.check(root_at(store, old), root_at(store, new))
    with pytest.raises(ConsistencyProofInvalid):
        reader.get_consistency_proof(255, SIZE).check(root_at(store, 256), root_at(store, SIZE))


def test_its_command_writes_the_proof_file_we_read(published: tuple[Path, MemoryLog]) -> None:
    """`tlog-tiles gen-proof` over our directory prints, byte for byte, the `.tlog-proof` that we write."""
    directory, store = published
    for index in (0, 300, 599):
        command = [sys.executable, "-m", "tlog_scales.cli", "gen-proof", str(directory), str(index)]
        printed = subprocess.run(command, capture_output=True, check=True).stdout
        ours = TlogProof(
            index, OurInclusion.make(store, index, SIZE).hashes, (directory / "checkpoint").read_bytes()
        ).to_bytes()
        assert printed == ours
        parse_tlog_proof(printed).verify(make_policy([KEYS.public]), leaf_hash(ENTRIES[index]))


def test_it_reads_the_empty_log(tmp_path: Path) -> None:
    """A log just founded has a checkpoint that it verifies."""
    publish_log(tmp_path / "log", [], [0], KEYS)
    checkpoint = Checkpoint.from_text((tmp_path / "log" / "checkpoint").read_text())
    checkpoint.verify(Vkey.from_string(KEYS.public.mldsa44.text))
    assert checkpoint.size == 0
