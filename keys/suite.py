"""The closed table of suites, with one entry, and what a key's public bytes are called (docs/spec/suite.md).

Suite 1: MLKEM768-X25519 (HPKE KEM 0x647a, "X-Wing"), HKDF-SHA256, AES-256-GCM, Cobblestone-256, Ed25519.
"""

import hashlib
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from keys.errors import BadKeyError, UnknownVersionError

SUITE_ID: Final = 1
USE_SIGN: Final = 1
USE_SEAL: Final = 2

SEED_BYTES: Final = 32
KEY_ID_BYTES: Final = 32
MLKEM_PUBLIC_BYTES: Final = 1184
SEAL_PUBLIC_BYTES: Final = MLKEM_PUBLIC_BYTES + 32
ENC_BYTES: Final = 1120
HPKE_OVERHEAD: Final = ENC_BYTES + 16
SIGN_PUBLIC_BYTES: Final = 32

HPKE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

_KEY_LABEL: Final = b"exchange/key/v1\0"
_MLKEM_SEED_BYTES: Final = 64
_P: Final = 2**255 - 19
_PUBLIC_BYTES: Final = {USE_SIGN: SIGN_PUBLIC_BYTES, USE_SEAL: SEAL_PUBLIC_BYTES}


def check_suite(number: int) -> None:
    """Refuse every suite but those of the table: UnknownVersionError."""
    if number != SUITE_ID:
        raise UnknownVersionError(f"unknown suite {number}")


def key_id(use: int, public: bytes) -> bytes:
    """Return the 32-byte key id of a public key of suite 1 for `use` (USE_SIGN or USE_SEAL).

    SHA-256(label || u8 suite || u8 use || public key). BadKeyError for another use, or a length that use does not have.
    """
    if use not in _PUBLIC_BYTES:
        raise BadKeyError("unknown use of a key")
    if len(public) != _PUBLIC_BYTES[use]:
        raise BadKeyError(f"a public key has {_PUBLIC_BYTES[use]} bytes for this use")
    return hashlib.sha256(_KEY_LABEL + bytes([SUITE_ID, use]) + public).digest()


def expand_seal_seed(seed: bytes) -> tuple[bytes, bytes]:
    """Return (ML-KEM-768 seed d||z of 64 bytes, X25519 scalar of 32) of a 32-byte seed: SHAKE256(seed, 96).

    The rule is X-Wing's (draft-connolly-cfrg-xwing-kem, section 5.2). BadKeyError for another length.
    """
    if len(seed) != SEED_BYTES:
        raise BadKeyError(f"a sealing seed has {SEED_BYTES} bytes")
    expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + 32)
    return expanded[:_MLKEM_SEED_BYTES], expanded[_MLKEM_SEED_BYTES:]


def check_seal_public(public: bytes) -> tuple[MLKEM768PublicKey, X25519PublicKey]:
    """Return both halves of a 1,216-byte encapsulation key.

    BadKeyError for a wrong length, an ML-KEM key that fails the modulus check (FIPS 203, section 7.2), an X25519
    coordinate that is not below 2^255-19 (a second spelling of another key) or a point of small order (found by an
    exchange with a scalar drawn for this check alone: all-zero output is refused, RFC 7748 section 6.1).
    """
    if len(public) != SEAL_PUBLIC_BYTES:
        raise BadKeyError(f"a sealing key has {SEAL_PUBLIC_BYTES} bytes")
    point = public[MLKEM_PUBLIC_BYTES:]
    if int.from_bytes(point, "little") >= _P:
        raise BadKeyError("a sealing key is not in its one spelling")
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC_BYTES])
        x25519 = X25519PublicKey.from_public_bytes(point)
        X25519PrivateKey.generate().exchange(x25519)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKeyError("a sealing key is not acceptable") from error
    return mlkem, x25519
