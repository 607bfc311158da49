"""Word documents: changes, comments, authors and photographs are found, and nothing a file holds breaks or fills anything."""

import struct
import zipfile
from pathlib import Path

import pytest

from exchange.client.documents import docx, zip_parts
from exchange.client.documents.errors import DocumentError
from tests.unit.client.document_maker import W, core, document, jpeg, paragraphs
from tests.unit.client.document_maker import docx as write

CHANGED = (
    '<w:p><w:ins w:id="1" w:author="A. Rapporteur"><w:r><w:t>added</w:t></w:r></w:ins>'
    '<w:del w:id="2" w:author="B. Rapporteur"><w:r><w:delText>struck out</w:delText></w:r></w:del>'
    "<w:r><w:rPr><w:b/><w:rPrChange w:id='3' w:author='A. Rapporteur'/></w:rPr><w:t> bold</w:t></w:r></w:p>"
)
COMMENTS = f'<w:comments xmlns:w="{W}"><w:comment w:id="0" w:author="C. Reader">{paragraphs("why?")}</w:comment></w:comments>'


def test_a_plain_document_says_only_its_text(tmp_path: Path) -> None:
    """Paragraph by paragraph; its title among the properties is no author."""
    found = docx.read(write(tmp_path / "a.docx", paragraphs("One &amp; two.", "Three."), docProps__core_=core()))
    assert found == docx.Docx(("One & two.\nThree.\n",), 0, 0, (), 0)


def test_tracked_changes_and_comments_are_counted_with_who_made_them(tmp_path: Path) -> None:
    """Also in a header; what was struck out is not part of the text."""
    header = f'<w:hdr xmlns:w="{W}"><w:p><w:ins w:id="9" w:author="D. Clerk"/></w:p></w:hdr>'
    path = write(tmp_path / "a.docx", CHANGED, word__comments_=COMMENTS, word__header1_=header)
    found = docx.read(path)
    assert (found.changes, found.comments) == (4, 1)
    assert found.authors == ("A. Rapporteur", "B. Rapporteur", "C. Reader", "D. Clerk")
    assert found.pages == ("added bold\n",)


def test_authors_are_those_of_the_properties(tmp_path: Path) -> None:
    """Who wrote it, who saved it last, and the manager that an office fills in."""
    app = "<Properties xmlns='x'><Application>Word</Application><Manager>M. Head</Manager></Properties>"
    path = write(tmp_path / "a.docx", docProps__core_=core("Ann  Lee", "Bo Ek"), docProps__app_=app)
    assert docx.read(path).authors == ("Ann Lee", "Bo Ek", "M. Head")


def test_photographs_inside_say_where_they_were_taken(tmp_path: Path) -> None:
    """Whatever their names end in."""
    members = {
        "word__media__image1.jpeg": jpeg(position=True, artist="P. Photo"),
        "word__media__image2.bin": jpeg(position=True, order=">"),
        "word__media__image3.jpg": jpeg(),
        "word__media__image4.png": b"\x89PNG",
    }
    found = docx.read(write(tmp_path / "a.docx", **members))
    assert (found.photos, found.authors) == (2, ("P. Photo",))


def test_pages_end_where_the_document_says(tmp_path: Path) -> None:
    """At a break that was set, or that Word found when it was last drawn; blank ones do not count."""
    body = paragraphs("first") + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>' + paragraphs("second")
    drawn = body + "<w:p><w:r><w:lastRenderedPageBreak/><w:t>third</w:t><w:tab/><w:br/></w:r></w:p>"
    assert [page.strip() for page in docx.read(write(tmp_path / "a.docx", drawn)).pages] == ["first", "second", "third"]


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the bound of a member, and of all together, reading stops: whatever the container claims of sizes."""
    monkeypatch.setattr(zip_parts, "MOST_MEMBER", 100_000)
    with pytest.raises(DocumentError):
        docx.read(write(tmp_path / "a.docx", paragraphs("0" * 40_000_000)))
    monkeypatch.setattr(zip_parts, "MOST_TOTAL", 100_000)
    many = {f"word__media__{n}": b"0" * 30_000 for n in range(5)}
    with pytest.raises(DocumentError):
        docx.read(write(tmp_path / "b.docx", **many))


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    """A document type is refused before anything in it counts."""
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + document("&b;").removeprefix('<?xml version="1.0"?>')
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("word/document.xml", laughs)
    with pytest.raises(DocumentError):
        docx.read(path)


def test_a_text_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of it is bounded."""
    monkeypatch.setattr(docx, "MOST_TEXT", 100)
    found = docx.read(write(tmp_path / "a.docx", paragraphs(*["0123456789" * 5] * 50)))
    assert sum(map(len, found.pages)) < 200


BROKEN = ["nothing", "no zip", "cut off", "no document", "markup", "encrypted", "directory", "zip64"]


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_no_document_is_said_to_be_none(tmp_path: Path, broken: str) -> None:
    """One error, whatever is wrong."""
    path = write(tmp_path / "a.docx", paragraphs("text"))
    data = path.read_bytes()
    end = data.rfind(b"PK\x05\x06")
    if broken == "no document":
        with zipfile.ZipFile(path, "w") as container:
            container.writestr("xl/workbook.xml", "<a/>")
    elif broken == "markup":
        with zipfile.ZipFile(path, "w") as container:
            container.writestr("word/document.xml", "<a><b></a>")
    else:
        changed = {
            "nothing": b"",
            "no zip": b"PK\x03\x04 not one",
            "cut off": data[:-30],
            "encrypted": data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"),
            "directory": data[: end + 12] + struct.pack("<L", 2**31) + data[end + 16 :],
            "zip64": data[:end] + b"PK\x06\x07" + bytes(16) + data[end:],
        }[broken]
        assert changed != data
        path.write_bytes(changed)
    with pytest.raises(DocumentError):
        docx.read(path)
