"""Recall and its answer: who may sign them, what they may say, and that an answer follows the last one."""

from dataclasses import replace
from datetime import date

import pytest

from exchange.statements import recall, recall_answer
from exchange.statements.errors import (
    BrokenLinkError,
    OtherExchangeError,
    OtherSubjectError,
    TooManySignersError,
    WrongSignerError,
)
from keys.errors import MalformedError
from keys.statement import Statement
from tests.unit.statements.cast import ANSWER, BOOK, HEADER, OFFICERS, PART, RECALL, REPORT, key


def signed(statement: Statement, *names: str) -> Statement:
    for name in names:
        statement = statement.signed_by(key(name))
    return statement


class TestRecall:
    """One officer of the owner."""

    BARE = recall.build(RECALL)

    def test_one_officer_of_the_owner_recalls(self) -> None:
        """With the header it names, or where the verifier is shown none."""
        assert recall.verify(RECALL, signed(self.BARE, "anna"), BOOK, {"coe-cpt"}, HEADER) == OFFICERS["anna"]
        assert recall.verify(RECALL, signed(self.BARE, "boris"), BOOK, {"coe-cpt"}) == OFFICERS["boris"]

    def test_nobody_else_does(self) -> None:
        """Another body's officer, two, another header, another exchange."""
        for names, error in ((("chen",), WrongSignerError), (("anna", "boris"), TooManySignersError)):
            with pytest.raises(error):
                recall.verify(RECALL, signed(self.BARE, *names), BOOK, {"coe-cpt"}, HEADER)
        with pytest.raises(OtherSubjectError):
            recall.verify(RECALL, signed(self.BARE, "anna"), BOOK, {"coe-cpt"}, bytes(32))
        with pytest.raises(OtherExchangeError):
            recall.verify(RECALL, signed(self.BARE, "anna"), replace(BOOK, exchange=bytes(32)), {"coe-cpt"}, HEADER)

    @pytest.mark.parametrize("reason", recall.REASONS)
    def test_an_agreement_is_named_only_where_one_ended(self, reason: str) -> None:
        """With withdrawal and expiry, or with neither."""
        plain = replace(RECALL, reason=reason, instrument=None, part=None, reply_by=None)
        assert recall.read(recall.build(plain)) == plain
        assert plain.of_agreement == (reason in ("withdrawal", "expiry"))
        if not plain.of_agreement:
            with pytest.raises(MalformedError, match="instrument"):
                recall.build(replace(plain, instrument=b"i" * 16))

    def test_words_and_days_outside_the_form(self) -> None:
        """A reason that is none, and a last day before the recall itself; the day of the recall is one."""
        recall.build(replace(RECALL, reply_by=RECALL.stamp.time.date()))
        wrongs: list[dict[str, object]] = [{"reason": "because"}, {"reply_by": date(2026, 3, 9)}, {"part": b"short"}]
        for change in wrongs:
            with pytest.raises(MalformedError):
                recall.build(replace(RECALL, **change))  # type: ignore[arg-type]

    def test_what_it_concerns(self) -> None:
        """Its part alone, or every part."""
        assert RECALL.concerns(PART) and not RECALL.concerns(b"part-two")
        assert replace(RECALL, part=None).concerns(b"part-two")


class TestAnswer:
    """One officer of the body that answers."""

    BARE = recall_answer.build(ANSWER)

    def test_one_officer_of_the_body_answers(self) -> None:
        """To this recall of this report."""
        signer = recall_answer.verify(ANSWER, signed(self.BARE, "chen"), BOOK, ANSWER.recall, REPORT)
        assert signer == OFFICERS["chen"]

    def test_nobody_else_does(self) -> None:
        """Another body's officer, two of several bodies, another recall or report."""
        for names, error in ((("anna",), WrongSignerError), (("chen", "anna"), TooManySignersError)):
            with pytest.raises(error):
                recall_answer.verify(ANSWER, signed(self.BARE, *names), BOOK, ANSWER.recall, REPORT)
        for hash, report in ((bytes(32), REPORT), (ANSWER.recall, REPORT[:-1] + "0")):
            with pytest.raises(OtherSubjectError):
                recall_answer.verify(ANSWER, signed(self.BARE, "chen"), BOOK, hash, report)

    def test_it_follows_the_last(self) -> None:
        """Its `prev` is the hash of the body's answer before, or null for the first."""
        recall_answer.follows(ANSWER, ANSWER.link.prev)
        for last in (None, bytes(32)):
            with pytest.raises(BrokenLinkError):
                recall_answer.follows(ANSWER, last)

    @pytest.mark.parametrize("answer", recall_answer.ANSWERS)
    def test_four_answers_and_no_other(self, answer: str) -> None:
        """Destroyed, returned, retained under archive rules, never opened."""
        said = replace(ANSWER, answer=answer)
        assert recall_answer.read(recall_answer.build(said)) == said
        with pytest.raises(MalformedError):
            recall_answer.build(replace(ANSWER, answer="kept"))
