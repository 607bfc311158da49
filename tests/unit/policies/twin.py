"""A slow twin of the procedure, read straight off `docs/spec/consent.md` over plain JSON, to hold the gates against.

It shares no code with the room. Where the two disagree, one of the two readings of the rules is wrong.
"""

from datetime import timedelta

from tests.unit.policies.twin_states import LADDER, TwinOfStates, ok, permits_action, when

NEVER = ("working_document", "art20_report", "art22_file")


def no(step, reason):
    return step, False, reason, [], []


def yes(step, reason, ends=(), obligations=()):
    return step, True, reason, list(ends), list(obligations)


class Twin(TwinOfStates):
    # --- the steps --------------------------------------------------------------------------------------------------
    def given(self, part):
        """What every step looks at."""
        r, d = self.r, self.d
        org, action = r["organisation"], r["action"]
        state = r["organisation_kind"] == "state" or org.startswith("state:")
        regime = "R1" if "R1" in (d["regime"], part["regime"]) else part["regime"] or d["regime"]
        return r, d, self.now, org, action, state, org in d["originators"], action in LADDER, regime

    def part(self, part):
        """(step, permitted, reason, ends, obligations)"""
        ends, obligations, undertakings = [], [], []
        return (
            self.protected(part)
            or self.open_to_all(part)
            or self.by_treaty(part)
            or self.originators(part, ends)
            or self.states(part, ends, obligations, undertakings)
            or self.persons(part, ends, obligations, undertakings)
        )

    def protected(self, part):
        _r, d, now, org, action, state, origin, ladder, _regime = self.given(part)
        # 2
        alert = d["tier"] == "alert" or d["kind"] == "reprisals_allegation"
        if alert and state:
            return no(2, "W_NEVER_TO_STATE")
        if not origin and d["stopped"]:
            return no(2, "W_ORIGINATOR")
        if not origin and part["recalled"] == "everyone":
            return no(2, "W_ORIGINATOR")
        if not origin and d["held_until"] and now < when(d["held_until"]):
            return no(2, "W_EMBARGO")
        if alert:
            if origin:
                return no(2, "W_SCOPE_ACTION") if action in ("forward", "publish") else yes(2, "P_OWN")
            if org in d["person_recipients"]:
                return yes(2, "P_PERSON") if ladder else no(2, "W_SCOPE_ACTION")
            e = d["emergency"]
            if e and e["by"] and e["confirmed_by"] and e["by"] != e["confirmed_by"] and org in e["to"]:
                if when(e["at"]) <= now < when(e["at"]) + timedelta(hours=72) and action in ("see_existence", "view"):
                    return yes(2, "P_EMERGENCY", [when(e["at"]) + timedelta(hours=72)])
            return no(2, "W_SCOPE_RECIPIENT")
        return None

    def open_to_all(self, part):
        r, d, _now, _org, _action, _state, _origin, _ladder, regime = self.given(part)
        # 3
        if not part["personal_data"]:
            if part["published"]:
                return yes(3, "P_PUBLIC")
            free = ["annual_report", "concluding_observations", "list_of_issues", "press_release", "public_statement",
                    "upr_submission"]
            if d["tier"] == "free" or (regime == "R5" and d["kind"] in free):
                return yes(3, "P_FREE_TIER")
            if d["override"] == "opcat-16-4-report" and d["kind"] == "visit_report" and set(d["originators"]) == {"un-spt"}:
                return yes(3, "P_OVERRIDE")
            if d["override"] and d["kind"] == "public_statement":
                return yes(3, "P_OVERRIDE")
        if r["organisation_kind"] == "public":
            return no(3, "W_SCOPE_RECIPIENT")
        return None

    def by_treaty(self, part):
        r, d, _now, org, action, state, origin, ladder, regime = self.given(part)
        # 4
        if origin and action not in ("forward", "publish"):
            return yes(4, "P_OWN")
        # 5
        listed = [x["organisation"] for x in d["statutory_recipients"]]
        if org in listed:
            for x in d["statutory_recipients"]:
                if x["organisation"] == org and (x["parts"] is None or part["id"] in x["parts"]):
                    return yes(5, "P_STATUTORY") if ladder else no(5, "W_SCOPE_ACTION")
            return no(5, "W_SCOPE_PART")
        never = d["kind"] in NEVER
        only = list(set(part["states"]))
        if regime == "R1" and not never and len(only) == 1 and d["deposited_by"] == f"state:{only[0]}":
            if org in d["addressed_to"] and ladder:
                return yes(5, "P_STATE_SENT")
        if d["tier"] == "evidence" or r["organisation_kind"] == "audit" or (state and not origin):
            return no(5, "W_SCOPE_RECIPIENT")
        return None

    def originators(self, part, ends):
        r, d, now, org, action, _state, origin, _ladder, regime = self.given(part)
        # 6
        if part["recalled"] and not origin:
            return no(6, "W_ORIGINATOR")
        if not d["originators"]:
            return no(6, "W_ORIGINATOR")
        if d["kind"] in NEVER:
            return no(6, "W_SCOPE_DOCUMENT")
        asked = [o for o in d["originators"] if o != org and not (regime == "R1" and o.startswith("state:"))]
        have = {}
        for o in asked:
            permits = []
            denied = False
            for x in self.c["originator_decisions"]:
                if x["organisation"] != o or not ok(x["kinds"], d["kind"]):
                    continue
                if x["effect"] == "permit":
                    if x["grantee"] == org and (x["states"] is None or all(s in x["states"] for s in part["states"])):
                        permits.append(x)
                elif x["grantee"] in (None, org):
                    if x["states"] is None or any(s in x["states"] for s in part["states"]):
                        denied = True
            if permits and not denied:
                have[o] = permits
        if asked and not have:
            if r["organisation_kind"] == "npm" and d["statutory_recipients"]:
                return no(6, "W_SCOPE_RECIPIENT")
            return no(6, "W_ORIGINATOR")
        if set(have) != set(asked):
            return no(6, "W_CO_ORIGINATOR")
        for reason, test in (
            ("W_SCOPE_ACTION", lambda x: permits_action(x["actions"], action)),
            ("W_SCOPE_PART", lambda x: ok(x["parts"], part["id"]) or f"{d['id']}/{part['id']}" in x["parts"]),
            ("W_EMBARGO", lambda x: x["valid_from"] is None or when(x["valid_from"]) <= now),
            ("W_EXPIRED", lambda x: x["valid_to"] is None or now < when(x["valid_to"])),
        ):
            have = {o: [x for x in permits if test(x)] for o, permits in have.items()}
            if any(not permits for permits in have.values()):
                return no(6, reason)
        for permits in have.values():
            tos = [x["valid_to"] for x in permits]
            if None not in tos:
                ends.append(max(when(t) for t in tos))
        return None

    def states(self, part, ends, obligations, undertakings):
        r, d, _now, org, _action, _state, _origin, _ladder, regime = self.given(part)
        # 7
        if r["clearance"] < d["class_ordinal"]:
            return no(7, "W_CLEARANCE")
        # 8
        if regime == "R1":
            if not part["states"]:
                return no(8, "W_NO_CONSENT")
            concerned = [leaf for s in part["states"] for leaf in (self.successors(s) or [s])]
            concerned += [o[6:] for o in d["originators"] if o.startswith("state:") and o != org]
            answers = [self.one_state(s, part) for s in concerned]
            if any(reason for reason, _ in answers):
                if any(reason is None for reason, _ in answers):
                    return no(8, "W_OTHER_STATE")
                return no(8, answers[0][0])
            for _, permits in answers:
                tos = [self.end(p, i) for p, i in permits]
                if None not in tos:
                    ends.append(max(tos))
                for _, i in permits:
                    obligations += [x if isinstance(x, str) else x["kind"] for x in i["conditions"]]
                    undertakings += [i["undertaking"]] if i["undertaking"] else []
        return None

    def persons(self, part, ends, obligations, undertakings):
        _r, _d, now, org, action, _state, _origin, _ladder, regime = self.given(part)
        # 9
        if part["personal_data"]:
            agreed = False
            for x in self.c["person_consents"]:
                gone = x["withdrawn"] if isinstance(x["withdrawn"], bool) else now >= when(x["withdrawn"])
                if x["part"] == part["id"] and not gone and x["grantee"] == org and permits_action([x["action"]], action):
                    agreed = True
            if not agreed:
                return no(9, "W_PERSONAL_DATA")
        # 10
        if any(u not in self.c["undertakings_accepted"] for u in undertakings):
            return no(10, "W_UNDERTAKING")
        return yes(11, "P_CONSENT" if regime == "R1" else "P_ORIGINATOR", ends, obligations)

    def result(self):
        r = self.r
        empty = {"outcome": "WITHHOLD", "parts": [], "withheld": {}, "not_after": None, "obligations": []}
        if not r["active"]:
            return {**empty, "reason": "W_ACCOUNT"}
        if r["recused"]:
            return {**empty, "reason": "W_RECUSED"}
        asked = [p for p in self.d["parts"] if r["language"] in (None, p["language"]) and r["variant"] in (None, p["variant"])]
        if not asked:
            return {**empty, "reason": "W_SCOPE_PART"}
        found = [(p["id"], *self.part(p)) for p in asked]
        good = [f for f in found if f[2]]
        withheld = {f[0]: f[3] for f in found if not f[2]}
        if not good:
            lowest = min(f[1] for f in found)
            return {**empty, "reason": next(f[3] for f in found if f[1] == lowest), "withheld": withheld}
        ends = [e for f in good for e in f[4]]
        return {
            "outcome": "PERMIT", "reason": good[0][3], "parts": [f[0] for f in good], "withheld": withheld,
            "not_after": min(ends) if ends else None,
            "obligations": list(dict.fromkeys(o for f in good for o in f[5])),
        }
