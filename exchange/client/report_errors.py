"""Errors of this room about reports, agreements of States and the reading of the audit log (root: `client.errors`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from exchange.client.errors import ClientError


class ReleaseNotProvenError(ClientError):
    """An answer to a release request that does not prove its own entry in the log: nothing is opened with it."""

    code = "release_not_proven"


class TicketNotProvenError(ClientError):
    """A stored statement whose ticket does not name it, its log or its entry."""

    code = "ticket_not_proven"


class ReportAnswerError(ClientError):
    """What the server says of a report does not belong together, or is not signed by whom it must be."""

    code = "report_answer"


class PartNotShownError(ClientError):
    """No part of that name that the reader may know of: whether there is none, they cannot tell."""

    code = "part_not_shown"


class RecipientWithoutKeyError(ClientError):
    """A recipient that is not in the directory, or has no key to seal to yet."""

    code = "recipient_without_key"


class StaleAgainError(ClientError):
    """The server found the deposit out of date, again and again."""

    code = "deposit_stale"


class KeyNotKeptError(ClientError):
    """The content key of a report is not kept on this machine: whoever sent it has it."""

    code = "key_not_kept"


class NotStoppedError(ClientError):
    """A report that is not stopped has no stop to lift."""

    code = "not_stopped"


class NotRecalledError(ClientError):
    """Nothing of a report is recalled from this body, or no recall of it stands."""

    code = "not_recalled"


class RecallAnswerError(ClientError):
    """What the server shows of a recall does not belong together."""

    code = "recall_shown"


class PartsSeveralError(ClientError):
    """A text that means several parts where one is due."""

    code = "parts_several"
    exit_code = 2


class NeedsApprovalError(ClientError):
    """One's own body has every transmission approved by a second person, and this one does not ask for it."""

    code = "needs_approval"


class DraftUnknownError(ClientError):
    """Nothing of a report waits for a second person's approval."""

    code = "draft_unknown"


class OwnDraftError(ClientError):
    """Whoever proposed a transmission is not the second person who approves it."""

    code = "own_draft"


class PendingUnknownError(ClientError):
    """No statement of this hash waits for a second signature of this body."""

    code = "pending_unknown"


class InstrumentFileError(ClientError):
    """A file that is not an authorisation in the form docs/spec/consent.md describes."""

    code = "instrument_file"
    exit_code = 2


class RelationMissingError(ClientError):
    """Authorisations of the same State stand: the person must say whether this one replaces, limits or adds."""

    code = "relation_missing"
    exit_code = 2


class InstrumentAnswerError(ClientError):
    """What the server says of an authorisation is not what was signed."""

    code = "instrument_answer"


class LogContradictsError(ClientError):
    """Bundles of the audit log that are not the leaves whose root the log signed."""

    code = "log_contradicts"


class NotOwnerError(ClientError):
    """Only the body that owns a report has entries about all who opened it."""

    code = "not_owner"


class NotPublicYetError(ClientError):
    """The log in public does not reach as far yet as was asked for."""

    code = "log_not_public_yet"


class EntryUnknownError(ClientError):
    """No entry of this index that this body can read."""

    code = "entry_unknown"


class CopyMissingError(ClientError):
    """A folder in which no copy of the logs with their policy is found."""

    code = "copy_missing"
    exit_code = 2


class LogTamperedError(ClientError):
    """Verification found something wrong: the spots are printed."""

    code = "log_tampered"


class RegimeUnknownError(ClientError):
    """No regime is laid down for this body: it receives, and transmits nothing."""

    code = "regime_unknown"


class StandingAnswerError(ClientError):
    """What the server shows of standing decisions is not what was signed, or something seen before is missing."""

    code = "standing_answer"


class StandingDenialError(ClientError):
    """A standing decision of one's own body keeps such a report from an addressee."""

    code = "standing_denial"


class StandingUnknownError(ClientError):
    """No standing decision of that scope and addressee is in force."""

    code = "standing_unknown"


class PaperFontError(ClientError):
    """A character that the embedded font of papers does not have."""

    code = "note_font"


class RemarksError(ClientError):
    """Remarks about the files that nobody has confirmed; `members` lists all of them for --json."""

    code = "remarks_unconfirmed"

    def __init__(self, remarks: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
        """Keep the remarks as JSON values, and the names of those not confirmed."""
        super().__init__("remarks about the files are not confirmed", names=", ".join(names))
        self.members: Mapping[str, Any] = {"remarks": list(remarks), "unconfirmed": list(names)}


class PublicationChoiceError(ClientError):
    """What is to be published is not said exactly, or not in form: `detail` says what."""

    code = "publication_choice"
    exit_code = 2


class NothingPublicError(ClientError):
    """No statement stands on which a partial publication, or one in a case of the treaty, could rest."""

    code = "nothing_public"


class FileNotSignedError(ClientError):
    """The file at hand is not the one the first officer signed, or none was given: `option` names it."""

    code = "publication_file"


class TodayFileError(ClientError):
    """A page of what a State has agreed to whose facts, code and statements do not belong together."""

    code = "today_file"
