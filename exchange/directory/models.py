"""The directory's tables. Statements themselves are the leaves of the log `directory`; here lies what is beside them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from exchange.db import Base


class DirectoryLeaf(Base):
    """When a leaf of the directory log was appended, and the hash of its statement."""

    __tablename__ = "directory_leaves"

    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(unique=True)
    logged: Mapped[datetime]


class DirectoryKey(Base):
    """The public bytes of a key id that a statement names."""

    __tablename__ = "directory_keys"

    kid: Mapped[bytes] = mapped_column(primary_key=True)
    public: Mapped[bytes]


class DirectorySeat(Base):
    """An epoch's seed, sealed to one officer."""

    __tablename__ = "directory_seats"

    organisation: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    officer: Mapped[bytes] = mapped_column(primary_key=True)
    seat: Mapped[bytes]


class DirectoryMandate(Base):
    """The private half of a mandate: clearance and excluded States, which the server needs to decide."""

    __tablename__ = "directory_mandates"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    salt: Mapped[bytes]
    body: Mapped[bytes]


class DirectoryProfile(Base):
    """An officer's profile, sealed to their own body; the server cannot open it."""

    __tablename__ = "directory_profiles"

    officer: Mapped[bytes] = mapped_column(primary_key=True)
    reader: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[bytes]
    sealed: Mapped[bytes]


class Invitation(Base):
    """What the server knows of an invitation: the hash of its code, who made it, until when; never the code."""

    __tablename__ = "directory_invitations"

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(index=True)
    inviter: Mapped[str]
    expires: Mapped[datetime]
    used_by: Mapped[bytes | None]  # the hash of the enrolment that was accepted


class JoinRequest(Base):
    """A joiner's enrolment, signed by the joiner alone, waiting for the inviter; one an invitation."""

    __tablename__ = "directory_joins"

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(index=True)
    statement: Mapped[bytes]
    proof: Mapped[bytes]
    beside: Mapped[bytes]  # canonical JSON of public keys by key id
    received: Mapped[datetime]
