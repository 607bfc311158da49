"""The tables of publications. What a publication says stands in the signed statement itself; here lies what finds it, and
where its files are. No table says who read what is published.
"""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from exchange.db import Base


class Publication(Base):
    """A publication that took effect, in the order of the public list; `withdrawn` once it was taken off the page."""

    __tablename__ = "publications"

    number: Mapped[int] = mapped_column(primary_key=True)
    statement: Mapped[bytes] = mapped_column(unique=True)
    report: Mapped[str] = mapped_column(index=True)
    published: Mapped[datetime]
    withdrawn: Mapped[datetime | None]


class PublicationFile(Base):
    """A plain file that a publication names, by its role: on its way, or `stored`, durable and of the SHA-256 named."""

    __tablename__ = "publication_files"
    __table_args__ = (UniqueConstraint("statement", "role"),)

    id: Mapped[str] = mapped_column(primary_key=True)  # 16 random bytes, base64url: the store's key
    statement: Mapped[bytes]
    role: Mapped[str]
    stored: Mapped[bool]
