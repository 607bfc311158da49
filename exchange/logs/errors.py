"""Errors of the room `logs`. What concerns trees, proofs and a stopped log is raised by `exchange.transparency`."""

from typing import ClassVar


class LogsError(Exception):
    """Root of everything this room raises itself."""

    code: ClassVar[str] = "logs_failed"


class LeafFormError(LogsError):
    """A leaf of another length than its log takes."""

    code = "log_leaf_form"


class UnpaddedError(LogsError):
    """The audit log was to be published at a size that is not a multiple of 16, which would show single acts."""

    code = "log_unpadded"


class NotPublishedError(LogsError):
    """A log's public checkpoint is missing: the next start of the server writes it anew."""

    code = "log_not_published"


class LocksError(LogsError):
    """The folder of the logs lies where a lock keeps nobody out: two processes could sign at once."""

    code = "log_locks"
