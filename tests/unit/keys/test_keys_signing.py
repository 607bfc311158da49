"""Ed25519: keys of small order and second spellings are refused, signatures hold or do not."""

import pytest

from keys.errors import BadKeyError, BadSignatureError
from keys.signing import SigningKey, check_sign_public, verify

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
KEY = SigningKey(bytes(range(32)))
SIGNATURE = KEY.sign(b"message")

Point = tuple[int, int]


def add(a: Point, b: Point) -> Point:
    """The complete addition law of edwards25519: -x^2 + y^2 = 1 + d x^2 y^2."""
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    x3 = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    y3 = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P
    return x3, y3


def x_of(y: int) -> int | None:
    """A square root of (y^2 - 1) / (d y^2 + 1), or None where y is on no point."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root * root % P == square else None


def torsion() -> set[Point]:
    """The eight points whose eightfold is the neutral one: multiply any point by the group's odd order L."""
    for y in range(2, 50):
        x = x_of(y)
        if x is None:
            continue
        result: Point = (0, 1)
        for bit in bin(L)[2:]:
            result = add(result, result)
            if bit == "1":
                result = add(result, (x, y))
        points, point = {(0, 1)}, result
        while point not in points:
            points.add(point)
            point = add(point, result)
        if len(points) == 8:
            return points
    raise AssertionError("no generator of the torsion below 50")


SMALL = sorted(((x & 1) << 255 | y).to_bytes(32, "little") for x, y in torsion())


def test_there_are_eight_points_of_small_order() -> None:
    """The cofactor of the curve."""
    assert len(set(SMALL)) == 8


@pytest.mark.parametrize("public", SMALL, ids=lambda p: p.hex()[:8])
def test_a_key_of_small_order_is_refused(public: bytes) -> None:
    """For such a key one signature can hold for many messages; with either sign bit."""
    for sign in (0, 0x80):
        with pytest.raises(BadKeyError, match="small order"):
            check_sign_public(public[:31] + bytes([public[31] & 0x7F | sign]))


@pytest.mark.parametrize("y", range(P, 2**255), ids=lambda y: f"p+{y - P}")
def test_a_second_spelling_of_a_key_is_refused(y: int) -> None:
    """All nineteen values from p to 2^255-1, small order or not, with either sign bit."""
    for sign in (0, 1):
        with pytest.raises(BadKeyError, match="one spelling"):
            check_sign_public((sign << 255 | y).to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_signing_key_of_another_length_is_refused(length: int) -> None:
    """32 bytes, nothing else."""
    with pytest.raises(BadKeyError):
        check_sign_public(bytes(length))


def test_a_key_that_is_no_point_verifies_nothing() -> None:
    """Two is the y of no point: such a key cannot be told early, and fails at the signature."""
    no_point = next(y for y in range(2, 50) if x_of(y) is None).to_bytes(32, "little")
    with pytest.raises(BadSignatureError):
        verify(no_point, SIGNATURE, b"message")


def test_a_signature_holds_for_its_message_and_key() -> None:
    """The plain good case."""
    verify(KEY.public, SIGNATURE, b"message")


@pytest.mark.parametrize("signature", [SIGNATURE[:63], SIGNATURE + b"\0", b"", bytes(64), SIGNATURE[:63] + b"\xff"])
def test_a_changed_signature_does_not_hold(signature: bytes) -> None:
    """Cut, lengthened, empty, zero or changed."""
    with pytest.raises(BadSignatureError):
        verify(KEY.public, signature, b"message")


def test_a_signature_with_s_plus_l_does_not_hold() -> None:
    """RFC 8032, 5.1.7: S must be below the group order, or every signature would have a second spelling."""
    s = int.from_bytes(SIGNATURE[32:], "little") + L
    with pytest.raises(BadSignatureError):
        verify(KEY.public, SIGNATURE[:32] + s.to_bytes(32, "little"), b"message")


def test_another_message_or_key_does_not_hold() -> None:
    """A signature is for one message under one key."""
    with pytest.raises(BadSignatureError):
        verify(KEY.public, SIGNATURE, b"another")
    with pytest.raises(BadSignatureError):
        verify(SigningKey(bytes(32)).public, SIGNATURE, b"message")


def test_a_signing_key_shows_its_id_alone() -> None:
    """Neither the seed nor the private key stands in the repr."""
    assert repr(KEY) == f"<SigningKey {KEY.key_id.hex()[:16]}>"
    assert bytes(range(32)).hex() not in repr(vars(KEY))
