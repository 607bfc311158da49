"""Statements about a body: `organisation.add`, `organisation.focal-points`, `organisation.epoch`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from keys import fields
from keys.directory_payload import KEY_ID, NAMED_OFFICER, Link, NamedOfficer, Space, build, check_body
from keys.encoding import b64u, unb64u
from keys.errors import MalformedError, UnknownVersionError
from keys.statement import Statement

STATE: Final = "state"
AUDIT: Final = "audit"
KINDS: Final = ("mechanism", "npm", "nhri", "court", "secretariat", STATE, AUDIT)
# Bodies that belong to one State: without it a policy could not tell whose they are.
KINDS_OF_A_STATE: Final = ("npm", "nhri", STATE)
MOST_OFFICERS: Final = 1024

_ADD: Final[fields.Schema] = {
    "focal_points": fields.list_of(fields.an_object(NAMED_OFFICER), least=1, most=64),
    "kind": fields.one_of(*KINDS),
    "state": fields.nullable(fields.state),
}
_FOCAL_POINTS: Final[fields.Schema] = {"focal_points": fields.list_of(fields.ID16, least=1, most=64, distinct=True)}
_EPOCH: Final[fields.Schema] = {
    "epoch": fields.integer(1, 2**32 - 1),
    "history": fields.anything,
    "key": KEY_ID,
    "recovery": fields.anything,
    "seats": fields.an_object({"count": fields.integer(1, MOST_OFFICERS), "root": fields.HASH}),
}


def is_state(organisation: str) -> bool:
    """Whether an organisation id is that of a State's authority."""
    return organisation.startswith("state:")


@dataclass(frozen=True)
class OrganisationAdd:
    """A body joins with its first focal points; the hash of this statement is the body's fingerprint for ever."""

    KIND: ClassVar[str] = "organisation.add"

    link: Link
    organisation: str
    kind: str
    state: str | None
    focal_points: tuple[NamedOfficer, ...]

    @property
    def subject(self) -> tuple[Space, str]:
        """The chain of the body."""
        return "organisation", self.organisation

    def statement(self) -> Statement:
        """Return the unsigned statement; a quorum of founders and every focal point named sign it."""
        body = {
            "focal_points": [officer.body() for officer in self.focal_points],
            "kind": self.kind,
            "state": self.state,
        }
        return build(self.KIND, self.link, self.organisation, body)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "OrganisationAdd":
        """Return the values of a payload; MalformedError also where id, kind and State do not fit each other."""
        link = check_body(body, fields.organisation, _ADD)
        organisation, kind, state = body["subject"], body["kind"], body["state"]
        if is_state(organisation) != (kind == STATE) or (kind == STATE and organisation != f"state:{state}"):
            raise MalformedError("the id of a State's authority is 'state:' and its code, and no other body's")
        if kind in KINDS_OF_A_STATE and state is None:
            raise MalformedError(f"a body of kind '{kind}' names its state")
        officers = tuple(NamedOfficer.read(item) for item in body["focal_points"])
        return cls(link, organisation, kind, state, officers)


@dataclass(frozen=True)
class FocalPoints:
    """The complete new list of a body's focal points, officers of the body already."""

    KIND: ClassVar[str] = "organisation.focal-points"

    link: Link
    organisation: str
    focal_points: tuple[bytes, ...]

    @property
    def subject(self) -> tuple[Space, str]:
        """The chain of the body."""
        return "organisation", self.organisation

    def statement(self) -> Statement:
        """Return the unsigned statement; two focal points sign it."""
        body = {"focal_points": [b64u(officer) for officer in self.focal_points]}
        return build(self.KIND, self.link, self.organisation, body)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "FocalPoints":
        """Return the values of a payload; MalformedError for anything else."""
        link = check_body(body, fields.organisation, _FOCAL_POINTS)
        return cls(link, body["subject"], tuple(unb64u(item) for item in body["focal_points"]))


@dataclass(frozen=True)
class EpochAdd:
    """A body's next sealing key, and the root of the seats through which its active officers share it."""

    KIND: ClassVar[str] = "organisation.epoch"

    link: Link
    organisation: str
    epoch: int
    key: bytes
    seat_count: int
    seats_root: bytes

    @property
    def subject(self) -> tuple[Space, str]:
        """The chain of the body."""
        return "organisation", self.organisation

    def statement(self) -> Statement:
        """Return the unsigned statement; one focal point signs it."""
        body = {
            "epoch": self.epoch,
            "history": None,
            "key": b64u(self.key),
            "recovery": None,
            "seats": {"count": self.seat_count, "root": b64u(self.seats_root)},
        }
        return build(self.KIND, self.link, self.organisation, body)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "EpochAdd":
        """Return the values of a payload.

        UnknownVersionError for a history link or a recovery wrap: this build could not check what they promise.
        """
        link = check_body(body, fields.organisation, _EPOCH)
        if body["history"] is not None or body["recovery"] is not None:
            raise UnknownVersionError("an epoch with a history link or a recovery wrap, which this build does not know")
        seats = body["seats"]
        return cls(link, body["subject"], body["epoch"], unb64u(body["key"]), seats["count"], unb64u(seats["root"]))
