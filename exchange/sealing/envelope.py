"""Envelopes: a part's content key wrapped to a recipient, and the exchange's lock around it (wrap only).

Inner envelope: HPKE of the 32-byte content key to the recipient's epoch key, 1,168 bytes; its SHA-256 is its name
everywhere. The lock seals it once more to the exchange's lock key, 2,304 bytes: a stolen package or backup, even with
a recipient's key, opens nothing that was not released.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from exchange.sealing.content import KEY_BYTES, PART_BYTES, REPORT_BYTES
from exchange.sealing.errors import EnvelopeError, RecipientError
from keys import fields
from keys.encoding import lp, u32
from keys.errors import MalformedError
from keys.recipient import wrap, wrapped_size
from keys.suite import USE_SEAL, key_id

ENVELOPE_BYTES: Final = wrapped_size(KEY_BYTES)
LOCKED_BYTES: Final = wrapped_size(ENVELOPE_BYTES)
KEY_ID_BYTES: Final = 32
COMMITMENT_BYTES: Final = 32

_INNER_LABEL: Final = b"exchange/envelope/v1\0"
_LOCK_LABEL: Final = b"exchange/lock/v1\0"
_KEPT_LABEL: Final = b"exchange/spool/v1\0"


@dataclass(frozen=True)
class SealTo:
    """A key to seal to: a recipient's epoch key, or the exchange's lock key; `public` is its 1,216 bytes."""

    public: bytes

    @property
    def key_id(self) -> bytes:
        """The key's 32-byte id."""
        return key_id(USE_SEAL, self.public)


@dataclass(frozen=True)
class LockedEnvelope:
    """An envelope under the lock (2,304 bytes) and the id of the lock key it needs (32 bytes)."""

    lock_key: bytes
    sealed: bytes

    @property
    def wire(self) -> bytes:
        """The form in a package: lock key id || locked envelope, 2,336 bytes."""
        return self.lock_key + self.sealed

    @classmethod
    def parse(cls, data: bytes) -> "LockedEnvelope":
        """Parse the form in a package; EnvelopeError for another length."""
        if len(data) != KEY_ID_BYTES + LOCKED_BYTES:
            raise EnvelopeError(f"a locked envelope has {KEY_ID_BYTES + LOCKED_BYTES} bytes")
        return cls(data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


@dataclass(frozen=True)
class EnvelopePlace:
    """What an envelope is bound to: report, owner, part and commitment of its content, recipient, epoch and key."""

    report: bytes
    owner: str
    commitment: bytes
    part: bytes
    organisation: str
    epoch: int
    key_id: bytes


def inner_info(place: EnvelopePlace) -> bytes:
    """Return the HPKE info of the inner envelope; EnvelopeError for values of the wrong size or form.

    label || report (16) || lp(owner) || commitment (32) || part (8) || lp(organisation) || u32 epoch || key id (32)
    """
    if len(place.commitment) != COMMITMENT_BYTES or len(place.key_id) != KEY_ID_BYTES or not 1 <= place.epoch < 2**32:
        raise EnvelopeError("an envelope's commitment, key id or epoch is not of its size")
    head = _INNER_LABEL + _id(place.report, REPORT_BYTES) + _name(place.owner) + place.commitment
    return head + _id(place.part, PART_BYTES) + _name(place.organisation) + u32(place.epoch) + place.key_id


def lock_info(report: bytes, part: bytes, organisation: str) -> bytes:
    """Return the HPKE info of the lock: label || report (16) || part (8) || lp(organisation)."""
    return _LOCK_LABEL + _id(report, REPORT_BYTES) + _id(part, PART_BYTES) + _name(organisation)


def kept_key_info(report: bytes, part: bytes, officer_key_id: bytes) -> bytes:
    """Return the HPKE info of a content key kept in a spool for its sender: label || report || part || key id (32).

    A rule of ours beside formats: the kept key never leaves the sender's machine, so no other side needs this label.
    """
    return _KEPT_LABEL + _id(report, REPORT_BYTES) + _id(part, PART_BYTES) + _id(officer_key_id, KEY_ID_BYTES)


def wrap_key(content_key: bytes, place: EnvelopePlace, recipient: SealTo) -> bytes:
    """Return the inner envelope, 1,168 bytes; RecipientError when the key is not the one `place` names."""
    if recipient.key_id != place.key_id:
        raise RecipientError("a recipient's key is not the one its key id names")
    if len(content_key) != KEY_BYTES:
        raise EnvelopeError("a content key has 32 bytes")
    return wrap(recipient.public, content_key, inner_info(place))


def lock(envelope: bytes, report: bytes, part: bytes, organisation: str, lock_key: SealTo) -> LockedEnvelope:
    """Put the exchange's lock around an inner envelope; EnvelopeError when it is not 1,168 bytes."""
    check_size(envelope)
    return LockedEnvelope(lock_key.key_id, wrap(lock_key.public, envelope, lock_info(report, part, organisation)))


def envelope_hash(envelope: bytes) -> bytes:
    """Return an envelope's hash everywhere: SHA-256 of its 1,168 inner bytes."""
    check_size(envelope)
    return hashlib.sha256(envelope).digest()


def check_hash(envelope: bytes, named: bytes) -> None:
    """EnvelopeError unless the inner envelope's hash is the one that a descriptor, grant or release names."""
    if not hmac.compare_digest(envelope_hash(envelope), named):
        raise EnvelopeError("an envelope is not the one that is named")


def check_size(envelope: bytes) -> None:
    """EnvelopeError unless an inner envelope has 1,168 bytes."""
    if len(envelope) != ENVELOPE_BYTES:
        raise EnvelopeError(f"an envelope has {ENVELOPE_BYTES} bytes")


def _id(value: bytes, length: int) -> bytes:
    if len(value) != length:
        raise EnvelopeError(f"an id of {len(value)} bytes where {length} are due")
    return value


def _name(organisation: str) -> bytes:
    try:
        fields.organisation(organisation)
    except MalformedError as error:
        raise EnvelopeError("not an organisation id") from error
    return lp(organisation.encode("ascii"))
