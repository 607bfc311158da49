"""The accounts' tables. Secrets are stored as hashes only: a copy of the database signs nobody in."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from exchange.db import Base


class Account(Base):
    """An officer's name and password for the pages."""

    __tablename__ = "accounts"

    officer: Mapped[str] = mapped_column(primary_key=True)  # base64url of 16 bytes
    login_name: Mapped[str] = mapped_column(unique=True)  # lower case
    password_hash: Mapped[str]  # Argon2id in PHC form, with its own salt and cost
    changed: Mapped[datetime]


class WebSession(Base):
    """A signed-in browser. The cookie holds 32 random bytes, this row their SHA-256."""

    __tablename__ = "web_sessions"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    officer: Mapped[str] = mapped_column(index=True)
    seen: Mapped[datetime]  # at most a minute old while the session is used
    ends: Mapped[datetime]


class Token(Base):
    """A bearer token in force. The client holds 32 random bytes, this row their SHA-256."""

    __tablename__ = "tokens"
    __table_args__ = (Index("ix_tokens_expires", "expires"),)

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    officer: Mapped[str] = mapped_column(index=True)
    kid: Mapped[bytes]  # the signing key that asked for it; the token ends with that key
    expires: Mapped[datetime]


class UsedAssertion(Base):
    """A client assertion's id, kept until the assertion could no longer be used anyway."""

    __tablename__ = "used_assertions"
    __table_args__ = (Index("ix_used_assertions_expires", "expires"),)

    officer: Mapped[str] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True)
    expires: Mapped[datetime]
