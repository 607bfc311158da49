"""Recalls and their answers, as this room keeps them: statement, entry, and who is told.

Who may be told of a recall, `exchange.access` says, which knows reports and agreements; whether an answer is taken is
decided by what was told. A recall is taken in by one officer of the owner and closes with its commit; answers close nothing.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlalchemy import select

from exchange.audit.events import Event
from exchange.audit.statements import Statements, Stored, Subject
from exchange.db import UnitOfWork
from exchange.directory.signers import signer_book
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.reports import rows
from exchange.reports.errors import PartUnknownError
from exchange.reports.handling import Handled, Posted, TwoPeople, own_report
from exchange.reports.models import Recall, RecallNotice
from exchange.reports.rows import ReportRow
from exchange.statements import lift, recall, recall_answer
from exchange.statements.recall import Recall as RecallValues
from exchange.statements.recall_answer import RecallAnswer
from exchange.web.caller import Caller
from exchange.web.errors import NotAvailableError
from keys.encoding import b64u
from keys.statement import Statement

# The subject under which the answers to a recall are found.
RECALL: Final = "recall"


@dataclass(frozen=True, order=True)
class Notice:
    """A body that is told of a recalled part; `officer` is empty for anyone of it who may know of such reports."""

    organisation: str
    part: bytes
    officer: str = ""


@dataclass(frozen=True)
class Told:
    """Who is told of a recall, and the State whose agreement it names."""

    notices: frozenset[Notice]
    state: str | None


@dataclass(frozen=True)
class Recalled:
    """A recall as it stands: its values, the lift that ended it if one did, who is told, and what was answered so far."""

    number: int
    stored: Stored
    values: RecallValues
    owner: str
    lift: Stored | None
    notices: tuple[Notice, ...]
    answers: tuple[Stored, ...]

    def told(self, organisation: str, officer: str) -> tuple[bytes, ...]:
        """Return the parts of which an officer of a body is told, in order."""
        mine = {each.part for each in self.notices if each.organisation == organisation and each.officer in ("", officer)}
        return tuple(sorted(mine))

    def answers_of(self, organisation: str, part: bytes) -> tuple[Stored, ...]:
        """Return what a body answered about a part, in the order recorded: the last one counts."""
        values = [(each, recall_answer.read(each.statement)) for each in self.answers]
        return tuple(each for each, said in values if (said.organisation, said.part) == (organisation, part))


Tell: TypeAlias = Callable[[ReportRow, RecallValues], Told]


class Recalls:
    """The one writer of recalls and answers, and what others ask of them, in the caller's unit."""

    def __init__(self, statements: Statements, snapshots: Snapshots, faults: Faults) -> None:
        self._statements = statements
        self._snapshots = snapshots
        self._faults = faults
        self._two = TwoPeople(statements)

    def take(self, uow: UnitOfWork, statement: Statement, who: Caller, tell: Tell) -> Handled:
        """Recall a report, or a part of it, by one officer of its owner: from the commit on it is closed.

        In the caller's writing unit, in this order: 1. the report is the caller's body's (NotAvailableError); the same
        recall again gets the first answer; 2. time and signer (ClockOffError, errors of `recall.verify`); 3. the part is the
        report's (PartUnknownError); 4. `tell` says who is told, as everything stood before; 5. statement, ticket, entry, rows.
        """
        values = recall.read(statement)
        row = own_report(uow, values.report, who)
        repeated = self._two.repeated(uow, statement)
        if repeated is not None:
            return repeated
        posted = self._two.gathered(uow, Posted(statement, {}, who, values.stamp.time))
        book = signer_book(uow, self._snapshots.required(uow))
        recall.verify(values, posted.statement, book, {row.owner}, row.header)
        if values.part is not None and values.part not in {part.value.id for part in rows.parts_of(uow.session, row.report)}:
            raise PartUnknownError("a recall names a part that the report does not have")
        told = tell(row, values)
        return Handled(stored=self._write(uow, posted, row, values, told))

    def _write(self, uow: UnitOfWork, posted: Posted, row: ReportRow, values: RecallValues, told: Told) -> Stored:
        self._faults.at("reports.recall.before-statement")
        body = posted.statement.body
        fields = {
            "actor": posted.who.officer,
            "body": posted.who.organisation,
            "owner": row.owner,
            "report": row.report,
            **{name: body[name] for name in ("part", "instrument", "reply_by")},
            "ground": values.reason,
            "told": len({each.organisation for each in told.notices}),
        }
        subject = Subject("report", row.report)
        stored = self._statements.store(uow, posted.statement, Event("reports:report:recall", fields), [subject])
        self._faults.at("reports.recall.after-statement")
        kept = Recall(hash=stored.hash, report=row.report, owner=row.owner, state=told.state)
        uow.session.add(kept)
        uow.session.flush()
        for each in sorted(told.notices):
            notice = RecallNotice(
                organisation=each.organisation, recall=kept.number, part=each.part, officer=each.officer
            )
            uow.session.add(notice)
        uow.session.flush()
        self._faults.at("reports.recall.after-notices")
        return stored

    def answer(
        self, uow: UnitOfWork, statement: Statement, who: Caller, may: Callable[[Recalled, RecallAnswer], bool]
    ) -> Handled:
        """Take what a body says became of a recalled part; it replaces what the body said before. In this order:

        1. there is such a recall, and `may` says that the caller was told of this part of it (NotAvailableError, the same
        for both); the same answer again gets the first one; 2. time and signer, who is of the caller's body (ClockOffError,
        errors of `recall_answer.verify`); 3. it follows the body's last answer (BrokenLinkError); 4. statement and entry.
        """
        values = recall_answer.read(statement)
        found = self.find(uow, values.recall)
        if found is None or values.organisation != who.organisation or not may(found, values):
            raise NotAvailableError("no such recall of what this body was sent")
        repeated = self._two.repeated(uow, statement)
        if repeated is not None:
            return repeated
        posted = self._two.gathered(uow, Posted(statement, {}, who, values.link.time))
        book = signer_book(uow, self._snapshots.required(uow))
        recall_answer.verify(values, posted.statement, book, found.stored.hash, found.values.report)
        before = found.answers_of(values.organisation, values.part)
        recall_answer.follows(values, before[-1].hash if before else None)
        self._faults.at("reports.answer.before-statement")
        body = posted.statement.body
        fields = {
            "actor": who.officer,
            "body": who.organisation,
            "owner": found.owner,
            **{name: body[name] for name in ("report", "part", "recall", "answer", "prev")},
        }
        event = Event("reports:recall:answer", fields)
        stored = self._statements.store(uow, posted.statement, event, [Subject(RECALL, b64u(found.stored.hash))])
        self._faults.at("reports.answer.after-statement")
        return Handled(stored=stored)

    def find(self, uow: UnitOfWork, hash: bytes) -> Recalled | None:
        """Return a recall by its statement's hash, or None."""
        row = uow.session.scalars(select(Recall).where(Recall.hash == hash)).one_or_none()
        return None if row is None else self._read(uow, [row])[0]

    def of_report(self, uow: UnitOfWork, report: str) -> list[Recalled]:
        """Return every recall of a report, ended or not, newest first."""
        return self._read(uow, uow.session.scalars(select(Recall).where(Recall.report == report)).all())

    def newest(self, uow: UnitOfWork) -> list[Recalled]:
        """Return the recall recorded last, whoever's it is; none before the first."""
        return self._read(uow, uow.session.scalars(select(Recall).order_by(Recall.number.desc()).limit(1)).all())

    def sent_by(self, uow: UnitOfWork, organisation: str, below: int | None, limit: int) -> list[Recalled]:
        """Return up to `limit` recalls of a body's own reports, newest first, numbered below a number if one is given."""
        query = select(Recall).where(Recall.owner == organisation)
        query = query if below is None else query.where(Recall.number < below)
        return self._read(uow, uow.session.scalars(query.order_by(Recall.number.desc()).limit(limit)).all())

    def told_to(
        self, uow: UnitOfWork, organisation: str, state: str | None, below: int | None, limit: int
    ) -> list[Recalled]:
        """Return up to `limit` recalls of which a body is told, or that name an agreement of `state`, as `sent_by`."""
        mine = select(RecallNotice.recall).where(RecallNotice.organisation == organisation)
        told = Recall.number.in_(mine)
        query = select(Recall).where(told if state is None else told | (Recall.state == state))
        query = query if below is None else query.where(Recall.number < below)
        return self._read(uow, uow.session.scalars(query.order_by(Recall.number.desc()).limit(limit)).all())

    def _read(self, uow: UnitOfWork, found: Iterable[Recall]) -> list[Recalled]:
        ordered = sorted(found, key=lambda row: row.number, reverse=True)
        notices = _notices(uow, [row.number for row in ordered])
        subjects = {Subject(RECALL, b64u(row.hash)) for row in ordered} | {Subject("report", row.report) for row in ordered}
        about = self._statements.about(uow, subjects)
        return [self._one(row, notices[row.number], about) for row in ordered]

    def _one(self, row: Recall, notices: Sequence[Notice], about: dict[Subject, list[Stored]]) -> Recalled:
        of_report = about[Subject("report", row.report)]
        stored = next((each for each in of_report if each.hash == row.hash), None)
        if stored is None:
            raise LookupError("a recall's statement is not among those of its report")
        lifts = [each for each in of_report if each.label == lift.LABEL]
        ended = next((each for each in lifts if lift.read(each.statement).stop == row.hash), None)
        answers = tuple(about[Subject(RECALL, b64u(row.hash))])
        values = recall.read(stored.statement)
        return Recalled(row.number, stored, values, row.owner, ended, tuple(notices), answers)


def _notices(uow: UnitOfWork, numbers: Collection[int]) -> dict[int, list[Notice]]:
    found: dict[int, list[Notice]] = {number: [] for number in numbers}
    query = select(RecallNotice).where(RecallNotice.recall.in_(sorted(found)))
    for row in uow.session.scalars(query):
        found[row.recall].append(Notice(row.organisation, row.part, row.officer))
    return {number: sorted(notices) for number, notices in found.items()}
