"""Logs, keys and files for the tests of this room; also used by those that hand our logs to tools by others."""

import contextlib
import struct
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from exchange.transparency.checkpoint import parse_signed
from exchange.transparency.cosignature import message
from exchange.transparency.log_keys import LogKeys
from exchange.transparency.note import Note, NoteSignature
from exchange.transparency.policy import Policy, Witness, make_policy
from exchange.transparency.sequencer import LogFiles, create_log, publish
from exchange.transparency.store import MemoryLog
from exchange.transparency.vkey import KeyType, make_vkey

ORIGIN = "exchange.example/audit/1"
NOW = 1_790_000_000


def make_keys(origin: str = ORIGIN, seed: int = 1) -> LogKeys:
    """Keys of a log; another seed gives other keys."""
    return LogKeys(origin, bytes([seed]) * 32, bytes([seed + 100]) * 32)


def make_policy_for(*keys: LogKeys) -> Policy:
    return make_policy([item.public for item in keys])


def publish_log(directory: Path, entries: list[bytes], sizes: list[int], keys: LogKeys | None = None) -> MemoryLog:
    """Publish a log in `directory`, growing through `sizes`; its memory lies beside it."""
    keys = keys or make_keys()
    files = LogFiles.at(directory, directory.parent / f"{directory.name}-private", directory)
    create_log(files, keys, NOW)
    store = MemoryLog()
    for step, size in enumerate(sizes):
        store.append(entries[store.head().size : size])
        publish(store, files, keys, NOW + 60 * (step + 1))
    return store


class Verifier:
    """An independent verifier with a key of either kind."""

    def __init__(self, name: str, kind: KeyType, seed: int) -> None:
        if kind is KeyType.MLDSA44:
            self._key = MLDSA44PrivateKey.from_seed_bytes(bytes([seed]) * 32)
        else:
            self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.vkey = make_vkey(name, kind, self._key.public_key().public_bytes_raw())

    def cosign(self, data: bytes, time: int) -> bytes:
        checkpoint, note = parse_signed(data)
        raw = struct.pack(">Q", time) + self._key.sign(message(self.vkey.type, self.vkey.name, time, checkpoint))
        return Note(note.text, (*note.signatures, NoteSignature(self.vkey.name, self.vkey.key_id, raw))).to_bytes()


AUDIT, DIRECTORY = make_keys("exchange.example/audit/1"), make_keys("exchange.example/directory/1", 2)
APT, NHC = Verifier("apt.example/w", KeyType.MLDSA44, 50), Verifier("nhc.example/w", KeyType.COSIGNATURE_ED25519, 51)
WITNESSED = make_policy(
    [DIRECTORY.public, AUDIT.public], [Witness("apt", APT.vkey), Witness("nhc", NHC.vkey)], threshold=1
)


class MemoryFiles:
    """Files in memory, whose lock complains where a real one would wait for itself for ever."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.locked = False

    def read(self, name: str) -> bytes | None:
        return self.held.get(name)

    def write(self, name: str, data: bytes) -> None:
        self.held[name] = data

    def discard(self, name: str) -> None:
        for held in [held for held in self.held if held.startswith(f"{name}/")]:
            del self.held[held]

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        if self.locked:
            raise AssertionError("the lock is taken twice")
        self.locked = True
        try:
            yield
        finally:
            self.locked = False
