"""The tree head of RFC 6962 and nothing more: for seats roots, and for the root of the directory log during replay.

Proofs, tiles and checkpoints are another room's (`exchange.transparency`); this room may import nothing of ours.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

EMPTY_HEAD: Final = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Return SHA-256(0x00 || leaf) (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right) (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Frontier:
    """A tree of `size` leaves as the heads of its largest full subtrees, the leftmost first; a plain value."""

    size: int = 0
    heads: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "Frontier":
        """Return the tree with one more leaf, given as its bytes."""
        heads = [*self.heads, leaf_hash(leaf)]
        full = self.size
        while full & 1:
            right = heads.pop()
            heads[-1] = node_hash(heads[-1], right)
            full >>= 1
        return Frontier(self.size + 1, tuple(heads))

    @property
    def head(self) -> bytes:
        """The tree's head, 32 bytes; SHA-256 of nothing for the empty tree."""
        if not self.heads:
            return EMPTY_HEAD
        *rest, head = self.heads
        for left in reversed(rest):
            head = node_hash(left, head)
        return head


def tree_head(leaves: Iterable[bytes]) -> bytes:
    """Return the RFC 6962 tree head over these leaves, in this order."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    return frontier.head
