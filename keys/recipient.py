"""The public half of sealing: wrap a secret to a recipient's key. Nothing here can open anything.

The info strings of seats and history links stand here too, since whoever makes an epoch needs them as much as whoever
opens it (docs/spec/identity.md).
"""

from typing import Final

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey

from keys.encoding import lp, u32
from keys.errors import MalformedError
from keys.suite import HPKE, HPKE_OVERHEAD, KEY_ID_BYTES, check_seal_public

_SEAT_LABEL: Final = b"exchange/seat/v1\0"
_HISTORY_LABEL: Final = b"exchange/history/v1\0"


def wrap(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal `plaintext` to the 1,216-byte key `public` by HPKE base mode (RFC 9180): enc (1,120) || ciphertext.

    Everything the ciphertext is bound to stands in `info`; there is no associated data.
    Raises BadKeyError for a key that is not acceptable.
    """
    mlkem, x25519 = check_seal_public(public)
    return HPKE.encrypt(plaintext, MLKEM768X25519PublicKey(mlkem, x25519), info=info)


def wrapped_size(plaintext_size: int) -> int:
    """Return the size in bytes of what `wrap` makes of `plaintext_size` bytes."""
    return plaintext_size + HPKE_OVERHEAD


def seat_info(organisation: str, epoch: int, officer_key_id: bytes) -> bytes:
    """Return the HPKE info of an officer's seat: label || lp(organisation) || u32 epoch || officer's seal key id.

    Raises MalformedError for an organisation that is not ASCII, an epoch below 1 or a key id that is not 32 bytes.
    """
    if len(officer_key_id) != KEY_ID_BYTES:
        raise MalformedError("a key id does not have 32 bytes")
    return _SEAT_LABEL + _lp_name(organisation) + _epoch(epoch) + officer_key_id


def history_info(organisation: str, old: int, new: int) -> bytes:
    """Return the HPKE info of a history link: label || lp(organisation) || u32 old epoch || u32 new epoch."""
    return _HISTORY_LABEL + _lp_name(organisation) + _epoch(old) + _epoch(new)


def _lp_name(organisation: str) -> bytes:
    if not organisation.isascii() or not organisation:
        raise MalformedError("an organisation id is not ASCII")
    return lp(organisation.encode("ascii"))


def _epoch(epoch: int) -> bytes:
    if epoch < 1:
        raise MalformedError("epochs are counted from 1")
    return u32(epoch)
