"""Builds whole directories for tests: people with real keys, statements really signed, leaves really replayable.

    from tests.unit.keys.directory_builder import Founding
    world = Founding()                                   # root alone: founders of coe-cpt and un-spt
    world.add_organisation("coe-cpt", "mechanism")       # its founders are its first focal points
    person = world.enrol("coe-cpt")                      # a new officer; world.statements[-1] is the enrolment
    world.epoch("coe-cpt")                               # next epoch, with a seat for each active officer
    world.submission(*world.leave(person, submit=False)) # what a client would post, keys and seats beside
    world = Founding.started()                           # six bodies with epochs and audit offices, one authority

Every method signs with whom the rule calls for, appends to `world.directory`, and returns the Statement (`enrol` the
Person). `submit=False` only builds; `signers=` replaces the signers. All keys but wraps come from counters, so worlds
are the same in each run. The clock is `world.now`; it moves a minute with each act.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from keys.directory_authority import AuditOffice, AuthorityAdd
from keys.directory_bodies import EpochAdd, FocalPoints, OrganisationAdd
from keys.directory_kinds import read_kind
from keys.directory_officers import EndedAt, OfficerEnrol, OfficerLeave, OfficerMandate, PrivateMandate, salted_hash
from keys.directory_payload import NamedOfficer
from keys.directory_root import ED25519, MLDSA44, Founder, LogKeys, Root, origin
from keys.directory_submission import MandateHalf, Submission, named_keys
from keys.encoding import b64u
from keys.replay import LoggedLeaf, replay, with_statements
from keys.replay_directory import Directory
from keys.replay_records import Officer
from keys.seat_open import SealKey
from keys.seats import Seat, holders_of, make_epoch
from keys.signing import SigningKey
from keys.statement import Statement

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def seed(label: str) -> bytes:
    """32 bytes that depend on nothing but the label."""
    return hashlib.sha256(b"directory-builder " + label.encode()).digest()


@dataclass
class Person:
    """An officer with private keys; `profile` is the plain profile, `salt` its salt."""

    name: str
    organisation: str
    officer: bytes = b""
    sign: SigningKey = field(init=False)
    seal: SealKey = field(init=False)
    stop: SigningKey = field(init=False)

    def __post_init__(self) -> None:
        """Draw keys from the name."""
        self.officer = self.officer or seed(self.name + " id")[:16]
        self.sign = SigningKey(seed(self.name + " sign"))
        self.seal = SealKey(seed(self.name + " seal"))
        self.stop = SigningKey(seed(self.name + " stop"))
        self.profile = b'{"name":"' + self.name.encode() + b'"}'
        self.salt = seed(self.name + " salt")

    @property
    def id(self) -> str:
        """The officer id as statements spell it."""
        return b64u(self.officer)

    @property
    def named(self) -> NamedOfficer:
        """The person as statements name them."""
        profile = salted_hash(self.salt, self.profile)
        return NamedOfficer(self.officer, self.sign.key_id, self.seal.key_id, self.stop.key_id, profile)

    @property
    def founder(self) -> Founder:
        """The person as `root` names a founder."""
        return Founder(self.officer, self.organisation, self.sign.key_id, self.seal.key_id, self.stop.key_id)

    @property
    def public(self) -> dict[bytes, bytes]:
        """Public bytes by key id."""
        return {key.key_id: key.public for key in (self.sign, self.seal, self.stop)}


def vkey(name: str, algorithm: int, public: bytes) -> str:
    """A verifier key in the text form of C2SP signed-note."""
    data = bytes([algorithm]) + public
    short = hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8]
    return f"{name}+{short}+{base64.b64encode(data).decode()}"


class Founding:
    """An exchange from its founding on."""

    def __init__(
        self,
        instance: str = "exchange.example",
        founders: Sequence[tuple[str, int]] = (("coe-cpt", 2), ("un-spt", 1)),
        quorum: int = 2,
        now: datetime = START,
    ) -> None:
        """Found `instance` with this many founders of each body, and append `root`."""
        self.instance = instance
        self.now = now
        self.people: dict[bytes, Person] = {}
        self.public: dict[bytes, bytes] = {}
        self.statements: list[Statement] = []
        self.leaves: list[LoggedLeaf] = []
        self.seats: dict[tuple[str, int, bytes], Seat] = {}
        self.epoch_keys: dict[tuple[str, int], SealKey] = {}
        self.mandates: dict[bytes, tuple[bytes, bytes]] = {}
        self.founders = [self.person(body) for body, count in founders for _ in range(count)]
        self.lock = SealKey(seed("lock"))
        self.public[self.lock.key_id] = self.lock.public
        self.log_keys = {
            name: (
                Ed25519PrivateKey.from_private_bytes(seed(name + " log")),
                MLDSA44PrivateKey.from_seed_bytes(seed(name + " log pq")),
            )
            for name in ("directory", "audit")
        }
        self._directory: Directory | None = None
        self.root = self.root_values(quorum)
        self._act(self.root.statement(), self.founders)

    @classmethod
    def started(cls, instance: str = "exchange.example") -> "Founding":
        """coe-cpt, un-spt, npm-xa, state:XA (two focal points each), audit-cpt and audit-un (one each), all with an epoch
        and an audit office; one officer of state:XA is its ECPT authority."""
        world = cls(instance)
        world.add_organisation("coe-cpt", "mechanism")
        world.add_organisation("un-spt", "mechanism", extra=1)
        world.add_organisation("audit-cpt", "audit", extra=1)
        world.add_organisation("audit-un", "audit", extra=1)
        world.add_organisation("npm-xa", "npm", "XA", extra=2)
        world.add_organisation("state:XA", "state", "XA", extra=2)
        for body in ("coe-cpt", "un-spt", "audit-cpt", "audit-un", "npm-xa", "state:XA"):
            world.epoch(body)
        for body in ("coe-cpt", "npm-xa", "state:XA", "audit-un"):
            world.audit_office(body, "audit-cpt")
        for body in ("un-spt", "audit-cpt"):
            world.audit_office(body, "audit-un")
        world.authority("state:XA", "ECPT")
        return world

    @property
    def directory(self) -> Directory:
        """The directory so far."""
        if self._directory is None:
            raise LookupError("not founded yet")
        return self._directory

    def replayed(self, now: datetime | None = None) -> Directory:
        """The directory a client rebuilds from the leaves."""
        return replay(self.leaves, self.public.get, now or self.now)

    # People

    def person(self, organisation: str, name: str | None = None) -> Person:
        """A new person with keys, known to this world and named in no statement yet."""
        person = Person(name or f"{organisation} {len(self.people)}", organisation)
        self.people[person.officer] = person
        self.public.update(person.public)
        return person

    def of(self, officer: Officer | bytes) -> Person:
        """The person behind an officer."""
        return self.people[officer if isinstance(officer, bytes) else officer.id]

    def officers(self, organisation: str) -> list[Person]:
        """The active officers of a body, focal points first."""
        body = self.directory.organisation(organisation)
        return [self.people[o] for o in (*body.focal_points, *(o for o in body.officers if o not in body.focal_points))]

    def focal_points(self, organisation: str) -> list[Person]:
        """The focal points of a body."""
        return [self.people[o] for o in self.directory.organisation(organisation).focal_points]

    # Statements

    def root_values(self, quorum: int) -> Root:
        """The values of `root`."""
        return Root(
            time=self.now,
            nonce=seed("nonce " + self.instance)[:16],
            instance=self.instance,
            host=self.founders[0].organisation,
            quorum=quorum,
            founders=tuple(person.founder for person in self.founders),
            logs={name: self._log(name) for name in ("directory", "audit")},
            lock_key=self.lock.key_id,
        )

    def add_organisation(
        self,
        organisation: str,
        kind: str,
        state: str | None = None,
        *,
        extra: int = 0,
        focal_points: Sequence[Person] | None = None,
        signers: Sequence[Person] | None = None,
        submit: bool = True,
    ) -> Statement:
        """`organisation.add`: its founders (or one new person), and `extra` new people, are the first focal points."""
        if focal_points is None:
            own = [person for person in self.founders if person.organisation == organisation]
            new = extra if own else max(extra, 1)
            focal_points = [*own, *(self.person(organisation) for _ in range(new))]
        link = self.directory.link("organisation", organisation, self.now)
        named = tuple(person.named for person in focal_points)
        statement = OrganisationAdd(link, organisation, kind, state, named).statement()
        return self._act(statement, signers or [*self.founders, *focal_points], submit)

    def enrol(
        self, organisation: str, person: Person | None = None, *, signers: Sequence[Person] | None = None
    ) -> Person:
        """`officer.enrol` of a new person by a focal point; returns the person."""
        person = person or self.person(organisation)
        self._act(self.enrolment(person), signers or [person, self.focal_points(organisation)[0]])
        return person

    def enrolment(self, person: Person) -> Statement:
        """An unsigned `officer.enrol`."""
        link = self.directory.link("officer", person.id, self.now)
        return OfficerEnrol(link, person.organisation, person.named).statement()

    def epoch(
        self,
        organisation: str,
        *,
        signers: Sequence[Person] | None = None,
        submit: bool = True,
        number: int | None = None,
    ) -> Statement:
        """The next `organisation.epoch`, with a seat for each active officer (kept in `seats` and `epoch_keys`)."""
        return self._act(self._epoch(self.directory, organisation, number), self._by(organisation, signers), submit)

    def leave(
        self,
        person: Person,
        *,
        n: int = 1,
        size: int = 0,
        signers: Sequence[Person] | None = None,
        submit: bool = True,
    ) -> list[Statement]:
        """`officer.leave` and the next epoch of the body, in one act; signed by a focal point who stays if there is one."""
        by = signers or [p for p in self.focal_points(person.organisation) if p is not person][:1] or [person]
        link = self.directory.link("officer", person.id, self.now)
        leave = OfficerLeave(link, person.organisation, person.officer, EndedAt(n, size)).statement()
        holders = tuple(o for o in self.directory.active_officers(person.organisation) if o.id != person.officer)
        epoch = self._epoch(self.directory, person.organisation, None, holders)
        batch = [_signed(leave, by), _signed(epoch, by)]
        if submit:
            self.submit(*batch)
        return batch

    def mandate(
        self,
        person: Person,
        *,
        focal_point: bool = False,
        valid_from: datetime | None = None,
        valid_to: datetime | None = None,
        private: PrivateMandate | None = None,
        signers: Sequence[Person] | None = None,
        submit: bool = True,
    ) -> Statement:
        """`officer.mandate`; its private half is kept in `mandates` by hash as (salt, bytes)."""
        salt, half = seed("mandate " + person.id), (private or PrivateMandate("member")).spelling
        digest = salted_hash(salt, half)
        self.mandates[digest] = (salt, half)
        link = self.directory.link("officer", person.id, self.now)
        values = OfficerMandate(link, person.organisation, person.officer, focal_point, valid_from, valid_to, digest)
        return self._act(values.statement(), self._by(person.organisation, signers), submit)

    def set_focal_points(
        self,
        organisation: str,
        people: Sequence[Person],
        *,
        signers: Sequence[Person] | None = None,
        submit: bool = True,
    ) -> Statement:
        """`organisation.focal-points`: the complete new list, signed by two of the old."""
        link = self.directory.link("organisation", organisation, self.now)
        statement = FocalPoints(link, organisation, tuple(person.officer for person in people)).statement()
        return self._act(statement, signers or self.focal_points(organisation)[:2], submit)

    def audit_office(
        self, organisation: str, office: str, *, signers: Sequence[Person] | None = None, submit: bool = True
    ) -> Statement:
        """`audit-office`: the body names the office that reads its entries."""
        link = self.directory.link("organisation", organisation, self.now)
        return self._act(AuditOffice(link, organisation, office).statement(), self._by(organisation, signers), submit)

    def authority(
        self,
        organisation: str,
        treaty: str,
        person: Person | None = None,
        *,
        valid_from: datetime | None = None,
        valid_to: datetime | None = None,
        signers: Sequence[Person] | None = None,
        submit: bool = True,
    ) -> Statement:
        """`authority.add` for an officer (by default the first) of a State's authority, signed by all founders."""
        person = person or self.officers(organisation)[0]
        link = self.directory.link("organisation", organisation, self.now)
        start = valid_from or self.now
        values = AuthorityAdd(link, organisation, treaty, person.officer, person.sign.key_id, start, valid_to)
        return self._act(values.statement(), signers or self.founders, submit)

    def submit(self, *statements: Statement) -> None:
        """Append a batch, all or nothing, and move the clock a minute."""
        self._directory = with_statements(self._directory, statements, self.now, self.public.get)
        self.statements += statements
        self.leaves += [LoggedLeaf(statement.text, self.now) for statement in statements]
        self.now += timedelta(minutes=1)

    def submission(self, *statements: Statement) -> Submission:
        """These statements with everything that must lie beside them (no profiles)."""
        kinds = [read_kind(statement) for statement in statements]
        epochs = [(kind.organisation, kind.epoch) for kind in kinds if isinstance(kind, EpochAdd)]
        digests = [kind.private for kind in kinds if isinstance(kind, OfficerMandate)]
        return Submission(
            statements=statements,
            keys={kid: self.public[kid] for kind in kinds for _, kid in named_keys(kind)},
            seats=tuple(seat for (body, number, _), seat in self.seats.items() if (body, number) in epochs),
            mandates=tuple(MandateHalf(digest, *self.mandates[digest]) for digest in digests),
        )

    def _act(self, statement: Statement, signers: Sequence[Person], submit: bool = True) -> Statement:
        signed = _signed(statement, signers)
        if submit:
            self.submit(signed)
        return signed

    def _by(self, organisation: str, signers: Sequence[Person] | None) -> Sequence[Person]:
        return signers or self.focal_points(organisation)[:1]

    def _epoch(
        self,
        directory: Directory,
        organisation: str,
        number: int | None = None,
        officers: Sequence[Officer] | None = None,
    ) -> Statement:
        number = number or len(directory.organisation(organisation).epochs) + 1
        key = SealKey(seed(f"epoch {organisation} {number}"))
        holders = holders_of(directory.active_officers(organisation) if officers is None else officers, self.public)
        link = directory.link("organisation", organisation, self.now)
        values, seats = make_epoch(link, organisation, number, key.seed, key.public, holders)
        self.public[key.key_id] = key.public
        self.epoch_keys[organisation, number] = key
        for seat in seats:
            self.seats[organisation, number, seat.officer] = seat
        return values.statement()

    def _log(self, name: str) -> LogKeys:
        first, second = self.log_keys[name]
        place = origin(self.instance, name, 1)
        return LogKeys(
            n=1,
            ed25519=vkey(place, ED25519, first.public_key().public_bytes_raw()),
            mldsa44=vkey(place, MLDSA44, second.public_key().public_bytes_raw()),
        )


def _signed(statement: Statement, signers: Sequence[Person]) -> Statement:
    for person in signers:
        statement = statement.signed_by(person.sign)
    return statement
