"""What a sender is told of a file before it is sealed."""

import zlib
from pathlib import Path

import pytest

from exchange.client.documents import jpeg, looking, pdf
from exchange.client.documents.looking import Remark, about, look
from exchange.client.documents.states_named import named_in
from exchange.client.errors import FileFailedError
from tests.unit.client import document_maker as make


def remarks(path: Path, states: tuple[str, ...] = ("XA",), title: str | None = None) -> list[str]:
    """The names of the remarks about a file."""
    return [remark.name for remark in about(path, states, title)]


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_clean_file_leaves_nothing_to_confirm(tmp_path: Path) -> None:
    """Text, a Word document and a PDF without an author."""
    assert remarks(write(tmp_path / "report.txt", b"The delegation visited the prison.")) == []
    assert remarks(make.docx(tmp_path / "report.docx", make.paragraphs("The delegation."))) == []
    assert remarks(write(tmp_path / "report.pdf", b"%PDF-1.4\n1 0 obj\n<< /Producer (x) >>\nendobj\n%%EOF")) == []


def test_every_remark_has_its_case(tmp_path: Path) -> None:
    """The closed list: none is left that no file gives."""
    changed = '<w:p><w:ins w:author="A"/></w:p>' + make.paragraphs("The prisons of Georgia, Georgia and Armenia.")
    comments = f'<w:comments xmlns:w="{make.W}"><w:comment w:author="B"/></w:comments>'
    word = make.docx(
        tmp_path / "report.docx", changed, word__comments_=comments, word__media__a=make.jpeg(position=True)
    )
    found = about(word, ["AM"], None)
    assert [each.name for each in found] == ["tracked-changes", "comments", "author-names", "photo-positions"]
    found = about(word, ["XA"], None)
    assert found[-1] == Remark("other-state", "report.docx", 2, ("GE", "AM"))
    bad = remarks(write(tmp_path / "bad.docx", b"no"))
    assert bad == ["not-looked-into"]
    assert {*bad, *(each.name for each in found)} == set(looking.REMARKS)


def test_a_pdf_names_its_author(tmp_path: Path) -> None:
    """As a library writes it, in hexadecimal, in UTF-16, escaped, in XMP, and within a compressed stream of objects."""
    (author,) = [each for each in about(make.pdf(tmp_path / "a.pdf", "Zoé Noël"), ["XA"], None) if each.names][:1]
    assert author.names == ("Zoé Noël",)

    def authors(body: bytes) -> tuple[str, ...]:
        return pdf.read_bytes(b"%PDF-1.7\n" + body).authors

    assert authors(b"<< /Author (Ann \\(Lee\\)\\040B\\151s) >>") == ("Ann (Lee) Bis",)
    assert authors(b"<</Author <FEFF0041006E006E>>>") == ("Ann",)
    assert authors(b"<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bo</rdf:li></rdf:Seq></dc:creator>") == ("Ann", "Bo")
    packed = zlib.compress(b"1 0 << /Author (Packed Name) >>")
    stream = b"9 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\r\n" + packed + b"\nendstream"
    assert authors(stream) == ("Packed Name",)
    assert authors(stream.replace(packed, b"broken")) == ()
    assert authors(b"<< /Author () >>") == ()


def test_a_pdfs_notes_and_photographs(tmp_path: Path) -> None:
    """Notes on a page are comments; a photograph lies in a PDF as it was taken."""
    notes = b"%PDF-1.4 << /Type /Annot /Subtype /Text >> << /Subtype /TextX >> << /Subtype/Highlight >>"
    assert remarks(write(tmp_path / "a.pdf", notes + make.jpeg(position=True))) == ["comments", "photo-positions"]


def test_what_is_encrypted_or_of_a_kind_not_read_is_said_so(tmp_path: Path) -> None:
    """Silence would read as "nothing found"."""
    assert remarks(write(tmp_path / "a.pdf", b"%PDF-1.4 /Encrypt 5 0 R /Author (x)")) == ["not-looked-into"]
    assert remarks(write(tmp_path / "a.odt", b"PK\x03\x04")) == ["not-looked-into"]
    assert remarks(write(tmp_path / "a.doc", b"\xd0\xcf")) == ["not-looked-into"]


def test_a_pdf_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is said."""
    monkeypatch.setattr(pdf, "MOST_FILE", 100)
    assert remarks(make.pdf(tmp_path / "a.pdf", None)) == ["not-looked-into"]


def test_a_photograph_by_itself(tmp_path: Path) -> None:
    """Position and author, in both byte orders, and in XMP."""
    for order in "<>":
        path = write(tmp_path / "a.jpg", make.jpeg(position=True, artist="Ann Lee", order=order))
        assert remarks(path) == ["author-names", "photo-positions"]
    assert jpeg.read(make.jpeg(xmp=b"exif:GPSLatitude='1'")) == jpeg.Photo(True, ())
    assert jpeg.read(make.jpeg(artist="Al")) == jpeg.Photo(False, ("Al",))
    assert jpeg.read(b"no photograph") == jpeg.Photo()


def test_a_name_that_does_not_match_its_state(tmp_path: Path) -> None:
    """In the title, in the file's name, or in the text where the State transmitted about is not named at all."""
    plain = write(tmp_path / "report.txt", b"The delegation visited the prison.")
    assert remarks(plain, ("FR",), "Visit to Switzerland") == ["other-state"]
    assert remarks(plain, ("CH",), "Visit to Switzerland") == []
    assert remarks(write(tmp_path / "suisse_2026.txt", b"x"), ("FR",)) == ["other-state"]
    both = write(tmp_path / "both.txt", "Un détenu, ressortissant de la Türkiye, en Suisse.".encode())
    assert remarks(both, ("CH",)) == [] and remarks(both, ("FR", "TR")) == [] and remarks(both, ("FR",)) == ["other-state"]


def test_states_are_known_by_the_names_people_write() -> None:
    """The longest first, in both languages, with and without accents, and not within other words."""
    text = "Guinée équatoriale, Guinea, Moldova, Cote d'Ivoire, Iran, Nigeria, Turkey, the Netherlands; Germanyx"
    assert set(named_in(text)) == {"GQ", "GN", "MD", "CI", "IR", "NG", "TR", "NL"}


def test_the_first_page(tmp_path: Path) -> None:
    """Of text and Word; of nothing else, rather than something that looks like it."""
    long = write(tmp_path / "long.txt", b"page one\fpage two")
    assert look(long).first_page == "page one"
    assert look(write(tmp_path / "utf16.txt", "\ufeffaccentué".encode("utf-16-le"))).first_page == "accentué"
    assert look(make.docx(tmp_path / "a.docx", make.paragraphs("0" * 9_000))).first_page == "0" * 3_000
    assert look(make.pdf(tmp_path / "a.pdf", None)).first_page is None
    assert look(write(tmp_path / "a.bin", b"\0" * 10)).first_page is None


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Is told by its name."""
    with pytest.raises(FileFailedError):
        look(tmp_path / "nowhere.docx")
