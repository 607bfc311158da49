"""PRIVATE HALF, imported by the client alone: the identity file, an officer's private keys (docs/spec/identity.md).

A random vault key seals the two seeds; each lock wraps the vault key. Three mistakes stay apart: a file of another
version (UnknownVersionError), a damaged one (DamagedIdentityError, found by `check` before any passphrase is asked
for), and a wrong passphrase (WrongPassphraseError). `check` tells damage from a mistyped passphrase; it is no seal:
whoever can write the file can make it match, and then the file fails to open as one of the two.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Final

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys import fields, passphrase
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import (
    CannotOpenError,
    DamagedIdentityError,
    MalformedError,
    UnknownVersionError,
    WrongPassphraseError,
)
from keys.passphrase import Cost, PassphraseLock
from keys.seat_open import SealKey
from keys.signing import SigningKey
from keys.suite import SEED_BYTES

VERSION: Final = 1
OFFICER_BYTES: Final = 16
STOP_CODE_BYTES: Final = 16

_SEALED_LABEL: Final = b"exchange/identity/v1\0"
_CHECK_LABEL: Final = b"exchange/identity/check/v1\0"
_STOP_LABEL: Final = b"exchange/stop/v1\0"
_VAULT_BYTES: Final = 32
_SEALED_BYTES: Final = 24 + 32 + 2 * SEED_BYTES + 16
_MAX_LOCKS: Final = 4

_SCHEMA: Final[fields.Schema] = {
    "check": fields.HASH,
    "keys": fields.an_object({"seal": fields.HASH, "sign": fields.HASH}),
    "locks": fields.list_of(fields.an_object(passphrase.SCHEMA), least=1, most=_MAX_LOCKS),
    "officer": fields.ID16,
    "sealed": fields.b64u_of(_SEALED_BYTES),
    "version": fields.integer(VERSION, VERSION),
}


@dataclass(frozen=True)
class Officer:
    """An unlocked identity: the officer's random id (16 bytes) and their two private keys."""

    id: bytes
    sign: SigningKey
    seal: SealKey


@dataclass(frozen=True, repr=False)
class IdentityFile:
    """An identity file as it lies on the machine: locked. `sealed` holds both seeds under the vault key."""

    officer: bytes
    sign_key_id: bytes
    seal_key_id: bytes
    locks: tuple[PassphraseLock, ...]
    sealed: bytes

    def dump(self) -> bytes:
        """Return the file's one spelling: canonical JSON and a newline."""
        body = self._body()
        return canonical({**body, "check": _check_of(body)}) + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> "IdentityFile":
        """Parse a file's one spelling.

        Raises UnknownVersionError for another version or a kind of lock this build does not know, and
        DamagedIdentityError for anything else that `dump` does not write, costs out of bounds included.
        """
        try:
            body = _intact(data)
            fields.check(body, _SCHEMA)
        except MalformedError as error:
            raise DamagedIdentityError(f"an identity file is damaged: {error}") from error
        return cls(
            unb64u(body["officer"]),
            unb64u(body["keys"]["sign"]),
            unb64u(body["keys"]["seal"]),
            tuple(PassphraseLock.read(lock) for lock in body["locks"]),
            unb64u(body["sealed"]),
        )

    def unlock(self, phrase: str) -> Officer:
        """Return the officer's private keys.

        1. A lock opens with the passphrase and gives the vault key (WrongPassphraseError).
        2. The vault key opens `sealed`, under this version, officer and these key ids (DamagedIdentityError).
        3. The seeds give exactly the keys the file names (DamagedIdentityError).
        NotEnoughMemoryError where this machine cannot pay the cost the lock records.
        """
        return self._officer(self._seeds(phrase))

    def change_passphrase(self, old: str, new: str, cost: Cost | None = None) -> "IdentityFile":
        """Return the same keys under a new passphrase, a new vault key and one lock; `self` stays as it was.

        Raises as `unlock` does for `old`, and ShortPassphraseError for `new`. An old copy of the file still opens with
        the old passphrase: only new keys end that.
        """
        seeds = self._seeds(old)
        return _seal(self._officer(seeds), seeds, new, cost or Cost())

    def _seeds(self, phrase: str) -> bytes:
        vault = self._vault_key(phrase)
        decryptor = Cobblestone256Decryptor(vault, _context(self.officer, self.sign_key_id, self.seal_key_id))
        try:
            return decryptor.update(self.sealed) + decryptor.finalize()
        except InvalidTag as error:
            raise DamagedIdentityError("an identity file is damaged: its keys do not open") from error

    def _officer(self, seeds: bytes) -> Officer:
        officer = Officer(self.officer, SigningKey(seeds[:SEED_BYTES]), SealKey(seeds[SEED_BYTES:]))
        found = officer.sign.key_id + officer.seal.key_id
        if not hmac.compare_digest(found, self.sign_key_id + self.seal_key_id):
            raise DamagedIdentityError("an identity file is damaged: its seeds give other keys than it names")
        return officer

    def _vault_key(self, phrase: str) -> bytes:
        for lock in self.locks:
            try:
                return lock.open(phrase)
            except CannotOpenError:
                continue
        raise WrongPassphraseError("wrong passphrase")

    def _body(self) -> dict[str, Any]:
        return {
            "keys": {"seal": b64u(self.seal_key_id), "sign": b64u(self.sign_key_id)},
            "locks": [lock.body() for lock in self.locks],
            "officer": b64u(self.officer),
            "sealed": b64u(self.sealed),
            "version": VERSION,
        }

    def __repr__(self) -> str:
        return f"<IdentityFile {self.officer.hex()}>"


def new_identity(phrase: str, cost: Cost | None = None) -> tuple[IdentityFile, Officer]:
    """Make a new officer: a random id of 16 bytes, a signing and a sealing key, locked with `phrase`.

    Raises ShortPassphraseError under 12 characters, NotEnoughMemoryError where the machine lacks the memory.
    """
    seeds = secrets.token_bytes(2 * SEED_BYTES)
    sign, seal = SigningKey(seeds[:SEED_BYTES]), SealKey(seeds[SEED_BYTES:])
    officer = Officer(secrets.token_bytes(OFFICER_BYTES), sign, seal)
    return _seal(officer, seeds, phrase, cost or Cost()), officer


def new_stop_code() -> bytes:
    """Return a stop code, 16 random bytes: printed for the officer, kept in no file."""
    return secrets.token_bytes(STOP_CODE_BYTES)


def stop_key(code: bytes, officer: bytes) -> SigningKey:
    """Return the key that suspends this officer (16-byte id) and does nothing else, from the printed 16-byte code.

    Ed25519 seed = HKDF-SHA256(code, no salt, info label || officer). MalformedError for other lengths.
    """
    if len(code) != STOP_CODE_BYTES or len(officer) != OFFICER_BYTES:
        raise MalformedError("a stop code and an officer's id have 16 bytes")
    return SigningKey(HKDF(SHA256(), SEED_BYTES, salt=None, info=_STOP_LABEL + officer).derive(code))


def _seal(officer: Officer, seeds: bytes, phrase: str, cost: Cost) -> IdentityFile:
    vault = secrets.token_bytes(_VAULT_BYTES)
    encryptor = Cobblestone256Encryptor(vault, _context(officer.id, officer.sign.key_id, officer.seal.key_id))
    sealed = encryptor.update(seeds) + encryptor.finalize()
    lock = PassphraseLock.close(vault, phrase, cost)
    return IdentityFile(officer.id, officer.sign.key_id, officer.seal.key_id, (lock,), sealed)


def _context(officer: bytes, sign_key_id: bytes, seal_key_id: bytes) -> bytes:
    return _SEALED_LABEL + bytes([VERSION]) + officer + sign_key_id + seal_key_id


def _check_of(body: dict[str, Any]) -> str:
    return b64u(hashlib.sha256(_CHECK_LABEL + canonical(body)).digest())


def _intact(data: bytes) -> dict[str, Any]:
    """Return the file's object once its version is known, its check holds and its kinds of lock are known.

    The check comes before the kinds: a damaged letter must not look like a file from the future.
    """
    if not data.endswith(b"\n"):
        raise MalformedError("it does not end in a newline")
    body = parse_object(data[:-1])
    version = body.get("version")
    if isinstance(version, int) and version != VERSION:
        raise UnknownVersionError(f"unknown version {version} of an identity file")
    check = body.get("check")
    due = _check_of({name: value for name, value in body.items() if name != "check"})
    if not isinstance(check, str) or not hmac.compare_digest(check.encode(), due.encode()):
        raise MalformedError("its check does not hold")
    locks = body.get("locks")
    for lock in locks if isinstance(locks, list) else []:
        kind = lock.get("kind") if isinstance(lock, dict) else None
        if isinstance(kind, str) and kind != passphrase.KIND:
            raise UnknownVersionError("an identity file has a lock of an unknown kind")
    return body
