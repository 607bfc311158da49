"""The directory while it is being built: mutable, private to replay, and never handed out.

`copy` is shallow, since every value inside is frozen; one replay works on one state throughout.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from keys.directory_payload import Space
from keys.directory_root import Founder, Root
from keys.merkle_head import Frontier
from keys.replay_errors import (
    DuplicateKeyError,
    DuplicateOfficerError,
    OfficerEndedError,
    OtherBodyError,
    UnknownOfficerError,
    UnknownOrganisationError,
)
from keys.replay_records import Authority, KeyOwner, KeyUse, Officer, Organisation


@dataclass
class State:
    """Everything the leaves so far have said; `epoch_due` is the body whose epoch must be the very next leaf."""

    root: Root | None = None
    exchange: bytes = b""
    organisations: dict[str, Organisation] = field(default_factory=dict)
    officers: dict[bytes, Officer] = field(default_factory=dict)
    founders: dict[bytes, Founder] = field(default_factory=dict)
    keys: dict[bytes, KeyOwner] = field(default_factory=dict)
    authorities: dict[str, tuple[Authority, ...]] = field(default_factory=dict)
    heads: dict[tuple[Space, str], bytes] = field(default_factory=dict)
    log: Frontier = field(default_factory=Frontier)
    last_logged: datetime | None = None
    epoch_due: str | None = None

    def copy(self) -> "State":
        """Return a state that can change without this one changing."""
        return replace(
            self,
            organisations=dict(self.organisations),
            officers=dict(self.officers),
            founders=dict(self.founders),
            keys=dict(self.keys),
            authorities=dict(self.authorities),
            heads=dict(self.heads),
        )

    @property
    def index(self) -> int:
        """The index of the leaf being applied."""
        return self.log.size

    def organisation(self, organisation: str) -> Organisation:
        """Return a body; UnknownOrganisationError."""
        found = self.organisations.get(organisation)
        if found is None:
            raise UnknownOrganisationError(f"the directory has no body '{organisation}'")
        return found

    def member(self, officer: bytes, organisation: str) -> Officer:
        """Return an active officer of this body.

        UnknownOfficerError, OtherBodyError for an officer of another body, OfficerEndedError for one who left.
        """
        found = self.officers.get(officer)
        if found is None:
            raise UnknownOfficerError("the directory has no such officer")
        if found.organisation != organisation:
            raise OtherBodyError(f"the officer belongs to another body than '{organisation}'")
        if found.ended is not None:
            raise OfficerEndedError("the officer's access has ended")
        return found

    def signer(self, kid: bytes) -> bytes | None:
        """Return the officer whose signing key this is while it is good: an active officer, or a founder not yet enrolled.

        None for every other key: unknown, ended, or not for signing statements.
        """
        owner = self.keys.get(kid)
        if owner is None or owner.use != "sign" or owner.officer is None:
            return None
        enrolled = self.officers.get(owner.officer)
        return owner.officer if enrolled is None or enrolled.active else None

    def take_key(
        self, kid: bytes, use: KeyUse, *, officer: bytes | None = None, organisation: str | None = None
    ) -> None:
        """Give a key its owner for ever; DuplicateKeyError if it has one."""
        if kid in self.keys:
            raise DuplicateKeyError("a key was named before")
        self.keys[kid] = KeyOwner(use, officer, organisation)

    def enrol(self, officer: Officer) -> None:
        """Make an officer an active member of their body.

        A founder joins the body `root` gives them, with the keys `root` names. Otherwise DuplicateOfficerError for an id,
        DuplicateKeyError for a key used before; OtherBodyError for a founder of another body.
        """
        if officer.id in self.officers:
            raise DuplicateOfficerError("an officer's id was used before")
        founder = self.founders.get(officer.id)
        if founder is None:
            self.take_officer_keys(officer)
        elif founder.organisation != officer.organisation:
            raise OtherBodyError("a founder belongs to another body")
        elif (founder.sign, founder.seal, founder.stop) != (officer.sign, officer.seal, officer.stop):
            raise DuplicateOfficerError("a founder's id with other keys than the founder's")
        self.officers[officer.id] = officer
        body = self.organisations[officer.organisation]
        self.organisations[body.id] = replace(body, officers=tuple(sorted((*body.officers, officer.id))))

    def take_officer_keys(self, officer: Officer | Founder) -> None:
        """Give an officer's or founder's three keys their owner; DuplicateKeyError."""
        owner = officer.officer if isinstance(officer, Founder) else officer.id
        self.take_key(officer.sign, "sign", officer=owner)
        self.take_key(officer.seal, "seal", officer=owner)
        self.take_key(officer.stop, "stop", officer=owner)
