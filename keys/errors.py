"""Errors of the room `keys`: one root, leaves only where a caller acts differently.

Each leaf carries a stable `code`; the sentence a person reads for it stands in the message catalogue, never here.
"""

from typing import ClassVar


class KeysError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "keys_error"


class MalformedError(KeysError):
    """Bytes or values that are not the one permitted spelling of anything we know."""

    code = "malformed"


class UnknownVersionError(KeysError):
    """A version, label, suite or kind that this build does not know: never skipped, always an error."""

    code = "unknown_version"


class BadKeyError(KeysError):
    """A public or private key that is not acceptable: wrong length or a point of small order."""

    code = "bad_key"


class BadSignatureError(KeysError):
    """A signature that does not verify under the key it names."""

    code = "bad_signature"


class CannotOpenError(KeysError):
    """A ciphertext that does not open with this key and this context."""

    code = "cannot_open"


class KeyMismatchError(KeysError):
    """A secret opens, but gives another key than the one the directory publishes for it."""

    code = "key_mismatch"


class DamagedIdentityError(MalformedError):
    """An identity file that is not as it was written: to be fetched from a copy, no passphrase will help."""

    code = "identity_damaged"


class WrongPassphraseError(KeysError):
    """A passphrase that opens no lock of an undamaged identity file."""

    code = "wrong_passphrase"


class ShortPassphraseError(KeysError):
    """A new passphrase that is too short to protect anything."""

    code = "passphrase_short"


class NotEnoughMemoryError(KeysError):
    """A machine without the memory that a lock's cost asks for."""

    code = "not_enough_memory"


class CustodyError(KeysError):
    """Root of what is wrong with the server's own private keys; the message carries the fix."""

    code = "custody_error"


class CustodyMissingError(CustodyError):
    """No custody file where the configuration says."""

    code = "custody_missing"


class CustodyExistsError(CustodyError):
    """A custody file stands already: making new keys over it would lose both logs and every lock."""

    code = "custody_exists"


class CustodyUnsafeError(CustodyError):
    """A custody file or its directory that others than the server's user own, or may read or write."""

    code = "custody_unsafe"


class CustodyDamagedError(CustodyError):
    """A custody file that is not as it was written."""

    code = "custody_damaged"


class UnknownKeyError(KeysError):
    """A key id that custody holds no key for."""

    code = "unknown_key"
