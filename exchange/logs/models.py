"""The logs' tables: leaves, complete nodes and the head, all written in the transaction of the act they record."""

from sqlalchemy.orm import Mapped, mapped_column

from exchange.db import Base


class LogHead(Base):
    """Size and root of a log: the row whose commit is the log's commit point."""

    __tablename__ = "log_heads"

    log: Mapped[str] = mapped_column(primary_key=True)  # "directory" or "audit"
    n: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    root: Mapped[bytes]


class LogLeaf(Base):
    """One leaf: an audit leaf of 73 bytes, or a statement of the directory."""

    __tablename__ = "log_leaves"

    log: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes]


class LogNode(Base):
    """One complete node of a log's tree; level 0 holds the leaves' hashes. Never changes."""

    __tablename__ = "log_nodes"

    log: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[bytes]
