"""Papers as one PDF, one part a language: what `exchange.notes.blocks` describes, drawn and marked for screen readers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing

from exchange.client.tagged_pdf import BOLD, MARGIN, PLAIN, TaggedPdf
from exchange.notes.blocks import Block, Box, Code, Heading, Line, Paper, Text
from exchange.texts import say

_SIZE: Final = 9.0
_HEADINGS: Final[Mapping[int, float]] = {1: 13.0, 2: 10.5, 3: 9.0}
_LEADING: Final = 1.4
_INDENT: Final = 18.0
_SQUARE: Final = 130.0
# Past this a square is too fine for an ordinary printer and an ordinary telephone.
_SQUARE_BYTES: Final = 1200


def pdf_of(papers: Sequence[Paper], foot: str) -> bytes:
    """Return papers as one PDF with `foot` on each page; PaperFontError for a character that cannot be printed."""
    out = TaggedPdf(papers[0].title, papers[0].language)
    for paper in papers:
        out.section(paper.language, foot)
        for block in paper.blocks:
            _DRAW[type(block)](out, block, paper.language)
    return out.finish()


def _heading(out: TaggedPdf, block: Heading, _language: str) -> None:
    size = _HEADINGS[block.level]
    lines = out.lines(block.text, BOLD, size, out.width)
    out.y -= size * 0.7
    out.room((len(lines) + 2) * size * _LEADING)
    with out.block(f"H{block.level}") as canvas:
        _write(out, canvas, lines, BOLD, size, MARGIN)
    out.y -= size * 0.2


def _text(out: TaggedPdf, block: Text, _language: str) -> None:
    lines = out.lines(block.text, PLAIN, _SIZE, out.width)
    out.room(len(lines) * _SIZE * _LEADING)
    with out.block("P") as canvas:
        _write(out, canvas, lines, PLAIN, _SIZE, MARGIN)
    out.y -= _SIZE * 0.4


def _box(out: TaggedPdf, block: Box, language: str) -> None:
    lines = out.lines(block.text, PLAIN, _SIZE, out.width - _INDENT)
    out.room(len(lines) * _SIZE * _LEADING)
    ticked = say("note.ticked" if block.ticked else "note.unticked", language)
    with out.block("P", says=f"{ticked}{say('page.colon', language)} {block.text}") as canvas:
        side, top = _SIZE * 0.85, out.y - _SIZE
        canvas.rect(MARGIN + 2, top, side, side)
        if block.ticked:
            for start, end in ((0, side), (side, 0)):
                canvas.line(MARGIN + 2, top + start, MARGIN + 2 + side, top + end)
        _write(out, canvas, lines, PLAIN, _SIZE, MARGIN + _INDENT)


def _line(out: TaggedPdf, block: Line, _language: str) -> None:
    lines = out.lines(f"{block.label} {block.value}" if block.value else block.label, PLAIN, _SIZE, out.width)
    out.room((len(lines) + 1) * _SIZE * _LEADING)
    with out.block("P") as canvas:
        _write(out, canvas, lines, PLAIN, _SIZE, MARGIN)
        if block.value is None:
            end = MARGIN + canvas.stringWidth(lines[-1], PLAIN, _SIZE) + 6
            canvas.line(end, out.y + 2, MARGIN + out.width, out.y + 2)
    out.y -= _SIZE * 0.5


def _code(out: TaggedPdf, block: Code, language: str) -> None:
    size = 12.0
    lines = out.lines(block.code, BOLD, size, out.width)
    with_square = block.square is not None and len(block.square) <= _SQUARE_BYTES
    out.room(size * _LEADING + (_SQUARE + 8 if with_square else 0))
    with out.block("P") as canvas:
        _write(out, canvas, lines, BOLD, size, MARGIN)
    if block.square is None or not with_square:
        return
    widget: Any = QrCodeWidget(block.square.decode(), barLevel="L")
    left, low, right, high = widget.getBounds()
    drawing = Drawing(_SQUARE, _SQUARE, transform=[_SQUARE / (right - left), 0, 0, _SQUARE / (high - low), 0, 0])
    drawing.add(widget)
    with out.block("Figure", alternative=say("note.square", language)) as canvas:
        out.y -= _SQUARE + 4
        renderPDF.draw(drawing, canvas, MARGIN, out.y)
    out.y -= 4


def _write(out: TaggedPdf, canvas: Any, lines: Sequence[str], font: str, size: float, left: float) -> None:
    canvas.setFont(font, size)
    canvas.setLineWidth(0.6)
    for line in lines:
        canvas.drawString(left, out.y - size, line)
        out.y -= size * _LEADING


_DRAW: Final[Mapping[type[Block], Callable[[TaggedPdf, Any, str], None]]] = {
    Heading: _heading,
    Text: _text,
    Box: _box,
    Line: _line,
    Code: _code,
}
