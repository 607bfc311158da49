"""By which a client's pieces are known to have arrived: `Content-Digest` (RFC 9530), and the leaf hashes of the pieces.

Read strictly, as a Dictionary of Byte Sequences and as one Byte Sequence (RFC 9651): parameters and keys given twice are
refused; other algorithms than SHA-256 are passed over. The leaf hashes are what sender and server need of a piece anyway,
so a client that sends them saves both of them a second pass over the bytes.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exchange.reports.errors import DigestMissingError

CONTENT_DIGEST: Final = "Content-Digest"
PIECE_HASHES: Final = "Exchange-Piece-Hashes"

_MEMBER: Final = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):", re.ASCII)
_BYTES: Final = re.compile(r":([A-Za-z0-9+/]*={0,2}):", re.ASCII)
_SEPARATOR: Final = re.compile(r"[ \t]*,[ \t]*", re.ASCII)
_MOST: Final = 4_096
_HASH_BYTES: Final = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Named:
    """What a body's bytes are said to be: the SHA-256 of all of them, the leaf hash of each piece, or both."""

    whole: bytes | None
    pieces: Sequence[bytes] | None


def named_by(content_digest: str | None, piece_hashes: str | None, pieces: int) -> Named:
    """Return what the two fields name for a body of so many pieces.

    DigestMissingError where there is neither, or one of them is not what it must be: one that is there is never passed over.
    """
    if content_digest is None and piece_hashes is None:
        raise DigestMissingError(f"pieces need {CONTENT_DIGEST}: sha-256=:...: or {PIECE_HASHES}: :...:")
    return Named(
        None if content_digest is None else sha256_of(content_digest),
        None if piece_hashes is None else hashes_of(piece_hashes, pieces),
    )


def sha256_of(field: str | None) -> bytes:
    """Return the 32 bytes that a Content-Digest field gives as SHA-256; DigestMissingError for anything else."""
    if field is None or len(field) > _MOST:
        raise DigestMissingError("a piece needs Content-Digest: sha-256=:...:")
    found: dict[str, str] = {}
    for member in _SEPARATOR.split(field.strip(" ")):
        match = _MEMBER.fullmatch(member)
        if match is None or match[1] in found:
            raise DigestMissingError("the Content-Digest field is not a dictionary of byte sequences")
        found[match[1]] = match[2]
    digest = _decoded(found.get("sha-256", ""))
    if len(digest) != _HASH_BYTES:
        raise DigestMissingError("the Content-Digest field has no SHA-256")
    return digest


def hashes_of(field: str, pieces: int) -> list[bytes]:
    """Return the leaf hashes of so many pieces, in order; DigestMissingError for a field that does not have just them."""
    match = _BYTES.fullmatch(field.strip(" "))
    data = b"" if match is None else _decoded(match[1])
    if len(data) != pieces * _HASH_BYTES:
        raise DigestMissingError(f"the {PIECE_HASHES} field does not have a hash for each of {pieces} pieces")
    return [data[place : place + _HASH_BYTES] for place in range(0, len(data), _HASH_BYTES)]


def content_digest(data: bytes) -> str:
    """Return the Content-Digest field for `data`, as a client sends it."""
    return digest_field(hashlib.sha256(data).digest())


def digest_field(sha256: bytes) -> str:
    """Return a digest field (RFC 9530) for a SHA-256."""
    return f"sha-256={_spelled(sha256)}"


def piece_hashes(hashes: Sequence[bytes]) -> str:
    """Return the field that has these leaf hashes."""
    return _spelled(b"".join(hashes))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise DigestMissingError("a byte sequence is not base64") from error


def _spelled(data: bytes) -> str:
    return f":{base64.b64encode(data).decode('ascii')}:"
