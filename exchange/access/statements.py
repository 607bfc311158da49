"""The one address for statements: each label goes to the room that takes it, inside one writing unit, all or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from exchange.access.errors import NothingBesideError, StatementElsewhereError
from exchange.access.publishing import Publishing
from exchange.access.recalls import Recalls
from exchange.access.receipts import Receipts
from exchange.audit.statements import Statements
from exchange.consents.register import Register
from exchange.consents.services import Consents
from exchange.db import Database, UnitOfWork
from exchange.publications.services import Publications
from exchange.reports.queries import Reports
from exchange.reports.statements import ReportStatements
from exchange.statements import consent, recall, recall_answer, receipt, registry, release_request, report_header
from exchange.web.caller import Caller
from keys.statement import Statement, parse

# Each has an address of its own: what comes with a header is not JSON, and a request is answered with an envelope.
ELSEWHERE: Final = frozenset({report_header.LABEL, release_request.LABEL})

_CREATED: Final = 201
_OK: Final = 200


@dataclass(frozen=True)
class Answer:
    """What became of a statement, and the HTTP status that says so: 201 recorded, 200 recorded before, 202 waiting."""

    body: dict[str, Any]
    status: int


class Dispatcher:
    """Takes statements in by their label."""

    def __init__(
        self,
        database: Database,
        statements: Statements,
        reports: Reports,
        report_statements: ReportStatements,
        consents: Consents,
        register: Register,
        receipts: Receipts,
        recalls: Recalls,
        publications: Publications,
        publishing: Publishing,
    ) -> None:
        self._database = database
        self._statements = statements
        self._reports = reports
        self._report_statements = report_statements
        self._consents = consents
        self._register = register
        self._receipts = receipts
        self._recalls = recalls
        self._publications = publications
        self._publishing = publishing

    def take(self, text: bytes, beside: Mapping[str, Any], who: Caller) -> Answer:
        """Take a statement with what lies beside it; opens its own writing unit, or for a receipt shares one.

        Raises MalformedError or UnknownVersionError for a text that is no statement this build knows,
        StatementElsewhereError, NothingBesideError, and what the room of its label raises.
        """
        statement = parse(text)
        if statement.typ in ELSEWHERE:
            raise StatementElsewhereError(f"a statement '{statement.typ}' is sent to an address of its own")
        registry.read(statement)
        if beside and statement.typ in (consent.LABEL, receipt.LABEL, recall.LABEL, recall_answer.LABEL):
            raise NothingBesideError("nothing lies beside this statement")
        if statement.typ == receipt.LABEL:
            return Answer(self._receipts.take(statement, who), _CREATED)
        with self._database.unit_of_work(write=True) as uow:
            if statement.typ == consent.LABEL:
                return self._consent(uow, statement, who)
            if statement.typ == recall.LABEL:
                handled = self._recalls.take(uow, statement, who)
            elif statement.typ == recall_answer.LABEL:
                handled = self._recalls.answer(uow, statement, who)
            elif statement.typ in Publications.labels:
                handled = self._publications.handle(uow, statement, beside, who, self._publishing.check)
            else:
                handled = self._report_statements.handle(uow, statement, beside, who)
            return Answer(handled.to_json(), handled.status)

    def pending(self, uow: UnitOfWork, who: Caller) -> list[dict[str, Any]]:
        """Return the statements of the caller's body that wait for another officer, oldest first."""
        return [each.to_json() for each in self._statements.pending_of(uow, who.organisation)]

    def _consent(self, uow: UnitOfWork, statement: Statement, who: Caller) -> Answer:
        """Take an event of the register; its evidence is a report that the caller's body transmitted as evidence."""

        def is_evidence(report: str) -> bool:
            row = self._reports.find(uow, report)
            return row is not None and row.owner == who.organisation and self._reports.is_evidence(uow, report)

        repeated = self._statements.find(uow, statement.hash) is not None
        taken = self._consents.take(uow, statement, is_evidence)
        registered = self._register.find(uow, taken.instrument)
        if registered is None:
            raise LookupError("an instrument that was taken is not in the register")
        status = registered.status(uow.now)
        body = {
            **taken.stored.to_json(),
            "instrument": taken.instrument,
            "state": taken.state,
            "head": {"state": taken.state, "version": taken.version},
            "status": status.state,
            "verified": status.verified,
            "reason": status.reason,
        }
        return Answer(body, _OK if repeated else _CREATED)
