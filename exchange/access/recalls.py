"""Recalls: taking them and their answers in, and showing each side what is its own.

A recall reaches a body that was named as recipient and could know of the part before (`exchange.access.lookback`), also where
by now the report is withheld from it. Nobody else learns of it. A State is shown beside that the recalls which name one of
its own agreements, of reports it may see: what was recalled and when, never who was told or what they answered.
"""

from dataclasses import dataclass
from typing import Any, Final

from exchange.access.asker import Asker, Askers
from exchange.access.decide import Access, parts_for
from exchange.access.errors import RecallInstrumentError
from exchange.access.lookback import Lookback
from exchange.access.proofs import Proofs
from exchange.audit.statements import Stored
from exchange.consents.register import Register, Registered
from exchange.db import UnitOfWork
from exchange.reports.handling import Handled
from exchange.reports.queries import SENT, Reports
from exchange.reports.recalls import Recalled, Told
from exchange.reports.recalls import Recalls as Kept
from exchange.reports.rows import ReportRow
from exchange.statements.recall import Recall
from exchange.statements.recall_answer import RecallAnswer
from exchange.web.caller import Caller
from exchange.web.errors import NotAvailableError
from keys.encoding import b64u
from keys.statement import Statement
from policies.vocabulary import STATE_PREFIX, is_state

PAGE: Final = 50
# Of a body's own reports so many are looked at in one request for what rested on an agreement.
LOOKED_AT: Final = 100


@dataclass(frozen=True)
class Asked:
    """A body, and a part (8 bytes) it is asked about, with what it answered so far."""

    organisation: str
    part: bytes
    answers: tuple[Stored, ...]

    @property
    def open(self) -> bool:
        """Whether nothing was answered yet."""
        return not self.answers


@dataclass(frozen=True)
class Shown:
    """A recall as one side may see it: `asked` are all bodies for its owner, else the reader's own; `untold` the owner's
    alone: who was named as recipient and not told, by body and part."""

    recalled: Recalled
    own: bool
    asked: tuple[Asked, ...]
    untold: tuple[tuple[str, bytes], ...]

    @property
    def open(self) -> tuple[Asked, ...]:
        """What is still to be answered; nothing once the recall was lifted."""
        return () if self.recalled.lift is not None else tuple(each for each in self.asked if each.open)


class Recalls:
    """Takes in, and shows."""

    def __init__(
        self,
        kept: Kept,
        lookback: Lookback,
        access: Access,
        askers: Askers,
        reports: Reports,
        register: Register,
        proofs: Proofs,
    ) -> None:
        self._kept = kept
        self._lookback = lookback
        self._access = access
        self._askers = askers
        self._reports = reports
        self._register = register
        self._proofs = proofs

    def take(self, uow: UnitOfWork, statement: Statement, who: Caller) -> Handled:
        """Recall a report or a part; raises as `reports.recalls.Recalls.take`, and RecallInstrumentError for an agreement
        that is not of a State the report concerns."""

        def tell(row: ReportRow, values: Recall) -> Told:
            state = None if values.instrument is None else self._state_of(uow, row, values.instrument)
            return Told(self._lookback.told(uow, row, values.part, of_agreement=values.of_agreement), state)

        return self._kept.take(uow, statement, who, tell)

    def answer(self, uow: UnitOfWork, statement: Statement, who: Caller) -> Handled:
        """Take an answer in; raises as `reports.recalls.Recalls.answer`."""

        def may(recalled: Recalled, values: RecallAnswer) -> bool:
            return values.part in self._told(uow, self._askers.of(uow, who), recalled)

        return self._kept.answer(uow, statement, who, may)

    def sent(self, uow: UnitOfWork, asker: Asker, after: bytes | None = None, limit: int = PAGE) -> list[Shown]:
        """Return up to `limit` recalls of the asker's own reports, newest first, after one; NotAvailableError for another."""
        below = self._below(uow, after, lambda each: each.owner == asker.organisation)
        found = self._kept.sent_by(uow, asker.organisation, below, limit)
        return [shown for each in found if (shown := self._to_owner(uow, asker, each)) is not None]

    def arrived(self, uow: UnitOfWork, asker: Asker, after: bytes | None = None, limit: int = PAGE) -> list[Shown]:
        """Return up to `limit` recalls the asker is told of, newest first, after one; NotAvailableError for another."""
        below = self._below(uow, after, lambda each: self._to_other(uow, asker, each) is not None)
        found: list[Shown] = []
        while len(found) < limit:
            looked = self._kept.told_to(uow, asker.organisation, _state(asker), below, limit)
            shown = (self._to_other(uow, asker, each) for each in looked)
            found += [each for each in shown if each is not None]
            if len(looked) < limit:
                break
            below = looked[-1].number
        return found[:limit]

    def of_report(self, uow: UnitOfWork, asker: Asker, report: str) -> list[Shown]:
        """Return the recalls of one report that the asker may see, newest first; none for an id without a report.

        Where there is none, the same work is done on the newest of all, and forgotten: the time of an answer tells nothing.
        """
        shown: list[Shown] = []
        found = self._kept.of_report(uow, report)
        for each in [] if found else self._kept.newest(uow):
            self._to_other(uow, asker, each)
        for each in found:
            of_owner = each.owner == asker.organisation
            mine = self._to_owner(uow, asker, each) if of_owner else self._to_other(uow, asker, each)
            shown += [] if mine is None else [mine]
        return shown

    def rested(
        self, uow: UnitOfWork, asker: Asker, instrument: str, after: str | None
    ) -> tuple[list[tuple[ReportRow, dict[str, list[str]]]], str | None]:
        """Return which of the asker's own reports rested on an agreement before it ended, with parts and bodies, and the
        report to go on after. Looks at LOOKED_AT reports at most; NotAvailableError for an agreement not theirs to see."""
        found = self._register.find(uow, instrument)
        if found is None or asker.organisation not in (found.row.recorder_body, STATE_PREFIX + found.row.state):
            raise NotAvailableError("an instrument that is not the caller's")
        rows = self._reports.list_candidates(uow, asker.organisation, SENT, after, LOOKED_AT)
        concerned = self._access.gather_listed(uow, asker, rows, reasons=False)
        rested = []
        for row in rows:
            if found.row.state in concerned[row.report].states:
                parts = self._lookback.rested(uow, row, found)
                rested += [(row, parts)] if parts else []
        return rested, rows[-1].report if len(rows) == LOOKED_AT else None

    def proven(self, shown: list[Shown], audit_size: int) -> list[dict[str, Any]]:
        """Return recalls as JSON values with the proofs of their statements; LogRangeError, LogStopped."""
        stored = [each for one in shown for each in _stored(one)]
        proofs = {each.hash: proof for each, proof in zip(stored, self._proofs.of(stored, audit_size), strict=True)}

        def said(each: Stored) -> dict[str, Any]:
            return {**each.to_json(), "proof": proofs[each.hash]}

        return [
            {
                "report": one.recalled.values.report,
                "owner": one.recalled.owner,
                "recall": said(one.recalled.stored),
                "lift": None if one.recalled.lift is None else said(one.recalled.lift),
                "asked": [
                    {
                        "organisation": each.organisation,
                        "part": b64u(each.part),
                        "answers": [said(answer) for answer in each.answers],
                    }
                    for each in one.asked
                ],
                "untold": [{"organisation": body, "part": b64u(part)} for body, part in one.untold],
            }
            for one in shown
        ]

    def _below(self, uow: UnitOfWork, after: bytes | None, mine: Any) -> int | None:
        if after is None:
            return None
        found = self._kept.find(uow, after)
        if found is None or not mine(found):
            raise NotAvailableError("no such place in a list")
        return found.number

    def _told(self, uow: UnitOfWork, asker: Asker, recalled: Recalled) -> tuple[bytes, ...]:
        """The parts of which this very person is told: active, cleared for the report, not recused from it."""
        told = recalled.told(asker.organisation, asker.officer)
        if not told or not self._looks(uow, asker, recalled):
            return ()
        document = self._reports.document_facts(uow, recalled.values.report).document
        return told if asker.clearance >= document.class_ordinal else ()

    def _looks(self, uow: UnitOfWork, asker: Asker, recalled: Recalled) -> bool:
        """Whether somebody may look at anything of a report at all: active, and not recused from it."""
        document = self._reports.document_facts(uow, recalled.values.report).document
        return asker.active and not asker.recused(state for part in document.parts for state in part.states)

    def _to_other(self, uow: UnitOfWork, asker: Asker, recalled: Recalled) -> Shown | None:
        body = asker.organisation
        told = self._told(uow, asker, recalled)
        if not told and not self._concerns_agreement(uow, asker, recalled):
            return None
        asked = tuple(Asked(body, part, recalled.answers_of(body, part)) for part in told)
        return Shown(recalled, own=False, asked=asked, untold=())

    def _concerns_agreement(self, uow: UnitOfWork, asker: Asker, recalled: Recalled) -> bool:
        """Whether a State's own agreement is named, about a part of a report that it may see now."""
        state, instrument = _state(asker), recalled.values.instrument
        if state is None or instrument is None:
            return False
        found = self._register.find(uow, b64u(instrument))
        if found is None or found.row.state != state:
            return False
        gathered = self._access.gather(uow, asker, recalled.values.report)
        visible = () if gathered is None else parts_for(gathered, "see_existence", uow.now)
        part = recalled.values.part
        return bool(visible) if part is None else b64u(part) in visible

    def _to_owner(self, uow: UnitOfWork, asker: Asker, recalled: Recalled) -> Shown | None:
        if not self._looks(uow, asker, recalled):
            return None
        told = sorted({(each.organisation, each.part) for each in recalled.notices})
        named = {
            (each.organisation, each.part)
            for each in self._reports.recipients(uow, recalled.values.report)
            if each.organisation != recalled.owner and recalled.values.concerns(each.part)
        }
        asked = tuple(Asked(body, part, recalled.answers_of(body, part)) for body, part in told)
        return Shown(recalled, own=True, asked=asked, untold=tuple(sorted(named - set(told))))

    def _state_of(self, uow: UnitOfWork, row: ReportRow, instrument: bytes) -> str:
        found: Registered | None = self._register.find(uow, b64u(instrument))
        document = self._reports.document_facts(uow, row.report).document
        if found is None or found.row.state not in {state for part in document.parts for state in part.states}:
            raise RecallInstrumentError("a recall names no agreement of a State that the report concerns")
        return found.row.state


def _state(asker: Asker) -> str | None:
    if not is_state(asker.organisation, asker.kind) or not asker.organisation.startswith(STATE_PREFIX):
        return None
    return asker.organisation.removeprefix(STATE_PREFIX)


def _stored(shown: Shown) -> list[Stored]:
    ended = [] if shown.recalled.lift is None else [shown.recalled.lift]
    return [shown.recalled.stored, *ended, *(answer for each in shown.asked for answer in each.answers)]
