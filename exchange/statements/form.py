"""What the payloads of all labels share: `time`, `exchange`, and either a nonce or the statement before.

A label's file gives its schema and reads its values; building, parsing and the common fields stand here once.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from keys import fields
from keys.encoding import b64u, format_time, parse_time, unb64u
from keys.errors import MalformedError
from keys.statement import Statement, new

NONCE_BYTES: Final = 16
PART_BYTES: Final = 8

_COMMON: Final[fields.Schema] = {"exchange": fields.HASH, "time": fields.time}
_NONCE: Final[fields.Schema] = {**_COMMON, "nonce": fields.ID16}
_PREV: Final[fields.Schema] = {**_COMMON, "prev": fields.nullable(fields.HASH)}

WHEN: Final[fields.Checker] = fields.any_of(fields.day, fields.time)


@dataclass(frozen=True)
class Stamp:
    """The common fields of a statement that stands alone: time (UTC, whole seconds), exchange (32 bytes), nonce (16)."""

    time: datetime
    exchange: bytes
    nonce: bytes

    @classmethod
    def fresh(cls, time: datetime, exchange: bytes) -> "Stamp":
        """Return a stamp with a new random nonce."""
        return cls(time, exchange, secrets.token_bytes(NONCE_BYTES))


@dataclass(frozen=True)
class Link:
    """The common fields of a statement in a chain: `prev` is the hash of the one before, None for the first."""

    time: datetime
    exchange: bytes
    prev: bytes | None


def build(label: str, head: Stamp | Link, body: Mapping[str, Any]) -> Statement:
    """Return the unsigned statement of `label` with the common fields and `body`; MalformedError if it has no spelling."""
    common: dict[str, Any] = {"exchange": b64u(head.exchange), "time": format_time(head.time)}
    if isinstance(head, Stamp):
        common["nonce"] = b64u(head.nonce)
    else:
        common["prev"] = None if head.prev is None else b64u(head.prev)
    return new(label, {**body, **common})


def read_stamped(statement: Statement, label: str, schema: fields.Schema) -> tuple[Stamp, dict[str, Any]]:
    """Return the common fields and the payload of a statement that stands alone; MalformedError names the field."""
    body = _checked(statement, label, {**_NONCE, **schema})
    return Stamp(parse_time(body["time"]), unb64u(body["exchange"]), unb64u(body["nonce"])), body


def read_linked(statement: Statement, label: str, schema: fields.Schema) -> tuple[Link, dict[str, Any]]:
    """Return the common fields and the payload of a statement in a chain; MalformedError names the field."""
    body = _checked(statement, label, {**_PREV, **schema})
    prev = body["prev"]
    return Link(parse_time(body["time"]), unb64u(body["exchange"]), None if prev is None else unb64u(prev)), body


def _checked(statement: Statement, label: str, schema: fields.Schema) -> dict[str, Any]:
    if statement.typ != label:
        raise MalformedError(f"a statement is '{statement.typ}' where '{label}' is due")
    return fields.check(statement.body, schema)
