"""Whose reports may go to whom today: for each State of whose agreements the asker's body keeps some, and each body, what
would be decided on a report of the asker's own on that State, adopted today.

The own decision to transmit is taken as given, for it is the own body's to make; so what is shown is what States agreed to.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from exchange.access.answers import sentence_of
from exchange.access.asker import Asker, Askers
from exchange.access.decide import judge
from exchange.access.facts import Bearing
from exchange.access.instruments import counted
from exchange.consents.register import Register, Registered
from exchange.consents.scopes import names_of
from exchange.db import UnitOfWork
from exchange.directory.snapshots import Snapshots
from keys.encoding import format_time
from policies import vocabulary as words
from policies.decision import Decision
from policies.facts import Document, Facts, OriginatorDecision, Part, Request
from policies.times import day_of

KIND: Final = "visit_report"
# Bodies that take part in the exchange of documents; audit offices and States do not.
_KINDS: Final = ("mechanism", "secretariat", "npm", "nhri", "court")


class Coverage:
    """Works it out."""

    def __init__(self, register: Register, snapshots: Snapshots, askers: Askers) -> None:
        self._register = register
        self._snapshots = snapshots
        self._askers = askers

    def read(self, uow: UnitOfWork, asker: Asker, kind: str, purpose: str, language: str) -> dict[str, Any]:
        """Return {kind, purpose, bodies, states: [{state, cells}]}.

        A cell: {organisation, outcome, reason, sentence, not_after, obligations}, one for each body, in the order of `bodies`.
        """
        directory = self._snapshots.required(uow)
        bodies = [each.id for each in directory.organisations if each.kind in _KINDS and each.id != asker.organisation]
        states = sorted({each.row.state for each in self._register.visible_to(uow, asker.organisation, None)})
        names = names_of(_document(asker.organisation, kind, "ZZ", uow.now))
        bearing = Bearing(self._register.bearing(uow, states, names))
        readers = [self._askers.body(uow, body) for body in bodies]
        listed = []
        for state in states:
            document = _document(asker.organisation, kind, state, uow.now)
            found = bearing.on([state], names, frozenset())
            decided = _decided(document, found, readers, purpose, uow.now)
            listed.append({"state": state, "cells": [_told(body, decision, language) for body, decision in decided]})
        return {"kind": kind, "purpose": purpose, "bodies": bodies, "states": listed}


def _decided(
    document: Document, found: tuple[Registered, ...], readers: list[Asker], purpose: str, now: datetime
) -> Iterator[tuple[str, Decision]]:
    instruments = counted(found, document.originators, now)
    for reader in readers:
        facts = Facts(
            request=_request(reader, purpose),
            document=document,
            originator_decisions=(_approved(document.originators[0], reader.organisation),),
            instruments=instruments,
            undertakings_accepted=(),
            document_events={},
            person_consents=(),
            successions=(),
        )
        yield reader.organisation, judge(facts, now)


def _told(organisation: str, decision: Decision, language: str) -> dict[str, Any]:
    return {
        "organisation": organisation,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "sentence": sentence_of(decision.reason, language),
        "not_after": None if decision.not_after is None else format_time(decision.not_after),
        "obligations": list(decision.obligations),
    }


def _document(owner: str, kind: str, state: str, now: datetime) -> Document:
    part = Part(
        id="p1", states=(state,), language="en", variant="original", personal_data=False, published=False, regime=None,
        recalled=None,
    )
    return Document(
        id="-", kind=kind, originators=(owner,), deposited_by=owner, addressed_to=(), regime="R1", adopted_on=day_of(now),
        visit=None, class_ordinal=0, tier="confidential", statutory_recipients=(), override=None, person_recipients=(),
        emergency=None, stopped=False, held_until=None, parts=(part,),
    )  # fmt: skip


def _request(reader: Asker, purpose: str) -> Request:
    return Request(
        organisation=reader.organisation, organisation_kind=reader.kind, officer=reader.officer, role=reader.role,
        action="view", purpose=purpose, language=None, variant=None, clearance=reader.clearance, active=True, recused=False,
    )  # fmt: skip


def _approved(owner: str, reader: str) -> OriginatorDecision:
    return OriginatorDecision(
        organisation=owner, effect="permit", grantee=reader, actions=words.ACTIONS, parts=None, kinds=None, states=None,
        valid_from=None, valid_to=None,
    )  # fmt: skip
