"""The register's tables: instruments as recorded, their events, and one version a State that every change raises.

What an instrument speaks of and which it replaces stand in tables of their own beside the signed record, to find by: a
decision reads the instruments that can bear on its report, not all that a State has agreed to.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from exchange.db import Base


class ConsentHead(Base):
    """How often a State's part of the register has changed: what a release locks before it reads."""

    __tablename__ = "consent_heads"

    state: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]


class ConsentInstrument(Base):
    """An instrument of a State as it was recorded; its terms stand in the statement of its record.

    `version` is what the State's head came to with the record: the order in which a State's instruments were recorded.
    """

    __tablename__ = "consent_instruments"
    __table_args__ = (Index("ix_consent_instruments_order", "state", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True)  # base64url of 16 bytes
    state: Mapped[str]
    version: Mapped[int]
    recorder: Mapped[str]  # officer, base64url of 16 bytes
    recorder_body: Mapped[str] = mapped_column(index=True)
    record: Mapped[bytes]  # hash of the statement that recorded it
    evidence: Mapped[str | None]


class ConsentScope(Base):
    """Something that an instrument speaks of, by its name in `exchange.consents.scopes`."""

    __tablename__ = "consent_scopes"

    about: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    instrument: Mapped[str] = mapped_column(ForeignKey("consent_instruments.id"), primary_key=True)


class ConsentReplacement(Base):
    """An instrument that `instrument` supersedes, as its record says."""

    __tablename__ = "consent_replacements"

    named: Mapped[str] = mapped_column(ForeignKey("consent_instruments.id"), primary_key=True)
    instrument: Mapped[str] = mapped_column(ForeignKey("consent_instruments.id"), primary_key=True)


class ConsentEvent(Base):
    """One signed event of an instrument, in the order recorded; append-only."""

    __tablename__ = "consent_events"

    instrument: Mapped[str] = mapped_column(ForeignKey("consent_instruments.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type: Mapped[str]
    at: Mapped[datetime]
    effective: Mapped[datetime | None]
    by: Mapped[str]  # officer, base64url of 16 bytes
    by_body: Mapped[str]
    by_state: Mapped[bool]
    statement: Mapped[bytes] = mapped_column(unique=True)
