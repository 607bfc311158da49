"""Facts in, decision out: the procedure applied to every part asked for, and what follows for the whole document.

1. The gates of the request: account, recusal. 2. The parts asked for: those of the language and variant.
3. For each part the gates in order; the first that answers decides. 4. The result: some parts permitted, or the reason
of the lowest step that stopped one. Anything unknown, missing or raised is WITHHOLD W_NO_CONSENT, nothing permitted.
Source: `docs/spec/consent.md`, "The procedure" and "The result".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from policies import gates, gates_inside
from policies.asked import Asked
from policies.consent import Answer, Consents
from policies.errors import FactsError
from policies.facts import Facts
from policies.register import Register
from policies.times import is_instant

PERMIT, WITHHOLD = "PERMIT", "WITHHOLD"
# The steps at which the States are asked, and at which everything that was relied on is told.
STATES, CONSENT = 8, 11


@dataclass(frozen=True)
class PartResult:
    """How one part was decided, for the owner and the audit offices: the gate, its reason, each State's answer."""

    part: str
    step: int
    gate: str
    permitted: bool
    reason: str
    ends: datetime | None = None
    obligations: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The answer to one request.

    `parts`: those permitted, in document order; `withheld`: the other parts asked for, with their reasons; `not_after`:
    the instant from which the permit no longer stands, if one is known; `basis`: what was relied on, by `ref` or else by
    id; `results`: part by part. `else_permits`: but for clearance or undertakings the answer would be PERMIT.
    """

    outcome: str
    reason: str
    parts: tuple[str, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    not_after: datetime | None = None
    obligations: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    results: tuple[PartResult, ...] = ()
    else_permits: bool = False

    @property
    def permitted(self) -> bool:
        """Whether any part is permitted."""
        return self.outcome == PERMIT


def decide(facts: Facts, now: datetime) -> Decision:
    """The decision on `facts` at the instant `now`, which carries its offset. Never raises: what fails is withheld."""
    try:
        return decide_with(facts, now, register_of(facts, now))
    except Exception:  # The rule itself: whatever breaks in here must close the door, not leave it as it was.
        return Decision(WITHHOLD, "W_NO_CONSENT")


def register_of(facts: Facts, now: datetime) -> Register:
    """The register a decision at `now` reads; one serves several requests for the same document and instant.

    Raises FactsError for anything but facts and an instant that carries its offset.
    """
    if not isinstance(facts, Facts) or not is_instant(now):
        raise FactsError("a decision needs facts and an instant with its offset")
    return Register(facts.instruments, facts.successions, facts.document.adopted_on, now)


def decide_with(facts: Facts, now: datetime, register: Register) -> Decision:
    """The decision with a register read before; unlike `decide` it raises what goes wrong, for the caller to withhold."""
    for gate in gates.REQUEST_GATES:
        verdict = gate.test(facts)
        if verdict is not None:
            return Decision(WITHHOLD, verdict.reason)
    request = facts.request
    asked_for = [
        part
        for part in facts.document.parts
        if request.language in (None, part.language) and request.variant in (None, part.variant)
    ]
    if not asked_for:
        return Decision(WITHHOLD, "W_SCOPE_PART")
    consents = Consents(facts, register, now)
    results = tuple(_decide_part(Asked(facts, part, now, consents)) for part in asked_for)
    permitted = [result for result in results if result.permitted]
    if not permitted:
        first = min(results, key=lambda result: result.step)
        withheld = {result.part: result.reason for result in results}
        else_permits = _else_permits(first.reason, facts, now, register)
        return Decision(WITHHOLD, first.reason, withheld=withheld, results=results, else_permits=else_permits)
    return Decision(
        PERMIT,
        permitted[0].reason,
        parts=tuple(result.part for result in permitted),
        withheld={result.part: result.reason for result in results if not result.permitted},
        not_after=min((result.ends for result in permitted if result.ends is not None), default=None),
        obligations=tuple(dict.fromkeys(name for result in permitted for name in result.obligations)),
        basis=tuple(dict.fromkeys(name for result in permitted for name in result.basis)),
        results=results,
    )


def _decide_part(asked: Asked) -> PartResult:
    for gate in gates.GATES:
        verdict = gate.test(asked)
        if verdict is None:
            continue
        by_consent = gate.step == CONSENT
        return PartResult(
            asked.part.id,
            gate.step,
            gate.id,
            verdict.permits,
            verdict.reason,
            verdict.ends,
            gates_inside.relied_on(asked, "obligations") if by_consent else (),
            _basis(asked) if by_consent else (),
            asked.answers if gate.step >= STATES and asked.regime == "R1" else (),
        )
    return PartResult(asked.part.id, CONSENT, "none", False, "W_NO_CONSENT")


def _basis(asked: Asked) -> tuple[str, ...]:
    """What a permit by consent relied on: the originators' decisions that cover it, then the States' instruments."""
    _, decisions = asked.narrowed
    refs = [each.ref for permits in decisions.values() for each in permits if each.ref is not None]
    return (*refs, *gates_inside.relied_on(asked, "basis"))


def _else_permits(reason: str, facts: Facts, now: datetime, register: Register) -> bool:
    """Whether nothing but clearance, or nothing but an undertaking, stands between the requester and a permit."""
    if reason == "W_UNDERTAKING":
        return True
    if reason != "W_CLEARANCE":
        return False
    cleared = replace(facts.request, clearance=facts.document.class_ordinal)
    return decide_with(replace(facts, request=cleared), now, register).permitted
