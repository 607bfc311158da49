"""What a focal point does for their body: new keys, requests to join, mandates, ends of access, the audit office.

Each act is made on the verified directory, checked as the server will check it, submitted as one, and verified afterwards.
A newcomer's share of the body's keys comes in the same act as their enrolment.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from exchange.client import kept_invitations
from exchange.client.errors import LeaveSelfError, UsageError
from exchange.client.proposals import check_proposal
from exchange.client.session import Session
from keys import fields
from keys.directory_authority import AuditOffice
from keys.directory_officers import (
    SALT_BYTES,
    EndedAt,
    OfficerEnrol,
    OfficerLeave,
    OfficerMandate,
    PrivateMandate,
    salted_hash,
)
from keys.directory_submission import MandateHalf, Submission
from keys.encoding import b64u, format_time, unb64u
from keys.invitation import Invitation, check_join
from keys.seat_open import public_of_seed
from keys.seats import Holder, Seat, holders_of, make_epoch
from keys.statement import Statement, parse
from keys.suite import SEED_BYTES

JOINS: Final = "/api/v1/directory/joins"
INVITE: Final = "/api/v1/directory/invitations"
_REQUEST: Final[fields.Schema] = {
    "invitation": fields.HASH,
    "keys": fields.mapping_of(fields.HASH, fields.text(2048), most=3),
    "mac": fields.HASH,
    "received": fields.time,
    "statement": fields.anything,
}
_REQUESTS: Final[fields.Schema] = {"joins": fields.list_of(fields.an_object(_REQUEST), most=10_000)}


@dataclass(frozen=True)
class NextEpoch:
    """A body's next epoch, signed, with its seats and the public key it names."""

    number: int
    statement: Statement
    seats: tuple[Seat, ...]
    keys: dict[bytes, bytes]


@dataclass(frozen=True)
class JoinRequest:
    """A request to join that the server holds; nothing of it is believed before `check` of its invitation."""

    invitation: bytes
    statement: Statement
    mac: bytes
    keys: dict[bytes, bytes]
    received: str


def next_epoch(session: Session, organisation: str, holders: Sequence[Holder]) -> NextEpoch:
    """Make the next epoch of a body with a seat for each holder, from a fresh seed."""
    seed = secrets.token_bytes(SEED_BYTES)
    public = public_of_seed(seed)
    number = len(session.directory.organisation(organisation).epochs) + 1
    link = session.directory.link("organisation", organisation, session.now())
    values, seats = make_epoch(link, organisation, number, seed, public, holders)
    statement = values.statement().signed_by(session.officer.sign)
    return NextEpoch(number, statement, seats, {values.key: public})


def rotate(session: Session) -> int:
    """Give this officer's body new keys, with a seat for every active officer; return the number of the epoch."""
    body = session.require_focal_point()
    epoch = next_epoch(session, body, _holders(session, body))
    submit(session, Submission((epoch.statement,), epoch.keys, epoch.seats))
    return epoch.number


def leave(session: Session, officer: bytes) -> tuple[int, EndedAt]:
    """End an officer's access and give the body new keys without them, in one act.

    Returns the epoch's number and where the audit log stood: a checkpoint fetched and verified here, which the statement
    names. LeaveSelfError for one's own access: another focal point must sign the new keys.
    """
    body = session.require_focal_point()
    if officer == session.officer.id:
        raise LeaveSelfError("another focal point ends this officer's access")
    head = session.audit.head(session.http)
    ended = EndedAt(head.n, head.size)
    link = session.directory.link("officer", b64u(officer), session.now())
    statement = OfficerLeave(link, body, officer, ended).statement().signed_by(session.officer.sign)
    holders = [holder for holder in _holders(session, body) if holder.officer != officer]
    epoch = next_epoch(session, body, holders)
    submit(session, Submission((statement, epoch.statement), epoch.keys, epoch.seats))
    return epoch.number, ended


def invite(session: Session, expires: datetime) -> Invitation:
    """Make an invitation into this officer's body, keep it, and tell the server the hash of its code."""
    body = session.require_focal_point()
    invitation = Invitation.new(session.directory.exchange, session.officer.sign.key_id, body)
    kept_invitations.keep(session.home, session.officer, invitation)
    session.http.post(INVITE, {"expires": format_time(expires), "invitation": b64u(invitation.code_hash)})
    return invitation


def requests(session: Session) -> list[JoinRequest]:
    """Return the requests to join this officer's body, as the server holds them."""
    session.require_focal_point()
    found = fields.check(session.http.get(JOINS), _REQUESTS)["joins"]
    return [
        JoinRequest(
            unb64u(item["invitation"]),
            parse(str(item["statement"]).encode("utf-8", "surrogatepass")),
            unb64u(item["mac"]),
            {unb64u(kid): unb64u(public) for kid, public in item["keys"].items()},
            item["received"],
        )
        for item in found
    ]


def check_request(session: Session, request: JoinRequest) -> OfficerEnrol:
    """Check a request under the invitation kept here, and return its enrolment; JoinProofError, InvitationNotKeptError."""
    invitation = kept_invitations.kept(session.home, session.officer, request.invitation)
    return check_join(invitation, request.statement, request.mac)


def approve(session: Session, accepted: Sequence[tuple[JoinRequest, OfficerEnrol]]) -> int:
    """Enrol these newcomers and give the body new keys that they share, in one act; return the number of the epoch."""
    body = session.require_focal_point()
    if not accepted:
        raise UsageError("nobody to accept", detail="organisation approve")
    keys = {kid: public for request, _ in accepted for kid, public in request.keys.items()}
    enrolments = tuple(request.statement.signed_by(session.officer.sign) for request, _ in accepted)
    newcomers = [
        Holder(enrol.officer.officer, enrol.officer.seal, keys.get(enrol.officer.seal, b"")) for _, enrol in accepted
    ]
    epoch = next_epoch(session, body, [*_holders(session, body), *newcomers])
    submit(session, Submission((*enrolments, epoch.statement), {**keys, **epoch.keys}, epoch.seats))
    for request, _ in accepted:
        kept_invitations.forget(session.home, request.invitation)
    return epoch.number


def mandate(
    session: Session,
    officer: bytes,
    private: PrivateMandate,
    *,
    focal_point: bool,
    valid_from: datetime | None,
    valid_to: datetime | None,
) -> None:
    """Give an officer of this body a mandate; its private half goes beside the statement, under a fresh salt."""
    body = session.require_focal_point()
    salt = secrets.token_bytes(SALT_BYTES)
    digest = salted_hash(salt, private.spelling)
    link = session.directory.link("officer", b64u(officer), session.now())
    values = OfficerMandate(link, body, officer, focal_point, valid_from, valid_to, digest)
    half = MandateHalf(digest, salt, private.spelling)
    submit(session, Submission((values.statement().signed_by(session.officer.sign),), mandates=(half,)))


def audit_office(session: Session, office: str) -> None:
    """Name the audit office that reads the entries of this officer's body."""
    body = session.require_focal_point()
    link = session.directory.link("organisation", body, session.now())
    submit(session, Submission((AuditOffice(link, body, office).statement().signed_by(session.officer.sign),)))


def submit(session: Session, submission: Submission) -> list[tuple[bytes, int]]:
    """Check a submission as the server will, send it, and verify that it stands; one that stands already is only sent."""
    if not _stands(session, submission):
        check_proposal(submission, session.directory, session.now(), session.keys.get, complete=True)
    return session.submit(submission)


def _stands(session: Session, submission: Submission) -> bool:
    """Whether all of it is in the verified directory: an earlier attempt was recorded and its answer lost."""
    held = {leaf.text.partition(b"\n")[0] for leaf in session.synced.leaves}
    return all(statement.text.partition(b"\n")[0] in held for statement in submission.statements)


def _holders(session: Session, body: str) -> tuple[Holder, ...]:
    return holders_of(session.directory.active_officers(body), session.keys)


