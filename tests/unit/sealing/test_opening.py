"""The nine opening steps: all hold, or the first that fails is named and nothing readable is left."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.sealing import descriptors, manifest, seal
from exchange.sealing.content import manifest_context, part_context
from exchange.sealing.descriptors import Descriptors
from exchange.sealing.envelope import SealTo
from exchange.sealing.seal import Recipient
from exchange.sealing.spool import Spool
from exchange.sealing.unseal.content import open_kept_key, open_manifest
from exchange.sealing.unseal.opening import Opened, OpeningError, OpeningFacts, Released, open_part
from exchange.statements import grant
from exchange.statements.form import Stamp
from keys.seat_open import SealKey
from keys.statement import Statement, new
from tests.unit.sealing import slow_cobblestone
from tests.unit.sealing.in_memory import MemoryPieces
from tests.unit.sealing.sealed_report import (
    FILES,
    LOCK,
    NOW,
    OFFICER,
    OFFICER_SEAL,
    READER_KEY,
    REPORT,
    Checks,
    deposited,
    facts,
    unlocked,
)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Spool, seal.Sealed]:
    """A sealed report in its spool."""
    return deposited(tmp_path / "spool")


def fails(
    found: OpeningFacts, step: int, code: str, folder: Path, checks: Checks | None = None, key: SealKey = READER_KEY
) -> None:
    """Expect opening to fail at this step with this code, and to leave nothing in the folder."""
    folder.mkdir(exist_ok=True)
    before = sorted(folder.iterdir())
    with pytest.raises(OpeningError) as caught:
        open_part(found, key, checks or Checks(), folder)
    assert (caught.value.step, caught.value.code) == (step, code)
    assert str(caught.value).startswith(f"step {step}: ")
    assert sorted(folder.iterdir()) == before


Made = tuple[Spool, seal.Sealed]


@pytest.mark.parametrize("local", ["p1", "p2"])
def test_all_nine_steps_hold_and_the_file_is_there(made: Made, tmp_path: Path, local: str) -> None:
    """The file's bytes under its own name, the manifest, the receipt naming request and entry; each check asked once."""
    found, checks = facts(*made, local), Checks()
    (tmp_path / "out").mkdir()
    told: list[int] = []
    opened = open_part(found, READER_KEY, checks, tmp_path / "out", progress=told.append)
    assert isinstance(opened, Opened)
    assert opened.path.read_bytes() == FILES[local]
    assert opened.path.name == opened.manifest.file_name
    assert opened.path.stat().st_mode & 0o777 == 0o600
    assert opened.released == Released(1, 42)
    assert opened.receipt.body["index"] == 42
    assert sum(told) >= len(FILES[local])
    claim = checks.asked[1]
    assert claim.envelope == found.descriptors.recipients[0].value.envelope  # type: ignore[attr-defined]
    assert [type(asked).__name__ for asked in checks.asked] == ["Statement", "ReleaseClaim", "Released"]


def test_a_file_may_be_opened_under_another_name(made: Made, tmp_path: Path) -> None:
    """Where the manifest's name is taken the reader chooses; an unsafe choice is refused like a hostile one."""
    (tmp_path / "out").mkdir()
    found = facts(*made)
    assert open_part(found, READER_KEY, Checks(), tmp_path / "out", name="second.txt").path.name == "second.txt"
    with pytest.raises(OpeningError) as caught:
        open_part(found, READER_KEY, Checks(), tmp_path / "out", name=".hidden")
    assert (caught.value.step, caught.value.code) == (8, "file_name_unsafe")


def test_step_1_the_header_is_of_this_report_and_by_an_officer_of_the_owner(made: Made, tmp_path: Path) -> None:
    """Another report's header, another label, no owner, and a signer whom the client's check refuses."""
    found, out = facts(*made), tmp_path / "out"
    fails(found, 1, "refused_by_test", out, Checks(fail="header_signer"))
    fails(replace(found, report=bytes(16)), 1, "other_report", out)
    body = found.header.body
    fails(replace(found, header=new("exchange/grant/v1", body)), 1, "other_report", out)
    fails(replace(found, header=new("exchange/report-header/v1", {**body, "owner": 1})), 1, "other_report", out)
    fails(replace(found, header=new("exchange/report-header/v1", {**body, "report": 1})), 1, "malformed", out)


def test_step_2_the_header_names_us(made: Made, tmp_path: Path) -> None:
    """Descriptors of another header, none of our part, none that names us, none at all."""
    (spool, sealed), out = made, tmp_path / "out"
    found = facts(spool, sealed)
    shown = found.descriptors
    resalted = descriptors.of([replace(shown.parts[0], salt=bytes(32))], shown.recipients)
    fails(replace(found, descriptors=resalted), 2, "descriptor_mismatch", out)
    fails(replace(found, descriptors=Descriptors((), shown.recipients)), 2, "other_report", out)
    fails(replace(found, descriptors=Descriptors(shown.parts)), 2, "not_named", out)
    fails(replace(found, organisation="npm-xa"), 2, "not_named", out)
    body = {**found.header.body, "recipients": []}
    fails(replace(found, header=new("exchange/report-header/v1", body)), 2, "descriptor_malformed", out)


def granted(spool: Spool, sealed: seal.Sealed, key: SealKey, **change: object) -> tuple[OpeningFacts, Statement]:
    """Return facts of a later recipient of the first part, and the grant that names it."""
    found = facts(spool, sealed)
    part = found.descriptors.parts[0].value
    content_key = open_kept_key(spool.kept_key(part.id), REPORT, part.id, OFFICER_SEAL)
    recipient = Recipient("npm-xa", 4, SealTo(key.public))
    named, locked = seal.wrap_for(REPORT, "coe-cpt", part, content_key, recipient, SealTo(LOCK.public))
    later = grant.GrantRecipient(named.organisation, named.epoch, named.key, named.part, named.envelope)
    values = {"report": str(uuid.UUID(bytes=REPORT)), "header": found.header.hash, "recipients": (later,), **change}
    statement = grant.build(grant.Grant(Stamp(NOW, bytes(32), bytes(16)), **values)).signed_by(OFFICER)  # type: ignore[arg-type]
    inner = unlocked(replace(spool.package, envelopes={named.envelope: locked}, descriptors=replace(
        spool.package.descriptors, recipients=(descriptors.salted(named),))), part.id, "npm-xa")  # fmt: skip
    shown = Descriptors(found.descriptors.parts)
    return replace(found, organisation="npm-xa", grant=statement, envelope=inner, descriptors=shown), statement


def test_step_2_a_grant_names_a_later_recipient(made: Made, tmp_path: Path) -> None:
    """It opens like any other; its signers are asked for; a grant of another header or of others does not do."""
    later, out = SealKey(bytes([7] * 32)), tmp_path / "out"
    found, _ = granted(*made, later)
    fails(found, 2, "refused_by_test", out, Checks(fail="grant_signers"), later)
    fails(granted(*made, later, header=bytes(32))[0], 2, "other_report", out, None, later)
    fails(replace(found, organisation="un-spt"), 2, "not_named", out, None, later)
    fails(replace(found, grant=new("exchange/grant/v1", {**found.grant.body, "recipients": 1})), 2, "malformed", out)  # type: ignore[union-attr]
    checks = Checks()
    opened = open_part(found, later, checks, out)
    assert opened.path.read_bytes() == FILES["p1"]
    assert checks.asked[1] == "coe-cpt"


def test_step_3_the_release_is_of_this_envelope(made: Made, tmp_path: Path) -> None:
    """An envelope that is not the one named, and an entry that the client's check refuses."""
    found, out = facts(*made), tmp_path / "out"
    other = facts(*made, "p2")
    fails(replace(found, envelope=other.envelope), 3, "envelope_mismatch", out)
    fails(replace(found, envelope=found.envelope[:-1]), 3, "envelope_mismatch", out)
    fails(found, 3, "refused_by_test", out, Checks(fail="release"))


def test_step_4_the_envelope_opens_with_our_key(made: Made, tmp_path: Path) -> None:
    """With the key of another epoch it does not."""
    fails(facts(*made), 4, "envelope_mismatch", tmp_path / "out", None, SealKey(bytes(32)))


def changed(found: OpeningFacts, change: Callable[[list[bytes | None]], object]) -> OpeningFacts:
    """Return facts whose pieces are changed in memory."""
    pieces = MemoryPieces(b"".join(found.pieces.piece(n) for n in range(found.pieces.layout.count)))
    change(pieces.cut)
    return replace(found, pieces=pieces)


def flip(cut: list[bytes | None], number: int, place: int) -> None:
    """Change one bit of one piece."""
    piece = bytearray(cut[number] or b"")
    piece[place] ^= 1
    cut[number] = bytes(piece)


def test_step_5_the_ciphertext_is_committed_to_this_key(made: Made, tmp_path: Path) -> None:
    """Another commitment in the head; another salt; the ciphertext of another part."""
    found, out = facts(*made, "p2"), tmp_path / "out"
    fails(changed(found, lambda cut: flip(cut, 0, 24)), 5, "commitment_mismatch", out)
    fails(changed(found, lambda cut: flip(cut, 0, 0)), 5, "commitment_mismatch", out)
    fails(replace(found, pieces=facts(*made, "p1").pieces), 5, "commitment_mismatch", out)
    fails(changed(found, lambda cut: cut.__setitem__(0, None)), 5, "piece_missing", out)


def test_step_6_the_pieces_give_the_root(made: Made, tmp_path: Path) -> None:
    """Damaged, missing, reordered, and pieces of another size."""
    found, out = facts(*made, "p2"), tmp_path / "out"
    fails(changed(found, lambda cut: flip(cut, 1, 5)), 6, "root_mismatch", out)
    fails(changed(found, lambda cut: cut.__setitem__(1, None)), 6, "piece_missing", out)
    fails(changed(found, lambda cut: cut.__setitem__(1, (cut[0] or b"")[: len(cut[1] or b"")])), 6, "root_mismatch", out)
    short = MemoryPieces(found.pieces.piece(0)[: 56 + 65_536 + 5 * 16])
    fails(replace(found, pieces=short), 6, "piece_size", out)


def resealed(made: Made, change: Callable[[OpeningFacts, bytes], dict[str, object]]) -> OpeningFacts:
    """Return facts in which a hostile depositor sealed other things under the right key, and signed a header for them."""
    spool, sealed = made
    found = facts(spool, sealed)
    shown = found.descriptors
    key = open_kept_key(spool.kept_key(found.part), REPORT, found.part, OFFICER_SEAL)
    values = change(found, key)
    sealed_manifest = values.get("manifest", found.manifest)
    assert isinstance(sealed_manifest, bytes)
    part = replace(shown.parts[0].value, manifest=manifest.sealed_hash(sealed_manifest))
    every = descriptors.of([descriptors.salted(part)], shown.recipients)
    body = {**found.header.body, **descriptors.fill(every).to_json()}
    signed = new("exchange/report-header/v1", body).signed_by(OFFICER)
    return replace(found, manifest=sealed_manifest, descriptors=every, header=signed)


def with_manifest(**change: object) -> Callable[[OpeningFacts, bytes], dict[str, object]]:
    """Return a change that seals another manifest."""

    def seal_other(found: OpeningFacts, key: bytes) -> dict[str, object]:
        plain = open_manifest(found.manifest, key, manifest_context(REPORT, found.part))
        return {"manifest": manifest.seal(replace(plain, **change), key, REPORT, found.part)}  # type: ignore[arg-type]

    return seal_other


def test_step_7_the_manifest_is_the_one_named_and_in_form(made: Made, tmp_path: Path) -> None:
    """Another part's, a damaged one, one under another key, and a name that would leave the folder."""
    found, out = facts(*made), tmp_path / "out"
    fails(replace(found, manifest=facts(*made, "p2").manifest), 7, "manifest_malformed", out)
    fails(replace(found, manifest=found.manifest[:-1]), 7, "manifest_malformed", out)
    foreign = resealed(made, lambda f, key: {"manifest": slow_cobblestone.encrypt(bytes(1024), bytes(32), b"", bytes(24))})
    fails(foreign, 7, "manifest_malformed", out)
    text = b'{"file_name":"../../x"}'
    hostile = (len(text).to_bytes(2, "big") + text).ljust(1024, b"\0")
    unsafe = resealed(made, lambda f, key: {"manifest": slow_cobblestone.encrypt(
        hostile, key, manifest_context(REPORT, f.part), bytes(24))})  # fmt: skip
    fails(unsafe, 7, "file_name_unsafe", out)


def test_step_8_true_size_padding_and_place(made: Made, tmp_path: Path) -> None:
    """A size that is not padded to this, one that hides bytes in the padding, and a name that is taken."""
    out = tmp_path / "out"
    fails(resealed(made, with_manifest(size=10)), 8, "true_size_wrong", out)
    fails(resealed(made, with_manifest(size=len(FILES["p1"]) - 1)), 8, "true_size_wrong", out)
    (out / "report-en.txt").write_bytes(b"mine")
    fails(facts(*made), 8, "file_exists", out)
    assert (out / "report-en.txt").read_bytes() == b"mine"
    fails(resealed(made, with_manifest(file_name="other.txt", size=0)), 8, "true_size_wrong", out)


def test_step_8_a_folder_that_is_not_there(made: Made, tmp_path: Path) -> None:
    """The disk's refusal is a coded failure of step 8 too."""
    with pytest.raises(OpeningError) as caught:
        open_part(facts(*made), READER_KEY, Checks(), tmp_path / "nowhere")
    assert (caught.value.step, caught.value.code) == (8, "disk_failed")


def test_step_9_without_a_receipt_nothing_was_opened(made: Made, tmp_path: Path) -> None:
    """When the receipt cannot be signed and kept, the file that had landed goes."""
    fails(facts(*made), 9, "refused_by_test", tmp_path / "out", Checks(fail="receipt"))


def test_pieces_that_change_between_the_root_and_decryption_do_not_land(made: Made, tmp_path: Path) -> None:
    """The root is checked, then the same pieces are read again: what changed in between is caught by decryption."""
    found, out = facts(*made, "p2"), tmp_path / "out"

    class Turning(MemoryPieces):
        """Pieces that are right until the last one was read once."""

        reads = 0

        def piece(self, number: int) -> bytes:
            data = super().piece(number)
            if number == self.layout.count - 1:
                self.reads += 1
            return data if self.reads < 2 or number < self.layout.count - 1 else bytes(len(data))

    whole = b"".join(found.pieces.piece(n) for n in range(found.pieces.layout.count))
    fails(replace(found, pieces=Turning(whole)), 8, "content_damaged", out)


def test_a_broken_machine_is_not_a_step(made: Made, tmp_path: Path) -> None:
    """An error without a code goes through as it is, and still nothing is left."""

    class Broken(Checks):
        def receipt(self, claim: object, released: object) -> Statement:
            raise MemoryError

    (tmp_path / "out").mkdir()
    with pytest.raises(MemoryError):
        open_part(facts(*made), READER_KEY, Broken(), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_part_contexts_keep_parts_apart(made: Made) -> None:
    """The slow decoder opens a part under its own context alone."""
    spool, _ = made
    found = facts(*made)
    key = open_kept_key(spool.kept_key(found.part), REPORT, found.part, OFFICER_SEAL)
    whole = b"".join(found.pieces.piece(n) for n in range(found.pieces.layout.count))
    assert slow_cobblestone.decrypt(whole, key, part_context(REPORT, found.part)).startswith(FILES["p1"])
    with pytest.raises(slow_cobblestone.SlowError):
        slow_cobblestone.decrypt(whole, key, part_context(REPORT, bytes(8)))
