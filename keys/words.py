"""Eleven words that people compare aloud: the fingerprint of an organisation (docs/spec/directory.md, section 9).

The words are those of the SLIP-39 list (1,024 words, no two alike in their first four letters), ten bits a word, taken
from the first 110 bits of the hash of `organisation.add`.
"""

from typing import Final

from shamir_mnemonic.wordlist import WORDLIST

from keys.errors import MalformedError

WORDS: Final = 11
BITS: Final = 10 * WORDS
_NUMBER_OF: Final = {word: number for number, word in enumerate(WORDLIST)}


def fingerprint_words(add_hash: bytes) -> tuple[str, ...]:
    """Return the eleven words of an organisation whose `organisation.add` has this 32-byte hash; MalformedError else."""
    if len(add_hash) != 32:
        raise MalformedError("a hash does not have 32 bytes")
    number = int.from_bytes(add_hash, "big") >> (256 - BITS)
    return tuple(WORDLIST[number >> (BITS - 10 * (place + 1)) & 1023] for place in range(WORDS))


def parse_words(text: str) -> tuple[str, ...]:
    """Return the eleven words a person typed: any case, separated by spaces, commas or hyphens.

    Raises MalformedError for a word that is not in the list or another number of words.
    """
    words = tuple(text.lower().replace(",", " ").replace("-", " ").split())
    if len(words) != WORDS:
        raise MalformedError(f"a fingerprint has {WORDS} words, not {len(words)}")
    for place, word in enumerate(words, start=1):
        if word not in _NUMBER_OF:
            raise MalformedError(f"word {place} is not in the list of words")
    return words


def words_match(text: str, add_hash: bytes) -> bool:
    """Whether the words a person typed are this organisation's fingerprint; MalformedError if they are no fingerprint."""
    return parse_words(text) == fingerprint_words(add_hash)
