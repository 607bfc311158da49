"""Who signed, and whether that counts: a signature is good if its key was good when the log took the statement.

The directory is asked through `SignerOf`; where a key's end is compared with the log, the statement's own place in it
(n, index) must have been proven by its ticket before (exchange.ledger). Everything here is pure.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from exchange.statements.errors import (
    ClockOffError,
    EndedSignerError,
    OtherExchangeError,
    TooFewSignersError,
    TooManySignersError,
    UnknownSignerError,
    WrongSignerError,
)
from keys.statement import Statement

# A place in the audit logs: (number of the log, index or size). Logs follow each other, so pairs compare as they stand.
Place: TypeAlias = tuple[int, int]

CLOCK_TOLERANCE: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Signer:
    """What the directory says of a signing key: its 32 public bytes, its officer (16 bytes), and that officer's body.

    `ended_at` is None while the key is good, else the checkpoint (n, size) from which nothing it signed counts.
    `authority_of` are the States ("XA") for which an `authority` statement names this key, in force at the time that
    the caller asks about.
    """

    public: bytes
    officer: bytes
    organisation: str
    ended_at: Place | None = None
    authority_of: frozenset[str] = frozenset()


SignerOf: TypeAlias = Callable[[bytes], Signer | None]


@dataclass(frozen=True)
class SignerBook:
    """What verification stands on: the exchange (hash of `root`), the directory's signers, and the statement's place.

    `place` is (n, index) of the statement's own entry, proven by its ticket; None for a statement that is about to be
    logged, for which every key must be good now.
    """

    exchange: bytes
    signer_of: SignerOf
    place: Place | None = None

    def signers(self, statement: Statement, exchange: bytes) -> tuple[Signer, ...]:
        """Return who signed, by key id, once all of this holds:

        1. the payload names this exchange (OtherExchangeError);
        2. the directory knows every signer's key (UnknownSignerError);
        3. every signature verifies (BadSignatureError, BadKeyError);
        4. every key was good at the statement's place (EndedSignerError).
        """
        if exchange != self.exchange:
            raise OtherExchangeError("a statement was made for another exchange")
        found = {kid: self._known(kid) for kid in statement.kids}
        statement.check_signatures(lambda kid: found[kid].public)
        for signer in found.values():
            if signer.ended_at is not None and (self.place is None or self.place >= signer.ended_at):
                raise EndedSignerError("a signer's key had ended")
        return tuple(found[kid] for kid in sorted(found))

    def _known(self, kid: bytes) -> Signer:
        signer = self.signer_of(kid)
        if signer is None:
            raise UnknownSignerError("a signer's key is not in the directory")
        return signer


def only(signers: tuple[Signer, ...]) -> Signer:
    """Return the one signer; TooManySignersError when there are more."""
    if len(signers) > 1:
        raise TooManySignersError("one officer signs this statement, not more")
    return signers[0]


def of_bodies(signers: tuple[Signer, ...], bodies: Collection[str]) -> None:
    """Hold every signer to be an officer of one of `bodies`: WrongSignerError."""
    if any(signer.organisation not in bodies for signer in signers):
        raise WrongSignerError("a signer is not an officer of the body this needs")


def at_least(signers: tuple[Signer, ...], officers: int) -> None:
    """Hold the signers to be at least so many different officers: TooFewSignersError says how many are missing."""
    missing = officers - len({signer.officer for signer in signers})
    if missing > 0:
        raise TooFewSignersError(f"{missing} more officer{'s' if missing > 1 else ''} must sign")


def check_clock(stated: datetime, now: datetime, tolerance: timedelta = CLOCK_TOLERANCE) -> None:
    """Hold a statement's time to within `tolerance` of `now`, either way: ClockOffError."""
    if abs(stated - now) > tolerance:
        raise ClockOffError("a statement's time is too far from this machine's")
