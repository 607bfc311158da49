"""Content-Digest as RFC 9530 spells it, and the leaf hashes of pieces as RFC 9651 spells bytes, both read strictly."""

import base64
import hashlib

import pytest

from exchange.reports.digest import Named, content_digest, hashes_of, named_by, piece_hashes, sha256_of
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


HASHES = [hashlib.sha256(b"\0a").digest(), hashlib.sha256(b"\0b").digest()]
TWO = piece_hashes(HASHES)


def test_either_field_will_do() -> None:
    """One of them, or both; neither is refused."""
    whole = hashlib.sha256(EXAMPLE).digest()
    assert named_by(FIELD, None, 2) == Named(whole, None)
    assert named_by(None, TWO, 2) == Named(None, HASHES)
    assert named_by(FIELD, TWO, 2) == Named(whole, HASHES)
    with pytest.raises(DigestMissingError):
        named_by(None, None, 2)


@pytest.mark.parametrize(("digest", "hashes"), [("", TWO), (FIELD, ""), (FIELD, TWO[:-2] + ":"), ("sha-512=:AAAA:", TWO)])
def test_a_field_that_is_there_is_never_passed_over(digest: str, hashes: str) -> None:
    """Where one of two is not in form, the other does not save it."""
    with pytest.raises(DigestMissingError):
        named_by(digest, hashes, 2)


@pytest.mark.parametrize("field", ["", "::", TWO[1:], TWO[:-1], f"{TWO};q=1", f"{TWO}, {TWO}", TWO.replace("=", ""), ":é:"])
def test_hashes_in_another_form(field: str) -> None:
    """No bytes, no colons, parameters, a list, no padding."""
    with pytest.raises(DigestMissingError):
        hashes_of(field, 2)


@pytest.mark.parametrize("pieces", [1, 3])
def test_hashes_of_another_number_of_pieces(pieces: int) -> None:
    """One for each piece of the body, no more and no fewer."""
    with pytest.raises(DigestMissingError):
        hashes_of(TWO, pieces)
