"""Damaged, cut, foreign and ill-padded content: each is refused, and none gives a whole file."""

import secrets

import pytest

from exchange.sealing import content, pieces
from exchange.sealing.errors import CommitmentError, ContentError, PieceSizeError, SealingError, TrueSizeError
from exchange.sealing.unseal import content as unseal
from tests.unit.sealing import slow_cobblestone
from tests.unit.sealing.in_memory import MemoryPieces

KEY = secrets.token_bytes(32)
CONTEXT = content.part_context(bytes(16), bytes(8))
SIZE = 2 * 2**20


def ciphertext(plain: bytes | None = None, context: bytes = CONTEXT) -> bytes:
    """Return a ciphertext of three pieces, the last one empty but for its tag."""
    return slow_cobblestone.encrypt(plain if plain is not None else bytes(SIZE), KEY, context, bytes(24))


def opened(found: MemoryPieces, size: int = SIZE) -> bytes:
    """Open pieces and return what the sink got."""
    out = bytearray()
    unseal.open_content(found, size, KEY, CONTEXT, out.extend)
    return bytes(out)


@pytest.mark.parametrize("place", [0, 23, 24, 55, 56, 1_049_655, 1_049_656, 2_099_256, -1])
def test_one_changed_bit_anywhere_is_found(place: int) -> None:
    """Salt, commitment, first and last chunks, the final tag: no bit is free."""
    damaged = bytearray(ciphertext())
    damaged[place] ^= 1
    with pytest.raises(ContentError):
        opened(MemoryPieces(bytes(damaged)))


def test_pieces_in_another_order_or_of_another_part_are_found() -> None:
    """Chunks are numbered and keyed: a swap, a repetition and a foreign piece do not decrypt."""
    whole = slow_cobblestone.encrypt(secrets.token_bytes(3 * 2**20), KEY, CONTEXT, bytes(24))
    other = MemoryPieces(slow_cobblestone.encrypt(bytes(3 * 2**20), KEY, CONTEXT, bytes([1]) * 24))
    for change in ([0, 2, 1, 3], [0, 1, 1, 3]):
        found = MemoryPieces(whole)
        found.cut = [found.cut[n] for n in change]
        with pytest.raises(ContentError):
            opened(found, 3 * 2**20)
    found = MemoryPieces(whole)
    found.cut[1] = other.cut[1]
    with pytest.raises(ContentError):
        opened(found, 3 * 2**20)


def test_a_message_under_another_context_does_not_open() -> None:
    """The content of another part, and a manifest's, are not this part's content."""
    for context in (content.part_context(bytes(16), b"12345678"), content.manifest_context(bytes(16), bytes(8))):
        with pytest.raises(ContentError):
            opened(MemoryPieces(ciphertext(context=context)))


@pytest.mark.parametrize(("last", "error"), [(b"", PieceSizeError), (bytes(17), PieceSizeError), (bytes(16), ContentError)])
def test_a_cut_or_made_up_end_is_found(last: bytes, error: type[SealingError]) -> None:
    """A ciphertext whose last piece is missing, longer or made up does not open, although all before it is authentic."""
    found = MemoryPieces(ciphertext())
    found.cut[2] = last
    with pytest.raises(error):
        opened(found)


def test_a_ciphertext_cut_at_a_chunk_is_found_by_decryption_too() -> None:
    """The size of a smaller file whose padding would end there: every chunk is authentic, and yet it is not the end."""
    found = MemoryPieces(slow_cobblestone.encrypt(bytes(65_536 * 2), KEY, CONTEXT, bytes(24))[: pieces.sealed_size(65_536)])
    with pytest.raises(ContentError):
        opened(found, 65_536)


@pytest.mark.parametrize("place", [SIZE - 50, SIZE - 1])
def test_padding_that_is_not_zeros_is_refused(place: int) -> None:
    """Bytes hidden behind the true size, in the middle and at the end of the padding, are found."""
    plain = bytearray(SIZE)
    plain[place] = 1
    with pytest.raises(TrueSizeError):
        opened(MemoryPieces(ciphertext(bytes(plain))), SIZE - 60)


@pytest.mark.parametrize("size", [-1, 0, SIZE + 1, SIZE // 2, 2**41])
def test_a_true_size_that_is_not_padded_to_this_is_refused(size: int) -> None:
    """A manifest cannot claim a size whose padding would give another ciphertext."""
    with pytest.raises(TrueSizeError):
        opened(MemoryPieces(ciphertext()), size)


def test_a_key_that_does_not_give_the_commitment_is_refused() -> None:
    """The commitment binds the ciphertext to one key: another key, context or commitment fails before decryption."""
    whole = ciphertext()
    found, commitment = MemoryPieces(whole), whole[24:56]
    unseal.check_key(KEY, CONTEXT, found, commitment)
    for key, context, expected in (
        (bytes(32), CONTEXT, commitment),
        (KEY, CONTEXT + b"x", commitment),
        (KEY, CONTEXT, bytes(32)),
    ):
        with pytest.raises(CommitmentError):
            unseal.check_key(key, context, found, expected)


def test_the_ends_of_every_size_are_where_the_format_says() -> None:
    """Opened size is the inverse of sealed size, and no other size has an inverse."""
    for plain in (0, 1, 16_383, 16_384, 16_385, 10**6):
        assert pieces.opened_size(pieces.sealed_size(plain)) == plain
