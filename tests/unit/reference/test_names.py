"""Names of States and bodies: United Nations usage, and words for whatever is not on file."""

import json
from pathlib import Path

import pytest

from exchange.reference import names
from exchange.texts import LANGUAGES

FOLDER = Path(names.__file__).parent


def test_every_name_is_there_in_both_languages() -> None:
    """193 member States, 2 observers and Kosovo*; each row of both files has a name in English and in French."""
    states = json.loads((FOLDER / "states.json").read_text(encoding="utf-8"))["states"]
    bodies = json.loads((FOLDER / "mechanisms.json").read_text(encoding="utf-8"))["bodies"]
    assert len(states) == len({row["code"] for row in states}) == 196
    assert len(bodies) == len({row["id"] for row in bodies})
    for row in (*states, *bodies):
        assert row["name_en"].strip() and row["name_fr"].strip()
    for row in bodies:
        assert set(row["unverified"]) <= {"name_en", "name_fr"}


def test_united_nations_usage() -> None:
    """A member State, an observer, and the note that stands under Kosovo*."""
    assert names.state("GB", "en").full == "United Kingdom of Great Britain and Northern Ireland"
    assert names.state("PS", "fr").full == "État de Palestine"
    kosovo = names.state("XK", "en")
    assert kosovo.full == "Kosovo*" and kosovo.note is not None and "resolution 1244" in kosovo.note
    assert names.state("FR", "en").note is None


@pytest.mark.parametrize(
    ("organisation", "english", "french", "short"),
    [
        ("un-spt", "Subcommittee on Prevention of Torture", "Sous-Comité pour la prévention de la torture", "SPT"),
        ("state:XA", "Competent authority (State XA)", "Autorité compétente (État XA)", "State XA"),
        (
            "npm-xa",
            "National preventive mechanism (NPM), State XA",
            "Mécanisme national de prévention (MNP), État XA",
            "NPM XA",
        ),
        ("audit-cpt", "Audit office CPT", "Service d'audit CPT", "Audit CPT"),
        ("some-body", "Participating body some-body", "Organe participant some-body", "some-body"),
    ],
)
def test_what_bodies_are_called(organisation: str, english: str, french: str, short: str) -> None:
    """A known body by its name, the others by what their id says."""
    assert names.body(organisation, "en").full == english
    assert names.body(organisation, "fr").full == french
    assert names.body(organisation, "en").short == short


def test_national_bodies_are_short_in_each_language() -> None:
    """NPM in English, MNP in French; NHRI and INDH."""
    assert [names.body("npm-sn", tongue).short for tongue in LANGUAGES] == ["NPM SN", "MNP SN"]
    assert [names.body("nhri-ug", tongue).short for tongue in LANGUAGES] == ["NHRI UG", "INDH UG"]


def test_what_no_source_confirms_is_marked() -> None:
    """The English form of a national body's name that was translated from French."""
    assert not names.body("npm-sn", "en").confirmed
    assert names.body("npm-sn", "fr").confirmed


def test_the_note_of_a_state_goes_with_its_bodies() -> None:
    """Whatever is named after Kosovo* carries its note."""
    assert names.body("state:XK", "fr").note == names.state("XK", "fr").note
    assert names.body("npm-xk", "en").note == names.state("XK", "en").note
