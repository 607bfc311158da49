"""Invitations as the server sees them: it carries a joiner's request to the inviter and can neither make nor use one.

The code never comes here; the server knows SHA-256 of it, and the proof under it is the inviter's to check.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from exchange.audit.events import Event
from exchange.audit.services import Audit
from exchange.db import UnitOfWork
from exchange.directory.errors import DirectoryError, InvitationUnknownError, JoinDiffersError
from exchange.directory.models import Invitation, JoinRequest
from exchange.directory.services import Accepted
from exchange.directory.snapshots import Snapshots
from exchange.web.caller import Caller
from exchange.web.errors import ForbiddenError
from keys.directory_kinds import read_kind
from keys.directory_officers import OfficerEnrol
from keys.encoding import b64u, canonical, format_time, parse_object, unb64u
from keys.errors import MalformedError
from keys.replay_errors import BesideMismatchError
from keys.signing import check_sign_public
from keys.statement import parse
from keys.suite import USE_SEAL, USE_SIGN, check_seal_public, key_id

LONGEST: Final = timedelta(days=30)


class ExpiryError(DirectoryError):
    """An invitation that would be expired, or hold for more than thirty days."""

    code = "invitation_expiry"


class Invitations:
    """Registers invitations and keeps requests to join until the inviter has accepted them."""

    def __init__(self, snapshots: Snapshots, audit: Audit) -> None:
        self._snapshots = snapshots
        self._audit = audit

    def make(self, uow: UnitOfWork, caller: Caller, code_hash: bytes, expires: datetime) -> None:
        """Note an invitation into the caller's body, until `expires`; the same again changes nothing.

        Raises ForbiddenError unless the caller is a focal point, ExpiryError.
        """
        self._focal_point(uow, caller)
        known = uow.session.get(Invitation, code_hash)
        if known is not None:
            if known.organisation != caller.organisation:
                raise ForbiddenError("this invitation is another body's")
            return
        if not uow.now < expires <= uow.now + LONGEST:
            raise ExpiryError("an invitation holds for at most thirty days")
        uow.session.add(
            Invitation(
                code_hash=code_hash,
                organisation=caller.organisation,
                inviter=caller.officer,
                expires=expires,
                used_by=None,
            )
        )
        self._audit.record(
            uow,
            Event(
                "accounts:invitation:make",
                {
                    "actor": caller.officer,
                    "body": caller.organisation,
                    "invitation": b64u(code_hash),
                    "expires": format_time(expires),
                },
            ),
        )

    def join(self, uow: UnitOfWork, code_hash: bytes, text: bytes, proof: bytes, keys: dict[bytes, bytes]) -> None:
        """Keep a joiner's request for the inviter; the same again changes nothing.

        Raises InvitationUnknownError for an invitation that is unknown, expired or used, JoinDiffersError where another
        request stands under it, and the errors of `keys` for a statement that is no enrolment signed by its own key.
        """
        found = uow.session.get(Invitation, code_hash)
        statement = parse(text)
        kept = uow.session.get(JoinRequest, code_hash)
        if kept is not None and (kept.statement, kept.proof) == (text, proof):
            return
        if found is None or found.used_by is not None or found.expires <= uow.now:
            raise InvitationUnknownError("an invitation that is unknown, expired or used")
        if kept is not None:
            raise JoinDiffersError("another request to join stands under this invitation")
        kind = read_kind(statement)
        if not isinstance(kind, OfficerEnrol) or kind.organisation != found.organisation:
            raise MalformedError("a request to join is an enrolment into the invitation's body")
        _check_keys(kind, keys)
        if statement.check_signatures(keys.get) != {kind.officer.sign}:
            raise MalformedError("a request to join is signed by the joiner alone")
        beside = canonical({b64u(kid): b64u(public) for kid, public in keys.items()})
        uow.session.add(
            JoinRequest(
                code_hash=code_hash,
                hash=statement.hash,
                statement=text,
                proof=proof,
                beside=beside,
                received=uow.now,
            )
        )

    def waiting(self, uow: UnitOfWork, caller: Caller) -> list[dict[str, object]]:
        """Return the requests to join the caller's body, oldest first; ForbiddenError unless a focal point asks."""
        self._focal_point(uow, caller)
        rows = uow.session.execute(
            select(JoinRequest)
            .join(Invitation, Invitation.code_hash == JoinRequest.code_hash)
            .where(Invitation.organisation == caller.organisation, Invitation.used_by.is_(None))
            .order_by(JoinRequest.received, JoinRequest.code_hash)
        ).scalars()
        return [
            {
                "invitation": b64u(row.code_hash),
                "statement": row.statement.decode("ascii"),
                "mac": b64u(row.proof),
                "keys": parse_object(row.beside),
                "received": format_time(row.received),
            }
            for row in rows
        ]

    def used(self, uow: UnitOfWork, accepted: Iterable[Accepted], caller: Caller | None) -> None:
        """Mark the invitations whose enrolments have just been accepted, each with its entry."""
        for place in accepted:
            row = uow.session.scalars(select(JoinRequest).where(JoinRequest.hash == place.hash)).one_or_none()
            invitation = None if row is None else uow.session.get(Invitation, row.code_hash)
            if row is None or invitation is None or invitation.used_by is not None:
                continue
            invitation.used_by = place.hash
            uow.session.delete(row)
            if caller is None:
                continue
            self._audit.record(
                uow,
                Event(
                    "accounts:invitation:use",
                    {
                        "actor": caller.officer,
                        "body": caller.organisation,
                        "invitation": b64u(invitation.code_hash),
                        "statement": b64u(place.hash),
                    },
                ),
            )

    def _focal_point(self, uow: UnitOfWork, caller: Caller) -> None:
        if not self._snapshots.required(uow).is_focal_point(unb64u(caller.officer, 16)):
            raise ForbiddenError("only a focal point may do this")


def _check_keys(kind: OfficerEnrol, keys: dict[bytes, bytes]) -> None:
    named = {kind.officer.sign, kind.officer.seal, kind.officer.stop}
    if keys.keys() != named:
        raise MalformedError("the keys beside a request to join are not those it names")
    for use, kid in ((USE_SIGN, kind.officer.sign), (USE_SEAL, kind.officer.seal), (USE_SIGN, kind.officer.stop)):
        if key_id(use, keys[kid]) != kid:
            raise BesideMismatchError("a public key is not the one its id names")
        if use == USE_SEAL:
            check_seal_public(keys[kid])
        else:
            check_sign_public(keys[kid])
