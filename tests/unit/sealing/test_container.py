"""The container: Python's zipfile reads what we write; we read nothing that differs in a byte from what we would write."""

import io
import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from exchange.sealing import container
from exchange.sealing.errors import DiskError, PackageError, PackageTooLargeError

MEMBERS = [("header", b"one"), ("manifests/a", b"two" * 1000), ("parts/b", b"")]


def written(members: list[tuple[str, bytes]] | None = None) -> bytes:
    """Return a container of the given members."""
    file = io.BytesIO()
    container.write(file, [(name, len(data), data) for name, data in (MEMBERS if members is None else members)])
    return file.getvalue()


def contents(data: bytes) -> list[tuple[str, bytes]]:
    """Read a container and all its members."""
    file = io.BytesIO(data)
    return [(member.name, container.read(file, member)) for member in container.read_members(file)]


def test_what_is_written_reads_back_and_zipfile_reads_it_too() -> None:
    """Same names, same bytes, stored, and zipfile finds every checksum right."""
    assert contents(written()) == MEMBERS
    with zipfile.ZipFile(io.BytesIO(written())) as archive:
        assert archive.testzip() is None
        assert [(info.filename, archive.read(info)) for info in archive.infolist()] == MEMBERS
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_an_empty_container_is_one_too() -> None:
    """Whether members are due is for the package to say."""
    assert contents(written([])) == []


def test_one_content_has_one_spelling() -> None:
    """No date, no order of its own, no owner: the same members give the same bytes."""
    assert written() == written()


def test_contents_may_come_in_blocks_of_any_size() -> None:
    """An iterator of blocks gives the same container as the whole."""
    file = io.BytesIO()

    def blocks() -> Iterator[bytes]:
        yield from (b"two" * 400, b"", b"two" * 600)

    container.write(file, [("header", 3, b"one"), ("manifests/a", 3000, blocks()), ("parts/b", 0, iter(()))])
    assert file.getvalue() == written()


def test_a_content_of_another_size_than_said_is_refused() -> None:
    """Too short and too long."""
    for said in (2, 4):
        with pytest.raises(PackageError):
            container.write(io.BytesIO(), [("header", said, b"one")])


def zipped(compression: int = zipfile.ZIP_STORED, comment: bytes = b"", names: tuple[str, ...] = ("header",)) -> bytes:
    """Return a ZIP file as zipfile writes it: other versions, attributes and dates than ours."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"x" * 100, compression)
        archive.comment = comment
    return file.getvalue()


def bomb() -> bytes:
    """Return a ZIP file of 10 MB of zeros in some 10 kB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header", bytes(10**7))
    return file.getvalue()


GOOD = written()
END = len(GOOD) - 22


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\5\6",
        bytes(22),
        GOOD[1:],
        GOOD[:-1],
        GOOD + b"\0",
        b"#!/bin/sh\n" + GOOD,
        GOOD[:END] + b"\0" + GOOD[END:],
        GOOD.replace(b"header", b"hEader", 1),
        zipped(),
        zipped(comment=b"hello"),
        zipped(zipfile.ZIP_DEFLATED),
        zipped(names=("../../etc/passwd",)),
        bomb(),
    ],
    ids=lambda data: f"{len(data)} bytes",
)
def test_any_other_zip_file_is_refused(data: bytes) -> None:
    """Truncated, lengthened, prefixed, with a comment, compressed, written by another program, a bomb."""
    with pytest.raises(PackageError):
        container.read_members(io.BytesIO(data))


def test_no_byte_of_a_container_is_free() -> None:
    """One changed byte anywhere is an error: headers, names, contents, directory, end record."""
    for place in range(len(GOOD)):
        data = bytearray(GOOD)
        data[place] ^= 0x01
        with pytest.raises(PackageError):
            contents(bytes(data))


def test_members_that_overlap_or_leave_a_gap_are_refused() -> None:
    """The directory of one container over the members of another: its offsets are not those the sizes require."""
    other = written([("header", b"one"), ("manifests/a", b"x" * 2_999), ("parts/b", b"")])
    start = struct.unpack("<I", GOOD[-6:-2])[0]
    with pytest.raises(PackageError):
        container.read_members(io.BytesIO(other[: start - 1] + GOOD[start:]))


def test_a_huge_directory_is_refused_before_it_is_read() -> None:
    """A count past 4,096, and a size past what these can fill."""
    for count, size in ((4_097, 46), (0xFFFF, 46), (1, 0xFFFFFFF0)):
        end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, size, 0, 0)
        with pytest.raises(PackageError):
            container.read_members(io.BytesIO(bytes(100) + end))
    with pytest.raises(PackageTooLargeError):
        container.read_members(io.BytesIO(struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 4_097, 4_097, 0, 0, 0)))


class Sparse(io.RawIOBase, BinaryIO):  # type: ignore[misc]
    """A file of any size that keeps only what is not zero, so that ZIP64 can be tried without the disk."""

    def __init__(self) -> None:
        self.kept: dict[int, bytes] = {}
        self.place = self.end = 0

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if any(data[:4]):
            self.kept[self.place] = bytes(data)
        self.place += len(data)
        self.end = max(self.end, self.place)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        self.place = offset if whence == 0 else self.end + offset
        return self.place

    def tell(self) -> int:
        return self.place

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        size = min(self.end - self.place, size if size >= 0 else self.end)
        out = bytearray(size)
        for start, data in self.kept.items():
            low, high = max(start, self.place), min(start + len(data), self.place + size)
            if low < high:
                out[low - self.place : high - self.place] = data[low - start : high - start]
        self.place += size
        return bytes(out)


def test_a_part_of_over_four_gigabytes_takes_zip64_records_and_reads_back() -> None:
    """Sizes and offsets past 32 bits stand in ZIP64 fields, there alone, and zipfile understands them."""
    file, block = Sparse(), bytes(2**26)
    size = 2**32 + 2**26
    members = [("header", 1, b"h"), ("parts/a", size, (block for _ in range(size // len(block)))), ("parts/b", 1, b"b")]
    container.write(file, members)
    found = container.read_members(file)
    assert [(m.name, m.size) for m in found] == [("header", 1), ("parts/a", size), ("parts/b", 1)]
    assert container.read(file, found[2]) == b"b"
    with zipfile.ZipFile(file) as archive:
        assert [(i.filename, i.file_size) for i in archive.infolist()] == [(m.name, m.size) for m in found]
        assert archive.read("parts/b") == b"b"


class Failing(io.BytesIO):
    """A file whose disk has failed."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError(5, "Input/output error")

    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


def test_a_disk_that_fails_is_a_disk_error() -> None:
    """Reading and writing: the system's error does not leave the room."""
    with pytest.raises(DiskError):
        container.write(Failing(), [("header", 1, b"h")])
    with pytest.raises(DiskError):
        container.read_members(Failing(bytes(100)))
    member = container.read_members(io.BytesIO(GOOD))[0]
    with pytest.raises(DiskError):
        container.read(Failing(GOOD), member)
    with pytest.raises(PackageError):
        container.span(io.BytesIO(GOOD), member, 0, 4)
