"""Landing: a file appears whole under its name or not at all, for its owner alone, over nothing and through nothing."""

import os
from pathlib import Path

import pytest

from exchange.sealing.errors import DiskError, FileNameError, FileThereError
from exchange.sealing.landing import Landing

BOTH = pytest.mark.parametrize("nameless", [True, False])


@BOTH
def test_a_landed_file_is_whole_and_private(tmp_path: Path, nameless: bool) -> None:
    """0600, the bytes written, and nothing beside it."""
    with Landing(tmp_path, "report.pdf", nameless=nameless) as landing:
        landing.write(memoryview(b"one "))
        landing.write(memoryview(b"two"))
        assert not (tmp_path / "report.pdf").exists(), "nothing bears the name before landing"
        path = landing.land()
    assert path.read_bytes() == b"one two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["report.pdf"]


@BOTH
def test_what_did_not_land_leaves_nothing(tmp_path: Path, nameless: bool) -> None:
    """An error inside the block removes what was written."""
    with pytest.raises(KeyboardInterrupt), Landing(tmp_path, "report.pdf", nameless=nameless) as landing:
        landing.write(memoryview(b"secret"))
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []


@BOTH
def test_an_existing_file_is_never_overwritten(tmp_path: Path, nameless: bool) -> None:
    """Whether it was there before or came meanwhile; the existing bytes stay."""
    (tmp_path / "report.pdf").write_bytes(b"mine")
    with pytest.raises(FileThereError), Landing(tmp_path, "report.pdf", nameless=nameless):
        pass
    with pytest.raises(FileThereError), Landing(tmp_path, "late.pdf", nameless=nameless) as landing:
        (tmp_path / "late.pdf").write_bytes(b"mine")
        landing.land()
    assert sorted(os.listdir(tmp_path)) == ["late.pdf", "report.pdf"]
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"mine"}


@BOTH
def test_a_link_under_the_name_is_not_followed(tmp_path: Path, nameless: bool) -> None:
    """Not even a dangling one: that would create a file elsewhere."""
    (tmp_path / "report.pdf").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileThereError), Landing(tmp_path, "report.pdf", nameless=nameless):
        pass
    (tmp_path / "report.pdf").unlink()
    with pytest.raises(FileThereError), Landing(tmp_path, "report.pdf", nameless=nameless) as landing:
        (tmp_path / "report.pdf").symlink_to(tmp_path / "elsewhere")
        landing.land()
    assert not (tmp_path / "elsewhere").exists()


def test_without_hard_links_the_name_is_taken_first(tmp_path: Path) -> None:
    """The way for file systems without links: an own empty file under the name, then a rename over it."""
    with Landing(tmp_path, "report.pdf", nameless=False) as landing:
        landing.write(memoryview(b"data"))
        landing._content.sync()
        landing._rename_over_own()
    assert (tmp_path / "report.pdf").read_bytes() == b"data"
    assert os.listdir(tmp_path) == ["report.pdf"]
    with pytest.raises(FileExistsError), Landing(tmp_path, "late.pdf", nameless=False) as landing:
        (tmp_path / "late.pdf").write_bytes(b"mine")
        landing._rename_over_own()
    assert (tmp_path / "late.pdf").read_bytes() == b"mine"


def test_an_unsafe_name_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    """Before anything is created."""
    with pytest.raises(FileNameError):
        Landing(tmp_path, "../report.pdf")
    with pytest.raises(DiskError), Landing(tmp_path / "nowhere", "report.pdf"):
        pass
