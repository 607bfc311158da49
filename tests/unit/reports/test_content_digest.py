"""Content-Digest as RFC 9530 spells it, read strictly."""

import base64
import hashlib

import pytest

from exchange.reports.digest import content_digest, sha256_of
from exchange.reports.errors import DigestMissingError

# RFC 9530, section 2: the digest of {"hello": "world"} and a newline.
EXAMPLE = b'{"hello": "world"}\n'
FIELD = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_the_example_of_the_rfc() -> None:
    """What the RFC prints is read and written."""
    assert sha256_of(FIELD) == hashlib.sha256(EXAMPLE).digest()
    assert content_digest(EXAMPLE) == FIELD


def test_other_algorithms_are_passed_over() -> None:
    """A client may send more than one digest; SHA-256 must be among them."""
    other = base64.b64encode(hashlib.sha512(EXAMPLE).digest()).decode()
    assert sha256_of(f"sha-512=:{other}:, {FIELD}") == hashlib.sha256(EXAMPLE).digest()
    with pytest.raises(DigestMissingError):
        sha256_of(f"sha-512=:{other}:")


@pytest.mark.parametrize(
    "field",
    [
        None,
        "",
        "sha-256=",
        "sha-256=::",
        "sha-256=:AAAA:",
        "sha-256=:not base64:",
        f"{FIELD}, {FIELD}",
        f"{FIELD};q=1",
        FIELD.upper(),
        FIELD.replace("=:", "=:="),
        FIELD[:-3] + ":",
        "x" * 5_000,
    ],
)
def test_anything_else_is_refused(field: str | None) -> None:
    """No field, a foreign one, one given twice, parameters, wrong lengths: never passed over."""
    with pytest.raises(DigestMissingError):
        sha256_of(field)
