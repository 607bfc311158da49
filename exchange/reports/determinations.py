"""Recording determinations: an originator's decision for a recipient, and the other facts that open or close a gate."""

from typing import Any, Final

from exchange.audit.events import Event
from exchange.audit.statements import Statements, Stored, Subject
from exchange.db import UnitOfWork
from exchange.directory.signers import signer_book
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.reports import regimes, rows
from exchange.reports.chains import chain_id
from exchange.reports.errors import FactNotPermittedError, PartUnknownError
from exchange.reports.gathering import CONFIDENTIAL, FREE, STANDING, stored_header
from exchange.reports.handling import Handled, Posted, TwoPeople, own_report
from exchange.reports.rows import ReportRow
from exchange.sealing.descriptor import PartDescriptor
from exchange.statements import determination, report_header
from exchange.statements.determination import Determination, ReportScope
from exchange.statements.determination_values import ORIGINATOR_DECISION
from exchange.statements.report_header import ReportHeader
from exchange.statements.signers import of_bodies
from exchange.web.caller import Caller
from keys.encoding import b64u, unb64u
from keys.replay_directory import Directory
from keys.statement import Statement

CHAIN: Final = "determination"
# Facts about a report as a whole: of a part alone they have no meaning.
_WHOLE: Final = frozenset({"override", "emergency", "event", "tier_free"})


class Determinations:
    """The one writer of determinations."""

    def __init__(self, statements: Statements, snapshots: Snapshots, faults: Faults) -> None:
        self._statements = statements
        self._snapshots = snapshots
        self._faults = faults
        self._two = TwoPeople(statements)

    def take(self, uow: UnitOfWork, statement: Statement, who: Caller) -> Handled:
        """Take in a determination, or keep it until the second officer has signed. In this order:

        1. the report is the caller's body's, or the standing scope is (NotAvailableError); the same determination again
           gets the first answer;
        2. it names parts of the report, and a fact this body may state about it (PartUnknownError,
           FactNotPermittedError);
        3. it follows the last of its chain (BrokenLinkError);
        4. the signers are officers of the body; what closes takes one, what opens two (errors of `determination.verify`);
        5. statement, ticket and entry.
        """
        values = determination.read(statement)
        scope = values.scope
        row = own_report(uow, scope.report, who) if isinstance(scope, ReportScope) else None
        repeated = self._two.repeated(uow, statement)
        if repeated is not None and (row is not None or self._is_own(uow, statement, who)):
            return repeated
        posted = self._two.gathered(uow, Posted(statement, {}, who, values.link.time))
        directory = self._snapshots.required(uow)
        if row is not None:
            self._check_fact(uow, values, row, directory)
        elif regimes.regime_of(who.organisation) is None:
            raise FactNotPermittedError("this body transmits no documents, so it has nothing to decide")
        last = self._statements.latest(uow, CHAIN, chain_id(values, who.organisation))
        determination.follows(values, None if last is None else last.hash)
        book = signer_book(uow, directory)
        header = None if row is None else row.header

        def verify(full: Statement) -> None:
            # A fact that names no body says nothing about who signs it, so this holds the signers to the caller's body.
            of_bodies(book.signers(full, values.link.exchange), (who.organisation,))
            determination.verify(values, full, book, header)

        waiting = self._two.complete(uow, posted, verify)
        return waiting or Handled(stored=self._store(uow, values, posted, row))

    def _is_own(self, uow: UnitOfWork, statement: Statement, who: Caller) -> bool:
        found = self._statements.of(uow, STANDING, who.organisation, determination.LABEL)
        return statement.hash in {each.hash for each in found}

    def _check_fact(self, uow: UnitOfWork, values: Determination, row: ReportRow, directory: Directory) -> None:
        parts = {salted.value.id: salted.value for salted in rows.parts_of(uow.session, row.report)}
        named = set() if values.part is None else {values.part}
        if values.fact == ORIGINATOR_DECISION and values.value["parts"] is not None:
            named |= {unb64u(part) for part in values.value["parts"]}
        if not named <= parts.keys():
            raise PartUnknownError("a determination names a part that the report does not have")
        if values.part is not None and values.fact in _WHOLE:
            raise FactNotPermittedError(f"'{values.fact}' is about a report as a whole")
        header = report_header.read(stored_header(uow, self._statements, row).statement)
        about = list(parts.values()) if values.part is None else [parts[values.part]]
        if not self._may_state(values.fact, values.value, header, about, directory):
            raise FactNotPermittedError(f"the owner of this report may not state '{values.fact}' about it")

    def _may_state(
        self, fact: str, value: Any, header: ReportHeader, parts: list[PartDescriptor], directory: Directory
    ) -> bool:
        if fact == "relevance":
            return (
                regimes.national_body_by_statute(header.owner, header.kind)
                and directory.has_organisation(value["organisation"])
                and directory.organisation(value["organisation"]).kind == "npm"
                and any(part.states == (directory.organisation(value["organisation"]).state,) for part in parts)
            )
        if fact == "override":
            return value is None or value["case"] in regimes.overrides(header.owner)
        if fact == "tier_free":
            return header.tier in (FREE, CONFIDENTIAL)
        return True

    def _store(self, uow: UnitOfWork, values: Determination, posted: Posted, row: ReportRow | None) -> Stored:
        who = posted.who
        event = Event(
            "reports:determination:record",
            {
                "actor": who.officer,
                "body": who.organisation,
                "owner": who.organisation,
                "report": None if row is None else row.report,
                "part": None if values.part is None else b64u(values.part),
                "fact": values.fact,
                "prev": None if values.link.prev is None else b64u(values.link.prev),
            },
        )
        about = Subject(STANDING, who.organisation) if row is None else Subject("report", row.report)
        subjects = [about, Subject(CHAIN, chain_id(values, who.organisation))]
        self._faults.at("reports.determination.before-statement")
        stored = self._statements.store(uow, posted.statement, event, subjects)
        self._faults.at("reports.determination.after-statement")
        return stored
