"""What an explanation says beside the decision, for a report's own side: gate by gate, State by State, what it rests on, and
what would have to happen.

An instrument is named to the body that recorded it and to its State alone, here as everywhere; of any other it is told what
its State's answer comes to, not which instrument says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from exchange.access.answers import sentence_of
from exchange.access.facts import Gathered
from exchange.consents.register import Registered
from exchange.reference import names
from exchange.texts import say
from keys.encoding import b64u, format_time
from policies.consent import PERMIT, Answer
from policies.decision import Decision, PartResult
from policies.gate import Gate
from policies.gates import GATES, REQUEST_GATES
from policies.missing import Obstacle, obstacles
from policies.next_steps import KEEPER, NextStep, next_steps

_GATES: Final[dict[str, Gate[Any]]] = {
    **{gate.id: gate for gate in REQUEST_GATES},
    **{gate.id: gate for gate in GATES},
}
_FRENCH: Final = "fr"


@dataclass(frozen=True)
class Onlooker:
    """Who is told: with whose eyes (`Insiders.eyes`), of which body they are themselves, and in which language."""

    eyes: str
    organisation: str
    language: str

    def sees(self, found: Registered) -> bool:
        """Whether an authorisation may be named: to the body that recorded it, and to its State."""
        return self.eyes in (found.row.recorder_body, f"state:{found.row.state}")


def explained(gathered: Gathered, decision: Decision, now: datetime, to: Onlooker) -> dict[str, Any]:
    """Return {decided, steps, evidence} of a decision on these facts at an instant, for a report's own side.

    `decided`: each part with the gate that decided it and what each State answers; `steps`: what would have to happen for the
    parts that are withheld, each once with its parts; `evidence`: the authorisations relied on that the body may see.
    """
    stopped = {} if not decision.withheld and decision.permitted else _obstacles(gathered, now)
    return {
        "decided": [_decided(gathered, result, to) for result in decision.results],
        "steps": list(_steps(gathered, stopped, now, to)),
        "evidence": [_evidence(each, now) for each in _relied_on(gathered, decision) if to.sees(each)],
    }


NOTHING_MORE: Final[dict[str, Any]] = {"decided": [], "steps": [], "evidence": []}


def _decided(gathered: Gathered, result: PartResult, to: Onlooker) -> dict[str, Any]:
    gate = _GATES.get(result.gate)
    title = None if gate is None else (gate.title_fr if to.language == _FRENCH else gate.title_en)
    return {
        "part": result.part,
        "permitted": result.permitted,
        "reason": result.reason,
        "sentence": sentence_of(result.reason, to.language),
        "step": result.step,
        "gate": result.gate,
        "title": title,
        "legal_basis": None if gate is None else gate.basis,
        "not_after": None if result.ends is None else format_time(result.ends),
        "states": [_answered(gathered, answer, to) for answer in result.answers],
    }


def _answered(gathered: Gathered, answer: Answer, to: Onlooker) -> dict[str, Any]:
    found = None if answer.instrument is None else gathered.find(answer.instrument)
    visible = found is not None and to.sees(found)
    return {
        "state": answer.state,
        "outcome": answer.outcome,
        "reason": answer.reason,
        "sentence": None if answer.reason is None else sentence_of(answer.reason, to.language),
        "instrument": found.row.id if found is not None and visible else None,
        "provision": answer.provision if visible else None,
        "test": answer.test if visible else None,
        "ends": None if answer.outcome != PERMIT or answer.ends is None else format_time(answer.ends),
    }


def _obstacles(gathered: Gathered, now: datetime) -> dict[str, tuple[Obstacle, ...]]:
    try:
        return obstacles(gathered.facts, now, gathered.register(now))
    except Exception:  # As the decision, which is then that nothing can be told: whatever breaks opens nothing.
        return {}


def _steps(
    gathered: Gathered, stopped: dict[str, tuple[Obstacle, ...]], now: datetime, to: Onlooker
) -> Iterator[dict[str, Any]]:
    parts: dict[NextStep, list[str]] = {}
    for part, found in stopped.items():
        for obstacle in found:
            for step in next_steps(gathered.facts, obstacle, now):
                listed = parts.setdefault(step, [])
                if part not in listed:
                    listed.append(part)
    for step, ids in parts.items():
        yield {"parts": ids, **_told(gathered, step, to)}


def _told(gathered: Gathered, step: NextStep, to: Onlooker) -> dict[str, Any]:
    found = None if step.instrument is None else gathered.find(step.instrument)
    visible = found is not None and to.sees(found)
    if found is not None:
        keeper = found.row.recorder_body if visible and step.organisation is None and step.who == KEEPER else None
        step = replace(step, instrument=found.row.id if visible else None, organisation=step.organisation or keeper)
    return {
        "code": step.code,
        "who": step.who,
        "organisation": step.organisation,
        "state": step.state,
        "instrument": step.instrument,
        "on": None if step.on is None else format_time(step.on),
        "event": step.event,
        "sentence": _sentence(step, to.language),
        "command": _command(step, gathered, to),
    }


def _sentence(step: NextStep, language: str) -> str:
    key = f"step.{step.code}"
    unknown = say("step.unknown", language)
    event = step.event or unknown
    return say(
        key,
        language,
        body=unknown if step.organisation is None else names.body(step.organisation, language).full,
        state=unknown if step.state is None else names.state(step.state, language).full,
        moment=unknown if step.on is None else format_time(step.on),
        event=event,
    )


def _command(step: NextStep, gathered: Gathered, to: Onlooker) -> str | None:
    """The command by which whoever is told takes a step themselves; None where it is not for their body to take."""
    if step.organisation != to.organisation:
        return None
    report = gathered.document.report
    if step.code in ("approve", "approve_action", "approve_part", "approve_again"):
        return f"exchange grant {report} --to {gathered.facts.request.organisation}"
    if step.code == "lift_stop":
        return f"exchange lift {report}"
    if step.code == "lift_recall":
        return f"exchange lift {report} --recalls"
    return f"exchange consent {step.code} {step.instrument}" if step.who == KEEPER and step.instrument else None


def _relied_on(gathered: Gathered, decision: Decision) -> list[Registered]:
    named = dict.fromkeys(decision.basis)
    named.update(
        dict.fromkeys(
            answer.instrument
            for result in decision.results
            for answer in result.answers
            if answer.instrument is not None
        )
    )
    found = (gathered.find(name) for name in named)
    return list({each.row.id: each for each in found if each is not None}.values())


def _evidence(found: Registered, now: datetime) -> dict[str, Any]:
    terms, status = found.terms, found.status(now)
    return {
        "instrument": found.row.id,
        "state": found.row.state,
        "form": terms["form"],
        "reference": terms["reference"],
        "received_on": terms["received_on"],
        "status": status.state,
        "report": found.row.evidence,
        "statements": [b64u(event.statement) for event in found.events],
    }
