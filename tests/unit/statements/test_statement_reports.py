"""Header, grant, stop and lift: who may sign them, and how many it takes."""

from dataclasses import replace

import pytest

from exchange.statements import grant, lift, report_header, stop
from exchange.statements.errors import (
    JointOriginatorsError,
    OtherSubjectError,
    TooFewSignersError,
    TooManySignersError,
    WrongSignerError,
)
from keys.encoding import b64u
from keys.errors import MalformedError
from keys.statement import Statement, new
from tests.unit.statements.cast import BOOK, DIGESTS, GRANT, HEADER, HEADER_VALUE, LIFT, OFFICERS, REPORT, STOP, at, key


def signed(statement: Statement, *names: str) -> Statement:
    for name in names:
        statement = statement.signed_by(key(name))
    return statement


class TestHeader:
    """One officer of the owner is enough: the decision for these recipients is signed with it."""

    BARE = report_header.build(HEADER_VALUE)

    def test_an_officer_of_the_owner_signs(self) -> None:
        """One, or more of the same body."""
        assert report_header.verify(HEADER_VALUE, signed(self.BARE, "anna"), BOOK) == (OFFICERS["anna"],)
        assert len(report_header.verify(HEADER_VALUE, signed(self.BARE, "anna", "boris"), BOOK)) == 2

    def test_an_officer_of_another_body_does_not(self) -> None:
        """Alone or beside one of the owner's."""
        for names in (("chen",), ("anna", "chen")):
            with pytest.raises(WrongSignerError):
                report_header.verify(HEADER_VALUE, signed(self.BARE, *names), BOOK)

    def test_one_who_left_signed_before(self) -> None:
        """By the ticket's place, compared with the end of the key."""
        report_header.verify(HEADER_VALUE, signed(self.BARE, "gone"), at(1, 99))

    def test_more_than_one_originator_is_a_typed_refusal(self) -> None:
        """Until linked entries exist; the form itself is ready for it."""
        value = replace(HEADER_VALUE, originators=("coe-cpt", "un-spt"))
        with pytest.raises(JointOriginatorsError):
            report_header.verify(value, signed(report_header.build(value), "anna"), BOOK)

    @pytest.mark.parametrize(
        "change",
        [
            {"parts": DIGESTS[:7]},
            {"parts": ()},
            {"parts": (*DIGESTS, b"z" * 32)},
            {"parts": DIGESTS[::-1]},
            {"recipients": DIGESTS[:7] + DIGESTS[6:7]},
            {"links": (*DIGESTS[:7], b"short")},
            {"originators": ()},
            {"originators": ("un-spt", "coe-cpt")},
            {"tier": "secret"},
            {"regime": "R6"},
            {"class_ordinal": -1},
            {"report": REPORT.upper()},
            {"owner": "CPT"},
            {"kind": "Visit report"},
            {"visit": ""},
            {"reference": "line\nbreak"},
        ],
        ids=repr,
    )
    def test_another_form_is_malformed(self, change: dict[str, object]) -> None:
        """Lists not sorted, not filled, with one twice; words outside the closed lists."""
        with pytest.raises(MalformedError):
            report_header.build(replace(HEADER_VALUE, **change))  # type: ignore[arg-type]

    def test_digests_sort_by_bytes_not_by_letters(self) -> None:
        """base64url puts '-' and '_' elsewhere than their values: the rule is about the 32 bytes."""
        high = tuple(bytes([0xF8 + n]) * 32 for n in range(8))
        assert [b64u(d) for d in high] != sorted(b64u(d) for d in high)
        value = replace(HEADER_VALUE, parts=high)
        assert report_header.read(report_header.build(value)) == value

    def test_what_may_be_null_may_be_null(self) -> None:
        """Visit, reference, label, adoption and hold."""
        value = replace(HEADER_VALUE, visit=None, reference=None, source_label=None, adopted_on=None, held_until=None)
        assert report_header.read(report_header.build(value)) == value


class TestGrant:
    """Opening takes two."""

    BARE = grant.build(GRANT)

    def test_two_officers_of_the_owner_sign(self) -> None:
        """Of this header."""
        assert len(grant.verify(GRANT, signed(self.BARE, "anna", "boris"), BOOK, HEADER, "coe-cpt")) == 2

    def test_one_is_pending(self) -> None:
        """And so are two keys of one person."""
        for names in (("anna",), ("anna", "anna-2")):
            with pytest.raises(TooFewSignersError):
                grant.verify(GRANT, signed(self.BARE, *names), BOOK, HEADER, "coe-cpt")

    def test_another_body_or_header_is_refused(self) -> None:
        """Before the count: what can never stand is not pending."""
        with pytest.raises(WrongSignerError):
            grant.verify(GRANT, signed(self.BARE, "anna", "chen"), BOOK, HEADER, "coe-cpt")
        with pytest.raises(OtherSubjectError):
            grant.verify(GRANT, signed(self.BARE, "anna"), BOOK, b"o" * 32, "coe-cpt")

    def test_recipients_are_sorted_and_named_once(self) -> None:
        """`build` sorts; `read` refuses another order, a recipient twice for a part, and none."""
        assert grant.build(replace(GRANT, recipients=GRANT.recipients[::-1])) == self.BARE
        body = self.BARE.body
        for recipients in (body["recipients"][::-1], body["recipients"][:1] * 2, []):
            with pytest.raises(MalformedError, match="recipients"):
                grant.read(new(grant.LABEL, {**body, "recipients": recipients}))


class TestStop:
    """Stopping needs one person, at any hour."""

    BARE = stop.build(STOP)

    def test_one_officer_of_an_originator_stops(self) -> None:
        """Whoever of them."""
        assert stop.verify(STOP, signed(self.BARE, "boris"), BOOK, HEADER, ("coe-cpt",)) == OFFICERS["boris"]

    def test_nobody_else_does(self) -> None:
        """Another body, two at once, another header."""
        with pytest.raises(WrongSignerError):
            stop.verify(STOP, signed(self.BARE, "chen"), BOOK, HEADER, ("coe-cpt",))
        with pytest.raises(TooManySignersError):
            stop.verify(STOP, signed(self.BARE, "anna", "boris"), BOOK, HEADER, ("coe-cpt",))
        with pytest.raises(OtherSubjectError):
            stop.verify(STOP, signed(self.BARE, "anna"), BOOK, b"o" * 32, ("coe-cpt",))


class TestLift:
    """Ending a stop opens, so it takes two."""

    BARE = lift.build(LIFT)

    def test_two_officers_lift(self) -> None:
        """Of originators, the stop that is named."""
        assert len(lift.verify(LIFT, signed(self.BARE, "anna", "boris"), BOOK, REPORT, LIFT.stop, ("coe-cpt",))) == 2

    def test_one_is_pending_and_others_are_refused(self) -> None:
        """One officer, one person's two keys; another body; another stop or report."""
        for names in (("anna",), ("anna", "anna-2")):
            with pytest.raises(TooFewSignersError):
                lift.verify(LIFT, signed(self.BARE, *names), BOOK, REPORT, LIFT.stop, ("coe-cpt",))
        with pytest.raises(WrongSignerError):
            lift.verify(LIFT, signed(self.BARE, "anna", "dina"), BOOK, REPORT, LIFT.stop, ("coe-cpt",))
        for report, named in ((REPORT, b"o" * 32), (REPORT.replace("0", "1"), LIFT.stop)):
            with pytest.raises(OtherSubjectError):
                lift.verify(LIFT, signed(self.BARE, "anna", "boris"), BOOK, report, named, ("coe-cpt",))
