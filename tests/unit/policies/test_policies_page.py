"""The generated page: complete, in the words people use, and made from cases that can be read."""

import re
from pathlib import Path

import pytest

from policies import documentation, gates
from policies.errors import CaseError
from policies.reasons import OUTWARD, REASONS
from policies.regimes import regimes
from tests.unit.policies.test_policies_reasons import NEVER_SHOWN

PAGE = (Path(__file__).parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")


def test_everything_is_on_it():
    """Every gate with an example, every regime, every sentence in both languages."""
    for gate in (*gates.REQUEST_GATES, *gates.GATES):
        assert gate.title_fr in PAGE
        section = PAGE.split(f"### {gate.step}. {gate.title_en}\n")[1].split("\n#")[0]
        assert "\n- " in section, gate.id
    for regime in regimes():
        assert regime.title_en in PAGE and regime.title_fr in PAGE
    for code, sentence in {**REASONS, **OUTWARD}.items():
        assert f"| `{code}` | {sentence.en} | {sentence.fr} |" in PAGE


def test_words_people_use():
    """Outside of codes, ids and file names the page shows none of the words that are never shown."""
    prose = re.sub(r"`[^`]*`|\((E|S)\d\d[^)]*\)", "", PAGE)
    assert NEVER_SHOWN.findall(prose) == []


def test_a_case_that_cannot_be_read_stops_it(tmp_path, monkeypatch):
    """A page is not made of cases of which one is malformed."""
    (tmp_path / "bad.json").write_text('{"id": "T"}')
    monkeypatch.setattr(documentation, "CASES", tmp_path)
    with pytest.raises(CaseError):
        documentation.document()
