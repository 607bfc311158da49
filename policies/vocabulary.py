"""The closed lists of the policy model, and the ladder of actions. Nothing here decides.

Source of the lists: `docs/spec/consent.md`. A value outside its list is an error wherever facts are read.
"""

from collections.abc import Mapping

ACTIONS = ("see_existence", "view", "download", "print", "forward", "publish", "translate", "quote")
LADDER = ("see_existence", "view", "download", "print")
NAMED_ON_LADDER = frozenset(LADDER)
PURPOSES = (
    "visit_preparation", "deconfliction", "follow_up", "npm_support", "standard_setting", "protection", "publication",
    "complaint_handling",
)
# Never covered by "any purpose": what was received for prevention must not leak into the handling of complaints.
PURPOSE_ONLY_BY_NAME = "complaint_handling"

ORGANISATION_KINDS = ("mechanism", "npm", "nhri", "court", "secretariat", "state", "audit", "public")
TIERS = ("confidential", "free", "alert", "evidence")
REGIMES = ("R1", "R2", "R3", "R4", "R5")
OVERRIDES = ("opcat-16-4-report", "opcat-16-4-statement", "ecpt-10-2-statement")
VARIANTS = ("original", "redacted")
EFFECTS = ("permit", "deny")
SCOPES = ("all", "kind", "visit", "document", "part")
TIME_SCOPES = ("future", "all", "between")
EMBARGO_RULES = ("last", "first")
RECALLS = ("everyone", "agreement")
INSTRUMENT_KINDS = ("standing", "specific")
SUCCESSION_MODES = ("continues", "succeeds", "separates")
EVENT_TYPES = (
    "recorded", "requested", "deferred", "granted", "partially_granted", "refused", "lapsed", "suspended", "disputed",
    "resumed", "withdrawn", "superseded", "invalidated", "rejected",
)

CONDITIONS_WITH_LIST = ("parts_only", "language_only", "purpose_limitation", "named_readers_only")
CONDITIONS_WITH_TIME = ("embargo_until", "retain_until")
CONDITIONS_PLAIN = (
    "redact_named_persons", "view_only", "no_onward_sharing", "no_quotation", "confidential_treatment", "mark_copies",
    "notify_state_of_access",
)
CONDITIONS = CONDITIONS_WITH_LIST + CONDITIONS_WITH_TIME + CONDITIONS_PLAIN

KINDS = (
    # Reports on visits, and what surrounds them.
    "visit_report", "npm_advisory_report_npm", "npm_advisory_report_state", "preliminary_observations",
    "immediate_observation", "state_response", "follow_up_response", "state_comments_for_publication",
    "consultation_record", "working_document", "thematic_draft", "note_verbale", "visit_programme", "calendar_entry",
    "mission_terms_of_reference", "list_of_places",
    # Meant for the public, at once or in the end.
    "end_of_mission_statement", "press_release", "annual_report", "general_report", "standards", "public_statement",
    "list_of_issues", "concluding_observations", "upr_submission", "npm_annual_report", "mission_report",
    "country_report", "thematic_report", "study", "opinion", "judgment",
    # About individual persons and cases.
    "urgent_appeal", "allegation_letter", "precautionary_measure", "reprisals_allegation", "art20_report", "art22_file",
    # Between the bodies, and of national bodies.
    "mou", "exchange_of_letters", "roadmap", "npm_visit_report",
)
# No decision and no consent opens these to another body.
NEVER_EXCHANGED = ("working_document", "art20_report", "art22_file")
# Public by nature, where the regime is R5.
FREE_IN_R5 = (
    "annual_report", "concluding_observations", "list_of_issues", "press_release", "public_statement", "upr_submission",
)
ALERT_KIND = "reprisals_allegation"

STATE_PREFIX = "state:"
EMERGENCY_HOURS = 72

_DOWN = {"see_existence": 0, "view": 1, "download": 2, "print": 2}


def _named_at_or(above: bool, action: str) -> frozenset[str]:
    if action not in _DOWN:
        return frozenset({action})
    step = _DOWN[action]
    return frozenset(name for name, other in _DOWN.items() if (other >= step if above else other <= step))


# action asked -> the actions any of which, named in a permit, covers it: what is above it on the ladder, and itself.
PERMITTED_BY: Mapping[str, frozenset[str]] = {action: _named_at_or(True, action) for action in ACTIONS}
# action asked -> the actions any of which, named in a deny, denies it: what is below it on the ladder, and itself.
DENIED_BY: Mapping[str, frozenset[str]] = {action: _named_at_or(False, action) for action in ACTIONS}


def is_state(organisation: str, organisation_kind: str) -> bool:
    """Whether a requester acts for a State: by its kind or by its id `state:…`, whichever says so."""
    return organisation_kind == "state" or organisation.startswith(STATE_PREFIX)
