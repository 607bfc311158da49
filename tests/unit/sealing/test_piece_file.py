"""Piece files: fetching goes on where it stopped, and a missing piece is missing, not short."""

from pathlib import Path

import pytest

from exchange.sealing.errors import DiskError, PieceMissingError, PieceNumberError, PieceSizeError
from exchange.sealing.piece_file import PieceFile
from exchange.sealing.pieces import layout, sealed_size
from tests.unit.sealing import slow_pieces

SIZE = sealed_size(2 * 2**20)
DATA = bytes(range(251)) * (SIZE // 251 + 1)
CUT = slow_pieces.cut(DATA[:SIZE])


def test_fetching_goes_on_after_the_last_whole_piece(tmp_path: Path) -> None:
    """`present` counts whole pieces only: one cut in the middle is fetched again."""
    file = PieceFile(tmp_path / "part", layout(SIZE))
    assert file.present() == 0
    for number, piece in enumerate(CUT):
        file.store(number, piece)
        assert file.present() == number + 1
    assert list(file.pieces()) == CUT
    with (tmp_path / "part").open("r+b") as raw:
        raw.truncate(len(CUT[0]) + 1000)
    assert file.present() == 1
    with pytest.raises(PieceMissingError):
        file.piece(1)
    file.store(1, CUT[1])
    assert file.present() == 2
    assert (tmp_path / "part").stat().st_mode & 0o777 == 0o600


def test_a_piece_that_does_not_fit_is_not_stored(tmp_path: Path) -> None:
    """A wrong length and a number past the end are refused before anything is written."""
    file = PieceFile(tmp_path / "part", layout(SIZE))
    with pytest.raises(PieceSizeError):
        file.store(0, CUT[0][:-1])
    with pytest.raises(PieceNumberError):
        file.store(3, b"")
    assert not (tmp_path / "part").exists()
    with pytest.raises(PieceMissingError):
        file.piece(0)


def test_a_link_in_the_file_s_place_is_not_followed(tmp_path: Path) -> None:
    """Neither for reading nor for writing."""
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "part").symlink_to(tmp_path / "target")
    file = PieceFile(tmp_path / "part", layout(SIZE))
    with pytest.raises(DiskError):
        file.store(0, CUT[0])
    with pytest.raises(DiskError):
        file.piece(0)
    assert (tmp_path / "target").read_bytes() == b"precious"
