"""Release requests and receipts: one officer asks, the same officer confirms."""

from dataclasses import replace

import pytest

from exchange.statements import receipt, release_request
from exchange.statements.errors import OtherSubjectError, TooManySignersError, WrongSignerError
from exchange.statements.receipt import Released
from keys.errors import MalformedError
from tests.unit.statements.cast import BOOK, OFFICERS, PART, RECEIPT, REPORT, REQUEST, key

ASKED = release_request.build(REQUEST)
GIVEN = receipt.build(RECEIPT)
RELEASED = Released(RECEIPT.request, OFFICERS["chen"].officer, REPORT, PART, RECEIPT.n, RECEIPT.index)


def test_one_officer_asks() -> None:
    """And verification says who; two at once are refused, since a release is to a person."""
    assert release_request.verify(REQUEST, ASKED.signed_by(key("chen")), BOOK) == OFFICERS["chen"]
    with pytest.raises(TooManySignersError):
        release_request.verify(REQUEST, ASKED.signed_by(key("chen")).signed_by(key("anna")), BOOK)


@pytest.mark.parametrize(
    "change",
    [{"action": "read"}, {"purpose": "curiosity"}, {"part": b"short"}, {"report": "p1"}],
    ids=repr,
)
def test_a_request_in_other_words_is_malformed(change: dict[str, object]) -> None:
    """Actions and purposes are closed lists."""
    with pytest.raises(MalformedError):
        release_request.build(replace(REQUEST, **change))  # type: ignore[arg-type]


def test_two_requests_of_one_second_have_two_hashes() -> None:
    """The nonce: the log answers this request and no other."""
    other = replace(REQUEST, stamp=replace(REQUEST.stamp, nonce=b"m" * 16))
    assert release_request.build(other).hash != ASKED.hash


def test_a_receipt_is_held_against_its_release() -> None:
    """By whoever has the release at hand; the server, which keeps none, checks the signature alone."""
    signed = GIVEN.signed_by(key("chen"))
    assert receipt.verify(RECEIPT, signed, BOOK, RELEASED) == OFFICERS["chen"]
    assert receipt.verify(RECEIPT, signed, BOOK) == OFFICERS["chen"]


@pytest.mark.parametrize(
    "change",
    [{"request": b"o" * 32}, {"report": REPORT.replace("0", "1")}, {"part": b"part-two"}, {"n": 2}, {"index": 8}],
    ids=repr,
)
def test_a_receipt_for_another_release_is_refused(change: dict[str, object]) -> None:
    """Request, report, part, log and index: each is compared."""
    with pytest.raises(OtherSubjectError):
        receipt.verify(RECEIPT, GIVEN.signed_by(key("chen")), BOOK, replace(RELEASED, **change))  # type: ignore[arg-type]


def test_a_receipt_by_another_person_is_refused() -> None:
    """Even of the same body; and two signers at once."""
    with pytest.raises(WrongSignerError):
        receipt.verify(RECEIPT, GIVEN.signed_by(key("anna")), BOOK, RELEASED)
    with pytest.raises(TooManySignersError):
        receipt.verify(RECEIPT, GIVEN.signed_by(key("anna")).signed_by(key("chen")), BOOK, RELEASED)
