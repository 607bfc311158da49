"""The audit room's tables. None holds a request, a decision, a release or a receipt: those exist in sealed views only."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from exchange.db import Base


class AuditViews(Base):
    """The four sealed views of one entry, 4,096 bytes: the same for every kind of act."""

    __tablename__ = "audit_views"

    n: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    views: Mapped[bytes]


class AuditChain(Base):
    """What a leaf 0x02 commits to, beside its seals: the writing process (random) and the day."""

    __tablename__ = "audit_chains"

    n: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    process: Mapped[bytes]
    day: Mapped[int]


class AuditSeal(Base):
    """The first secret of one chain, sealed to one body's epoch."""

    __tablename__ = "audit_seals"

    n: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    sealed: Mapped[bytes]


class SignedStatement(Base):
    """A statement that took effect, and the ticket that ties it to its entry."""

    __tablename__ = "signed_statement"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    label: Mapped[str]
    text: Mapped[bytes]
    index: Mapped[int] = mapped_column(index=True)  # of its entry, as in the ticket
    ticket: Mapped[bytes]  # exchange.ledger.ticket, its one spelling
    recorded: Mapped[datetime]


class StatementSubject(Base):
    """What a stored statement is about, so that it is found: a report, an instrument, a State, a body."""

    __tablename__ = "signed_statement_subject"

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(primary_key=True)


class PendingStatement(Base):
    """A statement that lacks signers: it has no entry and no effect."""

    __tablename__ = "pending_statement"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    label: Mapped[str]
    text: Mapped[bytes]
    body: Mapped[str] = mapped_column(index=True)  # whose officers may complete it
    beside: Mapped[bytes]  # canonical JSON of what came with it
    received: Mapped[datetime]
