"""Invitations made in this home, kept until their request to join comes: only who knows the code can check its proof.

Each lies sealed to the officer's own key, so that a copy of the home invites nobody.
"""

from typing import Final

from exchange.client.errors import InvitationNotKeptError
from exchange.client.home import INVITATIONS, Home
from keys.encoding import b64u
from keys.errors import MalformedError
from keys.identity import Officer
from keys.invitation import Invitation, parse_invitation
from keys.recipient import wrap

_INFO: Final = b"exchange/kept-invitation/v1\0"


def keep(home: Home, officer: Officer, invitation: Invitation) -> None:
    """Keep an invitation of this officer's."""
    sealed = wrap(officer.seal.public, invitation.text.encode("ascii"), _INFO + invitation.code_hash)
    home.write(_name(invitation.code_hash), sealed)


def kept(home: Home, officer: Officer, code_hash: bytes) -> Invitation:
    """Return the invitation with this hash of its code; InvitationNotKeptError when it was not made here."""
    sealed = home.read(_name(code_hash))
    if sealed is None:
        raise InvitationNotKeptError("this invitation was not made in this home")
    invitation = parse_invitation(officer.seal.open(sealed, _INFO + code_hash).decode("ascii"))
    if invitation.code_hash != code_hash:
        raise MalformedError("a kept invitation is another one than its name says")
    return invitation


def forget(home: Home, code_hash: bytes) -> None:
    """Drop an invitation that was used."""
    home.remove(_name(code_hash))


def _name(code_hash: bytes) -> str:
    return f"{INVITATIONS}/{b64u(code_hash)}"
