"""What the directory knows after replay: plain frozen values, so that a Directory can share them without copying.

An index counts leaves of the directory log from 0. Times are aware UTC datetimes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from keys.directory_officers import EndedAt

KeyUse: TypeAlias = Literal["sign", "seal", "stop", "epoch", "lock"]


@dataclass(frozen=True)
class KeyOwner:
    """Whose key a key id is: an officer's (or founder's) for sign, seal and stop, a body's for epoch, none for lock."""

    use: KeyUse
    officer: bytes | None = None
    organisation: str | None = None


@dataclass(frozen=True)
class Epoch:
    """A sealing key of a body. `officers` are those who hold a seat, sorted; `index` is the leaf that began it."""

    number: int
    key: bytes
    seats_root: bytes
    officers: tuple[bytes, ...]
    index: int
    logged: datetime


@dataclass(frozen=True)
class Organisation:
    """A body. `added` is the hash of its `organisation.add`, its fingerprint; lists of officers are sorted by id.

    `officers` are the active ones alone; `focal_points` a part of them; `epochs` are in order, the current one last.
    """

    id: str
    kind: str
    state: str | None
    added: bytes
    added_index: int
    focal_points: tuple[bytes, ...]
    officers: tuple[bytes, ...]
    epochs: tuple[Epoch, ...] = ()
    audit_office: str | None = None

    @property
    def epoch(self) -> Epoch | None:
        """The current epoch; None before the first, when nothing can be sealed to the body."""
        return self.epochs[-1] if self.epochs else None


@dataclass(frozen=True)
class Mandate:
    """An officer's last mandate: times are null where it is not limited; `private` is the salted hash of the rest."""

    focal_point: bool
    valid_from: datetime | None
    valid_to: datetime | None
    private: bytes
    index: int

    def in_force(self, now: datetime) -> bool:
        """Whether `now` is at or after `valid_from` and before `valid_to`."""
        return (self.valid_from is None or self.valid_from <= now) and (self.valid_to is None or now < self.valid_to)


@dataclass(frozen=True)
class Ended:
    """The end of an officer's keys: the leaf that ended them, and the audit checkpoint from which they do not count."""

    index: int
    at: EndedAt


@dataclass(frozen=True)
class Officer:
    """An officer of exactly one body; `enrolled` is the leaf that named them a member of it."""

    id: bytes
    organisation: str
    sign: bytes
    seal: bytes
    stop: bytes
    profile: bytes
    enrolled: int
    mandate: Mandate | None = None
    ended: Ended | None = None

    @property
    def active(self) -> bool:
        """Whether the officer has not left."""
        return self.ended is None

    def may_act(self, now: datetime) -> bool:
        """Whether the officer is active and any mandate is in force: for the server's door, not for replay."""
        return self.active and (self.mandate is None or self.mandate.in_force(now))


@dataclass(frozen=True)
class Authority:
    """An officer of a State's authority who may sign for that State under a treaty."""

    organisation: str
    treaty: str
    officer: bytes
    sign: bytes
    valid_from: datetime
    valid_to: datetime | None
    index: int

    def in_force(self, now: datetime) -> bool:
        """Whether `now` lies in the authority's period; whether the officer is still active is not in this record."""
        return self.valid_from <= now and (self.valid_to is None or now < self.valid_to)
