"""What a sender should know about a file before it is sealed, and its first page for a colleague who approves it.

Six remarks, each of which a person can confirm by its name. A file that cannot be looked into is itself one: silence would
read as "nothing found". What kinds of file are looked into, and how far, stands in docs/spec/client-reports.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from exchange.client.documents import docx, jpeg, pdf
from exchange.client.documents.docx import Docx
from exchange.client.documents.errors import DocumentError
from exchange.client.documents.states_named import named_in
from exchange.client.errors import FileFailedError

TRACKED_CHANGES: Final = "tracked-changes"
COMMENTS: Final = "comments"
AUTHOR_NAMES: Final = "author-names"
PHOTO_POSITIONS: Final = "photo-positions"
OTHER_STATE: Final = "other-state"
NOT_LOOKED_INTO: Final = "not-looked-into"
REMARKS: Final = (TRACKED_CHANGES, COMMENTS, AUTHOR_NAMES, PHOTO_POSITIONS, OTHER_STATE, NOT_LOOKED_INTO)

FIRST_PAGE: Final = 3_000
_TEXTS: Final = frozenset({".txt", ".md", ".text", ".csv"})
_WORD: Final = frozenset({".docx", ".docm", ".dotx"})
_UNREADABLE: Final = frozenset({".doc", ".odt", ".rtf", ".pages", ".heic", ".heif", ".tif", ".tiff"})
_CONTAINER: Final = b"PK\x03\x04"
_MOST_NAMED: Final = 3


@dataclass(frozen=True)
class Remark:
    """One thing about a file: which (`name`), how many, and names of authors or codes of States where it is about some."""

    name: str
    file: str
    count: int = 0
    names: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return {check, file, count, names}."""
        return {"check": self.name, "file": self.file, "count": self.count, "names": list(self.names)}


@dataclass(frozen=True)
class Looked:
    """What a file says: its text page by page (None: this program cannot take the text of such a file), and remarks."""

    pages: tuple[str, ...] | None
    remarks: tuple[Remark, ...]

    @property
    def first_page(self) -> str | None:
        """The text of the first page, cut where it is long; None where there is no text to show."""
        return self.pages[0][:FIRST_PAGE] if self.pages else None


def look(file: Path) -> Looked:
    """Look into a file; FileFailedError where it cannot be opened. Nothing else comes of any content."""
    try:
        with file.open("rb") as opened:
            head = opened.read(jpeg.HEAD_BYTES)
    except OSError as error:
        raise FileFailedError(f"cannot be read: {error.strerror}", path=file) from error
    suffix = file.suffix.lower()
    try:
        if suffix in _WORD or head.startswith(_CONTAINER):
            return _word(file, docx.read(file))
        if head.startswith(pdf.MAGIC):
            return _pdf(file, pdf.read(file))
    except DocumentError:
        return Looked(None, (Remark(NOT_LOOKED_INTO, file.name),))
    if head.startswith(jpeg.MAGIC):
        photo = jpeg.read(head)
        return Looked(None, _remarks(file, authors=photo.authors, photos=int(photo.position)))
    if suffix in _UNREADABLE:
        return Looked(None, (Remark(NOT_LOOKED_INTO, file.name),))
    return Looked(_text(head) if suffix in _TEXTS else None, ())


def about(file: Path, states: Sequence[str], title: str | None) -> list[Remark]:
    """Return every remark about a file that is transmitted as concerning these States, under a title."""
    looked = look(file)
    remarks = list(looked.remarks)
    names = f"{title or ''} {file.stem.replace('_', ' ').replace('-', ' ')}"
    found = _others(names, states) or _others(" ".join(looked.pages or ()), states)
    if found:
        remarks.append(Remark(OTHER_STATE, file.name, len(found), found))
    return remarks


def _others(text: str, states: Sequence[str]) -> tuple[str, ...]:
    """The States that a text names most, where it names none that it should."""
    named = named_in(text)
    if not named or not named.keys().isdisjoint(states):
        return ()
    return tuple(code for code, _count in sorted(named.items(), key=lambda item: (-item[1], item[0]))[:_MOST_NAMED])


def _word(file: Path, found: Docx) -> Looked:
    remarks = _remarks(file, found.authors, found.photos, found.changes, found.comments)
    return Looked(found.pages, remarks)


def _pdf(file: Path, found: pdf.Pdf) -> Looked:
    if found.encrypted:
        return Looked(None, (Remark(NOT_LOOKED_INTO, file.name),))
    return Looked(None, _remarks(file, found.authors, found.photos, comments=found.notes))


def _remarks(
    file: Path, authors: Iterable[str] = (), photos: int = 0, changes: int = 0, comments: int = 0
) -> tuple[Remark, ...]:
    names = tuple(authors)
    every = (
        Remark(TRACKED_CHANGES, file.name, changes),
        Remark(COMMENTS, file.name, comments),
        Remark(AUTHOR_NAMES, file.name, len(names), names),
        Remark(PHOTO_POSITIONS, file.name, photos),
    )
    return tuple(remark for remark in every if remark.count)


def _text(head: bytes) -> tuple[str, ...]:
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    encoding = marks.get(head[:2], "utf-8")
    text = head.decode(encoding, "replace").removeprefix("\ufeff")
    return tuple(page for page in text.split("\f") if page.strip())
