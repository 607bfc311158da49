"""The identity file: unlocked by its passphrase alone; wrong passphrase, damage and another version are told apart."""

import hashlib
import json
from functools import cache
from typing import Any

import pytest
from argon2.low_level import Type, hash_secret_raw

from keys import identity
from keys.encoding import b64u, canonical, unb64u
from keys.errors import (
    DamagedIdentityError,
    MalformedError,
    NotEnoughMemoryError,
    ShortPassphraseError,
    UnknownVersionError,
    WrongPassphraseError,
)
from keys.identity import IdentityFile, Officer, new_identity, new_stop_code, stop_key
from keys.passphrase import Cost, PassphraseLock
from keys.recipient import wrap
from keys.seat_open import SealKey
from keys.signing import SigningKey, verify
from tests.unit.keys.hpke_by_hand import hkdf_expand, hkdf_extract, open_cobblestone_256

PHRASE = "correct horse é battery"
LIGHT = Cost(64 * 1024, 3)


@cache
def made() -> tuple[IdentityFile, Officer]:
    """One identity at the lowest cost, made once for the whole file."""
    return new_identity(PHRASE, LIGHT)


def body_of(file: IdentityFile) -> dict[str, Any]:
    return json.loads(file.dump())


def with_check(body: dict[str, Any]) -> bytes:
    """The file with its check made anew, as a forger would."""
    rest = {name: value for name, value in body.items() if name != "check"}
    check = hashlib.sha256(b"exchange/identity/check/v1\0" + canonical(rest)).digest()
    return canonical({**rest, "check": b64u(check)}) + b"\n"


def test_a_new_identity_prints_back_and_unlocks() -> None:
    """The same officer, the same keys, in working order."""
    file, officer = made()
    parsed = IdentityFile.parse(file.dump())
    assert parsed == file
    unlocked = parsed.unlock(PHRASE)
    assert (unlocked.id, unlocked.sign.key_id, unlocked.seal.key_id) == (
        officer.id,
        officer.sign.key_id,
        officer.seal.key_id,
    )
    verify(officer.sign.public, unlocked.sign.sign(b"m"), b"m")
    assert unlocked.seal.open(wrap(officer.seal.public, b"kept key", b"i"), b"i") == b"kept key"


def test_a_composed_and_a_decomposed_letter_are_one_passphrase() -> None:
    """NFC: é typed as one character or as two."""
    assert made()[0].unlock("correct horse e\u0301 battery").id == made()[1].id


def test_an_independent_decoder_opens_the_file_by_the_specification() -> None:
    """Argon2id, HKDF-Expand and AES-GCM alone, and the contexts as docs/spec/identity.md spells them, give both keys."""
    body = body_of(made()[0])
    lock = body["locks"][0]
    kek = hash_secret_raw(
        PHRASE.encode(), unb64u(lock["salt"]), lock["passes"], lock["memory"], lock["lanes"], 32, Type.ID
    )
    bare = {name: value for name, value in lock.items() if name != "wrap"}
    vault = open_cobblestone_256(kek, b"exchange/identity/lock/v1\0" + canonical(bare), unb64u(lock["wrap"]))
    context = b"exchange/identity/v1\0\x01" + b"".join(
        unb64u(text) for text in (body["officer"], body["keys"]["sign"], body["keys"]["seal"])
    )
    seeds = open_cobblestone_256(vault, context, unb64u(body["sealed"]))
    assert b64u(SigningKey(seeds[:32]).key_id) == body["keys"]["sign"]
    assert b64u(SealKey(seeds[32:]).key_id) == body["keys"]["seal"]
    assert set(body) == {"check", "keys", "locks", "officer", "sealed", "version"}


def test_a_wrong_passphrase_is_that() -> None:
    """Also the empty one, and one of another case."""
    for phrase in ("", PHRASE.upper()):
        with pytest.raises(WrongPassphraseError):
            made()[0].unlock(phrase)


def test_a_flip_of_any_bit_is_damage_and_never_a_wrong_passphrase() -> None:
    """Every byte of the file in turn, salt, cost and wrap included. The version's digit alone may look like the future."""
    data = made()[0].dump()
    for position in range(len(data)):
        for bit in (1, 0x20):
            changed = bytearray(data)
            changed[position] ^= bit
            expected = (
                (DamagedIdentityError, UnknownVersionError)
                if b'"version":' in data[:position]
                else DamagedIdentityError
            )
            with pytest.raises(expected):
                IdentityFile.parse(bytes(changed))


@pytest.mark.parametrize("data", [b"", b"{}\n", b"[]\n", b"\xff\n", b"null\n"])
def test_a_cut_or_foreign_file_is_damaged(data: bytes) -> None:
    """Nothing else looks like an identity."""
    with pytest.raises(DamagedIdentityError):
        IdentityFile.parse(data)
    for text in (made()[0].dump()[:-1], made()[0].dump() + b"\n", made()[0].dump()[:300]):
        with pytest.raises(DamagedIdentityError):
            IdentityFile.parse(text)


def test_another_version_or_kind_of_lock_is_unknown() -> None:
    """Never skipped, even beside a lock that is known."""
    body = body_of(made()[0])
    device = {"kind": "passphrase+device"}
    for other in ({**body, "version": 2}, {**body, "version": 0}, {**body, "locks": [*body["locks"], device]}):
        with pytest.raises(UnknownVersionError):
            IdentityFile.parse(with_check(other))


@pytest.mark.parametrize(
    "change",
    [
        {"memory": 64 * 1024 - 1},
        {"memory": 1024 * 1024 + 1},
        {"passes": 2},
        {"passes": 11},
        {"lanes": 1},
        {"salt": b64u(bytes(8))},
        {"wrap": b64u(bytes(103))},
        {"more": 1},
    ],
    ids=repr,
)
def test_a_lock_out_of_bounds_is_refused_before_any_work(change: dict[str, Any]) -> None:
    """Too cheap to be safe, too dear to try, or of another shape; even with a check that matches."""
    body = body_of(made()[0])
    body["locks"] = [{**body["locks"][0], **change}]
    with pytest.raises(DamagedIdentityError):
        IdentityFile.parse(with_check(body))


@pytest.mark.parametrize("locks", [0, 5])
def test_from_one_to_four_locks(locks: int) -> None:
    """None would never open; many would be tried one after the other."""
    body = body_of(made()[0])
    with pytest.raises(DamagedIdentityError):
        IdentityFile.parse(with_check({**body, "locks": body["locks"] * locks}))


def test_a_file_put_together_from_two_is_damaged() -> None:
    """Keys of another officer under a good lock: the context of `sealed` names officer and keys."""
    body = body_of(made()[0])
    for name, value in (("officer", b64u(bytes(16))), ("keys", {"seal": b64u(bytes(32)), "sign": b64u(bytes(32))})):
        with pytest.raises(DamagedIdentityError, match="do not open"):
            IdentityFile.parse(with_check({**body, name: value})).unlock(PHRASE)


def test_seeds_that_give_other_keys_than_named_are_damage() -> None:
    """Made on purpose under the right vault key: the file's word is held against its seeds."""
    officer = made()[1]
    odd = identity._seal(officer, bytes(64), PHRASE, LIGHT)
    with pytest.raises(DamagedIdentityError, match="other keys"):
        odd.unlock(PHRASE)


def test_the_second_lock_opens_too() -> None:
    """Each lock wraps the same vault key."""
    file = made()[0]
    vault = file._vault_key(PHRASE)
    second = PassphraseLock.close(vault, "another long phrase", LIGHT)
    both = IdentityFile(file.officer, file.sign_key_id, file.seal_key_id, (*file.locks, second), file.sealed)
    assert IdentityFile.parse(both.dump()).unlock("another long phrase").id == file.officer


def test_changing_the_passphrase_keeps_the_keys() -> None:
    """New vault key, new salt; the old passphrase no longer opens; a wrong old one changes nothing."""
    file, officer = made()
    changed = file.change_passphrase(PHRASE, "a new long phrase", LIGHT)
    assert changed.unlock("a new long phrase").sign.key_id == officer.sign.key_id
    assert changed.sealed != file.sealed
    with pytest.raises(WrongPassphraseError):
        changed.unlock(PHRASE)
    with pytest.raises(WrongPassphraseError):
        file.change_passphrase("not the phrase", "a new long phrase", LIGHT)


def test_a_short_passphrase_is_refused() -> None:
    """Twelve characters, counted after NFC."""
    for phrase in ("", "elevenchars", "elevencharse\u0301"[:11]):
        with pytest.raises(ShortPassphraseError):
            new_identity(phrase, LIGHT)
    with pytest.raises(ShortPassphraseError):
        made()[0].change_passphrase(PHRASE, "short", LIGHT)


def test_a_lock_holds_32_bytes() -> None:
    """Nothing else is ever put under it."""
    with pytest.raises(MalformedError):
        PassphraseLock.close(bytes(31), PHRASE, LIGHT)


@pytest.mark.parametrize(("memory", "passes"), [(1024, 3), (2**21, 3), (65_536, 2), (65_536, 11)])
def test_a_cost_out_of_bounds_cannot_exist(memory: int, passes: int) -> None:
    """64 MiB to 1 GiB, 3 to 10 passes; the default lies within."""
    with pytest.raises(MalformedError):
        Cost(memory, passes)
    assert Cost() == Cost(256 * 1024, 3)


def test_a_machine_without_the_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2's own failure becomes an error that names the memory, not a wrong passphrase."""
    from argon2.exceptions import HashingError

    def fails(*_args: object, **_kwargs: object) -> bytes:
        raise HashingError("memory allocation error")

    monkeypatch.setattr("keys.passphrase.hash_secret_raw", fails)
    with pytest.raises(NotEnoughMemoryError, match="64 MiB"):
        made()[0].unlock(PHRASE)


def test_the_stop_key_is_the_specifications() -> None:
    """HKDF-SHA256 without salt, bound to the officer; another code or officer gives another key."""
    code, officer = bytes(range(16)), bytes(range(16, 32))
    seed = hkdf_expand(hkdf_extract(b"", code), b"exchange/stop/v1\0" + officer, 32)
    assert stop_key(code, officer).key_id == SigningKey(seed).key_id
    assert stop_key(code, bytes(16)).key_id != stop_key(code, officer).key_id
    assert len({new_stop_code(), new_stop_code()}) == 2
    for bad in ((b"", officer), (code, b"")):
        with pytest.raises(MalformedError):
            stop_key(*bad)


def test_nothing_shown_is_secret() -> None:
    """Neither repr nor message holds a passphrase or a seed."""
    file, officer = made()
    shown = repr(file) + repr(officer) + repr(file.locks)
    assert PHRASE not in shown
    assert officer.seal.seed.hex() not in shown
    assert repr(officer.seal.seed) not in shown
    with pytest.raises(WrongPassphraseError) as error:
        file.unlock("a very secret guess")
    assert "guess" not in str(error.value)
