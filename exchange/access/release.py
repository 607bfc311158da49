"""The release of an envelope: a signed request, a decision, its entry in a batch, and only then the answer.

No envelope leaves without its entry (promise P5): the entry is committed first, and what left is named in it. A permit and a
refusal leave an entry each, an id that belongs to no report the same as one that does.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from exchange.access.acts import Acts, Decided
from exchange.access.asker import Asker, Askers
from exchange.access.decide import UNAVAILABLE, Access, Judged, judge_look
from exchange.access.errors import WithheldError
from exchange.access.relied import Footing
from exchange.audit.events import Event
from exchange.db import UnitOfWork
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
    """What was decided: the N_ code of a refusal, or the inner envelope that may leave once the entry is durable."""

    outward: str | None
    envelope: bytes | None = field(repr=False)


class Releases:
    """The only way to an envelope."""

    def __init__(
        self,
        access: Access,
        askers: Askers,
        reports: Reports,
        snapshots: Snapshots,
        acts: Acts,
        footing: Footing,
        logs: Logs,
        faults: Faults,
    ) -> None:
        self._access = access
        self._askers = askers
        self._reports = reports
        self._snapshots = snapshots
        self._acts = acts
        self._footing = footing
        self._logs = logs
        self._faults = faults

    def release(self, who: Caller, report: str, part: str, text: bytes, audit_size: int) -> dict[str, Any]:
        """Answer a signed release-request for the part at this address; opens its own units.

        1. The request is in form and is for this report and part (MalformedError, OtherSubjectError).
        In a reading unit:
        2. the caller's own key signed it, it is of this exchange, and its time is near (errors of `exchange.statements`,
           ClockOffError), and our log reaches to what the caller has verified (LogRangeError);
        3. facts are gathered, the decision made, for an action other than view, download and print also on viewing;
        4. a permit: the lock comes off the envelope of the caller's body; its absence is a refusal.
        In a batch's writing unit:
        5. the heads of the States concerned are locked; if anything relied on has moved, steps 2 to 4 are done again; the
           entry is written, permit or withhold; the unit commits.
        6. A refusal leaves as WithheldError. 7. A permit is answered with entry, envelope and the proofs that the entry
        stands in the log.
        Steps 1 and 2 leave no entry: nobody is known to have asked. The same request sent again is another release with an
        entry of its own.
        """
        request, statement = release_request.parse(text)
        if (request.report, b64u(request.part)) != (report, part):
            raise OtherSubjectError("a release-request names another report or part than its address")
        outcome, recorded = self._acts.record(
            lambda uow: self._decide(uow, who, request, statement, audit_size),
            lambda: self._faults.at("access.release.before-entry"),
            lambda: self._faults.at("access.release.after-entry"),
        )
        if outcome.envelope is None:
            raise WithheldError(outcome.outward or UNAVAILABLE)
        self._faults.at("access.release.after-commit")
        proof = self._logs.prove(AUDIT, recorded.index, since=audit_size)
        return {**recorded.to_json(), "envelope": b64u(outcome.envelope), **proof.to_json()}

    def _decide(
        self, uow: UnitOfWork, who: Caller, request: ReleaseRequest, statement: Statement, audit_size: int
    ) -> Decided[_Outcome]:
        asker = self._signed_by(uow, who, request, statement)
        if audit_size > self._logs.head(uow, AUDIT).size:
            raise LogRangeError("the caller has verified more of the audit log than this server holds")
        looked, part = self._access.look(uow, asker, request.report), b64u(request.part)
        judged = judge_look(looked, part, request.action, request.purpose, uow.now)
        if judged.permitted and request.action not in _READING:
            # An envelope opens the content, whatever it is asked for: to know of a part or to quote it is not to read it.
            judged = judge_look(looked, part, "view", request.purpose, uow.now)
        envelope = self._envelope(uow, asker, request) if judged.permitted else None
        event = _event(who, request, statement, judged, envelope)
        return Decided(_Outcome(judged.outward, envelope), event, looked.relied)

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
