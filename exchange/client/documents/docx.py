"""A Word document (OOXML): its text, who changed and commented on it, who wrote it, and where its photographs were taken."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exchange.client.documents import jpeg, xml_events, zip_parts
from exchange.client.documents.errors import DocumentError
from exchange.client.documents.zip_parts import ZipParts

_WORD: Final = frozenset(
    {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    }
)
_BODY: Final = re.compile(r"word/document[0-9]*\.xml", re.ASCII)
_OTHERS: Final = re.compile(r"word/(header|footer)[0-9]*\.xml|word/(footnotes|endnotes)\.xml", re.ASCII)
_COMMENTS: Final = re.compile(r"word/comments[0-9]*\.xml", re.ASCII)
_MEDIA: Final = re.compile(r"word/media/[^/]+", re.ASCII)
_PROPERTIES: Final = {"docProps/core.xml": ("creator", "lastModifiedBy"), "docProps/app.xml": ("Manager",)}
_CHANGES: Final = frozenset(
    {
        "ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge", "rPrChange", "pPrChange", "sectPrChange",
        "tblPrChange", "trPrChange", "tcPrChange", "numberingChange",
    }
)  # fmt: skip
MOST_TEXT: Final = 2_000_000
_MOST_PHOTOS: Final = 200
_MOST_AUTHORS: Final = 20


@dataclass(frozen=True)
class Docx:
    """What such a file says. `pages`: its text up to each page break; `changes`, `comments`: how many; `photos`: how many
    of its photographs say where they were taken. Authors are those of properties, changes, comments and photographs."""

    pages: tuple[str, ...]
    changes: int
    comments: int
    authors: tuple[str, ...]
    photos: int


class _Reader:
    """Gathers what the parts say, one after the other."""

    def __init__(self) -> None:
        self.pages = [""]
        self.changes = self.comments = self.photos = 0
        self.authors: dict[str, None] = {}
        self._piece: list[str] = []
        self._length = 0
        self._texts = False
        self._property: str | None = None

    def markup(self, parts: ZipParts, name: str, *, text: bool) -> None:
        """Read a part of Word's own markup; its text too, if asked."""

        def start(space: str, word: str, attributes: Mapping[str, str]) -> None:
            if space not in _WORD:
                return
            self._texts = text and word == "t"
            if word in _CHANGES or word == "comment":
                self.changes += word in _CHANGES
                self.comments += word == "comment"
                self.named(attributes.get("author", ""))
            elif text and (word == "lastRenderedPageBreak" or (word == "br" and attributes.get("type") == "page")):
                self.turn()
            elif text and word in ("tab", "br"):
                self.put("\t" if word == "tab" else "\n")

        def end(space: str, word: str) -> None:
            self._texts = False
            if text and space in _WORD and word == "p":
                self.put("\n")

        def characters(found: str) -> None:
            if self._texts:
                self.put(found)

        xml_events.parse(parts.chunks(name), start, end, characters)
        if text:
            self.turn()

    def properties(self, parts: ZipParts, name: str) -> None:
        """Read the document's properties."""
        found: list[str] = []

        def start(_space: str, word: str, _attributes: Mapping[str, str]) -> None:
            self._property = word if word in _PROPERTIES[name] else None

        def end(_space: str, word: str) -> None:
            if word == self._property:
                self.named("".join(found))
            self._property = None
            found.clear()

        def characters(text: str) -> None:
            if self._property is not None:
                found.append(text)

        xml_events.parse(parts.chunks(name, zip_parts.MOST_DIRECTORY), start, end, characters)

    def put(self, text: str) -> None:
        """Add text to the page; beyond the bound nothing is kept."""
        if self._length < MOST_TEXT:
            self._piece.append(text)
            self._length += len(text)

    def turn(self) -> None:
        """End the page, unless it is blank."""
        page = "".join(self._piece)
        if page.strip():
            self.pages.append(page)
            self._piece = []

    def named(self, name: str) -> None:
        """Add an author."""
        name = " ".join(name.split())[:120]
        if name and len(self.authors) < _MOST_AUTHORS:
            self.authors[name] = None


def read(path: Path) -> Docx:
    """Read a document; DocumentError for a file that is none, or is more than is looked into."""
    reader = _Reader()
    with zip_parts.opened(path) as parts:
        names = list(dict.fromkeys(parts.names))
        bodies = [name for name in names if _BODY.fullmatch(name)]
        if not bodies:
            raise DocumentError("a container without a text document")
        for name in bodies:
            reader.markup(parts, name, text=True)
        for name in names:
            if _OTHERS.fullmatch(name) or _COMMENTS.fullmatch(name):
                reader.markup(parts, name, text=False)
            elif name in _PROPERTIES:
                reader.properties(parts, name)
        for name in [name for name in names if _MEDIA.fullmatch(name)][:_MOST_PHOTOS]:
            photo = jpeg.read(parts.head(name, jpeg.HEAD_BYTES))
            reader.photos += photo.position
            for author in photo.authors:
                reader.named(author)
    pages = tuple(page for page in reader.pages if page)
    return Docx(pages, reader.changes, reader.comments, tuple(reader.authors), reader.photos)
