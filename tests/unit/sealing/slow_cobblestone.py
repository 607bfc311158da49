"""Cobblestone-256 a second time, from the text of C2SP chunked-encryption on AES-GCM and HKDF-Expand alone.

Slow and plain on purpose: the tests hold the fast implementation against it, both ways.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

CHUNK = 16 * 1024
TAG = 16


class SlowError(Exception):
    """Not a message of this key and context."""


def derive(key: bytes, salt: bytes, context: bytes) -> tuple[bytes, bytes, bytes]:
    """Return AES key, base nonce and commitment."""
    info = b"c2sp.org/chunked-encryption@v1+" + b"AEAD_AES_256_GCM" + b"\x00" + salt + context
    out = HKDFExpand(SHA512(), 32 + 12 + 32, info).derive(key)
    return out[:32], out[32:44], out[44:]


def nonce(base: bytes, number: int) -> bytes:
    """Return the base nonce with the chunk's number, a big-endian integer as wide, XORed in."""
    return (int.from_bytes(base, "big") ^ number).to_bytes(12, "big")


def encrypt(plain: bytes, key: bytes, context: bytes, salt: bytes) -> bytes:
    """Return salt, commitment and chunks; the last chunk is always shorter than 16 KiB, and may be empty."""
    aes_key, base, commitment = derive(key, salt, context)
    cipher = AESGCM(aes_key)
    chunks = [plain[i * CHUNK : (i + 1) * CHUNK] for i in range(len(plain) // CHUNK + 1)]
    return salt + commitment + b"".join(cipher.encrypt(nonce(base, i), chunk, None) for i, chunk in enumerate(chunks))


def decrypt(sealed: bytes, key: bytes, context: bytes) -> bytes:
    """Return the plaintext; SlowError for damage, truncation, another key or context."""
    salt, commitment, body = sealed[:24], sealed[24:56], sealed[56:]
    aes_key, base, expected = derive(key, salt, context)
    if commitment != expected:
        raise SlowError("commitment")
    chunks = [body[i : i + CHUNK + TAG] for i in range(0, len(body), CHUNK + TAG)]
    if not chunks or not TAG <= len(chunks[-1]) < CHUNK + TAG:
        raise SlowError("truncated")
    try:
        return b"".join(AESGCM(aes_key).decrypt(nonce(base, i), chunk, None) for i, chunk in enumerate(chunks))
    except InvalidTag as error:
        raise SlowError("damaged") from error
