"""Our own vectors: what each file says is due is what the room answers."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.sealing import container, descriptors, manifest, package, pieces
from exchange.sealing.content import manifest_context, part_context
from exchange.sealing.envelope import EnvelopePlace, envelope_hash
from exchange.sealing.errors import SealingError
from exchange.sealing.unseal.content import open_content, open_manifest, unwrap_key
from keys.encoding import b64u, unb64u
from keys.seat_open import SealKey
from tests.unit.sealing import slow_cobblestone
from tests.unit.sealing.in_memory import MemoryPieces

FOLDER = Path(__file__).parents[2] / "vectors" / "sealing"
Values = dict[str, Any]


def load(kind: str) -> list[Any]:
    """Return the vectors of a folder; a folder that is missing, empty, or without good and bad cases fails."""
    found = [json.loads(path.read_text()) for path in sorted((FOLDER / kind).glob("*.json"))]
    if not found or not any("error" in v["due"] for v in found) or all("error" in v["due"] for v in found):
        raise AssertionError(f"vectors of {kind} are missing")
    paths = sorted((FOLDER / kind).glob("*.json"))
    return [pytest.param(vector, id=path.stem) for path, vector in zip(paths, found, strict=True)]


def judged(vector: Values, answer: Callable[[Values], Values]) -> None:
    """Hold an answer, or the code of a refusal, against what is due."""
    try:
        found = answer(vector["given"])
    except SealingError as error:
        found = {"error": error.code}
    assert found == vector["due"], vector["about"]


def changed(ciphertext: bytes, change: Values) -> bytes:
    """Apply the change of a `content` vector to the ciphertext."""
    data = bytearray(ciphertext)
    if "flip" in change:
        data[change["flip"]] ^= 1
    if "swap" in change:
        one, two, length = change["swap"]
        data[one : one + length], data[two : two + length] = data[two : two + length], data[one : one + length]
    return bytes(data)


def content(given: Values) -> Values:
    """Seal with the slow encoder under the vector's salt, open with the fast decoder, and report both."""
    key, report, part = (unb64u(given[name]) for name in ("key", "report", "part"))
    size, change = given["size"], given.get("change", {})
    plain = bytes(i * 7 % 251 for i in range(size))
    padded = bytearray(plain + bytes(pieces.padded_size(size) - size))
    if "plain" in change:
        padded[change["plain"]] = 1
    context = part_context(report, unb64u(change.get("sealed_as", given["part"])))
    sealed = changed(slow_cobblestone.encrypt(bytes(padded), key, context, unb64u(given["salt"])), change)
    found, out = MemoryPieces(sealed), bytearray()
    open_content(found, change.get("claim", size), key, part_context(report, part), out.extend)
    assert bytes(out) == plain
    cut = pieces.layout(len(sealed))
    hashes = [pieces.piece_hash(found.piece(number)) for number in range(cut.count)]
    return {
        "padded": len(padded),
        "ciphertext": len(sealed),
        "sha256": b64u(hashlib.sha256(sealed).digest()),
        "commitment": b64u(sealed[24:56]),
        "pieces": [cut.length(n) for n in range(cut.count)],
        "root": b64u(pieces.root_of(hashes)),
    }


@pytest.mark.parametrize("vector", load("content"))
def test_content_vector(vector: Values) -> None:
    """Padding, encryption, pieces and root; or the refusal."""
    judged(vector, content)


def sizes(given: Values) -> Values:
    """Return the sizes of the pieces of a ciphertext."""
    found = pieces.layout(given["size"])
    return {"pieces": [found.length(n) for n in range(found.count)]}


@pytest.mark.parametrize("vector", load("sizes"))
def test_size_vector(vector: Values) -> None:
    """The pieces of a size, or none."""
    judged(vector, sizes)


def plain_manifest(given: Values) -> Values:
    """Return the JSON of a plain manifest, which must print back the same."""
    found = manifest.decode(unb64u(given["plain"]))
    assert manifest.encode(found) == unb64u(given["plain"])
    return {"json": manifest.to_json(found)}


@pytest.mark.parametrize("vector", load("manifest"))
def test_manifest_vector(vector: Values) -> None:
    """The plain form, or the refusal."""
    judged(vector, plain_manifest)


def sealed_manifest(given: Values) -> Values:
    """Open a sealed manifest; return its JSON and hash."""
    context = manifest_context(unb64u(given["report"]), unb64u(given["part"]))
    sealed = unb64u(given["sealed"])
    found = open_manifest(sealed, unb64u(given["key"]), context)
    return {"json": manifest.to_json(found), "sha256": b64u(manifest.sealed_hash(sealed))}


@pytest.mark.parametrize("vector", load("sealed-manifest"))
def test_sealed_manifest_vector(vector: Values) -> None:
    """The sealed form, or the refusal."""
    judged(vector, sealed_manifest)


def described(given: Values) -> Values:
    """Return the digests of a wire form, which must print back the same."""
    found = descriptors.parse(given["wire"].encode())
    assert found.wire == given["wire"].encode()
    digests = found.digests()
    return {"digests": {n: [b64u(d) for d in getattr(digests, n)] for n in ("parts", "recipients", "links")}}


@pytest.mark.parametrize("vector", load("descriptors"))
def test_descriptor_vector(vector: Values) -> None:
    """The digests, or the refusal."""
    judged(vector, described)


def enveloped(given: Values) -> Values:
    """Open an envelope; return its content key and hash."""
    place = EnvelopePlace(
        report=unb64u(given["report"]),
        owner=given["owner"],
        commitment=unb64u(given["commitment"]),
        part=unb64u(given["part"]),
        organisation=given["organisation"],
        epoch=given["epoch"],
        key_id=unb64u(given["key"]),
    )
    data = unb64u(given["envelope"])
    return {
        "content_key": b64u(unwrap_key(data, place, SealKey(unb64u(given["seed"])))),
        "hash": b64u(envelope_hash(data)),
    }


@pytest.mark.parametrize("vector", load("envelope"))
def test_envelope_vector(vector: Values) -> None:
    """The content key, or the refusal."""
    judged(vector, enveloped)


def packaged(given: Values) -> Values:
    """Return the names of a package's members; it must print back the same."""
    data = unb64u(given["package"])
    assert package.to_bytes(package.from_bytes(data)) == data
    return {"members": [member.name for member in container.read_members(io.BytesIO(data))]}


@pytest.mark.parametrize("vector", load("package"))
def test_package_vector(vector: Values) -> None:
    """The members, or the refusal."""
    judged(vector, packaged)


def test_an_empty_folder_of_vectors_is_noticed() -> None:
    """The loader fails where there is nothing to run, so vectors cannot vanish unseen."""
    with pytest.raises(AssertionError):
        load("no-such-format")
