"""The commitment of an entry: salted field hashes, decoys, and the one hash over all sixteen (docs/spec/audit-entry.md).

Positions are counted from 1, as in h_1 to h_16.
"""

import hashlib
from binascii import b2a_base64
from collections.abc import Sequence
from typing import Final

from exchange.ledger.keyed import Keyed, keyed
from exchange.ledger.values import Value, spell

POSITIONS: Final = 16
SEED_BYTES: Final = 32
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32

_ENTRY_LABEL: Final = b"exchange/audit/entry/v1\0"
_FIELD_LABEL: Final = b"exchange/audit/field/v1\0"
# base64url, as `keys.encoding.b64u` gives it, without the way through text.
_URL: Final = bytes.maketrans(b"+/", b"-_")


def field_hash(salt: bytes, name: str, value: Value) -> bytes:
    """Return h = SHA-256(label || JSON [base64url(salt), name, value])."""
    return spelled_field_hash(salt, name, spell(value))


def spelled_field_hash(salt: bytes, name: str, value: bytes) -> bytes:
    """As `field_hash`, for a value that is spelled already: reading a long log spends its time here."""
    text = b2a_base64(salt, newline=False).translate(_URL).rstrip(b"=")
    return hashlib.sha256(b'%b["%b","%b",%b]' % (_FIELD_LABEL, text, name.encode("ascii"), value)).digest()


def commitment(hashes: Sequence[bytes]) -> bytes:
    """Return com = SHA-256(label || h_1 || ... || h_16)."""
    return hashlib.sha256(_ENTRY_LABEL + b"".join(hashes)).digest()


def salt_of(seed: bytes | Keyed, name: str) -> bytes:
    """Return the 16-byte salt of the field `name`: HMAC-SHA256(seed, "salt" || name), cut."""
    return keyed(seed).digest(b"salt" + name.encode("ascii"))[:SALT_BYTES]


def decoy_of(seed: bytes | Keyed, position: int) -> bytes:
    """Return the 32 bytes that stand at a position (1 to 16) without a value: HMAC-SHA256(seed, "decoy" || u8)."""
    return keyed(seed).digest(b"decoy" + bytes([position]))
