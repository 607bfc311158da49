"""Sealing a file's content: zero padding to its Padmé size, one Cobblestone-256 message, in memory that stays flat.

Cobblestone-256 is C2SP chunked-encryption with HKDF-SHA-512 and AES-256-GCM. A content key seals two messages, told
apart by their contexts: the content and the manifest. Opening stands in `exchange.sealing.unseal` alone.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeAlias

from cryptography.cobblestone import Cobblestone256Encryptor

from exchange.sealing.errors import DiskError, SealingError, SourceChangedError
from exchange.sealing.pieces import HEAD_BYTES, Layout, PieceHasher, padded_size, sealed_size

KEY_BYTES: Final = 32
REPORT_BYTES: Final = 16
PART_BYTES: Final = 8

_PART_LABEL: Final = b"exchange/part/v1\0"
_MANIFEST_LABEL: Final = b"exchange/manifest/v1\0"

# One MiB: large enough that the calls cost nothing, small enough for an old laptop.
BLOCK_BYTES: Final = 2**20

Progress: TypeAlias = Callable[[int], None]
Sink: TypeAlias = Callable[[memoryview], None]


def no_progress(_count: int) -> None:
    """Take a count of bytes done and tell nobody: the default progress callback."""


def new_content_key() -> bytes:
    """Return a content key: 32 random bytes, for one part, never for another."""
    return secrets.token_bytes(KEY_BYTES)


def new_part_id() -> bytes:
    """Return a part id: 8 random bytes."""
    return secrets.token_bytes(PART_BYTES)


def part_context(report: bytes, part: bytes) -> bytes:
    """Return the context a part's content is sealed under: label || report (16) || part (8)."""
    return _PART_LABEL + _ids(report, part)


def manifest_context(report: bytes, part: bytes) -> bytes:
    """Return the context a part's manifest is sealed under: label || report (16) || part (8)."""
    return _MANIFEST_LABEL + _ids(report, part)


def _ids(report: bytes, part: bytes) -> bytes:
    if len(report) != REPORT_BYTES or len(part) != PART_BYTES:
        raise SealingError("a report id has 16 bytes, a part id 8")
    return report + part


def seal_small(plaintext: bytes, key: bytes, context: bytes) -> bytes:
    """Return one Cobblestone-256 message over bytes held in memory."""
    encryptor = Cobblestone256Encryptor(key, context)
    return encryptor.update(plaintext) + encryptor.finalize()


@dataclass(frozen=True)
class SealedContent:
    """What sealing a file's content left: its pieces, their hashes and root, and the commitment to the content key."""

    layout: Layout
    hashes: tuple[bytes, ...]
    root: bytes
    commitment: bytes


def seal_content(
    source: BinaryIO, size: int, key: bytes, context: bytes, sink: Sink, progress: Progress = no_progress
) -> SealedContent:
    """Read exactly `size` bytes of `source`, pad, encrypt and hash them, and give the ciphertext to `sink` in order.

    The view `sink` gets is valid during the call alone: its buffer is used again. `progress` gets the plaintext bytes
    done since its last call, padding included: `padded_size(size)` in all. Raises SourceChangedError when the source
    does not end where `size` says, BadSizeError over 2^40 bytes; what `sink` raises goes through.
    """
    padded = padded_size(size)
    encryptor = Cobblestone256Encryptor(key, context)
    hasher = PieceHasher()
    head = bytearray()
    plain = bytearray(BLOCK_BYTES)
    sealed = memoryview(bytearray(sealed_size(BLOCK_BYTES)))

    def emit(view: memoryview) -> None:
        if len(head) < HEAD_BYTES:
            head.extend(view[: HEAD_BYTES - len(head)])
        hasher.update(view)
        sink(view)

    done = 0
    while done < padded:
        block = memoryview(plain)[: min(BLOCK_BYTES, padded - done)]
        held = _fill(source, block[: max(0, min(len(block), size - done))])
        # A reused buffer holds the block before: the padding must be zeros, not the report's own bytes once more.
        block[held:] = bytes(len(block) - held)
        emit(sealed[: encryptor.update_into(block, sealed)])
        done += len(block)
        progress(len(block))
    if _read(source, memoryview(bytearray(1))):
        raise SourceChangedError("the file is longer than it was")
    emit(memoryview(encryptor.finalize()))
    return SealedContent(hasher.finish(), tuple(hasher.hashes), hasher.root, bytes(head[24:]))


def _fill(source: BinaryIO, view: memoryview) -> int:
    """Fill the view from the source and return its length; SourceChangedError where the source ends before."""
    held = 0
    while held < len(view):
        count = _read(source, view[held:])
        if not count:
            raise SourceChangedError("the file is shorter than it was")
        held += count
    return held


def _read(source: BinaryIO, view: memoryview) -> int:
    try:
        # BinaryIO does not promise `readinto`; every binary file of Python has it, and it spares a copy.
        return int(source.readinto(view) or 0)  # type: ignore[attr-defined]
    except OSError as error:
        raise DiskError("the file could not be read") from error
