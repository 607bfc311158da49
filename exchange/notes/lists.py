"""The boxes of the form: closed lists in the order in which they are printed (docs/spec/notes.md)."""

from typing import Final

from exchange.statements import words

# Forms that declare something, each an instrument; and forms about an instrument that is there.
DECLARING: Final = ("request", "agreement-standing", "agreement-specific", "limits", "publication")
ENDING: Final = ("withdrawal", "objection")
ACKNOWLEDGEMENT: Final = "acknowledgement"
KINDS: Final = (*DECLARING, *ENDING, ACKNOWLEDGEMENT)

# The kinds of document of which a State's agreement can be the object.
DOCUMENTS: Final = (
    "visit_report",
    "state_response",
    "follow_up_response",
    "preliminary_observations",
    "immediate_observation",
    "state_comments_for_publication",
    "consultation_record",
    "npm_advisory_report_state",
)
SPANS: Final = ("standing", "specific")
PAPERS: Final = words.FORMS
SCOPES: Final = words.SCOPES
ADOPTED: Final = words.TIME_SCOPES
ACTIONS: Final = words.ACTIONS
PURPOSES: Final = words.PURPOSES
VARIANTS: Final = words.VARIANTS
EVENTS: Final = ("response_received", "published", "plenary_adoption")
RULES: Final = ("last", "first")
LIMITATIONS: Final = (*words.PLAIN_CONDITIONS, *words.LIST_CONDITIONS, *words.DATED_CONDITIONS)

# How much room the paper has.
ROWS: Final = 8
NAMES: Final = 12
LIMITATION_NAMES: Final = 12
