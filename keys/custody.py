"""The server's own private keys: those of both logs, the lock keys, and the secret of web sessions.

They live in one file outside the database and its backups, readable by the server's user alone; nothing here can open
an envelope, a seat or a view: `LockKey` opens locks and refuses every other info. `Custody` is what the rest of the
server asks for, so that a hardware module can take the file's place (docs/spec/suite.md, section 6).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from keys import custody_file, fields
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import (
    CannotOpenError,
    CustodyDamagedError,
    MalformedError,
    UnknownKeyError,
    UnknownVersionError,
)
from keys.suite import HPKE, SEED_BYTES, USE_SEAL, expand_seal_seed, key_id

VERSION: Final = 1
LOCK_LABEL: Final = b"exchange/lock/v1\0"
LOGS: Final = ("audit", "directory")

_SCHEMA: Final[fields.Schema] = {
    "instance": fields.text(200, least=1),
    "lock": fields.HASH,
    "lock_seeds": fields.list_of(fields.b64u_of(SEED_BYTES), least=1, distinct=True),
    "logs": fields.list_of(
        fields.an_object(
            {
                "ed25519": fields.b64u_of(SEED_BYTES),
                "log": fields.one_of(*LOGS),
                "mldsa44": fields.b64u_of(SEED_BYTES),
                "n": fields.integer(1, 2**32 - 1),
            }
        ),
        least=1,
    ),
    "session": fields.b64u_of(SEED_BYTES),
    "version": fields.integer(VERSION, VERSION),
}


class LockKey:
    """The exchange's lock key: takes the outer lock off an envelope; its repr shows the key id alone."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32-byte seed; BadKeyError for another length."""
        mlkem_seed, scalar = expand_seal_seed(seed)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(mlkem_seed)
        x25519 = X25519PrivateKey.from_private_bytes(scalar)
        self._private = MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public: bytes = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        self.key_id: bytes = key_id(USE_SEAL, self.public)

    def open(self, ciphertext: bytes, info: bytes) -> bytes:
        """Take a lock off: return the inner envelope that was sealed to this key under `info`.

        Raises CannotOpenError for another key, another info or changed bytes, and for every info that is not a
        lock's: this code, the only one of the server that can open anything, opens nothing else.
        """
        if not info.startswith(LOCK_LABEL):
            raise CannotOpenError("the lock key opens locks alone")
        try:
            return HPKE.decrypt(ciphertext, self._private, info=info)
        except (InvalidTag, ValueError) as error:
            raise CannotOpenError("a lock does not come off") from error

    def __repr__(self) -> str:
        return f"<LockKey {self.key_id.hex()[:16]}>"


@dataclass(frozen=True)
class LogSeeds:
    """The seeds of one log's two keys, 32 bytes each (ML-DSA: xi of FIPS 204); not shown in its repr."""

    log: str
    n: int
    ed25519: bytes = field(repr=False)
    mldsa44: bytes = field(repr=False)


class Custody(Protocol):
    """What the server asks of whoever keeps its private keys."""

    @property
    def instance(self) -> str:
        """The name that origins of the logs begin with."""

    @property
    def lock_key_id(self) -> bytes:
        """The id (32 bytes) of the lock key that is current: depositors seal to it."""

    @property
    def lock_public(self) -> bytes:
        """The public key (1,216 bytes) of the current lock key."""

    def lock_key(self, kid: bytes) -> LockKey:
        """Return the lock key of this id, current or retired; UnknownKeyError if it is not kept."""

    def log_seeds(self, log: str, n: int) -> LogSeeds:
        """Return the seeds of log "directory" or "audit", number `n`; UnknownKeyError if they are not kept."""

    @property
    def session_secret(self) -> bytes:
        """The 32-byte secret that signs web sessions."""


@dataclass(frozen=True)
class FileCustody:
    """Custody in one file. Its directory has mode 0700, the file 0600, both belong to the server's user: checked at
    every load, refused with the command that mends it."""

    instance: str
    session_secret: bytes = field(repr=False)
    logs: Mapping[tuple[str, int], LogSeeds] = field(repr=False)
    current: LockKey
    lock_keys: Mapping[bytes, LockKey] = field(repr=False)

    @classmethod
    def create(cls, path: Path, instance: str) -> "FileCustody":
        """Make new keys for an instance with logs directory/1 and audit/1 and write them, durably, to `path`.

        The directory is made if it does not exist. Raises CustodyExistsError, leaving everything as it is, when the
        file exists; CustodyUnsafeError for a directory that is not private; MalformedError for an empty name.
        """
        seed = secrets.token_bytes(SEED_BYTES)
        body = {
            "instance": instance,
            "lock": b64u(LockKey(seed).key_id),
            "lock_seeds": [b64u(seed)],
            "logs": [{"ed25519": _new_secret(), "log": log, "mldsa44": _new_secret(), "n": 1} for log in LOGS],
            "session": _new_secret(),
            "version": VERSION,
        }
        fields.check(body, _SCHEMA)
        custody_file.create(path, canonical(body) + b"\n")
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> "FileCustody":
        """Read a custody file.

        Raises CustodyMissingError, CustodyUnsafeError (owner or mode of file or directory), UnknownVersionError, or
        CustodyDamagedError for anything else that `create` does not write.
        """
        data = custody_file.read(path)
        try:
            if not data.endswith(b"\n"):
                raise MalformedError("it does not end in a newline")
            body = parse_object(data[:-1])
            _known_version(body)
            fields.check(body, _SCHEMA)
            return cls._of(body)
        except MalformedError as error:
            raise CustodyDamagedError(f"custody file '{path}' is damaged: {error}; restore it from its copy") from error

    @classmethod
    def _of(cls, body: dict[str, Any]) -> "FileCustody":
        keys = {key.key_id: key for key in (LockKey(unb64u(seed)) for seed in body["lock_seeds"])}
        current = unb64u(body["lock"])
        if current not in keys:
            raise MalformedError("the current lock key is not among the lock keys")
        logs = {(log["log"], log["n"]): LogSeeds(**{**log, **_log_bytes(log)}) for log in body["logs"]}
        if len(logs) != len(body["logs"]):
            raise MalformedError("a log stands twice")
        return cls(body["instance"], unb64u(body["session"]), logs, keys[current], keys)

    @property
    def lock_key_id(self) -> bytes:
        """The id (32 bytes) of the lock key that is current."""
        return self.current.key_id

    @property
    def lock_public(self) -> bytes:
        """The public key (1,216 bytes) of the current lock key."""
        return self.current.public

    def lock_key(self, kid: bytes) -> LockKey:
        """Return the lock key of this id, current or retired; UnknownKeyError if it is not kept."""
        key = self.lock_keys.get(kid)
        if key is None:
            raise UnknownKeyError("custody keeps no lock key of this id")
        return key

    def log_seeds(self, log: str, n: int) -> LogSeeds:
        """Return the seeds of log "directory" or "audit", number `n`; UnknownKeyError if they are not kept."""
        seeds = self.logs.get((log, n))
        if seeds is None:
            raise UnknownKeyError(f"custody keeps no keys of log '{log}/{n}'")
        return seeds


def _new_secret() -> str:
    return b64u(secrets.token_bytes(SEED_BYTES))


def _log_bytes(log: dict[str, Any]) -> dict[str, bytes]:
    return {"ed25519": unb64u(log["ed25519"]), "mldsa44": unb64u(log["mldsa44"])}


def _known_version(body: dict[str, Any]) -> None:
    version = body.get("version")
    if isinstance(version, int) and version != VERSION:
        raise UnknownVersionError(f"unknown version {version} of a custody file")
