"""Ed25519 signing and verifying, with points of small order refused."""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keys.errors import BadKeyError, BadSignatureError
from keys.suite import SEED_BYTES, SIGN_PUBLIC_BYTES, USE_SIGN, key_id

# The y coordinates of the eight points of small order of edwards25519, sign bit cleared: 0, 1, -1 and the two roots of
# order eight. A signature under such a key proves nothing. The tests compute the list from the curve equation
# (RFC 8032, section 5.1). Spellings with y >= p are refused before, whatever their order.
_P: Final = 2**255 - 19
_ORDER_EIGHT: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER: Final = frozenset((0, 1, _P - 1, _ORDER_EIGHT, _P - _ORDER_EIGHT))


def check_sign_public(public: bytes) -> Ed25519PublicKey:
    """Return the Ed25519 public key of 32 bytes.

    BadKeyError for a wrong length, a coordinate that is not below 2^255-19 (a second spelling), or a point of small
    order. Bytes that are no point of the curve pass here and verify nothing.
    """
    if len(public) != SIGN_PUBLIC_BYTES:
        raise BadKeyError(f"a signing key has {SIGN_PUBLIC_BYTES} bytes")
    y = int.from_bytes(public, "little") & (2**255 - 1)
    if y >= _P:
        raise BadKeyError("a signing key is not in its one spelling")
    if y in _SMALL_ORDER:
        raise BadKeyError("a signing key is a point of small order")
    try:
        return Ed25519PublicKey.from_public_bytes(public)
    # OpenSSL takes any 32 bytes here; a build on another library may look at the point already.
    except ValueError as error:
        raise BadKeyError("a signing key is not acceptable") from error


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Check an Ed25519 signature (RFC 8032); BadKeyError or BadSignatureError when it does not hold."""
    key = check_sign_public(public)
    try:
        key.verify(signature, message)
    except InvalidSignature as error:
        raise BadSignatureError("a signature does not verify") from error


class SigningKey:
    """An Ed25519 signing key made from its 32-byte seed; its repr shows the key id alone."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32-byte seed; BadKeyError for another length."""
        if len(seed) != SEED_BYTES:
            raise BadKeyError(f"a signing seed has {SEED_BYTES} bytes")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self._private.public_key().public_bytes_raw()
        self.key_id: bytes = key_id(USE_SIGN, self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"<SigningKey {self.key_id.hex()[:16]}>"
