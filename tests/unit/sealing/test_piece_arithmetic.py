"""Pieces and padding: the sizes of the specification, against a second implementation."""


import pytest

from exchange.sealing import pieces
from exchange.sealing.errors import BadSizeError, PieceNumberError, PieceSizeError
from tests.unit.sealing import slow_pieces

MIB = 2**20
# Sizes of padded files around which something changes: least, one piece, exact MiB, several.
PADDED = [65_536, 65_536 + 2048, MIB - 32_768, MIB, MIB + 32_768, 2 * MIB, 3 * MIB, 7 * MIB]


def test_the_sizes_of_the_specification() -> None:
    """A first piece has 1,049,656 bytes, every later one 1,049,600, one of an exact MiB ends in 16 bytes."""
    assert pieces.FIRST_PIECE_BYTES == 1_049_656
    assert pieces.PIECE_BYTES == 1_049_600
    found = pieces.layout(pieces.sealed_size(2 * MIB))
    assert [found.length(n) for n in range(found.count)] == [1_049_656, 1_049_600, 16]


@pytest.mark.parametrize("padded", PADDED)
def test_pieces_follow_each_other_without_gap_and_end_at_the_end(padded: int) -> None:
    """Offsets and lengths of all pieces cover the ciphertext once, and agree with cutting it in memory."""
    size = pieces.sealed_size(padded)
    found = pieces.layout(size)
    slow = slow_pieces.cut(bytes(size))
    assert [found.length(n) for n in range(found.count)] == [len(piece) for piece in slow]
    assert [found.offset(n) for n in range(found.count)] == [sum(map(len, slow[:n])) for n in range(len(slow))]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 9, 100, 1000, 65_535, 65_536, 65_537, 10**6, 123_456_789, 2**39 + 1])
def test_padme_is_the_published_function(size: int) -> None:
    """Padmé agrees with the published formula, never shrinks, adds at most 12 %, and is settled after one step."""
    padded = pieces.padme(size)
    assert padded == slow_pieces.padme(size)
    assert size <= padded <= size * 1.12 + 1
    assert pieces.padme(padded) == padded


def test_a_small_file_is_padded_to_64_kib_and_a_huge_one_refused() -> None:
    """Files up to 65,536 bytes look alike; over 2^40 bytes there is no sealing."""
    assert {pieces.padded_size(size) for size in (0, 1, 65_536)} == {65_536}
    assert pieces.padded_size(65_537) == 67_584
    for size in (-1, 2**40 + 1):
        with pytest.raises(BadSizeError):
            pieces.padded_size(size)


@pytest.mark.parametrize(
    "size",
    [
        -1,
        0,
        55,
        56,
        71,
        pieces.sealed_size(65_535),
        pieces.sealed_size(65_537),
        pieces.sealed_size(70_000),
        pieces.sealed_size(2**40) + 1,
        pieces.sealed_size(2**41),
        56 + 16_400 * 4,
        56 + 16_400 * 4 + 15,
    ],
)
def test_a_size_that_no_padded_file_gives_has_no_layout(size: int) -> None:
    """Unpadded, truncated and impossible ciphertext sizes are refused: an unpadded one would tell the true size."""
    with pytest.raises(BadSizeError):
        pieces.layout(size)


def test_a_piece_of_another_size_or_number_is_refused() -> None:
    """A short, a long and a surplus piece each have their error."""
    found = pieces.layout(pieces.sealed_size(MIB))
    found.check(1, 16)
    for number, size in ((0, 1_049_655), (0, 1_049_657), (1, 17), (1, 0)):
        with pytest.raises(PieceSizeError):
            found.check(number, size)
    for number in (-1, 2):
        with pytest.raises(PieceNumberError):
            found.check(number, 16)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 100])
def test_the_root_is_that_of_the_recursive_definition(count: int) -> None:
    """Streaming the leaves gives the RFC 6962 head of the recursive definition."""
    leaves = [bytes([n]) * n for n in range(count)]
    assert pieces.root_of(pieces.piece_hash(leaf) for leaf in leaves) == slow_pieces.head(leaves)
