"""Content-Digest and leaf hashes: what is written is read back, and arbitrary text gives the room's error alone."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.reports.digest import content_digest, hashes_of, piece_hashes, sha256_of
from exchange.reports.errors import DigestMissingError


@given(st.binary(max_size=200))
def test_what_is_written_is_read_back(data: bytes) -> None:
    """The field of any bytes is the one they are held to."""
    assert sha256_of(content_digest(data)) == hashlib.sha256(data).digest()


@given(st.one_of(st.text(max_size=200), st.from_regex(r"sha-256=:[A-Za-z0-9+/=]{0,60}:", fullmatch=True)))
def test_arbitrary_text(field: str) -> None:
    """Either 32 bytes or a DigestMissingError; nothing else comes out."""
    try:
        assert len(sha256_of(field)) == 32
    except DigestMissingError:
        return
    assert field.strip(" ").startswith("sha-256=:") or "sha-256" in field


def test_none_at_all() -> None:
    """A piece without the field is refused."""
    with pytest.raises(DigestMissingError):
        sha256_of(None)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=20))
def test_hashes_that_are_written_are_read_back(hashes: list[bytes]) -> None:
    """As many as there are pieces."""
    assert hashes_of(piece_hashes(hashes), len(hashes)) == hashes


@given(st.text(max_size=200) | st.from_regex(r":[A-Za-z0-9+/=]{0,90}:", fullmatch=True), st.integers(1, 3))
def test_arbitrary_text_as_hashes(field: str, pieces: int) -> None:
    """Either a hash for each piece, spelled in the one way there is, or a DigestMissingError."""
    try:
        found = hashes_of(field, pieces)
    except DigestMissingError:
        return
    assert [len(each) for each in found] == [32] * pieces
