"""Recalls: asking back what was sent, answering what one's own body was asked, and what is outstanding.

What the server shows of a recall counts as far as its statements carry it: who recalled, what was answered, in which order.
Who is told of a recall is for the server to find, which keeps the register; the owner sees whom it told and whom it did not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from exchange.client.report_acts import own_report
from exchange.client.report_errors import NotRecalledError, PartsSeveralError, RecallAnswerError
from exchange.client.report_view import named_parts
from exchange.client.session import Session
from exchange.client.statements_out import Posted, in_chain, sign_and_post
from exchange.client.tickets import Proof, Stored, prove
from exchange.statements import lift as lifts
from exchange.statements import recall as recall_statements
from exchange.statements import recall_answer as answer_statements
from exchange.statements.form import Link, Stamp
from exchange.statements.lift import Lift
from exchange.statements.recall import Recall
from exchange.statements.recall_answer import RecallAnswer
from exchange.statements.signers import Signer
from keys import fields
from keys.encoding import b64u, unb64u
from keys.errors import MalformedError
from keys.statement import Statement

RECALLS: Final = "/api/v1/recalls"
INBOX: Final = "inbox"
SENT: Final = "sent"
_MOST_PAGES: Final = 10_000

_ASKED: Final[fields.Schema] = {
    "answers": fields.anything,
    "organisation": fields.organisation,
    "part": fields.ID8,
}
_ITEM: Final[fields.Schema] = {
    "asked": fields.list_of(fields.an_object(_ASKED)),
    "lift": fields.anything,
    "owner": fields.organisation,
    "recall": fields.anything,
    "report": fields.uuid,
    "untold": fields.list_of(fields.an_object({"organisation": fields.organisation, "part": fields.ID8})),
}


@dataclass(frozen=True)
class Answer:
    """What a body answered, and who signed it."""

    stored: Stored
    value: RecallAnswer
    signer: Signer


@dataclass(frozen=True)
class Asked:
    """A body and a part (8 bytes) it is asked about; its answers in their order, of which the last one counts."""

    organisation: str
    part: bytes
    answers: tuple[Answer, ...]

    @property
    def last(self) -> Answer | None:
        """The answer that counts, None where there is none yet."""
        return self.answers[-1] if self.answers else None


@dataclass(frozen=True)
class Recalled:
    """A recall with every signature verified; `lifted` once two officers ended it; `untold`: the owner's alone."""

    stored: Stored
    value: Recall
    signer: Signer
    lifted: Stored | None
    asked: tuple[Asked, ...]
    untold: tuple[tuple[str, bytes], ...]

    @property
    def open(self) -> tuple[Asked, ...]:
        """What is still to be answered."""
        return () if self.lifted is not None else tuple(each for each in self.asked if each.last is None)

    @property
    def closes_to_everyone(self) -> bool:
        """Whether the whole report is closed by it, as by a stop."""
        return self.lifted is None and self.value.part is None and not self.value.of_agreement

    def overdue(self, today: date) -> bool:
        """Whether an answer is still due after its last day."""
        return bool(self.open) and self.value.reply_by is not None and self.value.reply_by < today


def recall(
    session: Session,
    report: str,
    *,
    reason: str,
    part: str | None = None,
    instrument: bytes | None = None,
    reply_by: date | None = None,
) -> Posted:
    """Recall a report of our own, or one part (by id, its beginning, or a language that one part has). It closes at once.

    Raises PartsSeveralError for a text that means several parts, and as `own_report` and `sign_and_post`.
    """
    view = own_report(session, report)
    found = None if part is None else named_parts(view, part)
    if found is not None and len(found) > 1:
        raise PartsSeveralError(f"several parts are '{part}'", part=part)
    chosen = None if found is None else found[0].id

    def build(now: datetime) -> Statement:
        stamp = Stamp.fresh(now, session.directory.exchange)
        header = view.stored.statement.hash
        return recall_statements.build(Recall(stamp, report, header, chosen, reason, instrument, reply_by))

    lifted = sorted(b64u(stored.statement.hash) for stored in view.lifts)
    day = None if reply_by is None else reply_by.isoformat()
    named = [None if each is None else b64u(each) for each in (chosen, instrument)]
    return sign_and_post(session, ("recall", report, reason, day, named, lifted), build)


def answer(session: Session, report: str, said: str, part: str | None = None) -> list[Posted]:
    """Answer every recall of a report that stands and concerns our body, for each part or for one (id or its beginning).

    NotRecalledError where none does; raises as `of_report` and `sign_and_post`.
    """
    posted = []
    for each in of_report(session, report):
        if each.lifted is None and each.signer.organisation != session.organisation:
            mine = [one for one in each.asked if part is None or b64u(one.part).startswith(part)]
            posted += [_answer(session, each, one, said) for one in mine]
    if not posted:
        raise NotRecalledError("nothing of this report is recalled from this body")
    return posted


def _answer(session: Session, recalled: Recalled, asked: Asked, said: str) -> Posted:
    hash, before = recalled.stored.statement.hash, asked.last
    previous = None if before is None else before.stored.statement.hash

    def build(now: datetime) -> Statement:
        link = Link(now, session.directory.exchange, previous)
        values = RecallAnswer(link, hash, recalled.value.report, asked.part, session.organisation, said)
        return answer_statements.build(values)

    act = ("recall-answer", b64u(hash), b64u(asked.part), said)
    return sign_and_post(session, act, build, fits=in_chain(previous))


def lift(session: Session, report: str) -> list[Posted]:
    """Propose to end every recall of a report of ours that stands; a second officer confirms. NotRecalledError."""
    standing = [each for each in of_report(session, report) if each.lifted is None]
    mine = [each.stored.statement.hash for each in standing if each.signer.organisation == session.organisation]
    if not mine:
        raise NotRecalledError("no recall of this report stands")

    def one(hash: bytes) -> Posted:
        def build(now: datetime) -> Statement:
            return lifts.build(Lift(Stamp.fresh(now, session.directory.exchange), report, hash))

        return sign_and_post(session, ("lift", report, b64u(hash)), build)

    return [one(hash) for hash in mine]


def of_report(session: Session, report: str) -> list[Recalled]:
    """Return the recalls of one report that are ours to see, newest first, each verified; raises as `listed`."""
    session.sync()
    return list(_pages(session, {"report": report}))


def listed(session: Session, box: str) -> list[Recalled]:
    """Return the recalls of our own reports ("sent") or those our body was told of ("inbox"), newest first, each verified.

    MalformedError, RecallAnswerError, and as `tickets.prove` and the errors of `exchange.statements`.
    """
    session.sync()
    return list(_pages(session, {"box": box}))


def _pages(session: Session, query: dict[str, str]) -> Iterator[Recalled]:
    after: str | None = None
    for _page in range(_MOST_PAGES):
        since = session.audit.pinned
        params: dict[str, str | int] = {**query, "audit_size": since.size}
        if after is not None:
            params["after"] = after
        body = session.http.get(RECALLS, params)
        items = body.get("items") if isinstance(body, dict) else None
        if not isinstance(items, list):
            raise MalformedError("recalls are a list")
        for item in items:
            yield _Reader(session, since).read(item)
        after = body.get("next")
        if not after:
            return


@dataclass(frozen=True)
class _Reader:
    """Reads recalls of one answer, which was asked for when `since` was the newest head this home had seen."""

    session: Session
    since: Any

    def read(self, item: Any) -> Recalled:
        """Verify one recall: 1. its signer, of the owner; 2. the lift; 3. each body's answers, each following the last."""
        body = fields.check(item, _ITEM)
        stored, proof = self._stored(body["recall"])
        value = recall_statements.read(stored.statement)
        owner, report = body["owner"], body["report"]
        if value.report != report:
            raise RecallAnswerError("a recall is shown under another report")
        book = prove(self.session, stored, proof)
        signer = recall_statements.verify(value, stored.statement, book, {owner})
        lifted = None if body["lift"] is None else self._lift(body["lift"], report, stored.statement.hash, owner)
        asked = tuple(self._asked(each, stored.statement.hash, value) for each in body["asked"])
        untold = tuple((each["organisation"], unb64u(each["part"])) for each in body["untold"])
        return Recalled(stored, value, signer, lifted, asked, untold)

    def _stored(self, item: Any) -> tuple[Stored, Proof]:
        return Stored.from_json(item), Proof(item.get("proof"), self.since)

    def _lift(self, item: Any, report: str, hash: bytes, owner: str) -> Stored:
        stored, proof = self._stored(item)
        book = prove(self.session, stored, proof)
        lifts.verify(lifts.read(stored.statement), stored.statement, book, report, hash, {owner})
        return stored

    def _asked(self, item: dict[str, Any], hash: bytes, value: Recall) -> Asked:
        organisation, part = item["organisation"], unb64u(item["part"])
        if not value.concerns(part):
            raise RecallAnswerError("a recall is shown with a part it does not name")
        found: list[Answer] = []
        if not isinstance(item["answers"], list):
            raise MalformedError("answers are a list")
        for each in item["answers"]:
            stored, proof = self._stored(each)
            said = answer_statements.read(stored.statement)
            if (said.organisation, said.part) != (organisation, part):
                raise RecallAnswerError("an answer is shown under another body or part")
            book = prove(self.session, stored, proof)
            signer = answer_statements.verify(said, stored.statement, book, hash, value.report)
            answer_statements.follows(said, found[-1].stored.statement.hash if found else None)
            found.append(Answer(stored, said, signer))
        return Asked(organisation, part, tuple(found))


@dataclass(frozen=True)
class Rested:
    """A report of ours that other bodies could view by an agreement: parts (base64url), each with the bodies."""

    report: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        parts = [{"part": part, "organisations": list(bodies)} for part, bodies in self.parts]
        return {"report": self.report, "parts": parts}


_RESTED: Final[fields.Schema] = {
    "parts": fields.list_of(
        fields.an_object({"organisations": fields.list_of(fields.organisation), "part": fields.ID8})
    ),
    "report": fields.uuid,
}


def rested(session: Session, instrument: str) -> list[Rested]:
    """Return our own reports that rested on an agreement right before it ended; MalformedError, and what `Http` raises."""
    found: list[Rested] = []
    after: str | None = None
    for _page in range(_MOST_PAGES):
        params = {"instrument": instrument} if after is None else {"instrument": instrument, "after": after}
        answered = session.http.get(f"{RECALLS}/rested", params)
        items: Sequence[Any] | None = answered.get("items") if isinstance(answered, dict) else None
        if not isinstance(items, list):
            raise MalformedError("what rested on an agreement is a list")
        for item in items:
            body = fields.check(item, _RESTED)
            parts = tuple((each["part"], tuple(each["organisations"])) for each in body["parts"])
            found.append(Rested(body["report"], parts))
        after = answered.get("next")
        if not after:
            break
    return found
