"""Statements about an officer: `officer.enrol`, `officer.mandate`, `officer.leave`."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from keys import fields
from keys.directory_payload import (
    KEY_ID,
    OFFICER_SUBJECT,
    Link,
    NamedOfficer,
    Space,
    build,
    check_body,
    optional_text,
    optional_time,
)
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import MalformedError
from keys.statement import Statement

SALT_BYTES: Final = 32

_ENROL: Final[fields.Schema] = {
    "organisation": fields.organisation,
    "profile": fields.HASH,
    "seal": KEY_ID,
    "sign": KEY_ID,
    "stop": KEY_ID,
}
_MANDATE: Final[fields.Schema] = {
    "focal_point": fields.boolean,
    "from": fields.nullable(fields.time),
    "organisation": fields.organisation,
    "private": fields.HASH,
    "to": fields.nullable(fields.time),
}
_LEAVE: Final[fields.Schema] = {
    "ended_at": fields.an_object({"n": fields.integer(1), "size": fields.integer(0)}),
    "organisation": fields.organisation,
}
_PRIVATE: Final[fields.Schema] = {
    "alternate": fields.boolean,
    "clearance": fields.nullable(fields.integer(0, 9)),
    "excluded_states": fields.list_of(fields.state, most=400, ordered=True),
    "role": fields.name,
}


@dataclass(frozen=True)
class EndedAt:
    """A checkpoint of audit/n that its signer verified: statements at or after (n, size) do not count."""

    n: int
    size: int


@dataclass(frozen=True)
class OfficerEnrol:
    """An officer joins a body with keys of their own."""

    KIND: ClassVar[str] = "officer.enrol"

    link: Link
    organisation: str
    officer: NamedOfficer

    @property
    def subject(self) -> tuple[Space, str]:
        """The chain of the officer."""
        return "officer", b64u(self.officer.officer)

    def statement(self) -> Statement:
        """Return the unsigned statement; the officer's new key and one focal point of the body sign it."""
        body = self.officer.body()
        subject = body.pop("officer")
        return build(self.KIND, self.link, subject, {**body, "organisation": self.organisation})

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "OfficerEnrol":
        """Return the values of a payload; MalformedError for anything else."""
        link = check_body(body, OFFICER_SUBJECT, _ENROL)
        return cls(link, body["organisation"], NamedOfficer.read({**body, "officer": body["subject"]}))


@dataclass(frozen=True)
class OfficerMandate:
    """What an officer may do for the body, in public: focal point or not, from when to when; the rest by salted hash."""

    KIND: ClassVar[str] = "officer.mandate"

    link: Link
    organisation: str
    officer: bytes
    focal_point: bool
    valid_from: datetime | None
    valid_to: datetime | None
    private: bytes

    @property
    def subject(self) -> tuple[Space, str]:
        """The chain of the officer."""
        return "officer", b64u(self.officer)

    def statement(self) -> Statement:
        """Return the unsigned statement; one focal point of the body signs it."""
        body = {
            "focal_point": self.focal_point,
            "from": optional_text(self.valid_from),
            "organisation": self.organisation,
            "private": b64u(self.private),
            "to": optional_text(self.valid_to),
        }
        return build(self.KIND, self.link, b64u(self.officer), body)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "OfficerMandate":
        """Return the values of a payload; MalformedError also for a period that ends before it begins."""
        link = check_body(body, OFFICER_SUBJECT, _MANDATE)
        start, end = optional_time(body["from"]), optional_time(body["to"])
        if start is not None and end is not None and end <= start:
            raise MalformedError("a mandate ends before it begins")
        officer = unb64u(body["subject"])
        return cls(link, body["organisation"], officer, body["focal_point"], start, end, unb64u(body["private"]))


@dataclass(frozen=True)
class OfficerLeave:
    """An officer's access ends; submitted in one act with the body's next epoch."""

    KIND: ClassVar[str] = "officer.leave"

    link: Link
    organisation: str
    officer: bytes
    ended_at: EndedAt

    @property
    def subject(self) -> tuple[Space, str]:
        """The chain of the officer."""
        return "officer", b64u(self.officer)

    def statement(self) -> Statement:
        """Return the unsigned statement; one focal point of the body signs it."""
        ended_at = {"n": self.ended_at.n, "size": self.ended_at.size}
        body = {"ended_at": ended_at, "organisation": self.organisation}
        return build(self.KIND, self.link, b64u(self.officer), body)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "OfficerLeave":
        """Return the values of a payload; MalformedError for anything else."""
        link = check_body(body, OFFICER_SUBJECT, _LEAVE)
        ended_at = EndedAt(body["ended_at"]["n"], body["ended_at"]["size"])
        return cls(link, body["organisation"], unb64u(body["subject"]), ended_at)


@dataclass(frozen=True)
class PrivateMandate:
    """The half of a mandate that lies beside it: role, clearance, States the officer must not read about, alternate."""

    role: str
    clearance: int | None = None
    excluded_states: tuple[str, ...] = ()
    alternate: bool = False

    @property
    def spelling(self) -> bytes:
        """The one JSON spelling that is hashed, and given beside the statement."""
        body = {
            "alternate": self.alternate,
            "clearance": self.clearance,
            "excluded_states": sorted(self.excluded_states),
            "role": self.role,
        }
        fields.check(body, _PRIVATE)
        return canonical(body)

    @classmethod
    def read(cls, data: bytes) -> "PrivateMandate":
        """Return the values of the JSON spelling; MalformedError for anything else."""
        body = fields.check(parse_object(data), _PRIVATE)
        return cls(body["role"], body["clearance"], tuple(body["excluded_states"]), body["alternate"])


def salted_hash(salt: bytes, data: bytes) -> bytes:
    """Return SHA-256(salt || data), the form in which profiles and private mandates stand in statements.

    Raises MalformedError for a salt that is not 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise MalformedError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + data).digest()


def matches(expected: bytes, salt: bytes, data: bytes) -> bool:
    """Whether `data` under `salt` is what a statement's salted hash `expected` stands for, compared in constant time."""
    return hmac.compare_digest(salted_hash(salt, data), expected)
