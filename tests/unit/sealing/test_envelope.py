"""Envelopes: fixed sizes, bound to every value of their place, and locked on top."""

import hashlib
from dataclasses import replace

import pytest

from exchange.sealing import envelope
from exchange.sealing.envelope import EnvelopePlace, LockedEnvelope, SealTo
from exchange.sealing.errors import EnvelopeError, RecipientError
from exchange.sealing.unseal.content import open_kept_key, unwrap_key
from keys.custody import LockKey
from keys.errors import CannotOpenError
from keys.recipient import wrap
from keys.seat_open import SealKey

RECIPIENT = SealKey(bytes(range(32)))
LOCK = LockKey(bytes(range(1, 33)))
KEY = bytes(range(2, 34))
PLACE = EnvelopePlace(
    report=bytes(range(16)),
    owner="coe-cpt",
    commitment=bytes(range(3, 35)),
    part=bytes(range(8)),
    organisation="un-spt",
    epoch=3,
    key_id=RECIPIENT.key_id,
)


def wrapped() -> bytes:
    """Return a fresh inner envelope."""
    return envelope.wrap_key(KEY, PLACE, SealTo(RECIPIENT.public))


def test_an_envelope_has_1168_bytes_and_its_lock_2304() -> None:
    """The sizes of the specification; the hash is SHA-256 of the inner bytes."""
    inner = wrapped()
    locked = envelope.lock(inner, PLACE.report, PLACE.part, PLACE.organisation, SealTo(LOCK.public))
    assert len(inner) == envelope.ENVELOPE_BYTES == 1_168
    assert len(locked.sealed) == envelope.LOCKED_BYTES == 2_304
    assert locked.lock_key == LOCK.key_id
    assert envelope.envelope_hash(inner) == hashlib.sha256(inner).digest()


def test_the_info_strings_are_those_of_the_specification() -> None:
    """Spelled here byte by byte, so that a change to either is seen."""
    assert envelope.inner_info(PLACE) == (
        b"exchange/envelope/v1\0" + PLACE.report + b"\0\x07coe-cpt" + PLACE.commitment + PLACE.part
        + b"\0\x06un-spt" + b"\0\0\0\x03" + RECIPIENT.key_id
    )  # fmt: skip
    assert envelope.lock_info(PLACE.report, PLACE.part, "state:XA") == (
        b"exchange/lock/v1\0" + PLACE.report + PLACE.part + b"\0\x08state:XA"
    )


def test_the_recipient_opens_what_was_wrapped_and_the_lock_key_only_locks() -> None:
    """Lock off, key out: each key opens its own layer and not the other's."""
    inner = wrapped()
    locked = envelope.lock(inner, PLACE.report, PLACE.part, PLACE.organisation, SealTo(LOCK.public))
    info = envelope.lock_info(PLACE.report, PLACE.part, PLACE.organisation)
    assert LOCK.open(locked.sealed, info) == inner
    assert unwrap_key(inner, PLACE, RECIPIENT) == KEY
    with pytest.raises(CannotOpenError):
        LOCK.open(inner, envelope.inner_info(PLACE))
    with pytest.raises(EnvelopeError):
        unwrap_key(locked.sealed[:1_168], PLACE, RECIPIENT)


@pytest.mark.parametrize(
    "other",
    [
        replace(PLACE, report=bytes(16)),
        replace(PLACE, owner="un-spt"),
        replace(PLACE, commitment=bytes(32)),
        replace(PLACE, part=bytes(8)),
        replace(PLACE, organisation="npm-xa"),
        replace(PLACE, epoch=4),
    ],
)
def test_an_envelope_opens_in_its_place_alone(other: EnvelopePlace) -> None:
    """Another report, owner, commitment, part, recipient or epoch: the same bytes do not open."""
    with pytest.raises(EnvelopeError):
        unwrap_key(wrapped(), other, RECIPIENT)


def test_an_envelope_for_another_key_is_refused() -> None:
    """A reader with another key, and a sender whose key is not the one named, are both told."""
    stranger = SealKey(bytes(32))
    with pytest.raises(EnvelopeError):
        unwrap_key(wrapped(), PLACE, stranger)
    with pytest.raises(EnvelopeError):
        unwrap_key(wrapped(), replace(PLACE, key_id=stranger.key_id), stranger)
    with pytest.raises(RecipientError):
        envelope.wrap_key(KEY, PLACE, SealTo(stranger.public))


@pytest.mark.parametrize("place", [0, 1_119, 1_120, -1])
def test_a_damaged_envelope_does_not_open(place: int) -> None:
    """Encapsulation and ciphertext are both bound."""
    damaged = bytearray(wrapped())
    damaged[place] ^= 1
    with pytest.raises(EnvelopeError):
        unwrap_key(bytes(damaged), PLACE, RECIPIENT)


def test_what_does_not_hold_a_content_key_is_refused() -> None:
    """An envelope of the right size cannot hold other than 32 bytes; one of another size is refused first."""
    with pytest.raises(EnvelopeError):
        unwrap_key(wrap(RECIPIENT.public, bytes(33), envelope.inner_info(PLACE)), PLACE, RECIPIENT)
    with pytest.raises(EnvelopeError):
        envelope.wrap_key(bytes(31), PLACE, SealTo(RECIPIENT.public))


@pytest.mark.parametrize(
    "other",
    [
        replace(PLACE, report=bytes(15)),
        replace(PLACE, part=bytes(9)),
        replace(PLACE, commitment=bytes(31)),
        replace(PLACE, key_id=bytes(31)),
        replace(PLACE, epoch=0),
        replace(PLACE, epoch=2**32),
        replace(PLACE, owner="Not An Id"),
        replace(PLACE, organisation=""),
        replace(PLACE, organisation="é-spt"),
    ],
)
def test_values_of_the_wrong_size_or_form_give_no_info_string(other: EnvelopePlace) -> None:
    """A shifted field could make one info string out of two places: sizes and ids are checked."""
    with pytest.raises(EnvelopeError):
        envelope.inner_info(other)


def test_a_locked_envelope_prints_and_parses_back() -> None:
    """Lock key id and 2,304 bytes, 2,336 in all; another length is refused."""
    locked = LockedEnvelope(bytes(32), bytes(2_304))
    assert LockedEnvelope.parse(locked.wire) == locked
    for data in (b"", locked.wire[:-1], locked.wire + b"\0"):
        with pytest.raises(EnvelopeError):
            LockedEnvelope.parse(data)


def test_an_envelope_that_is_not_the_named_one_is_found() -> None:
    """The hash that a descriptor, a grant or an entry names decides, not whether the envelope opens."""
    inner = wrapped()
    envelope.check_hash(inner, envelope.envelope_hash(inner))
    with pytest.raises(EnvelopeError):
        envelope.check_hash(wrapped(), envelope.envelope_hash(inner))
    with pytest.raises(EnvelopeError):
        envelope.envelope_hash(inner[:-1])


def test_a_kept_key_opens_for_its_officer_report_and_part_alone() -> None:
    """The key that the spool keeps is bound to where it belongs."""
    kept = wrap(RECIPIENT.public, KEY, envelope.kept_key_info(PLACE.report, PLACE.part, RECIPIENT.key_id))
    assert open_kept_key(kept, PLACE.report, PLACE.part, RECIPIENT) == KEY
    for report, part, key in (
        (bytes(16), PLACE.part, RECIPIENT),
        (PLACE.report, bytes(8), RECIPIENT),
        (PLACE.report, PLACE.part, SealKey(bytes(32))),
    ):
        with pytest.raises(EnvelopeError):
            open_kept_key(kept, report, part, key)
