"""Registering a report: one request takes everything, in one transaction with its entry, or nothing.

What is slow (parsing, taking locks off) happens before the writing unit; everything that another request may have
changed meanwhile is checked again inside it. The commit of that unit is the moment from which the report exists.
"""

import hmac
from dataclasses import dataclass
from typing import Any

from exchange.audit.events import Event
from exchange.audit.statements import Statements, Stored, Subject
from exchange.db import Database, UnitOfWork
from exchange.directory.signers import signer_book
from exchange.directory.snapshots import LOG, Snapshots
from exchange.ledger.values import Value
from exchange.logs.faults import Faults
from exchange.logs.services import Logs
from exchange.reports import deposit as deposits
from exchange.reports import rows, rules, uploads
from exchange.reports.deposit import Deposit
from exchange.reports.errors import PieceRootDiffersError, PiecesMissingError, RegistrationDiffersError
from exchange.reports.gathering import STANDING
from exchange.reports.locks import Locks, Named
from exchange.reports.models import Upload
from exchange.sealing.descriptor import PartDescriptor
from exchange.sealing.pieces import root_of
from exchange.statements import determination, report_header
from exchange.statements.errors import WrongSignerError
from exchange.statements.standing import approval_needed
from exchange.web.caller import Caller
from keys.encoding import b64u, format_time
from keys.replay_directory import Directory


@dataclass(frozen=True)
class Registered:
    """What a registration is answered with; `new` is False where this header was registered before."""

    report: str
    stored: Stored
    new: bool

    def to_json(self) -> dict[str, Any]:
        """Return {report, header, ticket}."""
        return {"report": self.report, "header": b64u(self.stored.hash), "ticket": self.stored.ticket.to_json()}


class Registration:
    """The one writer of reports."""

    def __init__(
        self,
        database: Database,
        logs: Logs,
        statements: Statements,
        snapshots: Snapshots,
        locks: Locks,
        faults: Faults,
        most_bytes: int,
    ) -> None:
        """`most_bytes`: the most bytes of one report's parts together."""
        self._database = database
        self._logs = logs
        self._statements = statements
        self._snapshots = snapshots
        self._locks = locks
        self._faults = faults
        self._most_bytes = most_bytes

    def register(self, body: bytes, who: Caller) -> Registered:
        """Register the report in a posted package; opens units of its own, so not inside one of yours.

        1. The package and the header are in form.
        2. The caller is of the owner's body (WrongSignerError).
        3. The very same header again: the first answer. Another one for this report: RegistrationDiffersError.
        4. The header's time is near the server's clock, its directory is ours, its signers are officers of the owner
           whose keys are good now.
        5. The header declares nothing that the rules refuse (`rules.check_header`), and where the body has its
           transmissions approved, it names nobody else or two officers signed it (`rules.check_approval`).
        6. Descriptors, manifests and envelopes belong to the header.
        7. Every recipient exists, may be one, and is sealed to under its current epoch; owner and originators are among
           them.
        8. Every part's pieces are there and give the root and the commitment its descriptor names.
        9. Every lock comes off, and inside is the envelope the descriptor names; what was inside is forgotten.
        10. In one writing unit: 3 to 8 and the lock key once more, then rows, statement, ticket and entry.
        """
        deposit = deposits.parse(body)
        if deposit.header.owner != who.organisation:
            raise WrongSignerError("a report is registered by an officer of its owner")
        with self._database.unit_of_work() as uow:
            first = self._first_answer(uow, deposit)
            if first is not None:
                return first
            self._check(uow, deposit)
        self._check_locks(deposit)
        with self._database.unit_of_work(write=True) as uow:
            first = self._first_answer(uow, deposit)
            if first is not None:
                return first
            found = self._check(uow, deposit)
            self._locks.check_current(deposit.package.envelopes.values())
            rows.write(uow, deposit, found, who, self._faults)
            stored = self._store(uow, deposit, who)
        return Registered(deposit.header.report, stored, new=True)

    def _first_answer(self, uow: UnitOfWork, deposit: Deposit) -> Registered | None:
        found = rows.find(uow, deposit.header.report)
        if found is None:
            return None
        stored = self._statements.find(uow, deposit.statement.hash)
        if stored is None or found.header != deposit.statement.hash:
            raise RegistrationDiffersError("another header is registered for this report")
        return Registered(found.report, stored, new=False)

    def _check(self, uow: UnitOfWork, deposit: Deposit) -> list[Upload]:
        """Steps 4 to 8; return the upload of each part."""
        directory = self._snapshots.required(uow)
        header = deposit.header
        rules.check_time(header, uow.now)
        report_header.verify(header, deposit.statement, signer_book(uow, directory))
        self._check_head(uow, deposit, directory)
        rules.check_header(deposit, uow.now.date())
        rules.check_approval(deposit, self._approval_needed(uow, header.owner), directory)
        rules.check_size(deposit, self._most_bytes)
        deposits.check_belongs(deposit)
        rules.check_addressed(deposit, directory)
        return [self._check_pieces(uow, deposit, part) for part in deposit.parts]

    def _approval_needed(self, uow: UnitOfWork, owner: str) -> bool:
        stored = self._statements.of(uow, STANDING, owner, determination.LABEL)
        return approval_needed(owner, (determination.read(each.statement) for each in stored))

    def _check_head(self, uow: UnitOfWork, deposit: Deposit, directory: Directory) -> None:
        size = deposit.header.directory.size
        root = self._logs.root_at(uow, LOG, size) if size <= directory.size else None
        rules.check_directory_head(deposit.header, directory.log(LOG).n, directory.size, root)

    def _check_pieces(self, uow: UnitOfWork, deposit: Deposit, part: PartDescriptor) -> Upload:
        upload = uploads.find(uow, deposit.header.owner, deposit.header.report, part.id)
        hashes = [] if upload is None else uploads.stored_hashes(uow, upload.id)
        if upload is not None and upload.size != part.size:
            raise PieceRootDiffersError(
                f"the upload of part {b64u(part.id)} does not have the size its descriptor names"
            )
        if upload is None or upload.commitment is None or len(hashes) != part.pieces:
            missing = part.pieces - len(hashes)
            raise PiecesMissingError(f"{missing} pieces of part {b64u(part.id)} are missing", b64u(part.id), missing)
        same_root = hmac.compare_digest(root_of(hashes), part.root)
        if not same_root or not hmac.compare_digest(upload.commitment, part.commitment):
            raise PieceRootDiffersError(f"the pieces of part {b64u(part.id)} are not those its descriptor names")
        return upload

    def _check_locks(self, deposit: Deposit) -> None:
        named = [Named(r.organisation, r.part, r.envelope) for r in deposit.recipients]
        self._locks.check(deposit.report, named, deposit.package.envelopes)

    def _store(self, uow: UnitOfWork, deposit: Deposit, who: Caller) -> Stored:
        header = deposit.header
        fields: dict[str, Value] = {
            "actor": who.officer,
            "body": who.organisation,
            "owner": header.owner,
            "report": header.report,
            "kind": header.kind,
            "tier": header.tier,
            "regime": header.regime,
            "parts": len(deposit.parts),
            "recipients": len(deposit.recipients),
            "held_until": None if header.held_until is None else format_time(header.held_until),
        }
        event = Event("reports:report:register", fields)
        stored = self._statements.store(uow, deposit.statement, event, [Subject("report", header.report)])
        self._faults.at("reports.register.after-statement")
        return stored
