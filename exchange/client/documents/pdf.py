"""What a PDF says of its author, its notes and its photographs, read off its bytes: no page is drawn, no text taken.

The document information and XMP metadata are found where they stand in the open, and in Flate streams of objects or
metadata, each unpacked up to a bound. Encrypted files say nothing here, and it is said that they do not.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exchange.client.documents import jpeg
from exchange.client.documents.errors import DocumentError

MAGIC: Final = b"%PDF-"
MOST_FILE: Final = 128 * 1024 * 1024
_MOST_STREAM: Final = 8 * 1024 * 1024
_MOST_UNPACKED: Final = 64 * 1024 * 1024
_MOST_STREAMS: Final = 20_000
_MOST_PHOTOS: Final = 500
_MOST_NAME: Final = 400
_STREAM: Final = re.compile(rb"stream\r?\n")
_AUTHOR: Final = re.compile(rb"/Author\s{0,8}(?:\(((?:[^()\\]|\\.){0,400})\)|<([0-9A-Fa-f\s]{0,1600})>)", re.DOTALL)
_XMP_CREATOR: Final = re.compile(rb"<dc:creator>(.{0,4000}?)</dc:creator>", re.DOTALL)
_XMP_NAME: Final = re.compile(rb"<rdf:li[^>]{0,200}>([^<]{0,400})</rdf:li>")
_NOTE: Final = re.compile(rb"/Subtype\s{0,8}/(?:Text|FreeText|Highlight|Underline|StrikeOut|Squiggly|Caret)\b")
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_BEFORE: Final = 1024


@dataclass(frozen=True)
class Pdf:
    """Its authors, how many notes stand on its pages, how many of its photographs say where they were taken, and whether
    it is encrypted, so that none of this can be told."""

    authors: tuple[str, ...]
    notes: int
    photos: int
    encrypted: bool


def read(path: Path) -> Pdf:
    """Read a PDF; DocumentError for a file past the bound, or that cannot be read."""
    try:
        if path.stat().st_size > MOST_FILE:
            raise DocumentError("the file is too large to be looked into")
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError("the file does not read") from error
    return read_bytes(data)


def read_bytes(data: bytes) -> Pdf:
    """As `read`, of bytes at hand; never raises."""
    authors: dict[str, None] = {}
    notes = 0
    for text in (data, *_unpacked(data)):
        notes += len(_NOTE.findall(text))
        for name in _authors(text):
            authors[name] = None
    encrypted = b"/Encrypt" in data
    return Pdf(() if encrypted else tuple(authors)[:20], notes, _photos(data), encrypted)


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Yield what is in streams of objects and of metadata."""
    left = _MOST_UNPACKED
    for number, found in enumerate(_STREAM.finditer(data)):
        if number >= _MOST_STREAMS or left <= 0:
            return
        before = data[max(0, found.start() - _BEFORE) : found.start()]
        head = before[before.rfind(b"obj") + 3 :]
        if b"/FlateDecode" not in head or (b"/ObjStm" not in head and b"/Metadata" not in head):
            continue
        try:
            text = zlib.decompressobj().decompress(data[found.end() : found.end() + _MOST_STREAM], min(left, _MOST_STREAM))
        except zlib.error:
            continue
        left -= len(text)
        yield text


def _authors(text: bytes) -> Iterator[str]:
    for found in _AUTHOR.finditer(text):
        plain, digits = found.groups()
        raw = _plain(plain) if plain is not None else _digits(digits)
        yield from _named(raw.decode("utf-16-be", "replace") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1"))
    for block in _XMP_CREATOR.finditer(text):
        for name in _XMP_NAME.finditer(block[1]):
            yield from _named(name[1].decode("utf-8", "replace"))


def _named(name: str) -> Iterator[str]:
    name = " ".join(name.lstrip("\ufeff").replace("\0", "").split())[:_MOST_NAME]
    if name:
        yield name


def _plain(text: bytes) -> bytes:
    def meant(found: re.Match[bytes]) -> bytes:
        code = found[1]
        return bytes([int(code, 8) & 0xFF]) if code.isdigit() and code < b"8" else _ESCAPED.get(code, code)

    return _ESCAPE.sub(meant, text)


def _digits(text: bytes) -> bytes:
    digits = b"".join(text.split())
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _photos(data: bytes) -> int:
    """How many photographs, which a PDF holds as they were, say where they were taken."""
    found = place = 0
    for _number in range(_MOST_PHOTOS):
        place = data.find(jpeg.MAGIC, place)
        if place < 0:
            break
        found += jpeg.read(data[place : place + jpeg.HEAD_BYTES]).position
        place += len(jpeg.MAGIC)
    return found
