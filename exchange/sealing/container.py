"""A container with one spelling: an uncompressed ZIP file (APPNOTE 6.3) of which no byte is free.

Members are stored, never compressed, one after the other from the first byte; the directory follows at once.
No comments, no extra fields, no flags, one fixed date; ZIP64 records exactly where a number does not fit 32 bits.
Reading takes names, sizes and checksums from the directory, spells the whole container again from these and compares: so
nothing can hide between members, overlap, or be told differently by two places of the file.
"""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Final, TypeAlias

from exchange.sealing.errors import DiskError, PackageError, PackageTooLargeError

MOST_MEMBERS: Final = 4096
MOST_NAME_BYTES: Final = 64

_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
_END64: Final = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR64: Final = struct.Struct("<4sIQI")
_DATE: Final = 0x0021  # 1980-01-01, the first day the format knows
_FULL32: Final = 0xFFFFFFFF
_VERSION: Final = 20
_VERSION64: Final = 45
_COPY_BYTES: Final = 2**20

Content: TypeAlias = "bytes | Iterable[bytes]"


@dataclass(frozen=True)
class Member:
    """A member as the directory names it: `offset` is where its local header begins, `start` where its bytes do."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def start(self) -> int:
        """Where the member's own bytes begin."""
        return self.offset + len(_local(self))


def write(file: BinaryIO, members: Iterable[tuple[str, int, Content]]) -> None:
    """Write a container to an empty, seekable file: name, size and content of each member, in this order.

    Raises PackageError when a content does not have the size given for it, DiskError as the file has it.
    """
    done: list[Member] = []
    offset = 0
    try:
        for name, size, content in members:
            member = _write_member(file, Member(name, size, 0, offset), content)
            done.append(member)
            offset = member.start + size
        file.write(_directory(done, offset))
    except OSError as error:
        raise DiskError("a package could not be written") from error


def _write_member(file: BinaryIO, member: Member, content: Content) -> Member:
    file.write(_local(member))
    crc = written = 0
    for block in [content] if isinstance(content, bytes) else content:
        file.write(block)
        crc = zlib.crc32(block, crc)
        written += len(block)
    if written != member.size:
        raise PackageError("a member does not have the size it was said to have")
    member = replace(member, crc=crc)
    # The checksum is known only now, and its place stands before the bytes.
    file.seek(member.offset)
    file.write(_local(member))
    file.seek(0, io.SEEK_END)
    return member


def read_members(file: BinaryIO) -> tuple[Member, ...]:
    """Return the members of a container, in their order; contents are not read, so not yet checked against their CRC.

    Raises PackageError for anything `write` does not give, PackageTooLargeError past 4,096 members, DiskError.
    """
    try:
        return _read_members(file)
    except OSError as error:
        raise DiskError("a package could not be read") from error


def _read_members(file: BinaryIO) -> tuple[Member, ...]:
    total = file.seek(0, io.SEEK_END)
    directory, count, start = _locate(file, total)
    spelled, end = _laid_out(_parse_directory(directory, count))
    # The whole tail is spelled again and compared: directory, ZIP64 records, end record.
    if end != start or _at(file, end, total - end) != _directory(spelled, end):
        raise PackageError("a package's directory is not in its one spelling")
    for member in spelled:
        header = _local(member)
        if _at(file, member.offset, len(header)) != header:
            raise PackageError("a package's member does not begin as the directory says")
    return spelled


def _locate(file: BinaryIO, total: int) -> tuple[bytes, int, int]:
    """Find the directory by the end records; return its bytes, its number of members and its offset."""
    if total < _END.size:
        raise PackageError("not a package")
    tail = total - _END.size
    mark, _, _, _, count, size, offset, _ = _END.unpack(_at(file, tail, _END.size))
    if mark != b"PK\5\6":
        raise PackageError("not a package")
    if offset == _FULL32:
        tail -= _LOCATOR64.size + _END64.size
        if tail < 0:
            raise PackageError("not a package")
        offset = _END64.unpack(_at(file, tail, _END64.size))[-1]
    if count > MOST_MEMBERS:
        raise PackageTooLargeError(f"a package has over {MOST_MEMBERS} members")
    if size > MOST_MEMBERS * (_CENTRAL.size + MOST_NAME_BYTES + 28) or offset + size != tail:
        raise PackageError("a package's directory is not where its end record says")
    return _at(file, offset, size), count, offset


def _parse_directory(data: bytes, count: int) -> list[Member]:
    """Read names, sizes and checksums alone; everything else is compared with what they spell."""
    members: list[Member] = []
    place = 0
    for _ in range(count):
        if place + _CENTRAL.size > len(data):
            raise PackageError("a package's directory ends early")
        fields = _CENTRAL.unpack_from(data, place)
        crc, size, name_length, extra_length = fields[7], fields[9], fields[10], fields[11]
        place += _CENTRAL.size
        name, extra = data[place : place + name_length], data[place + name_length : place + name_length + extra_length]
        place += name_length + extra_length
        if size == _FULL32:
            if len(extra) < 12:
                raise PackageError("a package's directory lacks a size")
            size = int.from_bytes(extra[4:12], "little")
        members.append(Member(_name(name), size, crc, 0))
    return members


def _laid_out(members: Sequence[Member]) -> tuple[tuple[Member, ...], int]:
    """Give each member the offset that the sizes before it require; return where the directory must begin, too."""
    placed: list[Member] = []
    offset = 0
    for member in members:
        placed.append(replace(member, offset=offset))
        offset = placed[-1].start + member.size
    return tuple(placed), offset


def read(file: BinaryIO, member: Member) -> bytes:
    """Return a member's bytes; PackageError when they do not give its checksum. The caller has bounded its size."""
    return b"".join(blocks(file, member))


def blocks(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """Yield a member's bytes, 1 MiB at a time; PackageError at the end when they do not give its checksum."""
    crc = 0
    for place in range(0, member.size, _COPY_BYTES):
        block = span(file, member, place, min(_COPY_BYTES, member.size - place))
        crc = zlib.crc32(block, crc)
        yield block
    if crc != member.crc:
        raise PackageError("a package's member is damaged")


def span(file: BinaryIO, member: Member, place: int, length: int) -> bytes:
    """Return `length` bytes of a member from `place` on, unchecked; PackageError when it does not have them."""
    if place < 0 or place + length > member.size:
        raise PackageError("a package's member is shorter")
    try:
        return _at(file, member.start + place, length)
    except OSError as error:
        raise DiskError("a package could not be read") from error


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    data = file.read(length)
    if len(data) != length:
        raise PackageError("a package ends early")
    return data


def _name(data: bytes) -> str:
    try:
        name = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise PackageError("a package's member has a name that is not ASCII") from error
    if not 1 <= len(name) <= MOST_NAME_BYTES:
        raise PackageError(f"a package's member has a name over {MOST_NAME_BYTES} characters")
    return name


def _extra(*values: int) -> bytes:
    """Return the ZIP64 extra field of the given values, or nothing for none."""
    return struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values) if values else b""


def _local(member: Member) -> bytes:
    wide = member.size >= _FULL32
    size = _FULL32 if wide else member.size
    extra = _extra(member.size, member.size) if wide else b""
    name = member.name.encode("ascii")
    version = _VERSION64 if wide else _VERSION
    head = (b"PK\3\4", version, 0, 0, 0, _DATE, member.crc, size, size, len(name), len(extra))
    return _LOCAL.pack(*head) + name + extra


def _central(member: Member) -> bytes:
    wide, far = member.size >= _FULL32, member.offset >= _FULL32
    size, offset = (_FULL32 if wide else member.size), (_FULL32 if far else member.offset)
    extra = _extra(*([member.size] * 2 if wide else []), *([member.offset] if far else []))
    name = member.name.encode("ascii")
    version = _VERSION64 if extra else _VERSION
    head = (b"PK\1\2", version, version, 0, 0, 0, _DATE, member.crc, size, size, len(name), len(extra))
    return _CENTRAL.pack(*head, 0, 0, 0, 0, offset) + name + extra


def _directory(members: Sequence[Member], start: int) -> bytes:
    """Spell the directory that begins at `start`, with the end records after it."""
    entries = b"".join(_central(member) for member in members)
    count, size = len(members), len(entries)
    wide = b""
    if start >= _FULL32:
        wide = _END64.pack(b"PK\6\6", _END64.size - 12, _VERSION64, _VERSION64, 0, 0, count, count, size, start)
        wide += _LOCATOR64.pack(b"PK\6\7", 0, start + size, 1)
    return entries + wide + _END.pack(b"PK\5\6", 0, 0, count, count, size, min(start, _FULL32), 0)
