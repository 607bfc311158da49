"""The package: header, descriptors, manifests, envelopes and parts of one report in one file (docs/spec/package.md).

Without parts it is what `POST /reports` takes; with them and the directory it travels to machines without a network.
Its members' names, their order and their greatest sizes are fixed; a package that differs in any byte is refused.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import BinaryIO, Final, TypeVar

from exchange.sealing import container, descriptors
from exchange.sealing.content import PART_BYTES
from exchange.sealing.descriptors import Descriptors
from exchange.sealing.envelope import KEY_ID_BYTES, LOCKED_BYTES, LockedEnvelope
from exchange.sealing.errors import BadSizeError, PackageError, PackageTooLargeError, PieceMissingError
from exchange.sealing.manifest import MOST_SEALED_BYTES, check_sealed_size
from exchange.sealing.pieces import Layout, Pieces, layout
from keys.encoding import MAX_BYTES, b64u, unb64u
from keys.errors import MalformedError

# Members that other rooms fill, and the most bytes of each. `statements`: those that travel with the header, such as
# the owner's decision. `directory`: the whole log of statements. `opening`: what `open --package` adds for `unseal`.
EXTRAS: Final[Mapping[str, int]] = MappingProxyType({"directory": 2**26, "opening": 2**24, "statements": 2**20})

# What a registration has no place for: content comes by pieces, and the server has the directory.
_NOT_REGISTERED: Final = ("directory", "opening", "parts")

_HEADER: Final = "header"
_DESCRIPTORS: Final = "descriptors"
# Folders in their order, and how many bytes the base64url name of a member in it stands for.
_FOLDERS: Final[Mapping[str, int]] = MappingProxyType({"manifests": PART_BYTES, "envelopes": 32, "parts": PART_BYTES})
_ORDER: Final = (_HEADER, _DESCRIPTORS, *sorted(EXTRAS), *_FOLDERS)

T = TypeVar("T")


@dataclass(frozen=True)
class Package:
    """A package without its parts.

    `header`: the statement's text; `manifests`: sealed, by part id (8 bytes); `envelopes`: locked, by the inner
    envelope's hash (32 bytes); `extras`: by the names of EXTRAS. Whether all belong together, `deposit` checks.
    """

    header: bytes
    descriptors: Descriptors
    manifests: Mapping[bytes, bytes] = field(default_factory=dict)
    envelopes: Mapping[bytes, LockedEnvelope] = field(default_factory=dict)
    extras: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class PackagedPart:
    """A part's ciphertext inside a package's file; a piece is read when asked for, and checked with the root alone."""

    file: BinaryIO
    member: container.Member
    layout: Layout

    def piece(self, number: int) -> bytes:
        """Return a whole piece; PieceMissingError where the file has shrunk since, PieceNumberError, DiskError."""
        start, length = self.layout.offset(number), self.layout.length(number)
        try:
            return container.span(self.file, self.member, start, length)
        except PackageError as error:
            raise PieceMissingError(f"piece {number} is missing") from error


@dataclass(frozen=True)
class OpenedPackage:
    """A package as read from a file, and its parts, which stay in the file: it must stay open while they are used."""

    package: Package
    parts: Mapping[bytes, PackagedPart]


def write(file: BinaryIO, package: Package, parts: Mapping[bytes, Pieces] | None = None) -> None:
    """Write a package to an empty, seekable file, one piece in memory at a time.

    Raises PackageTooLargeError for a member over its greatest size, PackageError for an extra of another name, and what
    the parts' pieces raise.
    """
    container.write(file, _members(package, parts or {}))


def to_bytes(package: Package) -> bytes:
    """Return a package without parts in memory: what `POST /reports` takes."""
    buffer = io.BytesIO()
    write(buffer, package)
    return buffer.getvalue()


def read(file: BinaryIO) -> OpenedPackage:
    """Read a package from a seekable file and check its form; parts are not read.

    Raises PackageError for anything `write` does not give, its leaf PackageTooLargeError past a bound; DescriptorError,
    ManifestError or EnvelopeError for a member that is not in form; DiskError.
    """
    return _read_members(file, _found(file))


def _found(file: BinaryIO) -> dict[str, list[container.Member]]:
    """Return the members by name or folder, their names and order checked."""
    members = container.read_members(file)
    keys = [_place(member.name) for member in members]
    if keys != sorted(set(keys)):
        raise PackageError("a package's members are not in order, each once")
    found = {name: [m for m in members if m.name.partition("/")[0] == name] for name in _ORDER}
    if not found[_HEADER] or not found[_DESCRIPTORS]:
        raise PackageError("a package has no header or no descriptors")
    return found


def _read_members(file: BinaryIO, found: Mapping[str, Sequence[container.Member]]) -> OpenedPackage:
    package = Package(
        header=_read(file, found[_HEADER][0], MAX_BYTES),
        descriptors=descriptors.parse(_read(file, found[_DESCRIPTORS][0], descriptors.MOST_WIRE_BYTES)),
        manifests={_id(m.name): _manifest(file, m) for m in found["manifests"]},
        envelopes={_id(m.name): _envelope(file, m) for m in found["envelopes"]},
        extras={name: _read(file, m, EXTRAS[name]) for name in sorted(EXTRAS) for m in found[name]},
    )
    return OpenedPackage(package, {_id(m.name): PackagedPart(file, m, _layout(m)) for m in found["parts"]})


def from_bytes(data: bytes) -> Package:
    """Read what a registration takes from memory; raises as `read`, and PackageError for parts, directory or opening."""
    file = io.BytesIO(data)
    found = _found(file)
    if any(found[name] for name in _NOT_REGISTERED):
        raise PackageError("a package has members that a registration has no place for")
    return _read_members(file, found).package


def _members(package: Package, parts: Mapping[bytes, Pieces]) -> Iterator[tuple[str, int, container.Content]]:
    if unknown := sorted(package.extras.keys() - EXTRAS.keys()):
        raise PackageError(f"a package has no member '{unknown[0]}'")
    yield _bounded(_HEADER, package.header, MAX_BYTES)
    yield _bounded(_DESCRIPTORS, package.descriptors.wire, descriptors.MOST_WIRE_BYTES)
    for name, data in sorted(package.extras.items()):
        yield _bounded(name, data, EXTRAS[name])
    for name, data in _named("manifests", package.manifests):
        yield _bounded(name, data, MOST_SEALED_BYTES)
    for name, envelope in _named("envelopes", package.envelopes):
        yield _bounded(name, envelope.wire, KEY_ID_BYTES + LOCKED_BYTES)
    for name, pieces in _named("parts", parts):
        yield name, pieces.layout.size, (pieces.piece(n) for n in range(pieces.layout.count))


def _named(folder: str, items: Mapping[bytes, T]) -> list[tuple[str, T]]:
    return sorted(((f"{folder}/{b64u(key)}", value) for key, value in items.items()), key=lambda item: item[0])


def _bounded(name: str, data: bytes, most: int) -> tuple[str, int, bytes]:
    if len(data) > most:
        raise PackageTooLargeError(f"a package's member is over {most} bytes")
    return name, len(data), data


def _place(name: str) -> tuple[int, str]:
    """Return where a member stands in the order; PackageError for a name that is not one of ours."""
    folder, slash, rest = name.partition("/")
    if folder not in _ORDER or bool(slash) != (folder in _FOLDERS):
        raise PackageError("a package has a member of another name")
    if slash:
        _id(name)
    return _ORDER.index(folder), rest


def _id(name: str) -> bytes:
    folder, _, text = name.partition("/")
    try:
        return unb64u(text, _FOLDERS[folder])
    except MalformedError as error:
        raise PackageError("a package has a member whose name is not an id") from error


def _read(file: BinaryIO, member: container.Member, most: int) -> bytes:
    if member.size > most:
        raise PackageTooLargeError(f"a package's member is over {most} bytes")
    return container.read(file, member)


def _manifest(file: BinaryIO, member: container.Member) -> bytes:
    data = _read(file, member, MOST_SEALED_BYTES)
    check_sealed_size(len(data))
    return data


def _envelope(file: BinaryIO, member: container.Member) -> LockedEnvelope:
    return LockedEnvelope.parse(_read(file, member, KEY_ID_BYTES + LOCKED_BYTES))


def _layout(member: container.Member) -> Layout:
    try:
        return layout(member.size)
    except BadSizeError as error:
        raise PackageError("a package has a part whose size is not that of a padded file") from error
