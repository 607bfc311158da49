"""File names: what a reader's machine may be asked to create, and what never."""

import pytest

from exchange.sealing.errors import FileNameError
from exchange.sealing.file_name import check_file_name


@pytest.mark.parametrize(
    "name",
    [
        "report.pdf",
        "a",
        "Rapport de visite (2025) – annexe.pdf",
        "ÉTAT_final.odt",
        "доклад.docx",
        "گزارش\u200cها.pdf",
        "报告.pdf",
        "com.pdf",
        "console.txt",
        "x" * 200,
    ],
)
def test_ordinary_names_of_any_script_are_taken(name: str) -> None:
    """Accents, other scripts and their joiners, brackets and dashes are fine."""
    check_file_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".profile",
        "-rf",
        " a",
        "a ",
        "a.",
        "../etc/passwd",
        "a/b",
        "a\\b",
        "C:report",
        "a\0b",
        "a\nb",
        "a\x7fb",
        "a\u0085b",
        "report\u202efdp.exe",
        "a\u2066b",
        "\ufeffa",
        "a\u2028b",
        "a\u00adb",
        "a\ud800b",
        "a\ue000b",
        "e\u0301.pdf",
        "con",
        "NUL.pdf",
        "com1.tar.gz",
        "lpt¹",
        "aux .txt",
        "what?",
        "a*b",
        'a"b',
        "a|b",
        "<a>",
        "x" * 201,
        "é" * 101,
    ],
)
def test_a_name_that_is_unsafe_somewhere_is_refused_everywhere(name: str) -> None:
    """Paths, devices, hidden files, options, invisible or turning characters, two spellings of one name, too long."""
    with pytest.raises(FileNameError) as caught:
        check_file_name(name)
    assert not name or len(name) < 3 or name not in str(caught.value)
