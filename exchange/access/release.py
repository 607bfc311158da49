"""The release of an envelope: a signed request, one transaction that decides and records, then the lock comes off.

No envelope leaves without its entry (promise P5): the entry is committed first, and what left is named in it. A permit and a
refusal leave an entry each, an id that belongs to no report the same as one that does.
"""

from dataclasses import dataclass
from typing import Any, Final

from exchange.access.asker import Asker, Askers
from exchange.access.decide import UNAVAILABLE, Access, Judged
from exchange.access.errors import WithheldError
from exchange.audit.events import Event, Recorded
from exchange.audit.services import Audit
from exchange.db import Database, UnitOfWork
from exchange.directory.signers import check_time, signer_book
from exchange.directory.snapshots import Snapshots
from exchange.ledger.entry import basis_of
from exchange.ledger.view import kept_signatures
from exchange.ledger.vocabulary import RELEASE_PERMIT, RELEASE_WITHHOLD
from exchange.logs.faults import Faults
from exchange.logs.places import AUDIT
from exchange.logs.services import Logs
from exchange.reports.queries import Reports
from exchange.sealing.envelope import envelope_hash
from exchange.statements import release_request
from exchange.statements.errors import EndedSignerError, OtherSubjectError, WrongSignerError
from exchange.statements.release_request import ReleaseRequest
from exchange.transparency.errors import LogRangeError
from exchange.web.caller import Caller
from keys.encoding import b64u, format_time
from keys.statement import Statement

# What implies viewing. For any other action an envelope leaves only where viewing is permitted too.
_READING: Final = frozenset({"view", "download", "print"})


@dataclass(frozen=True)
class _Outcome:
    """What one transaction decided: the N_ code of a refusal, or the inner envelope that may leave once it has committed."""

    recorded: Recorded
    outward: str | None
    envelope: bytes | None


class Releases:
    """The only way to an envelope."""

    def __init__(
        self,
        database: Database,
        access: Access,
        askers: Askers,
        reports: Reports,
        snapshots: Snapshots,
        audit: Audit,
        logs: Logs,
        faults: Faults,
    ) -> None:
        self._database = database
        self._access = access
        self._askers = askers
        self._reports = reports
        self._snapshots = snapshots
        self._audit = audit
        self._logs = logs
        self._faults = faults

    def release(self, who: Caller, report: str, part: str, text: bytes, audit_size: int) -> dict[str, Any]:
        """Answer a signed release-request for the part at this address; opens its own writing unit.

        1. The request is in form and is for this report and part (MalformedError, OtherSubjectError).
        In one writing unit:
        2. the caller's own key signed it, it is of this exchange, and its time is near (errors of `exchange.statements`,
           ClockOffError), and our log reaches to what the caller has verified (LogRangeError);
        3. the heads of the States concerned are locked, facts gathered, the decision made, for an action other than view,
           download and print also on viewing;
        4. a permit: the lock comes off the envelope of the caller's body; its absence is a refusal;
        5. the entry is written, permit or withhold; the unit commits.
        6. A refusal leaves as WithheldError. 7. A permit is answered with entry, envelope and the proofs that the entry
        stands in the log.
        Steps 1 and 2 leave no entry: nobody is known to have asked. The same request sent again is another release with an
        entry of its own.
        """
        request, statement = release_request.parse(text)
        if (request.report, b64u(request.part)) != (report, part):
            raise OtherSubjectError("a release-request names another report or part than its address")
        with self._database.unit_of_work(write=True) as uow:
            outcome = self._decide(uow, who, request, statement, audit_size)
        if outcome.envelope is None:
            raise WithheldError(outcome.outward or UNAVAILABLE)
        self._faults.at("access.release.after-commit")
        proof = self._logs.prove(AUDIT, outcome.recorded.index, since=audit_size)
        return {**outcome.recorded.to_json(), "envelope": b64u(outcome.envelope), **proof.to_json()}

    def _decide(
        self, uow: UnitOfWork, who: Caller, request: ReleaseRequest, statement: Statement, audit_size: int
    ) -> _Outcome:
        asker = self._signed_by(uow, who, request, statement)
        if audit_size > self._logs.head(uow, AUDIT).size:
            raise LogRangeError("the caller has verified more of the audit log than this server holds")
        judged = self._access.decide(
            uow, asker, request.report, b64u(request.part), request.action, request.purpose, lock=True
        )
        if judged.permitted and request.action not in _READING:
            # An envelope opens the content, whatever it is asked for: to know of a part or to quote it is not to read it.
            judged = self._access.decide(
                uow, asker, request.report, b64u(request.part), "view", request.purpose, lock=True
            )
        envelope = self._envelope(uow, asker, request) if judged.permitted else None
        self._faults.at("access.release.before-entry")
        recorded = self._audit.record(uow, _event(who, request, statement, judged, envelope))
        self._faults.at("access.release.after-entry")
        return _Outcome(recorded, judged.outward, envelope)

    def _signed_by(self, uow: UnitOfWork, who: Caller, request: ReleaseRequest, statement: Statement) -> Asker:
        """Return who asks, once the request is theirs; one whose access ended since their token was given is not active."""
        asker = self._askers.officer(uow, who.officer, who.organisation)
        if statement.kids != {who.kid}:
            raise WrongSignerError("a release-request is signed by the officer who asks, and nobody else")
        try:
            release_request.verify(request, statement, signer_book(uow, self._snapshots.required(uow)))
        except EndedSignerError:
            # The signature is good, the access behind it has ended: this refusal has its entry like any other.
            return Asker(asker.officer, asker.organisation, asker.kind, active=False)
        check_time(request.stamp.time, uow.now)
        return asker

    def _envelope(self, uow: UnitOfWork, asker: Asker, request: ReleaseRequest) -> bytes | None:
        """Return the inner envelope of the asker's body; None where nobody made one for it, whatever policy says."""
        kept = self._reports.envelope_for(uow, request.report, request.part, asker.organisation)
        return None if kept is None else self._reports.unlock(kept)


def _event(
    who: Caller, request: ReleaseRequest, statement: Statement, judged: Judged, envelope: bytes | None
) -> Event:
    reason, outward = judged.decision.reason, judged.outward
    if judged.permitted and envelope is None:
        reason, outward = "W_SCOPE_RECIPIENT", UNAVAILABLE
    fields = {
        "actor": who.officer,
        "body": who.organisation,
        "owner": None if judged.gathered is None else judged.gathered.document.owner,
        "report": request.report,
        "part": b64u(request.part),
        "action": request.action,
        "purpose": request.purpose,
        "request": b64u(statement.hash),
        "envelope": None if envelope is None else b64u(envelope_hash(envelope)),
        "basis": basis_of(judged.basis),
        "reason": reason,
        "code": None if envelope is not None else outward,
        "asked": format_time(request.stamp.time),
        "nonce": b64u(request.stamp.nonce),
    }
    act = RELEASE_WITHHOLD if envelope is None else RELEASE_PERMIT
    return Event(act, fields, kept_signatures(statement))
