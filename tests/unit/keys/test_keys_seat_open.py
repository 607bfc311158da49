"""Opening what was sealed to a key, an officer's seat, and a history link."""

import pytest

from keys.errors import CannotOpenError, KeyMismatchError, MalformedError
from keys.recipient import history_info, seat_info, wrap
from keys.seat_open import SealKey, open_history_link, open_seat, public_of_seed

OFFICER = SealKey(b"o" * 32)
EPOCH = SealKey(b"e" * 32)
SEAT = wrap(OFFICER.public, EPOCH.seed, seat_info("un-spt", 2, OFFICER.key_id))
SEALED = wrap(OFFICER.public, b"secret", b"info")


def test_a_sealed_secret_opens() -> None:
    """With the key and the info it was sealed under."""
    assert OFFICER.open(SEALED, b"info") == b"secret"


@pytest.mark.parametrize("position", [0, 1087, 1088, 1119, 1120, len(SEALED) - 1])
def test_a_changed_byte_does_not_open(position: int) -> None:
    """Whether in the ML-KEM ciphertext, the X25519 point, the ciphertext or its tag."""
    changed = bytearray(SEALED)
    changed[position] ^= 1
    with pytest.raises(CannotOpenError):
        OFFICER.open(bytes(changed), b"info")


@pytest.mark.parametrize(
    "sealed",
    [b"", SEALED[:1120], SEALED[:1135], SEALED[:-1], SEALED + b"\0", SEALED[:1088] + bytes(32) + SEALED[1120:]],
    ids=range(6),
)
def test_a_cut_or_crooked_message_does_not_open(sealed: bytes) -> None:
    """Too short, too long, or with an X25519 point of small order: one error, which does not say which."""
    with pytest.raises(CannotOpenError):
        OFFICER.open(sealed, b"info")


def test_another_key_or_info_does_not_open() -> None:
    """Everything a ciphertext is bound to stands in its info."""
    with pytest.raises(CannotOpenError):
        EPOCH.open(SEALED, b"info")
    with pytest.raises(CannotOpenError):
        OFFICER.open(SEALED, b"other")


def test_a_seat_gives_the_epochs_key() -> None:
    """Whose id is the one the directory publishes."""
    opened = open_seat(OFFICER, SEAT, "un-spt", 2, EPOCH.key_id)
    assert (opened.key_id, opened.public) == (EPOCH.key_id, public_of_seed(EPOCH.seed))


@pytest.mark.parametrize(("organisation", "epoch"), [("un-spt", 3), ("coe-cpt", 2)])
def test_a_seat_of_another_body_or_epoch_does_not_open(organisation: str, epoch: int) -> None:
    """The info names both."""
    with pytest.raises(CannotOpenError):
        open_seat(OFFICER, SEAT, organisation, epoch, EPOCH.key_id)


def test_a_seat_with_another_seed_than_published_is_refused() -> None:
    """Its maker alone would read what the officer believes the body shares."""
    with pytest.raises(KeyMismatchError):
        open_seat(OFFICER, SEAT, "un-spt", 2, OFFICER.key_id)


def test_a_seat_that_holds_no_seed_is_refused() -> None:
    """32 bytes, nothing else."""
    seat = wrap(OFFICER.public, EPOCH.seed + b"x", seat_info("un-spt", 2, OFFICER.key_id))
    with pytest.raises(CannotOpenError):
        open_seat(OFFICER, seat, "un-spt", 2, EPOCH.key_id)


def test_a_history_link_gives_the_old_epochs_key() -> None:
    """From the new epoch's key, under both numbers."""
    old = SealKey.generate()
    link = wrap(EPOCH.public, old.seed, history_info("un-spt", 1, 2))
    assert open_history_link(EPOCH, link, "un-spt", 1, 2, old.key_id).key_id == old.key_id
    with pytest.raises(CannotOpenError):
        open_history_link(EPOCH, link, "un-spt", 2, 3, old.key_id)
    with pytest.raises(KeyMismatchError):
        open_history_link(EPOCH, link, "un-spt", 1, 2, EPOCH.key_id)


def test_info_strings_refuse_what_they_cannot_name() -> None:
    """No epoch 0, no organisation that is not ASCII, no key id of another length."""
    for call in (
        lambda: seat_info("un-spt", 0, OFFICER.key_id),
        lambda: seat_info("é", 1, OFFICER.key_id),
        lambda: seat_info("", 1, OFFICER.key_id),
        lambda: seat_info("un-spt", 1, b"short"),
        lambda: history_info("un-spt", 2**32, 1),
    ):
        with pytest.raises(MalformedError):
            call()


def test_a_seal_key_shows_its_id_alone() -> None:
    """The seed stands in no repr."""
    assert repr(OFFICER) == f"<SealKey {OFFICER.key_id.hex()[:16]}>"
