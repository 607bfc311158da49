"""Everything that stands between a request and a permit: each gate that stops a part, not the first alone.

Who is told that the State has not agreed, and obtains it, shall not hear only then that the person has not consented either.
The gates are those of the procedure and are asked in its order; one that permits, or past which nothing could open the part,
is the last that is asked. Source: `docs/spec/consent.md`, "What would have to happen".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from policies import gates
from policies.asked import Asked
from policies.consent import PERMIT, Answer, Consents
from policies.facts import Facts, Part
from policies.register import Register

# Past these nobody's decision opens a part: what they say does not depend on what States, bodies or persons agree to.
CLOSING_GATES = frozenset(
    {"protected", "reprisals", "public", "statutory", "closed_circle", "has_originator", "exchanged_kind"}
)


@dataclass(frozen=True)
class Obstacle:
    """A gate that stops a part, and why.

    `originators`: those whose decision is missing, at the gates that ask them; `answers`: what each State that does not
    permit answers, at the gate that asks the States.
    """

    gate: str
    reason: str
    originators: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()


def obstacles(facts: Facts, now: datetime, register: Register) -> dict[str, tuple[Obstacle, ...]]:
    """What stops each part asked for, in the order of the gates; nothing for a part that is permitted.

    `register`: that of these facts at `now` (`policies.decision.register_of`). What the gates of the request say stops
    every part. Raises what a gate raises: a caller that cannot tell says nothing.
    """
    found = [verdict for gate in gates.REQUEST_GATES if (verdict := gate.test(facts)) is not None]
    ids = [gate.id for gate in gates.REQUEST_GATES if gate.test(facts) is not None]
    of_request = tuple(Obstacle(gate, verdict.reason) for gate, verdict in zip(ids, found, strict=True))
    consents = Consents(facts, register, now)
    return {
        part.id: (*of_request, *_of_part(Asked(facts, part, now, consents))) for part in _asked_for(facts)
    }


def _asked_for(facts: Facts) -> Iterator[Part]:
    request = facts.request
    for part in facts.document.parts:
        if request.language in (None, part.language) and request.variant in (None, part.variant):
            yield part


def _of_part(asked: Asked) -> Iterator[Obstacle]:
    # The last gate is asked once nothing is missing, and computes with what the others have found to be there.
    for gate in gates.GATES[:-1]:
        verdict = gate.test(asked)
        if verdict is None:
            continue
        if verdict.permits:
            return
        yield Obstacle(gate.id, verdict.reason, _originators(gate.id, asked), _answers(gate.id, asked))
        if gate.id in CLOSING_GATES:
            return


def _originators(gate: str, asked: Asked) -> tuple[str, ...]:
    if gate == "originators":
        return tuple(each for each in asked.deciding if each not in asked.originator_permits)
    if gate == "originators_scope":
        _reason, left = asked.narrowed
        return tuple(each for each, permits in left.items() if not permits)
    return ()


def _answers(gate: str, asked: Asked) -> tuple[Answer, ...]:
    return tuple(each for each in asked.answers if each.outcome != PERMIT) if gate == "states" else ()
