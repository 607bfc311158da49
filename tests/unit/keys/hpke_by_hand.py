"""A second implementation of opening: X-Wing from its two halves, HPKE's key schedule by RFC 9180, Cobblestone by chunk.

Built on single primitives of `cryptography` alone, never on its `hpke` or `cobblestone`, so that an agreement says
something. Slow, and for tests only.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

KEM_ID, HKDF_SHA256, AES_256_GCM, CHACHA20 = 0x647A, 1, 2, 3
XWING_LABEL = rb"\.//^" + b"\\"


def xwing_halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """Both private keys of a 32-byte decapsulation key."""
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


def xwing_decapsulate(seed: bytes, enc: bytes) -> bytes:
    """SHA3-256 over both secrets, the X25519 ciphertext, the X25519 public key and the label."""
    mlkem, x25519 = xwing_halves(seed)
    first = mlkem.decapsulate(enc[:1088])
    second = x25519.exchange(X25519PublicKey.from_public_bytes(enc[1088:]))
    return hashlib.sha3_256(first + second + enc[1088:] + x25519.public_key().public_bytes_raw() + XWING_LABEL).digest()


def hkdf_extract(salt: bytes, ikm: bytes, algorithm: str = "sha256") -> bytes:
    """RFC 5869, section 2.2."""
    size = hashlib.new(algorithm).digest_size
    return hmac.digest(salt or bytes(size), ikm, algorithm)


def hkdf_expand(prk: bytes, info: bytes, length: int, algorithm: str = "sha256") -> bytes:
    """RFC 5869, section 2.3."""
    output, block, counter = b"", b"", 1
    while len(output) < length:
        block = hmac.digest(prk, block + info + bytes([counter]), algorithm)
        output, counter = output + block, counter + 1
    return output[:length]


class Context:
    """HPKE's base-mode context of the recipient, for HKDF-SHA256 (RFC 9180, section 5.1)."""

    def __init__(self, shared_secret: bytes, info: bytes, aead_id: int) -> None:
        self.suite = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (KEM_ID, HKDF_SHA256, aead_id))
        psk_id_hash = self._extract(b"", b"psk_id_hash", b"")
        info_hash = self._extract(b"", b"info_hash", info)
        schedule = b"\0" + psk_id_hash + info_hash
        secret = self._extract(shared_secret, b"secret", b"")
        self.key = self._expand(secret, b"key", schedule, 32)
        self.base_nonce = self._expand(secret, b"base_nonce", schedule, 12)
        self.aead = {AES_256_GCM: AESGCM, CHACHA20: ChaCha20Poly1305}[aead_id](self.key)

    def open(self, sequence: int, aad: bytes, ciphertext: bytes) -> bytes:
        """Open the message of this sequence number."""
        nonce = (int.from_bytes(self.base_nonce, "big") ^ sequence).to_bytes(12, "big")
        return self.aead.decrypt(nonce, ciphertext, aad)

    def _extract(self, salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hkdf_extract(salt, b"HPKE-v1" + self.suite + label + ikm)

    def _expand(self, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
        return hkdf_expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + self.suite + label + info, length)


def open_suite_1(seed: bytes, message: bytes, info: bytes) -> bytes:
    """Open enc || ciphertext of suite 1 with a 32-byte decapsulation key."""
    return Context(xwing_decapsulate(seed, message[:1120]), info, AES_256_GCM).open(0, b"", message[1120:])


def open_cobblestone_256(key: bytes, context: bytes, message: bytes) -> bytes:
    """Open a Cobblestone-256 message of a single chunk (C2SP chunked-encryption with SHA-512 and AES-256-GCM)."""
    salt, commitment, chunk = message[:24], message[24:56], message[56:]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    derived = hkdf_expand(key, info, 32 + 12 + 32, "sha512")
    if not hmac.compare_digest(derived[44:], commitment):
        raise ValueError("the commitment is to another key or context")
    return AESGCM(derived[:32]).decrypt(derived[32:44], chunk, b"")
