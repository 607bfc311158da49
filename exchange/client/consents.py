"""Keeping the register: what a focal point or a State's authority records, confirms, closes (docs/spec/consent.md).

Evidence is transmitted first, sealed like a report, and only then is the record signed that names it. Whoever confirms has
the terms in plain words before them and signs that very record.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from exchange.client import asked, register, unanswered
from exchange.client.deposit import transmit
from exchange.client.deposit_plan import PartPlan, Plan
from exchange.client.progress import Meter
from exchange.client.register import Listed, Shown
from exchange.client.report_errors import RelationMissingError
from exchange.client.sent import Sent
from exchange.client.session import Session
from exchange.client.statements_out import Posted, anything_fits, in_chain, sign_and_post
from exchange.client.unanswered import Act
from exchange.statements import consent as consents
from exchange.statements import instrument as instruments
from exchange.statements.consent import Consent
from exchange.statements.form import Link
from keys.encoding import b64u, unb64u
from keys.statement import Statement

INSTRUMENT_BYTES: Final = 16
EVIDENCE_KIND: Final = "note_verbale"
EVIDENCE_TIER: Final = "evidence"

# What a person types, and the event it records. `confirm` is granted or partially_granted (`exchange.client.asked`).
EVENTS: Final[Mapping[str, str]] = {
    "withdraw": "withdrawn",
    "suspend": "suspended",
    "dispute": "disputed",
    "resume": "resumed",
    "refuse": "refused",
    "request": "requested",
    "defer": "deferred",
    "reject": "rejected",
    "invalidate": "invalidated",
}
# Whose exclusions count on, whatever else has ended: a new agreement beside one has to say how it stands to it.
_COUNTS_ON: Final = frozenset({"refused"})


@dataclass(frozen=True)
class Recorded:
    """A recorded authorisation: its id, what became of the statement, and the transmitted evidence if there is one."""

    instrument: str
    posted: Posted
    evidence: Sent | None = None


def touching(session: Session, body: Mapping[str, Any]) -> list[Listed]:
    """Return the authorisations of the same State that stand, may come to stand, or exclude: refusals count on."""
    listed = register.listed(session, body["state"])
    return [item for item in listed if item.live or item.status in _COUNTS_ON]


def check_relation(session: Session, body: Mapping[str, Any], adds: bool) -> None:
    """RelationMissingError where others of the State stand and nobody said whether this one replaces, limits or adds."""
    others = [item for item in touching(session, body) if item.id != instruments.answers(body)]
    if others and not (adds or body["supersedes"] or body["amends"]):
        raise RelationMissingError("other authorisations of this State stand", others=", ".join(o.id for o in others))


def evidence_plan(session: Session, body: Mapping[str, Any], file: Path, language: str) -> Plan:
    """Return the plan by which evidence is transmitted: to the State and this body's audit office, where they have keys."""
    directory = session.directory
    readers = [f"state:{body['state']}", directory.audit_office(session.organisation)]
    able = [r for r in readers if r is not None and directory.has_organisation(r) and directory.current_epoch(r)]
    return Plan(
        parts=(PartPlan("p1", file, (body["state"],), language),),
        to=tuple(able),
        kind=EVIDENCE_KIND,
        adopted_on=_day(body["received_on"]),
        tier=EVIDENCE_TIER,
    )


def record(
    session: Session,
    body: Mapping[str, Any],
    *,
    adds: bool,
    evidence: Path | None = None,
    language: str = "en",
    meter: Meter | None = None,
) -> Recorded:
    """Record an authorisation; its evidence is transmitted first. Another focal point confirms it.

    Raises RelationMissingError before anything is sent, and as `transmit` and `sign_and_post`. If the second step fails,
    the same command goes on: evidence that was transmitted is found again.
    """
    session.sync()
    act = ("consent.record", body, None if evidence is None else str(evidence))
    _check_new(session, act, body, adds)
    sent = None
    if evidence is not None:
        sent = transmit(session, evidence_plan(session, body, evidence, language), meter).sent
        body = {**body, "evidence": sent.report}
    posted = _post_record(session, act, body)
    return Recorded(_instrument(posted), posted, sent)


def sign_as_state(session: Session, body: Mapping[str, Any], *, adds: bool) -> tuple[Recorded, Posted]:
    """Record and grant an authorisation as the State's own authority, whose signature needs no second person."""
    session.sync()
    word = asked.terms_against(session, body).event
    act = ("consent.sign", body)
    _check_new(session, act, body, adds)
    recorded = _post_record(session, act, body)
    # Kept until the second statement is answered: the record alone must not be made twice either.
    unanswered.keep(session.home, act, recorded.statement, {})
    instrument = _instrument(recorded)
    reasons = {"effective": None, "reason": None}
    granted = _post_event(session, unb64u(instrument), word, recorded.statement.hash, reasons)
    unanswered.forget(session.home, act)
    return Recorded(instrument, recorded), granted


def add_event(
    session: Session, shown: Shown, event: str, *, effective: str | None = None, reason: str | None = None
) -> Posted:
    """Sign an event of an authorisation that was shown, and verified, a moment ago.

    A confirmation names the record; every other event the last one: an event that came between is refused by the server
    (`statement_out_of_turn`), and the person looks again.
    """
    confirms = event in ("granted", "partially_granted")
    previous = (shown.record if confirms else shown.last).stored.statement.hash
    body = {"effective": effective, "reason": reason}
    return _post_event(session, unb64u(shown.listed.id), event, previous, body)


def _check_new(session: Session, act: Act, body: Mapping[str, Any], adds: bool) -> None:
    """As `check_relation`, but where this very act waits for its answer: then what stands may be its own."""
    if unanswered.find(session.home, act) is None:
        check_relation(session, body, adds)


def _instrument(posted: Posted) -> str:
    return b64u(consents.read(posted.statement).instrument)


def _post_record(session: Session, act: Act, body: Mapping[str, Any]) -> Posted:
    instrument = secrets.token_bytes(INSTRUMENT_BYTES)

    def build(now: datetime) -> Statement:
        link = Link(now, session.directory.exchange, None)
        return consents.build(Consent(link, instrument, "recorded", dict(body)))

    return sign_and_post(session, act, build)


def _post_event(session: Session, instrument: bytes, event: str, previous: bytes, body: Mapping[str, Any]) -> Posted:
    def build(now: datetime) -> Statement:
        link = Link(now, session.directory.exchange, previous)
        return consents.build(Consent(link, instrument, event, dict(body)))

    act = ("consent.event", b64u(instrument), event, dict(body))
    confirms = event in ("granted", "partially_granted")
    return sign_and_post(session, act, build, fits=anything_fits if confirms else in_chain(previous))


def _day(value: str) -> date:
    return date.fromisoformat(value[:10])
