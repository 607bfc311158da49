"""Errors of the room `client`: one root, leaves where a person or a caller does something else about it.

`exit_code` is what the command ends with: 1 refused or a check failed, 2 wrong usage, 3 network.
"""

from collections.abc import Mapping
from typing import ClassVar


class ClientError(Exception):
    """Root of everything this room raises. `values` fill the placeholders of its sentence in the catalogue."""

    code: ClassVar[str] = "client_failed"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str = "", **values: object) -> None:
        """Keep the message for logs (lower case, no secret) and the values for the sentence a person reads."""
        super().__init__(message)
        self.values: Mapping[str, object] = values


# What stands on this machine


class HomeError(ClientError):
    """The home folder cannot be read or written: a full disk, a missing right."""

    code = "home_failed"


class HomeUnsafeError(ClientError):
    """The home folder belongs to someone else, or others may look into it."""

    code = "home_unsafe"


class HomeDamagedError(ClientError):
    """A file in the home folder that this program wrote is not as it was written."""

    code = "home_damaged"


class IdentityMissingError(ClientError):
    """No identity in this home: `exchange identity new` makes one."""

    code = "identity_missing"


class IdentityExistsError(ClientError):
    """An identity stands in this home already: writing over it would lose its keys."""

    code = "identity_exists"


class FileFailedError(ClientError):
    """A file a person named cannot be read or written."""

    code = "file_failed"


class InputMissingError(ClientError):
    """Something must be asked for, and there is nobody to ask: no terminal, and no file was named."""

    code = "input_missing"
    exit_code = 2


class UsageError(ClientError):
    """Arguments that do not go together."""

    code = "usage"
    exit_code = 2


class DeclinedError(ClientError):
    """The person was asked, and said no."""

    code = "declined"


# The server


class UrlUnsafeError(ClientError):
    """An address that is not https, and not this machine itself."""

    code = "url_unsafe"
    exit_code = 2


class ServerUnknownError(ClientError):
    """This home knows no server yet."""

    code = "server_unknown"


class NetworkError(ClientError):
    """The server could not be reached, or the line broke; nothing is known to have gone wrong."""

    code = "network_failed"
    exit_code = 3


class AnswerError(NetworkError):
    """An answer that is not one of the exchange's: a proxy's page, or a server of another kind."""

    code = "answer_malformed"


class ServerRefusal(ClientError):
    """The server's own refusal (RFC 9457): its stable code, HTTP status, title and further members."""

    code = "server_refused"

    def __init__(self, code: str, status: int, title: str, members: Mapping[str, object]) -> None:
        """Take the problem document apart."""
        super().__init__(f"the server refused: {code}")
        self.code = code  # type: ignore[misc]  # a class attribute elsewhere: here it is the server's
        self.status = status
        self.title = title
        self.members = members


# The directory


class ExchangeUnknownError(ClientError):
    """Nothing outside the server has said yet which exchange is the right one, so nothing it shows can be checked."""

    code = "exchange_unknown"


class ServerDiffersError(ClientError):
    """The verified directory names another instance or other log keys than this home was given."""

    code = "server_differs"


class OwnKeysError(ClientError):
    """The directory has other keys, or another body, for this officer than this machine."""

    code = "own_keys_differ"


class NotEnrolledError(ClientError):
    """The verified directory does not have this officer, or their access has ended."""

    code = "not_enrolled"


class JoinPendingError(ClientError):
    """A request to join was made from this home, and nobody has accepted it yet."""

    code = "join_pending"


class NotFocalPointError(ClientError):
    """Only a focal point of the body does this."""

    code = "not_focal_point"


class LeaveSelfError(ClientError):
    """An officer cannot end their own access: the body's new keys need the signature of one who stays."""

    code = "leave_self"


class NotFounderError(ClientError):
    """Only a founder, or an officer named in the proposal, does this."""

    code = "not_founder"


class SeatMissingError(ClientError):
    """This officer holds no share of that key of the body: they joined later."""

    code = "seat_missing"


class WordsDifferError(ClientError):
    """The eleven words given are not this body's fingerprint."""

    code = "words_differ"


# The audit log


class AuditOlderError(ClientError):
    """An audit log smaller than the one seen before."""

    code = "audit_older"


class AuditForkedError(ClientError):
    """An audit log that does not continue the one seen before."""

    code = "audit_forked"


# Files that travel between officers


class CardError(ClientError):
    """A card that is damaged, or was not made by the holder of its key."""

    code = "card_malformed"


class NothingToSignError(ClientError):
    """A proposal that does not ask for this officer's signature, or has it already."""

    code = "nothing_to_sign"


class InvitationNotKeptError(ClientError):
    """A request to join under an invitation that was not made in this home: its proof cannot be checked here."""

    code = "invitation_not_kept"
