"""PRIVATE HALF, imported by the client alone: open envelopes, manifests and content."""

import hmac
from collections.abc import Callable

from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from exchange.sealing import manifest
from exchange.sealing.check_pieces import head_of
from exchange.sealing.content import KEY_BYTES, Progress, no_progress
from exchange.sealing.envelope import EnvelopePlace, check_size, inner_info, kept_key_info
from exchange.sealing.errors import CommitmentError, ContentError, EnvelopeError, ManifestError, TrueSizeError
from exchange.sealing.manifest import Manifest
from exchange.sealing.pieces import FIRST_PIECE_BYTES, SEALED_CHUNK_BYTES, Pieces, opened_size, padded_size
from exchange.sealing.pipeline import Pipeline, Stage
from keys.errors import CannotOpenError
from keys.seat_open import SealKey

# From C2SP chunked-encryption: the prefix of the derivation's info, with the AEAD's name of its IANA registry.
_DERIVATION: bytes = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
_AES_KEY_BYTES = 32
_NONCE_BYTES = 12
_COMMITMENT_BYTES = 32


def unwrap_key(envelope: bytes, place: EnvelopePlace, key: SealKey) -> bytes:
    """Open an inner envelope (the lock is off) with the epoch's key and return the 32-byte content key.

    Raises EnvelopeError for a wrong size, another key than `place` names, or an envelope that does not open.
    """
    check_size(envelope)
    if not hmac.compare_digest(key.key_id, place.key_id):
        raise EnvelopeError("an envelope is for another key")
    return _open(key, envelope, inner_info(place))


def open_kept_key(sealed: bytes, report: bytes, part: bytes, key: SealKey) -> bytes:
    """Open a content key that the spool kept for the officer who sealed; EnvelopeError where it does not open."""
    return _open(key, sealed, kept_key_info(report, part, key.key_id))


def check_key(content_key: bytes, context: bytes, pieces: Pieces, commitment: bytes) -> None:
    """CommitmentError unless the content key, with the ciphertext's salt, gives the commitment.

    This is what makes a ciphertext open under one key alone: a depositor cannot show two recipients two texts.
    """
    salt, _ = head_of(pieces)
    derive = HKDFExpand(SHA512(), _AES_KEY_BYTES + _NONCE_BYTES + _COMMITMENT_BYTES, _DERIVATION + salt + context)
    derived = derive.derive(content_key)[_AES_KEY_BYTES + _NONCE_BYTES :]
    if not hmac.compare_digest(derived, commitment):
        raise CommitmentError("the content key does not give the commitment")


def open_manifest(sealed: bytes, content_key: bytes, context: bytes) -> Manifest:
    """Open a sealed manifest and parse it; ManifestError, FileNameError."""
    manifest.check_sealed_size(len(sealed))
    decryptor = Cobblestone256Decryptor(content_key, context)
    try:
        plain = decryptor.update(sealed) + decryptor.finalize()
    except InvalidTag as error:
        raise ManifestError("a manifest does not open") from error
    return manifest.decode(plain)


def open_content(
    pieces: Pieces,
    size: int,
    content_key: bytes,
    context: bytes,
    sink: Callable[[memoryview], None],
    progress: Progress = no_progress,
) -> None:
    """Decrypt a part's pieces, a few in memory at a time, and give its first `size` bytes to `sink`; the rest are zeros.

    What `sink` gets is authentic chunk by chunk, but the whole is only when this returns: until then it must not be
    shown to anyone. While one piece is decrypted, those before it are written: `sink` is called in order, from a thread of
    its own; its view is valid during the call alone. `progress` gets plaintext bytes, padding included. Raises
    TrueSizeError where a file of `size` bytes is not padded to what the ciphertext holds, or padding is not all zeros;
    PieceSizeError for a piece of another length; ContentError for damage and for a cut or other end; what `pieces` and
    `sink` raise goes through.
    """
    padded = opened_size(pieces.layout.size)
    if not 0 <= size <= padded or padded_size(size) != padded:
        raise TrueSizeError("the true size is not one that is padded to this")
    decryptor = Cobblestone256Decryptor(content_key, context)
    left = size

    def write(_number: int, view: memoryview) -> None:
        if view:
            sink(view)

    try:
        with Pipeline([Stage(write)], FIRST_PIECE_BYTES + SEALED_CHUNK_BYTES) as pipeline:
            # One more than there are pieces: the end of the message, which only now is known to be its end.
            for number in range(pieces.layout.count + 1):
                buffer = pipeline.take()
                length = _next(pieces, number, decryptor, buffer)
                told = min(left, length)
                left -= told
                if bytes(buffer[told:length]).count(0) != length - told:
                    raise TrueSizeError("the padding is not all zeros")
                pipeline.give(number, told)
                progress(length)
    except InvalidTag as error:
        raise ContentError("the content does not decrypt") from error


def _next(pieces: Pieces, number: int, decryptor: Cobblestone256Decryptor, buffer: memoryview) -> int:
    """Put what piece `number` opens into the buffer, after the last piece the message's end; return its length."""
    if number == pieces.layout.count:
        last = decryptor.finalize()
        buffer[: len(last)] = last
        return len(last)
    piece = pieces.piece(number)
    pieces.layout.check(number, len(piece))
    return decryptor.update_into(piece, buffer)


def _open(key: SealKey, sealed: bytes, info: bytes) -> bytes:
    try:
        opened = key.open(sealed, info)
    except CannotOpenError as error:
        raise EnvelopeError("an envelope does not open") from error
    if len(opened) != KEY_BYTES:
        raise EnvelopeError("an envelope does not hold a content key")
    return opened
