"""Content: what is sealed fast opens with the slow second implementation, and the other way round."""

import io
import secrets

import pytest

from exchange.sealing import content, pieces
from exchange.sealing.errors import DiskError, SealingError, SourceChangedError
from exchange.sealing.unseal import content as unseal
from tests.unit.sealing import slow_cobblestone, slow_pieces
from tests.unit.sealing.in_memory import MemoryPieces

MIB = 2**20
REPORT, PART = bytes(range(16)), bytes(range(8))
CONTEXT = content.part_context(REPORT, PART)
# Around a chunk, the least padding, one piece, exact MiB, several pieces.
SIZES = [0, 1, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB + 7]


def sealed(data: bytes, key: bytes) -> tuple[bytes, content.SealedContent]:
    """Seal bytes in memory; return the ciphertext and what sealing reports of it."""
    out = bytearray()
    done = content.seal_content(io.BytesIO(data), len(data), key, CONTEXT, out.extend)
    return bytes(out), done


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_with_the_second_implementation(size: int) -> None:
    """The slow decoder gives back the file and zeros up to its Padmé size; pieces, root and commitment are as it has them."""
    data, key = secrets.token_bytes(size), content.new_content_key()
    ciphertext, done = sealed(data, key)
    plain = slow_cobblestone.decrypt(ciphertext, key, CONTEXT)
    assert plain == data + bytes(pieces.padded_size(size) - size)
    assert done.layout == pieces.layout(len(ciphertext))
    assert done.root == slow_pieces.head(slow_pieces.cut(ciphertext))
    assert list(done.hashes) == [pieces.piece_hash(piece) for piece in slow_pieces.cut(ciphertext)]
    assert done.commitment == slow_cobblestone.derive(key, ciphertext[:24], CONTEXT)[2]


@pytest.mark.parametrize("size", SIZES)
def test_what_the_second_implementation_seals_opens(size: int) -> None:
    """Opening gives back exactly the file that the slow encoder sealed."""
    data, key = secrets.token_bytes(size), content.new_content_key()
    padded = data + bytes(pieces.padded_size(size) - size)
    ciphertext = slow_cobblestone.encrypt(padded, key, CONTEXT, secrets.token_bytes(24))
    out, told = bytearray(), []
    unseal.open_content(MemoryPieces(ciphertext), size, key, CONTEXT, out.extend, told.append)
    assert bytes(out) == data
    assert sum(told) == len(padded)


def test_content_and_manifest_are_told_apart_by_their_contexts() -> None:
    """Both contexts hold label, report and part; an id of another length is refused."""
    assert CONTEXT == b"exchange/part/v1\0" + REPORT + PART
    assert content.manifest_context(REPORT, PART) == b"exchange/manifest/v1\0" + REPORT + PART
    for report, part in ((REPORT[:15], PART), (REPORT, PART + b"\0")):
        with pytest.raises(SealingError):
            content.part_context(report, part)


@pytest.mark.parametrize("said", [99_999, 100_001, 0, 250_000])
def test_a_file_that_changed_its_size_is_not_sealed(said: int) -> None:
    """A source that ends early or goes on after the size it was said to have is an error."""
    with pytest.raises(SourceChangedError):
        content.seal_content(io.BytesIO(bytes(100_000)), said, bytes(32), CONTEXT, bytearray().extend)


class BrokenFile(io.BytesIO):
    """A file whose disk fails after the first read."""

    def readinto(self, buffer: object) -> int:
        raise OSError(5, "Input/output error")


def test_a_file_that_cannot_be_read_is_a_disk_error() -> None:
    """The system's error does not leave the room."""
    with pytest.raises(DiskError):
        content.seal_content(BrokenFile(), 10, bytes(32), CONTEXT, bytearray().extend)


class OneByteAtATime(io.BytesIO):
    """A source that gives less than asked, as pipes do."""

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return super().readinto(buffer[:1000])


def test_short_reads_do_not_matter() -> None:
    """A source that gives 1,000 bytes a call is sealed whole."""
    data, key, out = secrets.token_bytes(200_000), content.new_content_key(), bytearray()
    content.seal_content(OneByteAtATime(data), len(data), key, CONTEXT, out.extend)
    assert slow_cobblestone.decrypt(bytes(out), key, CONTEXT)[: len(data)] == data


def test_progress_counts_every_byte_and_the_padding() -> None:
    """The counts given to the callback add up to the padded size."""
    told: list[int] = []
    size = 3 * MIB + 7
    content.seal_content(io.BytesIO(bytes(size)), size, bytes(32), CONTEXT, lambda view: None, told.append)
    assert sum(told) == pieces.padded_size(size)


def test_the_padding_holds_nothing_of_the_file() -> None:
    """A block of a reused buffer does not leak its former bytes into the padding (sizes where a block is cut)."""
    size = 2 * MIB + 100
    ciphertext, _ = sealed(b"\xff" * size, bytes(32))
    assert not any(slow_cobblestone.decrypt(ciphertext, bytes(32), CONTEXT)[size:])


def test_the_same_file_sealed_twice_gives_other_bytes() -> None:
    """Keys and salts are fresh: nothing tells that two reports hold one file."""
    assert content.new_content_key() != content.new_content_key()
    one, two = sealed(b"same", bytes(32))[0], sealed(b"same", bytes(32))[0]
    assert one[:24] != two[:24]
    assert one[56:] != two[56:]
