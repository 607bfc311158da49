"""The manifest of a part: what only recipients may know of it (docs/spec/report.md, "Manifest").

lp(JSON), zeros to a multiple of 1,024, one Cobblestone-256 message under the part's content key. Sealing and the plain
form stand here; opening a sealed one stands in `exchange.sealing.unseal`.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from exchange.sealing.content import manifest_context, seal_small
from exchange.sealing.errors import BadSizeError, ManifestError
from exchange.sealing.file_name import check_file_name
from exchange.sealing.pieces import MOST_PADDED_BYTES, opened_size, sealed_size
from keys import fields
from keys.encoding import MAX_BYTES, b64u, canonical, lp, parse_object, unb64u
from keys.errors import MalformedError

BLOCK: Final = 1024
MOST_MANIFEST_BYTES: Final = -(-(2 + MAX_BYTES) // BLOCK) * BLOCK
MOST_SEALED_BYTES: Final = sealed_size(MOST_MANIFEST_BYTES)

_LOCAL_NAME: Final = re.compile(r"[a-z0-9]{1,16}", re.ASCII)
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}", re.ASCII)


@dataclass(frozen=True, repr=False)
class Signer:
    """Who signed the header, as the depositing body wants the recipients to know them.

    `officer` (16 bytes) and `salt` (32 bytes) let the reader check `profile` against the hash in the directory:
    SHA-256(salt || canonical JSON of the profile).
    """

    officer: bytes
    profile: dict[str, Any]
    salt: bytes

    @property
    def profile_hash(self) -> bytes:
        """The hash that the officer's `officer.enrol` must name."""
        return hashlib.sha256(self.salt + canonical(self.profile)).digest()


@dataclass(frozen=True, repr=False)
class Manifest:
    """What recipients learn of a part once they hold its key; its repr says no word of it.

    `part` is the depositor's local name (p1 …); `size` the true size in bytes; `visit_dates` first and last day,
    YYYY-MM-DD; `note` may have line breaks.
    """

    part: str
    title: str
    file_name: str
    media_type: str
    size: int
    visit_dates: tuple[str, str] | None = None
    places: Sequence[str] = ()
    note: str | None = None
    signer: Signer | None = None

    def __repr__(self) -> str:
        return f"<Manifest of part {self.part}>"


def to_json(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest's JSON object; ManifestError or FileNameError for a value that is not permitted."""
    signer = manifest.signer
    body = {
        "file_name": manifest.file_name,
        "media_type": manifest.media_type,
        "note": manifest.note,
        "part": manifest.part,
        "places": list(manifest.places),
        "signer": signer
        and {"officer": b64u(signer.officer), "profile": signer.profile, "salt": b64u(signer.salt)},
        "size": manifest.size,
        "title": manifest.title,
        "visit_dates": manifest.visit_dates and list(manifest.visit_dates),
    }
    _check(body)
    return body


def from_json(body: dict[str, Any]) -> Manifest:
    """Return the manifest of a JSON object of exactly its fields; ManifestError or FileNameError otherwise."""
    _check(body)
    signer, dates = body["signer"], body["visit_dates"]
    return Manifest(
        part=body["part"],
        title=body["title"],
        file_name=body["file_name"],
        media_type=body["media_type"],
        size=body["size"],
        visit_dates=(dates[0], dates[1]) if dates else None,
        places=tuple(body["places"]),
        note=body["note"],
        signer=Signer(unb64u(signer["officer"]), signer["profile"], unb64u(signer["salt"])) if signer else None,
    )


def encode(manifest: Manifest) -> bytes:
    """Return the plain form: lp(JSON), zeros to a multiple of 1,024; ManifestError where the JSON has over 65,535 bytes."""
    body = to_json(manifest)
    try:
        data = lp(canonical(body))
    except MalformedError as error:
        raise ManifestError("a manifest has no JSON spelling within 65,535 bytes") from error
    return data + bytes(-len(data) % BLOCK)


def decode(data: bytes) -> Manifest:
    """Parse the plain form in its one spelling; ManifestError or FileNameError for anything else."""
    if len(data) < BLOCK or len(data) % BLOCK:
        raise ManifestError("a manifest is not a multiple of 1,024 bytes")
    length = int.from_bytes(data[:2], "big")
    text, rest = data[2 : 2 + length], data[2 + length :]
    if len(text) != length or len(rest) >= BLOCK or any(rest):
        raise ManifestError("a manifest's length and its padding do not agree")
    try:
        body = parse_object(text)
    except MalformedError as error:
        raise ManifestError("a manifest is not one JSON object in its one spelling") from error
    return from_json(body)


def seal(manifest: Manifest, key: bytes, report: bytes, part: bytes) -> bytes:
    """Return the manifest sealed under the part's content key: one Cobblestone-256 message, 1,096 to 66,696 bytes."""
    return seal_small(encode(manifest), key, manifest_context(report, part))


def sealed_hash(sealed: bytes) -> bytes:
    """Return what the part's descriptor names: SHA-256 of the sealed manifest; ManifestError for an impossible size."""
    check_sealed_size(len(sealed))
    return hashlib.sha256(sealed).digest()


def check_sealed_size(size: int) -> None:
    """ManifestError unless a sealed manifest can have this size."""
    try:
        plain = opened_size(size)
    except BadSizeError as error:
        raise ManifestError("no sealed manifest has this size") from error
    if not BLOCK <= plain <= MOST_MANIFEST_BYTES or plain % BLOCK:
        raise ManifestError("no sealed manifest has this size")


def _check(body: dict[str, Any]) -> None:
    try:
        fields.check(body, _SCHEMA)
    except MalformedError as error:
        raise ManifestError(f"a manifest has a value that is not permitted: {error}") from error
    dates = body["visit_dates"]
    if dates and dates[0] > dates[1]:
        raise ManifestError("a visit ends before it begins")


def _file_name(value: object) -> None:
    if not isinstance(value, str):
        raise MalformedError("not a file name")
    check_file_name(value)


def _matching(pattern: re.Pattern[str], what: str) -> fields.Checker:
    def checker(value: object) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise MalformedError(f"not {what}")

    return checker


def _note(value: object) -> None:
    """A note is the one text with line breaks; no other control character."""
    if not isinstance(value, str):
        raise MalformedError("not a text")
    fields.text(4000)(value.replace("\n", " "))


def _object(value: object) -> None:
    if not isinstance(value, dict):
        raise MalformedError("not an object")


_SCHEMA: Final[fields.Schema] = {
    "file_name": _file_name,
    "media_type": _matching(_MEDIA_TYPE, "a media type"),
    "note": fields.nullable(_note),
    "part": _matching(_LOCAL_NAME, "a local name of a part"),
    "places": fields.list_of(fields.text(200, least=1), most=100),
    "signer": fields.nullable(
        fields.an_object({"officer": fields.ID16, "profile": _object, "salt": fields.HASH})
    ),
    "size": fields.integer(0, MOST_PADDED_BYTES),
    "title": fields.text(500, least=1),
    "visit_dates": fields.nullable(fields.list_of(fields.day, least=2, most=2)),
}
