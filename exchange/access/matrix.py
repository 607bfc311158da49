"""The access matrix: for each body a report was sent to, each part and each action, what is decided now and why.

For the owner, the bodies that made the report, and their audit offices. It answers for an officer of each body who is active,
cleared and not recused: who in particular may read is that body's affair. Every look leaves its entry.
"""

from dataclasses import dataclass
from typing import Any, Final

from exchange.access.acts import Acts, Decided
from exchange.access.answers import told_to_owner
from exchange.access.asker import Asker, Askers, Person
from exchange.access.decide import UNAVAILABLE, Access, judge_gathered
from exchange.access.errors import WithheldError
from exchange.access.facts import Gathered
from exchange.access.inbox import receivers_of
from exchange.access.timeline import timeline
from exchange.access.timeline_shown import timeline_shown
from exchange.audit.events import Event
from exchange.db import UnitOfWork
from exchange.directory.services import Bodies
from exchange.reports.queries import Reports
from policies.vocabulary import ACTIONS

ACT: Final = "access:matrix:read"


@dataclass(frozen=True)
class Insiders:
    """Who may be told why: the bodies that made a report, and the audit office of each. One rule for matrix and explain."""

    bodies: Bodies

    def eyes(self, uow: UnitOfWork, asker: Asker, gathered: Gathered | None) -> str | None:
        """Return the body whose eyes the asker looks with: its own, or the one it audits; None for everybody else.

        Nobody looks who is recused from the report, or whose access has ended.
        """
        if gathered is None or gathered.facts.request.recused or not gathered.facts.request.active:
            return None
        authors = (gathered.document.owner, *gathered.document.document.originators)
        if asker.organisation in authors:
            return asker.organisation
        audited = (author for author in authors if self.bodies.audit_office(uow, author) == asker.organisation)
        return next(audited, None)


class Matrices:
    """Makes matrices."""

    def __init__(self, access: Access, askers: Askers, insiders: Insiders, acts: Acts, reports: Reports) -> None:
        self._access = access
        self._reports = reports
        self._askers = askers
        self._insiders = insiders
        self._acts = acts

    def read(
        self, who: Person, report: str, purpose: str = "follow_up", language: str = "en", *, through_time: bool = False
    ) -> dict[str, Any]:
        """Return {report, purpose, parts, recipients, cells}, once the entry of this look stands; `through_time`: with
        `timeline` (`exchange.access.timeline_shown`).

        WithheldError for everyone but insiders, and for an id that belongs to no report: neither leaves an entry.
        """
        answer, _recorded = self._acts.record(
            lambda uow: self._decide(uow, who, report, purpose, language, through_time)
        )
        return answer

    def _decide(
        self, uow: UnitOfWork, who: Person, report: str, purpose: str, language: str, through_time: bool
    ) -> Decided[dict[str, Any]]:
        asker = self._askers.of(uow, who)
        looked = self._access.look(uow, asker, report)
        gathered = looked.gathered
        eyes = self._insiders.eyes(uow, asker, gathered)
        if gathered is None or eyes is None:
            raise WithheldError(UNAVAILABLE)
        receivers = receivers_of(uow, self._askers, gathered)
        owner = gathered.document.owner
        fields = {"actor": asker.officer, "body": asker.organisation, "owner": owner, "report": report}
        answer: dict[str, Any] = {
            "report": report,
            "purpose": purpose,
            "parts": [
                {
                    "part": part.id,
                    "language": part.language,
                    "variant": part.variant,
                    "states": list(part.states),
                    "personal_data": part.personal_data,
                }
                for part in gathered.parts
            ],
            "recipients": sorted(receivers),
            "cells": [
                {"organisation": organisation, "part": part.id, "action": action, **cell}
                for organisation, facts in sorted(receivers.items())
                for part in gathered.parts
                for action, cell in self._cells(uow, facts, part.id, purpose, language, eyes)
            ],
        }
        if through_time:
            answer["timeline"] = self._timeline(uow, gathered, purpose, eyes)
        return Decided(answer, Event(ACT, fields), looked.relied)

    def _timeline(self, uow: UnitOfWork, gathered: Gathered, purpose: str, eyes: str) -> dict[str, Any]:
        bodies = [self._askers.body(uow, organisation) for organisation in sorted(gathered.document.sent)]
        past = self._reports.past(uow, self._reports.required(uow, gathered.document.report))
        found = timeline(past, gathered.registered, bodies, purpose, uow.now)
        return timeline_shown(found, uow.now, eyes)

    def _cells(
        self, uow: UnitOfWork, facts: Gathered, part: str, purpose: str, language: str, eyes: str
    ) -> list[tuple[str, dict[str, Any]]]:
        mine = facts.part(part)
        if mine is None:
            return []
        cells = []
        for action in ACTIONS:
            asked = mine.asking(action, purpose)
            cells.append((action, told_to_owner(asked, judge_gathered(asked, uow.now), language, eyes)))
        return cells
