"""C2SP signed-note: a text and the lines of its signatures (https://c2sp.org/signed-note).

Parsing is strict and says nothing about whether a signature verifies: that takes a key (`cosignature`, `policy`).
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from exchange.transparency.errors import LogFormatError

# signed-note wants at least 16 accepted; an ML-DSA-44 line is 3.3 kB.
MAX_SIGNATURES: Final = 64
MAX_BYTES: Final = 512 * 1024

_DASH: Final = "— "


@dataclass(frozen=True)
class NoteSignature:
    """One line: who claims to have signed (name and key id, 4 bytes) and the bytes of the signature."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, with its newline."""
        return f"{_DASH}{self.name} {b64(self.key_id + self.signature)}\n"


@dataclass(frozen=True)
class Note:
    """A text ending in a newline, and its signatures in the order they stand."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Return the note's one spelling."""
        return (self.text + "\n" + "".join(signature.line for signature in self.signatures)).encode()


def parse_note(data: bytes) -> Note:
    """Return the note whose bytes these are; LogFormatError for anything else."""
    if len(data) > MAX_BYTES:
        raise LogFormatError(f"a note over {MAX_BYTES} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LogFormatError("a note that is not UTF-8") from error
    if any(c < " " and c != "\n" for c in whole):
        raise LogFormatError("a note with a control character")
    # The last empty line parts text and signatures: neither a text's last line nor a signature line is empty after it.
    text, gap, tail = whole.rpartition("\n\n")
    if not gap or not text or not tail.endswith("\n"):
        raise LogFormatError("a note without signatures")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise LogFormatError(f"a note with over {MAX_SIGNATURES} signatures")
    signatures = tuple(_parse_line(line) for line in lines)
    if len(set(signatures)) != len(signatures):
        raise LogFormatError("a note with the same signature twice")
    return Note(text + "\n", signatures)


def check_name(name: str) -> str:
    """Return `name` when it may name a key: not empty, no Unicode space, no control character, no plus."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LogFormatError("a key name that is not UTF-8") from error
    if not name or any(c.isspace() or c == "+" or c < " " for c in name):
        raise LogFormatError("a key name that is empty or has a space, a control character or a plus")
    return name


def b64(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str, length: int | None = None) -> bytes:
    """Return the bytes of the one standard base64 spelling, `length` of them; LogFormatError otherwise."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise LogFormatError("not base64") from error
    if b64(data) != text:
        raise LogFormatError("not the one base64 spelling")
    if length is not None and len(data) != length:
        raise LogFormatError(f"base64 of {len(data)} bytes where {length} are due")
    return data


def number(text: str) -> int:
    """Return a decimal number below 2^63 without leading zeroes; LogFormatError otherwise."""
    if not text.isascii() or not text.isdigit() or len(text) > 19 or (text[0] == "0" and text != "0"):
        raise LogFormatError("not a decimal number without leading zeroes")
    value = int(text)
    if value >= 2**63:
        raise LogFormatError("a number of 2^63 or more")
    return value


def _parse_line(line: str) -> NoteSignature:
    name, _, blob = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH):
        raise LogFormatError("a signature line that does not start with a dash")
    raw = unb64(blob)
    if len(raw) < 5:
        raise LogFormatError("a signature line without a signature")
    return NoteSignature(check_name(name), raw[:4], raw[4:])
