"""The case file as it is shown in `docs/spec/consent.md`: every key there is, with the value it takes when left out.

Kept as JSON text so that it reads exactly as there (a test compares the two). A key that is shown without a value of its
own, or not at all, is in `WITHOUT_DEFAULT`.
"""

import json
from typing import Any

SHOWN: dict[str, Any] = json.loads("""
{ "id": "E01", "title": "…", "now": "2026-03-10T12:00:00Z",
  "request":  {"organisation": "un-spt", "organisation_kind": "mechanism", "officer": "o1", "role": "officer",
               "action": "view", "purpose": "follow_up", "language": null, "variant": "original", "clearance": 3,
               "active": true, "recused": false},
  "document": {"id": "D1", "kind": "visit_report", "originators": ["coe-cpt"], "deposited_by": null, "addressed_to": [],
               "regime": "R1", "adopted_on": "2025-07-04", "visit": "V1", "class_ordinal": 2, "tier": "confidential",
               "statutory_recipients": [], "override": null, "person_recipients": [], "emergency": null,
               "stopped": false, "held_until": null,
               "parts": [{"id": "p1", "states": ["XA"], "language": "en", "variant": "original",
                          "personal_data": false, "published": false, "regime": null, "recalled": null}]},
  "originator_decisions": [{"organisation": "coe-cpt", "effect": "permit", "grantee": "un-spt",
                            "actions": ["view", "download"], "parts": null, "kinds": null, "states": null,
                            "valid_from": null, "valid_to": null}],
  "instruments": [{"id": "I1", "state": "XA", "kind": "standing", "authority_competent": true,
      "received_on": "2024-03-01", "reply_by": null, "amends": [], "supersedes": [],
      "provisions": [{"effect": "permit", "scope": "kind", "scope_ref": "visit_report", "time_scope": null,
                      "adopted_from": null, "adopted_to": null, "grantees": ["un-spt"], "actions": ["view", "download"],
                      "purposes": null, "languages": null, "variants": null, "valid_from": null, "valid_to": null,
                      "embargo_until": null, "embargo_event": null, "embargo_rule": "last"}],
      "conditions": [], "undertaking": null,
      "events": [{"type": "recorded", "at": "2024-03-01", "by": "a", "by_state": false, "effective": null},
                 {"type": "granted", "at": "2024-03-02", "by": "b", "by_state": false, "effective": null}]}],
  "undertakings_accepted": [], "document_events": {}, "person_consents": [], "successions": [],
  "expect": {"outcome": "PERMIT", "reason": "P_CONSENT", "parts": ["p1"], "withheld": {}, "not_after": null,
             "obligations": []} }
""")

# Records whose keys are named without a value to take, so that each has to be given; what is shown has its value here.
EMERGENCY_KEYS = ("by", "confirmed_by", "at", "to")
STATUTORY_RECIPIENT_KEYS = ("organisation", "parts")
PERSON_CONSENT_SHOWN: dict[str, Any] = {"part": "p1", "withdrawn": False}
PERSON_CONSENT_KEYS = ("part", "action", "grantee", "withdrawn")
SUCCESSION_KEYS = ("predecessor", "successor", "on", "mode")
EXPECT_KEYS = ("outcome", "reason", "parts", "withheld", "not_after", "obligations")
