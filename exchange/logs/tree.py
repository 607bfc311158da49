"""A log's tables as `exchange.transparency` wants to read and grow them.

`UnitLog` sees what one unit of work sees, uncommitted leaves included: it serves appending. `CommittedLog` sees what is
committed when its `head` is asked, and nothing that is not: only from it may anything be signed.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Final

from sqlalchemy import BindParameter, bindparam, insert, select, tuple_, update
from sqlalchemy.orm import Session

from exchange.db import Database
from exchange.logs.bulk import insert_rows
from exchange.logs.models import LogHead, LogLeaf, LogNode
from exchange.transparency.errors import LogRangeError
from exchange.transparency.merkle import EMPTY_ROOT, TreeHead

# Written once with parameters: building a statement costs more than SQLite takes to run it.
_LOG: Final[BindParameter[str]] = bindparam("of_log")
_N: Final[BindParameter[int]] = bindparam("of_n")
_HEAD: Final = select(LogHead.size, LogHead.root).where(LogHead.log == _LOG, LogHead.n == _N)
_HASHES: Final = (
    select(LogNode.hash)
    .where(LogNode.log == _LOG, LogNode.n == _N, LogNode.level == bindparam("of_level"))
    .where(LogNode.index >= bindparam("start"), LogNode.index < bindparam("stop"))
    .order_by(LogNode.index)
)
_PLACES: Final = select(LogNode.level, LogNode.index, LogNode.hash).where(
    LogNode.log == _LOG,
    LogNode.n == _N,
    tuple_(LogNode.level, LogNode.index).in_(bindparam("places", expanding=True)),
)
_ENTRIES: Final = (
    select(LogLeaf.data)
    .where(LogLeaf.log == _LOG, LogLeaf.n == _N)
    .where(LogLeaf.index >= bindparam("start"), LogLeaf.index < bindparam("stop"))
    .order_by(LogLeaf.index)
)
_MOVE_HEAD: Final = (
    update(LogHead)
    .where(LogHead.log == _LOG, LogHead.n == _N)
    .values(size=bindparam("new_size"), root=bindparam("new_root"))
)
_NEW_HEAD: Final = insert(LogHead)


class UnitLog:
    """Log `log`/`n` inside one session: a LogStore, and a NodeGatherer."""

    def __init__(self, session: Session, log: str, n: int) -> None:
        """Use `session`, which the caller's unit of work owns."""
        self._connection = session.connection()
        self._name = (log, n)
        self._of = {"of_log": log, "of_n": n}

    def head(self) -> TreeHead:
        """Return size and root; of a log without a leaf, the empty tree's."""
        row = self._connection.execute(_HEAD, self._of).one_or_none()
        return TreeHead(0, EMPTY_ROOT) if row is None else TreeHead(*row)

    def get(self, level: int, index: int) -> bytes:
        """Return a complete node; LogRangeError when there is none."""
        return self.hashes(level, index, index + 1)[0]

    def hashes(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        """Return nodes (level, start) to (level, stop - 1); LogRangeError unless all are there."""
        wanted = self._of | {"of_level": level, "start": start, "stop": stop}
        found: Sequence[bytes] = self._connection.scalars(_HASHES, wanted).all()
        if len(found) != stop - start:
            raise LogRangeError(f"no nodes {start} to {stop} on level {level}")
        return found

    def entries(self, start: int, stop: int) -> Sequence[bytes]:
        """Return leaves start to stop - 1; LogRangeError unless all are there."""
        found: Sequence[bytes] = self._connection.scalars(_ENTRIES, self._of | {"start": start, "stop": stop}).all()
        if start < 0 or len(found) != stop - start:
            raise LogRangeError(f"no leaves {start} to {stop}")
        return found

    def gather(self, places: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], bytes]:
        """Return the complete nodes at these (level, index), in one query; LogRangeError unless all are there."""
        rows = self._connection.execute(_PLACES, self._of | {"places": list(places)})
        found = {(level, index): node for level, index, node in rows}
        if len(found) != len(set(places)):
            raise LogRangeError("some nodes of a tree are missing")
        return found

    def put_nodes(self, nodes: Sequence[tuple[int, int, bytes]]) -> None:
        """Keep complete nodes, (level, index, hash), which must be new."""
        insert_rows(self._connection, LogNode, [(*self._name, *node) for node in nodes])

    def put_leaves(self, start: int, leaves: Sequence[bytes]) -> None:
        """Keep leaves from index `start` on, which must be new."""
        insert_rows(self._connection, LogLeaf, [(*self._name, start + i, leaf) for i, leaf in enumerate(leaves)])

    def put_head(self, head: TreeHead) -> None:
        """Make `head` the head."""
        moved = self._connection.execute(_MOVE_HEAD, self._of | {"new_size": head.size, "new_root": head.root})
        if not moved.rowcount:
            log, n = self._name
            self._connection.execute(_NEW_HEAD, {"log": log, "n": n, "size": head.size, "root": head.root})


class CommittedLog:
    """A LogStore over committed leaves alone; a context manager, since it holds a snapshot open.

    Each `head` opens a new snapshot, so that whoever asks while holding the signing lock never sees an older tree than the
    one signed last.
    """

    def __init__(self, database: Database, log: str, n: int) -> None:
        """Open nothing yet."""
        self._database = database
        self._log = log
        self._n = n
        self._stack = ExitStack()
        self._unit: UnitLog | None = None

    def head(self) -> TreeHead:
        """Return the committed size and root, as of now."""
        return self._fresh().head()

    def get(self, level: int, index: int) -> bytes:
        """Return a complete node; LogRangeError when there is none."""
        return self._opened().get(level, index)

    def hashes(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        """Return a run of nodes of one level."""
        return self._opened().hashes(level, start, stop)

    def gather(self, places: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], bytes]:
        """Return complete nodes in one query; LogRangeError unless all are there."""
        return self._opened().gather(places)

    def entries(self, start: int, stop: int) -> Sequence[bytes]:
        """Return a run of leaves."""
        return self._opened().entries(start, stop)

    def _opened(self) -> UnitLog:
        return self._fresh() if self._unit is None else self._unit

    def _fresh(self) -> UnitLog:
        self._stack.close()
        uow = self._stack.enter_context(self._database.unit_of_work())
        self._unit = UnitLog(uow.session, self._log, self._n)
        return self._unit

    def __enter__(self) -> "CommittedLog":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._unit = None
        self._stack.close()
