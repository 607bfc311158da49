"""Transcripts of notes on paper: made, checked and read on a machine without keys and without a server."""

import json
from pathlib import Path

from tests.scripts.running import Person

TICKS = ("--document", "visit_report", "--to", "un-spt", "--action", "view", "--action", "download")


def test_a_note_becomes_the_file_that_records_it(tmp_path: Path) -> None:
    """Paper, form and code are made; the form is read back as the file that `exchange consent record` takes."""
    person = Person("anna", tmp_path)
    paper = tmp_path / "note.pdf"
    words = ("note", "new", "--kind", "agreement-standing", "--state", "XA", *TICKS, "--reference", "112/2026")
    made = person.asks(*words, "-o", paper)
    assert made["finished"] and paper.read_bytes().startswith(b"%PDF")
    form = tmp_path / "note.json"
    assert person.asks("note", "check", made["code"].lower().replace("-", " "), form)["fits"]
    body = tmp_path / "record.json"
    said = person.types("note", "read", form, "--received", "2026-03-01", "-o", body)
    assert "[x] report on a visit" in said.out and "exchange consent record" in said.out
    instrument = json.loads(body.read_text())
    assert instrument["reference"] == "112/2026" and instrument["provisions"][0]["grantees"] == ["un-spt"]
    again = person.asks("note", "new", "--instrument", body, "-o", tmp_path / "again.pdf")
    assert again["code"] == made["code"]
    assert (tmp_path / "again.pdf").read_bytes() == paper.read_bytes()


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    """Another code, a slip, a gap, options that this note has no place for, a day that is missing."""
    person = Person("anna", tmp_path, "fr")
    first = person.asks("note", "new", "--kind", "withdrawal", "--state", "XA", "-o", tmp_path / "w.pdf")
    assert first["code"] is None and not first["finished"]
    assert person.asks("note", "read", tmp_path / "w.json", expect=1)["code"] == "note_unfinished"
    named = ("--authorisation", "A" * 22)
    one = person.asks("note", "new", "--kind", "withdrawal", "--state", "XA", *named, "-o", tmp_path / "w.pdf")
    two = person.asks("note", "new", "--kind", "objection", "--state", "XA", *named, "-o", tmp_path / "o.pdf")
    assert person.asks("note", "check", two["code"], tmp_path / "w.json", expect=1)["code"] == "note_code_other"
    assert person.asks("note", "check", one["code"][:-2], tmp_path / "w.json", expect=1)["code"] == "note_code_typing"
    said = person.types("note", "read", tmp_path / "w.json")
    assert "retrait" in said.out and f"exchange consent withdraw {'A' * 22}" in said.out
    wrong = ("note", "new", "--kind", "withdrawal", "--state", "XA", *TICKS, "-o", tmp_path / "x.pdf")
    assert person.asks(*wrong, expect=2)["code"] == "usage"
    assert not (tmp_path / "x.pdf").exists()
    person.asks(
        "note", "new", "--kind", "limits", "--state", "XA", *TICKS, *("--limits", "A" * 22), "-o", tmp_path / "l.pdf"
    )
    assert person.asks("note", "read", tmp_path / "l.json", expect=2)["code"] == "usage"
    # A character that the paper cannot show is refused, not left out.
    words = ("note", "new", "--kind", "withdrawal", "--state", "XA", "--reference", "№ 7 Женева")
    assert person.asks(*words, "-o", tmp_path / "y.pdf", expect=1)["code"] == "note_font"
