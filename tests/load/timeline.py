"""What a report's officers know happened to it, and the two rules that every release must keep (promise P4).

An exchange closes a report by a withdrawal or a stop and opens it by a confirmed agreement or a lift. Each acknowledged
statement has an index in the audit log (its ticket's), and so has each release (its entry's):

1. by the log: before a release's index, the last acknowledged statement of either kind opens. So no release has an index
   above an acknowledged withdrawal's, until the next agreement;
2. by the clock: what was asked for after an acknowledgement had arrived is refused, until the next opening is sent;
3. what was asked for and answered while the report was open all the time is not refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

CONSENT: Final = "withdrawal"
STOP: Final = "stop"
KINDS: Final = (CONSENT, STOP)


@dataclass(frozen=True)
class Change:
    """An acknowledged statement: which kind, whether it opens, its index, when it was sent and when its answer came."""

    kind: str
    opens: bool
    index: int
    sent: float
    acknowledged: float


@dataclass(frozen=True)
class Release:
    """A release request and its outcome: the entry's index, or None where it was refused."""

    sent: float
    answered: float
    index: int | None


@dataclass
class Timeline:
    """One report's. A report with no change of a kind yet: closed for want of agreement, and not stopped."""

    report: str
    changes: list[Change] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)

    def breaches(self) -> Iterator[str]:
        """Every breach of the rules above."""
        for each in self.releases:
            if each.index is None:
                if self._was_open(each):
                    yield f"report {self.report}: refused while it was open"
                continue
            for kind in KINDS:
                closing = self._closed_by_log(kind, each.index)
                if closing is not None:
                    yield f"report {self.report}: release at index {each.index} above {kind} at {closing}"
                if self._closed_by_clock(kind, each):
                    yield f"report {self.report}: released after the {kind} had been acknowledged"

    @property
    def raced(self) -> tuple[int, int]:
        """How many closings had a release in flight while they were; and how many of those were met by one of each outcome:
        a release that came before it in the log, and a refusal."""
        overlapped = both = 0
        for closing in (each for each in self.changes if not each.opens):
            near = [r for r in self.releases if r.sent < closing.acknowledged and closing.sent < r.answered]
            overlapped += bool(near)
            both += any(r.index is None for r in near) and any(r.index is not None for r in near)
        return overlapped, both

    def _closed_by_log(self, kind: str, index: int) -> int | None:
        before = [each for each in self._of(kind) if each.index < index]
        last = max(before, key=lambda each: each.index, default=None)
        if last is None:
            return -1 if kind == CONSENT else None
        return None if last.opens else last.index

    def _closed_by_clock(self, kind: str, release: Release) -> bool:
        known = [each for each in self._of(kind) if each.acknowledged < release.sent]
        last = max(known, key=lambda each: each.index, default=None)
        if last is None or last.opens:
            return False
        return not any(each.opens and each.index > last.index and each.sent < release.answered for each in self._of(kind))

    def _was_open(self, release: Release) -> bool:
        for kind in KINDS:
            known = [each for each in self._of(kind) if each.acknowledged < release.sent]
            last = max(known, key=lambda each: each.index, default=None)
            opened = last.opens if last is not None else kind == STOP
            meanwhile = (each for each in self._of(kind) if each.sent < release.answered and each not in known)
            if not opened or any(not each.opens for each in meanwhile):
                return False
        return True

    def _of(self, kind: str) -> Iterable[Change]:
        return (each for each in self.changes if each.kind == kind)
