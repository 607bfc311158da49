"""HPKE with MLKEM768-X25519 agrees with the working group's vectors and with a second implementation of ours."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.bindings._rust import openssl as rust_openssl
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from keys.recipient import wrap, wrapped_size
from keys.seat_open import SealKey
from keys.suite import expand_seal_seed
from tests.unit.keys.hpke_by_hand import CHACHA20, HKDF_SHA256, Context, open_suite_1, xwing_decapsulate, xwing_halves

FOLDER = Path(__file__).parents[2] / "vectors" / "hpke-pq"
FILES = sorted(FOLDER.glob("*.json"))
KDFS = {1: KDF.HKDF_SHA256, 0x11: KDF.SHAKE256}


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_folder_holds_vectors() -> None:
    """An empty folder would let every test below pass without testing anything."""
    assert len(FILES) == 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestVectors:
    """Each file of the folder."""

    def test_the_seed_gives_the_public_key(self, path: Path) -> None:
        """A decapsulation key is its 32-byte seed, and expands to the draft's public key."""
        vector = load(path)
        assert SealKey(bytes.fromhex(vector["skRm"])).public.hex() == vector["pkRm"]

    def test_the_first_message_opens(self, path: Path) -> None:
        """The library opens the vector's first message, with its aad, under a key expanded as ours are."""
        vector = load(path)
        suite = Suite(KEM.MLKEM768_X25519, KDFS[vector["kdf_id"]], AEAD.CHACHA20_POLY1305)
        private = MLKEM768X25519PrivateKey(*xwing_halves(bytes.fromhex(vector["skRm"])))
        first = vector["encryptions"][0]
        sealed = bytes.fromhex(vector["enc"] + first["ct"])
        opened = rust_openssl.hpke._decrypt_with_aad(
            suite, sealed, private, info=bytes.fromhex(vector["info"]), aad=bytes.fromhex(first["aad"])
        )
        assert opened.hex() == first["pt"]

    def test_the_shared_secret_is_x_wings(self, path: Path) -> None:
        """Our X-Wing, built from the two halves, gives the draft's shared secret."""
        vector = load(path)
        assert (
            xwing_decapsulate(bytes.fromhex(vector["skRm"]), bytes.fromhex(vector["enc"])).hex()
            == vector["shared_secret"]
        )


def test_our_key_schedule_opens_every_message_of_the_vector() -> None:
    """The second implementation is right before it is used to judge the first: key, base nonce and all ten messages."""
    vector = next(v for v in map(load, FILES) if v["kdf_id"] == HKDF_SHA256)
    context = Context(bytes.fromhex(vector["shared_secret"]), bytes.fromhex(vector["info"]), CHACHA20)
    assert (context.key.hex(), context.base_nonce.hex()) == (vector["key"], vector["base_nonce"])
    for sequence, message in enumerate(vector["encryptions"]):
        opened = context.open(sequence, bytes.fromhex(message["aad"]), bytes.fromhex(message["ct"]))
        assert opened.hex() == message["pt"]


def test_the_second_implementation_opens_what_wrap_seals() -> None:
    """Suite 1 as a whole, AES-256-GCM included: X-Wing and RFC 9180 by hand open a wrapped secret."""
    seed, secret = secrets.token_bytes(32), secrets.token_bytes(32)
    message = wrap(SealKey(seed).public, secret, b"exchange/test/v1\0")
    assert len(message) == wrapped_size(32) == 1168
    assert open_suite_1(seed, message, b"exchange/test/v1\0") == secret


def test_the_expansion_is_shake256() -> None:
    """expand_seal_seed gives what the library's two halves are made from, in the draft's order."""
    seed = bytes(range(32))
    mlkem_seed, scalar = expand_seal_seed(seed)
    mlkem, x25519 = xwing_halves(seed)
    assert (mlkem.private_bytes_raw(), x25519.private_bytes_raw()) == (mlkem_seed, scalar)
