"""Why yes or no: exact for the bodies that made a report and their audit offices, outward for everybody else.

A requester asks about itself and is told what a release would tell it, the same for an id that belongs to no report. Every
explanation leaves its entry.

Asked for a past instant, everything is read as it was known then: register, statements about the report and directory, each
without what was recorded later. So the answer is the decision that was taken then, whatever became known since.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.access.acts import Acts, Decided
from exchange.access.answers import told_to_owner, told_to_requester
from exchange.access.asker import Asker, Askers, Person
from exchange.access.decide import UNAVAILABLE, Access, Judged, Looked, judge_look
from exchange.access.errors import BeforeReportError
from exchange.access.explained import NOTHING_MORE, Onlooker, explained
from exchange.access.facts import Gathered
from exchange.access.matrix import Insiders
from exchange.audit.events import Event
from exchange.db import UnitOfWork
from exchange.ledger.entry import basis_of
from keys.encoding import b64u, format_time

PERMITTED: Final = "access:explanation:permit"
WITHHELD: Final = "access:explanation:withhold"
# What a requester is told nothing of, in every case.
_UNTOLD: Final[dict[str, Any]] = {"basis": [], "at": None, **NOTHING_MORE}


@dataclass(frozen=True)
class Question:
    """What is to be explained. `grantee`: for which body, None for the asker itself; `at`: for which instant, None for now.

    `part`: base64url, None for the report as a whole.
    """

    report: str
    grantee: str | None = None
    part: str | None = None
    action: str = "view"
    purpose: str = "follow_up"
    at: datetime | None = None


class Explanations:
    """Explains decisions."""

    def __init__(self, access: Access, askers: Askers, insiders: Insiders, acts: Acts) -> None:
        self._access = access
        self._askers = askers
        self._insiders = insiders
        self._acts = acts

    def explain(self, who: Person, question: Question, language: str = "en") -> dict[str, Any]:
        """Return {outcome, reason, sentence, not_after, obligations, nearest, parts, basis, at} and {decided, steps,
        evidence} (`exchange.access.explained`; nothing of the last five for a requester), once the entry stands.

        Insiders may ask for any body of the directory (UnknownOrganisationError) and any instant (BeforeReportError where the
        report was not there yet); what they ask about a body is answered for an officer of it who is active, cleared and not
        recused. Of everybody else `grantee` and `at` are not heard: they ask for themselves, now.
        """
        answer, _recorded = self._acts.record(lambda uow: self._decide(uow, who, question, language))
        return answer

    def _decide(self, uow: UnitOfWork, who: Person, question: Question, language: str) -> Decided[dict[str, Any]]:
        asker = self._askers.of(uow, who)
        if question.grantee is not None:
            self._askers.body(uow, question.grantee)
        looked = self._access.look(uow, asker, question.report)
        eyes = self._insiders.eyes(uow, asker, looked.gathered)
        if looked.gathered is None or eyes is None:
            judged = judge_look(looked, question.part, question.action, question.purpose, uow.now)
            heard = Question(question.report, None, question.part, question.action, question.purpose)
            event = _event(asker, heard, asker.organisation, judged)
            return Decided(_outward(asker, judged, language), event, judged.relied)
        grantee, at = question.grantee or asker.organisation, question.at or uow.now
        about = self._about(uow, asker, grantee, looked.gathered, question)
        judged = judge_look(Looked(about, looked.relied), question.part, question.action, question.purpose, at)
        asked = judged.gathered if judged.gathered is not None else about
        mine = None if question.part is None else asked.part(question.part)
        answer = {
            **told_to_owner(about, judged.decision, language, eyes),
            "parts": _parts(about, judged),
            "basis": [b64u(value) for value in judged.basis],
            "at": format_time(at),
            **explained(mine or asked, judged.decision, at, Onlooker(eyes, asker.organisation, language)),
        }
        return Decided(answer, _event(asker, question, grantee, judged), judged.relied)

    def _about(
        self, uow: UnitOfWork, asker: Asker, grantee: str, today: Gathered, question: Question
    ) -> Gathered:
        """The facts for the body asked about: today's, or as they were known at the instant asked about."""
        if question.at is None:
            return today.asked_by(asker if grantee == asker.organisation else self._askers.body(uow, grantee))
        if question.at < today.document.registered:
            raise BeforeReportError("this report was not here at that instant")
        of = (
            self._askers.officer(uow, asker.officer, grantee, question.at)
            if grantee == asker.organisation
            else self._askers.body(uow, grantee, question.at)
        )
        then = self._access.gather(uow, of, question.report, question.at)
        if then is None:
            raise BeforeReportError("this report was not here at that instant")
        return then


def _outward(asker: Asker, judged: Judged, language: str) -> dict[str, Any]:
    """What everybody but insiders is told: what a release would tell, the same for an id that belongs to no report."""
    if judged.permitted and judged.gathered is not None:
        told = told_to_owner(judged.gathered, judged.decision, language, asker.organisation)
        permitted = dict.fromkeys(judged.decision.parts, judged.decision.reason)
        return {**told, "nearest": None, "parts": permitted, **_UNTOLD}
    return {**told_to_requester(judged.outward or UNAVAILABLE, language), "parts": {}, **_UNTOLD}


def _event(asker: Asker, question: Question, grantee: str, judged: Judged) -> Event:
    fields = {
        "actor": asker.officer,
        "body": asker.organisation,
        "owner": None if judged.gathered is None else judged.gathered.document.owner,
        "report": question.report,
        "part": question.part,
        "action": question.action,
        "purpose": question.purpose,
        "grantee": grantee,
        "basis": basis_of(judged.basis),
        "reason": judged.decision.reason,
        "code": judged.outward,
        "at": None if question.at is None else format_time(question.at),
    }
    return Event(PERMITTED if judged.permitted else WITHHELD, fields)


def _parts(gathered: Gathered, judged: Judged) -> dict[str, str]:
    """The reason of each part asked about, permitted or not, in document order."""
    reasons = {result.part: result.reason for result in judged.decision.results}
    return {part.id: reasons[part.id] for part in gathered.parts if part.id in reasons}
