"""The demo's PDFs, set from `data/` with the fonts every PDF reader has. The same text gives the same bytes.

`python -m demo.documents FOLDER` writes all of them.
"""

import io
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, HRFlowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer

from demo.text import Block, parse, read

REFERENCE = "A/HRC/23/18"
Note = Literal["agreement", "wider", "withdrawal"]

# The schwa of one name is not in the encoding of the standard fonts; "Latif" is its usual spelling in Latin letters.
NOT_IN_WINANSI = str.maketrans({"ə": "a"})
MONTHS_EN = "January February March April May June July August September October November December".split()
MONTHS_FR = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10.5, leading=13.6, alignment=TA_JUSTIFY, spaceAfter=6)
STYLES = {
    "paragraph": BODY,
    "title": ParagraphStyle(
        "title",
        parent=BODY,
        fontName="Times-Bold",
        fontSize=15,
        leading=18,
        alignment=0,
        spaceBefore=14,
        spaceAfter=8,
        keepWithNext=True,
    ),
    "heading": ParagraphStyle(
        "heading",
        parent=BODY,
        fontName="Times-Bold",
        fontSize=12.5,
        leading=15,
        alignment=0,
        spaceBefore=8,
        keepWithNext=True,
    ),
    "subheading": ParagraphStyle(
        "subheading",
        parent=BODY,
        fontName="Times-BoldItalic",
        fontSize=11,
        alignment=0,
        spaceBefore=6,
        keepWithNext=True,
    ),
    "centred": ParagraphStyle("centred", parent=BODY, fontName="Times-Italic", alignment=TA_CENTER, spaceAfter=10),
    "item": ParagraphStyle("item", parent=BODY, leftIndent=14, bulletIndent=3),
    "note": ParagraphStyle(
        "note", parent=BODY, fontSize=8.5, leading=10.5, leftIndent=14, bulletIndent=0, spaceAfter=3
    ),
    "small": ParagraphStyle("small", parent=BODY, fontSize=9, leading=11, alignment=0),
}


def said(text: str) -> str:
    """Text as reportlab wants it: escaped, every character in the encoding, marks of notes raised."""
    raised = re.sub(r"\[(\d+|[ab])\]", r"<super size=7>\1</super>", escape(text.translate(NOT_IN_WINANSI)))
    return raised


def flow(blocks: list[Block], new_page_titles: bool) -> Iterator[Flowable]:
    """The blocks as flowables; notes come last, under a rule. With ``new_page_titles`` each title opens a page."""
    notes = [block for block in blocks if block.kind == "note"]
    for number, block in enumerate(block for block in blocks if block.kind != "note"):
        if block.kind == "title" and number and new_page_titles:
            yield PageBreak()
        yield Paragraph(said(block.text), STYLES[block.kind], bulletText="•" if block.kind == "item" else None)
    if notes:
        yield HRFlowable(width="30%", thickness=0.5, hAlign="LEFT", spaceBefore=12, spaceAfter=6)
        for note in notes:
            mark, _, text = note.text.partition(" ")
            yield Paragraph(said(text), STYLES["note"], bulletText=mark)


def running(head: str, foot: str) -> Callable[[Any, Any], None]:
    """What stands on every page: a head with a rule, a foot, the page's number."""

    def draw(canvas: Any, document: Any) -> None:
        width, height = A4
        canvas.saveState()
        canvas.setFont("Times-Bold", 9)
        canvas.drawString(25 * mm, height - 17 * mm, head)
        canvas.setLineWidth(0.5)
        canvas.line(25 * mm, height - 19 * mm, width - 25 * mm, height - 19 * mm)
        canvas.setFont("Times-Roman", 8.5)
        canvas.drawString(25 * mm, 14 * mm, foot)
        canvas.drawRightString(width - 25 * mm, 14 * mm, str(document.page))
        canvas.restoreState()

    return draw


def pdf(flowables: list[Flowable], *, title: str, language: str, head: str, foot: str) -> bytes:
    """One PDF, A4. ``invariant`` leaves the clock and random ids out of it."""
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=25 * mm,
        topMargin=26 * mm,
        bottomMargin=22 * mm,
        title=title,
        # Nobody: `exchange deposit` asks about names that a file gives away.
        author="",
        lang=language,
        invariant=1,
    )
    page = running(head, foot)
    document.build(flowables, onFirstPage=page, onLaterPages=page)
    return out.getvalue()


def body_fr() -> bytes:
    """The French body of A/HRC/23/18."""
    flowables = list(flow(parse(read("a-hrc-23-18.body.fr.txt")), new_page_titles=False))
    foot = "Composé à nouveau pour une démonstration; seul le texte publié fait foi."
    return pdf(flowables, title=f"{REFERENCE}, texte français", language="fr", head=REFERENCE, foot=foot)


def annexes_en() -> bytes:
    """Annexes I to V of A/HRC/23/18, issued in English only."""
    flowables = list(flow(parse(read("a-hrc-23-18.annexes.en.txt")), new_page_titles=True))
    foot = "Set anew for a demonstration; only the published text is authentic."
    return pdf(flowables, title=f"{REFERENCE}, annexes I to V", language="en", head=f"{REFERENCE}, annexes", foot=foot)


def report_xb() -> bytes:
    """One page on an invented visit to State XB: the report that is transmitted to the wrong body and stopped."""
    flowables = list(flow(parse(read("report-xb.en.txt")), new_page_titles=False))
    foot = "Invented for a demonstration."
    return pdf(flowables, title="Report on the visit to State XB", language="en", head="CONFIDENTIAL", foot=foot)


def dated(day: date, language: Literal["en", "fr"]) -> str:
    """A date as people write it: `2 March 2026`, `1er mars 2026`."""
    if language == "fr":
        return f"{'1er' if day.day == 1 else day.day} {MONTHS_FR[day.month - 1]} {day.year}"
    return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"


def note_verbale(note: Note, number: str, day: date, reference: str = REFERENCE) -> bytes:
    """One page, French and English, of what invented State XA writes to the CPT about ``reference``.

    ``number`` is the note's own number, ``day`` the date it bears.
    """
    french, english = read(f"note-verbale.{note}.txt").replace("{reference}", reference).split("\n---\n")
    flowables: list[Flowable] = [
        Paragraph("Représentation permanente de l’État XA auprès du Conseil de l’Europe", STYLES["heading"]),
        Paragraph("Permanent Representation of State XA to the Council of Europe", STYLES["heading"]),
        Spacer(1, 4 * mm),
        Paragraph(f"Note verbale n° {escape(number)}", STYLES["small"]),
        Paragraph(f"Strasbourg, le {dated(day, 'fr')}", STYLES["small"]),
        Spacer(1, 4 * mm),
        *flow(parse(french), new_page_titles=False),
        HRFlowable(width="100%", thickness=0.5, spaceBefore=8, spaceAfter=8),
        Paragraph(f"Note verbale No. {escape(number)}, Strasbourg, {dated(day, 'en')}", STYLES["small"]),
        Spacer(1, 3 * mm),
        *flow(parse(english), new_page_titles=False),
    ]
    foot = "State XA, its notes and its agreement are invented for a demonstration."
    return pdf(flowables, title=f"Note verbale {number}", language="fr", head="NOTE VERBALE", foot=foot)


def write_all(folder: Path, day: date) -> dict[str, Path]:
    """Write every document below ``folder`` (made where missing); notes verbales bear ``day``. Returns name -> path."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "body-fr": ("A-HRC-23-18-F.pdf", body_fr()),
        "annexes-en": ("A-HRC-23-18-annexes-E.pdf", annexes_en()),
        "report-xb": ("visit-report-XB.pdf", report_xb()),
        "agreement": ("note-verbale-17.pdf", note_verbale("agreement", "17", day)),
        "wider": ("note-verbale-18.pdf", note_verbale("wider", "18", day)),
        "withdrawal": ("note-verbale-19.pdf", note_verbale("withdrawal", "19", day)),
    }
    paths = {}
    for name, (file_name, content) in made.items():
        paths[name] = folder / file_name
        paths[name].write_bytes(content)
    return paths


if __name__ == "__main__":
    for written in write_all(Path(sys.argv[1]), date(2026, 3, 2)).values():
        print(written)
