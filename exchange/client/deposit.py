"""Transmitting a report: sealed once, sent piece by piece, registered whole; resumed by the same plan again.

1. The directory is verified, and the standing decisions of one's own body: they say who else it goes to. 2. A spool of
this plan goes on where it was; else every part is sealed into a new one. 3. Pieces the server lacks are sent. 4. One
request registers all of it. 5. What the server finds stale is made anew over the same ciphertext. 6. The report's kept keys
move from the spool into the list of what was sent. 7. Bodies left out of a standing decision are denied this report. 8. Of a
draft, which has no recipient outside, a grant is proposed for each body it is meant for; a second officer approves.
"""

import uuid
from dataclasses import dataclass, replace
from typing import Any, Final

from exchange.client import drafts, report_acts, sealing, standing
from exchange.client import sent as sents
from exchange.client.deposit_plan import Plan, check
from exchange.client.errors import ServerRefusal, UsageError
from exchange.client.piece_send import send_missing
from exchange.client.progress import Meter, NoMeter
from exchange.client.report_acts import Decision
from exchange.client.report_errors import ReportAnswerError, StaleAgainError
from exchange.client.sealing import Terms
from exchange.client.sent import Sent
from exchange.client.session import Session
from exchange.client.standing import Also
from exchange.client.statements_out import Posted
from exchange.ledger.ticket import Ticket
from exchange.sealing import package as packages
from exchange.sealing.spool import Spool, SpooledPart
from exchange.statements.standing import TRANSMITTED
from keys import fields
from keys.encoding import b64u, unb64u
from keys.statement import parse

UPLOADS: Final = "/api/v1/uploads"
REPORTS: Final = "/api/v1/reports"
ZIP: Final = "application/zip"

# What the client mends by catching up with the server, and how often it tries before it says so.
_STALE: Final = frozenset({"stale_epoch", "stale_lock_key", "stale_directory", "clock_off"})
_ROUNDS: Final = 4
EVIDENCE: Final = "evidence"
_UPLOAD: Final[fields.Schema] = {"pieces": fields.integer(1), "run": fields.integer(1), "upload": fields.ID16}
_STORED: Final[fields.Schema] = {"stored": fields.list_of(fields.integer(0), most=2**21)}


@dataclass(frozen=True)
class Transmitted:
    """What is kept of a report, whether it was sent just now, and whom it goes to by standing decisions (known of a new one
    and of a draft). `proposed`: what now waits for a second officer."""

    sent: Sent
    new: bool
    also: tuple[Also, ...] = ()
    proposed: tuple[Posted, ...] = ()


def transmit(session: Session, plan: Plan, meter: Meter | None = None, *, again: bool = False) -> Transmitted:
    """Transmit a report; a plan that was transmitted is not sent again.

    `again`: send it once more, as another report. Raises UsageError, errors of `exchange.sealing`,
    RecipientWithoutKeyError, StandingDenialError, StaleAgainError, what `standing.fetch`, `Session` and `Http` raise; what
    was sealed then stays in the spool, and the same plan goes on from there.
    """
    check(plan)
    session.sync()
    terms = Terms.of(plan, session.organisation)
    fingerprint = plan.fingerprint(session.officer.id)
    spool = sealing.find_spool(session, fingerprint)
    found = None if again or spool is not None else sents.find(session.home, fingerprint)
    if found is not None and not plan.needs_approval:
        _leave_out(session, plan, found)
        return Transmitted(found, new=False)
    terms = replace(terms, also=_addressed(session, plan, terms.tier))
    sent = found or _sealed_and_sent(session, terms, spool, fingerprint, meter or NoMeter())
    _leave_out(session, plan, sent)
    proposed = tuple(drafts.propose(session, sent.report, plan.to, terms.also)) if plan.needs_approval else ()
    return Transmitted(sent, found is None, terms.also, proposed)


def _addressed(session: Session, plan: Plan, tier: str) -> tuple[Also, ...]:
    """Return whom else it goes to, which is said; UsageError where it would go to nobody, or nobody could approve it."""
    also = _tell(session, standing.applying(session, plan, tier))
    if tier == EVIDENCE and plan.needs_approval:
        raise UsageError("evidence is confirmed with what it proves: no --needs-approval", detail="--needs-approval")
    if not plan.to and not also and tier != EVIDENCE:
        raise UsageError("no addressee, and no standing decision names one: --to", detail="--to BODY")
    return also


def _sealed_and_sent(session: Session, terms: Terms, spool: Spool | None, fingerprint: bytes, meter: Meter) -> Sent:
    if spool is None:
        return send(session, terms, sealing.seal(session, terms, fingerprint, meter), meter)
    session.teller.say("client.resuming")
    if not sealing.is_current(session, terms, spool):
        spool = sealing.renew(session, terms, spool)
    return send(session, terms, spool, meter)


def _tell(session: Session, also: tuple[Also, ...]) -> tuple[Also, ...]:
    """Say, before anything is sealed, who else it goes to and by which decision."""
    for each in also:
        for decision in each.decisions:
            day = decision.signed.date().isoformat()
            session.teller.say("client.standing_adds", organisation=each.organisation, day=day)
    return also


def _leave_out(session: Session, plan: Plan, sent: Sent) -> None:
    """Deny this report to the bodies left out, so that a later decision must be about it by name; once each."""
    if not plan.without:
        return
    denied = report_acts.denied(report_acts.own_report(session, sent.report), session.organisation)
    for organisation in sorted(set(plan.without) - denied):
        report_acts.decide(session, sent.report, Decision("deny", organisation, TRANSMITTED))
        session.teller.say("client.standing_leaves_out", organisation=organisation)


def send(session: Session, terms: Terms, spool: Spool, meter: Meter) -> Sent:
    """Send what is in the spool and have it registered; raises as `transmit`."""
    for _round in range(_ROUNDS):
        with meter.stage("client.sending", sum(part.layout.size for part in spool.parts.values())) as advance:
            for part, pieces in spool.parts.items():
                _upload(session, spool, part, pieces, advance)
        try:
            answer = session.http.post_bytes(REPORTS, packages.to_bytes(spool.package), ZIP)
        except ServerRefusal as refusal:
            if refusal.code in _STALE:
                session.teller.say("client.deposit_renewed", code=refusal.code)
                session.sync()
                spool = sealing.renew(session, terms, spool)
            elif refusal.code != "pieces_missing":
                raise
            continue
        return _done(session, spool, answer)
    raise StaleAgainError("the deposit was out of date again and again")


def _upload(session: Session, spool: Spool, part: bytes, pieces: SpooledPart, advance: Any) -> None:
    """Send the pieces of a part that the server does not have."""
    report = str(uuid.UUID(bytes=spool.report))
    body = {"report": report, "part": b64u(part), "size": pieces.layout.size}
    opened = _known(session.http.post(UPLOADS, body), _UPLOAD)
    upload = opened["upload"]
    stored = set(_known(session.http.get(f"{UPLOADS}/{upload}"), _STORED)["stored"])
    send_missing(session.http, upload, pieces, stored, opened["run"], advance)


def _done(session: Session, spool: Spool, answer: Any) -> Sent:
    """Hold the answer to the header that was sent, keep the keys, and let go of the spool."""
    body = _known(answer, {"header": fields.HASH, "report": fields.uuid, "ticket": fields.anything})
    header = parse(spool.package.header)
    ticket = Ticket.from_json(body["ticket"])
    report = str(uuid.UUID(bytes=spool.report))
    if unb64u(body["header"]) != header.hash or body["report"] != report:
        raise ReportAnswerError("the server registered something else than was sent")
    keys = {part: spool.kept_key(part) for part in spool.parts}
    made = Sent(report, spool.fingerprint, header.hash, ticket.n, ticket.index, keys)
    sents.save(session.home, made)
    sealing.forget(spool)
    return made


def _known(value: Any, schema: fields.Schema) -> dict[str, Any]:
    """Return the members of an answer that we know, checked; a later server may say more."""
    known = {name: value[name] for name in schema if name in value} if isinstance(value, dict) else value
    return fields.check(known, schema)
