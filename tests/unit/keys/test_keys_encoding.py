"""One spelling for every byte string: what is refused, and that our JSON is RFC 8785's."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from keys import fields
from keys.encoding import (
    b64u,
    canonical,
    format_time,
    lp,
    parse_json,
    parse_object,
    parse_time,
    parse_uuid,
    u32,
    u64,
    unb64u,
)
from keys.errors import MalformedError

SAMPLES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**53 - 1,
    -(2**53) + 1,
    "",
    "é ⋅ 𝒳   \u007f",
    "".join(map(chr, range(0x20))) + '"\\/',
    [],
    {},
    {"b": [1, {"a": None}], "a": "x", "": 0, "B": False, "a.b": [[[]]]},
]


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize("value", SAMPLES, ids=range(len(SAMPLES)))
def test_json_is_spelt_as_a_second_implementation_spells_it(value: Any) -> None:
    """The rfc8785 package gives the same bytes, escapes and order of keys included."""
    assert canonical(value) == rfc8785.dumps(value)
    assert parse_json(canonical(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1.0",
        "1e2",
        "-0",
        "01",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "9007199254740992",
        "-9007199254740992",
        "1" * 5000,
        '{"a":1,"a":1}',
        '{"b":1,"a":1}',
        '{"a" :1}',
        '{"é":1}',
        '"\\u00e9"',
        '"\\/"',
        '"\\u000A"',
        '"\\ud800"',
        '"\t"',
        "[1,]",
        "true false",
        "\ufeff1",
        "[" * 9 + "]" * 9,
        "[" * 200_000,
        "{" * 100,
    ],
    ids=lambda text: text[:20],
)
def test_other_json_is_malformed(text: str) -> None:
    """A second spelling, a number that is no integer in range, a duplicate or foreign key, too many levels."""
    with pytest.raises(MalformedError):
        parse_json(text.encode(), limit=None)


@pytest.mark.parametrize("data", [b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"'])
def test_json_that_is_not_utf_8_is_malformed(data: bytes) -> None:
    """Bytes that are no UTF-8, an encoded surrogate, an overlong form."""
    with pytest.raises(MalformedError):
        parse_json(data)


@pytest.mark.parametrize(
    "value", [1.5, b"x", {1: 2}, {"é": 1}, {"a"}, pytest.param(object(), id="object"), "\ud800", 2**53, float("nan")], ids=repr
)
def test_what_has_no_spelling_is_malformed(value: Any) -> None:
    """Floats, bytes, keys that are not ASCII strings, lone surrogates, integers out of range."""
    with pytest.raises(MalformedError):
        canonical(value)


def test_eight_levels_and_no_more() -> None:
    """The outermost array or object is level one; what stands inside the eighth must be no array or object."""
    assert canonical(nested(8))
    assert canonical({"a": nested(7)})
    assert canonical([[[[[[[[1]]]]]]]])
    for value in (nested(9), {"a": nested(8)}, [[[[[[[[{}]]]]]]]]):
        with pytest.raises(MalformedError, match="eight levels"):
            canonical(value)


def test_the_limit_is_65535_bytes() -> None:
    """Counted over the JSON text; `limit` None lifts it for lists of our own making."""
    assert len(canonical("x" * 65_533)) == 65_535
    for call in (
        lambda: canonical("x" * 65_534),
        lambda: parse_json(b'"' + b"x" * 65_534 + b'"'),
        lambda: lp(bytes(65_536)),
    ):
        with pytest.raises(MalformedError):
            call()
    assert len(canonical("x" * 70_000, limit=None)) == 70_002
    assert parse_json(b'"' + b"x" * 70_000 + b'"', limit=None) == "x" * 70_000


def test_an_object_is_asked_for() -> None:
    """parse_object wants an object, not any JSON."""
    assert parse_object(b"{}") == {}
    with pytest.raises(MalformedError):
        parse_object(b"[]")


def test_lengths_and_integers_are_big_endian() -> None:
    """lp, u32 and u64 as formats spell them; out of range is malformed."""
    assert lp(b"abc") == b"\0\x03abc"
    assert (u32(258), u64(258)) == (b"\0\0\x01\x02", b"\0\0\0\0\0\0\x01\x02")
    for call in (lambda: u32(-1), lambda: u32(2**32), lambda: u64(-1), lambda: u64(2**64)):
        with pytest.raises(MalformedError):
            call()


@pytest.mark.parametrize("text", ["AA==", "AA=", "A", "AB", "A A", "AA\n", "+/8", "é", "AAA=", " AA", None, 1, b"AA"])
def test_other_base64url_is_malformed(text: object) -> None:
    """Padding, impossible lengths, bits that are not zero, white space, the other alphabet, other types."""
    with pytest.raises(MalformedError):
        unb64u(text)


def test_base64url_of_a_length() -> None:
    """A length that is due is held to."""
    assert unb64u(b64u(b"\xff\xfe\xfd"), 3) == b"\xff\xfe\xfd"
    assert b64u(b"\xff\xfe\xfd") == "__79"
    with pytest.raises(MalformedError):
        unb64u("__79", 4)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+00:00",
        "2026-01-01t00:00:00Z",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00.0Z",
        "2026-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2016-12-31T23:59:60Z",
        "26-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "２026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
        None,
        0,
    ],
)
def test_other_times_are_malformed(text: object) -> None:
    """Other zones, fractions, letters, leap seconds, days that do not exist, other types."""
    with pytest.raises(MalformedError):
        parse_time(text)


def test_times_have_one_spelling() -> None:
    """UTC, fractions dropped; years below 1000 keep their zeros; a time without a zone is refused."""
    moment = datetime(2026, 3, 10, 14, 0, 5, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert format_time(moment) == "2026-03-10T12:00:05Z"
    assert parse_time("0001-01-01T00:00:00Z") == datetime(1, 1, 1, tzinfo=UTC)
    assert format_time(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00Z"
    with pytest.raises(MalformedError):
        format_time(datetime(2026, 1, 1))
    with pytest.raises(MalformedError):
        format_time(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))))


@pytest.mark.parametrize(
    "text",
    [
        "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
        "{6f9619ff-8b86-d011-b42d-00cf4fc964ff}",
        "urn:uuid:6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "6f9619ff8b86d011b42d00cf4fc964ff",
        "6f9619ff-8b86-d011-b42d-00cf4fc964f",
        "",
        None,
        1,
    ],
)
def test_other_uuids_are_malformed(text: object) -> None:
    """Capitals, braces, prefixes, missing hyphens or digits, other types."""
    with pytest.raises(MalformedError):
        parse_uuid(text)


def test_a_uuid_gives_its_sixteen_bytes() -> None:
    """In the order its text shows them."""
    assert parse_uuid("00010203-0405-0607-0809-0a0b0c0d0e0f") == bytes(range(16))


VECTORS = Path(__file__).parents[2] / "vectors" / "encoding"


def test_the_vectors_of_json() -> None:
    """The texts that every client of the format runs: each good one prints back, each other one is malformed."""
    vectors = json.loads((VECTORS / "json.json").read_text(encoding="utf-8"))
    assert len(vectors["good"]) > 10
    for text in vectors["good"]:
        assert canonical(parse_json(text.encode())) == text.encode()
    for text in vectors["malformed"]:
        with pytest.raises(MalformedError):
            parse_json(text.encode())


def test_the_vectors_of_values() -> None:
    """base64url, times, UUIDs and organisations."""
    vectors = json.loads((VECTORS / "values.json").read_text(encoding="utf-8"))
    assert {text: unb64u(text).hex() for text in vectors["base64url"]["good"]} == vectors["base64url"]["good"]
    checkers = {"base64url": unb64u, "time": parse_time, "uuid": parse_uuid, "organisation": fields.organisation}
    assert set(vectors) == set(checkers)
    for name, check in checkers.items():
        for text in vectors[name]["good"]:
            check(text)
        for text in vectors[name]["malformed"]:
            with pytest.raises(MalformedError):
                check(text)
