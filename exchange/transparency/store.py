"""What a log needs from whoever keeps it, and the smallest keeper: a log in memory.

The commit point of a log is the commit that keeps new entries, their nodes and the head at once. Everything served to
others (tiles, checkpoint, proofs) is derived from what is committed, by `sequencer`.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from exchange.transparency.errors import LogRangeError
from exchange.transparency.merkle import EMPTY_ROOT, HashReader, TreeHead, append, leaf_hash


class LogStore(HashReader, Protocol):
    """A committed log. Nothing it has ever returned changes; `head` only grows."""

    def head(self) -> TreeHead:
        """Return the size and root committed now; every entry and node below that size can be read from then on.

        Now: a database snapshot begun before the call may be older than what another process has signed meanwhile, and
        would stop the log without need. The sequencer asks under its lock, so a store begins its snapshot here.
        """
        ...

    def hashes(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        """Return nodes (level, start) to (level, stop - 1); LogRangeError unless all are there. At most 256 are asked."""
        ...

    def entries(self, start: int, stop: int) -> Sequence[bytes]:
        """Return entries start to stop - 1; LogRangeError unless all are there. At most 256 are asked."""
        ...


class MemoryNodes:
    """A NodeStore in memory."""

    def __init__(self) -> None:
        """Start without nodes."""
        self._nodes: dict[tuple[int, int], bytes] = {}

    def get(self, level: int, index: int) -> bytes:
        """Return a node; LogRangeError when there is none."""
        try:
            return self._nodes[level, index]
        except KeyError:
            raise LogRangeError(f"no node {index} on level {level}") from None

    def put(self, level: int, index: int, node: bytes) -> None:
        """Keep a node; LogRangeError when another stands there."""
        if self._nodes.setdefault((level, index), node) != node:
            raise LogRangeError(f"another node {index} on level {level}")


class MemoryLog(MemoryNodes):
    """A LogStore in memory: for tools that hold a whole log, and as the model of one with tables."""

    def __init__(self, entries: Iterable[bytes] = ()) -> None:
        """Start with these entries."""
        super().__init__()
        self._entries: list[bytes] = []
        self._head = TreeHead(0, EMPTY_ROOT)
        self.append(entries)

    def append(self, entries: Iterable[bytes]) -> TreeHead:
        """Append entries and return the new head."""
        new = list(entries)
        self._head = append(self, self._head.size, map(leaf_hash, new))
        self._entries += new
        return self._head

    def head(self) -> TreeHead:
        """Return size and root."""
        return self._head

    def hashes(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        """Return a run of nodes of one level."""
        return [self.get(level, index) for index in range(start, stop)]

    def entries(self, start: int, stop: int) -> Sequence[bytes]:
        """Return a run of entries."""
        if not 0 <= start <= stop <= len(self._entries):
            raise LogRangeError(f"no entries {start} to {stop}")
        return self._entries[start:stop]
