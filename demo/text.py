"""The demo's texts: read from `data/`, parsed from the small markup that data/README.md describes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DATA = Path(__file__).with_name("data")

Kind = Literal["title", "heading", "subheading", "centred", "item", "note", "paragraph"]
MARKS: dict[str, Kind] = {
    "# ": "title",
    "## ": "heading",
    "### ": "subheading",
    "= ": "centred",
    "- ": "item",
    "^ ": "note",
}


@dataclass(frozen=True)
class Block:
    """One paragraph of a text, and what kind it is."""

    kind: Kind
    text: str


def parse(text: str) -> list[Block]:
    """Blocks in their order. Every text parses: what bears no mark is a paragraph."""
    blocks = []
    for piece in (" ".join(part.split()) for part in text.split("\n\n")):
        if not piece:
            continue
        mark = next((mark for mark in MARKS if piece.startswith(mark)), "")
        blocks.append(Block(MARKS[mark] if mark else "paragraph", piece.removeprefix(mark)))
    return blocks


def read(name: str) -> str:
    """The text of one file in `data/`."""
    return (DATA / name).read_text(encoding="utf-8")
