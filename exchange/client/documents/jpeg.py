"""What a photograph says of where it was taken and by whom: EXIF (TIFF within APP1) and XMP.

The marker segments before the image are walked; nothing is decoded. A file that breaks off says no more than it says.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAGIC: Final = b"\xff\xd8\xff"
# The markers before the image of ordinary photographs are far shorter.
HEAD_BYTES: Final = 1024 * 1024
_SCAN: Final = 0xDA
_APP1: Final = 0xE1
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_EXIF: Final = b"Exif\0\0"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_PLACES: Final = (b"GPSLatitude", b"GPSLongitude")
_ARTIST: Final = 0x013B
_GPS: Final = 0x8825
# GPS tags 1 to 4: latitude and longitude with their hemispheres.
_PLACES: Final = frozenset({1, 2, 3, 4})
_ENTRY: Final = 12
_MOST_ENTRIES: Final = 512


@dataclass(frozen=True)
class Photo:
    """Whether it says where it was taken, and who is named as its author."""

    position: bool = False
    authors: tuple[str, ...] = ()


def read(data: bytes) -> Photo:
    """Return what the beginning of a JPEG file says; nothing for bytes that are none."""
    position, authors = False, list[str]()
    for segment in _segments(data):
        if segment.startswith(_EXIF):
            found = _tiff(segment[len(_EXIF) :])
            position = position or found.position
            authors += found.authors
        elif segment.startswith(_XMP):
            position = position or any(word in segment for word in _XMP_PLACES)
    return Photo(position, tuple(dict.fromkeys(authors)))


def _segments(data: bytes) -> Iterator[bytes]:
    """Yield the APP1 segments before the image."""
    place = 2 if data.startswith(MAGIC) else len(data)
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker in _ALONE:
            place += 2
            continue
        if marker == _SCAN:
            return
        (length,) = struct.unpack(">H", data[place + 2 : place + 4])
        if marker == _APP1:
            yield data[place + 4 : place + 2 + length]
        place += 2 + max(length, 2)


def _tiff(data: bytes) -> Photo:
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return Photo()
    first = _entries(data, order, struct.unpack(f"{order}L", data[4:8])[0])
    gps = first.get(_GPS)
    places = {} if gps is None else _entries(data, order, gps[1])
    artist = first.get(_ARTIST)
    authors: tuple[str, ...] = ()
    if artist is not None:
        count, offset, inline = artist
        raw = inline[:count] if count <= len(inline) else data[offset : offset + min(count, 200)]
        name = raw.split(b"\0")[0].decode("utf-8", "replace").strip()
        authors = (name,) if name else ()
    return Photo(not _PLACES.isdisjoint(places), authors)


def _entries(data: bytes, order: str, offset: int) -> dict[int, tuple[int, int, bytes]]:
    """Return the entries of a directory by tag: count, value as an offset, and the four bytes themselves."""
    if offset + 2 > len(data):
        return {}
    (number,) = struct.unpack(f"{order}H", data[offset : offset + 2])
    found = {}
    for n in range(min(number, _MOST_ENTRIES)):
        entry = data[offset + 2 + n * _ENTRY : offset + 2 + (n + 1) * _ENTRY]
        if len(entry) < _ENTRY:
            break
        tag, _kind, count, value = struct.unpack(f"{order}HHLL", entry)
        found[tag] = (count, value, entry[8:])
    return found
