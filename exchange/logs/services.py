"""Both logs: appending in the caller's transaction, and everything that is derived from what was committed.

The commit point is the caller's commit, with leaf, nodes and head in it. Signed checkpoints, proofs and files are derived
afterwards, from committed leaves alone, under the signing lock; `recover` does at the start of a process what `publish`
does in normal work. A log whose database does not extend what it signed is stopped: it takes no leaf and signs nothing.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from weakref import WeakSet

from exchange.db import Database, UnitOfWork, UnitOfWorkError
from exchange.ledger.leaf import LEAF_BYTES
from exchange.logs.errors import LeafFormError, NotPublishedError, UnpaddedError
from exchange.logs.faults import Faults
from exchange.logs.places import AUDIT, DIRECTORY, LOGS, LogPlaces
from exchange.logs.proofs import LogProof, SignedNote
from exchange.logs.tree import CommittedLog, UnitLog
from exchange.transparency import sequencer
from exchange.transparency.errors import LogRangeError, LogStopped, TransparencyError
from exchange.transparency.merkle import TreeHasher, TreeHead, leaf_hash, root_at
from exchange.transparency.proof import ConsistencyProof, InclusionProof
from exchange.web.services import Clock
from keys.encoding import MAX_BYTES

log = logging.getLogger("exchange.logs")

# Sizes at which the audit log may be seen in public: single acts must not be countable.
MULTIPLE: Final = 16
RUNNING: Final = "running"
STOPPED: Final = "stopped"
# Under which a unit of work remembers the heads it has seen or moved.
_HEAD: Final = "exchange.logs.head"


class Logs:
    """The logs "directory" and "audit" of this instance."""

    def __init__(self, database: Database, places: LogPlaces, clock: Clock, faults: Faults) -> None:
        self._database = database
        self._places = places
        self._clock = clock
        self._faults = faults
        self._stopped: dict[str, str] = {}
        self._checked: set[tuple[int, str]] = set()
        self._to_publish: WeakSet[UnitOfWork] = WeakSet()
        # The peaks that belong to a head, of the last append of each log: a head names its tree, so they cannot be wrong.
        self._peaks: dict[str, tuple[TreeHead, tuple[bytes, ...]]] = {}

    def append(self, uow: UnitOfWork, name: str, leaf: bytes) -> int:
        """Append one leaf; `append_many` of one."""
        return self.append_many(uow, name, [leaf]).start

    def append_many(self, uow: UnitOfWork, name: str, leaves: Sequence[bytes]) -> range:
        """Append leaves in the caller's writing unit and return their indices; they stand once that unit has committed.

        The directory log is published when the unit has ended; the audit log by the audit room's publisher alone.
        Raises LeafFormError, UnitOfWorkError for a reading unit, LogStopped for a log that takes no more leaves.
        """
        if not uow.write:
            raise UnitOfWorkError("a leaf was to be appended in a reading unit of work")
        for leaf in leaves:
            if len(leaf) > MAX_BYTES or (name == AUDIT and len(leaf) != LEAF_BYTES):
                raise LeafFormError(f"a leaf of {len(leaf)} bytes")
        self._check_once(name)
        tree, size = self._tree(uow, name), self.head(uow, name).size
        if not leaves:
            return range(size, size)
        self._faults.at("logs.append.before-leaf")
        tree.put_leaves(size, leaves)
        self._faults.at("logs.append.before-nodes")
        nodes: list[tuple[int, int, bytes]] = []
        hasher = self._hasher(tree, name, self.head(uow, name), nodes)
        for leaf in leaves:
            hasher.add(leaf_hash(leaf))
        tree.put_nodes(nodes)
        self._faults.at("logs.append.before-head")
        tree.put_head(hasher.head())
        self._faults.at("logs.append.after-head")
        self._remember(uow, name, hasher)
        return range(size, size + len(leaves))

    def _hasher(
        self, tree: UnitLog, name: str, head: TreeHead, nodes: list[tuple[int, int, bytes]]
    ) -> TreeHasher:
        """Return a hasher that goes on from `head` and adds each new complete node to `nodes`."""

        def sink(level: int, index: int, node: bytes) -> None:
            nodes.append((level, index, node))

        kept = self._peaks.get(name)
        if kept is not None and kept[0] == head:
            return TreeHasher(head.size, kept[1], sink)
        return TreeHasher.resume(tree, head.size, sink)

    def _remember(self, uow: UnitOfWork, name: str, hasher: TreeHasher) -> None:
        head = hasher.head()
        self._peaks[name] = (head, hasher.peaks)
        uow.session.info[_HEAD, name] = head
        if name == DIRECTORY and uow not in self._to_publish:
            self._to_publish.add(uow)
            uow.afterwards(self.publish_directory)

    def head(self, uow: UnitOfWork, name: str) -> TreeHead:
        """Return size and root as this unit sees them: asked of the database once, for nobody else moves them in it."""
        kept: TreeHead | None = uow.session.info.get((_HEAD, name))
        if kept is None:
            kept = uow.session.info[_HEAD, name] = self._tree(uow, name).head()
        return kept

    def root_at(self, uow: UnitOfWork, name: str, size: int) -> bytes:
        """Return the root the log had at `size`, from stored nodes; LogRangeError beyond what this unit sees."""
        tree = self._tree(uow, name)
        if size > self.head(uow, name).size:
            raise LogRangeError(f"log '{name}' does not have {size} leaves")
        return root_at(tree, size)

    def leaves(self, uow: UnitOfWork, name: str, start: int, stop: int) -> list[bytes]:
        """Return leaves start to stop - 1; LogRangeError unless all are there."""
        return list(self._tree(uow, name).entries(start, stop))

    def inclusion(self, uow: UnitOfWork, name: str, index: int, size: int) -> InclusionProof:
        """Prove leaf `index` in the tree of `size`, from stored nodes; LogRangeError unless 0 <= index < size."""
        return InclusionProof.make(self._tree(uow, name), index, size)

    def consistency(self, uow: UnitOfWork, name: str, old: int, new: int) -> ConsistencyProof:
        """Prove that the tree of size `new` extends that of size `old`; LogRangeError unless 0 < old <= new."""
        return ConsistencyProof.make(self._tree(uow, name), old, new)

    def signed_checkpoint(self, name: str) -> SignedNote:
        """Sign the committed head, which is remembered outside the database before it is returned.

        Call it after your unit has committed: it never sees what an open unit has written. Raises LogStopped.
        """
        with CommittedLog(self._database, name, self._places.place(name).n) as tree:
            return self._signed(name, tree)

    def published(self, name: str) -> SignedNote | None:
        """Return the checkpoint that stands in public, or None when the file is gone or damaged: `publish` mends that."""
        self._found(name)
        data = self._places.place(name).files.public.read(sequencer.CHECKPOINT)
        try:
            return None if data is None else self._note(name, data)
        except TransparencyError:
            return None

    def public_checkpoint(self, name: str) -> SignedNote:
        """Return the checkpoint that stands in public; NotPublishedError where `published` has none."""
        signed = self.published(name)
        if signed is None:
            raise NotPublishedError(f"log '{name}' has no public checkpoint")
        return signed

    def prove(self, name: str, index: int | None, since: int = 0) -> LogProof:
        """Return a checkpoint that covers leaf `index` and size `since`, and the proofs for it, from one snapshot.

        The public checkpoint where it covers both, else the committed head, signed for this answer. Raises LogRangeError
        when the log does not reach that far: the asker has seen more than this log holds; LogStopped.
        """
        needed = max(since, 0 if index is None else index + 1)
        with CommittedLog(self._database, name, self._places.place(name).n) as tree:
            signed = self.public_checkpoint(name)
            if signed.size < needed:
                signed = self._signed(name, tree)
            inclusion = None if index is None else InclusionProof.make(tree, index, signed.size)
            consistency = ConsistencyProof.make(tree, since, signed.size) if since else None
            return LogProof(signed, inclusion, consistency)

    def prove_all(self, name: str, indices: Sequence[int]) -> tuple[SignedNote, list[InclusionProof]]:
        """Return one checkpoint that covers all these leaves, and the inclusion of each in it; raises as `prove`."""
        signed = self.prove(name, max(indices, default=None)).signed
        with self._database.unit_of_work() as uow:
            return signed, [self.inclusion(uow, name, index, signed.size) for index in indices]

    def publish(self, name: str) -> SignedNote:
        """Bring the files of a log to its committed head, and return what then stands in public.

        Idempotent; after a crash it completes what the last call began. Raises LogStopped, OSError, and UnpaddedError
        for an audit log whose size is no multiple of 16: the audit room pads it while it keeps every writer out.
        """
        self._found(name)
        place = self._places.place(name)
        with CommittedLog(self._database, name, place.n) as tree, self._stopping(name):
            size = tree.head().size
            if name == AUDIT and size % MULTIPLE:
                raise UnpaddedError(f"the audit log of size {size} is not padded to a multiple of {MULTIPLE}")
            note = sequencer.publish(tree, place.files, place.keys, self._seconds(), size=self._size(name, size)).note
        return self._note(name, note)

    def recover(self) -> None:
        """At the start of a process: check both logs, complete what was interrupted of the directory's, write the policies.

        A log that must not go on is stopped, and stays readable; the audit log's files are the audit room's to complete.
        """
        for name in LOGS:
            try:
                self._check_once(name)
                if name == DIRECTORY:
                    self.publish(name)
            except LogStopped as error:
                log.error("the log %s is stopped: %s", name, error)
        if any(name in self._stopped for name in LOGS):
            return  # perhaps these keys are not this exchange's: the policies that stand are another's to replace
        with self._places.shared.lock():
            for file, text in self._places.policies.items():
                if self._places.shared.read(file) != text:
                    self._places.shared.write(file, text)

    def publish_directory(self) -> None:
        """Publish the directory log if it runs and its files are behind, as they are after a publication that failed."""
        if self.state(DIRECTORY) == STOPPED:
            return
        with self._database.unit_of_work() as uow:
            size = self.head(uow, DIRECTORY).size
        signed = self.published(DIRECTORY)
        if signed is None or signed.size != size:
            self.publish(DIRECTORY)

    def policy(self) -> tuple[str, str]:
        """Return the texts of `logs/policy` and `logs/policy-ed25519`."""
        full, plain = self._places.policies.values()
        return full.decode("utf-8"), plain.decode("utf-8")

    def state(self, name: str) -> str:
        """Return "running", or "stopped" since this process found that the log must not go on."""
        return STOPPED if name in self._stopped else RUNNING

    def public_file(self, name: str, path: str) -> bytes | None:
        """Return a published file of a log by its path, or None; the caller has checked the path's form."""
        return self._places.place(name).files.public.read(path)

    def _tree(self, uow: UnitOfWork, name: str) -> UnitLog:
        return UnitLog(uow.session, name, self._places.place(name).n)

    def _signed(self, name: str, tree: CommittedLog) -> SignedNote:
        self._found(name)
        place = self._places.place(name)
        with self._stopping(name):
            note = sequencer.sign_head(tree, place.files, place.keys, self._seconds())
        return self._note(name, note)

    def _check_once(self, name: str) -> None:
        """Before a process appends its first leaf: does the database extend what this log has signed?"""
        if name in self._stopped:
            raise LogStopped(self._stopped[name])
        mark = (os.getpid(), name)
        if mark not in self._checked:
            self.signed_checkpoint(name)
            self._checked.add(mark)

    def _found(self, name: str) -> None:
        """Sign and publish the empty tree of a log that has no leaf yet, or complete that."""
        place = self._places.place(name)
        remembered = place.files.private.read(sequencer.SIGNED) is not None
        if remembered and place.files.public.read(sequencer.CHECKPOINT) is not None:
            return
        with CommittedLog(self._database, name, place.n) as tree, self._stopping(name):
            if not tree.head().size:
                sequencer.create_log(place.files, place.keys, self._seconds())
            elif not remembered:
                raise LogStopped("no memory of what was signed, and a log with leaves")

    def _size(self, name: str, size: int) -> int | None:
        # Whoever publishes the audit log keeps writers out, so the size just checked is the head's; the directory log
        # may have grown, and its newest head is what is wanted.
        return size if name == AUDIT else None

    @contextmanager
    def _stopping(self, name: str) -> Iterator[None]:
        """Refuse a log that is stopped, and stop it when what happens inside says so: for the rest of this process."""
        if name in self._stopped:
            raise LogStopped(self._stopped[name])
        try:
            yield
        except LogStopped as error:
            self._stopped[name] = str(error)
            raise

    def _note(self, name: str, note: bytes) -> SignedNote:
        head = self._places.place(name).keys.public.verify(note)
        return SignedNote(note, head.checkpoint.size, head.time)

    def _seconds(self) -> int:
        return int(self._clock.now().timestamp())

