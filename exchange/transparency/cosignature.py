"""Signatures on checkpoints: Ed25519 (0x01) of signed-note, and the timestamped ones of C2SP tlog-cosignature.

`message` is the one place that says what each kind signs; `log_keys` signs, `verify` verifies.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from exchange.transparency.checkpoint import Checkpoint
from exchange.transparency.errors import LogFormatError, SignatureError
from exchange.transparency.note import NoteSignature
from exchange.transparency.vkey import KeyType, Vkey
from keys.errors import BadSignatureError
from keys.signing import verify as verify_ed25519

LABEL_MLDSA44: Final = b"subtree/v1\n\0"
MAX_TIME: Final = 2**63 - 1
_SIGNATURE_BYTES: Final = {KeyType.ED25519: 64, KeyType.COSIGNATURE_ED25519: 8 + 64, KeyType.MLDSA44: 8 + 2420}


@dataclass(frozen=True)
class Cosigned:
    """A signature that verified: by which key, and when it says it was made (seconds since 1970; 0x01 says nothing)."""

    vkey: Vkey
    time: int | None


def message(vkey_type: KeyType, cosigner: str, time: int, checkpoint: Checkpoint) -> bytes:
    """Return the bytes that a key of this type signs for a whole checkpoint (`time` in seconds; unused by 0x01)."""
    if vkey_type is KeyType.ED25519:
        return checkpoint.text.encode()
    if vkey_type is KeyType.COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {time}\n{checkpoint.text}".encode()
    return b"".join(
        (
            LABEL_MLDSA44,
            _u8_prefixed(cosigner),
            time.to_bytes(8, "big"),
            _u8_prefixed(checkpoint.origin),
            (0).to_bytes(8, "big"),  # start: a checkpoint covers the log from its first leaf
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def verify(vkey: Vkey, checkpoint: Checkpoint, signature: NoteSignature) -> Cosigned:
    """Check a line that `vkey` claims; SignatureError when it does not verify, or a timestamped one has no time.

    tlog-witness wants a time with every signature on a checkpoint: 0 says nothing about when, and is refused.
    """
    raw = signature.signature
    if not vkey.claims(signature) or len(raw) != _SIGNATURE_BYTES[vkey.type]:
        raise SignatureError(f"not a signature by '{vkey.name}'")
    timed = vkey.type is not KeyType.ED25519
    time = int.from_bytes(raw[:8], "big") if timed else 0
    if timed and not 0 < time <= MAX_TIME:
        raise SignatureError(f"a signature by '{vkey.name}' that does not say when")
    signed = message(vkey.type, vkey.name, time, checkpoint)
    try:
        if vkey.type is KeyType.MLDSA44:
            MLDSA44PublicKey.from_public_bytes(vkey.public).verify(raw[8:], signed)
        else:
            verify_ed25519(vkey.public, raw[8:] if timed else raw, signed)
    except (InvalidSignature, BadSignatureError) as error:
        raise SignatureError(f"the signature by '{vkey.name}' does not verify") from error
    return Cosigned(vkey, time if timed else None)


def _u8_prefixed(text: str) -> bytes:
    data = text.encode()
    if not 0 < len(data) < 256:
        raise LogFormatError("a name of over 255 bytes cannot be cosigned")
    return bytes([len(data)]) + data
