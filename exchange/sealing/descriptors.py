"""Salted descriptors: how the header names parts, recipients and links without showing them (docs/spec/report.md).

The header carries three sorted lists of digests, each filled with random ones to a multiple of 8, at least 8. The
server keeps the descriptors and their salts, and shows a caller those that are theirs to know; a digest tells nothing.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from exchange.sealing.descriptor import Descriptor, LinkDescriptor, PartDescriptor, RecipientDescriptor
from exchange.sealing.errors import DescriptorError, DescriptorMismatchError
from keys import fields
from keys.encoding import b64u, canonical, lp, parse_json, unb64u
from keys.errors import MalformedError

SALT_BYTES: Final = 32
DIGEST_BYTES: Final = 32
FILL: Final = 8

# Above what any header can name: its statement ends at 65,535 bytes, which is some thousand digests.
MOST_WIRE_BYTES: Final = 2**20

_LABEL: Final = b"exchange/descriptor/v1\0"
_LISTS: Final = ("parts", "recipients", "links")

D = TypeVar("D", bound=Descriptor)


@dataclass(frozen=True)
class Salted(Generic[D]):
    """A descriptor with its 32-byte salt: what must be known to recognise a digest in the header."""

    salt: bytes
    value: D

    @property
    def digest(self) -> bytes:
        """SHA-256(label || lp(name of the list) || JSON [salt, descriptor])."""
        text = canonical([b64u(self.salt), self.value.to_json()])
        return hashlib.sha256(_LABEL + lp(self.value.LIST.encode("ascii")) + text).digest()


def salted(value: D) -> Salted[D]:
    """Return the descriptor with a new random salt."""
    return Salted(secrets.token_bytes(SALT_BYTES), value)


@dataclass(frozen=True)
class HeaderLists:
    """The three lists of digests of a header, each sorted, none twice, a multiple of 8 and at least 8."""

    parts: tuple[bytes, ...]
    recipients: tuple[bytes, ...]
    links: tuple[bytes, ...]

    def to_json(self) -> dict[str, list[str]]:
        """Return the three fields of the header's payload, base64url."""
        return {name: [b64u(digest) for digest in getattr(self, name)] for name in _LISTS}

    @classmethod
    def from_header(cls, body: dict[str, Any]) -> "HeaderLists":
        """Read the three lists from a header's payload, whatever else it holds; DescriptorError if not in form."""
        return cls(*(_digests(name, body.get(name)) for name in _LISTS))


@dataclass(frozen=True)
class Descriptors:
    """Descriptors with their salts, all of a report's or those shown to one caller; each tuple sorted by digest."""

    parts: tuple[Salted[PartDescriptor], ...]
    recipients: tuple[Salted[RecipientDescriptor], ...] = ()
    links: tuple[Salted[LinkDescriptor], ...] = ()

    def to_json(self) -> dict[str, list[list[Any]]]:
        """Return the wire form as a JSON object: for each list, [salt, descriptor] pairs sorted by digest."""
        return {name: [[b64u(s.salt), s.value.to_json()] for s in getattr(self, name)] for name in _LISTS}

    @property
    def wire(self) -> bytes:
        """The wire form's one spelling; DescriptorError over 1 MiB."""
        data = canonical(self.to_json(), limit=None)
        if len(data) > MOST_WIRE_BYTES:
            raise DescriptorError("descriptors are over 1 MiB")
        return data

    def part(self, part: bytes) -> PartDescriptor | None:
        """Return the descriptor of a part by its 8-byte id, or None where it is not among these."""
        return next((s.value for s in self.parts if s.value.id == part), None)

    def digests(self) -> HeaderLists:
        """Return the digests of these descriptors, without any fillers."""
        return HeaderLists(*(tuple(s.digest for s in getattr(self, name)) for name in _LISTS))


def parse(data: bytes) -> Descriptors:
    """Parse the wire form's one spelling; DescriptorError for anything else, unknown fields included."""
    try:
        return from_json(parse_json(data, limit=MOST_WIRE_BYTES))
    except MalformedError as error:
        raise DescriptorError("descriptors are not in their one spelling") from error


def from_json(value: Any) -> Descriptors:
    """Return the descriptors of a JSON object as `to_json` gives it; DescriptorError for anything else."""
    if not isinstance(value, dict) or set(value) != set(_LISTS):
        raise DescriptorError("descriptors are not the three lists")
    return Descriptors(
        _salted_list(value["parts"], PartDescriptor),
        _salted_list(value["recipients"], RecipientDescriptor),
        _salted_list(value["links"], LinkDescriptor),
    )


def of(
    parts: Iterable[Salted[PartDescriptor]],
    recipients: Iterable[Salted[RecipientDescriptor]] = (),
    links: Iterable[Salted[LinkDescriptor]] = (),
) -> Descriptors:
    """Return the given descriptors in wire order: each list sorted by digest."""
    return Descriptors(_sorted(parts), _sorted(recipients), _sorted(links))


def fill(descriptors: Descriptors) -> HeaderLists:
    """Return the header's lists: every digest, and random ones up to the next multiple of 8, at least 8, sorted.

    Call it once a header: other fillers make another header.
    """
    real = descriptors.digests()
    return HeaderLists(*(_filled(getattr(real, name)) for name in _LISTS))


def check_shown(lists: HeaderLists, shown: Descriptors) -> None:
    """DescriptorMismatchError unless every one of these descriptors is named by the header's lists."""
    found = shown.digests()
    for name in _LISTS:
        if not set(getattr(found, name)) <= set(getattr(lists, name)):
            raise DescriptorMismatchError(f"a descriptor of '{name}' is not in the header")


def check_all(lists: HeaderLists, every: Descriptors) -> None:
    """DescriptorMismatchError unless the header names all of these, and has no more fillers than the rule gives for them.

    The server runs it at registration. A digest whose descriptor it does not hold looks like a filler, and is worth no
    more: the server shows it to nobody and has no envelope for it.
    """
    check_shown(lists, every)
    for name in _LISTS:
        if len(getattr(lists, name)) != _filled_length(len(getattr(every, name))):
            raise DescriptorMismatchError(f"the header's list '{name}' is not filled to the next multiple of {FILL}")


def shown_to(every: Descriptors, parts: Collection[bytes], organisation: str, links: Collection[str] = ()) -> Descriptors:
    """Return what a caller may be shown who may see the existence of `parts` (ids) and of the linked reports `links`.

    With each of these parts go the caller's own recipient descriptors, and nobody else's.
    """
    return Descriptors(
        tuple(s for s in every.parts if s.value.id in parts),
        tuple(s for s in every.recipients if s.value.part in parts and s.value.organisation == organisation),
        tuple(s for s in every.links if s.value.report in links),
    )


def _sorted(items: Iterable[Salted[D]]) -> tuple[Salted[D], ...]:
    return tuple(sorted(items, key=lambda item: item.digest))


def _filled_length(real: int) -> int:
    return max(FILL, -(-real // FILL) * FILL)


def _filled(digests: Sequence[bytes]) -> tuple[bytes, ...]:
    missing = _filled_length(len(digests)) - len(digests)
    return tuple(sorted([*digests, *(secrets.token_bytes(DIGEST_BYTES) for _ in range(missing))]))


def _digests(name: str, value: object) -> tuple[bytes, ...]:
    try:
        fields.list_of(fields.HASH, least=FILL, most=4096)(value)
    except MalformedError as error:
        raise DescriptorError(f"the header's list '{name}' is not one of digests") from error
    digests = [unb64u(item) for item in value] if isinstance(value, list) else []
    if len(digests) % FILL or digests != sorted(set(digests)):
        raise DescriptorError(f"the header's list '{name}' is not sorted, each once, a multiple of {FILL}")
    return tuple(digests)


def _salted_list(value: object, kind: type[D]) -> tuple[Salted[D], ...]:
    if not isinstance(value, list):
        raise DescriptorError(f"'{kind.LIST}' is not a list")
    items: list[Salted[D]] = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise DescriptorError(f"an item of '{kind.LIST}' is not a salt and a descriptor")
        try:
            items.append(Salted(unb64u(pair[0], SALT_BYTES), kind.from_json(pair[1])))
        except MalformedError as error:
            raise DescriptorError(f"an item of '{kind.LIST}' is not in form: {error}") from error
    digests = [item.digest for item in items]
    if digests != sorted(set(digests)):
        raise DescriptorError(f"'{kind.LIST}' is not sorted by digest, each once")
    return tuple(items)
