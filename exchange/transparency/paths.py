"""Inclusion and consistency proofs: which hashes they hold, and the check of them.

Proofs are lists of 32-byte hashes as RFC 6962 section 2.1.1 and 2.1.2 order them. Verification follows RFC 9162 sections
2.1.3.2 and 2.1.4.2 step by step; a proof with a hash too many or too few is refused. Nothing is consistent with the empty
tree: a size of 0 proves nothing, and is refused.
"""

from collections.abc import Sequence

from exchange.transparency.errors import LogRangeError, ProofError
from exchange.transparency.merkle import HASH_BYTES, MAX_SIZE, HashReader, node_hash, subtree_hashes


def inclusion_proof(reader: HashReader, index: int, size: int) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of `size`, from the leaf's sibling up.

    Raises LogRangeError unless 0 <= index < size. Reads O(log size) peaks of O(log size) subtrees, at once.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise LogRangeError(f"no leaf {index} in a tree of size {size}")
    return subtree_hashes(reader, inclusion_ranges(index, size))


def consistency_proof(reader: HashReader, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of size `new` extends the tree of size `old`; empty when they are equal.

    Raises LogRangeError unless 0 < old <= new.
    """
    if not 0 < old <= new <= MAX_SIZE:
        raise LogRangeError(f"no consistency proof from size {old} to size {new}")
    return subtree_hashes(reader, consistency_ranges(old, new))


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the subtrees [start, stop) of PATH(index, D[0:size]), RFC 6962 section 2.1.1, from the leaf up."""
    start, stop = 0, size
    ranges = []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """Return the subtrees [start, stop) of PROOF(old, D[0:new]), RFC 6962 section 2.1.2, deepest first."""
    start, stop = 0, new
    ranges = []
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # the old tree itself is known to the verifier; only a part of it has to be named
        ranges.append((start, stop))
    return ranges[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with hash `leaf` stands at `index` of the tree (size, root); ProofError when it does not.

    RFC 9162 section 2.1.3.2.
    """
    # 1. index lies in the tree
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofError(f"no leaf {index} in a tree of size {size}")
    _check_hashes([leaf, *proof])
    # 2., 3. start at the leaf
    fn, sn, r = index, size - 1, leaf
    # 4. climb
    for p in proof:
        if sn == 0:
            raise ProofError("the inclusion proof is too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    # 5. arrived at the root, and at this one
    if sn != 0:
        raise ProofError("the inclusion proof is too short")
    if r != root:
        raise ProofError(f"leaf {index} is not in the tree of size {size} with this root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree (new, new_root) extends the tree (old, old_root); ProofError when that is not proven.

    RFC 9162 section 2.1.4.2, and for equal sizes: equal roots and an empty proof.
    """
    if not 0 < old <= new <= MAX_SIZE:
        raise ProofError(f"nothing proves size {new} consistent with size {old}")
    if old == new:
        if proof or old_root != new_root:
            raise ProofError(f"two different trees of size {new}")
        return
    # 1. something is proven
    if not proof:
        raise ProofError("the consistency proof is empty")
    # 2. a complete old tree is the first node itself
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    _check_hashes(path)
    # 3., 4. start at the lowest node on the border of the old tree that is a right child no longer
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    # 5., 6. climb both trees at once
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise ProofError("the consistency proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    # 7. both roots, and nothing missing
    if sn != 0:
        raise ProofError("the consistency proof is too short")
    if fr != old_root or sr != new_root:
        raise ProofError(f"the tree of size {new} does not extend the tree of size {old}")


def _split(size: int) -> int:
    """The largest power of two below `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError(f"a proof holds a hash that is not {HASH_BYTES} bytes")
