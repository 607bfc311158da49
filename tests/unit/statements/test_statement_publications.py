"""Publications take two officers of the owner, their withdrawal one; and every value has one safe spelling."""

from dataclasses import replace
from typing import Any

import pytest

from exchange.statements import publication, publication_withdrawal
from exchange.statements.errors import (
    OtherSubjectError,
    TooFewSignersError,
    TooManySignersError,
    WrongSignerError,
)
from exchange.statements.publication import MOST_BYTES, Basis, Comments
from keys.errors import MalformedError
from tests.unit.statements.cast import (
    BOOK,
    HEADER,
    INSTRUMENT_ID,
    PUBLIC_FILE,
    PUBLICATION,
    PUBLICATION_WITHDRAWAL,
    REPORT,
    key,
)


def verify(*names: str, header: bytes = HEADER, owner: str = "coe-cpt") -> int:
    statement = publication.build(PUBLICATION)
    for name in names:
        statement = statement.signed_by(key(name))
    return len(publication.verify(PUBLICATION, statement, BOOK, header, owner))


def withdraw(*names: str, report: str = REPORT, owner: str = "coe-cpt") -> bytes:
    statement = publication_withdrawal.build(PUBLICATION_WITHDRAWAL)
    for name in names:
        statement = statement.signed_by(key(name))
    return publication_withdrawal.verify(PUBLICATION_WITHDRAWAL, statement, BOOK, report, owner).officer


def test_two_officers_of_the_owner_publish() -> None:
    """Not one, not one with two keys, not another body's, not under another header."""
    assert verify("anna", "boris") == 2
    for names in (("anna",), ("anna", "anna-2")):
        with pytest.raises(TooFewSignersError):
            verify(*names)
    for names in (("anna", "chen"), ("chen",)):
        with pytest.raises(WrongSignerError):
            verify(*names)
    with pytest.raises(OtherSubjectError):
        verify("anna", "boris", header=b"o" * 32)


def test_one_officer_of_the_owner_withdraws() -> None:
    """Alone, and of this report."""
    assert withdraw("boris").startswith(b"boris")
    with pytest.raises(TooManySignersError):
        withdraw("anna", "boris")
    with pytest.raises(WrongSignerError):
        withdraw("chen")
    with pytest.raises(OtherSubjectError):
        withdraw("anna", report="00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize(
    "name",
    ["report.pdf", "CPT-Inf-2026-4.pdf", "a.b.pdf", "report_xa.tar.gz", "0.txt", "x" * 76 + ".pdf"],
)
def test_a_neutral_file_name(name: str) -> None:
    """Letters, digits, hyphens and underscores, with an ending."""
    made = replace(PUBLICATION, rendition=replace(PUBLIC_FILE, name=name))
    assert publication.read(publication.build(made)) == made


@pytest.mark.parametrize(
    "name",
    [
        "", "report", ".pdf", "-x.pdf", "a..pdf", "a/b.pdf", "a\\b.pdf", "a b.pdf", "r\u00e9port.pdf", "con.pdf", "LPT1.txt",
        "a.pdf\n", 'a".pdf', "x" * 77 + ".pdf", "a.pdf;b", 5,
    ],
)  # fmt: skip
def test_another_file_name_is_malformed(name: Any) -> None:
    """No path, no device, nothing that a header or a shell reads otherwise."""
    with pytest.raises(MalformedError):
        publication.build(replace(PUBLICATION, rendition=replace(PUBLIC_FILE, name=name)))


@pytest.mark.parametrize(
    "change",
    [
        {"basis": Basis("request")},
        {"basis": Basis("automatic", (), b"s" * 32)},
        {"basis": Basis("request", (INSTRUMENT_ID,), b"s" * 32)},
        {"basis": Basis("partial")},
        {"basis": Basis("override", (INSTRUMENT_ID,), b"s" * 32)},
        {"basis": Basis("own", (INSTRUMENT_ID,))},
        {"basis": Basis("own", (), b"s" * 32)},
        {"basis": Basis("whim")},
        {"basis": Basis("request", (b"j" * 16, b"i" * 16))},
        {"parts": ()},
        {"parts": (b"part-one", b"part-two")},
        {"language": "EN"},
        {"language": "e"},
        {"variant": "summary"},
        {"rendition": replace(PUBLIC_FILE, media_type="text/html")},
        {"rendition": replace(PUBLIC_FILE, size=0)},
        {"rendition": replace(PUBLIC_FILE, size=MOST_BYTES + 1)},
        {"rendition": replace(PUBLIC_FILE, sha256=b"short")},
        {"comments": Comments(PUBLIC_FILE, "fr")},
    ],
    ids=range(19),
)
def test_another_form_is_malformed(change: dict[str, Any]) -> None:
    """A basis with what is not its own, lists out of order, what a browser would run, two files of one name."""
    with pytest.raises(MalformedError):
        publication.build(replace(PUBLICATION, **change))


@pytest.mark.parametrize(
    "basis",
    [
        Basis("request", (INSTRUMENT_ID,)),
        Basis("automatic", publication.in_order((b"j" * 16, b"i" * 16))),
        Basis("partial", (), b"s" * 32),
        Basis("override", (), b"s" * 32),
        Basis("own"),
    ],
    ids=lambda basis: basis.kind,
)
def test_every_basis(basis: Basis) -> None:
    """Each reads back, with comments and without."""
    for comments in (PUBLICATION.comments, None):
        made = replace(PUBLICATION, basis=basis, comments=comments)
        assert publication.read(publication.build(made)) == made
        assert list(made.files) == (["rendition", "comments"] if comments else ["rendition"])
