"""Why yes or no: exact for the bodies that made a report and their audit offices, outward for everybody else.

A requester asks about itself and is told what a release would tell it, the same for an id that belongs to no report. Every
explanation leaves its entry.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.access.answers import told_to_owner, told_to_requester
from exchange.access.asker import Asker, Askers
from exchange.access.decide import UNAVAILABLE, Access, Judged, judge_part
from exchange.access.facts import Gathered
from exchange.access.matrix import Insiders
from exchange.audit.events import Event
from exchange.audit.services import Audit
from exchange.db import UnitOfWork
from exchange.ledger.entry import basis_of
from keys.encoding import b64u, format_time

PERMITTED: Final = "access:explanation:permit"
WITHHELD: Final = "access:explanation:withhold"


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

    def __init__(self, access: Access, askers: Askers, insiders: Insiders, audit: Audit) -> None:
        self._access = access
        self._askers = askers
        self._insiders = insiders
        self._audit = audit

    def explain(self, uow: UnitOfWork, asker: Asker, question: Question, language: str = "en") -> dict[str, Any]:
        """Return {outcome, reason, sentence, not_after, obligations, nearest, parts, basis} in the caller's writing unit.

        Insiders may ask for any body of the directory (UnknownOrganisationError) and any instant; what they ask about a body
        is answered for an officer of it who is active, cleared and not recused. Of everybody else `grantee` and `at` are
        not heard: they ask for themselves, now.
        """
        if question.grantee is not None:
            self._askers.body(uow, question.grantee)
        gathered = self._access.gather(uow, asker, question.report)
        eyes = self._insiders.eyes(uow, asker, gathered)
        if gathered is None or eyes is None:
            return self._outward(uow, asker, question, language)
        grantee = question.grantee or asker.organisation
        of = asker if grantee == asker.organisation else self._askers.body(uow, grantee)
        about = self._access.gather(uow, of, question.report) or gathered
        judged = judge_part(about.asking(question.action, question.purpose), question.part, question.at or uow.now)
        self._record(uow, asker, question, grantee, judged)
        return {
            **told_to_owner(about, judged.decision, language, eyes),
            "parts": _parts(about, judged),
            "basis": [b64u(value) for value in judged.basis],
        }

    def _outward(self, uow: UnitOfWork, asker: Asker, question: Question, language: str) -> dict[str, Any]:
        judged = self._access.decide(
            uow, asker, question.report, question.part, question.action, question.purpose
        )
        heard = Question(question.report, None, question.part, question.action, question.purpose)
        self._record(uow, asker, heard, asker.organisation, judged)
        if judged.permitted and judged.gathered is not None:
            told = told_to_owner(judged.gathered, judged.decision, language, asker.organisation)
            permitted = dict.fromkeys(judged.decision.parts, judged.decision.reason)
            return {**told, "nearest": None, "parts": permitted, "basis": []}
        return {**told_to_requester(judged.outward or UNAVAILABLE, language), "parts": {}, "basis": []}

    def _record(self, uow: UnitOfWork, asker: Asker, question: Question, grantee: str, judged: Judged) -> None:
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
        self._audit.record(uow, Event(PERMITTED if judged.permitted else WITHHELD, fields))


def _parts(gathered: Gathered, judged: Judged) -> dict[str, str]:
    """The reason of each part asked about, permitted or not, in document order."""
    reasons = {result.part: result.reason for result in judged.decision.results}
    return {part.id: reasons[part.id] for part in gathered.parts if part.id in reasons}
