"""Before sealing, the sender is told what a file says beside what it shows; nothing is sealed until that is confirmed."""

import json
from pathlib import Path

from tests.scripts.story import Cast
from tests.unit.client import document_maker as make


def test_a_file_with_remarks_is_sealed_only_once_they_are_confirmed(cast: Cast, tmp_path: Path) -> None:
    """Refused with the list of remarks; the same command with each of them confirmed transmits; a clean file just goes."""
    changed = '<w:p><w:ins w:author="Ann Lee"/></w:p>' + make.paragraphs("The delegation visited a prison in Armenia.")
    file = make.docx(tmp_path / "visit.docx", changed, word__media__a=make.jpeg(position=True))
    words = (file, "--state", "XA", "--language", "en", "--to", "un-spt", "--kind", "visit_report")
    words = (*words, "--adopted-on", "2026-03-01")
    before = len(cast.cpt.asks("sent")["items"])
    refused = cast.cpt.asks("deposit", *words, expect=1)
    names = ["tracked-changes", "author-names", "photo-positions", "other-state"]
    assert (refused["code"], refused["unconfirmed"]) == ("remarks_unconfirmed", names)
    assert [each["check"] for each in refused["remarks"]] == names
    some = ("--yes-anyway", "tracked-changes", "--yes-anyway", "author-names", "--yes-anyway", "photo-positions")
    assert cast.cpt.asks("deposit", *words, *some, expect=1)["unconfirmed"] == ["other-state"]
    assert len(cast.cpt.asks("sent")["items"]) == before
    assert not list((cast.cpt.home / "spool").glob("*"))
    said = cast.cpt.types("deposit", *words, *some, "--yes-anyway", "other-state", "--json", "--lang", "fr")
    assert [each["check"] for each in json.loads(said.out)["remarks"]] == names
    assert "est transmis au sujet d'un autre État que celui qu'il nomme : Arménie" in said.err
    clean = make.docx(tmp_path / "clean.docx", make.paragraphs("The delegation visited a prison."))
    assert cast.cpt.asks("deposit", clean, *words[1:])["remarks"] == []
