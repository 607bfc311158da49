"""Joining a body by invitation: the request, and the check afterwards that one joined what the invitation said.

A joiner has no access yet, so the directory cannot be read before. Nothing is at risk until then: the enrolment they sign
names exchange and body, and no other exchange could use it. The check comes with the first sync (`joining.json`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from exchange.client.errors import HomeDamagedError, NotEnrolledError, OwnKeysError
from exchange.client.home import JOINING, Home
from exchange.client.http import Http
from exchange.client.identity import Profile, named, public_keys
from keys import fields
from keys.directory_officers import OfficerEnrol
from keys.directory_payload import Link
from keys.encoding import b64u, canonical, parse_object, unb64u
from keys.errors import KeysError
from keys.identity import Officer
from keys.invitation import Invitation
from keys.replay_directory import Directory
from keys.replay_errors import KeyNotGoodError, WrongExchangeError
from keys.statement import Statement, parse

JOINS: Final = "/api/v1/directory/joins"
_FILE: Final[fields.Schema] = {
    "exchange": fields.HASH,
    "invitation": fields.HASH,
    "inviter": fields.HASH,
    "organisation": fields.organisation,
    "statement": fields.anything,
    "version": fields.integer(1, 1),
}


@dataclass(frozen=True)
class Joining:
    """A request to join that was made here: what the invitation said, and the enrolment signed under it."""

    exchange: bytes
    inviter: bytes
    organisation: str
    statement: Statement
    invitation: bytes


def request(home: Home, officer: Officer, profile: Profile, invitation: Invitation, now: datetime) -> Joining:
    """Return the enrolment for this invitation, signed; the same one again when it was made before.

    The code of the invitation is not kept: only its hash, by which the same invitation is known again.
    """
    kept = load_joining(home)
    if kept is not None and kept.invitation == invitation.code_hash:
        return kept
    link = Link(now, invitation.root, None)
    enrol = OfficerEnrol(link, invitation.organisation, named(officer, profile))
    statement = enrol.statement().signed_by(officer.sign)
    made = Joining(invitation.root, invitation.inviter, invitation.organisation, statement, invitation.code_hash)
    body = {
        "exchange": b64u(made.exchange),
        "invitation": b64u(made.invitation),
        "inviter": b64u(made.inviter),
        "organisation": made.organisation,
        # A statement has line ends, which `fields.text` refuses: base64url keeps its bytes.
        "statement": b64u(statement.text),
        "version": 1,
    }
    home.write(JOINING, canonical(body, limit=None))
    return made


def send(http: Http, officer: Officer, profile: Profile, invitation: Invitation, joining: Joining) -> None:
    """Leave the request with the server for the inviter; the same request again changes nothing."""
    body = {
        "invitation": b64u(invitation.code_hash),
        "keys": {b64u(kid): b64u(public) for kid, public in public_keys(officer, profile).items()},
        "mac": b64u(invitation.join_proof(joining.statement.hash)),
        "statement": joining.statement.text.decode("ascii"),
    }
    http.post(JOINS, body, public=True)


def load_joining(home: Home) -> Joining | None:
    """Return the request this home has made and not seen accepted; None without one; HomeDamagedError."""
    data = home.read(JOINING)
    if data is None:
        return None
    try:
        body = fields.check(parse_object(data, limit=None), _FILE)
        statement = parse(unb64u(body["statement"]))
    except KeysError as error:
        raise HomeDamagedError("joining.json is not as it was written", path=home.path(JOINING)) from error
    exchange, inviter = unb64u(body["exchange"]), unb64u(body["inviter"])
    return Joining(exchange, inviter, body["organisation"], statement, unb64u(body["invitation"]))


def check_joined(joining: Joining, directory: Directory, officer: Officer) -> None:
    """Check a verified directory against the invitation that led here.

    1. It is the invitation's exchange (WrongExchangeError). 2. The directory has this officer (NotEnrolledError).
    3. They are in the invitation's body (OwnKeysError). 4. The inviter is an officer of that body (KeyNotGoodError).
    """
    if directory.exchange != joining.exchange:
        raise WrongExchangeError("the invitation was for another exchange")
    records = {record.id: record for record in directory.officers}
    if officer.id not in records:
        raise NotEnrolledError("the directory does not have this officer yet")
    if records[officer.id].organisation != joining.organisation:
        raise OwnKeysError("the directory has this officer in another body than the invitation's")
    inviter = directory.officer_at(joining.inviter)
    if inviter is None or inviter.organisation != joining.organisation:
        raise KeyNotGoodError("the inviter is no officer of the invitation's body")
