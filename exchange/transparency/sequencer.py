"""From committed leaves to a signed head, and to the files of a log.

The commit point is the database's (`store`). What this module adds is memory outside the database: the last signed
checkpoint, in a private directory. Nothing is signed that does not extend it, so a database that was restored, edited or
swapped stops the log instead of forking it.

`sign_head` signs the present head for an answer; `publish` also writes tiles and then the public checkpoint. Both may be
called at any time by any number of threads and processes of one machine, and after a crash the next call completes what
the last one began: signed checkpoint first, then tiles, the public checkpoint last.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exchange.transparency.errors import HeadMovedError, LogRangeError, LogStopped, ProofError, TransparencyError
from exchange.transparency.files import DurableDirectory, Files
from exchange.transparency.log_keys import LogKeys, SignedHead
from exchange.transparency.merkle import EMPTY_ROOT, TreeHead, root_at
from exchange.transparency.paths import consistency_proof, verify_consistency
from exchange.transparency.publisher import check_edges, write_tiles
from exchange.transparency.store import LogStore
from exchange.transparency.tiles import entry_bundles, hash_tiles

CHECKPOINT: Final = "checkpoint"
SIGNED: Final = "signed"


@dataclass(frozen=True)
class LogFiles:
    """Where a log's files go.

    `public`: checkpoint and hash tiles. `private`: the last signed checkpoint and the lock, never in the database's
    backups. `entries`: entry bundles; the same as `public`, another directory, or None for nowhere.
    """

    public: Files
    private: Files
    entries: Files | None

    @classmethod
    def at(cls, public: Path, private: Path, entries: Path | None) -> "LogFiles":
        """Return durable directories at these paths; bundles outside `public` are for their owner alone."""
        shared = DurableDirectory(public)
        if entries == public:
            return cls(shared, DurableDirectory(private, secret=True), shared)
        bundles = DurableDirectory(entries, secret=True) if entries is not None else None
        return cls(shared, DurableDirectory(private, secret=True), bundles)


@dataclass(frozen=True)
class Published:
    """What stands in public after `publish`: the signed checkpoint, its head, and whether this call changed it."""

    note: bytes
    head: TreeHead
    changed: bool


def create_log(files: LogFiles, keys: LogKeys, now: int) -> bytes:
    """Sign and publish the empty tree, once, when a log is founded; the same checkpoint again if that was done.

    Raises LogStopped when there is a public checkpoint but no memory of having signed, or memory of other keys.
    """
    with files.private.lock():
        if files.private.read(SIGNED) is None:
            if files.public.read(CHECKPOINT) is not None:
                raise LogStopped("a public checkpoint, but no memory of what was signed")
            files.private.write(SIGNED, keys.sign_checkpoint(0, EMPTY_ROOT, now))
        note, _last = _last_signed(files, keys)
        if files.public.read(CHECKPOINT) is None:
            files.public.write(CHECKPOINT, note)
        return note


def sign_head(store: LogStore, files: LogFiles, keys: LogKeys, now: int, *, size: int | None = None) -> bytes:
    """Return the signed checkpoint of the committed head, or of `size`, which is durable memory before it is returned.

    `now`: seconds since 1970; never signed earlier than the time signed last. An unchanged head gives the same bytes.
    Raises LogStopped; HeadMovedError for a size below the one signed last; LogRangeError for one that is not committed.
    """
    with files.private.lock():
        note, _head = _sign(store, files, keys, now, size)
        return note


def publish(
    store: LogStore, files: LogFiles, keys: LogKeys, now: int, *, size: int | None = None, repair: bool = False
) -> Published:
    """Bring the public files to the committed head, or to `size`; idempotent.

    `repair` writes every file anew where its bytes differ from what the log says. Raises what `sign_head` raises, and
    OSError when a file cannot be written: nothing is then promised that is not there, and the next call completes it.
    """
    with files.private.lock():
        # 1. Sign, and remember: from here on no other history can be signed.
        note, head = _sign(store, files, keys, now, size)
        published = _published(files, keys)
        if published is not None and published.checkpoint.head == head and not repair:
            return Published(note, head, changed=False)
        # A head that was signed for an answer before is signed again: the time in public is that of its publication.
        note = _dated(files, keys, note, now)
        start = 0 if published is None or repair else published.checkpoint.size
        # 2. The files that the new size needs, each checked against the root just signed.
        check_edges(store, head)
        write_tiles(store, files.public, files.entries, start, head.size, skip_same=repair)
        # 3. The checkpoint, which promises them.
        files.public.write(CHECKPOINT, note)
        # 4. Partial tiles that became full are no longer needed by anyone who can fetch the full ones.
        _prune(files, start, head.size)
        return Published(note, head, changed=published is None or published.checkpoint.head != head)


def _sign(store: LogStore, files: LogFiles, keys: LogKeys, now: int, size: int | None) -> tuple[bytes, TreeHead]:
    note, last = _last_signed(files, keys)
    old = last.checkpoint.head
    # 1. The database still holds at least what was signed.
    committed = store.head()
    if committed.size < old.size:
        raise LogStopped(f"the database holds {committed.size} leaves, and {old.size} were signed")
    # 2. The size to sign is committed, and not below the one signed last.
    wanted = committed.size if size is None else size
    if wanted > committed.size:
        raise LogRangeError(f"size {wanted} is not committed yet")
    if wanted < old.size:
        raise HeadMovedError(f"size {old.size} was signed before size {wanted}")
    # 3. The tree of that size extends the one signed last, as any reader would have it proven.
    new = _extended(store, committed, old, wanted)
    if new == old:
        return note, old
    # 4. The signature leaves only after it is remembered.
    note = keys.sign_checkpoint(new.size, new.root, max(now, last.time))
    files.private.write(SIGNED, note)
    return note, new


def _dated(files: LogFiles, keys: LogKeys, note: bytes, now: int) -> bytes:
    signed = keys.public.verify(note)
    if signed.time >= now:
        return note
    later = keys.sign_checkpoint(signed.checkpoint.size, signed.checkpoint.root, now)
    files.private.write(SIGNED, later)
    return later


def _extended(store: LogStore, committed: TreeHead, old: TreeHead, size: int) -> TreeHead:
    try:
        new = TreeHead(size, root_at(store, size))
        if root_at(store, committed.size) != committed.root:
            raise LogStopped(f"the head kept for size {committed.size} is not what its nodes give")
        if old.size:
            proof = consistency_proof(store, old.size, new.size)
            verify_consistency(old.size, old.root, new.size, new.root, proof)
    except ProofError as error:
        raise LogStopped(f"the database does not extend the tree of size {old.size} that was signed") from error
    except LogRangeError as error:
        raise LogStopped("the database lacks nodes of the tree it says it holds") from error
    return new


def _last_signed(files: LogFiles, keys: LogKeys) -> tuple[bytes, SignedHead]:
    note = files.private.read(SIGNED)
    if note is None:
        raise LogStopped("no memory of what was signed")
    try:
        last = keys.public.verify(note)
    except TransparencyError as error:
        raise LogStopped("the memory of what was signed is not signed by this log's keys") from error
    published = _published(files, keys)
    if published is not None and published.checkpoint.size > last.checkpoint.size:
        raise LogStopped("the memory of what was signed is older than the public checkpoint")
    return note, last


def _published(files: LogFiles, keys: LogKeys) -> SignedHead | None:
    """The public checkpoint, None when there is none that reads: it is then written anew from the start."""
    data = files.public.read(CHECKPOINT)
    try:
        return keys.public.verify(data) if data is not None else None
    except TransparencyError:
        return None


def _prune(files: LogFiles, old: int, new: int) -> None:
    for tile in hash_tiles(old, new):
        if tile.full:
            files.public.discard(f"{tile.path}.p")
    for tile in entry_bundles(old, new):
        if tile.full and files.entries is not None:
            files.entries.discard(f"{tile.path}.p")
