"""Invitations, which travel outside the server so that it cannot invite anyone (docs/spec/directory.md, section 10).

An invitation is made by a focal point's client: a code of 128 bits, the hash of `root`, the inviter's signing key id and
the body. It proves to the joiner which exchange is the right one, and to the inviter that the joiner holds the code.
The server knows SHA-256 of the code alone. The text is one line to paste; it is a secret and never a URL.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final

from keys import fields
from keys.directory_kinds import read_kind
from keys.directory_officers import OfficerEnrol
from keys.encoding import b64u, lp, unb64u
from keys.errors import KeysError, MalformedError, UnknownVersionError
from keys.replay_directory import Directory
from keys.replay_errors import KeyNotGoodError, OtherBodyError, WrongExchangeError
from keys.statement import Statement
from keys.suite import KEY_ID_BYTES

CODE_BYTES: Final = 16
VERSION: Final = 1
PREFIX: Final = "exchange-invitation."

_CHECKSUM_BYTES: Final = 4
_CODE_LABEL: Final = b"exchange/invitation/v1\0"
_JOIN_LABEL: Final = b"exchange/join/v1\0"
_TEXT_LABEL: Final = b"exchange/invitation-text/v1\0"
_FIXED_BYTES: Final = 1 + CODE_BYTES + 32 + KEY_ID_BYTES


class InvitationDamagedError(KeysError):
    """An invitation with a wrong checksum: a letter was lost or changed on the way."""

    code = "invitation_damaged"


class JoinProofError(KeysError):
    """A request to join whose proof was not made with this invitation's code, or not for this statement."""

    code = "join_proof"


@dataclass(frozen=True)
class Invitation:
    """What a focal point hands a joiner; the code is secret and left out of the repr."""

    code: bytes = field(repr=False)
    root: bytes
    inviter: bytes
    organisation: str

    @classmethod
    def new(cls, root: bytes, inviter: bytes, organisation: str) -> "Invitation":
        """Return an invitation with a fresh code; MalformedError for a hash, key id or body that is none."""
        return _checked(cls(secrets.token_bytes(CODE_BYTES), root, inviter, organisation))

    @property
    def text(self) -> str:
        """The one-line form: prefix, then base64url of version, code, root, inviter, lp(body) and a checksum.

        The checksum is the first 4 bytes of SHA-256(label || what stands before it).
        """
        invitation = _checked(self)
        fixed = bytes([VERSION]) + invitation.code + invitation.root + invitation.inviter
        data = fixed + lp(invitation.organisation.encode("ascii"))
        return PREFIX + b64u(data + _checksum(data))

    @property
    def code_hash(self) -> bytes:
        """What the server may know: SHA-256("exchange/invitation/v1" || 0x00 || code)."""
        return hashlib.sha256(_CODE_LABEL + self.code).digest()

    def join_proof(self, statement_hash: bytes) -> bytes:
        """Return HMAC-SHA256(code, "exchange/join/v1" || 0x00 || statement hash): the joiner's proof for one enrolment."""
        return hmac.digest(self.code, _JOIN_LABEL + statement_hash, "sha256")


def parse_invitation(text: str) -> Invitation:
    """Parse what a person pasted; white space anywhere is ignored, since mail programs wrap lines.

    Raises MalformedError for something that is no invitation, UnknownVersionError for another version,
    InvitationDamagedError for a wrong checksum. The code never enters a message.
    """
    squeezed = "".join(text.split())
    if not squeezed.startswith(PREFIX):
        raise MalformedError("not an invitation")
    try:
        data = unb64u(squeezed[len(PREFIX) :])
    except MalformedError as error:
        raise InvitationDamagedError("an invitation is damaged") from error
    if data and data[0] != VERSION:
        raise UnknownVersionError(f"an invitation of version {data[0]}")
    body, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if len(body) < _FIXED_BYTES + 2 or not hmac.compare_digest(_checksum(body), checksum):
        raise InvitationDamagedError("an invitation is damaged")
    name = body[_FIXED_BYTES + 2 :]
    if lp(name) != body[_FIXED_BYTES:] or not name.isascii():
        raise MalformedError("an invitation does not name its body")
    code, root = body[1 : 1 + CODE_BYTES], body[1 + CODE_BYTES : 33 + CODE_BYTES]
    return _checked(Invitation(code, root, body[33 + CODE_BYTES : _FIXED_BYTES], name.decode("ascii")))


def check_invitation(invitation: Invitation, directory: Directory) -> None:
    """Check, on the joiner's machine, that a replayed directory is the one this invitation means.

    1. Its root is the invitation's (WrongExchangeError). 2. It has the body (UnknownOrganisationError). 3. The inviter's
    key belongs to a focal point of that body (KeyNotGoodError).
    """
    if not hmac.compare_digest(invitation.root, directory.exchange):
        raise WrongExchangeError("the invitation is for another exchange")
    body = directory.organisation(invitation.organisation)
    officer = directory.officer_at(invitation.inviter)
    if officer is None or not officer.active or officer.id not in body.focal_points:
        raise KeyNotGoodError(f"the inviter is not a focal point of '{body.id}'")


def check_join(invitation: Invitation, statement: Statement, proof: bytes) -> OfficerEnrol:
    """Check, on the inviter's machine, a joiner's `officer.enrol` before signing it, and return its values.

    1. The proof is for this statement under this invitation's code, compared in constant time (JoinProofError). 2. It is
    an `officer.enrol` (MalformedError) of this exchange (WrongExchangeError) into the invitation's body (OtherBodyError).
    Whether it fits the directory, `with_statements` says.
    """
    if not hmac.compare_digest(invitation.join_proof(statement.hash), proof):
        raise JoinProofError("a request to join was not made with this invitation")
    kind = read_kind(statement)
    if not isinstance(kind, OfficerEnrol):
        raise MalformedError("a request to join is not an enrolment")
    if kind.link.exchange != invitation.root:
        raise WrongExchangeError("a request to join another exchange")
    if kind.organisation != invitation.organisation:
        raise OtherBodyError("a request to join another body than the invitation's")
    return kind


def _checked(invitation: Invitation) -> Invitation:
    sizes = (len(invitation.code), len(invitation.root), len(invitation.inviter))
    if sizes != (CODE_BYTES, 32, KEY_ID_BYTES):
        raise MalformedError("an invitation's code, root or inviter has a wrong length")
    fields.organisation(invitation.organisation)
    return invitation


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(_TEXT_LABEL + data).digest()[:_CHECKSUM_BYTES]
