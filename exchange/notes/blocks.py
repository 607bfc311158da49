"""What a paper consists of, before anybody draws it: headings, sentences, boxes and lines to fill in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from exchange.notes.errors import MalformedNoteError
from exchange.texts import LANGUAGES, has, say
from keys import fields
from keys.errors import MalformedError

MONTHS: Final = 12


@dataclass(frozen=True)
class Heading:
    """A heading: 1 for the title of the paper, 2 and 3 below it."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Box:
    """A box with what it stands for."""

    ticked: bool
    text: str


@dataclass(frozen=True)
class Line:
    """Something to fill in, and what stands there; None for a line left empty."""

    label: str
    value: str | None = None


@dataclass(frozen=True)
class Code:
    """A reference code, and the text that the square beside it holds; None without a square."""

    code: str
    square: bytes | None = None


Block: TypeAlias = Heading | Text | Box | Line | Code


@dataclass(frozen=True)
class Paper:
    """A paper in one language ("en", "fr"): its title, and its blocks in the order of reading."""

    language: str
    title: str
    blocks: Sequence[Block]


_KINDS: Final = {"heading": Heading, "text": Text, "box": Box, "line": Line, "code": Code}


def to_json(paper: Paper) -> dict[str, Any]:
    """Return a paper without squares as JSON values."""
    names = {kind: name for name, kind in _KINDS.items()}
    blocks = []
    for block in paper.blocks:
        values = {name: value for name, value in vars(block).items() if name != "square"}
        blocks.append({"block": names[type(block)], **values})
    return {"language": paper.language, "title": paper.title, "blocks": blocks}


def from_json(value: object) -> Paper:
    """Read what `to_json` makes; MalformedNoteError otherwise."""
    try:
        paper = fields.check(value, _PAPER)
        blocks = [_block(item) for item in paper["blocks"]]
    except MalformedError as error:
        raise MalformedNoteError(str(error)) from error
    return Paper(paper["language"], paper["title"], tuple(blocks))


_TEXT: Final = fields.text(4000)
_FIELDS: Final[Mapping[str, fields.Schema]] = {
    "heading": {"text": _TEXT, "level": fields.integer(1, 3)},
    "text": {"text": _TEXT},
    "box": {"ticked": fields.boolean, "text": _TEXT},
    "line": {"label": _TEXT, "value": fields.nullable(_TEXT)},
    "code": {"code": _TEXT},
}
_PAPER: Final[fields.Schema] = {
    "language": fields.one_of(*LANGUAGES),
    "title": _TEXT,
    "blocks": fields.list_of(fields.anything, most=20_000),
}


def _block(item: object) -> Block:
    kind = item.get("block") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(kind, str) or kind not in _FIELDS:
        raise MalformedError("not a block of a paper")
    values = {name: value for name, value in item.items() if name != "block"}
    made: Block = _KINDS[kind](**fields.check(values, _FIELDS[kind]))
    return made


def word(language: str, group: str, value: str) -> str:
    """Return the catalogue's word for a value of a closed list, or the value itself."""
    key = f"word.{group}.{value}"
    return say(key, language) if has(key) else value


def day(language: str, value: str) -> str:
    """Return "4 July 2025" for "2025-07-04", in French "1er juillet 2025" for a first; the value itself for anything else."""
    parts = value.split("-")
    if len(parts) != len("ymd") or not all(part.isdigit() for part in parts):
        return value
    year, month, number = (int(part) for part in parts)
    if not 1 <= month <= MONTHS:
        return value
    shown = "1er" if language == "fr" and number == 1 else str(number)
    return f"{shown} {say(f'note.month.m{month}', language)} {year}"


def as_text(papers: Sequence[Paper]) -> list[str]:
    """Return papers as lines for a screen or a screen reader."""
    lines: list[str] = []
    for paper in papers:
        for block in paper.blocks:
            if isinstance(block, Heading):
                lines += ["", f"{'#' * block.level} {block.text}"]
            elif isinstance(block, Box):
                lines.append(f"  [{'x' if block.ticked else ' '}] {block.text}")
            elif isinstance(block, Line):
                lines.append(f"  {block.label} {block.value or '…'}")
            elif isinstance(block, Code):
                lines.append(f"  {block.code}")
            else:
                lines.append(block.text)
    return lines[1:]
