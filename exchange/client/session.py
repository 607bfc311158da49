"""One officer at work: unlocked keys, a verified directory, the pinned audit log and a server to speak to.

What every command that acts stands on. The directory is fetched and verified at first use, so nothing can be sealed or
signed on the strength of one that was not.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from exchange.client.audit_log import AuditLog
from exchange.client.clock import Clock
from exchange.client.errors import (
    JoinPendingError,
    NotEnrolledError,
    NotFocalPointError,
    NotFounderError,
    OwnKeysError,
    SeatMissingError,
    ServerRefusal,
)
from exchange.client.home import JOINING, Home
from exchange.client.http import Http
from exchange.client.joining import check_joined, load_joining
from exchange.client.sync import Synced, sync
from exchange.client.telling import Teller
from keys import fields
from keys.directory_submission import Submission
from keys.encoding import unb64u
from keys.errors import MalformedError
from keys.identity import Officer
from keys.replay_directory import Directory
from keys.replay_errors import (
    DirectoryForkedError,
    DirectoryOlderError,
    KeyMissingError,
    UnknownOrganisationError,
)
from keys.replay_pins import root_of
from keys.replay_records import Officer as Record
from keys.seat_open import SealKey, open_seat
from keys.seats import Seat

SEATS: Final = "/api/v1/account/seats"
STATEMENTS: Final = "/api/v1/directory/statements"
_SEATS: Final[fields.Schema] = {"seats": fields.list_of(fields.anything, most=100_000)}


class Session:
    """An officer's session with the server. Not for several threads at once, `http` apart."""

    def __init__(self, home: Home, clock: Clock, http: Http, officer: Officer, teller: Teller) -> None:
        """Take what the command line made; nothing is sent yet."""
        self.home = home
        self.clock = clock
        self.http = http
        self.officer = officer
        self.teller = teller
        self._synced: Synced | None = None
        self._seats: dict[tuple[str, int], bytes] | None = None
        self._epoch_keys: dict[tuple[str, int], SealKey] = {}

    def now(self) -> datetime:
        """Return the corrected time: what statements carry."""
        return self.clock.now()

    # The directory

    def sync(self, *, afresh: bool = False) -> Synced:
        """Fetch and verify what is new in the directory; raises as `exchange.client.sync.sync`, OwnKeysError,
        JoinPendingError."""
        try:
            found = sync(self.home, self.http, self.now, self.teller, accept=self._accept, afresh=afresh)
        except ServerRefusal as refusal:
            if refusal.status == 401 and self.home.read(JOINING) is not None:
                raise JoinPendingError("the request to join has not been accepted yet") from refusal
            raise
        if self.home.read(JOINING) is not None:
            self.home.remove(JOINING)
            self.teller.say("client.joined", organisation=found.directory.officer(self.officer.id).organisation)
        self._synced = found
        return found

    def _accept(self, directory: Directory) -> None:
        _check_own(directory, self.officer)
        joining = load_joining(self.home)
        if joining is not None:
            check_joined(joining, directory, self.officer)

    @property
    def synced(self) -> Synced:
        """The directory as this session verified it, fetched at first use."""
        return self._synced or self.sync()

    @property
    def directory(self) -> Directory:
        """The verified directory."""
        return self.synced.directory

    @property
    def keys(self) -> Mapping[bytes, bytes]:
        """Public bytes by key id, each checked against its id."""
        return self.synced.keys

    def check_seen(self, size: int, root: bytes) -> None:
        """Hold our directory to the head that another officer verified and signed: two histories are found where they meet.

        DirectoryForkedError where ours is another one; DirectoryOlderError where the server, asked again, shows us less.
        """
        synced = self.synced if size <= self.directory.size else self.sync()
        if size > synced.directory.size:
            raise DirectoryOlderError(f"a directory of {synced.directory.size} statements where another has {size}")
        if root_of(synced.leaves)(size) != root:
            raise DirectoryForkedError("another officer was shown another directory")

    def public_key(self, kid: bytes) -> bytes:
        """Return a key's public bytes (the lock key's, an epoch's, an officer's); KeyMissingError."""
        found = self.keys.get(kid)
        if found is None:
            raise KeyMissingError("the public bytes of a key are not at hand")
        return found

    @property
    def me(self) -> Record:
        """This officer as the directory has them, active; NotEnrolledError."""
        if not any(record.id == self.officer.id for record in self.directory.officers):
            raise NotEnrolledError("the directory does not have this officer")
        record = self.directory.officer(self.officer.id)
        if not record.active:
            raise NotEnrolledError("this officer's access has ended")
        return record

    @property
    def organisation(self) -> str:
        """The body this officer acts for; NotEnrolledError."""
        return self.me.organisation

    def require_focal_point(self) -> str:
        """Return the body this officer is a focal point of; NotFocalPointError, NotEnrolledError."""
        body = self.organisation
        if not self.directory.is_focal_point(self.officer.id):
            raise NotFocalPointError(f"not a focal point of '{body}'", organisation=body)
        return body

    def require_founder(self) -> None:
        """NotFounderError unless this officer's key counts for the root quorum."""
        if self.directory.founder_at(self.officer.sign.key_id) is None:
            raise NotFounderError("not one of the founders")

    # Keys of the body

    def epoch_key(self, organisation: str, epoch: int) -> SealKey:
        """Return the private key of a body's epoch, from this officer's seat in it.

        SeatMissingError without a seat; CannotOpenError, KeyMismatchError for one that is not what the directory says.
        """
        place = (organisation, epoch)
        if place not in self._epoch_keys:
            record = self.directory.epoch(organisation, epoch)
            if record is None:
                raise UnknownOrganisationError(f"the directory has no epoch {epoch} of '{organisation}'")
            ciphertext = self._own_seats().get(place)
            if ciphertext is None:
                raise SeatMissingError(f"no seat in epoch {epoch} of '{organisation}'", organisation=organisation)
            self._epoch_keys[place] = open_seat(self.officer.seal, ciphertext, organisation, epoch, record.key)
        return self._epoch_keys[place]

    def _own_seats(self) -> dict[tuple[str, int], bytes]:
        if self._seats is None:
            seats = [Seat.read(item) for item in fields.check(self.http.get(SEATS), _SEATS)["seats"]]
            if any(seat.officer != self.officer.id for seat in seats):
                raise MalformedError("a seat of another officer")
            self._seats = {(seat.organisation, seat.epoch): seat.ciphertext for seat in seats}
        return self._seats

    # The audit log

    @property
    def audit(self) -> AuditLog:
        """The audit log this home has pinned."""
        return AuditLog(self.home, self.directory.root)

    # Acting

    def submit(self, submission: Submission) -> list[tuple[bytes, int]]:
        """Append statements to the directory, all or nothing, then verify the directory that came of it.

        Returns hash and index of each. Raises what `Http` and `sync` raise; MalformedError when the directory that the
        server shows afterwards has another statement at one of these places.
        """
        answer = self.http.post_bytes(STATEMENTS, submission.to_json(), "application/json")
        places = _places(answer)
        if len(places) != len(submission.statements):
            raise MalformedError("an answer about more or fewer statements than were sent")
        self._seats = None
        leaves = self.sync().leaves
        for statement, (digest, index) in zip(submission.statements, places, strict=True):
            held = leaves[index].text if index < len(leaves) else b""
            if digest != statement.hash or held.partition(b"\n")[0] != statement.text.partition(b"\n")[0]:
                raise MalformedError("the directory does not have the statement where the server says")
        return places


def _places(answer: Any) -> list[tuple[bytes, int]]:
    entry: fields.Schema = {"hash": fields.HASH, "index": fields.integer(0)}
    schema: fields.Schema = {"entries": fields.list_of(fields.an_object(entry)), "size": fields.integer(1)}
    return [(unb64u(item["hash"]), item["index"]) for item in fields.check(answer, schema)["entries"]]


def _check_own(directory: Directory, officer: Officer) -> None:
    """The keys the directory has for this officer are the ones on this machine; OwnKeysError."""
    for record in directory.officers:
        if record.id == officer.id and (record.sign, record.seal) != (officer.sign.key_id, officer.seal.key_id):
            raise OwnKeysError("the directory has other keys for this officer")
