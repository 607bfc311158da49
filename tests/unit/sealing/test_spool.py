"""The spool: written once, checked when loaded and when read, resumed without sealing again, gone when abandoned."""

import stat
from pathlib import Path

import pytest

from exchange.sealing import spool as spools
from exchange.sealing.errors import (
    DiskError,
    SealingError,
    SpoolDifferentError,
    SpoolMissingError,
    SpoolUnfinishedError,
)
from exchange.sealing.spool import Spool, SpoolWriter
from tests.unit.sealing.sealed_report import FINGERPRINT, OFFICER_SEAL, REPORT, deposited


def test_a_spool_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Folders 0700, files 0600, whatever the umask."""
    spool, _ = deposited(tmp_path / "spool")
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
    assert stat.S_IMODE(spool.directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in spool.directory.iterdir()} == {0o600}


def test_a_spool_is_found_again_by_the_fingerprint_of_its_command(tmp_path: Path) -> None:
    """The same command run again finds the same ciphertext; another command finds nothing."""
    spool, _ = deposited(tmp_path)
    found = spools.find(tmp_path, FINGERPRINT)
    assert found is not None
    assert (found.report, found.fingerprint, found.kept_by) == (REPORT, FINGERPRINT, OFFICER_SEAL.key_id)
    assert found.package == spool.package
    assert [p.piece(0) for p in found.parts.values()] == [p.piece(0) for p in spool.parts.values()]
    assert spools.find(tmp_path, bytes(32)) is None
    assert spools.find(tmp_path / "elsewhere", FINGERPRINT) is None


def test_no_spool_is_missing(tmp_path: Path) -> None:
    """Its own error: a new report with new keys is due."""
    with pytest.raises(SpoolMissingError):
        Spool.load(tmp_path / f"abcdef00-0000-4000-8000-000000000001.{FINGERPRINT.hex()}")


@pytest.mark.parametrize("kind", ["pieces", "hashes", "deposit-0"])
def test_a_spool_that_lost_a_file_is_missing(tmp_path: Path, kind: str) -> None:
    """A part, its hashes, the deposit."""
    spool, _ = deposited(tmp_path)
    next(iter(spool.directory.glob(f"*{kind}"))).unlink()
    with pytest.raises(SpoolMissingError):
        Spool.load(spool.directory)


def test_a_spool_without_its_kept_key_still_sends(tmp_path: Path) -> None:
    """Only wrapping anew needs the key; its loss is said when it is asked for."""
    spool, sealed = deposited(tmp_path)
    part = sealed.descriptors.parts[0].value.id
    (spool.directory / f"{part.hex()}.key").unlink()
    again = Spool.load(spool.directory)
    with pytest.raises(SpoolMissingError):
        again.kept_key(part)


@pytest.mark.parametrize("kind", ["hashes", "deposit-0", "record.json"])
@pytest.mark.parametrize("how", ["flip", "cut", "grow"])
def test_a_spool_with_a_changed_file_is_different(tmp_path: Path, kind: str, how: str) -> None:
    """One bit, a lost tail, a grown one: hashes, deposit and record are all bound together."""
    spool, _ = deposited(tmp_path)
    path = next(iter(spool.directory.glob(f"*{kind}")))
    data = path.read_bytes()
    path.write_bytes({"flip": data[:9] + bytes([data[9] ^ 1]) + data[10:], "cut": data[:-1], "grow": data + b"x"}[how])
    with pytest.raises(SpoolDifferentError):
        Spool.load(spool.directory)


def test_a_part_of_another_size_is_different(tmp_path: Path) -> None:
    """Found when the spool is loaded, before anything is sent."""
    spool, _ = deposited(tmp_path)
    path = next(iter(spool.directory.glob("*.pieces")))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SpoolDifferentError):
        Spool.load(spool.directory)


def test_a_changed_piece_is_never_given_out(tmp_path: Path) -> None:
    """A piece is compared with its recorded hash when it is read: bytes that were not sealed are not sent."""
    spool, _ = deposited(tmp_path)
    path = next(iter(spool.directory.glob("*.pieces")))
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(bytes(data))
    loaded = Spool.load(spool.directory)
    part = loaded.parts[bytes.fromhex(path.stem)]
    with pytest.raises(SpoolDifferentError):
        part.piece(0)
    path.unlink()
    with pytest.raises(SpoolDifferentError):
        part.piece(0)


def test_a_spool_under_another_name_is_different(tmp_path: Path) -> None:
    """A copied folder is not another report."""
    spool, _ = deposited(tmp_path)
    renamed = spool.directory.with_name(f"00000000-0000-4000-8000-000000000009.{FINGERPRINT.hex()}")
    spool.directory.rename(renamed)
    with pytest.raises(SpoolDifferentError):
        Spool.load(renamed)


def test_sealing_that_did_not_end_is_unfinished_and_can_be_discarded(tmp_path: Path) -> None:
    """Without its record a spool is not loaded, not found, and `discard_unfinished` removes it and it alone."""
    writer = SpoolWriter.begin(tmp_path, REPORT, FINGERPRINT)
    other = SpoolWriter.begin(tmp_path, bytes(16), bytes(32))
    with pytest.raises(SpoolUnfinishedError):
        Spool.load(writer.directory)
    assert spools.find(tmp_path, FINGERPRINT) is None
    assert spools.discard_unfinished(tmp_path, FINGERPRINT) == 1
    assert not writer.directory.exists()
    assert other.directory.exists()


def test_a_finished_spool_is_never_discarded_as_unfinished(tmp_path: Path) -> None:
    """Only what has no record goes."""
    spool, _ = deposited(tmp_path)
    assert spools.discard_unfinished(tmp_path, FINGERPRINT) == 0
    assert Spool.load(spool.directory).report == REPORT


def test_an_error_while_sealing_leaves_no_spool(tmp_path: Path) -> None:
    """Whatever goes wrong inside the block, what was written is removed."""
    with pytest.raises(KeyboardInterrupt), SpoolWriter.begin(tmp_path, REPORT, FINGERPRINT) as writer:
        with writer.part(bytes(8)) as sink:
            sink(memoryview(b"some ciphertext"))
            raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_two_spools_of_one_report_cannot_be(tmp_path: Path) -> None:
    """A report id is used once; ids and fingerprints have their sizes."""
    SpoolWriter.begin(tmp_path, REPORT, FINGERPRINT)
    with pytest.raises(DiskError):
        SpoolWriter.begin(tmp_path, REPORT, FINGERPRINT)
    with pytest.raises(SealingError):
        SpoolWriter.begin(tmp_path, bytes(15), FINGERPRINT)


def test_notes_are_kept_and_damaged_ones_are_no_notes(tmp_path: Path) -> None:
    """Where sending stands is a convenience: losing it loses nothing."""
    spool, _ = deposited(tmp_path)
    assert spool.notes() == {}
    spool.note("upload", "u1")
    spool.note("other", "u2")
    assert Spool.load(spool.directory).notes() == {"upload": "u1", "other": "u2"}
    (spool.directory / "notes.json").write_bytes(b"{")
    assert Spool.load(spool.directory).notes() == {}


def test_removing_takes_all_of_it(tmp_path: Path) -> None:
    """After a report was registered its spool goes."""
    spool, _ = deposited(tmp_path)
    spool.remove()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SpoolMissingError):
        Spool.load(spool.directory)


def test_renewing_keeps_the_ciphertext_and_replaces_the_deposit(tmp_path: Path) -> None:
    """New header and envelopes, one deposit file, the same pieces."""
    spool, sealed = deposited(tmp_path)
    renewed = spool.renew(sealed.package(b"another header"))
    assert renewed.package.header == b"another header"
    assert [path.name for path in spool.directory.glob("deposit-*")] == ["deposit-1"]
    assert spools.find(tmp_path, FINGERPRINT).package == renewed.package  # type: ignore[union-attr]


def test_a_commit_that_cannot_be_read_back_leaves_nothing(tmp_path: Path) -> None:
    """Else the same command would find it, and stumble over it, for ever."""
    spool, _ = deposited(tmp_path / "whole")
    root = tmp_path / "lacking"
    with pytest.raises(SpoolMissingError), SpoolWriter.begin(root, REPORT, FINGERPRINT) as writer:
        writer.commit(spool.package, OFFICER_SEAL.key_id)
    assert list(root.iterdir()) == []
