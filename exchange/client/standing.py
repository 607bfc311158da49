"""Standing decisions of this officer's body: fetched, verified, and what they mean for a report about to be sealed.

Two officers have decided what goes to whom without being asked again; so the program adds those bodies by itself, and says
so before anything is sealed. Each decision is held to its signatures and to its proven entry, each chain to its order, and
what this home has seen once must be there again: a server that hides an end is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.client.deposit_plan import Plan
from exchange.client.errors import HomeDamagedError, UsageError
from exchange.client.home import Home
from exchange.client.recipients import recipient
from exchange.client.report_errors import (
    NeedsApprovalError,
    StandingAnswerError,
    StandingDenialError,
    StandingUnknownError,
)
from exchange.client.session import Session
from exchange.client.statements_out import STATEMENTS, Posted, in_chain, sign_and_post
from exchange.client.tickets import Proof, Stored, prove
from exchange.statements import determination as determinations
from exchange.statements import standing
from exchange.statements.determination import Determination, StandingScope
from exchange.statements.determination_values import APPROVAL, END, ORIGINATOR_DECISION
from exchange.statements.form import Link
from exchange.statements.standing import PERMIT, TRANSMITTED, Standing
from keys import fields
from keys.encoding import b64u, canonical, parse_object
from keys.errors import KeysError, MalformedError
from keys.statement import Statement

STANDING: Final = f"{STATEMENTS}/standing"
SEEN: Final = "standing.json"
# What no standing decision sends anywhere: evidence has its own addressees, and of an alert the person at risk decides.
_NEVER: Final = frozenset({"alert", "evidence"})
_SEEN: Final[fields.Schema] = {"seen": fields.list_of(fields.HASH, most=100_000), "version": fields.integer(1, 1)}


@dataclass(frozen=True)
class Decisions:
    """All standing determinations of a body, verified, in the order of the log."""

    organisation: str
    listed: tuple[tuple[bytes, Determination], ...] = ()

    @property
    def in_force(self) -> list[Standing]:
        """Those that stand, whatever their periods."""
        return standing.in_force(self.organisation, self.listed)

    @property
    def approval(self) -> bool:
        """Whether every transmission of this body is approved by a second officer."""
        return standing.approval_needed(self.organisation, (values for _hash, values in self.listed))

    def last(self, chain: bytes) -> bytes | None:
        """Return the hash of the last of a chain, None before the first."""
        found = [hash for hash, values in self.listed if values.chain(self.organisation) == chain]
        return found[-1] if found else None


@dataclass(frozen=True)
class Also:
    """A body that a report goes to by standing decisions: the local names of the parts that go, and the States of each."""

    organisation: str
    decisions: tuple[Standing, ...]
    parts: frozenset[str]
    states: frozenset[tuple[str, ...]]


def fetch(session: Session) -> Decisions:
    """Return the standing determinations of this body, once all of this holds (StandingAnswerError):

    1. each is a standing one of this body, and they come in the order of their entries;
    2. signatures, signers and entry of each are good (errors of `exchange.statements`, and as `tickets.prove`);
    3. each follows the last of its chain;
    4. none is missing that this home has seen.
    """
    ours, since = session.organisation, session.audit.pinned
    answer = session.http.get(STANDING, {"audit_size": since.size})
    items = answer.get("standing") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise MalformedError("standing decisions are a list")
    stored = [Stored.from_json(item) for item in items]
    if [each.place for each in stored] != sorted(each.place for each in stored):
        raise StandingAnswerError("standing decisions out of order")
    listed: list[tuple[bytes, Determination]] = []
    last: dict[bytes, bytes] = {}
    for item, each in zip(items, stored, strict=True):
        values = _verified(session, ours, each, Proof(item.get("proof"), since))
        chain = values.chain(ours)
        if values.link.prev != last.get(chain):
            raise StandingAnswerError("a standing decision does not follow the last one")
        last[chain] = each.statement.hash
        listed.append((each.statement.hash, values))
    _check_seen(session.home, [hash for hash, _values in listed])
    return Decisions(ours, tuple(listed))


def applying(session: Session, plan: Plan, tier: str) -> tuple[Also, ...]:
    """Return whom else this report goes to by standing decisions, by name, those left out with `--without` not among them.

    NeedsApprovalError where this body has its transmissions approved and the plan does not ask for it; StandingDenialError
    where a standing denial keeps it from an addressee; UsageError where `--without` names a body that nothing sends it to;
    and as `fetch`.
    """
    decisions = Decisions(session.organisation) if tier in _NEVER else fetch(session)
    if decisions.approval and not plan.needs_approval:
        raise NeedsApprovalError("this body has its transmissions approved: --needs-approval")
    for organisation in plan.to:
        for part in plan.parts:
            if _denial(decisions, organisation, plan.kind, part.states) is not None:
                raise StandingDenialError(f"a standing decision keeps this from '{organisation}'", organisation=organisation)
    found = _also(session, decisions, plan)
    unknown = sorted(set(plan.without) - {each.organisation for each in found})
    if unknown:
        raise UsageError(f"--without: nothing sends this to '{unknown[0]}'", detail=f"--without {unknown[0]}")
    return tuple(each for each in found if each.organisation not in plan.without)


def decide(
    session: Session,
    effect: str,
    scope: StandingScope,
    grantee: str | None,
    actions: Sequence[str] = TRANSMITTED,
    valid_from: str | None = None,
    valid_to: str | None = None,
) -> Posted:
    """Sign a standing decision: "permit" waits for a second officer, "deny" and "end" (of a permit) act at once.

    StandingUnknownError where nothing of that scope stands that could be ended; UsageError for a permit that lets a body do
    less than transmitting does, since that would send nothing; RecipientWithoutKeyError for a permit to a body that the
    directory does not have, which would hold up every later transmission; and as `fetch` and `sign_and_post`.
    """
    session.sync()
    if effect == PERMIT and grantee is not None:
        recipient(session, grantee)
    decisions = fetch(session)
    if effect == PERMIT and not set(TRANSMITTED) <= set(actions):
        raise UsageError("a standing decision lets view and download", detail="--action view --action download")
    if effect == END and not _ends(decisions, scope, grantee):
        raise StandingUnknownError("no such standing decision is in force")
    value: dict[str, Any] = {
        **scope.body(),
        "actions": list(actions),
        "effect": effect,
        "grantee": grantee,
        "parts": None,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    link = Link(session.now(), session.directory.exchange, None)
    previous = decisions.last(Determination(link, scope, None, ORIGINATOR_DECISION, value).chain(scope.organisation))

    def build(now: datetime) -> Statement:
        follows = Link(now, session.directory.exchange, previous)
        return determinations.build(Determination(follows, scope, None, ORIGINATOR_DECISION, value))

    return sign_and_post(session, ("decide-standing", value), build, fits=in_chain(previous))


def require_approval(session: Session, needed: bool) -> Posted:
    """Have every transmission of this body approved by a second officer, at once; to end that waits for a second officer."""
    session.sync()
    decisions = fetch(session)
    scope = StandingScope(session.organisation)
    link = Link(session.now(), session.directory.exchange, None)
    previous = decisions.last(Determination(link, scope, None, APPROVAL, needed).chain(scope.organisation))

    def build(now: datetime) -> Statement:
        follows = Link(now, session.directory.exchange, previous)
        return determinations.build(Determination(follows, scope, None, APPROVAL, needed))

    return sign_and_post(session, ("require-approval", needed), build, fits=in_chain(previous))


def _ends(decisions: Decisions, scope: StandingScope, grantee: str | None) -> bool:
    return any(
        (each.kinds, each.states) == (scope.kinds, scope.states)
        and each.effect == PERMIT
        and grantee in (None, each.grantee)
        for each in decisions.in_force
    )


def _verified(session: Session, ours: str, stored: Stored, proof: Proof) -> Determination:
    values = determinations.read(stored.statement)
    if not isinstance(values.scope, StandingScope) or values.scope.organisation != ours:
        raise StandingAnswerError("a decision that is not a standing one of this body")
    determinations.verify(values, stored.statement, prove(session, stored, proof))
    return values


def _also(session: Session, decisions: Decisions, plan: Plan) -> list[Also]:
    """Whom else the plan's parts go to, the decisions alone considered."""
    now = session.now()
    found = []
    grantees = {each.grantee for each in decisions.in_force if each.grantee is not None}
    for grantee in sorted(grantees - {*plan.to, *plan.originators, decisions.organisation}):
        parts: dict[str, Standing] = {}
        for part in plan.parts:
            if _denial(decisions, grantee, plan.kind, part.states) is None:
                for each in standing.bearing_on(decisions.organisation, decisions.listed, grantee):
                    if each.within(now) and each.transmits and each.permits(plan.kind, part.states):
                        parts.setdefault(part.name, each)
        if parts:
            decided = tuple({each.statement: each for each in parts.values()}.values())
            states = frozenset(tuple(sorted(set(part.states))) for part in plan.parts if part.name in parts)
            found.append(Also(grantee, decided, frozenset(parts), states))
    return found


def _denial(decisions: Decisions, organisation: str, kind: str, states: Sequence[str]) -> Standing | None:
    bearing = standing.bearing_on(decisions.organisation, decisions.listed, organisation)
    return next((each for each in bearing if each.denies(kind, states)), None)


def _check_seen(home: Home, shown: Sequence[bytes]) -> None:
    """Hold what is shown to what this home has seen, and remember it."""
    data = home.read(SEEN)
    seen: set[str] = set()
    if data is not None:
        try:
            seen = set(fields.check(parse_object(data, limit=None), _SEEN)["seen"])
        except KeysError as error:
            raise HomeDamagedError("a record of standing decisions is not as written", path=home.path(SEEN)) from error
    now = sorted(b64u(hash) for hash in shown)
    if not seen <= set(now):
        raise StandingAnswerError("a standing decision that was shown before is missing")
    if seen != set(now):
        home.write(SEEN, canonical({"seen": now, "version": 1}, limit=None))
