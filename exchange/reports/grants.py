"""Later recipients: two officers of the owner name them, with an envelope each, checked as at registration."""

from collections.abc import Mapping
from typing import Any, Final

from exchange.audit.events import Event
from exchange.audit.statements import Statements, Stored, Subject
from exchange.db import UnitOfWork
from exchange.directory.signers import signer_book
from exchange.directory.snapshots import Snapshots
from exchange.logs.faults import Faults
from exchange.reports import rows
from exchange.reports.errors import BesideError, GrantBodiesError, PartUnknownError, RecipientExistsError
from exchange.reports.gathering import stored_header
from exchange.reports.handling import Handled, Posted, TwoPeople, own_report
from exchange.reports.locks import Locks, Named
from exchange.reports.models import ReportEnvelope
from exchange.reports.recipients import Addressed, Document, check_recipients
from exchange.reports.rows import ReportRow
from exchange.sealing.envelope import LockedEnvelope
from exchange.sealing.errors import EnvelopeError
from exchange.statements import grant, report_header
from exchange.statements.grant import Grant
from exchange.web.caller import Caller
from keys import fields
from keys.encoding import parse_uuid, unb64u
from keys.errors import MalformedError
from keys.statement import Statement

_WIRE_BYTES: Final = 2_336
_BESIDE: Final[fields.Schema] = {"envelopes": fields.mapping_of(fields.HASH, fields.b64u_of(_WIRE_BYTES))}


class Grants:
    """The one writer of later recipients."""

    def __init__(self, statements: Statements, snapshots: Snapshots, locks: Locks, faults: Faults) -> None:
        self._statements = statements
        self._snapshots = snapshots
        self._locks = locks
        self._faults = faults
        self._two = TwoPeople(statements)

    def take(self, uow: UnitOfWork, statement: Statement, beside: Mapping[str, Any], who: Caller) -> Handled:
        """Take in a grant, or keep it until the second officer has signed. In the caller's writing unit, in this order:

        1. the report is the caller's body's (NotAvailableError); the same grant again gets the first answer;
        2. it names one body alone (GrantBodiesError), every part is the report's, and the body has no envelope of that
           part for that epoch (PartUnknownError, RecipientExistsError);
        3. recipients, epochs and keys as at registration (`recipients.check_recipients`);
        4. beside it lie the envelopes it names, no more, each under the current lock key with the envelope named inside
           (BesideError, StaleLockKeyError, EnvelopeError);
        5. the signers are officers of the owner (errors of `grant.verify`); one of them: pending;
        6. envelopes, statement, ticket and entry.
        A pending grant is checked again, all of it, when it is completed: by then an epoch may have changed.
        """
        values = grant.read(statement)
        row = own_report(uow, values.report, who)
        repeated = self._two.repeated(uow, statement)
        if repeated is not None:
            return repeated
        posted = self._two.gathered(uow, Posted(statement, beside, who, values.stamp.time))
        self._check_recipients(uow, values, row)
        envelopes = _envelopes(posted.beside, values)
        named = [Named(each.organisation, each.part, each.envelope) for each in values.recipients]
        self._locks.check(parse_uuid(row.report), named, envelopes)
        book = signer_book(uow, self._snapshots.required(uow))
        waiting = self._two.complete(uow, posted, lambda full: grant.verify(values, full, book, row.header, row.owner))
        return waiting or Handled(stored=self._write(uow, values, posted, row, envelopes))

    def _check_recipients(self, uow: UnitOfWork, values: Grant, row: ReportRow) -> None:
        if len({each.organisation for each in values.recipients}) > 1:
            raise GrantBodiesError("a grant names several bodies")
        header = report_header.read(stored_header(uow, self._statements, row).statement)
        states = {part.value.id: part.value.states for part in rows.parts_of(uow.session, row.report)}
        for each in values.recipients:
            if each.part not in states:
                raise PartUnknownError("a grant names a part that the report does not have")
            if uow.session.get(ReportEnvelope, (row.report, each.part, each.organisation, each.epoch)) is not None:
                raise RecipientExistsError(f"'{each.organisation}' has an envelope for this epoch")
        document = Document(row.owner, header.kind, header.tier, states)
        addressed = [Addressed(each.organisation, each.epoch, each.key, each.part) for each in values.recipients]
        check_recipients(self._snapshots.required(uow), document, addressed)

    def _write(
        self,
        uow: UnitOfWork,
        values: Grant,
        posted: Posted,
        row: ReportRow,
        envelopes: Mapping[bytes, LockedEnvelope],
    ) -> Stored:
        self._faults.at("reports.grant.before-envelopes")
        for each in values.recipients:
            locked = envelopes[each.envelope]
            uow.session.add(
                ReportEnvelope(
                    report=row.report,
                    part=each.part,
                    organisation=each.organisation,
                    epoch=each.epoch,
                    key=each.key,
                    hash=each.envelope,
                    lock_key=locked.lock_key,
                    sealed=locked.sealed,
                    salt=None,
                    statement=posted.statement.hash,
                    arrived=None if each.organisation == row.owner else row.number,
                )
            )
        uow.session.flush()
        self._faults.at("reports.grant.after-envelopes")
        who = posted.who
        event = Event(
            "reports:report:grant",
            {
                "actor": who.officer,
                "body": who.organisation,
                "owner": row.owner,
                "report": row.report,
                "recipients": len(values.recipients),
            },
        )
        stored = self._statements.store(uow, posted.statement, event, [Subject("report", row.report)])
        self._faults.at("reports.grant.after-statement")
        return stored


def _envelopes(beside: Mapping[str, Any], values: Grant) -> dict[bytes, LockedEnvelope]:
    """Read the locked envelopes beside a grant, by the hash of what is inside; BesideError unless it names them all."""
    try:
        body = fields.check(dict(beside), _BESIDE)
        found = {unb64u(digest): LockedEnvelope.parse(unb64u(wire)) for digest, wire in body["envelopes"].items()}
    except (MalformedError, EnvelopeError) as error:
        raise BesideError("a grant's locked envelopes are not in form") from error
    named = [each.envelope for each in values.recipients]
    if len(set(named)) != len(named) or found.keys() != set(named):
        raise BesideError("the envelopes beside a grant are not those it names")
    return found
