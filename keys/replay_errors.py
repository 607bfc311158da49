"""One error for each rule of the directory (docs/spec/directory.md, section 7): the code says which rule was broken.

Besides these, a leaf may be MalformedError, UnknownVersionError (a kind this build does not know), BadKeyError or
BadSignatureError. `replay` and `with_statements` note on each which leaf it was.
"""

from keys.errors import KeysError


class ReplayError(KeysError):
    """Root of every refusal of the directory: a well-formed statement that may not stand where it stands."""

    code = "directory_refused"


class RootMisplacedError(ReplayError):
    """The first leaf is not `root`, or `root` stands again later."""

    code = "root_misplaced"


class WrongExchangeError(ReplayError):
    """A statement of another exchange."""

    code = "wrong_exchange"


class BrokenChainError(ReplayError):
    """`prev` is not the hash of the subject's last statement: written before another one was accepted, or replayed."""

    code = "broken_chain"


class TimeWindowError(ReplayError):
    """A statement's own time is too far from the time it was logged."""

    code = "statement_time"


class LeafTimeError(ReplayError):
    """Logged times go back, or lie in the reader's future."""

    code = "leaf_time"


class SignersMissingError(ReplayError):
    """Well signed so far, but not by everyone the kind calls for: the statement is pending and has no effect."""

    code = "signers_missing"


class UnexpectedSignerError(ReplayError):
    """Signed by a good key whose holder has no part in this statement."""

    code = "unexpected_signer"


class KeyNotGoodError(ReplayError):
    """Signed with a key that was not good at this point of the directory: unknown, or ended."""

    code = "key_not_good"


class UnknownOrganisationError(ReplayError):
    """An organisation the directory does not have."""

    code = "unknown_organisation"


class DuplicateOrganisationError(ReplayError):
    """An organisation that the directory has already."""

    code = "duplicate_organisation"


class UnknownOfficerError(ReplayError):
    """An officer the directory does not have."""

    code = "unknown_officer"


class DuplicateOfficerError(ReplayError):
    """An officer's id that was used before."""

    code = "duplicate_officer"


class OtherBodyError(ReplayError):
    """An officer who belongs to another body than the statement says: an officer is in one body only."""

    code = "other_body"


class OfficerEndedError(ReplayError):
    """An officer whose access has ended."""

    code = "officer_ended"


class DuplicateKeyError(ReplayError):
    """A key that was named before: a key has one owner and one use, for ever."""

    code = "duplicate_key"


class KeyMissingError(ReplayError):
    """The public bytes of a key that a statement names do not lie beside it."""

    code = "key_missing"


class BesideMismatchError(ReplayError):
    """Something beside a statement (key bytes, seats, a mandate's private half) is not what the statement's hash says."""

    code = "beside_mismatch"


class EpochNumberError(ReplayError):
    """An epoch that is not the next one of its body."""

    code = "epoch_number"


class SeatCountError(ReplayError):
    """An epoch whose seats are not exactly one for each officer then active."""

    code = "seat_count"


class EpochDueError(ReplayError):
    """An `officer.leave` whose very next leaf is not the next epoch of that body."""

    code = "epoch_due"


class LastFocalPointError(ReplayError):
    """A statement that would leave a body without a focal point."""

    code = "last_focal_point"


class GuardianNeededError(ReplayError):
    """A body with a single focal point cannot change its focal points until guardian bodies exist."""

    code = "guardian_needed"


class MandateWidensError(ReplayError):
    """A mandate that makes someone a focal point who is not one: a mandate may only narrow."""

    code = "mandate_widens"


class WrongKindOfBodyError(ReplayError):
    """A body of another kind than its part calls for: an audit office, or the authority of a State."""

    code = "wrong_kind_of_body"


class TwoBodiesError(ReplayError):
    """Signers that all belong to one body where two bodies must agree."""

    code = "two_bodies_needed"


class UnknownLogError(ReplayError):
    """A checkpoint of an audit log that the directory does not name."""

    code = "unknown_log"


class PinError(KeysError):
    """Root of what `check_pins` refuses: the directory shown is not a later state of the one seen before."""

    code = "pin_refused"


class DirectoryOlderError(PinError):
    """A directory smaller than the one seen before."""

    code = "directory_older"


class DirectoryForkedError(PinError):
    """A directory whose first statements are not the ones seen before, or of another exchange."""

    code = "directory_forked"


class FingerprintChangedError(PinError):
    """An organisation whose fingerprint is not the one seen or compared before."""

    code = "fingerprint_changed"
