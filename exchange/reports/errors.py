"""Errors of the room `reports`. What is wrong with a package or a statement itself, `sealing`, `statements` and `keys` say."""

from collections.abc import Iterable, Mapping
from typing import ClassVar


class ReportsError(Exception):
    """Root of everything this room raises. An error may carry further members of its problem document."""

    code: ClassVar[str] = "report_refused"

    @property
    def members(self) -> Mapping[str, object]:
        """Further members of the problem document, never a secret."""
        return {}


# Uploads


class DigestMissingError(ReportsError):
    """Pieces without a `Content-Digest` that gives their SHA-256 (RFC 9530) and without their leaf hashes."""

    code = "digest_missing"


class DigestMismatchError(ReportsError):
    """A piece whose bytes do not give the SHA-256 sent with it: damaged on the way, send it again."""

    code = "digest_mismatch"


class UploadDiffersError(ReportsError):
    """An upload of this part stands with another size."""

    code = "upload_differs"


class PieceDiffersError(ReportsError):
    """Other bytes than those sent are stored as this piece: nothing replaces a stored piece."""

    code = "piece_differs"


class UploadTooLargeError(ReportsError):
    """A part, or all parts of a report together, over what this instance takes."""

    code = "upload_too_large"


class TooManyUploadsError(ReportsError):
    """A body has as many unregistered uploads, or bytes of them, as one body may have."""

    code = "uploads_too_many"


# Registration: what the client can mend by catching up


class StaleError(ReportsError):
    """Something the deposit was made from is no longer current."""

    def __init__(self, message: str, organisations: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.organisations = sorted(set(organisations))

    @property
    def members(self) -> Mapping[str, object]:
        """The bodies concerned, where there are any."""
        return {"organisations": self.organisations} if self.organisations else {}


class StaleEpochError(StaleError):
    """An envelope for an epoch or key that is not the body's current one: wrap again."""

    code = "stale_epoch"


class StaleLockKeyError(StaleError):
    """An envelope under a lock key that is not the exchange's current one: lock again."""

    code = "stale_lock_key"


class StaleDirectoryError(StaleError):
    """A header made with a directory this server does not have at that size: sync and compare."""

    code = "stale_directory"


class PiecesMissingError(ReportsError):
    """A part whose pieces have not all arrived."""

    code = "pieces_missing"

    def __init__(self, message: str, part: str, missing: int) -> None:
        super().__init__(message)
        self.part = part
        self.missing = missing

    @property
    def members(self) -> Mapping[str, object]:
        """Which part, and how many of its pieces are missing."""
        return {"part": self.part, "missing": self.missing}


class PieceRootDiffersError(ReportsError):
    """Pieces whose size, root or commitment is not what the part's descriptor names."""

    code = "piece_root_differs"


class RegistrationDiffersError(ReportsError):
    """Another header is registered for this report."""

    code = "registration_differs"


# Registration: what the rules refuse


class OwnerNotOriginatorError(ReportsError):
    """A report whose owner did not make it."""

    code = "owner_not_originator"


class ApprovalRequiredError(ReportsError):
    """A report to others, signed by one officer of a body that has every transmission approved by a second."""

    code = "approval_required"


class NoRegimeError(ReportsError):
    """A report of a body for which no regime is laid down: it receives, and transmits nothing."""

    code = "no_regime"


class RegimeWrongError(ReportsError):
    """A regime, of the report or a part, other than the one laid down for its originator."""

    code = "regime_wrong"


class KindUnknownError(ReportsError):
    """A kind of document that nobody knows, or that the owner does not issue."""

    code = "kind_unknown"


class KindNotExchangedError(ReportsError):
    """A kind of document that goes to no other body, whatever anyone decides."""

    code = "kind_not_exchanged"


class AdoptedOnError(ReportsError):
    """A report without the day of its adoption, on which consent depends, or with one in the future."""

    code = "adopted_on_wrong"


class RecipientUnknownError(ReportsError):
    """A recipient the directory does not have, or one that has no key to seal to yet."""

    code = "recipient_unknown"


class RecipientNotPermittedError(ReportsError):
    """A recipient this document may never go to: an audit office, a State for an alert, a third body for evidence."""

    code = "recipient_not_permitted"


class ReportIncompleteError(ReportsError):
    """A header whose lists and package do not belong to the statement, or a package with members that are not due."""

    code = "report_incomplete"


# Later statements on a report


class PartUnknownError(ReportsError):
    """A grant or determination that names a part the report does not have."""

    code = "part_unknown"


class GrantBodiesError(ReportsError):
    """A grant for several bodies: each would read in it who the others are."""

    code = "grant_one_body"


class RecipientExistsError(ReportsError):
    """A grant to a body that has an envelope of this part for the same epoch."""

    code = "recipient_exists"


class StopEndedError(ReportsError):
    """A lift of a stop that is lifted already, or that does not concern this report."""

    code = "stop_ended"


class FactNotPermittedError(ReportsError):
    """A fact that this body may not state about this report."""

    code = "fact_not_permitted"


class BesideError(ReportsError):
    """What lies beside a statement is not what it names, or not in form."""

    code = "beside_wrong"
