"""Pins: what a client remembers of the directory, so that no server can show it an older or another one.

A pin file holds the exchange, the size and root of the directory log last verified, the fingerprint of each body seen, and
which of them a person compared. Fingerprints never change, whatever keys rotate (docs/spec/directory.md, section 12).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from keys import fields
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import MalformedError, UnknownVersionError
from keys.merkle_head import tree_head
from keys.replay import LoggedLeaf
from keys.replay_directory import Directory
from keys.replay_errors import (
    DirectoryForkedError,
    DirectoryOlderError,
    FingerprintChangedError,
    UnknownOrganisationError,
)

VERSION: Final = 1

_PINS: Final[fields.Schema] = {
    "compared": fields.list_of(fields.organisation, most=100_000, ordered=True),
    "exchange": fields.HASH,
    "organisations": fields.mapping_of(fields.organisation, fields.HASH, most=100_000),
    "root": fields.HASH,
    "size": fields.integer(1),
    "version": fields.integer(1),
}


@dataclass(frozen=True)
class Pins:
    """The newest directory verified so far, and the fingerprint (hash of `organisation.add`) of each body.

    `compared` are the bodies whose eleven words a person compared with the body itself.
    """

    exchange: bytes
    size: int
    root: bytes
    organisations: Mapping[str, bytes] = field(default_factory=dict)
    compared: frozenset[str] = frozenset()

    def with_compared(self, organisation: str) -> "Pins":
        """Return the pins after a person compared this body's words; UnknownOrganisationError if it is not pinned."""
        if organisation not in self.organisations:
            raise UnknownOrganisationError(f"no fingerprint of '{organisation}' is pinned")
        return replace(self, compared=self.compared | {organisation})

    def to_json(self) -> bytes:
        """Return the pin file's one spelling (of any size)."""
        body: dict[str, Any] = {
            "compared": sorted(self.compared),
            "exchange": b64u(self.exchange),
            "organisations": {name: b64u(added) for name, added in self.organisations.items()},
            "root": b64u(self.root),
            "size": self.size,
            "version": VERSION,
        }
        return canonical(body, limit=None)

    @classmethod
    def from_json(cls, data: bytes) -> "Pins":
        """Parse a pin file; UnknownVersionError for another version, MalformedError for anything else."""
        body = parse_object(data, limit=None)
        if isinstance(body.get("version"), int) and body["version"] != VERSION:
            raise UnknownVersionError(f"a pin file of version {body['version']}")
        fields.check(body, _PINS)
        organisations = {name: unb64u(added) for name, added in body["organisations"].items()}
        compared = frozenset(body["compared"])
        if not compared <= organisations.keys():
            raise MalformedError("a body was compared whose fingerprint is not pinned")
        return cls(unb64u(body["exchange"]), body["size"], unb64u(body["root"]), organisations, compared)


def check_pins(pins: Pins | None, directory: Directory, root_at: Callable[[int], bytes]) -> Pins:
    """Compare a replayed directory with what was seen before, and return the pins to keep from now on.

    `root_at(size)` gives the root of the directory log at an earlier size, from the same leaves (`root_of`) or a verified
    consistency proof. `pins` None: nothing was seen before. Pins for bodies not in the directory yet are kept.
    1. Same exchange (DirectoryForkedError). 2. Not smaller (DirectoryOlderError). 3. Its first leaves are the ones seen
    (DirectoryForkedError). 4. No fingerprint differs (FingerprintChangedError).
    """
    seen = {body.id: body.added for body in directory.organisations}
    if pins is None:
        return Pins(directory.exchange, directory.size, directory.log_root, seen)
    if pins.exchange != directory.exchange:
        raise DirectoryForkedError("the directory of another exchange than the one seen before")
    if directory.size < pins.size:
        raise DirectoryOlderError(f"a directory of {directory.size} statements after one of {pins.size}")
    earlier = directory.log_root if directory.size == pins.size else root_at(pins.size)
    if earlier != pins.root:
        raise DirectoryForkedError(f"the first {pins.size} statements are not the ones seen before")
    for name, added in pins.organisations.items():
        if seen.get(name, added) != added:
            raise FingerprintChangedError(f"the fingerprint of '{name}' is not the one seen before")
    organisations = {**pins.organisations, **seen}
    return Pins(directory.exchange, directory.size, directory.log_root, organisations, pins.compared)


def root_of(leaves: list[LoggedLeaf]) -> Callable[[int], bytes]:
    """Return the function `check_pins` asks, answered from the leaves themselves."""

    def root_at(size: int) -> bytes:
        return tree_head(leaf.text for leaf in leaves[:size])

    return root_at
