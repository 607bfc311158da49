"""Verifier keys as signed-note spells them: `<name>+<key id>+<base64 of type and public key>`.

Three kinds, and no other: Ed25519 (0x01, a log's own), Ed25519 cosignature (0x04, a verifier's), ML-DSA-44 (0x06, a log's
own or a verifier's). The key id is always the one the specification recommends.
"""

import enum
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from exchange.transparency.errors import LogFormatError
from exchange.transparency.note import NoteSignature, b64, check_name, unb64
from keys.errors import KeysError
from keys.signing import check_sign_public


class KeyType(enum.IntEnum):
    """Signature type identifier bytes of signed-note."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    MLDSA44 = 0x06


MLDSA44_PUBLIC_BYTES: Final = 1312
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")
# A cosigned message holds the name behind a one-byte length (tlog-cosignature).
_MAX_NAME_BYTES: Final = 255


@dataclass(frozen=True)
class Vkey:
    """A public key under a name. Made by `make_vkey` or `parse_vkey`, which check it."""

    name: str
    type: KeyType
    public: bytes

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || newline || type || public key)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The vkey's one spelling."""
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([self.type]) + self.public)}"

    def claims(self, signature: NoteSignature) -> bool:
        """Whether a line says it was signed by this key: then it must verify."""
        return signature.name == self.name and signature.key_id == self.key_id


def make_vkey(name: str, key_type: KeyType, public: bytes) -> Vkey:
    """Return a checked Vkey; LogFormatError for a bad name, length, or a point of small order."""
    if len(check_name(name).encode()) > _MAX_NAME_BYTES:
        raise LogFormatError(f"a key name over {_MAX_NAME_BYTES} bytes")
    try:
        if key_type is KeyType.MLDSA44:
            if len(public) != MLDSA44_PUBLIC_BYTES:
                raise LogFormatError(f"an ML-DSA-44 key of {len(public)} bytes where {MLDSA44_PUBLIC_BYTES} are due")
            MLDSA44PublicKey.from_public_bytes(public)
        else:
            check_sign_public(public)
    except (KeysError, ValueError) as error:
        raise LogFormatError("a public key that is not acceptable") from error
    return Vkey(name, key_type, public)


def parse_vkey(text: str) -> Vkey:
    """Return the key a vkey spells; LogFormatError for another spelling, an unknown type, or a wrong key id."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not _KEY_ID.fullmatch(parts[1]):
        raise LogFormatError("not a verifier key")
    raw = unb64(parts[2])
    if not raw or raw[0] not in KeyType._value2member_map_:
        raise LogFormatError("a verifier key of an unknown type")
    vkey = make_vkey(parts[0], KeyType(raw[0]), raw[1:])
    if vkey.text != text:
        raise LogFormatError("a verifier key whose id is not that of its key")
    return vkey
