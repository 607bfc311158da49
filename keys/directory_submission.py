"""A submission: statements that are appended in this order, all or nothing, and what lies beside them.

No statement holds a public key, a seat, a profile or the private half of a mandate; these travel and are kept beside it,
and each is checked against the hash the statement names (docs/spec/directory.md, section 8).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from keys import fields
from keys.directory_authority import AuthorityAdd
from keys.directory_bodies import EpochAdd, OrganisationAdd
from keys.directory_kinds import Kind, read_kind
from keys.directory_officers import OfficerEnrol, OfficerMandate, PrivateMandate, matches
from keys.directory_root import Root
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import MalformedError
from keys.recipient import wrapped_size
from keys.replay import PublicOf
from keys.replay_directory import Directory
from keys.replay_errors import BesideMismatchError, KeyMissingError
from keys.replay_records import Officer
from keys.seats import Seat, check_seats, holders_of
from keys.signing import check_sign_public
from keys.statement import Statement, parse
from keys.suite import SEED_BYTES, USE_SEAL, USE_SIGN, check_seal_public, key_id

MOST_BYTES: Final = 8 * 1024 * 1024
MOST_STATEMENTS: Final = 256
MOST_PROFILE_BYTES: Final = 16_384

_BESIDE: Final[fields.Schema] = {
    "keys": fields.mapping_of(fields.HASH, fields.text(2048), most=4096),
    "mandates": fields.list_of(
        fields.an_object({"body": fields.text(65_535), "hash": fields.HASH, "salt": fields.b64u_of(32)})
    ),
    "profiles": fields.list_of(
        fields.an_object(
            {
                "epoch": fields.integer(1, 2**32 - 1),
                "key": fields.b64u_of(wrapped_size(SEED_BYTES)),
                "officer": fields.ID16,
                "reader": fields.organisation,
                "sealed": fields.text(MOST_PROFILE_BYTES * 4 // 3 + 4, least=1),
            }
        )
    ),
    "seats": fields.list_of(fields.anything, most=4096),
}
_SUBMISSION: Final[fields.Schema] = {
    "beside": fields.an_object(_BESIDE),
    "statements": fields.list_of(fields.anything, least=1, most=MOST_STATEMENTS),
}


@dataclass(frozen=True)
class MandateHalf:
    """The private half of a mandate: what its hash stands for, under its salt."""

    hash: bytes
    salt: bytes = field(repr=False)
    spelling: bytes = field(repr=False)

    @property
    def values(self) -> PrivateMandate:
        """Role, clearance, excluded States, alternate; MalformedError if the half is not spelled so."""
        return PrivateMandate.read(self.spelling)


@dataclass(frozen=True)
class SealedProfile:
    """An officer's profile, sealed to a body: ciphertext under its own key, and that key wrapped to the body's epoch."""

    officer: bytes
    reader: str
    epoch: int
    key: bytes
    sealed: bytes


@dataclass(frozen=True)
class Submission:
    """Statements and what lies beside them; `keys` are public bytes by key id."""

    statements: tuple[Statement, ...]
    keys: Mapping[bytes, bytes] = field(default_factory=dict)
    seats: tuple[Seat, ...] = ()
    mandates: tuple[MandateHalf, ...] = ()
    profiles: tuple[SealedProfile, ...] = ()

    def to_json(self) -> bytes:
        """Return the one spelling; MalformedError for a statement nobody signed."""
        body: dict[str, Any] = {
            "beside": {
                "keys": {b64u(kid): b64u(public) for kid, public in self.keys.items()},
                "mandates": [
                    {"body": half.spelling.decode("utf-8"), "hash": b64u(half.hash), "salt": b64u(half.salt)}
                    for half in self.mandates
                ],
                "profiles": [
                    {
                        "epoch": profile.epoch,
                        "key": b64u(profile.key),
                        "officer": b64u(profile.officer),
                        "reader": profile.reader,
                        "sealed": b64u(profile.sealed),
                    }
                    for profile in self.profiles
                ],
                "seats": [seat.body() for seat in self.seats],
            },
            "statements": [statement.text.decode("ascii") for statement in self.statements],
        }
        return canonical(body, limit=MOST_BYTES)

    @classmethod
    def from_json(cls, data: bytes) -> "Submission":
        """Parse a submission's one spelling; MalformedError for anything else. Nothing is verified yet."""
        return cls.read(parse_object(data, limit=MOST_BYTES))

    @classmethod
    def read(cls, body: object) -> "Submission":
        """Return the submission of JSON values; MalformedError for anything else. Nothing is verified yet."""
        checked = fields.check(body, _SUBMISSION)
        beside = checked["beside"]
        return cls(
            statements=tuple(_statement(text) for text in checked["statements"]),
            keys={unb64u(kid): unb64u(public) for kid, public in beside["keys"].items()},
            seats=tuple(Seat.read(item) for item in beside["seats"]),
            mandates=tuple(
                MandateHalf(unb64u(item["hash"]), unb64u(item["salt"]), item["body"].encode("utf-8"))
                for item in beside["mandates"]
            ),
            profiles=tuple(
                SealedProfile(
                    unb64u(item["officer"]), item["reader"], item["epoch"], unb64u(item["key"]), unb64u(item["sealed"])
                )
                for item in beside["profiles"]
            ),
        )


def check_beside(after: Directory, submission: Submission, known: PublicOf) -> None:
    """Check what lies beside a submission that `with_statements` accepted; `after` is what it returned.

    `known` gives key bytes kept earlier (a founder's keys are named twice). 1. Every key a statement names is here or
    known, is the one its id names, and is acceptable for its use (KeyMissingError, BesideMismatchError, BadKeyError);
    none is here that no statement names. 2. Each epoch's seats are exactly right (`check_seats`), and there are no others.
    3. Each mandate's private half is here and matches its salted hash, and no other. 4. A profile is an officer's of the
    body it is sealed to, under an epoch that exists, and one of the statements is that body's: it replaces what lay there
    (BesideMismatchError).
    """
    kinds = [read_kind(statement) for statement in submission.statements]
    _check_keys(kinds, submission.keys, known)
    epochs = [kind for kind in kinds if isinstance(kind, EpochAdd)]
    for epoch in epochs:
        seats = [s for s in submission.seats if (s.organisation, s.epoch) == (epoch.organisation, epoch.epoch)]
        check_seats(epoch, seats, holders_of(seat_holders(after, epoch.organisation, epoch.epoch)))
    if len(submission.seats) != sum(epoch.seat_count for epoch in epochs):
        raise BesideMismatchError("a seat of an epoch that no statement begins")
    _check_mandates([kind for kind in kinds if isinstance(kind, OfficerMandate)], submission.mandates)
    # What founders say about a State's authority is about that body too, and does not make its profiles theirs.
    own = {getattr(kind, "organisation", None) for kind in kinds if not isinstance(kind, AuthorityAdd)}
    for profile in submission.profiles:
        officer = after.officer(profile.officer)
        if officer.organisation != profile.reader or after.epoch(profile.reader, profile.epoch) is None:
            raise BesideMismatchError("a profile is not sealed to an epoch of the officer's own body")
        if profile.reader not in own:
            raise BesideMismatchError("a profile of a body that none of these statements is about")


def named_keys(kind: Kind) -> Iterator[tuple[int, bytes]]:
    """Yield (use, key id) of each key a statement names whose bytes must lie beside it."""
    if isinstance(kind, EpochAdd):
        yield USE_SEAL, kind.key
    elif isinstance(kind, OfficerEnrol):
        yield from _three(kind.officer.sign, kind.officer.seal, kind.officer.stop)
    elif isinstance(kind, OrganisationAdd):
        for officer in kind.focal_points:
            yield from _three(officer.sign, officer.seal, officer.stop)
    elif isinstance(kind, Root):
        yield USE_SEAL, kind.lock_key
        for founder in kind.founders:
            yield from _three(founder.sign, founder.seal, founder.stop)


def seat_holders(directory: Directory, organisation: str, epoch: int) -> tuple[Officer, ...]:
    """Return the officers who hold a seat in an epoch, active or not; none for an epoch that does not exist."""
    found = directory.epoch(organisation, epoch)
    return () if found is None else tuple(directory.officer(officer) for officer in found.officers)


def _statement(text: object) -> Statement:
    if not isinstance(text, str) or not text.isascii():
        raise MalformedError("a submission holds something that is not a statement")
    return parse(text.encode("ascii"))


def _three(sign: bytes, seal: bytes, stop: bytes) -> Iterator[tuple[int, bytes]]:
    yield USE_SIGN, sign
    yield USE_SEAL, seal
    yield USE_SIGN, stop


def _check_keys(kinds: Iterable[Kind], given: Mapping[bytes, bytes], known: PublicOf) -> None:
    named: set[bytes] = set()
    for kind in kinds:
        for use, kid in named_keys(kind):
            named.add(kid)
            public = given.get(kid) or known(kid)
            if public is None:
                raise KeyMissingError("the public bytes of a key that a statement names are not beside it")
            if key_id(use, public) != kid:
                raise BesideMismatchError("a public key is not the one its id names")
            if use == USE_SIGN:
                check_sign_public(public)
            else:
                check_seal_public(public)
    if not given.keys() <= named:
        raise BesideMismatchError("a public key that no statement names")


def _check_mandates(mandates: Iterable[OfficerMandate], halves: Iterable[MandateHalf]) -> None:
    by_hash = {half.hash: half for half in halves}
    due = {mandate.private for mandate in mandates}
    if by_hash.keys() != due:
        raise BesideMismatchError("the private halves are not one for each mandate")
    for digest, half in by_hash.items():
        if not matches(digest, half.salt, half.spelling):
            raise BesideMismatchError("the private half of a mandate is not the one it names")
        PrivateMandate.read(half.spelling)
