"""Signed statements the server keeps, each with the ticket of its entry; and those that still lack a signer.

A statement is stored together with its entry, in one unit of work: neither is ever there alone. The text is kept as it
was signed; a bare flag is kept nowhere. Release-requests and receipts are refused here: no table holds who opened what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from exchange.audit.errors import StatementNotKeptError, StatementStoredError
from exchange.audit.events import Event
from exchange.audit.models import PendingStatement, SignedStatement, StatementSubject
from exchange.audit.services import Audit
from exchange.db import UnitOfWork
from exchange.ledger.ticket import Ticket
from exchange.ledger.view import kept_signatures
from exchange.ledger.vocabulary import act_of
from exchange.logs.faults import Faults
from exchange.logs.places import AUDIT
from exchange.logs.services import Logs
from keys.encoding import b64u, canonical, format_time, parse_json
from keys.statement import Statement, parse

NOT_KEPT: Final = frozenset({"exchange/release-request", "exchange/receipt"})
_MAX_BESIDE: Final = 16 * 1024 * 1024
_COUNTS: Final = (
    select(StatementSubject.kind, StatementSubject.subject, func.count())
    .where(tuple_(StatementSubject.kind, StatementSubject.subject).in_(bindparam("subjects", expanding=True)))
    .group_by(StatementSubject.kind, StatementSubject.subject)
)


class Subject(NamedTuple):
    """What a statement is about: a kind of thing ("report", "instrument", "state", "organisation") and its id."""

    kind: str
    id: str


@dataclass(frozen=True)
class Stored:
    """A statement that took effect: its hash, label, text as signed, ticket, and when the server recorded it."""

    hash: bytes
    label: str
    text: bytes = field(repr=False)
    ticket: Ticket = field(repr=False)
    recorded: datetime

    @property
    def statement(self) -> Statement:
        """The statement, parsed anew."""
        return parse(self.text)

    def to_json(self) -> dict[str, Any]:
        """Return {hash, statement, ticket}."""
        return {"hash": b64u(self.hash), "statement": self.text.decode("ascii"), "ticket": self.ticket.to_json()}


@dataclass(frozen=True)
class Pending:
    """A statement that lacks signers, with what came beside it, and the body whose officers may complete it."""

    hash: bytes
    label: str
    text: bytes = field(repr=False)
    body: str
    beside: Mapping[str, Any] = field(repr=False)
    received: datetime

    @property
    def statement(self) -> Statement:
        """The statement, parsed anew."""
        return parse(self.text)

    def to_json(self) -> dict[str, Any]:
        """Return {hash, statement, beside, received}; `received` as RFC 3339."""
        return {
            "hash": b64u(self.hash),
            "statement": self.text.decode("ascii"),
            "beside": dict(self.beside),
            "received": format_time(self.received),
        }


class Statements:
    """The tables of signed and of pending statements."""

    def __init__(self, audit: Audit, logs: Logs, faults: Faults) -> None:
        self._audit = audit
        self._logs = logs
        self._faults = faults

    def store(self, uow: UnitOfWork, statement: Statement, event: Event, subjects: Iterable[Subject]) -> Stored:
        """Write the entry of a statement that takes effect and keep the statement with its ticket, in the caller's unit.

        The event's `statement`, its `asked` and its signatures are taken from the statement. Whoever calls has verified
        signers and payload. Raises StatementStoredError for a hash that is kept already (ask `find` first),
        StatementNotKeptError, MalformedError for a statement without a signature, and what `Audit.record` raises.
        """
        if statement.typ.rpartition("/")[0] in NOT_KEPT:
            raise StatementNotKeptError(f"a statement '{statement.typ}' is kept in no table")
        if self.find(uow, statement.hash) is not None:
            raise StatementStoredError("this statement has its entry already")
        fields = {**event.fields, "statement": b64u(statement.hash)}
        if "asked" in act_of(event.act).fields and fields.get("asked") is None:
            fields["asked"] = statement.body.get("time")
        recorded = self._audit.record(uow, Event(event.act, fields, kept_signatures(statement)))
        stored = Stored(statement.hash, statement.typ, statement.text, recorded.ticket(), uow.now)
        # By these a later `officer.leave` finds what stands under a key, so no room may forget them.
        signers = [Subject("signer", b64u(kid)) for kid in statement.kids]
        self._faults.at("audit.store.before-statement")
        _insert(uow.session, stored, [*subjects, *signers])
        self.drop(uow, statement.hash)
        self._faults.at("audit.store.after-statement")
        return stored

    def find(self, uow: UnitOfWork, hash: bytes) -> Stored | None:
        """Return the stored statement of this hash, or None."""
        row = uow.session.get(SignedStatement, hash)
        return None if row is None else _stored(row)

    def all(self, uow: UnitOfWork, hashes: Iterable[bytes]) -> dict[bytes, Stored]:
        """Return the stored statements of these hashes, by hash; what is not stored is left out."""
        rows = uow.session.scalars(select(SignedStatement).where(SignedStatement.hash.in_(list(hashes))))
        return {row.hash: _stored(row) for row in rows}

    def of(self, uow: UnitOfWork, kind: str, subject: str, label: str | None = None) -> list[Stored]:
        """Return the statements about a subject, of one label if given, in the order of their entries."""
        query = (
            select(SignedStatement)
            .join(StatementSubject, StatementSubject.hash == SignedStatement.hash)
            .where(StatementSubject.kind == kind, StatementSubject.subject == subject)
            .order_by(SignedStatement.index)
        )
        if label is not None:
            query = query.where(SignedStatement.label == label)
        return [_stored(row) for row in uow.session.scalars(query)]

    def about(self, uow: UnitOfWork, subjects: Iterable[Subject]) -> dict[Subject, list[Stored]]:
        """Return the statements about several subjects, of each in the order of their entries, asked for at once."""
        found: dict[Subject, list[Stored]] = {subject: [] for subject in subjects}
        named = tuple_(StatementSubject.kind, StatementSubject.subject)
        query = (
            select(StatementSubject.kind, StatementSubject.subject, SignedStatement)
            .join(SignedStatement, StatementSubject.hash == SignedStatement.hash)
            .where(named.in_([tuple(subject) for subject in found]))
            .order_by(SignedStatement.index)
        )
        for kind, subject, row in uow.session.execute(query):
            found[Subject(kind, subject)].append(_stored(row))
        return found

    def counts(self, uow: UnitOfWork, subjects: Iterable[Subject]) -> dict[Subject, int]:
        """Return how many statements there are about each subject: no statement ever goes, so more means a new one."""
        wanted = [tuple(subject) for subject in subjects]
        rows = uow.session.connection().execute(_COUNTS, {"subjects": wanted})
        found = {Subject(kind, subject): count for kind, subject, count in rows}
        return {Subject(*subject): found.get(Subject(*subject), 0) for subject in wanted}

    def latest(self, uow: UnitOfWork, kind: str, subject: str, label: str | None = None) -> Stored | None:
        """Return the last of the statements that `of` returns, or None."""
        found = self.of(uow, kind, subject, label)
        return found[-1] if found else None

    def with_proofs(self, stored: Sequence[Stored]) -> dict[str, Any]:
        """Return {checkpoint, size, statements: [{hash, statement, ticket, inclusion}]} for committed statements.

        One checkpoint that covers them all; call it with no writing unit open. Raises LogStopped.
        """
        signed, proofs = self._logs.prove_all(AUDIT, [item.ticket.index for item in stored])
        listed = [
            {**item.to_json(), "inclusion": [b64u(value) for value in proof.hashes]}
            for item, proof in zip(stored, proofs, strict=True)
        ]
        return {"checkpoint": signed.text, "size": signed.size, "statements": listed}

    def hold(self, uow: UnitOfWork, statement: Statement, body: str, beside: Mapping[str, Any]) -> Pending:
        """Keep a statement that lacks signers, merged with what is pending under its hash, and return the merged one.

        The first body and the first `beside` that is not empty stay. The caller sees whether it is complete now, and then
        calls `store`. MalformedError for a `beside` that is not JSON as we spell it.
        """
        data = canonical(dict(beside), limit=_MAX_BESIDE)
        self._faults.at("audit.hold.before-pending")
        row = uow.session.get(PendingStatement, statement.hash)
        if row is None:
            row = PendingStatement(
                hash=statement.hash,
                label=statement.typ,
                text=statement.text,
                body=body,
                beside=data,
                received=uow.now,
            )
            uow.session.add(row)
        else:
            row.text = merged(parse(row.text), statement).text
            row.beside = data if row.beside == b"{}" else row.beside
        uow.session.flush()
        self._faults.at("audit.hold.after-pending")
        return _pending(row)

    def pending(self, uow: UnitOfWork, hash: bytes) -> Pending | None:
        """Return the pending statement of this hash, or None."""
        row = uow.session.get(PendingStatement, hash)
        return None if row is None else _pending(row)

    def pending_of(self, uow: UnitOfWork, body: str) -> list[Pending]:
        """Return what the officers of a body may complete, oldest first."""
        query = select(PendingStatement).where(PendingStatement.body == body)
        rows = uow.session.scalars(query.order_by(PendingStatement.received, PendingStatement.hash))
        return [_pending(row) for row in rows]

    def drop(self, uow: UnitOfWork, hash: bytes) -> None:
        """Forget a pending statement, if there is one."""
        uow.session.execute(delete(PendingStatement).where(PendingStatement.hash == hash))

    def drop_before(self, uow: UnitOfWork, moment: datetime) -> None:
        """Forget every pending statement that was first received before `moment`."""
        uow.session.execute(delete(PendingStatement).where(PendingStatement.received < moment))


def merged(first: Statement, second: Statement) -> Statement:
    """Return one statement with the signatures of both; where both have a signer, the first's line stays."""
    extra = [signature for signature in second.signatures if signature.kid not in first.kids]
    signatures = sorted((*first.signatures, *extra), key=lambda signature: signature.kid)
    return replace(first, signatures=tuple(signatures))


def _insert(session: Session, stored: Stored, subjects: Iterable[Subject]) -> None:
    values = {
        "hash": stored.hash,
        "label": stored.label,
        "text": stored.text,
        "index": stored.ticket.index,
        "ticket": stored.ticket.text,
        "recorded": stored.recorded,
    }
    session.execute(insert(SignedStatement), values)
    rows = [{"kind": kind, "subject": subject, "hash": stored.hash} for kind, subject in sorted(set(subjects))]
    if rows:
        session.execute(insert(StatementSubject), rows)


def _stored(row: SignedStatement) -> Stored:
    return Stored(row.hash, row.label, row.text, Ticket.parse(row.ticket), row.recorded)


def _pending(row: PendingStatement) -> Pending:
    beside = parse_json(row.beside, limit=_MAX_BESIDE)
    return Pending(row.hash, row.label, row.text, row.body, beside, row.received)
