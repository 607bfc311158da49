"""A PDF with its structure: title, language, headings and paragraphs in the order of reading, fonts embedded.

reportlab draws; the marks and the tree that tell a screen reader what was drawn are written here, since its free edition has
none. What this does not do: tables, links, PDF/UA's own declaration (docs/limitations.md).
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from exchange.client.report_errors import PaperFontError

PLAIN: Final = "Vera"
BOLD: Final = "VeraBd"
MARGIN: Final = 56.0
_FOOT: Final = 40.0


class TaggedPdf:
    """A document that grows block by block; `y` is where the next line stands on the page."""

    def __init__(self, title: str, language: str) -> None:
        """Begin a document; the same calls give the same bytes."""
        for name in (PLAIN, BOLD):
            if name not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
        self._out = io.BytesIO()
        canvas: Any = Canvas(self._out, pagesize=A4, invariant=1, lang=language)
        self._canvas = canvas
        self._canvas.setTitle(title)
        self._canvas.setViewerPreference("DisplayDocTitle", "true")
        self._document: Any = self._canvas._doc
        self._root: Any = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructTreeRoot")})
        self._root_ref = self._document.Reference(self._root, "structure")
        self._sections: list[tuple[Any, Any, list[Any]]] = []
        self._page_marks: list[list[Any]] = [[]]
        self._pending: list[Any] = []
        self._count = 0
        self.foot = ""
        self.y = A4[1] - MARGIN

    @property
    def width(self) -> float:
        """How wide a line may be, in points."""
        return A4[0] - 2 * MARGIN

    def section(self, language: str, foot: str) -> None:
        """Begin a part in a language on a new page, with a line at the foot of each of its pages."""
        if self._sections:
            self.new_page()
        self.foot = foot
        element: Any = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructElem"), "S": pdfdoc.PDFName("Sect")})
        element["Lang"] = pdfdoc.PDFString(language)
        element["P"] = self._root_ref
        self._sections.append((element, self._reference(element), []))

    def new_page(self) -> None:
        """End the page with its foot, and begin another."""
        self._canvas._code.append("/Artifact BMC")
        self._canvas.setFont(PLAIN, 7)
        self._canvas.drawString(MARGIN, _FOOT, self.foot)
        self._canvas.drawRightString(A4[0] - MARGIN, _FOOT, str(self._canvas.getPageNumber()))
        self._canvas._code.append("EMC")
        self._canvas.showPage()
        page: Any = self._document.Pages.pages[-1]
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = len(self._page_marks) - 1, pdfdoc.PDFName("S")
        reference = self._document.Reference(page)
        for element in self._pending:
            element["Pg"] = reference
        self._pending.clear()
        self._page_marks.append([])
        self.y = A4[1] - MARGIN

    def room(self, height: float) -> None:
        """Go to a new page unless so much height is left on this one."""
        if self.y - height < MARGIN:
            self.new_page()

    @contextmanager
    def block(self, kind: str, *, says: str | None = None, alternative: str | None = None) -> Iterator[Any]:
        """Everything drawn within is one element ("H1", "P", "Figure"); `says` is read in its place, `alternative` beside."""
        _element, section, children = self._sections[-1]
        new: Any = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructElem"), "S": pdfdoc.PDFName(kind)})
        mark = len(self._page_marks[-1])
        new["P"], new["K"] = section, mark
        if says is not None:
            new["ActualText"] = pdfdoc.PDFString(says)
        if alternative is not None:
            new["Alt"] = pdfdoc.PDFString(alternative)
        reference = self._reference(new)
        children.append(reference)
        self._page_marks[-1].append(reference)
        self._pending.append(new)
        self._canvas._code.append(f"/{kind} <</MCID {mark}>> BDC")
        yield self._canvas
        self._canvas._code.append("EMC")

    def lines(self, text: str, font: str, size: float, width: float) -> list[str]:
        """Return a text broken into lines of a width; PaperFontError for a character the font lacks."""
        face: Any = pdfmetrics.getFont(font)
        missing = sorted({c for c in text if ord(c) not in face.face.charToGlyph})
        if missing:
            raise PaperFontError("the font lacks a character", detail=" ".join(f"U+{ord(c):04X}" for c in missing))
        found, line = [], ""
        for word in text.split(" "):
            longer = f"{line} {word}" if line else word
            if pdfmetrics.stringWidth(longer, font, size) <= width:
                line = longer
                continue
            found += [line] if line else []
            line = word
            while pdfmetrics.stringWidth(line, font, size) > width:
                head = next(
                    n for n in range(len(line) - 1, 0, -1) if pdfmetrics.stringWidth(line[:n], font, size) <= width
                )
                found.append(line[:head])
                line = line[head:]
        return [*found, line]

    def finish(self) -> bytes:
        """Return the document."""
        self.new_page()
        self._root["K"] = pdfdoc.PDFArray([reference for _element, reference, _children in self._sections])
        for element, _reference, children in self._sections:
            element["K"] = pdfdoc.PDFArray(children)
        numbers: list[Any] = []
        for page, marks in enumerate(self._page_marks[:-1]):
            numbers += [page, pdfdoc.PDFArray(marks)]
        self._root["ParentTree"] = pdfdoc.PDFDictionary({"Nums": pdfdoc.PDFArray(numbers)})
        self._root["ParentTreeNextKey"] = len(self._page_marks) - 1
        catalog: Any = self._document.Catalog
        catalog.StructTreeRoot = self._root_ref
        catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})
        self._canvas.save()
        return self._out.getvalue()

    def _reference(self, element: Any) -> Any:
        self._count += 1
        return self._document.Reference(element, f"element{self._count}")
