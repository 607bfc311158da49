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
from exchange.sealing.pieces import (
    CHUNK_BYTES,
    CHUNKS_PER_PIECE,
    HEAD_BYTES,
    PIECE_BYTES,
    SEALED_CHUNK_BYTES,
    Layout,
    layout,
    padded_size,
    piece_hash,
    root_of,
    sealed_size,
)
from exchange.sealing.pipeline import Pipeline, Stage

KEY_BYTES: Final = 32
REPORT_BYTES: Final = 16
PART_BYTES: Final = 8

_PART_LABEL: Final = b"exchange/part/v1\0"
_MANIFEST_LABEL: Final = b"exchange/manifest/v1\0"

# What a piece holds, one MiB: large enough that the calls cost nothing, small enough for an old laptop.
BLOCK_BYTES: Final = CHUNKS_PER_PIECE * CHUNK_BYTES
# Pieces that go through the stages together: each handing over costs two threads a moment, and the cores too.
TOGETHER: Final = 4
# Hashing is the slowest stage: a second thread takes what two cores have left over.
HASHERS: Final = 2

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

    While some pieces are encrypted, those before them are hashed and written: `sink` is called from a thread of its own,
    with a few whole pieces, and the view it gets is valid during the call alone. `progress`, called from the caller's
    thread, gets the plaintext bytes encrypted since its last call, padding included: `padded_size(size)` in all. When this
    returns, all has been hashed and `sink` has returned for all. Raises SourceChangedError when the source does not end
    where `size` says, BadSizeError over 2^40 bytes; what `sink` raises goes through, and nothing is given to it after that.
    """
    padded = padded_size(size)
    due = layout(sealed_size(padded))
    hashes = [b""] * due.count
    head = b""
    encryptor = Cobblestone256Encryptor(key, context)
    plain = memoryview(bytearray(TOGETHER * BLOCK_BYTES))

    def hash_pieces(first: int, pieces: memoryview) -> None:
        for number in range(first, min(first + TOGETHER, due.count)):
            hashes[number] = piece_hash(pieces[: due.length(number)])
            pieces = pieces[due.length(number) :]

    def write_pieces(_first: int, pieces: memoryview) -> None:
        sink(pieces)

    stages = (Stage(hash_pieces, threads=HASHERS), Stage(write_pieces))
    with Pipeline(stages, HEAD_BYTES + TOGETHER * PIECE_BYTES + SEALED_CHUNK_BYTES) as pipeline:
        for first in range(0, due.count, TOGETHER):
            start, last = first * BLOCK_BYTES, min(first + TOGETHER, due.count) - 1
            block = plain[: min(len(plain), padded - start)]
            held = _fill(source, block[: max(0, min(len(block), size - start))])
            # A reused buffer holds the block before: the padding must be zeros, not the report's own bytes once more.
            block[held:] = bytes(len(block) - held)
            buffer = pipeline.take()
            length = encryptor.update_into(block, buffer)
            if last == due.count - 1:
                length += _end(source, encryptor, buffer[length:])
            due.check(last, due.offset(first) + length - due.offset(last))
            head = head or bytes(buffer[:HEAD_BYTES])
            pipeline.give(first, length)
            progress(len(block))
    return SealedContent(due, tuple(hashes), root_of(hashes), head[24:])


def _end(source: BinaryIO, encryptor: Cobblestone256Encryptor, rest: memoryview) -> int:
    """Put the message's end into `rest` and return its length; SourceChangedError where the source has not ended."""
    if _read(source, memoryview(bytearray(1))):
        raise SourceChangedError("the file is longer than it was")
    last = encryptor.finalize()
    rest[: len(last)] = last
    return len(last)


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
