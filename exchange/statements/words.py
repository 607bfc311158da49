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
# Of the members, for, that a case needs, as (numerator, denominator), and whether exactly that many are enough: a majority is
# more than half (OPCAT art. 16(4)), two thirds are two thirds (ECPT art. 10(2)).
MAJORITIES: Final = {
    "opcat-16-4-report": (1, 2, False),
    "opcat-16-4-statement": (1, 2, False),
    "ecpt-10-2-statement": (2, 3, True),
}

# Why a rendition may be published; those that name agreements of States, and those that name a statement.
BASES_OF_STATES: Final = ("request", "automatic")
BASES_OF_STATEMENTS: Final = ("partial", "override")
PUBLICATION_BASES: Final = (*BASES_OF_STATES, *BASES_OF_STATEMENTS, "own")
RENDITION: Final = "rendition"
COMMENTS: Final = "comments"
# What is published is read on any machine, without a browser running anything in it.
PUBLIC_MEDIA_TYPES: Final = (
    "application/pdf",
    "text/plain",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)

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
