"""Errors of the room `directory`. What is wrong with a statement itself, `keys` says in errors of its own."""

from typing import ClassVar


class DirectoryError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "directory_failed"


class NotFoundedError(DirectoryError):
    """The instance is prepared, and no root statement has been recorded yet."""

    code = "not_founded"


class AlreadyFoundedError(DirectoryError):
    """Another root statement stands in the log already."""

    code = "already_founded"


class RootMismatchError(DirectoryError):
    """A root statement that names another instance, other log keys or another lock key than this server's."""

    code = "founding_mismatch"


class RangeError(DirectoryError):
    """The caller asks for statements beyond the directory's size: it knows more than this server does."""

    code = "directory_range"


class InvitationUnknownError(DirectoryError):
    """An invitation this server was never told of, expired, or used already."""

    code = "invitation_unknown"


class JoinDiffersError(DirectoryError):
    """Another request to join stands under the same invitation."""

    code = "join_differs"


class KeyStillUsedError(DirectoryError):
    """A leave whose `ended_at` lies before a statement of that key: it would take back what stands."""

    code = "key_still_used"


class EndedAtError(DirectoryError):
    """An `ended_at` that names another audit log, or a size the log does not have."""

    code = "ended_at_unknown"
