"""Regimes are data: read strictly, complete for the bodies of the exchange, never against the gates."""

import pytest

from policies import regimes
from policies.errors import BodyWithoutRegime, RegimeError
from policies.vocabulary import KINDS, REGIMES

GOOD = """
id = "x"
regime = "R3"
title_en = "X"
title_fr = "X"
treaty = "T"
bodies = ["x-*"]
source = "S"
unverified = false
statutory = []
[[cases]]
override = "ecpt-10-2-statement"
by_en = "a"
by_fr = "a"
opens_en = "b"
opens_fr = "b"
source = "S"
[publication]
asked_by_en = "a"
asked_by_fr = "a"
partial_en = "b"
partial_fr = "b"
source = "S"
[kinds.visit_report]
exchange = "gated"
consent = "state"
default_class = 2
source = "S"
unverified = true
"""


def test_every_regime_loads():
    """The five regimes are all there, and every kind of document belongs to one."""
    found = regimes.regimes()
    assert {each.regime for each in found} == set(REGIMES)
    assert {kind for each in found for kind in each.kinds} == set(KINDS)


@pytest.mark.parametrize(
    ("body", "regime"),
    [("coe-cpt", "R1"), ("un-spt", "R1"), ("state:XA", "R1"), ("un-cat", "R2"), ("iachr", "R3"), ("achpr-srp", "R3"),
     ("npm-xa", "R4"), ("nhri-xa", "R4"), ("coe-echr", "R5"), ("un-upr", "R5")],
)
def test_bodies(body, regime):
    """Each body is found by its id or by the beginning of it."""
    assert regimes.regime_of(body).regime == regime


def test_a_body_without_regime_cannot_transmit():
    """A body that no file names, and no body at all, have no regime."""
    for originators in (["icrc"], ["coe-cpt", "nobody"], []):
        with pytest.raises(BodyWithoutRegime):
            regimes.document_regime(originators)
    with pytest.raises(BodyWithoutRegime):
        regimes.default_tier(["nobody"], "visit_report")


def test_joint_documents_take_the_strictest():
    """A document of several bodies has the strictest of their regimes and the highest of their classes."""
    assert regimes.document_regime(["un-srt", "coe-cpt"]) == "R1"
    assert regimes.document_regime(["coe-echr", "iachr"]) == "R3"
    assert regimes.default_class(["coe-echr", "coe-cpt"], "calendar_entry") == 2
    with pytest.raises(RegimeError):
        regimes.default_class(["coe-cpt"], "judgment")


def test_default_tiers():
    """Free only where every originator says so; an allegation of reprisals is one whoever makes it."""
    assert regimes.default_tier(["un-spt"], "annual_report") == "free"
    assert regimes.default_tier(["un-spt", "coe-cpt"], "standards") == "free"
    assert regimes.default_tier(["un-spt", "coe-cpt"], "annual_report") == "confidential"
    assert regimes.default_tier(["coe-cpt"], "visit_report") == "confidential"
    assert regimes.default_tier(["coe-cpt"], "reprisals_allegation") == "alert"
    assert regimes.default_tier([], "standards") == "confidential"


def test_a_good_file(tmp_path):
    """The file of this test is read."""
    (tmp_path / "x.toml").write_text(GOOD)
    (found,) = regimes.load(tmp_path)
    assert found.covers("x-one") and not found.covers("y-one")
    assert found.kinds["visit_report"].unverified and found.cases[0]["opens_en"] == "b"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "x"', "id = "), ('id = "x"', 'id = ""'), ('id = "x"', "id = 5"), ('id = "x"', ""),
        ('id = "x"', 'id = "x"\nmore = 1'),
        ('regime = "R3"', 'regime = "R9"'), ('bodies = ["x-*"]', "bodies = []"), ('bodies = ["x-*"]', 'bodies = "x"'),
        ("unverified = false", 'unverified = "no"'), ("statutory = []", "statutory = 1"),
        ("statutory = []", "statutory = [{}]"), ("ecpt-10-2-statement", "by-vote"), ("[kinds.visit_report]", "[kinds.novel]"),
        ('exchange = "gated"', 'exchange = "never"'), ('exchange = "gated"', 'exchange = "sometimes"'),
        ('consent = "state"', 'consent = "anyone"'), ("default_class = 2", "default_class = 4"),
        ("default_class = 2", "default_class = true"), ("kinds.visit_report", "kinds.working_document"),
        ('[kinds.visit_report]\nexchange = "gated"', '[kinds]\nvisit_report = 1\n[extra]\nexchange = "gated"'),
    ],
)
def test_bad_files(tmp_path, old, new):
    """A file that cannot be read, lacks or adds something, or contradicts the gates is an error of the room."""
    assert old in GOOD
    (tmp_path / "x.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(RegimeError) as caught:
        regimes.load(tmp_path)
    assert caught.value.code == "regime_invalid"


def test_kinds_that_are_no_table(tmp_path):
    """Kinds that are not a table are an error as well."""
    head = GOOD.split("[kinds")[0]
    (tmp_path / "x.toml").write_text('kinds = "all"\n' + head)
    with pytest.raises(RegimeError):
        regimes.load(tmp_path)


def test_public_by_nature(tmp_path):
    """In R5 the kinds that the gates leave open to anyone cannot be said to be gated."""
    text = GOOD.replace('regime = "R3"', 'regime = "R5"').replace("kinds.visit_report", "kinds.annual_report")
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(RegimeError):
        regimes.load(tmp_path)


def test_an_empty_folder_and_a_body_twice(tmp_path):
    """No file at all, and two regimes for one body, are errors."""
    with pytest.raises(RegimeError):
        regimes.load(tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(GOOD)
    with pytest.raises(RegimeError):
        regimes.load(tmp_path)
