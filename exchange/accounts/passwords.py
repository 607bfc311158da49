"""Passwords for the pages: Argon2id, the same work whether or not the name exists, a bound on how many at once.

The password opens pages that hold no report content; reports open with the officer's own keys on the officer's machine.
"""

import base64
import re
import secrets
import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import Type

from exchange.accounts.errors import LoginNameInvalidError, PasswordTooWeakError
from exchange.config import Argon2Cost

MIN_CHARACTERS: Final = 12
MAX_CHARACTERS: Final = 256
_LOGIN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{2,63}", re.ASCII)
# Each check takes the memory of `Argon2Cost`; more at once than this would let strangers exhaust the machine.
_AT_ONCE: Final = 4


class Passwords:
    """Hashes and checks passwords at one cost."""

    def __init__(self, cost: Argon2Cost) -> None:
        self._hasher = PasswordHasher(cost.passes, cost.memory_kib, cost.lanes, type=Type.ID)
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        # Checked in the place of a hash that does not exist, so that an unknown name takes as long as a wrong password.
        # Random bytes in the form of a hash: checking it costs the same, and making it costs nothing at each start.
        salt, digest = _unpadded(secrets.token_bytes(16)), _unpadded(secrets.token_bytes(32))
        self._nobody = f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${digest}"

    def hash(self, login_name: str, password: str) -> str:
        """Return the PHC string of a new password; PasswordTooWeakError when it is too short, long, or holds the name."""
        text = _normal(password)
        if not MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS or login_name in text.casefold():
            raise PasswordTooWeakError(f"a password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters and not the name")
        with self._slots:
            return self._hasher.hash(text)

    def check(self, stored: str | None, password: str) -> bool:
        """True when `password` is the one of `stored`; None stands for no account and costs the same."""
        with self._slots:
            try:
                matches = self._hasher.verify(stored or self._nobody, _normal(password)[: MAX_CHARACTERS + 1])
            except (Argon2Error, InvalidHashError):
                return False
        return matches and stored is not None


def login_name(text: str) -> str:
    """Return a name in the form it is stored and compared; LoginNameInvalidError for another form."""
    name = text.strip().lower()
    if not _LOGIN_NAME.fullmatch(name):
        raise LoginNameInvalidError("a name has 3 to 64 letters, digits, '.', '_', '-' or '@'")
    return name


def _unpadded(data: bytes) -> str:
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def _normal(password: str) -> str:
    # One person's é is one character or two, by keyboard and system: NFC makes them the same password.
    return unicodedata.normalize("NFC", password.encode("utf-8", "replace").decode("utf-8"))
