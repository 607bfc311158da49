"""Recalls as the program believes them: signed by whom they must be, entered, in order; what the server invents is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange.client import recalls
from exchange.client.report_errors import NotRecalledError, RecallAnswerError, TicketNotProvenError
from exchange.statements import lift as lifts
from exchange.statements import recall as recall_statements
from exchange.statements import recall_answer as answer_statements
from exchange.statements.errors import BrokenLinkError, OtherSubjectError, TooFewSignersError, WrongSignerError
from exchange.statements.form import Link, Stamp
from exchange.statements.lift import Lift
from exchange.statements.recall import Recall
from exchange.statements.recall_answer import RecallAnswer
from keys.encoding import b64u
from keys.errors import MalformedError
from keys.statement import Statement
from tests.unit.client.fake_log import At, at

REPORT = "11111111-1111-4111-8111-111111111111"
PART, OTHER = bytes(8), b"part-two"


class Desk:
    """An SPT officer, and a server that shows one recall of the CPT with what was said about it."""

    def __init__(self, folder: Path) -> None:
        self.here: At = at(folder / "home", "un-spt")
        self.here.session.sync()
        self.exchange = self.here.session.directory.exchange
        self.cpt = self.here.world.officers("coe-cpt")
        self.spt = self.here.world.officers("un-spt")
        values = Recall(self.stamp(), REPORT, bytes(32), None, "error", None, None)
        self.recall = recall_statements.build(values).signed_by(self.cpt[0].sign)
        self.item: dict[str, Any] = {
            "report": REPORT,
            "owner": "coe-cpt",
            "recall": self.enter("reports:report:recall", self.recall, told=1, ground="error"),
            "lift": None,
            "asked": [{"organisation": "un-spt", "part": b64u(PART), "answers": []}],
            "untold": [],
        }

    def stamp(self) -> Stamp:
        """A fresh stamp."""
        return Stamp.fresh(self.here.world.now, self.exchange)

    def enter(self, act: str, statement: Statement, **more: Any) -> dict[str, Any]:
        """Enter a statement in the log; what the server shows of it, but for its proof."""
        fields = {"actor": self.here.person.id, "body": "coe-cpt", "owner": "coe-cpt", "report": REPORT, **more}
        return self.here.store(act, fields, statement)

    def answered(self, said: str, prev: bytes | None, **changes: Any) -> dict[str, Any]:
        """Enter an answer of the SPT; `signer` and values of it may be others."""
        signer = changes.pop("signer", self.spt[0])
        link = Link(self.here.world.now, self.exchange, prev)
        values = replace(RecallAnswer(link, self.recall.hash, REPORT, PART, "un-spt", said), **changes)
        statement = answer_statements.build(values).signed_by(signer.sign)
        named = {"part": b64u(values.part), "recall": b64u(values.recall), "answer": said}
        return self.enter("reports:recall:answer", statement, **named)

    def lifted(self, signers: int = 2, of: bytes | None = None) -> dict[str, Any]:
        """Enter a lift."""
        statement = lifts.build(Lift(self.stamp(), REPORT, of or self.recall.hash))
        for person in self.cpt[:signers]:
            statement = statement.signed_by(person.sign)
        return self.enter("reports:report:lift", statement)

    def shows(self) -> list[recalls.Recalled]:
        """What the program makes of what the server shows."""

        def proven(item: dict[str, Any], since: int) -> dict[str, Any]:
            return {**item, "proof": self.here.proof(item["ticket"]["index"], since)}

        def answer(request: httpx.Request) -> httpx.Response:
            since = int(request.url.params["audit_size"])
            asked = [{**one, "answers": [proven(each, since) for each in one["answers"]]} for one in self.item["asked"]]
            lift = None if self.item["lift"] is None else proven(self.item["lift"], since)
            item = {**self.item, "recall": proven(self.item["recall"], since), "lift": lift, "asked": asked}
            return httpx.Response(200, json={"items": [item], "next": None})

        self.here.server.answers[recalls.RECALLS] = answer
        return recalls.listed(self.here.session, recalls.INBOX)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """One recall of the CPT, not answered yet."""
    return Desk(tmp_path)


def test_what_is_shown_honestly_is_believed(desk: Desk) -> None:
    """Outstanding; answered twice, of which the last counts; lifted, and nothing is asked any more."""
    (found,) = desk.shows()
    assert [each.organisation for each in found.open] == ["un-spt"] and found.signer.organisation == "coe-cpt"
    first = desk.answered("never_opened", None)
    second = desk.answered("destroyed", recalls.unb64u(first["hash"]))
    desk.item["asked"][0]["answers"] = [first, second]
    (found,) = desk.shows()
    last = found.asked[0].last
    assert found.open == () and last is not None and last.value.answer == "destroyed"
    desk.item["lift"] = desk.lifted()
    assert desk.shows()[0].lifted is not None


LIES: dict[str, tuple[Callable[[Desk], Any], type[Exception]]] = {
    "an answer that skips one": (lambda d: d.answered("destroyed", bytes(32)), BrokenLinkError),
    "another body's officer": (lambda d: d.answered("destroyed", None, signer=d.cpt[0]), WrongSignerError),
    "another recall": (lambda d: d.answered("destroyed", None, recall=bytes(32)), OtherSubjectError),
    "another part": (lambda d: d.answered("destroyed", None, part=OTHER), RecallAnswerError),
    "another body": (lambda d: d.answered("destroyed", None, organisation="npm-xa"), RecallAnswerError),
}


@pytest.mark.parametrize("name", LIES)
def test_an_answer_that_was_not_given_is_refused(desk: Desk, name: str) -> None:
    """Nobody is shown as having answered what they did not sign, here, about this, after what they said last."""
    make, error = LIES[name]
    desk.item["asked"][0]["answers"] = [make(desk)]
    with pytest.raises(error):
        desk.shows()


def test_a_recall_or_a_lift_that_was_not_signed_so_is_refused(desk: Desk) -> None:
    """Another owner, another report, a lift of one officer or of another recall, a ticket of another entry."""
    desk.item["owner"] = "un-spt"
    with pytest.raises(WrongSignerError):
        desk.shows()
    desk.item["owner"] = "coe-cpt"
    desk.item["report"] = REPORT[:-1] + "2"
    with pytest.raises(RecallAnswerError):
        desk.shows()
    desk.item["report"] = REPORT
    for lift, error in ((desk.lifted(1), TooFewSignersError), (desk.lifted(2, bytes(32)), OtherSubjectError)):
        desk.item["lift"] = lift
        with pytest.raises(error):
            desk.shows()
    desk.item["lift"] = None
    desk.item["recall"] = {**desk.item["recall"], "hash": b64u(bytes(32))}
    with pytest.raises(TicketNotProvenError):
        desk.shows()


def test_a_part_that_is_not_recalled_is_not_asked_about(desk: Desk) -> None:
    """A recall of one part, shown as if it asked about another."""
    values = replace(recall_statements.read(desk.recall), part=OTHER, stamp=desk.stamp())
    statement = recall_statements.build(values).signed_by(desk.cpt[0].sign)
    desk.item["recall"] = desk.enter("reports:report:recall", statement, told=1, ground="error", part=b64u(OTHER))
    with pytest.raises(RecallAnswerError):
        desk.shows()


@pytest.mark.parametrize("answer", [[], {}, {"items": {}}, {"items": [1]}, {"items": [{"report": REPORT}]}])
def test_what_is_no_list_of_recalls_is_malformed(desk: Desk, answer: Any) -> None:
    """Whatever the server answers, nothing but the room's errors comes out."""
    desk.here.server.answers[recalls.RECALLS] = lambda request: httpx.Response(200, json=answer)
    with pytest.raises(MalformedError):
        recalls.listed(desk.here.session, recalls.INBOX)


def test_nothing_is_answered_where_nothing_is_asked(desk: Desk) -> None:
    """A recall that was lifted, or none, is nothing to answer or to lift."""
    desk.item["lift"] = desk.lifted()
    desk.shows()
    with pytest.raises(NotRecalledError):
        recalls.answer(desk.here.session, REPORT, "destroyed")
    with pytest.raises(NotRecalledError):
        recalls.lift(desk.here.session, REPORT)
