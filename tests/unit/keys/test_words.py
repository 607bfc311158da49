"""Fingerprints as words: eleven of the SLIP-39 list, from the first bits of a hash, easy to compare aloud."""

import hashlib

import pytest
from shamir_mnemonic.wordlist import WORDLIST

from keys.errors import MalformedError
from keys.words import fingerprint_words, parse_words, words_match


def test_words_are_the_first_110_bits() -> None:
    """Ten bits a word from the first bit on: the bits of the words, joined, are the hash's first 110."""
    digest = hashlib.sha256(b"a body").digest()
    bits = "".join(f"{WORDLIST.index(word):010b}" for word in fingerprint_words(digest))
    assert bits == "".join(f"{byte:08b}" for byte in digest)[:110]


@pytest.mark.parametrize(
    ("digest", "words"),
    [
        (bytes(32), ("academic",) * 11),
        (b"\xff" * 32, ("zero",) * 11),
        (bytes([0, 0x40]) + bytes(30), ("acid", *("academic",) * 10)),
    ],
)
def test_words_of_known_hashes(digest: bytes, words: tuple[str, ...]) -> None:
    """All zeros is the first word eleven times, all ones the last; the tenth bit alone is word number one."""
    assert fingerprint_words(digest) == words


def test_bits_past_the_110th_do_not_show() -> None:
    """Two hashes that differ only later have the same words: 110 bits are compared, as the page says."""
    digest = bytes(13) + bytes([0b00000011]) + bytes(18)
    assert fingerprint_words(digest) == fingerprint_words(bytes(32))
    assert fingerprint_words(bytes(13) + bytes([0b00000100]) + bytes(18)) != fingerprint_words(bytes(32))


def test_people_may_type_words_as_they_like() -> None:
    """Case, commas and hyphens do not matter; a wrong word or number of words does."""
    digest = hashlib.sha256(b"another").digest()
    words = fingerprint_words(digest)
    assert words_match("-".join(words).upper(), digest)
    assert words_match(", ".join(words), digest)
    assert not words_match(" ".join((*words[:-1], "zero" if words[-1] != "zero" else "acid")), digest)
    for text in ("", " ".join(words[:-1]), " ".join((*words, "zero")), " ".join((*words[:-1], "xyzzy"))):
        with pytest.raises(MalformedError):
            parse_words(text)
    with pytest.raises(MalformedError):
        fingerprint_words(digest[1:])
