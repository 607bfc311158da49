"""Manifests: what prints parses back, and nothing else parses."""

import hashlib
import secrets
from dataclasses import replace
from typing import Any

import pytest

from exchange.sealing import manifest
from exchange.sealing.content import manifest_context, part_context
from exchange.sealing.errors import FileNameError, ManifestError, SealingError
from exchange.sealing.manifest import Manifest, Signer
from exchange.sealing.unseal.content import open_manifest
from keys.encoding import canonical, lp
from tests.unit.sealing import slow_cobblestone

KEY, REPORT, PART = secrets.token_bytes(32), bytes(range(16)), bytes(range(8))
PLAIN = Manifest(part="p1", title="Report on the visit", file_name="report.pdf", media_type="application/pdf", size=12)
FULL = replace(
    PLAIN,
    visit_dates=("2025-03-01", "2025-03-09"),
    places=("Central prison", "Police station no. 2"),
    note="Please read\nthe annex first.",
    signer=Signer(bytes(16), {"name": "A. Member", "post": "Head of delegation"}, bytes(range(32))),
)


@pytest.mark.parametrize("made", [PLAIN, FULL])
def test_a_manifest_prints_and_parses_back(made: Manifest) -> None:
    """Plain and full, through the padded form and through the sealed one."""
    assert manifest.decode(manifest.encode(made)) == made
    sealed = manifest.seal(made, KEY, REPORT, PART)
    assert open_manifest(sealed, KEY, manifest_context(REPORT, PART)) == made


def test_the_second_implementation_reads_a_sealed_manifest() -> None:
    """lp(JSON) and zeros to a multiple of 1,024, under the manifest's own context."""
    plain = slow_cobblestone.decrypt(manifest.seal(FULL, KEY, REPORT, PART), KEY, manifest_context(REPORT, PART))
    text = canonical(manifest.to_json(FULL))
    assert plain == lp(text) + bytes(-(2 + len(text)) % 1024)


def test_manifests_of_about_one_length_have_one_size() -> None:
    """A title's length does not show: both fill one block of 1,024."""
    short, long = replace(PLAIN, title="A"), replace(PLAIN, title="A" * 400)
    assert len(manifest.seal(short, KEY, REPORT, PART)) == len(manifest.seal(long, KEY, REPORT, PART)) == 56 + 1024 + 16


@pytest.mark.parametrize(
    "change",
    [
        {"part": ""},
        {"part": "P1"},
        {"part": "p/1"},
        {"title": ""},
        {"title": "a\nb"},
        {"title": "a" * 501},
        {"title": "\ud800"},
        {"media_type": "pdf"},
        {"media_type": "text/plain; charset=x"},
        {"size": -1},
        {"size": 2**40 + 1},
        {"visit_dates": ("2025-03-09", "2025-03-01")},
        {"visit_dates": ("2025-02-30", "2025-03-01")},
        {"places": ("",)},
        {"places": ("a",) * 101},
        {"note": "a\tb"},
        {"note": "a" * 4001},
        {"signer": Signer(bytes(15), {}, bytes(32))},
        {"signer": Signer(bytes(16), {}, bytes(31))},
        {"signer": Signer(bytes(16), {"a": "x" * 65_535}, bytes(32))},
    ],
)
def test_a_value_that_is_not_permitted_makes_no_manifest(change: dict[str, Any]) -> None:
    """Each is refused before anything is sealed."""
    with pytest.raises(ManifestError):
        manifest.encode(replace(PLAIN, **change))


def test_an_unsafe_file_name_makes_no_manifest_and_opens_from_none() -> None:
    """The depositor is told to rename the file; a hostile depositor's manifest is refused by the reader."""
    with pytest.raises(FileNameError):
        manifest.encode(replace(PLAIN, file_name="../../.ssh/authorized_keys"))
    body = {**manifest.to_json(PLAIN), "file_name": "../../.ssh/authorized_keys"}
    with pytest.raises(FileNameError):
        manifest.decode(padded(body))


def padded(body: dict[str, Any]) -> bytes:
    """Return the plain form of any JSON object."""
    data = lp(canonical(body))
    return data + bytes(-len(data) % 1024)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(1023),
        bytes(1024),
        manifest.encode(PLAIN)[:-1],
        manifest.encode(PLAIN) + bytes(1024),
        manifest.encode(PLAIN)[:-1] + b"\1",
        b"\xff\xff" + manifest.encode(PLAIN)[2:],
        padded({**manifest.to_json(PLAIN), "more": 1}),
        padded({k: v for k, v in manifest.to_json(PLAIN).items() if k != "note"}),
        padded({**manifest.to_json(PLAIN), "file_name": 3}),
        padded({**manifest.to_json(PLAIN), "note": 3}),
        padded({**manifest.to_json(PLAIN), "signer": {"officer": "AAAAAAAAAAAAAAAAAAAAAA", "profile": 3, "salt": "A" * 43}}),
        lp(canonical(manifest.to_json(PLAIN)) + b" ").ljust(1024, b"\0"),
        lp(b"[]").ljust(1024, b"\0"),
    ],
)
def test_any_other_plain_form_is_refused(data: bytes) -> None:
    """Length, padding, unknown and missing fields, wrong types, another spelling of the same JSON."""
    with pytest.raises(ManifestError):
        manifest.decode(data)


def test_a_damaged_or_foreign_sealed_manifest_does_not_open() -> None:
    """One bit, another key, another part, the content's context, an impossible size."""
    sealed = manifest.seal(PLAIN, KEY, REPORT, PART)
    context = manifest_context(REPORT, PART)
    damaged = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for data, key, used in (
        (damaged, KEY, context),
        (sealed, bytes(32), context),
        (sealed, KEY, manifest_context(REPORT, bytes(8))),
        (sealed, KEY, part_context(REPORT, PART)),
        (sealed[:-1], KEY, context),
        (b"", KEY, context),
    ):
        with pytest.raises(SealingError) as caught:
            open_manifest(data, key, used)
        assert caught.value.code == "manifest_malformed"


def test_sizes_that_no_sealed_manifest_has_are_refused() -> None:
    """Whole blocks of 1,024 from one to 65, and nothing else."""
    for blocks in (1, 16, 65):
        manifest.check_sealed_size(56 + 1024 * blocks + 16 * (1024 * blocks // 16_384 + 1))
    for size in (0, 56 + 16, 56 + 1025 + 16, manifest.MOST_SEALED_BYTES + 1, 56 + 1024 * 66 + 16 * 5):
        with pytest.raises(ManifestError):
            manifest.check_sealed_size(size)


def test_the_profile_hash_is_salt_and_json() -> None:
    """What the reader compares with the directory's `officer.enrol`."""
    assert FULL.signer is not None
    expected = hashlib.sha256(bytes(range(32)) + b'{"name":"A. Member","post":"Head of delegation"}').digest()
    assert FULL.signer.profile_hash == expected
