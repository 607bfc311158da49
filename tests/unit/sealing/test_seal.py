"""Sealing: what leaves belongs together, every recipient can open it, and nothing of the keys stays outside."""

import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.sealing import envelope, seal
from exchange.sealing.content import manifest_context, part_context
from exchange.sealing.deposit import check_deposit
from exchange.sealing.descriptor import LinkDescriptor
from exchange.sealing.descriptors import HeaderLists
from exchange.sealing.envelope import EnvelopePlace, SealTo
from exchange.sealing.errors import FileNameError, RecipientError, SealingError, SourceChangedError
from exchange.sealing.seal import PartToSeal, Recipient
from exchange.sealing.spool import SpoolWriter
from exchange.sealing.unseal.content import open_kept_key, open_manifest, unwrap_key
from exchange.statements import report_header
from keys.seat_open import SealKey
from tests.unit.sealing import slow_cobblestone
from tests.unit.sealing.sealed_report import (
    FILES,
    LOCK,
    OFFICER_SEAL,
    OWNER_KEY,
    READER_KEY,
    REPORT,
    deposited,
    header,
    part,
    request,
    unlocked,
)


def place_of(sealed: seal.Sealed, part_id: bytes, organisation: str) -> EnvelopePlace:
    """Return where a recipient's envelope of a part belongs, from the descriptors alone."""
    found = sealed.descriptors.part(part_id)
    assert found is not None
    named = [s.value for s in sealed.descriptors.recipients]
    ours = next(r for r in named if (r.part, r.organisation) == (part_id, organisation))
    return EnvelopePlace(REPORT, sealed.owner, found.commitment, part_id, organisation, ours.epoch, ours.key)


def test_every_recipient_opens_every_part(tmp_path: Path) -> None:
    """From the locked envelopes in the package to the file's bytes, with the second implementation at the end."""
    spool, sealed = deposited(tmp_path)
    for salted in sealed.descriptors.parts:
        part_id = salted.value.id
        data = FILES["p1" if salted.value.language == "en" else "p2"]
        for organisation, key in (("coe-cpt", OWNER_KEY), ("un-spt", READER_KEY)):
            inner = unlocked(spool.package, part_id, organisation)
            content_key = unwrap_key(inner, place_of(sealed, part_id, organisation), key)
            pieces = spool.parts[part_id]
            whole = b"".join(pieces.piece(n) for n in range(pieces.layout.count))
            plain = slow_cobblestone.decrypt(whole, content_key, part_context(REPORT, part_id))
            assert plain[: len(data)] == data
            manifest = open_manifest(
                spool.package.manifests[part_id], content_key, manifest_context(REPORT, part_id)
            )
            assert manifest.size == len(data)


def test_the_deposit_belongs_together_and_its_header_parses(tmp_path: Path) -> None:
    """The package read back from the spool passes the server's own check against the signed header."""
    spool, _ = deposited(tmp_path)
    found, statement = report_header.parse(spool.package.header)
    check_deposit(spool.package, HeaderLists.from_header(statement.body), found.owner, found.originators)


def test_each_part_has_its_own_key_and_id(tmp_path: Path) -> None:
    """Two parts of the same file share neither key, id nor root."""
    same = [part("p1"), replace(part("p2"), manifest=replace(part("p1").manifest, part="p2"), open=part("p1").open)]
    spool, sealed = deposited(tmp_path, request(parts=same))
    one, two = (s.value for s in sealed.descriptors.parts)
    assert one.id != two.id
    assert one.root != two.root
    keys = {open_kept_key(spool.kept_key(p.id), REPORT, p.id, OFFICER_SEAL) for p in (one, two)}
    assert len(keys) == 2


def test_a_recipient_may_be_given_some_parts_only(tmp_path: Path) -> None:
    """A statutory recipient of one part has no descriptor and no envelope for the other."""
    npm = Recipient("npm-xa", 1, SealTo(SealKey(bytes([7] * 32)).public), frozenset({"p2"}))
    _, sealed = deposited(tmp_path, request(recipients=[*request().recipients, npm]))
    named = [s.value for s in sealed.descriptors.recipients if s.value.organisation == "npm-xa"]
    assert len(named) == 1
    assert sealed.descriptors.part(named[0].part).language == "fr"  # type: ignore[union-attr]
    assert len(sealed.envelopes) == 5


def test_recipients_that_are_not_permitted_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    """Owner missing, originator missing, one body twice, two keys of one body, an unknown part."""
    owner, reader = request().recipients
    stranger = SealTo(SealKey(bytes([8] * 32)).public)
    one, two = frozenset({"p1"}), frozenset({"p2"})
    wrong = [
        {"recipients": [reader]},
        {"originators": ["coe-cpt", "achpr-cpta"]},
        {"recipients": [owner, reader, reader]},
        {"recipients": [owner, replace(reader, parts=one), replace(reader, key=stranger, parts=two)]},
        {"recipients": [replace(owner, parts=frozenset({"p1"})), reader]},
        {"recipients": [owner, replace(reader, parts=frozenset({"p9"}))]},
    ]
    for change in wrong:
        with SpoolWriter.begin(tmp_path, secrets.token_bytes(16), bytes(32)) as writer:
            with pytest.raises(RecipientError):
                seal.seal(request(**change), writer)
            assert not list(writer.directory.glob("*.pieces"))


def test_parts_that_are_not_permitted_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    """No part, two of one local name, an unsafe file name."""
    unsafe = replace(part("p2"), manifest=replace(part("p2").manifest, file_name="a/b"))
    cases: list[tuple[list[PartToSeal], type[SealingError]]] = [
        ([], SealingError),
        ([part("p1"), part("p1")], SealingError),
        ([part("p1"), unsafe], FileNameError),
    ]
    for parts, error in cases:
        with SpoolWriter.begin(tmp_path, secrets.token_bytes(16), bytes(32)) as writer:
            with pytest.raises(error):
                seal.seal(request(parts=parts), writer)
            assert not list(writer.directory.glob("*.pieces"))


def test_a_file_that_is_gone_when_it_is_to_be_sealed_leaves_no_spool(tmp_path: Path) -> None:
    """It was there when its size was read: the system's error does not leave the room."""
    gone = replace(part("p2"), open=lambda: (tmp_path / "gone.pdf").open("rb"))
    with pytest.raises(SourceChangedError), SpoolWriter.begin(tmp_path / "spool", REPORT, bytes(32)) as writer:
        seal.seal(request(parts=[part("p1"), gone]), writer)
    assert list((tmp_path / "spool").iterdir()) == []


def test_nothing_readable_is_in_the_spool(tmp_path: Path) -> None:
    """No word of the files, titles or file names, and no content key, in any byte of the spool."""
    spool, sealed = deposited(tmp_path)
    ids = [s.value.id for s in sealed.descriptors.parts]
    keys = [open_kept_key(spool.kept_key(part_id), REPORT, part_id, OFFICER_SEAL) for part_id in ids]
    for path in spool.directory.rglob("*"):
        data = path.read_bytes()
        for word in (b"annexes", b"rapport", b"Visit report", b"report-en", *keys):
            assert word not in data, path.name


def test_links_are_descriptors_like_others(tmp_path: Path) -> None:
    """A response names the report it responds to by a salted digest."""
    link = LinkDescriptor("responds_to", "abcdef00-0000-4000-8000-0000000000ff")
    spool, sealed = deposited(tmp_path, request(links=[link]))
    assert [s.value for s in sealed.descriptors.links] == [link]
    assert link.report.encode() not in spool.package.header


def test_rewrapping_makes_new_envelopes_over_the_same_ciphertext(tmp_path: Path) -> None:
    """After a 409 for an epoch or lock key that is not current: new header, same pieces, and the new epoch opens."""
    spool, sealed = deposited(tmp_path)
    ids = [s.value.id for s in sealed.descriptors.parts]
    keys = {p: open_kept_key(spool.kept_key(p), REPORT, p, OFFICER_SEAL) for p in ids}
    newer = SealKey(bytes([6] * 32))
    recipients = [request().recipients[0], Recipient("un-spt", 3, SealTo(newer.public))]
    again = seal.rewrap(
        spool.package, REPORT, keys, "coe-cpt", ["coe-cpt"], dict.fromkeys(ids, recipients), SealTo(LOCK.public)
    )
    renewed = spool.renew(again.package(header(again).text))
    check_deposit(renewed.package, again.lists, "coe-cpt", ["coe-cpt"])
    assert not set(again.lists.parts) & set(sealed.lists.parts)
    for part_id in ids:
        inner = unlocked(renewed.package, part_id, "un-spt")
        assert unwrap_key(inner, place_of(again, part_id, "un-spt"), newer) == keys[part_id]
        assert again.descriptors.part(part_id) == sealed.descriptors.part(part_id)


def test_rewrapping_needs_the_key_of_every_part_and_permitted_recipients(tmp_path: Path) -> None:
    """A missing key, a missing owner."""
    spool, sealed = deposited(tmp_path)
    ids = [s.value.id for s in sealed.descriptors.parts]
    owner, reader = request().recipients
    lock = SealTo(LOCK.public)
    with pytest.raises(SealingError):
        seal.rewrap(spool.package, REPORT, {}, "coe-cpt", ["coe-cpt"], {part_id: [owner] for part_id in ids}, lock)
    keys = dict.fromkeys(ids, bytes(32))
    with pytest.raises(RecipientError):
        seal.rewrap(spool.package, REPORT, keys, "coe-cpt", ["coe-cpt"], {part_id: [reader] for part_id in ids}, lock)


def test_a_later_recipient_is_wrapped_to_alone(tmp_path: Path) -> None:
    """For a grant: one descriptor, one locked envelope, which the new recipient opens."""
    spool, sealed = deposited(tmp_path)
    found = sealed.descriptors.parts[0].value
    key = open_kept_key(spool.kept_key(found.id), REPORT, found.id, OFFICER_SEAL)
    later = SealKey(bytes([7] * 32))
    named, locked = seal.wrap_for(
        REPORT, "coe-cpt", found, key, Recipient("npm-xa", 4, SealTo(later.public)), SealTo(LOCK.public)
    )
    inner = LOCK.open(locked.sealed, envelope.lock_info(REPORT, found.id, "npm-xa"))
    envelope.check_hash(inner, named.envelope)
    place = EnvelopePlace(REPORT, "coe-cpt", found.commitment, found.id, "npm-xa", 4, later.key_id)
    assert unwrap_key(inner, place, later) == key


def test_progress_counts_all_parts(tmp_path: Path) -> None:
    """The callback's counts add up to the padded sizes of both files."""
    told: list[int] = []
    with SpoolWriter.begin(tmp_path, REPORT, bytes(32)) as writer:
        sealed = seal.seal(request(), writer, told.append)
    assert sum(told) > sum(map(len, FILES.values()))
    assert len(sealed.manifests) == 2
    assert not writer.directory.exists(), 'what is not committed is removed'
