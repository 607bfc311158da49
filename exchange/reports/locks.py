"""The exchange's lock around envelopes. At registration it comes off, is looked at and put back in mind alone; only
`unlock`, which a release calls, takes it off for good.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from exchange.reports.errors import StaleLockKeyError
from exchange.sealing.envelope import LockedEnvelope, check_hash, lock_info
from exchange.sealing.errors import EnvelopeError
from keys.custody import Custody, LockKey
from keys.encoding import parse_uuid
from keys.errors import CannotOpenError


@dataclass(frozen=True)
class KeptEnvelope:
    """A locked envelope as it is kept: whose, of which part, to which epoch and key; `statement` names it."""

    report: str
    part: bytes
    organisation: str
    epoch: int
    key: bytes
    hash: bytes
    lock_key: bytes
    sealed: bytes = field(repr=False)
    statement: bytes


@dataclass(frozen=True)
class Named:
    """An envelope that a descriptor or a grant names: for whom, of which part, and its hash."""

    organisation: str
    part: bytes
    hash: bytes


class Locks:
    """Takes locks off with the keys in custody."""

    def __init__(self, custody: Custody) -> None:
        self._custody = custody

    def check_current(self, envelopes: Iterable[LockedEnvelope]) -> None:
        """StaleLockKeyError unless every envelope is under the current lock key."""
        current = self._custody.lock_key_id
        if any(envelope.lock_key != current for envelope in envelopes):
            raise StaleLockKeyError("an envelope is under another lock key than the current one")

    def check(self, report: bytes, named: Iterable[Named], envelopes: Mapping[bytes, LockedEnvelope]) -> None:
        """Take each lock off, hold what is inside to the hash it is named by, and forget it.

        Raises StaleLockKeyError, and EnvelopeError where a lock does not come off or another envelope is inside.
        About 0.1 ms an envelope: call it with no writing unit open where there may be many.
        """
        self.check_current(envelopes.values())
        for each in named:
            key = self._custody.lock_key(envelopes[each.hash].lock_key)
            check_hash(_open(key, envelopes[each.hash].sealed, report, each.part, each.organisation), each.hash)

    def unlock(self, kept: KeptEnvelope) -> bytes:
        """Return the inner envelope, 1,168 bytes, for a release that is permitted and has its entry.

        Raises EnvelopeError or UnknownKeyError where the instance's data or custody are not what they were.
        """
        key = self._custody.lock_key(kept.lock_key)
        inner = _open(key, kept.sealed, parse_uuid(kept.report), kept.part, kept.organisation)
        check_hash(inner, kept.hash)
        return inner


def _open(key: LockKey, sealed: bytes, report: bytes, part: bytes, organisation: str) -> bytes:
    try:
        return key.open(sealed, lock_info(report, part, organisation))
    except CannotOpenError as error:
        raise EnvelopeError("an envelope's lock does not come off") from error
