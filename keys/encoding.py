"""One spelling for every byte string: parse, re-encode, compare, or refuse (docs/spec/encoding.md).

JSON follows RFC 8785 with narrower limits: ASCII keys, integers within ±(2^53-1), no floats, no duplicate
keys, at most eight levels, at most 65,535 bytes. Base64url has no padding; times are RFC 3339, whole seconds, Z.
"""

import binascii
import json
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from keys.errors import MalformedError

# A JSON value as this project permits it; recursive aliases help no reader here, so containers hold Any.
Json: TypeAlias = "bool | int | str | list[Any] | dict[str, Any] | None"

MAX_BYTES = 65_535
MAX_DEPTH = 8
MAX_INTEGER = 2**53 - 1

# Between the two alphabets of base64.
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


def lp(data: bytes) -> bytes:
    """Return `data` behind its length as a big-endian u16; MalformedError past 65,535 bytes."""
    if len(data) > MAX_BYTES:
        raise MalformedError("a length-prefixed string is over 65,535 bytes")
    return len(data).to_bytes(2, "big") + data


def u32(value: int) -> bytes:
    """Return `value` as a big-endian u32; MalformedError outside its range."""
    if not 0 <= value < 2**32:
        raise MalformedError("a number does not fit 32 bits")
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    """Return `value` as a big-endian u64; MalformedError outside its range."""
    if not 0 <= value < 2**64:
        raise MalformedError("a number does not fit 64 bits")
    return value.to_bytes(8, "big")


def canonical(value: Any, *, limit: int | None = MAX_BYTES) -> bytes:
    """Return the one JSON spelling of `value` (RFC 8785 within our limits); MalformedError if it has none.

    `limit` None lifts the size limit alone, for lists of our own making that are only hashed or sent.
    """
    _check(value, 1)
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        data = text.encode("utf-8")
    except (ValueError, TypeError, RecursionError) as error:
        raise MalformedError("a value has no JSON spelling") from error
    if limit is not None and len(data) > limit:
        raise MalformedError(f"JSON is over {limit} bytes")
    return data


def parse_json(data: bytes, *, limit: int | None = MAX_BYTES) -> Any:
    """Parse JSON that is spelled exactly as `canonical` spells it; anything else is a MalformedError."""
    if limit is not None and len(data) > limit:
        raise MalformedError(f"JSON is over {limit} bytes")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedError("not JSON") from error
    if canonical(value, limit=limit) != data:
        raise MalformedError("JSON is not in its one spelling")
    return value


def parse_object(data: bytes, *, limit: int | None = MAX_BYTES) -> dict[str, Any]:
    """As `parse_json`, and the value must be an object."""
    value = parse_json(data, limit=limit)
    if not isinstance(value, dict):
        raise MalformedError("JSON is not an object")
    return value


def _no_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise MalformedError("JSON has a duplicate key")
    return result


def _no_constant(_name: str) -> Any:
    raise MalformedError("JSON has a number that is not an integer")


def _check(value: Any, depth: int) -> None:
    """Refuse what has no spelling here. `depth` is that of a container in this place: the outermost has depth 1."""
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise MalformedError("JSON has an integer beyond 2^53-1")
    elif isinstance(value, list | tuple | dict):
        if depth > MAX_DEPTH:
            raise MalformedError("JSON is over eight levels deep")
        if isinstance(value, dict) and not all(isinstance(key, str) and key.isascii() for key in value):
            raise MalformedError("JSON has a key that is not ASCII")
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)
    else:
        raise MalformedError("JSON has a value of another type")


def b64u(data: bytes) -> str:
    """Return base64url without padding (RFC 4648 section 5)."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def unb64u(text: object, length: int | None = None) -> bytes:
    """Return the bytes of strict base64url without padding; MalformedError if misspelt or not `length` bytes."""
    if not isinstance(text, str) or not text.isascii() or "=" in text:
        raise MalformedError("not base64url without padding")
    try:
        plain = text.encode("ascii").translate(_FROM_URL) + b"=" * (-len(text) % 4)
        data = binascii.a2b_base64(plain, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("not base64url without padding") from error
    if b64u(data) != text:
        raise MalformedError("not the one base64url spelling")
    if length is not None and len(data) != length:
        raise MalformedError(f"base64url of {len(data)} bytes where {length} are due")
    return data


def format_time(moment: datetime) -> str:
    """Return an aware datetime as RFC 3339 in UTC, whole seconds (fractions dropped), ending in Z."""
    if moment.tzinfo is None:
        raise MalformedError("a time has no zone")
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise MalformedError("a time is outside the years 1 to 9999") from error
    return utc.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_time(text: object) -> datetime:
    """Return the aware UTC datetime of the one spelling `format_time` gives; MalformedError otherwise."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise MalformedError("not an RFC 3339 time in whole seconds and Z")
    try:
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedError("not a time that exists") from error


def parse_uuid(text: object) -> bytes:
    """Return the 16 bytes of a UUID in its lower-case spelling; MalformedError otherwise."""
    if not isinstance(text, str):
        raise MalformedError("not a UUID")
    try:
        value = uuid.UUID(text)
    except ValueError as error:
        raise MalformedError("not a UUID") from error
    if str(value) != text:
        raise MalformedError("not the one spelling of a UUID")
    return value.bytes
