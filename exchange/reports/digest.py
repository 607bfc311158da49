"""`Content-Digest` (RFC 9530): the digest a client sends with its pieces, as a Dictionary of Byte Sequences (RFC 9651).

Read strictly: parameters and keys given twice are refused; other algorithms than SHA-256 are passed over.
"""

import base64
import binascii
import hashlib
import re
from typing import Final

from exchange.reports.errors import DigestMissingError

_MEMBER: Final = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):", re.ASCII)
_SEPARATOR: Final = re.compile(r"[ \t]*,[ \t]*", re.ASCII)
_MOST: Final = 4_096


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
    try:
        digest = base64.b64decode(found.get("sha-256", ""), validate=True)
    except binascii.Error as error:
        raise DigestMissingError("the Content-Digest field is not base64") from error
    if len(digest) != hashlib.sha256().digest_size:
        raise DigestMissingError("the Content-Digest field has no SHA-256")
    return digest


def content_digest(data: bytes) -> str:
    """Return the field for `data`, as a client sends it."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode('ascii')}:"
