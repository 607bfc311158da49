"""The tables of uploads and reports. What a header, grant, stop or determination says stands in the signed statement itself
(`exchange.audit.statements`); here lies what is beside them. No table says who opened anything.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from exchange.db import Base


class Upload(Base):
    """A part's ciphertext as it arrives, and once its report is registered the place where its pieces lie for good."""

    __tablename__ = "uploads"
    __table_args__ = (UniqueConstraint("organisation", "report", "part"),)

    id: Mapped[str] = mapped_column(primary_key=True)  # 16 random bytes, base64url: the piece store's key
    organisation: Mapped[str]
    report: Mapped[str]
    part: Mapped[bytes]
    size: Mapped[int] = mapped_column(BigInteger)
    commitment: Mapped[bytes | None]  # bytes 24 to 56 of the ciphertext, once piece 0 is there
    touched: Mapped[datetime]
    registered: Mapped[bool]


class UploadPiece(Base):
    """A piece that is durably stored, by its leaf hash, so that registration reads no piece again."""

    __tablename__ = "upload_pieces"

    upload: Mapped[str] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class Report(Base):
    """A registered report: whose it is, and the statement that declares it. `number` orders lists and leaves no server."""

    __tablename__ = "reports"
    __table_args__ = (Index("ix_reports_sent", "owner", "number"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    owner: Mapped[str]
    officer: Mapped[str]  # who sent it
    header: Mapped[bytes] = mapped_column(unique=True)
    registered: Mapped[datetime]


class ReportPart(Base):
    """A part's descriptor with its salt, its sealed manifest, and the upload whose pieces it is."""

    __tablename__ = "report_parts"

    report: Mapped[str] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    part: Mapped[bytes] = mapped_column(primary_key=True)
    upload: Mapped[str] = mapped_column(ForeignKey("uploads.id"), unique=True)
    salt: Mapped[bytes]
    descriptor: Mapped[bytes]  # canonical JSON
    manifest: Mapped[bytes]


class ReportLink(Base):
    """A link descriptor with its salt: another report that this one responds to or supersedes."""

    __tablename__ = "report_links"

    report: Mapped[str] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    relation: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[bytes]


class ReportEnvelope(Base):
    """A recipient of a part: the locked envelope, and the header or grant that names it.

    `hash` is of the inner envelope, which lies nowhere; `salt` is that of the header's descriptor, null for a grant's.
    `arrived` is the report's number, null for its owner: so a page of what arrived is found without looking at the rest.
    """

    __tablename__ = "report_envelopes"
    __table_args__ = (
        ForeignKeyConstraint(["report", "part"], ["report_parts.report", "report_parts.part"]),
        Index("ix_report_envelopes_arrived", "organisation", "arrived"),
    )

    report: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[bytes] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[bytes]
    hash: Mapped[bytes]
    lock_key: Mapped[bytes]
    sealed: Mapped[bytes]
    salt: Mapped[bytes | None]
    statement: Mapped[bytes] = mapped_column(index=True)
    arrived: Mapped[int | None]


class Recall(Base):
    """A recall of a report or of one part: what it says stands in its statement. `number` orders lists and leaves no server.

    `state` is that of the agreement it names, None where it names none: so that State finds what became of its agreement.
    """

    __tablename__ = "recalls"
    __table_args__ = (Index("ix_recalls_sent", "owner", "number"), Index("ix_recalls_state", "state", "number"))

    number: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(unique=True)
    report: Mapped[str] = mapped_column(ForeignKey("reports.id"), index=True)
    owner: Mapped[str]
    state: Mapped[str | None]


class RecallNotice(Base):
    """A body that is told of a recalled part: it was named as its recipient, and could know of it at some instant before.

    `officer` is empty for anyone of the body who may know of such reports; else the one reader an agreement named. It says
    what could be known, never what was opened.
    """

    __tablename__ = "recall_notices"

    organisation: Mapped[str] = mapped_column(primary_key=True)
    recall: Mapped[int] = mapped_column(ForeignKey("recalls.number"), primary_key=True, autoincrement=False)
    part: Mapped[bytes] = mapped_column(primary_key=True)
    officer: Mapped[str] = mapped_column(primary_key=True)
