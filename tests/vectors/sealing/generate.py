"""Make the vectors of this folder anew: `python -m tests.vectors.sealing.generate`. Only when a format is added.

Everything but the HPKE envelopes comes out the same each time; those draw randomness, so they stay as they are if present.
"""

import hashlib
import io
import json
import struct
from pathlib import Path
from typing import Any

from exchange.sealing import container, descriptors, envelope, manifest, package, pieces
from exchange.sealing.content import manifest_context, part_context
from exchange.sealing.descriptor import LinkDescriptor, PartDescriptor, RecipientDescriptor
from exchange.sealing.descriptors import Salted
from exchange.sealing.envelope import EnvelopePlace, LockedEnvelope, SealTo
from exchange.sealing.manifest import Manifest, Signer
from exchange.sealing.package import Package
from keys.encoding import b64u, canonical, lp
from keys.seat_open import SealKey
from tests.unit.sealing import slow_cobblestone, slow_pieces

FOLDER = Path(__file__).parent
KEY, SALT = bytes(range(32)), bytes(range(100, 124))
REPORT, PART = bytes(range(16)), bytes(range(8))
MIB = 2**20
IDS = {"key": b64u(KEY), "report": b64u(REPORT), "part": b64u(PART)}


def save(kind: str, name: str, about: str, given: dict[str, Any], **due: Any) -> None:
    """Write one vector; `due` is either `error`, a code, or the values expected."""
    (FOLDER / kind).mkdir(exist_ok=True)
    body = {"about": about, "kind": kind, "given": given, "due": due}
    (FOLDER / kind / f"{name}.json").write_text(json.dumps(body, indent=1, ensure_ascii=True, sort_keys=True) + "\n")


def pattern(size: int) -> bytes:
    """The bytes a content vector seals: byte i is i * 7 mod 251."""
    return (bytes(i * 7 % 251 for i in range(251)) * (size // 251 + 1))[:size]


def content() -> None:
    """Content: sizes where something changes, then one defect each as a change of the ciphertext."""
    for size in (0, 1, 16_384, 65_536, 65_537, MIB - 16_384, MIB, MIB + 1, 2 * MIB):
        padded = pattern(size) + bytes(pieces.padded_size(size) - size)
        sealed = slow_cobblestone.encrypt(padded, KEY, part_context(REPORT, PART), SALT)
        cut = slow_pieces.cut(sealed)
        save(
            "content", f"size-{size}", f"A file of {size} bytes, byte i = i * 7 mod 251, sealed under a fixed salt.",
            {**IDS, "salt": b64u(SALT), "size": size},
            padded=len(padded), ciphertext=len(sealed), sha256=b64u(hashlib.sha256(sealed).digest()),
            commitment=b64u(sealed[24:56]), pieces=[len(piece) for piece in cut], root=b64u(slow_pieces.head(cut)),
        )  # fmt: skip
    size = MIB + 1
    given = {**IDS, "salt": b64u(SALT), "size": size}
    defects: list[tuple[str, str, dict[str, Any], str]] = [
        ("salt-changed", "The first bit of the salt.", {"flip": 0}, "content_damaged"),
        ("commitment-changed", "The first bit of the commitment.", {"flip": 24}, "content_damaged"),
        ("chunk-changed", "A bit in the fifth chunk.", {"flip": 56 + 4 * 16_400 + 7}, "content_damaged"),
        ("tag-changed", "The last bit of the last tag.", {"flip": -1}, "content_damaged"),
        ("another-part", "Sealed as another part's content.", {"sealed_as": b64u(bytes(8))}, "content_damaged"),
        ("chunks-swapped", "The first two chunks exchanged.", {"swap": [56, 56 + 16_400, 16_400]}, "content_damaged"),
        ("padding-not-zero", "The last byte of the padding is 1.", {"plain": -1}, "true_size_wrong"),
        ("size-too-small", "The true size given is not padded to this.", {"claim": 10}, "true_size_wrong"),
        ("size-hides-a-byte", "The true size given is one byte short.", {"claim": size - 1}, "true_size_wrong"),
    ]
    for name, about, change, code in defects:
        save("content", f"bad-{name}", about, {**given, "change": change}, error=code)


def sizes() -> None:
    """Ciphertext sizes: pieces of each, or none."""
    for padded in (65_536, MIB, 2 * MIB, 3 * MIB + 2**17):
        size = pieces.sealed_size(padded)
        found = pieces.layout(size)
        lengths = [found.length(n) for n in range(found.count)]
        save("sizes", f"padded-{padded}", "How a ciphertext falls into pieces.", {"size": size}, pieces=lengths)
    for name, about, size in (
        ("nothing", "No ciphertext at all.", 0),
        ("head-alone", "The head without a chunk.", 56),
        ("ends-at-a-chunk", "Whole chunks only: the short last one is missing.", 56 + 4 * 16_400),
        ("tag-cut", "A last chunk shorter than its tag.", 56 + 4 * 16_400 + 15),
        ("under-64-kib", "Padded to less than 65,536 bytes.", pieces.sealed_size(65_535)),
        ("not-padded", "A true size, not one that Padmé gives.", pieces.sealed_size(70_001)),
        ("over-the-bound", "Over 2^40 bytes.", pieces.sealed_size(2**41)),
    ):
        save("sizes", f"bad-{name}", about, {"size": size}, error="bad_size")


PLAIN = Manifest(
    "p1", "Report on the visit", "rapport – été.pdf", "application/pdf", 1234, ("2025-03-01", "2025-03-09"),
    ("Central prison",), "First line\nsecond line", Signer(bytes(16), {"name": "A. Member"}, bytes(range(32))),
)  # fmt: skip


def manifests() -> None:
    """Manifests, plain and sealed."""
    body = manifest.to_json(PLAIN)
    data = manifest.encode(PLAIN)
    save("manifest", "full", "Every field given.", {"plain": b64u(data)}, json=body)
    least = Manifest("p1", "T", "a.pdf", "application/pdf", 0)
    save("manifest", "least", "Every field that may be null is.", {"plain": b64u(manifest.encode(least))},
         json=manifest.to_json(least))  # fmt: skip

    def bad(name: str, about: str, plain: bytes, code: str = "manifest_malformed") -> None:
        save("manifest", f"bad-{name}", about, {"plain": b64u(plain)}, error=code)

    def padded(value: dict[str, Any]) -> bytes:
        text = lp(canonical(value))
        return text + bytes(-len(text) % 1024)

    bad("length-beyond", "The length counts past the end.", b"\xff\xff" + data[2:])
    bad("padding-not-zero", "The last byte of the padding is 1.", data[:-1] + b"\1")
    bad("padded-too-far", "A block of zeros too many.", data + bytes(1024))
    bad("not-a-multiple", "A byte short of a multiple of 1,024.", data[:-1])
    bad("unknown-field", "A field that is not ours.", padded({**body, "author": "x"}))
    bad("field-missing", "No note, not even null.", padded({k: v for k, v in body.items() if k != "note"}))
    bad("size-text", "The true size as a text.", padded({**body, "size": "1234"}))
    bad("dates-reversed", "A visit that ends before it begins.", padded({**body, "visit_dates": ["2025-03-09", "2025-03-01"]}))
    bad("spelling", "A space after a colon.", lp(canonical(body).replace(b":", b": ", 1)).ljust(1024, b"\0"))
    for name, file_name in (
        ("path", "../report.pdf"), ("backslash", "a\\b.pdf"), ("hidden", ".report"), ("device", "con.pdf"),
        ("turned", "report\u202efdp.exe"), ("control", "a\u0085b"), ("form-d", "e\u0301.pdf"), ("empty", ""),
    ):  # fmt: skip
        bad(f"name-{name}", "A file name that is not safe everywhere.", padded({**body, "file_name": file_name}),
            "file_name_unsafe")  # fmt: skip
    sealed = slow_cobblestone.encrypt(data, KEY, manifest_context(REPORT, PART), SALT)
    save("sealed-manifest", "full", "Sealed under a fixed salt.", {**IDS, "sealed": b64u(sealed)},
         json=body, sha256=b64u(manifest.sealed_hash(sealed)))  # fmt: skip
    for name, about, changed in (
        ("changed", "One bit of the last tag.", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("as-content", "Sealed under the content's context.",
         slow_cobblestone.encrypt(data, KEY, part_context(REPORT, PART), SALT)),
        ("cut", "A byte short.", sealed[:-1]),
    ):  # fmt: skip
        save("sealed-manifest", f"bad-{name}", about, {**IDS, "sealed": b64u(changed)}, error="manifest_malformed")


DESCRIBED = descriptors.of(
    [Salted(bytes([1] * 32), PartDescriptor(PART, ("XA", "XB"), "zh-hans", "redacted", True, None, pieces.sealed_size(MIB), 2,
                                           bytes([2] * 32), bytes([3] * 32), bytes([4] * 32)))],
    [Salted(bytes([n] * 32), RecipientDescriptor(name, n, bytes([n] * 32), PART, bytes([n + 9] * 32)))
     for n, name in ((5, "coe-cpt"), (6, "state:XA"))],
    [Salted(bytes([7] * 32), LinkDescriptor("responds_to", "abcdef00-0000-4000-8000-000000000001"))],
)  # fmt: skip


def described() -> None:
    """Descriptors on the wire."""
    found = DESCRIBED.digests()
    digests = {name: [b64u(d) for d in getattr(found, name)] for name in ("parts", "recipients", "links")}
    save("descriptors", "all-kinds", "A part, two recipients and a link.", {"wire": DESCRIBED.wire.decode()}, digests=digests)

    def bad(name: str, about: str, change: Any) -> None:
        body = json.loads(DESCRIBED.wire)
        change(body)
        wire = canonical(body).decode()
        save("descriptors", f"bad-{name}", about, {"wire": wire}, error="descriptor_malformed")

    bad("unknown-field", "A part with a field that is not ours.", lambda b: b["parts"][0][1].update(title="x"))
    bad("field-missing", "A recipient without its epoch.", lambda b: b["recipients"][0][1].pop("epoch"))
    bad("list-missing", "No links, not even none.", lambda b: b.pop("links"))
    bad("order", "Recipients not in the order of their digests.", lambda b: b["recipients"].reverse())
    bad("twice", "One link twice.", lambda b: b["links"].append(b["links"][0]))
    bad("salt-short", "A salt of 31 bytes.", lambda b: b["links"][0].__setitem__(0, b64u(bytes(31))))
    bad("states-order", "States not sorted.", lambda b: b["parts"][0][1]["states"].reverse())
    bad("pieces-other", "Pieces that do not go with the size.", lambda b: b["parts"][0][1].update(pieces=1))
    bad("size-unpadded", "A size that no padded file gives.", lambda b: b["parts"][0][1].update(size=70_000))
    bad("relation", "A relation that is not ours.", lambda b: b["links"][0][1].update(relation="cites"))
    bad("epoch-zero", "Epochs are counted from 1.", lambda b: b["recipients"][0][1].update(epoch=0))
    save("descriptors", "bad-spelling", "A space at the end.", {"wire": DESCRIBED.wire.decode() + " "},
         error="descriptor_malformed")  # fmt: skip


def envelopes() -> None:
    """Envelopes; those that exist stay, since HPKE draws randomness."""
    if (FOLDER / "envelope").exists():
        return
    reader = SealKey(bytes(range(50, 82)))
    place = EnvelopePlace(REPORT, "coe-cpt", bytes(range(3, 35)), PART, "un-spt", 3, reader.key_id)
    inner = envelope.wrap_key(KEY, place, SealTo(reader.public))
    named = {"report": b64u(REPORT), "owner": "coe-cpt", "commitment": b64u(place.commitment), "part": b64u(PART),
             "organisation": "un-spt", "epoch": 3, "key": b64u(reader.key_id), "seed": b64u(reader.seed)}  # fmt: skip

    def vector(name: str, about: str, data: bytes, **change: Any) -> None:
        bad = {} if name == "opens" else {"error": "envelope_mismatch"}
        good = {"content_key": b64u(KEY), "hash": b64u(envelope.envelope_hash(inner))} if not bad else {}
        save("envelope", name, about, {**named, **change, "envelope": b64u(data)}, **bad, **good)

    vector("opens", "An envelope in its place.", inner)
    vector("bad-changed", "One bit of the tag.", inner[:-1] + bytes([inner[-1] ^ 1]))
    vector("bad-short", "A byte short.", inner[:-1])
    vector("bad-report", "Another report.", inner, report=b64u(bytes(16)))
    vector("bad-owner", "Another owner.", inner, owner="un-spt")
    vector("bad-commitment", "Another commitment.", inner, commitment=b64u(bytes(32)))
    vector("bad-part", "Another part.", inner, part=b64u(bytes(8)))
    vector("bad-organisation", "Another recipient.", inner, organisation="npm-xa")
    vector("bad-epoch", "Another epoch.", inner, epoch=4)


def packages() -> None:
    """Packages without parts."""
    locked = LockedEnvelope(bytes(32), bytes(2_304))
    sealed = slow_cobblestone.encrypt(manifest.encode(PLAIN), KEY, manifest_context(REPORT, PART), SALT)
    whole = Package(b"header\n", DESCRIBED, {PART: sealed}, {bytes([14] * 32): locked}, {"statements": b"[]"})
    data = package.to_bytes(whole)
    names = ["header", "descriptors", "statements", f"manifests/{b64u(PART)}", f"envelopes/{b64u(bytes([14] * 32))}"]
    save("package", "whole", "A package without parts.", {"package": b64u(data)}, members=names)

    def bad(name: str, about: str, changed: bytes, code: str = "package_malformed") -> None:
        save("package", f"bad-{name}", about, {"package": b64u(changed)}, error=code)

    def made(*members: tuple[str, bytes]) -> bytes:
        file = io.BytesIO()
        container.write(file, [(name, len(content), content) for name, content in members])
        return file.getvalue()

    base = (("header", b"h"), ("descriptors", DESCRIBED.wire))
    bad("empty", "No byte at all.", b"")
    bad("cut", "The last byte is missing.", data[:-1])
    bad("trailing", "A byte after the end record.", data + b"\0")
    bad("prefixed", "A byte before the first member.", b"\0" + data)
    bad("comment", "A comment in the end record.", data[:-2] + struct.pack("<H", 1) + b"x")
    bad("local-name", "A member whose own header has another name.", data.replace(b"header", b"Header", 1))
    bad("checksum", "A byte of the header's text changed.", data.replace(b"header\n", b"header!", 1))
    bad("no-descriptors", "No descriptors.", made(base[0]))
    bad("order", "Descriptors before the header.", made(*base[::-1]))
    bad("twice", "Two headers.", made(base[0], *base))
    bad("unknown", "A member that is not ours.", made(*base, ("notes", b"")))
    bad("traversal", "A name that climbs.", made(*base, ("manifests/../../x", b"")))
    bad("parts", "A part in a registration.", made(*base, (f"parts/{b64u(PART)}", bytes(pieces.sealed_size(65_536)))))
    bad("header-large", "A header over 65,535 bytes.", made(("header", bytes(65_536)), base[1]), "package_too_large")
    bad("envelope-short", "A locked envelope of 2,335 bytes.",
        made(*base, (f"envelopes/{b64u(bytes(32))}", bytes(2_335))), "envelope_mismatch")  # fmt: skip


if __name__ == "__main__":
    for make in (content, sizes, manifests, described, envelopes, packages):
        make()
