"""Accepting statements into the directory, all or nothing, and answering what other rooms ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from exchange.audit.events import Event
from exchange.audit.services import Audit
from exchange.audit.statements import Statements
from exchange.db import UnitOfWork
from exchange.directory.errors import AlreadyFoundedError, EndedAtError, KeyStillUsedError, RootMismatchError
from exchange.directory.models import (
    DirectoryKey,
    DirectoryLeaf,
    DirectoryMandate,
    DirectoryProfile,
    DirectorySeat,
)
from exchange.directory.snapshots import LOG, Snapshots, public_of
from exchange.ledger.chain import ReadingBody
from exchange.ledger.view import kept_signatures
from exchange.logs.faults import Faults
from exchange.logs.services import Logs
from exchange.web.caller import ActiveOfficer, Caller
from keys.directory_kinds import Kind, read_kind
from keys.directory_officers import OfficerLeave, PrivateMandate
from keys.directory_root import Root
from keys.directory_submission import Submission, check_beside
from keys.encoding import b64u, format_time, unb64u
from keys.errors import MalformedError
from keys.replay import PublicOf, with_statements
from keys.replay_directory import Directory
from keys.statement import Statement


@dataclass(frozen=True)
class Accepted:
    """A statement's place in the directory log."""

    hash: bytes
    index: int


class Directories:
    """The one writer of the directory log."""

    def __init__(
        self, logs: Logs, audit: Audit, statements: Statements, snapshots: Snapshots, faults: Faults, halves: "Halves"
    ) -> None:
        self._logs = logs
        self._audit = audit
        self._statements = statements
        self._snapshots = snapshots
        self._faults = faults
        self._halves = halves

    def submit(self, uow: UnitOfWork, submission: Submission, caller: Caller | None) -> list[Accepted]:
        """Append these statements in their order, or none, with what lies beside them and one audit entry each.

        What stands in the log already, as a whole and in this order, gets the first answer again. Raises the errors of
        `keys.replay` and `keys.directory_submission`, EndedAtError, KeyStillUsedError.
        """
        repeated = self._repeated(uow, submission)
        if repeated is not None:
            return repeated
        before = self._snapshots.required(uow)
        after = with_statements(before, submission.statements, uow.now, _known(uow, submission))
        check_beside(after, submission, public_of(uow))
        for statement in submission.statements:
            self._check_leave(uow, read_kind(statement), before)
        return self._append(uow, submission, after, before.size, caller)

    def found(self, uow: UnitOfWork, submission: Submission) -> Accepted:
        """Record the founding: one `root`, signed by every founder, that names this instance and its keys.

        The same root again gets the first answer. Raises AlreadyFoundedError, RootMismatchError, and as `submit`.
        """
        repeated = self._repeated(uow, submission)
        if repeated is not None:
            return repeated[0]
        if self._snapshots.current(uow) is not None:
            raise AlreadyFoundedError("this exchange has been founded with another root")
        after = with_statements(None, submission.statements, uow.now, _known(uow, submission))
        self._halves.check(after.root)
        check_beside(after, submission, public_of(uow))
        return self._append(uow, submission, after, 0, None)[0]

    def _repeated(self, uow: UnitOfWork, submission: Submission) -> list[Accepted] | None:
        hashes = [statement.hash for statement in submission.statements]
        rows = uow.session.scalars(select(DirectoryLeaf).where(DirectoryLeaf.hash.in_(hashes)))
        places = {row.hash: row.index for row in rows}
        found = [places.get(digest) for digest in hashes]
        if None in found or not found:
            return None
        return [Accepted(digest, places[digest]) for digest in hashes]

    def _append(
        self, uow: UnitOfWork, submission: Submission, after: Directory, first: int, caller: Caller | None
    ) -> list[Accepted]:
        self._faults.at("directory.submit.before-beside")
        _keep_beside(uow, submission)
        self._faults.at("directory.submit.after-beside")
        accepted = []
        for place, statement in enumerate(submission.statements):
            index = self._logs.append(uow, LOG, statement.text)
            uow.session.add(DirectoryLeaf(index=index, hash=statement.hash, logged=uow.now))
            accepted.append(Accepted(statement.hash, index))
            if index != first + place:
                raise RootMismatchError("the directory log is not where the directory is")
        uow.session.flush()
        # Entries come after all leaves of the act, so that their chains are sealed to the bodies the act leaves behind.
        for statement, taken in zip(submission.statements, accepted, strict=True):
            self._audit.record(uow, _event(after, statement, taken.index, caller))
        self._faults.at("directory.submit.after-entries")
        uow.on_commit(self._snapshots.keeper(after))
        return accepted

    def _check_leave(self, uow: UnitOfWork, kind: Kind, before: Directory) -> None:
        if not isinstance(kind, OfficerLeave):
            return
        ended = kind.ended_at
        head = self._logs.head(uow, "audit")
        if ended.n != 1 or ended.size > head.size:
            raise EndedAtError("a leave names a state of the audit log that this server does not have")
        kid = before.officer(kind.officer).sign
        for stored in self._statements.of(uow, "signer", b64u(kid)):
            if (stored.ticket.n, stored.ticket.index) >= (ended.n, ended.size):
                raise KeyStillUsedError("a statement of that key stands at or after its end")


class Halves:
    """This server's own public halves, against which a root is compared."""

    def __init__(self, halves: dict[str, object]) -> None:
        self.value = halves

    def check(self, root: Root) -> None:
        """RootMismatchError unless `root` names this instance, its four log keys and its lock key."""
        logs = {name: {"n": log.n, "ed25519": log.ed25519, "mldsa44": log.mldsa44} for name, log in root.logs.items()}
        lock = self.value["lock_key"]
        if not isinstance(lock, dict) or b64u(root.lock_key) != lock["id"]:
            raise RootMismatchError("the root names another lock key than this server's")
        if root.instance != self.value["instance"] or logs != self.value["logs"]:
            raise RootMismatchError("the root names another instance or other log keys than this server's")


class Bodies:
    """What the rooms `audit` and `web` ask of the directory (protocols BodyDirectory and KeyDirectory)."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots
        self._reading: tuple[tuple[int, bytes], Sequence[ReadingBody]] | None = None

    def reading_bodies(self, uow: UnitOfWork) -> Sequence[ReadingBody]:
        """Return every body with an epoch, its current one, as this transaction sees them."""
        directory = self._snapshots.current(uow)
        if directory is None:
            return ()
        place = (directory.size, directory.log_root)
        kept = self._reading
        if kept is not None and kept[0] == place:
            return kept[1]
        find = public_of(uow)
        found = []
        for body in directory.organisations:
            public = None if body.epoch is None else find(body.epoch.key)
            if body.epoch is not None and public is not None:
                found.append(ReadingBody(body.id, body.epoch.number, public))
        self._reading = (place, tuple(found))
        return self._reading[1]

    def audit_office(self, uow: UnitOfWork, body: str) -> str | None:
        """Return the audit office a body named; an audit office answers for itself."""
        directory = self._snapshots.current(uow)
        if directory is None or not directory.has_organisation(body):
            return None
        return directory.audit_office(body)

    def host(self, uow: UnitOfWork) -> str | None:
        """Return the body that hosts the exchange; None before the founding."""
        directory = self._snapshots.current(uow)
        return None if directory is None else directory.host

    def active_officer(self, uow: UnitOfWork, officer: str) -> ActiveOfficer | None:
        """Return an officer in force, or a founder whose body is still to be added; None for anyone else."""
        directory = self._snapshots.current(uow)
        if directory is None:
            return None
        try:
            wanted = unb64u(officer, 16)
        except MalformedError:
            return None
        find = public_of(uow)
        member = next((o for o in directory.officers if o.id == wanted), None)
        if member is not None:
            public = find(member.sign)
            if not member.may_act(uow.now) or public is None:
                return None
            return ActiveOfficer(member.organisation, member.sign, public)
        founder = next((f for f in directory.founders if f.officer == wanted), None)
        public = None if founder is None else find(founder.sign)
        if founder is None or public is None:
            return None
        return ActiveOfficer(founder.organisation, founder.sign, public)

    def mandate(self, uow: UnitOfWork, officer: bytes, directory: Directory | None = None) -> PrivateMandate | None:
        """Return the private half of an officer's last mandate, in a past directory if given; None where there is none."""
        found = (directory or self._snapshots.required(uow)).officer(officer).mandate
        row = None if found is None else uow.session.get(DirectoryMandate, found.private)
        return None if row is None else PrivateMandate.read(row.body)


def _known(uow: UnitOfWork, submission: Submission) -> PublicOf:
    kept = public_of(uow)
    return lambda kid: submission.keys.get(kid) or kept(kid)


def _event(after: Directory, statement: Statement, index: int, caller: Caller | None) -> Event:
    kind = read_kind(statement)
    signatures = kept_signatures(statement)
    if isinstance(kind, Root):
        fields = {"body": kind.host, "statement": b64u(statement.hash), "asked": format_time(kind.time)}
        return Event("directory:root:install", fields, signatures)
    _space, subject = kind.subject
    concerned = getattr(kind, "organisation", None) or subject
    owner = concerned if isinstance(concerned, str) and after.has_organisation(concerned) else None
    return Event(
        "directory:statement:accept",
        {
            "actor": None if caller is None else caller.officer,
            "body": None if caller is None else caller.organisation,
            "owner": owner,
            "kind": kind.KIND,
            "subject": subject if isinstance(subject, str) else b64u(subject),
            "statement": b64u(statement.hash),
            "index": index,
            "asked": format_time(kind.link.time),
        },
        signatures,
    )


def _keep_beside(uow: UnitOfWork, submission: Submission) -> None:
    session = uow.session
    for kid, public in submission.keys.items():
        if session.get(DirectoryKey, kid) is None:
            session.add(DirectoryKey(kid=kid, public=public))
    for seat in submission.seats:
        session.add(
            DirectorySeat(organisation=seat.organisation, epoch=seat.epoch, officer=seat.officer, seat=seat.ciphertext)
        )
    for half in submission.mandates:
        session.add(DirectoryMandate(hash=half.hash, salt=half.salt, body=half.spelling))
    for profile in submission.profiles:
        session.merge(
            DirectoryProfile(
                officer=profile.officer,
                reader=profile.reader,
                epoch=profile.epoch,
                key=profile.key,
                sealed=profile.sealed,
            )
        )
    session.flush()
