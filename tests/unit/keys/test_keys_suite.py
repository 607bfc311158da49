"""Key ids, and public keys that are refused."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from keys.errors import BadKeyError, UnknownVersionError
from keys.recipient import history_info, seat_info, wrap
from keys.seat_open import SealKey, public_of_seed
from keys.signing import SigningKey
from keys.suite import SEAL_PUBLIC_BYTES, USE_SEAL, USE_SIGN, check_seal_public, check_suite, expand_seal_seed, key_id

P = 2**255 - 19
GOOD = public_of_seed(bytes(32))


def x25519_small_order() -> list[bytes]:
    """Every u below p whose point has order 1, 2, 4 or 8, found on the curve v^2 = u^3 + 486662 u^2 + u and its twist.

    u = 0 has order 2, u = 1 and u = -1 order 4; order 8 are the u whose double is u = 1 or u = -1:
    (u^2 - 1)^2 = t * 4 u (u^2 + 486662 u + 1) with t = 1 or -1. Its roots are found by taking square roots.
    """
    root_of_minus_1 = pow(2, (P - 1) // 4, P)

    def sqrt(n: int) -> int | None:
        candidate = pow(n, (P + 3) // 8, P)
        for root in (candidate, candidate * root_of_minus_1 % P):
            if root * root % P == n % P:
                return root
        return None

    found = {0, 1, P - 1}
    for target in (1, -1):
        # u^4 - 4t u^3 - (2 + 4t*486662) u^2 - 4t u + 1 = 0 is a palindrome: with w = u + 1/u, w^2 - 4t w - (4 + 4t*A) = 0.
        half = sqrt(4 + 4 + 4 * target * 486662)
        if half is None:
            continue
        for w in (2 * target + half, 2 * target - half):
            root = sqrt(w * w - 4)
            if root is not None:
                found |= {(w + sign * root) * pow(2, -1, P) % P for sign in (1, -1)}
    return [u.to_bytes(32, "little") for u in sorted(found)]


SMALL = x25519_small_order()


def test_the_list_of_small_order_points_is_right() -> None:
    """Five values of u, as RFC 7748's security considerations and the curve's cofactor of 8 (twist 4) lead to expect."""
    assert len(SMALL) == 5
    for point in SMALL:
        with pytest.raises(ValueError, match="shared key"):
            X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(point))


@pytest.mark.parametrize("point", SMALL, ids=lambda p: p.hex()[:8])
def test_a_small_order_x25519_point_is_refused(point: bytes) -> None:
    """Whoever publishes such a point would make the classical half of every wrap to it worthless."""
    with pytest.raises(BadKeyError):
        wrap(GOOD[:1184] + point, b"secret", b"")


@pytest.mark.parametrize("u", [P, P + 1, P + 9, 2**255 - 1, 2**255 + 9], ids=hex)
def test_a_second_spelling_of_an_x25519_point_is_refused(u: int) -> None:
    """Coordinates from p upward, and the unused top bit, would give one key two ids."""
    with pytest.raises(BadKeyError, match="one spelling"):
        check_seal_public(GOOD[:1184] + u.to_bytes(32, "little"))


def test_an_ml_kem_key_out_of_range_is_refused() -> None:
    """FIPS 203's modulus check: twelve-bit coefficients of 3,329 and more."""
    with pytest.raises(BadKeyError):
        check_seal_public(b"\xff" * 1184 + GOOD[1184:])


@pytest.mark.parametrize("length", [0, 32, 1184, SEAL_PUBLIC_BYTES - 1, SEAL_PUBLIC_BYTES + 1])
def test_a_sealing_key_of_another_length_is_refused(length: int) -> None:
    """1,216 bytes, nothing else."""
    with pytest.raises(BadKeyError):
        check_seal_public(bytes(length))


def test_the_key_id_is_the_hash_that_the_specification_says() -> None:
    """SHA-256(label || suite || use || public), the same key having another id for another use."""
    public = SigningKey(bytes(32)).public
    assert key_id(USE_SIGN, public) == hashlib.sha256(b"exchange/key/v1\0\x01\x01" + public).digest()
    assert key_id(USE_SEAL, GOOD) == hashlib.sha256(b"exchange/key/v1\0\x01\x02" + GOOD).digest()


@pytest.mark.parametrize(("use", "public"), [(0, bytes(32)), (3, bytes(32)), (USE_SIGN, GOOD), (USE_SEAL, bytes(32))])
def test_a_key_id_for_another_use_or_length_is_refused(use: int, public: bytes) -> None:
    """There is no id for bytes that are no key of that use."""
    with pytest.raises(BadKeyError):
        key_id(use, public)


def test_the_table_of_suites_is_closed() -> None:
    """Suite 1 is known, every other number is an unknown version."""
    check_suite(1)
    for number in (0, 2, 255):
        with pytest.raises(UnknownVersionError):
            check_suite(number)


def test_a_seed_of_another_length_is_refused() -> None:
    """32 bytes, for expansion and for both kinds of key."""
    for make in (expand_seal_seed, SealKey, SigningKey):
        with pytest.raises(BadKeyError):
            make(bytes(31))


def test_info_strings_are_those_of_the_specification() -> None:
    """Seat: label || lp(organisation) || u32 epoch || key id. History: label || lp(organisation) || u32 old || u32 new."""
    assert seat_info("un-spt", 3, b"k" * 32) == b"exchange/seat/v1\0\0\x06un-spt\0\0\0\x03" + b"k" * 32
    assert history_info("un-spt", 3, 4) == b"exchange/history/v1\0\0\x06un-spt\0\0\0\x03\0\0\0\x04"
