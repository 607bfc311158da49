"""C2SP tlog-checkpoint: what a log signs (https://c2sp.org/tlog-checkpoint).

Three lines: origin, size, root. Extension lines are refused: no signature of ours covers them.
"""

from dataclasses import dataclass

from exchange.transparency.errors import LogFormatError
from exchange.transparency.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE, TreeHead
from exchange.transparency.note import Note, b64, check_name, number, parse_note, unb64


@dataclass(frozen=True)
class Checkpoint:
    """Origin, size and root of a log. Made by `make_checkpoint` or `parse_checkpoint`, which check it."""

    origin: str
    size: int
    root: bytes

    @property
    def head(self) -> TreeHead:
        """Size and root."""
        return TreeHead(self.size, self.root)

    @property
    def text(self) -> str:
        """The note text, with its final newline."""
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"


def make_checkpoint(origin: str, size: int, root: bytes) -> Checkpoint:
    """Return a checked Checkpoint; LogFormatError for a bad origin, size or root (of size 0: the empty root alone)."""
    check_name(origin)
    if not 0 <= size <= MAX_SIZE:
        raise LogFormatError(f"a checkpoint of size {size}")
    if len(root) != HASH_BYTES or (size == 0 and root != EMPTY_ROOT):
        raise LogFormatError("a checkpoint whose root is not one")
    return Checkpoint(origin, size, root)


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint of a note text; LogFormatError for another spelling or an extension line."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise LogFormatError("a checkpoint that is not three lines")
    return make_checkpoint(lines[0], number(lines[1]), unb64(lines[2], HASH_BYTES))


def parse_signed(data: bytes) -> tuple[Checkpoint, Note]:
    """Return checkpoint and note of a signed checkpoint, nothing verified; LogFormatError when malformed."""
    note = parse_note(data)
    return parse_checkpoint(note.text), note
