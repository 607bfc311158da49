"""A passphrase lock: what it costs to try a passphrase, and one secret sealed under it (docs/spec/identity.md).

KEK = Argon2id (RFC 9106, version 0x13), 32 bytes. The cost is recorded in the lock and held to bounds on reading: below
them a stolen file is cheap to guess, above them a planted one would stop an old laptop.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from keys import fields
from keys.encoding import b64u, canonical, unb64u
from keys.errors import CannotOpenError, MalformedError, NotEnoughMemoryError, ShortPassphraseError

KIND: Final = "passphrase"
MIN_CHARACTERS: Final = 12
MIN_MEMORY: Final = 64 * 1024
MAX_MEMORY: Final = 1024 * 1024
MIN_PASSES: Final = 3
MAX_PASSES: Final = 10
# RFC 9106 recommends four lanes; fixed, so that a lock has one dimension less to be weak in.
LANES: Final = 4

_SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32
_ARGON2_VERSION: Final = 0x13
_LABEL: Final = b"exchange/identity/lock/v1\0"
_WRAP_BYTES: Final = 24 + 32 + _KEY_BYTES + 16

SCHEMA: Final[fields.Schema] = {
    "kind": fields.one_of(KIND),
    "lanes": fields.integer(LANES, LANES),
    "memory": fields.integer(MIN_MEMORY, MAX_MEMORY),
    "passes": fields.integer(MIN_PASSES, MAX_PASSES),
    "salt": fields.b64u_of(_SALT_BYTES),
    "wrap": fields.b64u_of(_WRAP_BYTES),
}


@dataclass(frozen=True)
class Cost:
    """What one guess costs: `memory` in KiB (64 MiB to 1 GiB) and `passes` over it (3 to 10); MalformedError else.

    The default, 256 MiB three times, takes about half a second on two cores and still fits a laptop of 2 GB: four
    times the memory RFC 9106 asks of constrained machines, since the file may be stolen and guessed at for years.
    """

    memory: int = 256 * 1024
    passes: int = 3

    def __post_init__(self) -> None:
        """Hold both numbers to their bounds."""
        SCHEMA["memory"](self.memory)
        SCHEMA["passes"](self.passes)


@dataclass(frozen=True, repr=False)
class PassphraseLock:
    """A 32-byte secret under a passphrase: the cost, the salt (16 bytes) and `wrap`, a Cobblestone-256 message."""

    cost: Cost
    salt: bytes
    wrap: bytes

    @classmethod
    def close(cls, secret: bytes, passphrase: str, cost: Cost) -> "PassphraseLock":
        """Return a new lock on a 32-byte `secret`.

        Raises ShortPassphraseError under 12 characters, NotEnoughMemoryError where the machine lacks the memory.
        """
        if len(secret) != _KEY_BYTES:
            raise MalformedError("a lock holds 32 bytes")
        if len(unicodedata.normalize("NFC", passphrase)) < MIN_CHARACTERS:
            raise ShortPassphraseError(f"a passphrase has at least {MIN_CHARACTERS} characters")
        bare = cls(cost, secrets.token_bytes(_SALT_BYTES), b"")
        encryptor = Cobblestone256Encryptor(bare._kek(passphrase), bare._context())
        return cls(cost, bare.salt, encryptor.update(secret) + encryptor.finalize())

    def open(self, passphrase: str) -> bytes:
        """Return the secret; CannotOpenError for another passphrase or changed bytes, without telling which."""
        decryptor = Cobblestone256Decryptor(self._kek(passphrase), self._context())
        try:
            return decryptor.update(self.wrap) + decryptor.finalize()
        except InvalidTag as error:
            raise CannotOpenError("a lock does not open with this passphrase") from error

    def body(self) -> dict[str, Any]:
        """Return the lock as JSON values."""
        return {**self._bare(), "wrap": b64u(self.wrap)}

    @classmethod
    def read(cls, body: dict[str, Any]) -> "PassphraseLock":
        """Return the lock of JSON values already checked against SCHEMA."""
        return cls(Cost(body["memory"], body["passes"]), unb64u(body["salt"]), unb64u(body["wrap"]))

    def _bare(self) -> dict[str, Any]:
        return {
            "kind": KIND,
            "lanes": LANES,
            "memory": self.cost.memory,
            "passes": self.cost.passes,
            "salt": b64u(self.salt),
        }

    def _context(self) -> bytes:
        return _LABEL + canonical(self._bare())

    def _kek(self, passphrase: str) -> bytes:
        try:
            return hash_secret_raw(
                # One person's é is one character or two, by keyboard and system: NFC makes them the same passphrase.
                unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass"),
                self.salt,
                time_cost=self.cost.passes,
                memory_cost=self.cost.memory,
                parallelism=LANES,
                hash_len=_KEY_BYTES,
                type=Type.ID,
                version=_ARGON2_VERSION,
            )
        except HashingError as error:
            raise NotEnoughMemoryError(f"a lock needs {self.cost.memory // 1024} MiB of memory") from error

    def __repr__(self) -> str:
        return f"<PassphraseLock {self.cost.memory // 1024} MiB, {self.cost.passes} passes>"
