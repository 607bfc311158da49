"""Taking in publications and their withdrawals: checks, rows, statement, ticket and entry, all in the caller's unit."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from exchange.audit.events import Event
from exchange.audit.statements import Statements, Stored, Subject
from exchange.db import UnitOfWork
from exchange.directory.signers import signer_book
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.publications.errors import FileMissingError, FileTooLargeError, WithdrawnError
from exchange.publications.files import PublicFiles
from exchange.publications.models import Publication
from exchange.publications.rows import row_of
from exchange.reports.errors import BesideError, PartUnknownError
from exchange.reports.gathering import REPORT
from exchange.reports.handling import Handled, Posted, TwoPeople, own_report
from exchange.reports.queries import Reports
from exchange.reports.rows import ReportRow
from exchange.statements import publication, publication_withdrawal
from exchange.statements.publication import Publication as Values
from exchange.web.caller import Caller
from keys.statement import Statement

# Raises BasisError or PersonalDataError unless the rules carry a publication of a report.
Supports: TypeAlias = Callable[[UnitOfWork, Values, ReportRow], None]


class Publications:
    """The one writer of publications."""

    labels = frozenset({publication.LABEL, publication_withdrawal.LABEL})

    def __init__(
        self,
        statements: Statements,
        snapshots: Snapshots,
        reports: Reports,
        files: PublicFiles,
        faults: Faults,
        most_bytes: int,
    ) -> None:
        """`most_bytes`: the most bytes of one file, which comes in one request."""
        self._statements = statements
        self._snapshots = snapshots
        self._reports = reports
        self._files = files
        self._faults = faults
        self._most_bytes = most_bytes
        self._two = TwoPeople(statements)

    def handle(
        self, uow: UnitOfWork, statement: Statement, beside: Mapping[str, Any], who: Caller, supports: Supports
    ) -> Handled:
        """Take a publication or a withdrawal; BesideError for anything beside it, and what `publish` and `withdraw` raise."""
        if beside:
            raise BesideError("nothing lies beside this statement")
        if statement.typ == publication.LABEL:
            return self.publish(uow, statement, who, supports)
        return self.withdraw(uow, statement, who)

    def publish(self, uow: UnitOfWork, statement: Statement, who: Caller, supports: Supports) -> Handled:
        """Publish a rendition, or keep the statement until the second officer has signed. In this order:

        1. the report is the caller's body's (NotAvailableError); the same publication again gets the first answer;
        2. its files are not over the bound (FileTooLargeError), its parts the report's (PartUnknownError);
        3. its basis carries it now (`supports`), when it is proposed and again when it is completed;
        4. the signers are two officers of the owner (errors of `publication.verify`); one of them: pending;
        5. its files are there (FileMissingError), sent by the second of them (`PublicFiles.put`);
        6. row, statement, ticket and entry: from the commit on it is published.
        """
        values = publication.read(statement)
        row = own_report(uow, values.report, who)
        repeated = self._two.repeated(uow, statement)
        if repeated is not None:
            return repeated
        posted = self._two.gathered(uow, Posted(statement, {}, who, values.stamp.time))
        if any(each.size > self._most_bytes for each in values.files.values()):
            raise FileTooLargeError(f"a file is over {self._most_bytes} bytes")
        parts = {salted.value.id for salted in self._reports.descriptors(uow, row.report).parts}
        if not parts.issuperset(values.parts):
            raise PartUnknownError("a publication names a part that the report does not have")
        supports(uow, values, row)
        book = signer_book(uow, self._snapshots.required(uow))
        waiting = self._two.complete(
            uow, posted, lambda full: publication.verify(values, full, book, row.header, row.owner)
        )
        if waiting is not None:
            return waiting
        if not self._files.complete(uow, statement.hash, list(values.files)):
            raise FileMissingError("the files of a publication have not arrived")
        self._faults.at("publications.publish.before-row")
        uow.session.add(Publication(statement=statement.hash, report=row.report, published=uow.now, withdrawn=None))
        uow.session.flush()
        self._faults.at("publications.publish.after-row")
        return Handled(stored=self._store(uow, "publish", posted, row))

    def withdraw(self, uow: UnitOfWork, statement: Statement, who: Caller) -> Handled:
        """Take a rendition off the page by one officer of the owner, from the commit on.

        Raises NotAvailableError, ClockOffError, WithdrawnError, and the errors of `publication_withdrawal.verify`.
        """
        values = publication_withdrawal.read(statement)
        row = own_report(uow, values.report, who)
        repeated = self._two.repeated(uow, statement)
        if repeated is not None:
            return repeated
        posted = self._two.gathered(uow, Posted(statement, {}, who, values.stamp.time))
        found = row_of(uow, values.publication)
        if found is None or found.report != row.report or found.withdrawn is not None:
            raise WithdrawnError("no publication of this report stands under that hash")
        book = signer_book(uow, self._snapshots.required(uow))
        publication_withdrawal.verify(values, posted.statement, book, row.report, row.owner)
        self._faults.at("publications.withdraw.before-row")
        found.withdrawn = uow.now
        uow.session.flush()
        self._faults.at("publications.withdraw.after-row")
        return Handled(stored=self._store(uow, "withdraw", posted, row))

    def _store(self, uow: UnitOfWork, act: str, posted: Posted, row: ReportRow) -> Stored:
        who = posted.who
        fields = {"actor": who.officer, "body": who.organisation, "owner": row.owner, "report": row.report}
        event = Event(f"publications:rendition:{act}", fields)
        stored = self._statements.store(uow, posted.statement, event, [Subject(REPORT, row.report)])
        self._faults.at(f"publications.{act}.after-statement")
        return stored
