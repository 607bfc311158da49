"""What can go wrong in the policies room: one root, one leaf wherever the caller acts differently.

A withheld document is not an error: it is a `Decision` with a reason. These are for input that cannot be read.
"""


class PoliciesError(Exception):
    """Root of everything this room raises."""

    code = "policies_error"


class FactsError(PoliciesError):
    """A fact is missing, of the wrong type, or outside its list."""

    code = "facts_invalid"


class CaseError(PoliciesError):
    """A case file, or one case in it, does not follow the format of `docs/spec/consent.md`."""

    code = "case_invalid"


class CaseUnreadable(CaseError):
    """A path that is no file or folder, a folder without case files, or a file that cannot be read."""

    code = "case_unreadable"


class CaseNotJSON(CaseError):
    """Bytes that are not one JSON text in UTF-8 with every name once in its object."""

    code = "case_not_json"


class CaseUnknownKey(CaseError):
    """A key that the format does not know."""

    code = "case_unknown_key"


class CaseMissingKey(CaseError):
    """A key without a default is left out."""

    code = "case_missing_key"


class CaseValue(CaseError):
    """A value of the wrong type or outside its list."""

    code = "case_value"


class CaseDuplicateId(CaseError):
    """An id that is given twice."""

    code = "case_duplicate_id"


class RegimeError(PoliciesError):
    """A regime file that cannot be read or contradicts the gates, or a body without a regime."""

    code = "regime_invalid"


class BodyWithoutRegime(RegimeError):
    """A body that no regime file names cannot transmit."""

    code = "body_without_regime"
