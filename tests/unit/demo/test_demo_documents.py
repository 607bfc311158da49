"""The demo's documents are made from the texts in `data/`, whole, and come out the same each time."""

from datetime import date
from pathlib import Path

from demo.documents import NOT_IN_WINANSI, dated, note_verbale, write_all
from demo.text import DATA, parse, read


def test_the_same_texts_give_the_same_bytes(tmp_path: Path) -> None:
    """Sealing the demo's parts twice must not depend on when the PDFs were made."""
    first = write_all(tmp_path / "a", date(2026, 3, 2))
    second = write_all(tmp_path / "b", date(2026, 3, 2))
    assert {n: p.read_bytes() for n, p in first.items()} == {n: p.read_bytes() for n, p in second.items()}
    assert all(path.read_bytes().startswith(b"%PDF-") for path in first.values())
    assert len({path.read_bytes() for path in first.values()}) == len(first)


def test_every_character_is_in_the_encoding_of_the_fonts() -> None:
    """The standard fonts know WinAnsi only: a character outside it would be a black box in the PDF."""
    for path in sorted(DATA.glob("*.txt")):
        assert path.read_text(encoding="utf-8").translate(NOT_IN_WINANSI).encode("cp1252")


def test_each_note_has_its_mark_in_the_text() -> None:
    """Thirteen notes in the body, two numbered and two lettered ones in the annexes."""
    for name, marks in (
        ("a-hrc-23-18.body.fr.txt", [str(n) for n in range(1, 14)]),
        ("a-hrc-23-18.annexes.en.txt", ["14", "15", "a", "b"]),
    ):
        notes = [block.text.split(" ", 1)[0] for block in parse(read(name)) if block.kind == "note"]
        assert notes == marks
        assert [mark for mark in marks if f"[{mark}]" not in read(name)] == []


def test_the_numbered_paragraphs_are_complete() -> None:
    """The body has paragraphs 1 to 84, none lost between two pages of the original."""
    plain = [b.text for b in parse(read("a-hrc-23-18.body.fr.txt")) if b.kind == "paragraph"]
    numbers = [int(text.split(".")[0]) for text in plain if text[:1].isdigit()]
    assert numbers == list(range(1, 85))


def test_a_note_verbale_names_the_document_it_is_about() -> None:
    """Another reference gives another note; dates are written as people write them."""
    day = date(2026, 3, 1)
    assert note_verbale("agreement", "17", day, "CPT-1") != note_verbale("agreement", "17", day, "CPT-2")
    assert dated(day, "fr") == "1er mars 2026"
    assert dated(day, "en") == "1 March 2026"
