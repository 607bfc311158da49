"""The readers of people's files: whatever the bytes, they end, within bounds, with an answer or the room's one error."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.client.documents import docx, jpeg, looking, pdf, xml_events
from exchange.client.documents.errors import DocumentError
from exchange.client.documents.states_named import named_in, plain
from tests.unit.client import document_maker as make

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
# Runs of bytes that steer the readers into their corners.
PIECES = st.sampled_from(
    [
        b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"%PDF-1.7 ", b"/Author (", b"/Author <", b"\\", b")", b">",
        b"stream\r\n", b"obj <</ObjStm /FlateDecode>> ", b"<dc:creator>", b"<rdf:li>", b"\xff\xd8\xff", b"\xff\xe1",
        b"\x00\x20Exif\0\0II*\0\x08\0\0\0", b"\xff\xff", b"\xff\xda", b"\x88\x25", b"\x01\x3b",
    ]
)  # fmt: skip
BYTES = st.lists(PIECES | st.binary(max_size=40), max_size=12).map(b"".join)


@given(BYTES)
def test_no_photograph_and_no_pdf_breaks_the_reader(data: bytes) -> None:
    """Neither raises; names are bounded, and of one line."""
    jpeg.read(data)
    jpeg.read(jpeg.MAGIC + data)
    for author in pdf.read_bytes(data).authors:
        assert 0 < len(author) <= 400 and "\n" not in author


@QUIET
@given(BYTES, st.sampled_from([".docx", ".pdf", ".jpg", ".txt", ".zip", ""]))
def test_looking_at_any_file_ends_with_an_answer(tmp_path: Path, data: bytes, suffix: str) -> None:
    """Only remarks of the closed list; nothing is raised."""
    path = tmp_path / f"file{suffix}"
    path.write_bytes(data)
    assert {each.name for each in looking.about(path, ["XA"], "A title")} <= set(looking.REMARKS)


@QUIET
@given(st.data())
def test_a_damaged_word_document_gives_an_answer_or_the_rooms_error(tmp_path: Path, data: st.DataObject) -> None:
    """A few bytes of a real container are replaced, cut out or added anywhere."""
    path = make.docx(tmp_path / "a.docx", make.paragraphs("text"), docProps__core_=make.core("Ann"))
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 40))
    path.write_bytes(whole[:place] + data.draw(BYTES) + whole[place + length :])
    try:
        docx.read(path)
    except DocumentError:
        return


@QUIET
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_any_markup_inside_gives_an_answer_or_the_rooms_error(tmp_path: Path, markup: str) -> None:
    """The container is whole, its main part is not."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as container:
        container.writestr("word/document.xml", markup.encode("utf-8", "surrogatepass"))
    path = tmp_path / "a.docx"
    path.write_bytes(made.getvalue())
    with pytest.raises(DocumentError):
        docx.read(path)


@QUIET
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30), max_size=5))
def test_text_comes_back_as_it_was_written(tmp_path: Path, texts: list[str]) -> None:
    """Whatever the characters: paragraph by paragraph."""
    escaped = [text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in texts]
    try:
        found = docx.read(make.docx(tmp_path / "a.docx", make.paragraphs(*escaped)))
    except DocumentError:  # a character that XML cannot hold
        assert any(ord(char) in (0xFFFE, 0xFFFF) or 0xFDD0 <= ord(char) <= 0xFDEF for text in texts for char in text)
        return
    assert "".join(found.pages).split("\n")[: len(texts)] == texts or not "".join(texts).strip()


@given(st.text(max_size=100))
def test_events_of_any_text_are_bounded_by_it(text: str) -> None:
    """No more text comes out than went in."""
    heard: list[str] = []
    try:
        xml_events.parse([text.encode("utf-8", "replace")], lambda *_: None, lambda *_: None, heard.append)
    except DocumentError:
        return
    assert len("".join(heard)) <= len(text)


@given(st.text(max_size=200))
def test_naming_states_reads_any_text(text: str) -> None:
    """Codes are two letters, and the comparison's own spelling does not change by being made again."""
    assert all(len(code) == 2 for code in named_in(text))
    assert plain(plain(text)) == plain(text)
