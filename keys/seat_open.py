"""PRIVATE HALF, imported by the client alone: open what was sealed to a key, and an officer's seat in an epoch.

A sealing key is a 32-byte seed and nothing else: everything is expanded from it (docs/spec/suite.md), so it can be
printed, split and sealed like any secret of 32 bytes.
"""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from keys.errors import CannotOpenError, KeyMismatchError
from keys.recipient import history_info, seat_info
from keys.suite import HPKE, HPKE_OVERHEAD, SEED_BYTES, USE_SEAL, expand_seal_seed, key_id


class SealKey:
    """A decapsulation key made from its 32-byte seed; its repr shows the key id alone."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32-byte seed; BadKeyError for another length."""
        mlkem_seed, scalar = expand_seal_seed(seed)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(mlkem_seed)
        x25519 = X25519PrivateKey.from_private_bytes(scalar)
        self._private = MLKEM768X25519PrivateKey(mlkem, x25519)
        self._seed = bytes(seed)
        self.public: bytes = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        self.key_id: bytes = key_id(USE_SEAL, self.public)

    @classmethod
    def generate(cls) -> "SealKey":
        """Return a new key from a seed of the system's random source."""
        return cls(secrets.token_bytes(SEED_BYTES))

    @property
    def seed(self) -> bytes:
        """The 32-byte seed, which is the whole private key: only to be sealed to someone, never shown."""
        return self._seed

    def open(self, ciphertext: bytes, info: bytes) -> bytes:
        """Open HPKE base mode, enc (1,120) || ciphertext, sealed under exactly this `info`.

        Raises CannotOpenError for another key, another info or any changed byte, without saying which.
        """
        if len(ciphertext) < HPKE_OVERHEAD:
            raise CannotOpenError("a ciphertext is too short")
        try:
            return HPKE.decrypt(ciphertext, self._private, info=info)
        except (InvalidTag, ValueError) as error:
            raise CannotOpenError("a ciphertext does not open") from error

    def __repr__(self) -> str:
        return f"<SealKey {self.key_id.hex()[:16]}>"


def public_of_seed(seed: bytes) -> bytes:
    """Return the 1,216-byte encapsulation key of a 32-byte seed: what the creator of an epoch publishes."""
    return SealKey(seed).public


def open_seat(officer: SealKey, ciphertext: bytes, organisation: str, epoch: int, published: bytes) -> SealKey:
    """Open the officer's seat in an epoch and return the epoch's key.

    1. The seat opens with the officer's key under the info of this organisation, epoch and officer (CannotOpenError).
    2. What it holds is a 32-byte seed (CannotOpenError).
    3. The seed gives the key whose id, 32 bytes, the directory publishes for the epoch (KeyMismatchError): a seat with
       another seed would let its maker read alone what a colleague believes is shared.
    """
    seed = officer.open(ciphertext, seat_info(organisation, epoch, officer.key_id))
    return _published_key(seed, published)


def open_history_link(
    newer: SealKey, ciphertext: bytes, organisation: str, old: int, new: int, published: bytes
) -> SealKey:
    """Open the link from epoch `new`, whose key is `newer`, back to epoch `old`, and return the old epoch's key.

    Raises as `open_seat` does; `published` is the key id the directory has for the old epoch.
    """
    seed = newer.open(ciphertext, history_info(organisation, old, new))
    return _published_key(seed, published)


def _published_key(seed: bytes, published: bytes) -> SealKey:
    if len(seed) != SEED_BYTES:
        raise CannotOpenError("a seat does not hold a seed")
    key = SealKey(seed)
    if not hmac.compare_digest(key.key_id, published):
        raise KeyMismatchError("a seat's seed does not give the published key")
    return key
