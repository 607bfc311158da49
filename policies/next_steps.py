"""What would have to happen for a part to open, and who would have to do it: from what stops it, and nothing else.

A step says who acts and on what; the sentence of its code, in English and French, is the message catalogue's (`step.<code>`).
Nothing here opens anything: whether a step was taken, the procedure alone finds. Source: `docs/spec/consent.md`, "What would
have to happen".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from policies import status as statuses
from policies.consent import Answer
from policies.facts import Facts, Instrument, Provision
from policies.missing import Obstacle

# Who acts: the body that made the report, the one asking, the State, the body that keeps an authorisation, a person whose
# data it holds, a fact that is to come, the clock; or nobody, because nothing opens it.
ORIGINATOR, READER, STATE, KEEPER, PERSON, FACT, CLOCK, NOBODY = (
    "originator", "reader", "state", "keeper", "person", "event", "time", "nobody",
)  # fmt: skip
WHO = (ORIGINATOR, READER, STATE, KEEPER, PERSON, FACT, CLOCK, NOBODY)


@dataclass(frozen=True)
class NextStep:
    """One thing that would have to happen.

    `code`: which, of `CODES`; `who`: of `WHO`; `organisation`: the body that acts, where it is known; `state`: the State
    concerned; `instrument`: the id of the instrument it is about; `on`: the instant from which it is so; `event`: its name.
    """

    code: str
    who: str
    organisation: str | None = None
    state: str | None = None
    instrument: str | None = None
    on: datetime | None = None
    event: str | None = None


# By gate: the step where the gate says no, whatever its reason.
_BY_GATE: Mapping[str, tuple[str, str]] = {
    "account": ("restore_access", READER),
    "recusal": ("another_person", READER),
    "protected": ("never_to_state", NOBODY),
    "public": ("publication_first", STATE),
    "statutory": ("treaty_no_further", NOBODY),
    "closed_circle": ("outside_the_circle", NOBODY),
    "has_originator": ("nobody_decides", NOBODY),
    "exchanged_kind": ("never_exchanged", NOBODY),
    "clearance": ("cleared_person", READER),
    "undertakings": ("accept_undertaking", READER),
}
_BY_ORIGINATORS_SCOPE: Mapping[str, str] = {
    "W_SCOPE_ACTION": "approve_action", "W_SCOPE_PART": "approve_part", "W_EXPIRED": "approve_again",
}  # fmt: skip
# By the reason a State's answer gives: the step and who takes it.
_BY_ANSWER: Mapping[str, tuple[str, str]] = {
    "W_NO_CONSENT": ("ask_state", STATE),
    "W_PENDING": ("state_answers", STATE),
    "W_LAPSED": ("ask_again", STATE),
    "W_REFUSED": ("state_reconsiders", STATE),
    "W_CONFLICT_DENY": ("state_ends_exclusion", STATE),
    "W_WITHDRAWN": ("state_agrees_anew", STATE),
    "W_EXPIRED": ("state_extends", STATE),
    "W_INVALID_AUTHORITY": ("competent_authority", STATE),
    "W_UNVERIFIED": ("confirm", KEEPER),
    "W_SCOPE_DOCUMENT": ("widen_document", STATE),
    "W_SCOPE_PART": ("widen_part", STATE),
    "W_SCOPE_RECIPIENT": ("widen_recipient", STATE),
    "W_SCOPE_ACTION": ("widen_action", STATE),
    "W_SCOPE_PURPOSE": ("widen_purpose", STATE),
    "W_SCOPE_LANGUAGE": ("widen_language", STATE),
}
CODES = frozenset(
    {
        *(code for code, _who in (*_BY_GATE.values(), *_BY_ANSWER.values())), *_BY_ORIGINATORS_SCOPE.values(),
        "lift_stop", "lift_recall", "wait_until", "event_first", "no_further", "person_decides", "approve", "state_resumes",
        "resume", "person_consents", "redacted_version",
    }
)  # fmt: skip


def next_steps(facts: Facts, obstacle: Obstacle, now: datetime) -> tuple[NextStep, ...]:
    """What would have to happen for one obstacle to go; never nothing, since something always stands behind a no."""
    return tuple(_steps(facts, obstacle, now))


def _steps(facts: Facts, obstacle: Obstacle, now: datetime) -> Iterator[NextStep]:
    gate, request, document = obstacle.gate, facts.request, facts.document
    if gate in _BY_GATE:
        code, who = _BY_GATE[gate]
        yield NextStep(code, who, organisation=request.organisation if who == READER else None)
    elif gate == "stopped":
        yield NextStep("lift_stop", ORIGINATOR, organisation=document.deposited_by)
    elif gate in ("recalled", "recalled_agreement"):
        yield NextStep("lift_recall", ORIGINATOR, organisation=document.deposited_by)
    elif gate == "held":
        yield NextStep("wait_until", CLOCK, on=document.held_until)
    elif gate == "reprisals":
        further = obstacle.reason == "W_SCOPE_ACTION"
        yield NextStep("no_further", NOBODY) if further else NextStep("person_decides", PERSON)
    elif gate == "originators":
        yield from (NextStep("approve", ORIGINATOR, organisation=each) for each in obstacle.originators)
    elif gate == "originators_scope":
        yield from (_narrow(facts, obstacle.reason, each, now) for each in obstacle.originators)
    elif gate == "states":
        answers = obstacle.answers
        yield from (step for each in answers for step in _of_answer(facts, each, now))
        if not answers:
            # A part without any State: what it is about has to be said first, by the body that made it.
            yield NextStep("nobody_decides", NOBODY)
    elif gate == "persons":
        yield NextStep("person_consents", PERSON)
        yield NextStep("redacted_version", ORIGINATOR, organisation=document.deposited_by)


def _narrow(facts: Facts, reason: str, originator: str, now: datetime) -> NextStep:
    if reason != "W_EMBARGO":
        return NextStep(_BY_ORIGINATORS_SCOPE[reason], ORIGINATOR, organisation=originator)
    starts = [
        each.valid_from
        for each in facts.originator_decisions
        if each.organisation == originator and each.valid_from is not None and each.valid_from > now
    ]
    return NextStep("wait_until", CLOCK, on=min(starts, default=None))


def _of_answer(facts: Facts, answer: Answer, now: datetime) -> Iterator[NextStep]:
    instrument = next((each for each in facts.instruments if each.id == answer.instrument), None)
    state, name, reason = answer.state, answer.instrument, answer.reason or "W_NO_CONSENT"
    if reason == "W_SUSPENDED":
        code, who = ("state_resumes", STATE) if _closed_itself(instrument) else ("resume", KEEPER)
        yield NextStep(code, who, state=state, instrument=name)
    elif reason == "W_EMBARGO":
        yield from _of_embargo(instrument, answer, now)
    elif reason == "W_PENDING":
        on = None if instrument is None else instrument.reply_by
        yield NextStep("state_answers", STATE, state=state, instrument=name, on=on)
    else:
        code, who = _BY_ANSWER[reason]
        yield NextStep(code, who, state=state, instrument=name)


def _closed_itself(instrument: Instrument | None) -> bool:
    if instrument is None:
        return False
    said = [e.type for e in instrument.events if e.by_state and (e.type in statuses.SUSPENDING or e.type == "resumed")]
    return bool(said) and said[-1] != "resumed"


def _of_embargo(instrument: Instrument | None, answer: Answer, now: datetime) -> Iterator[NextStep]:
    """What an embargo waits for: the latest of its dates that is to come, and every event it names."""
    until = list(_embargoes(instrument, answer.provision))
    dates = [each for each in until if isinstance(each, datetime) and each > now]
    events = dict.fromkeys(each for each in until if isinstance(each, str))
    if dates or not events:
        yield NextStep("wait_until", CLOCK, state=answer.state, on=max(dates, default=None))
    for event in events:
        yield NextStep("event_first", FACT, state=answer.state, event=event)


def _embargoes(instrument: Instrument | None, provision: int | None) -> Iterator[datetime | str | None]:
    if instrument is None:
        return
    if provision is not None and provision < len(instrument.provisions):
        yield from _of_provision(instrument.provisions[provision])
    for condition in instrument.conditions:
        if condition.kind == "embargo_until" and isinstance(condition.parameter, datetime | str):
            yield condition.parameter


def _of_provision(provision: Provision) -> Iterator[datetime | str | None]:
    yield provision.valid_from
    yield provision.embargo_until
    yield provision.embargo_event
