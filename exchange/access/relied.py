"""What a decision relied on, and whether all of it still stands where the decision's entry is written.

A decision is made in a reading unit, and its entry written later, in a transaction with others'. Between the two a consent
may be withdrawn, a report stopped, an officer's access ended. So the decision keeps what all of these change: the size and
root of the directory, the version of each State's head, the number of statements about the report and of its owner's
standing ones, and the instant. Each only ever grows, so the same again means that nothing happened in between.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from exchange.audit.statements import Statements, Subject
from exchange.consents.register import Register
from exchange.db import UnitOfWork
from exchange.directory.snapshots import LOG
from exchange.logs.services import Logs
from exchange.reports.gathering import STANDING
from exchange.transparency.merkle import TreeHead


@dataclass(frozen=True)
class Relied:
    """The marks of one unit of work: equal marks, equal facts. `now`, in whole seconds: what is in force depends on it."""

    now: datetime
    directory: TreeHead
    states: tuple[tuple[str, int], ...] = ()
    subjects: tuple[tuple[Subject, int], ...] = ()


class Footing:
    """Takes the marks, and looks at them again."""

    def __init__(self, statements: Statements, register: Register, logs: Logs) -> None:
        self._statements = statements
        self._register = register
        self._logs = logs

    def directory(self, uow: UnitOfWork) -> Relied:
        """Return the marks of a decision that rests on the directory alone."""
        return Relied(uow.now, self._logs.head(uow, LOG))

    def report(self, uow: UnitOfWork, report: str, owner: str, states: Iterable[str]) -> Relied:
        """Return the marks of a decision on a report of `owner` that concerns these States.

        In a writing unit the States' heads are locked to its end. For an id without a report, `owner` and `states` are
        those of the report on which the same work was done.
        """
        subjects = (Subject("report", report), Subject(STANDING, owner))
        versions = self._register.versions(uow, states)
        counts = self._statements.counts(uow, subjects)
        return Relied(
            uow.now,
            self._logs.head(uow, LOG),
            tuple(sorted(versions.items())),
            tuple((subject, counts[subject]) for subject in subjects),
        )

    def stands(self, uow: UnitOfWork, relied: Relied) -> bool:
        """Return whether a decision would be the same in this writing unit, whose head of each State is locked by this."""
        here = self.directory(uow)
        if (here.now, here.directory) != (relied.now, relied.directory):
            return False
        states = dict(relied.states)
        if states and self._register.versions(uow, states) != states:
            return False
        subjects = dict(relied.subjects)
        return not subjects or self._statements.counts(uow, subjects) == subjects
