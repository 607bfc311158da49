"""Content-Digest: what is written is read back, and arbitrary text gives the room's error alone."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.reports.digest import content_digest, sha256_of
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
