"""The one gate: every question whether somebody may see, read or receive something of a report is asked here.

`policies` decides on facts; this module gathers them, holds a State to its closed list, and says which statements were
relied on. A report that does not exist is answered by the same value as one that is withheld.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from exchange.access.asker import Asker
from exchange.access.facts import Gathered, Gatherer
from exchange.access.relied import Footing, Relied
from exchange.db import UnitOfWork
from exchange.reports.queries import Reports
from exchange.reports.rows import ReportRow
from policies import vocabulary as words
from policies.decision import PERMIT, WITHHOLD, Decision, decide, decide_with
from policies.facts import Facts
from policies.reasons import outward
from policies.register import Register

UNAVAILABLE: Final = "N_UNAVAILABLE"
# What a State may have of others' documents, for any reason at all: what the treaty itself sends it. Published, free and
# other documents reach it outside the exchange (docs/spec/access.md, "What a State sees").
CLOSED_LIST: Final = frozenset({"P_OWN", "P_STATUTORY", "P_STATE_SENT"})
_WITHHELD: Final = Decision(WITHHOLD, "W_NO_CONSENT")


@dataclass(frozen=True)
class Judged:
    """A decision, what a requester is told of it (None for a permit), and what it rested on (None: no such report).

    `relied`: the marks by which it is seen later whether it would be the same.
    """

    decision: Decision
    outward: str | None
    gathered: Gathered | None
    relied: Relied

    @property
    def permitted(self) -> bool:
        """Whether any part asked for is permitted."""
        return self.decision.permitted

    @property
    def basis(self) -> tuple[bytes, ...]:
        """The hashes of the statements relied on, sorted: the report's own, and every event of the instruments that
        permitted, denied or came nearest."""
        if self.gathered is None:
            return ()
        instruments = set(self.decision.basis)
        for result in self.decision.results:
            instruments.update(answer.instrument for answer in result.answers if answer.instrument is not None)
        return tuple(sorted({*self.gathered.document.basis, *self.gathered.hashes(instruments)}))


@dataclass(frozen=True)
class Looked:
    """The facts for an asker and a report, None where there is no such report, and the marks of what they rest on."""

    gathered: Gathered | None
    relied: Relied


class Access:
    """Decides in the caller's unit; nothing here writes."""

    def __init__(self, gatherer: Gatherer, reports: Reports, footing: Footing) -> None:
        self._gatherer = gatherer
        self._reports = reports
        self._footing = footing

    def gather(self, uow: UnitOfWork, asker: Asker, report: str, at: datetime | None = None) -> Gathered | None:
        """Return the facts for an asker and a report, for a decision at `at` (None: now); None where there is no such report.

        For a report that does not exist the same work is done on one of the asker's own, or on the newest of all, and
        forgotten: so that the time an answer takes tells nothing.
        """
        gathered = self._gatherer.gather(uow, asker, report, at)
        if gathered is None:
            self._same_work(uow, asker)
        return gathered

    def gather_listed(
        self, uow: UnitOfWork, asker: Asker, listed: Sequence[ReportRow], *, reasons: bool
    ) -> dict[str, Gathered]:
        """Return the facts for an asker and each report of a list, by id, gathered at once (`Gatherer.gather_all`)."""
        return self._gatherer.gather_all(uow, asker, listed, reasons=reasons)

    def look(self, uow: UnitOfWork, asker: Asker, report: str) -> Looked:
        """As `gather`, with the marks of what is relied on: also of an id without a report, since there may be one soon."""
        gathered = self._gatherer.gather(uow, asker, report)
        work = self._same_work(uow, asker) if gathered is None else gathered
        if work is None:  # nobody has registered anything yet
            return Looked(None, self._footing.report(uow, report, asker.organisation, ()))
        return Looked(gathered, self._footing.report(uow, report, work.document.owner, work.states))

    def decide(
        self, uow: UnitOfWork, asker: Asker, report: str, part: str | None, action: str, purpose: str
    ) -> Judged:
        """Decide whether `asker` may do `action` for `purpose` with a part (base64url; None: with any).

        A part that the report does not have is withheld for the reason the report as a whole is.
        """
        return judge_look(self.look(uow, asker, report), part, action, purpose, uow.now)

    def sees(self, uow: UnitOfWork, asker: Asker, report: str) -> bool:
        """Return whether an asker may know that there is a report of this id."""
        gathered = self.gather(uow, asker, report)
        return gathered is not None and bool(parts_for(gathered, "see_existence", uow.now))

    def _same_work(self, uow: UnitOfWork, asker: Asker) -> Gathered | None:
        own = (self._reports.list_candidates(uow, asker.organisation, box, None, 1) for box in ("inbox", "sent"))
        report = next((rows[0].report for rows in own if rows), None) or self._reports.newest(uow)
        stand_in = None if report is None else self._gatherer.gather(uow, asker, report)
        if stand_in is not None:
            parts_for(stand_in, "view", uow.now)
        return stand_in


def judge_look(looked: Looked, part: str | None, action: str, purpose: str, now: datetime) -> Judged:
    """Return the judgement on an action and purpose, for one part or for the report as a whole (None), at an instant.

    A part that the report does not have is withheld for the reason the report as a whole is.
    """
    if looked.gathered is None:
        return Judged(_WITHHELD, UNAVAILABLE, None, looked.relied)
    gathered = looked.gathered.asking(action, purpose)
    mine = gathered if part is None else gathered.part(part)
    decision = judge_gathered(gathered if mine is None else mine, now)
    if mine is None and decision.permitted:
        decision = Decision(WITHHOLD, "W_SCOPE_PART")
    return Judged(decision, outward(decision), gathered, looked.relied)


def judge_gathered(gathered: Gathered, now: datetime) -> Decision:
    """As `judge`, with a register that is read once for all that is asked of these facts at this instant."""
    try:
        register = gathered.register(now)
    except Exception:  # As `policies` has it: whatever breaks closes the door.
        return _WITHHELD
    return judge(gathered.facts, now, register)


def judge(facts: Facts, now: datetime, register: Register | None = None) -> Decision:
    """Return the decision of `policies` on these facts, with a State held to its closed list.

    `register`: the register of these facts at `now`, where it has been read before.
    """
    request = facts.request
    by_state = words.is_state(request.organisation, request.organisation_kind)
    if not by_state or request.organisation in facts.document.originators:
        return _decide(facts, now, register)
    decision = _decide(_without_openness(facts), now, register)
    if not decision.permitted:
        return decision
    results = tuple(
        replace(each, permitted=False, reason="W_SCOPE_RECIPIENT", basis=(), obligations=(), ends=None)
        if each.permitted and each.reason not in CLOSED_LIST
        else each
        for each in decision.results
    )
    kept = [each for each in results if each.permitted]
    return Decision(
        PERMIT if kept else WITHHOLD,
        kept[0].reason if kept else "W_SCOPE_RECIPIENT",
        parts=tuple(each.part for each in kept),
        withheld={each.part: each.reason for each in results if not each.permitted},
        not_after=min((each.ends for each in kept if each.ends is not None), default=None),
        obligations=decision.obligations if kept else (),
        basis=decision.basis if kept else (),
        results=results,
    )


def _decide(facts: Facts, now: datetime, register: Register | None) -> Decision:
    if register is None:
        return decide(facts, now)
    try:
        return decide_with(facts, now, register)
    except Exception:  # As `policies.decision.decide`.
        return _WITHHELD


def _without_openness(facts: Facts) -> Facts:
    """The facts as if nothing of the document were open to anyone: to a State that is a reason for nothing.

    So that a report the treaty sends it is found to be that, whether or not it is free or published as well.
    """
    document = facts.document
    parts = tuple(replace(part, published=False) for part in document.parts)
    tier = "confidential" if document.tier == "free" else document.tier
    return replace(facts, document=replace(document, parts=parts, tier=tier, override=None))


def parts_for(gathered: Gathered, action: str, now: datetime) -> tuple[str, ...]:
    """Return the parts with which the asker may do `action` now for some purpose, in document order."""
    permitted: set[str] = set()
    for alike in purposes_alike(gathered.facts):
        permitted.update(judge_gathered(gathered.asking(action, alike[0]), now).parts)
    return tuple(part.id for part in gathered.parts if part.id in permitted)


def pairs_for(gathered: Gathered, part: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the pairs of action and purpose that are permitted for a part now: all that a page may offer."""
    mine = gathered.part(part)
    if mine is None:
        return ()
    permitted = {
        (action, purpose)
        for action in words.ACTIONS
        for alike in purposes_alike(mine.facts)
        if judge_gathered(mine.asking(action, alike[0]), now).permitted
        for purpose in alike
    }
    return tuple(pair for pair in _all_pairs() if pair in permitted)


def purposes_alike(facts: Facts) -> tuple[tuple[str, ...], ...]:
    """Return every purpose, together with those for which the decision is the same: the ones that no instrument names.

    A purpose matters to what States agreed to alone, where a provision or a limitation names it; the one that "any purpose"
    leaves out is apart from the others. `tests/properties/test_access_bearing.py` holds this against deciding on each.
    """
    named = {words.PURPOSE_ONLY_BY_NAME}
    for instrument in facts.instruments:
        for provision in instrument.provisions:
            named.update(provision.purposes or ())
        for condition in instrument.conditions:
            if condition.kind == "purpose_limitation" and isinstance(condition.parameter, tuple):
                named.update(condition.parameter)
    others = tuple(purpose for purpose in words.PURPOSES if purpose not in named)
    apart = tuple((purpose,) for purpose in words.PURPOSES if purpose in named)
    return (others, *apart) if others else apart


def outward_for(gathered: Gathered | None, part: str, action: str, now: datetime) -> str:
    """Return the N_ code for a part whose `action` is withheld for every purpose: the one that says most, if one may."""
    mine = None if gathered is None else gathered.part(part)
    if mine is None:
        return UNAVAILABLE
    codes = (outward(judge_gathered(mine.asking(action, purpose), now)) for purpose in words.PURPOSES)
    return next((code for code in codes if code is not None and code != UNAVAILABLE), UNAVAILABLE)


def _all_pairs() -> Iterable[tuple[str, str]]:
    return ((action, purpose) for action in words.ACTIONS for purpose in words.PURPOSES)
