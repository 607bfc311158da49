"""The closed lists that statements draw on (docs/spec/statements.md): another word is malformed, never skipped."""

from typing import Final

# The ladder, then the actions that stand alone (domain facts, section 5.3).
LADDER: Final = ("see_existence", "view", "download", "print")
ACTIONS: Final = (*LADDER, "forward", "publish", "translate", "quote")
PURPOSES: Final = (
    "visit_preparation",
    "deconfliction",
    "follow_up",
    "npm_support",
    "standard_setting",
    "protection",
    "publication",
    "complaint_handling",
)
VARIANTS: Final = ("original", "redacted")
TIERS: Final = ("confidential", "free", "alert", "evidence")
REGIMES: Final = ("R1", "R2", "R3", "R4", "R5")
SCOPES: Final = ("all", "kind", "visit", "document", "part")
TIME_SCOPES: Final = ("future", "all", "between")
EFFECTS: Final = ("permit", "deny")
FORMS: Final = ("note_verbale", "letter", "signed_instrument", "declaration", "oral_confirmed_in_writing")
OVERRIDES: Final = ("opcat-16-4-report", "opcat-16-4-statement", "ecpt-10-2-statement")

RECORDED: Final = "recorded"
CONFIRMING: Final = ("granted", "partially_granted")
EVENTS: Final = (
    RECORDED,
    "requested",
    "deferred",
    *CONFIRMING,
    "refused",
    "lapsed",
    "suspended",
    "disputed",
    "resumed",
    "withdrawn",
    "superseded",
    "invalidated",
    "rejected",
)

# Conditions of an instrument: those with a list, those with a date or an event, and those that stand by name alone.
LIST_CONDITIONS: Final = ("parts_only", "language_only", "purpose_limitation", "named_readers_only")
DATED_CONDITIONS: Final = ("embargo_until", "retain_until")
PLAIN_CONDITIONS: Final = (
    "redact_named_persons",
    "view_only",
    "no_onward_sharing",
    "no_quotation",
    "confidential_treatment",
    "mark_copies",
    "notify_state_of_access",
)
