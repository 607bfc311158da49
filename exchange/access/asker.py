"""Who asks: what the directory says of an officer, or of a body in general, as a decision needs it.

The private half of an officer's mandate (role, clearance, excluded States) lies beside the directory and is read here alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from exchange.db import UnitOfWork
from exchange.directory.services import Bodies
from exchange.directory.snapshots import Snapshots
from keys.directory_officers import PrivateMandate
from keys.encoding import unb64u
from keys.replay_directory import Directory

# An officer without a mandate, or whose mandate names none, is cleared for the ordinary classes of the exchange.
DEFAULT_CLEARANCE: Final = 3
DEFAULT_ROLE: Final = "officer"
# The clearance of "an officer of that body who is cleared", in matrices and explanations: the highest class there is.
CLEARED: Final = 9
# Nobody's id: an instrument that names its readers names officers, so it never means a body in general.
ANYBODY: Final = "-"


class Person(Protocol):
    """Whoever calls a program's address or is signed in to the pages."""

    @property
    def officer(self) -> str:
        """The officer, base64url of 16 bytes."""

    @property
    def organisation(self) -> str:
        """The body they act for."""


@dataclass(frozen=True)
class Asker:
    """Who asks, for which body. `officer`: base64url of 16 bytes, or ANYBODY for a body in general."""

    officer: str
    organisation: str
    kind: str
    role: str = DEFAULT_ROLE
    clearance: int = DEFAULT_CLEARANCE
    excluded: frozenset[str] = field(default=frozenset())
    active: bool = True

    def recused(self, states: Iterable[str]) -> bool:
        """Whether the officer's mandate excludes one of these States."""
        return not self.excluded.isdisjoint(states)


class Askers:
    """Reads askers from the directory, as the caller's unit sees it."""

    def __init__(self, snapshots: Snapshots, bodies: Bodies) -> None:
        self._snapshots = snapshots
        self._bodies = bodies

    def of(self, uow: UnitOfWork, who: Person) -> Asker:
        """Return whoever calls or is signed in, as an asker."""
        return self.officer(uow, who.officer, who.organisation)

    def officer(self, uow: UnitOfWork, officer: str, organisation: str, at: datetime | None = None) -> Asker:
        """Return an officer of a body; not active where the directory does not let them act for it.

        `at`: as they were at another instant, None for now.
        """
        directory = self._directory(uow, at)
        kind = directory.organisation(organisation).kind if directory.has_organisation(organisation) else "public"
        identity = unb64u(officer, 16)
        known = next((each for each in directory.officers if each.id == identity), None)
        if known is None or known.organisation != organisation:
            return Asker(officer, organisation, kind, clearance=0, active=False)
        half = self._bodies.mandate(uow, identity, directory)
        may_act = known.may_act(at or uow.now)
        if half is None:
            # A mandate whose private half is missing narrows in a way nobody knows: then nothing is open.
            return Asker(officer, organisation, kind, active=may_act and known.mandate is None)
        return Asker(
            officer,
            organisation,
            kind,
            role=half.role,
            clearance=_clearance(half),
            excluded=frozenset(half.excluded_states),
            active=may_act,
        )

    def body(self, uow: UnitOfWork, organisation: str, at: datetime | None = None) -> Asker:
        """Return a body in general: an active officer who is cleared and not recused; UnknownOrganisationError.

        `at`: as it was at another instant, None for now.
        """
        kind = self._directory(uow, at).organisation(organisation).kind
        return Asker(ANYBODY, organisation, kind, clearance=CLEARED)

    def _directory(self, uow: UnitOfWork, at: datetime | None) -> Directory:
        return self._snapshots.required(uow) if at is None else self._snapshots.as_of(uow, at)


def _clearance(half: PrivateMandate) -> int:
    return DEFAULT_CLEARANCE if half.clearance is None else half.clearance
