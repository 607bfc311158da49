"""Seats, the public half: an epoch's 32-byte seed wrapped for each active officer, and the root that binds them.

The seats root is the RFC 6962 head over officer (16) || seal key id (32) || ciphertext (1,168), one leaf a seat, sorted by
officer; it stands in `organisation.epoch`, so the server can neither add a seat nor change one. Opening a seat is
`keys.seat_open`, the private half.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from keys import fields
from keys.directory_bodies import EpochAdd
from keys.directory_payload import Link
from keys.encoding import b64u, unb64u
from keys.errors import BadKeyError, MalformedError
from keys.merkle_head import tree_head
from keys.recipient import seat_info, wrap, wrapped_size
from keys.replay_errors import BesideMismatchError, SeatCountError
from keys.replay_records import Officer
from keys.suite import SEED_BYTES, USE_SEAL, key_id

SEAT_BYTES: Final = wrapped_size(SEED_BYTES)

_SEAT: Final[fields.Schema] = {
    "epoch": fields.integer(1, 2**32 - 1),
    "officer": fields.ID16,
    "organisation": fields.organisation,
    "seat": fields.b64u_of(SEAT_BYTES),
}


@dataclass(frozen=True)
class Holder:
    """Who is to hold a seat: an officer (16 bytes), their seal key id (32) and, for making it, the key (1,216)."""

    officer: bytes
    seal: bytes
    public: bytes = b""


@dataclass(frozen=True)
class Seat:
    """One officer's seat in an epoch, as it lies beside the statement."""

    organisation: str
    epoch: int
    officer: bytes
    ciphertext: bytes

    def body(self) -> dict[str, Any]:
        """Return the seat as JSON values of a submission: {organisation, epoch, officer, seat}."""
        return {
            "epoch": self.epoch,
            "officer": b64u(self.officer),
            "organisation": self.organisation,
            "seat": b64u(self.ciphertext),
        }

    @classmethod
    def read(cls, body: object) -> "Seat":
        """Return the seat of JSON values; MalformedError for anything else, a wrong length included."""
        checked = fields.check(body, _SEAT)
        officer, ciphertext = unb64u(checked["officer"]), unb64u(checked["seat"])
        return cls(checked["organisation"], checked["epoch"], officer, ciphertext)


def holders_of(officers: Iterable[Officer], public: Mapping[bytes, bytes] | None = None) -> tuple[Holder, ...]:
    """Return the holders that these active officers are; `public` gives key bytes by key id where seats are to be made.

    MalformedError when `public` lacks an officer's key: a seat must not silently be left out.
    """
    if public is None:
        return tuple(Holder(officer.id, officer.seal) for officer in officers)
    holders = []
    for officer in officers:
        if officer.seal not in public:
            raise MalformedError("an officer's sealing key is not at hand")
        holders.append(Holder(officer.id, officer.seal, public[officer.seal]))
    return tuple(holders)


def make_epoch(
    link: Link, organisation: str, epoch: int, seed: bytes, public: bytes, holders: Iterable[Holder]
) -> tuple[EpochAdd, tuple[Seat, ...]]:
    """Make an epoch of a body: the statement's values (to be signed by a focal point) and its seats.

    `seed` is the epoch's 32-byte secret, `public` the 1,216-byte key it gives (`keys.seat_open.public_of_seed`); every
    active officer must be among `holders`, each once. Raises BadKeyError for a holder's key that is not the one its id
    names, MalformedError for a seed of another length, SeatCountError for no or a double holder.
    """
    if len(seed) != SEED_BYTES:
        raise MalformedError(f"an epoch's seed has {SEED_BYTES} bytes")
    ordered = sorted(holders, key=lambda holder: holder.officer)
    if not ordered or len({holder.officer for holder in ordered}) != len(ordered):
        raise SeatCountError("an epoch has one seat for each of at least one officer")
    seats = []
    for holder in ordered:
        if key_id(USE_SEAL, holder.public) != holder.seal:
            raise BadKeyError("a sealing key is not the one its id names")
        ciphertext = wrap(holder.public, seed, seat_info(organisation, epoch, holder.seal))
        seats.append(Seat(organisation, epoch, holder.officer, ciphertext))
    root = seats_root(seats, ordered)
    values = EpochAdd(link, organisation, epoch, key_id(USE_SEAL, public), len(seats), root)
    return values, tuple(seats)


def seats_root(seats: Iterable[Seat], holders: Iterable[Holder]) -> bytes:
    """Return the RFC 6962 head over officer || seal key id || ciphertext of each holder's seat, sorted by officer.

    SeatCountError unless there is exactly one seat for each holder and none for anyone else.
    """
    given = list(seats)
    by_officer = {seat.officer: seat for seat in given}
    due = {holder.officer: holder for holder in holders}
    if len(by_officer) != len(given) or by_officer.keys() != due.keys():
        raise SeatCountError("the seats are not one for each active officer")
    return tree_head(officer + due[officer].seal + by_officer[officer].ciphertext for officer in sorted(due))


def check_seats(epoch: EpochAdd, seats: Iterable[Seat], holders: Iterable[Holder]) -> None:
    """Check the seats given beside an epoch statement against it; `holders` are the officers active at that point.

    1. Each seat is of this body and epoch (BesideMismatchError). 2. There is one for each holder and none other
    (SeatCountError). 3. Their root is the one in the statement (BesideMismatchError).
    """
    given = tuple(seats)
    if any((seat.organisation, seat.epoch) != (epoch.organisation, epoch.epoch) for seat in given):
        raise BesideMismatchError("a seat of another body or epoch")
    root = seats_root(given, holders)
    if len(given) != epoch.seat_count:
        raise SeatCountError("the seats are not as many as the epoch says")
    if not hmac.compare_digest(root, epoch.seats_root):
        raise BesideMismatchError("the seats are not those whose root the epoch names")
