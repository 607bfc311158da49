"""What a descriptor of a part, of a recipient and of a link says, and its JSON form (docs/spec/report.md)."""

import re
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol, Self

from exchange.sealing.errors import BadSizeError
from exchange.sealing.pieces import layout
from keys import fields
from keys.encoding import b64u, unb64u
from keys.errors import MalformedError

REGIMES: Final = ("R1", "R2", "R3", "R4", "R5")
VARIANTS: Final = ("original", "redacted")
RELATIONS: Final = ("responds_to", "supersedes")

# The lower-case form of BCP 47 tags: "en", "fr", "zh-hans".
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}", re.ASCII)


class Descriptor(Protocol):
    """What every descriptor offers: the name of its list in the header, and its JSON form both ways."""

    LIST: ClassVar[str]

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""

    @classmethod
    @abstractmethod
    def from_json(cls, value: object) -> Self:
        """Return the descriptor of a JSON object of exactly its fields; MalformedError otherwise."""


def language(value: object) -> None:
    """Check a language tag: the lower-case spelling of a BCP 47 tag."""
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise MalformedError("not a language tag in lower case")


@dataclass(frozen=True)
class PartDescriptor:
    """One part: what policy needs to know of it, and what its ciphertext must be.

    `id` 8 bytes; `states` two-letter codes, sorted; `size` the ciphertext's bytes; `pieces` how many; `root` their tree
    head; `commitment` bytes 24 to 56 of the ciphertext; `manifest` SHA-256 of the sealed manifest.
    """

    LIST: ClassVar[str] = "parts"

    id: bytes
    states: tuple[str, ...]
    language: str
    variant: str
    personal_data: bool
    regime: str | None
    size: int
    pieces: int
    root: bytes
    commitment: bytes
    manifest: bytes

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "commitment": b64u(self.commitment),
            "id": b64u(self.id),
            "language": self.language,
            "manifest": b64u(self.manifest),
            "personal_data": self.personal_data,
            "pieces": self.pieces,
            "regime": self.regime,
            "root": b64u(self.root),
            "size": self.size,
            "states": list(self.states),
            "variant": self.variant,
        }

    @classmethod
    def from_json(cls, value: object) -> "PartDescriptor":
        """Return the descriptor; MalformedError for unknown fields, or where size and number of pieces do not agree."""
        body = fields.check(value, _PART)
        try:
            pieces = layout(body["size"]).count
        except BadSizeError as error:
            raise MalformedError("the size is not that of a padded file") from error
        if body["pieces"] != pieces:
            raise MalformedError("the number of pieces is not that of the size")
        return cls(
            id=unb64u(body["id"]),
            states=tuple(body["states"]),
            language=body["language"],
            variant=body["variant"],
            personal_data=body["personal_data"],
            regime=body["regime"],
            size=body["size"],
            pieces=body["pieces"],
            root=unb64u(body["root"]),
            commitment=unb64u(body["commitment"]),
            manifest=unb64u(body["manifest"]),
        )


@dataclass(frozen=True)
class RecipientDescriptor:
    """One recipient of one part: whose epoch key (`key`, its id) the envelope of hash `envelope` is wrapped to."""

    LIST: ClassVar[str] = "recipients"

    organisation: str
    epoch: int
    key: bytes
    part: bytes
    envelope: bytes

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "envelope": b64u(self.envelope),
            "epoch": self.epoch,
            "key": b64u(self.key),
            "organisation": self.organisation,
            "part": b64u(self.part),
        }

    @classmethod
    def from_json(cls, value: object) -> "RecipientDescriptor":
        """Return the descriptor; MalformedError for unknown fields or values not in form."""
        body = fields.check(value, _RECIPIENT)
        return cls(
            body["organisation"], body["epoch"], unb64u(body["key"]), unb64u(body["part"]), unb64u(body["envelope"])
        )


@dataclass(frozen=True)
class LinkDescriptor:
    """A report that this one responds to or supersedes; `report` is its UUID in lower case."""

    LIST: ClassVar[str] = "links"

    relation: str
    report: str

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {"relation": self.relation, "report": self.report}

    @classmethod
    def from_json(cls, value: object) -> "LinkDescriptor":
        """Return the descriptor; MalformedError for unknown fields or values not in form."""
        body = fields.check(value, _LINK)
        return cls(body["relation"], body["report"])


_PART: Final[fields.Schema] = {
    "commitment": fields.HASH,
    "id": fields.ID8,
    "language": language,
    "manifest": fields.HASH,
    "personal_data": fields.boolean,
    "pieces": fields.integer(1),
    "regime": fields.nullable(fields.one_of(*REGIMES)),
    "root": fields.HASH,
    "size": fields.integer(1),
    "states": fields.list_of(fields.state, most=64, ordered=True),
    "variant": fields.one_of(*VARIANTS),
}
_RECIPIENT: Final[fields.Schema] = {
    "envelope": fields.HASH,
    "epoch": fields.integer(1, 2**32 - 1),
    "key": fields.HASH,
    "organisation": fields.organisation,
    "part": fields.ID8,
}
_LINK: Final[fields.Schema] = {"relation": fields.one_of(*RELATIONS), "report": fields.uuid}
