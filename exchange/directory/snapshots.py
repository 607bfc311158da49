"""The directory as a transaction sees it, replayed once and kept in memory until the log moves.

A snapshot is named by size *and* root of the log: what a rolled-back transaction had appended never answers for what
another one appended at the same size.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import func, select

from exchange.db import UnitOfWork
from exchange.directory.errors import NotFoundedError
from exchange.directory.models import DirectoryKey, DirectoryLeaf
from exchange.logs.services import Logs
from keys.replay import LoggedLeaf, PublicOf, replay
from keys.replay_directory import Directory

LOG = "directory"
# The most keys asked for in one query.
_AT_ONCE = 500
# Past directories that one process remembers: whoever explains an earlier instant nearly always asks about it again.
_PAST = 8


def public_of(uow: UnitOfWork) -> PublicOf:
    """Return the look-up of key bytes by key id in this transaction."""

    def find(kid: bytes) -> bytes | None:
        row = uow.session.get(DirectoryKey, kid)
        return None if row is None else row.public

    return find


def publics(uow: UnitOfWork, kids: Collection[bytes] | None = None) -> dict[bytes, bytes]:
    """Return the bytes of these keys, or of all, by key id; a key that is not there is not in it."""
    query = select(DirectoryKey.kid, DirectoryKey.public)
    if kids is None:
        return {kid: public for kid, public in uow.session.execute(query)}
    found: dict[bytes, bytes] = {}
    wanted = sorted(kids)
    for first in range(0, len(wanted), _AT_ONCE):
        chosen = DirectoryKey.kid.in_(wanted[first : first + _AT_ONCE])
        found.update((kid, public) for kid, public in uow.session.execute(query.where(chosen)))
    return found


class Snapshots:
    """Gives `Directory` values; safe to share between threads, since a Directory does not change."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._kept: Directory | None = None
        self._past: dict[int, Directory] = {}

    def current(self, uow: UnitOfWork) -> Directory | None:
        """Return the directory as this transaction sees it; None before the founding."""
        head = self._logs.head(uow, LOG)
        if head.size == 0:
            return None
        kept = self._kept
        for found in (kept, uow.session.info.get(LOG)):
            if isinstance(found, Directory) and (found.size, found.log_root) == (head.size, head.root):
                return found
        # What is kept was committed, and the log only grows: so it is the beginning of what this transaction sees.
        start = kept if kept is not None and kept.size <= head.size else None
        # A whole directory names nearly every key there is.
        find = publics(uow).get if start is None else public_of(uow)
        found = replay(self._leaves(uow, start, head.size), find, uow.now, start=start)
        if uow.write:
            # Some of it may be this unit's own: until that has committed, it is remembered for this unit alone.
            uow.session.info[LOG] = found
            uow.on_commit(self.keeper(found))
        else:
            self.keep(found)
        return found

    def required(self, uow: UnitOfWork) -> Directory:
        """As `current`; NotFoundedError before the founding."""
        found = self.current(uow)
        if found is None:
            raise NotFoundedError("this exchange has not been founded yet")
        return found

    def as_of(self, uow: UnitOfWork, at: datetime) -> Directory:
        """Return the directory as it was at the end of an instant's second; NotFoundedError before the founding.

        Leaves are logged in the order of time, so those of an instant are the log's beginning, replayed once more.
        """
        size = uow.session.scalar(select(func.count()).select_from(DirectoryLeaf).where(DirectoryLeaf.logged <= at))
        now = self.required(uow)
        if size == now.size:
            return now
        if not size:
            raise NotFoundedError("this exchange had not been founded at that instant")
        found = self._past.get(size)
        if found is None:
            found = replay(self._leaves(uow, None, size), publics(uow).get, uow.now)
            if not uow.write:
                kept = list(self._past.items())[1 - _PAST :]
                self._past = {**dict(kept), size: found}
        return found

    def keep(self, directory: Directory) -> None:
        """Remember a directory whose leaves are committed, unless a later one is remembered already."""
        kept = self._kept
        if kept is None or kept.size < directory.size:
            self._kept = directory

    def keeper(self, directory: Directory) -> Callable[[], None]:
        """Return the hook that remembers `directory`."""
        return lambda: self.keep(directory)

    def _leaves(self, uow: UnitOfWork, start: Directory | None, size: int) -> list[LoggedLeaf]:
        first = 0 if start is None else start.size
        times = uow.session.scalars(
            select(DirectoryLeaf.logged)
            .where(DirectoryLeaf.index >= first, DirectoryLeaf.index < size)
            .order_by(DirectoryLeaf.index)
        ).all()
        texts = self._logs.leaves(uow, LOG, first, size)
        return [LoggedLeaf(text, logged) for text, logged in zip(texts, times, strict=True)]
