"""What the directory says of signing keys, in the form in which statements are verified (exchange.statements.signers)."""

from datetime import datetime
from typing import Final

from exchange.db import UnitOfWork
from exchange.directory.snapshots import public_of
from exchange.statements.signers import CLOCK_TOLERANCE, Place, Signer, SignerBook
from exchange.web.errors import ClockOffError
from keys.replay import PublicOf
from keys.replay_directory import Directory
from keys.replay_records import Officer

# Before every entry: an officer whose mandate is not in force signs nothing that is about to be logged.
_NEVER: Final[Place] = (0, 0)


def check_time(stated: datetime, now: datetime) -> None:
    """Hold the time in a statement to within five minutes of the server's clock.

    ClockOffError of `exchange.web`, whose problem document tells the client the server's time.
    """
    if abs(stated - now) > CLOCK_TOLERANCE:
        raise ClockOffError("a statement's time is too far from the server's clock", now)


def signer_book(uow: UnitOfWork, directory: Directory) -> SignerBook:
    """Return the book for statements about to be logged in this unit: every key, and any mandate, must be good now."""
    find = public_of(uow)
    return SignerBook(directory.exchange, lambda kid: signer_of(directory, find, kid, uow.now))


def signer_of(directory: Directory, find: PublicOf, kid: bytes, now: datetime) -> Signer | None:
    """Return an officer's signing key with the States it speaks for at `now`; None for every other key."""
    officer = directory.officer_at(kid)
    public = None if officer is None else find(kid)
    if officer is None or public is None:
        return None
    ended = None if officer.ended is None else (officer.ended.at.n, officer.ended.at.size)
    if ended is None and not officer.may_act(now):
        ended = _NEVER
    return Signer(public, officer.id, officer.organisation, ended, _states(directory, officer, now))


def _states(directory: Directory, officer: Officer, now: datetime) -> frozenset[str]:
    found = set()
    for organisation, authorities in directory.all_authorities.items():
        state = organisation.removeprefix("state:")
        if any(a.officer == officer.id for a in authorities) and directory.is_authority(officer.id, state, now):
            found.add(state)
    return frozenset(found)
