"""Runs of pieces: any length is whole pieces that follow each other, or refused; hashes are those of the bytes."""

import hashlib
from collections.abc import Callable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.reports.receiving import Span, receive, run_of
from exchange.sealing.errors import PieceNumberError, PieceSizeError
from exchange.sealing.pieces import HEAD_BYTES, PIECE_BYTES, layout, padded_size, piece_hash, sealed_size
from exchange.web.incoming import Streamed

sizes = st.integers(0, 40 * 2**20).map(lambda size: sealed_size(padded_size(size)))


@given(sizes, st.integers(0, 45), st.integers(0, 20), st.integers(-2, 2))
def test_a_run_is_whole_pieces(size: int, first: int, count: int, more: int) -> None:
    """A length that ends where a piece ends gives these pieces, without a gap; any other is refused."""
    due = layout(size)
    ends = [due.offset(number) + due.length(number) for number in range(due.count)]
    start = due.offset(first) if first < due.count else 0
    length = max(0, (ends[min(first + count, due.count) - 1] if count else start) - start + more)
    try:
        run = run_of(due, first, length)
    except PieceNumberError:
        assert first >= due.count
    except PieceSizeError:
        assert length == 0 or start + length not in ends
    else:
        assert [span.number for span in run] == list(range(first, first + len(run)))
        assert run[0].offset == start
        assert all(a.offset + a.length == b.offset for a, b in pairwise(run))
        assert sum(span.length for span in run) == length
        assert start + length in ends


def stream(data: bytes, step: int) -> Callable[[int], bytes]:
    """What gives the bytes of `data`, at most `step` at a time."""
    place = 0

    def read(most: int) -> bytes:
        nonlocal place
        out = data[place : place + min(step, most)]
        place += len(out)
        return out

    return read


@settings(max_examples=settings.default.max_examples // 3)
@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=12), st.integers(1, 5_000), st.booleans(), st.booleans())
def test_what_is_received(lengths: list[int], step: int, digest: bool, begins: bool) -> None:
    """Every piece is kept once, in order, and hashed, however the bytes come in; the commitment is piece 0's alone."""
    spans, offset = [], 0
    for number, length in enumerate(lengths, 0 if begins else 7):
        spans.append(Span(number, offset, length + HEAD_BYTES))
        offset += length + HEAD_BYTES
    data = hashlib.shake_128(bytes(lengths[:1])).digest(offset) if lengths[0] < 256 else bytes(offset)
    kept: list[tuple[int, bytes]] = []
    body = Streamed(stream(data, step), offset)
    found = receive(body, spans, lambda span, piece: kept.append((span.number, bytes(piece))), digest=digest)
    pieces = [data[span.offset : span.offset + span.length] for span in spans]
    assert kept == list(zip((span.number for span in spans), pieces, strict=True))
    assert found.hashes == [piece_hash(piece) for piece in pieces]
    assert found.digest == (hashlib.sha256(data).digest() if digest else None)
    assert found.commitment == (pieces[0][24:HEAD_BYTES] if begins else None)


def test_the_largest_piece_fits() -> None:
    """A buffer holds piece 0 with its head."""
    due = layout(sealed_size(padded_size(3 * 2**20)))
    assert due.length(0) == HEAD_BYTES + PIECE_BYTES
