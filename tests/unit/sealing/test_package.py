"""Packages: read back whole, in one spelling, and hostile ones are refused without reading what they claim to hold."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.sealing import container, package
from exchange.sealing.content import part_context
from exchange.sealing.errors import (
    DescriptorError,
    EnvelopeError,
    ManifestError,
    PackageError,
    PackageTooLargeError,
    PieceMissingError,
    PieceNumberError,
    SealingError,
)
from exchange.sealing.pieces import sealed_size
from exchange.sealing.unseal.content import open_content, open_kept_key
from keys.encoding import b64u
from tests.unit.sealing.sealed_report import FILES, OFFICER_SEAL, REPORT, deposited


def test_a_package_without_parts_is_read_back_whole(tmp_path: Path) -> None:
    """What `POST /reports` takes: the same values, the same bytes again."""
    spool, _ = deposited(tmp_path)
    whole = replace(spool.package, extras={"statements": b"[]"})
    data = package.to_bytes(whole)
    assert package.from_bytes(data) == whole
    assert package.to_bytes(package.from_bytes(data)) == data


def test_a_package_with_parts_opens_on_another_machine(tmp_path: Path) -> None:
    """The parts are read from the package's own file, piece by piece, and give the files again."""
    spool, sealed = deposited(tmp_path / "spool")
    path = tmp_path / "report.pkg"
    with path.open("xb") as file:
        package.write(file, spool.package, spool.parts)
    with path.open("rb") as file:
        opened = package.read(file)
        assert opened.package == spool.package
        for salted in sealed.descriptors.parts:
            data = FILES["p1" if salted.value.language == "en" else "p2"]
            key = open_kept_key(spool.kept_key(salted.value.id), REPORT, salted.value.id, OFFICER_SEAL)
            out = bytearray()
            context = part_context(REPORT, salted.value.id)
            open_content(opened.parts[salted.value.id], len(data), key, context, out.extend)
            assert bytes(out) == data
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {name.partition("/")[0] for name in archive.namelist()} == {
            "header", "descriptors", "manifests", "envelopes", "parts",
        }  # fmt: skip


def test_a_registration_has_no_place_for_parts_directory_or_opening(tmp_path: Path) -> None:
    """Content comes by pieces and the server has the directory: neither is read into memory there."""
    spool, _ = deposited(tmp_path)
    file = io.BytesIO()
    package.write(file, spool.package, spool.parts)
    with pytest.raises(PackageError):
        package.from_bytes(file.getvalue())
    for name in ("directory", "opening"):
        travelling = replace(spool.package, extras={name: b"log"})
        data = package.to_bytes(travelling)
        assert package.read(io.BytesIO(data)).package == travelling
        with pytest.raises(PackageError):
            package.from_bytes(data)


def test_a_package_that_shrinks_while_it_is_read_lacks_pieces(tmp_path: Path) -> None:
    """A stick pulled out early: the piece is missing, and a number past the end is another error."""
    spool, _ = deposited(tmp_path)
    file = io.BytesIO()
    package.write(file, spool.package, spool.parts)
    parts = package.read(file).parts
    found = max(parts.values(), key=lambda part: part.layout.size)
    file.truncate(1_500_000)
    with pytest.raises(PieceMissingError):
        found.piece(found.layout.count - 1)
    with pytest.raises(PieceNumberError):
        found.piece(found.layout.count)


ID8, ID32 = b64u(bytes(8)), b64u(bytes(32))
EMPTY = b'{"links":[],"parts":[],"recipients":[]}'
BASE = [("header", b"h"), ("descriptors", EMPTY)]


def made(members: Sequence[tuple[str, bytes]]) -> bytes:
    """Return a well-formed container of any members."""
    file = io.BytesIO()
    container.write(file, [(name, len(data), data) for name, data in members])
    return file.getvalue()


def test_the_least_package_has_a_header_and_descriptors() -> None:
    """Whether they belong together is not the form's affair."""
    assert package.from_bytes(made(BASE)).header == b"h"


@pytest.mark.parametrize(
    "members",
    [
        [],
        BASE[:1],
        BASE[1:],
        BASE[::-1],
        [*BASE, BASE[1]],
        [*BASE, ("notes", b"")],
        [*BASE, ("../header", b"")],
        [*BASE, ("manifests", b"")],
        [*BASE, ("header/x", b"")],
        [*BASE, ("manifests/", b"")],
        [*BASE, ("manifests/../../x", b"")],
        [*BASE, (f"manifests/{ID8}=", bytes(1096))],
        [*BASE, (f"manifests/{ID32}", bytes(1096))],
        [*BASE, (f"envelopes/{ID32}", bytes(2336)), (f"manifests/{ID8}", bytes(1096))],
        [*BASE, (f"parts/{ID8}", bytes(70_000))],
        [*BASE, ("statements", b""), ("directory", b"")],
    ],
)
def test_members_of_other_names_or_in_another_order_are_refused(members: list[tuple[str, bytes]]) -> None:
    """Missing, unknown, traversing, misspelt and unordered names, and a part that no padded file gives."""
    with pytest.raises(PackageError):
        package.read(io.BytesIO(made(members)))


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ([("header", bytes(65_536)), BASE[1]], PackageTooLargeError),
        ([BASE[0], ("descriptors", bytes(2**20 + 1))], PackageTooLargeError),
        ([BASE[0], ("descriptors", b"{}")], DescriptorError),
        ([*BASE, ("statements", bytes(2**20 + 1))], PackageTooLargeError),
        ([*BASE, (f"manifests/{ID8}", bytes(66_697))], PackageTooLargeError),
        ([*BASE, (f"manifests/{ID8}", bytes(1095))], ManifestError),
        ([*BASE, (f"envelopes/{ID32}", bytes(2337))], PackageTooLargeError),
        ([*BASE, (f"envelopes/{ID32}", bytes(2335))], EnvelopeError),
    ],
)
def test_a_member_of_a_wrong_size_is_refused(members: list[tuple[str, bytes]], error: type[SealingError]) -> None:
    """Each member has its bound, checked before it is read."""
    with pytest.raises(error):
        package.read(io.BytesIO(made(members)))


def test_a_package_of_too_many_members_is_refused() -> None:
    """4,096 at most."""
    members = [*BASE, *((f"manifests/{b64u(n.to_bytes(8, 'big'))}", b"") for n in range(4_095))]
    with pytest.raises(PackageTooLargeError):
        package.read(io.BytesIO(made(members)))


def test_what_cannot_be_read_back_is_not_written() -> None:
    """An unknown extra and a header over its size are the writer's errors too."""
    least = package.from_bytes(made(BASE))
    with pytest.raises(PackageError):
        package.to_bytes(replace(least, extras={"more": b""}))
    with pytest.raises(PackageTooLargeError):
        package.to_bytes(replace(least, header=bytes(65_536)))


def test_a_damaged_member_is_found_by_its_checksum() -> None:
    """Accidents on a stick are told apart from attacks, which the header's digests find."""
    data = bytearray(made([("header", b"HEADER-HEADER"), BASE[1]]))
    data[data.index(b"HEADER-HEADER")] ^= 1
    with pytest.raises(PackageError):
        package.from_bytes(bytes(data))


def test_an_index_that_claims_terabytes_reads_nothing_of_them() -> None:
    """A part's claimed size is held against the file's, so a small file cannot claim a large part."""
    member = container.Member(f"parts/{ID8}", sealed_size(2**40), 0, 0)
    entry = container._central(member)
    end = container._directory([], 0)[:-22] + entry
    tail = end + container._END.pack(b"PK\5\6", 0, 0, 1, 1, len(entry), 0, 0)
    with pytest.raises(PackageError):
        package.read(io.BytesIO(tail))
