"""A signature counts only if its key was good when the log says so."""

from datetime import timedelta

import pytest

from exchange.statements import release_request, stop
from exchange.statements.errors import (
    ClockOffError,
    EndedSignerError,
    OtherExchangeError,
    TooFewSignersError,
    TooManySignersError,
    UnknownSignerError,
    WrongSignerError,
)
from exchange.statements.signers import SignerBook, at_least, check_clock, of_bodies, only
from keys.errors import BadSignatureError
from keys.statement import Signature
from tests.unit.statements.cast import BOOK, BY_KID, EXCHANGE, NOW, OFFICERS, REQUEST, STOP, at, key

BARE = release_request.build(REQUEST)


def test_step_1_another_exchange_is_refused() -> None:
    """A statement signed for one exchange says nothing in another with the same officers."""
    book = SignerBook(b"y" * 32, BY_KID.get)
    with pytest.raises(OtherExchangeError):
        book.signers(BARE.signed_by(key("chen")), EXCHANGE)


def test_step_2_an_unknown_signer_is_refused() -> None:
    """Even beside a known one."""
    with pytest.raises(UnknownSignerError):
        BOOK.signers(BARE.signed_by(key("chen")).signed_by(key("nobody")), EXCHANGE)


def test_step_3_a_bad_or_missing_signature_is_refused() -> None:
    """Under a key that is known."""
    with pytest.raises(BadSignatureError):
        BOOK.signers(BARE.with_signature(Signature(key("chen").key_id, bytes(64))), EXCHANGE)
    with pytest.raises(BadSignatureError):
        BOOK.signers(BARE, EXCHANGE)


@pytest.mark.parametrize(
    ("n", "index", "good"), [(1, 99, True), (1, 100, False), (1, 101, False), (2, 0, False), (1, 0, True)]
)
def test_step_4_the_end_of_a_key_is_compared_as_a_pair(n: int, index: int, good: bool) -> None:
    """A key that ended at (1, 100) signed what stands before that; nothing at or after it, nor in a later log."""
    signed = stop.build(STOP).signed_by(key("gone"))
    if good:
        assert at(n, index).signers(signed, EXCHANGE) == (OFFICERS["gone"],)
    else:
        with pytest.raises(EndedSignerError):
            at(n, index).signers(signed, EXCHANGE)


def test_a_key_that_ended_signs_nothing_new() -> None:
    """Without a place in the log the statement is about to be logged: the key must be good now."""
    with pytest.raises(EndedSignerError):
        BOOK.signers(stop.build(STOP).signed_by(key("gone")), EXCHANGE)


def test_a_good_key_signs_at_any_place() -> None:
    """Where nothing ended there is nothing to compare."""
    signed = BARE.signed_by(key("chen"))
    assert BOOK.signers(signed, EXCHANGE) == at(9, 9).signers(signed, EXCHANGE) == (OFFICERS["chen"],)


def test_how_many_and_of_which_body() -> None:
    """One alone, two people and not two keys, all of the body that is asked for."""
    anna, again, boris, chen = (OFFICERS[name] for name in ("anna", "anna-2", "boris", "chen"))
    assert only((anna,)) is anna
    with pytest.raises(TooManySignersError):
        only((anna, boris))
    at_least((anna, boris), 2)
    with pytest.raises(TooFewSignersError, match="1 more officer must"):
        at_least((anna, again), 2)
    of_bodies((anna, boris), ("coe-cpt",))
    with pytest.raises(WrongSignerError):
        of_bodies((anna, chen), ("coe-cpt",))


def test_a_clock_far_off_is_told() -> None:
    """Five minutes either way."""
    for minutes in (-5, 0, 5):
        check_clock(NOW + timedelta(minutes=minutes), NOW)
    for minutes in (-6, 6):
        with pytest.raises(ClockOffError):
            check_clock(NOW + timedelta(minutes=minutes), NOW)
