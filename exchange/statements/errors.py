"""Errors of the room `statements`: a statement in good form that may not stand.

Form itself is `keys`': MalformedError, UnknownVersionError, BadKeyError and BadSignatureError come through unchanged,
and StatementsError is a KeysError, so whoever catches KeysError has everything this room raises.
"""

from keys.errors import KeysError


class StatementsError(KeysError):
    """Root of what this room itself refuses."""

    code = "statement_refused"


class OtherExchangeError(StatementsError):
    """A statement made for another exchange."""

    code = "statement_other_exchange"


class UnknownSignerError(StatementsError):
    """A signer whose key the directory does not have."""

    code = "signer_unknown"


class EndedSignerError(StatementsError):
    """A signer whose key had ended before the log took the statement."""

    code = "signer_ended"


class WrongSignerError(StatementsError):
    """A signer of another body than the statement needs."""

    code = "signer_other_body"


class TooFewSignersError(StatementsError):
    """Fewer officers than the statement needs: it is pending, and has no effect."""

    code = "signers_missing"


class TooManySignersError(StatementsError):
    """More signers than the statement may have."""

    code = "signers_too_many"


class SamePersonError(StatementsError):
    """A record confirmed by whoever recorded it."""

    code = "signer_recorded_it"


class BenefitingSignerError(StatementsError):
    """A record made or confirmed by a body that it would permit something."""

    code = "signer_benefits"


class BrokenLinkError(StatementsError):
    """A statement whose `prev` is not the last of its chain, or the record it confirms: made before another came in."""

    code = "statement_out_of_turn"


class OtherSubjectError(StatementsError):
    """A statement that names another header, request, stop or report than the one it is held against."""

    code = "statement_other_subject"


class JointOriginatorsError(StatementsError):
    """A report of more than one originator: refused until linked entries exist (formats, section 8)."""

    code = "originators_joint"


class ClockOffError(StatementsError):
    """A statement whose time is too far from the server's: the client's clock is wrong."""

    code = "clock_off"
