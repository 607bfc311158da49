"""Remarks on the command line: said in both languages, confirmed one by one, and nothing is sealed without."""

from datetime import date
from pathlib import Path

import pytest

from exchange.client.cli.app import App
from exchange.client.cli.checks import confirmed, sentence
from exchange.client.deposit_plan import PartPlan, Plan
from exchange.client.documents.looking import REMARKS, Remark
from exchange.client.report_errors import RemarksError
from tests.unit.client import document_maker as make


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A report whose Word file names its author and was changed."""
    file = make.docx(tmp_path / "a.docx", '<w:p><w:ins w:author="Ann Lee"/></w:p>')
    return Plan((PartPlan("p1", file, ("XA",), "en"),), ("un-spt",), "visit_report", date(2026, 3, 1))


def test_nobody_to_ask(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    """Each must be named; the error lists all of them, and those that are left."""
    app = App({})
    for anyway, left in ((), ["tracked-changes", "author-names"]), (("author-names",), ["tracked-changes"]):
        with pytest.raises(RemarksError) as refused:
            confirmed(app, plan, anyway)
        assert refused.value.members["unconfirmed"] == left
        assert [each["check"] for each in refused.value.members["remarks"]] == ["tracked-changes", "author-names"]
    assert "Ann Lee" not in str(refused.value)
    said = capsys.readouterr().err
    assert "a.docx names people as its authors: Ann Lee" in said
    assert [each.name for each in confirmed(app, plan, REMARKS)] == ["tracked-changes", "author-names"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_remark_has_its_sentence(language: str) -> None:
    """With the file's name, and the State's in the reader's language."""
    app = App({})
    app.language = language
    for name in REMARKS:
        said = sentence(app, Remark(name, "a.docx", 2, ("CH",)))
        assert "a.docx" in said and "{" not in said
    assert {"en": "Switzerland", "fr": "Suisse"}[language] in sentence(app, Remark("other-state", "a", 1, ("CH",)))
