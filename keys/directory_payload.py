"""What all directory statements share: label, the common fields, and the small objects several kinds use.

Every payload but `root` has `exchange`, `prev`, `subject` and `time`. Subjects live in three spaces, so that an officer's
id can never collide with the id of an organisation: the exchange itself, organisations, officers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from keys import fields
from keys.encoding import b64u, format_time, parse_time, unb64u
from keys.statement import Statement, new

Space: TypeAlias = Literal["exchange", "organisation", "officer"]

KEY_ID: Final = fields.HASH
NAMED_OFFICER: Final[fields.Schema] = {
    "officer": fields.ID16,
    "profile": fields.HASH,
    "seal": KEY_ID,
    "sign": KEY_ID,
    "stop": KEY_ID,
}
OFFICER_SUBJECT: Final = fields.ID16


def label(kind: str) -> str:
    """Return the label of a directory kind: `exchange/directory-<kind>/v1`."""
    return f"exchange/directory-{kind}/v1"


@dataclass(frozen=True)
class Link:
    """The fields that tie a statement into the directory: its time, the exchange, the subject's last statement."""

    time: datetime
    exchange: bytes
    prev: bytes | None


@dataclass(frozen=True)
class NamedOfficer:
    """An officer as a statement names them: a random id, three key ids, and the salted hash of the profile."""

    officer: bytes
    sign: bytes
    seal: bytes
    stop: bytes
    profile: bytes

    def body(self) -> dict[str, Any]:
        """Return the officer as JSON values."""
        return {name: b64u(getattr(self, name)) for name in NAMED_OFFICER}

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "NamedOfficer":
        """Return the officer of JSON values already checked against NAMED_OFFICER."""
        return cls(**{name: unb64u(body[name]) for name in NAMED_OFFICER})


def build(kind: str, link: Link, subject: str, body: Mapping[str, Any]) -> Statement:
    """Return the unsigned statement of `kind` with the common fields and `body`."""
    return new(
        label(kind),
        {
            **body,
            "exchange": b64u(link.exchange),
            "prev": None if link.prev is None else b64u(link.prev),
            "subject": subject,
            "time": format_time(link.time),
        },
    )


def check_body(body: Mapping[str, Any], subject: fields.Checker, schema: fields.Schema) -> Link:
    """Check a payload against the common fields and `schema`, and return its link; MalformedError names the field."""
    common: fields.Schema = {
        "exchange": fields.HASH,
        "prev": fields.nullable(fields.HASH),
        "subject": subject,
        "time": fields.time,
    }
    fields.check(body, {**common, **schema})
    prev = body["prev"]
    return Link(parse_time(body["time"]), unb64u(body["exchange"]), None if prev is None else unb64u(prev))


def optional_time(value: str | None) -> datetime | None:
    """Return the time of a field that may be null."""
    return None if value is None else parse_time(value)


def optional_text(value: datetime | None) -> str | None:
    """Return the spelling of a time that may be None."""
    return None if value is None else format_time(value)
