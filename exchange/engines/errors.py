"""What a database may answer instead of doing what it was asked, the same for every engine."""

from typing import ClassVar


class DbError(Exception):
    """Root of everything this room and `exchange.db` raise."""

    code: ClassVar[str] = "database_failed"


class DatabaseBusyError(DbError):
    """The database did not let this unit in; nothing was written, and the same request may be sent again."""

    code = "database_busy"


class DatabaseAwayError(DbError):
    """The database cannot be reached, or the line to it broke before the commit: nothing was written."""

    code = "database_away"


class OutcomeUnknownError(DbError):
    """The commit failed in a way that leaves its outcome open; the same request may be sent again and will tell."""

    code = "outcome_unknown"


class UnitOfWorkError(DbError):
    """A unit of work was used wrongly: nested writers, or writes in a reading unit."""

    code = "unit_of_work"
