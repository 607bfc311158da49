"""What parses prints back the same; other bytes give only the room's error."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.custody import FileCustody
from keys.encoding import (
    MAX_INTEGER,
    b64u,
    canonical,
    format_time,
    parse_json,
    parse_time,
    parse_uuid,
    unb64u,
)
from keys.errors import CannotOpenError, CustodyError, DamagedIdentityError, MalformedError, UnknownVersionError
from keys.identity import IdentityFile, new_identity
from keys.passphrase import Cost
from keys.recipient import wrap
from keys.seat_open import SealKey
from keys.signing import SigningKey
from keys.statement import new, parse

ASCII_KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(max_size=12)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ASCII_KEYS, inner, max_size=3), max_leaves=12
)


@given(VALUES)
def test_json_prints_as_rfc_8785_and_parses_back(value: Any) -> None:
    """For whatever has a spelling; nesting too deep has none."""
    try:
        data = canonical(value)
    except MalformedError as error:
        assert "eight levels" in str(error)
        return
    assert data == rfc8785.dumps(value)
    assert parse_json(data) == value


@given(st.binary(max_size=60) | st.text(max_size=30).map(str.encode) | VALUES.map(lambda v: json.dumps(v).encode()))
def test_json_that_parses_prints_back(data: bytes) -> None:
    """Bytes parse only if they are the one spelling."""
    try:
        value = parse_json(data)
    except MalformedError:
        return
    assert canonical(value) == data


@given(st.binary(max_size=40), st.text(max_size=20))
def test_base64url_prints_back(data: bytes, text: str) -> None:
    """Every byte string has one text, and every text that parses is that."""
    assert unb64u(b64u(data), len(data)) == data
    try:
        assert b64u(unb64u(text)) == text
    except MalformedError:
        pass


@given(st.datetimes(timezones=st.just(UTC)), st.text(max_size=22), st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"))
def test_times_print_back(moment: datetime, text: str, close: str) -> None:
    """To the second; other texts parse only if they are the one spelling."""
    assert parse_time(format_time(moment)) == moment.replace(microsecond=0)
    for candidate in (text, close):
        try:
            assert format_time(parse_time(candidate)) == candidate
        except MalformedError:
            pass


@given(st.uuids(), st.text(max_size=40))
def test_uuids_print_back(value: Any, text: str) -> None:
    """Sixteen bytes, one text."""
    assert parse_uuid(str(value)) == value.bytes
    try:
        assert len(parse_uuid(text)) == 16
    except MalformedError:
        pass


SIGNERS = [SigningKey(bytes([n]) * 32) for n in range(1, 5)]
BODIES = st.dictionaries(ASCII_KEYS, SCALARS, max_size=4)


@given(BODIES, st.sets(st.sampled_from(range(4)), min_size=1), st.permutations(range(4)))
def test_a_statement_prints_back_whatever_the_order_of_signing(
    body: dict[str, Any], signers: set[int], order: list[int]
) -> None:
    """One text, one hash."""
    statement = new("exchange/test/v1", body)
    for n in (n for n in order if n in signers):
        statement = statement.signed_by(SIGNERS[n])
    parsed = parse(statement.text)
    assert parsed == statement
    assert parsed.hash == new("exchange/test/v1", body).hash
    assert parsed.check_signatures({key.key_id: key.public for key in SIGNERS}.get) == statement.kids


@given(BODIES, st.data())
def test_a_changed_statement_is_refused_or_prints_back(body: dict[str, Any], data: st.DataObject) -> None:
    """Any byte replaced, dropped or doubled: malformed, another version, or another statement in its one spelling."""
    text = new("exchange/test/v1", body).signed_by(SIGNERS[0]).text
    at = data.draw(st.integers(0, len(text) - 1))
    middle = data.draw(st.binary(max_size=2))
    changed = text[:at] + middle + text[at + 1 :]
    try:
        assert parse(changed).text == changed
    except (MalformedError, UnknownVersionError):
        pass


@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_no_statement(data: bytes) -> None:
    """Only the room's error comes out."""
    with pytest.raises(MalformedError):
        parse(data)


@cache
def identity_text() -> bytes:
    """One identity file, made once."""
    return new_identity("a passphrase for properties", Cost(64 * 1024, 3))[0].dump()


@given(st.data(), st.binary(max_size=80))
def test_a_changed_identity_file_is_damaged(data: st.DataObject, other: bytes) -> None:
    """A stretch of it replaced by other bytes, or other bytes altogether: damage, or a version from the future."""
    text = identity_text()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    for changed in (other, text[:start] + other[:10] + text[end:]):
        try:
            assert IdentityFile.parse(changed).dump() == changed
        except (DamagedIdentityError, UnknownVersionError):
            pass


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.data(), st.binary(max_size=40))
def test_a_changed_custody_file_is_damaged(tmp_path: Path, data: st.DataObject, other: bytes) -> None:
    """As the identity file: nothing but the room's errors, and never a half-read set of keys."""
    folder = tmp_path / "custody"
    path = folder / "custody.json"
    if not path.exists():
        FileCustody.create(path, "exchange.example")
    text = path.read_bytes()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    changed = folder / "changed.json"
    changed.touch(mode=0o600)
    changed.write_bytes(text[:start] + other + text[end:])
    try:
        FileCustody.load(changed)
    except (CustodyError, UnknownVersionError):
        pass


KEY = SealKey(bytes(32))


@given(st.binary(max_size=60), st.binary(max_size=30), st.data())
def test_what_is_wrapped_opens_and_what_is_changed_does_not(secret: bytes, info: bytes, data: st.DataObject) -> None:
    """For any secret and info; a change to any byte of the message fails with the room's error."""
    message = wrap(KEY.public, secret, info)
    assert KEY.open(message, info) == secret
    at = data.draw(st.integers(0, len(message) - 1))
    change = data.draw(st.integers(1, 255))
    # The unused top bit of the X25519 point is masked by RFC 7748, so that one bit changes nothing in the exchange, but
    # HPKE binds the ciphertext's bytes, so it does not open either.
    changed = message[:at] + bytes([message[at] ^ change]) + message[at + 1 :]
    with pytest.raises(CannotOpenError):
        KEY.open(changed, info)
