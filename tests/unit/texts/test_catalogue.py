"""The message catalogue: both languages say the same things, every code has its sentence, a mistake is found."""

from pathlib import Path

import pytest

from exchange.texts import LANGUAGES, TextsError, best_language, catalogue, read_folder, say, sentence
from exchange.translations.check import error_codes, findings, used_keys


def test_the_catalogue_is_complete() -> None:
    """Same keys and placeholders in both languages; every error code of every room has a sentence; no use of a missing key."""
    assert findings() == []


def test_codes_are_found_in_the_source() -> None:
    """The check reads codes where they are declared, in every room."""
    codes = error_codes()
    assert {"malformed", "disk_full", "outcome_unknown", "clock_off", "assertion_replayed"} <= codes.keys()
    assert codes["clock_off"] == "exchange/web/errors.py: ClockOffError"


def write(folder: Path, language: str, text: str, name: str = "x.toml") -> None:
    """Write one file of a language."""
    (folder / language).mkdir(exist_ok=True)
    (folder / language / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("english", "french", "found"),
    [
        ('[a]\nb = "x"\nc = "y"', '[a]\nb = "x"', "'a.c' is missing in 'fr'"),
        ('[a]\nb = "x"', '[a]\nb = "x"\nc = "y"', "'a.c' is missing in 'en'"),
        ('[a]\nb = "x {name}"', '[a]\nb = "x {nom}"', "'a.b' has other placeholders in 'en' than in 'fr'"),
        ('[a]\nb = "x"', '[a]\nb = { one = "x", other = "y" }', "'a.b' is a plural in one language only"),
        ('[a]\nb = " "', '[a]\nb = "x"', "'a.b' is empty in 'en'"),
        ('[a]\nb = 5', '[a]\nb = "x"', "'a.b' is neither a text nor a table"),
    ],
)
def test_a_defect_is_named(tmp_path: Path, english: str, french: str, found: str) -> None:
    """Each kind of gap between the languages gives its finding."""
    write(tmp_path, "en", english)
    write(tmp_path, "fr", french)
    assert findings(tmp_path, tmp_path) == [found]


def test_a_code_or_key_without_text_is_named(tmp_path: Path) -> None:
    """An error class and a call of `say`, in Python or in a template, need their texts."""
    for language in LANGUAGES:
        write(tmp_path, language, '[a]\nb = "x"')
    (tmp_path / "exchange").mkdir()
    source = 'class OddError(Exception):\n    code = "odd"\n\nsay("a.b", "en")\nsay("a.c", "en")\n'
    (tmp_path / "exchange" / "odd.py").write_text(source, encoding="utf-8")
    (tmp_path / "exchange" / "odd.html").write_text('{{ text("a.b") }}{{ text("a.d") }}', encoding="utf-8")
    assert findings(tmp_path, tmp_path) == [
        "the error code 'odd' (exchange/odd.py: OddError) has no sentence 'error.odd'",
        "exchange/odd.py:5 uses 'a.c', which the catalogue does not have",
        "exchange/odd.html uses 'a.d', which the catalogue does not have",
    ]
    assert set(used_keys(tmp_path)) == {"a.b", "a.c", "a.d"}


def test_two_files_cannot_say_the_same_key(tmp_path: Path) -> None:
    """Files are merged; a key stands once, or the check says so while a running program takes the first."""
    write(tmp_path, "en", '[a]\nb = "x"')
    write(tmp_path, "en", '[a]\nb = "y"', "y.toml")
    with pytest.raises(TextsError, match="another file"):
        read_folder(tmp_path / "en", strict=True)
    assert read_folder(tmp_path / "en") == {"a.b": "x"}


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    """A malformed file is this room's error, not the parser's."""
    write(tmp_path, "en", "[a")
    with pytest.raises(TextsError, match="not TOML"):
        read_folder(tmp_path / "en")
    with pytest.raises(TextsError, match="no texts"):
        read_folder(tmp_path / "fr")


def test_placeholders_and_plurals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values go in as they are, never as a format of their own; French counts 0 with the singular."""
    entries = {"k": {"one": "{count} pièce de {name}", "other": "{count} pièces de {name}"}, "t": "{name}"}
    monkeypatch.setattr("exchange.texts.catalogue", lambda language: entries)
    assert say("k", "fr", count=0, name="x") == "0 pièce de x"
    assert say("k", "en", count=0, name="x") == "0 pièces de x"
    assert [say("k", language, count=1, name="x") for language in LANGUAGES] == ["1 pièce de x"] * 2
    assert say("k", "fr", count=2, name="x") == "2 pièces de x"
    assert say("t", "en", name="{name.__class__}") == "{name.__class__}"
    for values in ({}, {"count": 1}, {"name": "x"}):
        with pytest.raises(TextsError):
            say("k", "en", **values)


def test_what_is_not_there_is_an_error() -> None:
    """A missing key or language is never shown as itself; an unknown code gets the general sentence."""
    with pytest.raises(TextsError):
        say("no.such.key", "en")
    with pytest.raises(TextsError):
        catalogue("de")
    assert sentence("no_such_code", "fr") == say("error.internal", "fr")


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"), ("fr", "fr"), ("FR-be", "fr"), ("en;q=0.4,fr;q=0.5", "fr"), ("fr;q=0", "en"), ("fr;q=2", "en"),
        (",;,", "en"),
    ],
)
def test_the_preferred_language(accept: str, language: str) -> None:
    """The best of ours an Accept-Language header names; English when it names none or is malformed."""
    assert best_language(accept) == language
