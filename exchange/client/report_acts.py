"""What an owner's or originator's officer does with a report that was transmitted: stop, lift, grant, decide.

Stopping needs one person and acts at once; everything that opens waits for a second officer, who confirms it
(`exchange.client.pending`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange.client import sent as sents
from exchange.client.recipients import lock_key, recipient
from exchange.client.report_errors import NotStoppedError
from exchange.client.report_view import ReportView, check_header, fetch, named_parts
from exchange.client.session import Session
from exchange.client.statements_out import Posted, in_chain, sign_and_post
from exchange.sealing.descriptor import PartDescriptor
from exchange.sealing.seal import wrap_for
from exchange.statements import determination as determinations
from exchange.statements import grant as grants
from exchange.statements import lift as lifts
from exchange.statements import stop as stops
from exchange.statements.determination import Determination, ReportScope
from exchange.statements.determination_values import ORIGINATOR_DECISION
from exchange.statements.form import Link, Stamp
from exchange.statements.grant import Grant, GrantRecipient
from exchange.statements.lift import Lift
from exchange.statements.stop import Stop
from keys.encoding import b64u, parse_uuid
from keys.statement import Statement


def own_report(session: Session, report: str) -> ReportView:
    """Fetch a report and verify its header: what every statement on it stands on."""
    session.sync()
    view = fetch(session, report)
    check_header(session, view)
    return view


def stop(session: Session, report: str) -> Posted:
    """Stop a report at once. Raises as `own_report` and `sign_and_post`."""
    view = own_report(session, report)

    def build(now: datetime) -> Statement:
        return stops.build(Stop(stamp(session, now), report, view.stored.statement.hash))

    # A stop that was lifted since would come back as the first answer, and stop nothing.
    lifted = sorted(b64u(stored.statement.hash) for stored in view.lifts)
    return sign_and_post(session, ("stop", report, lifted), build)


def standing_stops(view: ReportView) -> list[bytes]:
    """Return the hashes of the stops that no lift has ended, in their order."""
    lifted = {lifts.read(stored.statement).stop for stored in view.lifts}
    return [stored.statement.hash for stored in view.stops if stored.statement.hash not in lifted]


def lift(session: Session, report: str) -> list[Posted]:
    """Propose to end every stop of a report; a second officer confirms. NotStoppedError where none stands."""
    view = own_report(session, report)
    standing = standing_stops(view)
    if not standing:
        raise NotStoppedError("the report is not stopped")

    def build_for(stopped: bytes) -> Posted:
        act = ("lift", report, b64u(stopped))
        return sign_and_post(session, act, lambda now: lifts.build(Lift(stamp(session, now), report, stopped)))

    return [build_for(stopped) for stopped in standing]


def grant(session: Session, report: str, to: str, parts: Sequence[str] = ()) -> Posted:
    """Name one further recipient of a report, or of some of its parts (by id, its beginning, or language).

    One body a grant: whoever is named in it may read it, and learns of nobody else.

    A second officer confirms. The content keys are those kept where the report was sent from (KeyNotKeptError elsewhere).
    Raises RecipientWithoutKeyError, and as `own_report` and `sign_and_post`.
    """
    view = own_report(session, report)
    kept = sents.required(session.home, report)
    lock = lock_key(session)
    named: list[GrantRecipient] = []
    envelopes: dict[str, str] = {}
    for part in chosen(view, parts):
        key, body = kept.content_key(session, part.id), recipient(session, to)
        found, locked = wrap_for(parse_uuid(report), view.header.owner, part, key, body, lock)
        named.append(GrantRecipient(found.organisation, found.epoch, found.key, found.part, found.envelope))
        envelopes[b64u(found.envelope)] = b64u(locked.wire)

    def build(now: datetime) -> Statement:
        return grants.build(Grant(stamp(session, now), report, view.stored.statement.hash, tuple(named)))

    return sign_and_post(session, ("grant", report, to, list(parts)), build, {"envelopes": envelopes})


@dataclass(frozen=True)
class Decision:
    """An originator's decision: what `effect` for whom (None in a deny: anyone), with its limits; None is no limit."""

    effect: str
    grantee: str | None
    actions: tuple[str, ...]
    parts: tuple[str, ...] | None = None
    valid_from: str | None = None
    valid_to: str | None = None

    def value(self, organisation: str, parts: Sequence[bytes] | None) -> dict[str, Any]:
        """Return the value of the determination on one report."""
        return {
            "actions": list(self.actions),
            "effect": self.effect,
            "grantee": self.grantee,
            "kinds": None,
            "organisation": organisation,
            "parts": None if parts is None else [b64u(part) for part in parts],
            "states": None,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
        }


def decide(session: Session, report: str, decision: Decision) -> Posted:
    """State the originator's decision on one report, after its last one; a permit waits for a second officer.

    One that came in between is refused by the server (`statement_out_of_turn`).
    """
    view = own_report(session, report)
    parts = None if decision.parts is None else [part.id for part in chosen(view, decision.parts)]
    scope = ReportScope(report, view.stored.statement.hash)
    value = decision.value(session.organisation, parts)
    previous = _last_decision(session, view, scope)
    act = ("decide", report, value)

    def build(now: datetime) -> Statement:
        link = Link(now, session.directory.exchange, previous)
        return determinations.build(Determination(link, scope, None, ORIGINATOR_DECISION, value))

    return sign_and_post(session, act, build, fits=in_chain(previous))


def denied(view: ReportView, organisation: str) -> set[str]:
    """Return the bodies that a body's own decisions on this report deny it to, each by its last word."""
    last: dict[str, str] = {}
    for stored in view.determinations:
        values = determinations.read(stored.statement)
        if isinstance(values.scope, ReportScope) and values.fact == ORIGINATOR_DECISION:
            if values.value["organisation"] == organisation and values.value["grantee"] is not None:
                last[values.value["grantee"]] = values.value["effect"]
    return {grantee for grantee, effect in last.items() if effect == "deny"}


def _last_decision(session: Session, view: ReportView, scope: ReportScope) -> bytes | None:
    """Return the hash of the last decision of our chain on this report, None for the first."""
    ours = session.organisation
    link = Link(session.now(), session.directory.exchange, None)
    chain = Determination(link, scope, None, ORIGINATOR_DECISION, None).chain(ours)
    last = None
    for stored in view.determinations:
        value = determinations.read(stored.statement)
        if value.chain(ours) == chain and value.value["organisation"] == ours:
            last = stored.statement.hash
    return last


def chosen(view: ReportView, parts: Iterable[str]) -> list[PartDescriptor]:
    """Return the parts that are named by id, its beginning, or language, each once; all where none is. PartNotShownError."""
    wanted = list(parts)
    if not wanted:
        return list(view.parts)
    found = [part for text in wanted for part in named_parts(view, text)]
    return list({part.id: part for part in found}.values())


def stamp(session: Session, now: datetime) -> Stamp:
    """Return the common fields of a statement that stands alone."""
    return Stamp.fresh(now, session.directory.exchange)
