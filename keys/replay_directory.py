"""The directory as it stands after replay: a value that does not change, and every question the rooms ask of it.

Only `replay` and `with_statements` make one from statements, and `replay_export` from a cache of the client's own.
Methods that take an id raise UnknownOrganisationError or UnknownOfficerError for one the directory does not have.
"""

from collections.abc import Mapping
from datetime import datetime

from keys.directory_officers import EndedAt
from keys.directory_payload import Link, Space
from keys.directory_root import Founder, LogKeys, Root
from keys.replay_errors import RootMisplacedError, UnknownOfficerError
from keys.replay_records import Authority, Epoch, KeyOwner, Officer, Organisation
from keys.replay_state import State
from keys.words import fingerprint_words


class Directory:
    """An exchange's directory at one size of its log."""

    def __init__(self, state: State) -> None:
        """Take over a finished state, which nobody else may change any more; RootMisplacedError without a root."""
        if state.root is None:
            raise RootMisplacedError("a directory without its root")
        self._state = state
        self.root: Root = state.root

    def thaw(self) -> State:
        """Return a state that may change, for replay to go on from here."""
        return self._state.copy()

    # The exchange

    @property
    def exchange(self) -> bytes:
        """The hash of `root`, which names the exchange."""
        return self._state.exchange

    @property
    def size(self) -> int:
        """How many leaves of the directory log made this directory."""
        return self._state.log.size

    @property
    def log_root(self) -> bytes:
        """The RFC 6962 head over those leaves: what a checkpoint of this size must show."""
        return self._state.log.head

    @property
    def last_logged(self) -> datetime | None:
        """The logged time of the last leaf."""
        return self._state.last_logged

    @property
    def founders(self) -> tuple[Founder, ...]:
        """The founders `root` names, in its order."""
        return self.root.founders

    @property
    def quorum(self) -> int:
        """How many founders must sign what the root quorum signs."""
        return self.root.quorum

    @property
    def host(self) -> str:
        """The body that hosts the exchange: its audit office reads the entries that are nobody's."""
        return self.root.host

    @property
    def lock_key(self) -> bytes:
        """The key id of the exchange's lock key."""
        return self.root.lock_key

    def log(self, name: str) -> LogKeys:
        """Return number and verifier keys of the current log `directory` or `audit` (KeyError is a caller's bug)."""
        return self.root.logs[name]

    # Bodies

    @property
    def organisations(self) -> tuple[Organisation, ...]:
        """All bodies, sorted by id."""
        return tuple(self._state.organisations[key] for key in sorted(self._state.organisations))

    def has_organisation(self, organisation: str) -> bool:
        """Whether the directory has a body of this id."""
        return organisation in self._state.organisations

    def organisation(self, organisation: str) -> Organisation:
        """Return a body."""
        return self._state.organisation(organisation)

    def fingerprint(self, organisation: str) -> tuple[str, ...]:
        """Return the eleven words of a body."""
        return fingerprint_words(self.organisation(organisation).added)

    def current_epoch(self, organisation: str) -> Epoch | None:
        """Return a body's current epoch; None before its first."""
        return self.organisation(organisation).epoch

    def epoch(self, organisation: str, number: int) -> Epoch | None:
        """Return a body's epoch of this number, past or current; None if there is none."""
        epochs = self.organisation(organisation).epochs
        return epochs[number - 1] if 1 <= number <= len(epochs) else None

    def is_current_epoch(self, organisation: str, number: int, key: bytes) -> bool:
        """Whether this is the epoch, by number and key id, that must be sealed to now: False means wrap again."""
        epoch = self.current_epoch(organisation)
        return epoch is not None and (epoch.number, epoch.key) == (number, key)

    def seats_due(self, organisation: str) -> tuple[Officer, ...]:
        """Return the active officers who hold no seat in the current epoch: a new epoch is due while there are any."""
        body = self.organisation(organisation)
        seated = body.epoch.officers if body.epoch is not None else ()
        return tuple(self.officer(officer) for officer in body.officers if officer not in seated)

    def audit_office(self, organisation: str) -> str | None:
        """Return the audit office a body named last; None if it named none."""
        return self.organisation(organisation).audit_office

    # Officers and keys

    @property
    def officers(self) -> tuple[Officer, ...]:
        """All officers, active or not, sorted by id."""
        return tuple(self._state.officers[key] for key in sorted(self._state.officers))

    def officer(self, officer: bytes) -> Officer:
        """Return an officer, active or not."""
        found = self._state.officers.get(officer)
        if found is None:
            raise UnknownOfficerError("the directory has no such officer")
        return found

    def active_officers(self, organisation: str) -> tuple[Officer, ...]:
        """Return a body's active officers, sorted by id: those who are due a seat in its next epoch."""
        return tuple(self.officer(officer) for officer in self.organisation(organisation).officers)

    def focal_points(self, organisation: str) -> tuple[Officer, ...]:
        """Return a body's focal points, sorted by id."""
        return tuple(self.officer(officer) for officer in self.organisation(organisation).focal_points)

    def is_focal_point(self, officer: bytes) -> bool:
        """Whether this officer is a focal point of their body; False for a stranger."""
        found = self._state.officers.get(officer)
        return found is not None and officer in self.organisation(found.organisation).focal_points

    def key_owner(self, kid: bytes) -> KeyOwner | None:
        """Return whose key this is and for what use; None for a key the directory never named."""
        return self._state.keys.get(kid)

    def officer_at(self, kid: bytes) -> Officer | None:
        """Return the officer, active or not, whose signing key this is; None for every other key."""
        owner = self._state.keys.get(kid)
        if owner is None or owner.use != "sign" or owner.officer is None:
            return None
        return self._state.officers.get(owner.officer)

    def founder_at(self, kid: bytes) -> Founder | None:
        """Return the founder whose signing key this is, if the key still counts for the root quorum."""
        officer = self._state.signer(kid)
        return self._state.founders.get(officer) if officer is not None else None

    def key_good_for(self, kid: bytes, n: int, index: int) -> bool:
        """Whether a statement signed with this key counts when its ticket names entry `index` of audit/n.

        The key must be an officer's signing key, and (n, index) before the pair (n, size) of `ended_at` where the
        officer left: an entry at `size` is the first that the checkpoint does not cover.
        """
        officer = self.officer_at(kid)
        if officer is None:
            return False
        return officer.ended is None or before(n, index, officer.ended.at)

    # States

    def authorities(self, state: str, now: datetime) -> tuple[Authority, ...]:
        """Return who may sign for a State (`XA`) at `now`: in their period, and still active officers of its authority."""
        found = self._state.authorities.get(f"state:{state}", ())
        return tuple(a for a in found if a.in_force(now) and self.officer(a.officer).active)

    def is_authority(self, officer: bytes, state: str, now: datetime, treaty: str | None = None) -> bool:
        """Whether this officer may sign for a State at `now`, under `treaty` or, without it, under any."""
        return any(a.officer == officer and treaty in (None, a.treaty) for a in self.authorities(state, now))

    @property
    def all_authorities(self) -> Mapping[str, tuple[Authority, ...]]:
        """Every authority ever named, by the id of the State's authority, in the order of the log."""
        return dict(self._state.authorities)

    # Writing the next statement

    def last_hash(self, space: Space, subject: str) -> bytes | None:
        """Return the hash of a subject's last statement, the `prev` of its next; None for its first."""
        return self._state.heads.get((space, subject))

    def link(self, space: Space, subject: str, time: datetime) -> Link:
        """Return the link of a subject's next statement, written at `time`."""
        return Link(time, self.exchange, self.last_hash(space, subject))

    def __eq__(self, other: object) -> bool:
        """Two directories are equal when the same leaves made them."""
        return isinstance(other, Directory) and self._state == other._state

    __hash__ = None  # type: ignore[assignment]  # a directory is compared, never a key

    def __repr__(self) -> str:
        return f"<Directory {self.root.instance} size {self.size}>"


def before(n: int, index: int, ended_at: EndedAt) -> bool:
    """Whether entry `index` of audit/n lies before a checkpoint, compared as a pair (formats: tickets and `ended_at`)."""
    return (n, index) < (ended_at.n, ended_at.size)
