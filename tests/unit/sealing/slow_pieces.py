"""Padding, cutting and hashing of pieces a second time, the way the specification reads, all in memory."""

import hashlib
import math


def padme(size: int) -> int:
    """Padmé as published: keep as many leading bits as the exponent needs to be written."""
    if size < 2:
        return size
    exponent = math.floor(math.log2(size))
    exponent_bits = math.floor(math.log2(exponent)) + 1 if exponent else 1
    last = exponent - exponent_bits
    step = 2**last if last > 0 else 1
    return math.ceil(size / step) * step


def cut(ciphertext: bytes) -> list[bytes]:
    """The head and 64 chunks, then 64 chunks each."""
    pieces = [ciphertext[: 56 + 64 * 16_400]]
    rest = ciphertext[56 + 64 * 16_400 :]
    while rest:
        pieces.append(rest[: 64 * 16_400])
        rest = rest[64 * 16_400 :]
    return pieces


def head(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, by its recursive definition."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + head(leaves[:split]) + head(leaves[split:])).digest()
