"""The table of notices: who asked for them, where to, and what they were told of, as marks that only say whether it is new."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from exchange.db import Base


class NoticeAddress(Base):
    """An officer's wish for notices.

    `code` is the SHA-256 of the code that was sent; `told` and `next` are null until it was given back. `told` are
    marks of 16 bytes, one after the other, each an HMAC under `salt` of one thing that concerned the officer at the last look:
    they tell whether a thing is new, and nothing of who opened what.
    """

    __tablename__ = "notice_addresses"
    __table_args__ = (Index("ix_notice_addresses_next", "next"),)

    officer: Mapped[str] = mapped_column(primary_key=True)  # base64url of 16 bytes
    address: Mapped[str]
    language: Mapped[str]
    asked: Mapped[datetime]
    code: Mapped[bytes]
    tries: Mapped[int]
    salt: Mapped[bytes]
    told: Mapped[bytes | None]
    next: Mapped[datetime | None]
