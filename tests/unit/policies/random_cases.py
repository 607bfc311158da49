"""Random case files near the permitting example, for the twin and the properties."""

DAYS = ["2024-02-29", "2024-03-01", "2024-03-02", "2025-07-04", "2026-03-09", "2026-03-10", "2026-03-10T12:00:00Z",
        "2026-03-10T11:59:59Z", "2026-03-10T12:00:01Z", "2026-03-11", "2026-06-01"]
ORGS = ["un-spt", "coe-cpt", "npm-xa", "state:XA", "state:XB", "echr"]
STATES = ["XA", "XA", "XB", "XC"]
EVENTS = ["recorded", "requested", "deferred", "granted", "partially_granted", "refused", "lapsed", "suspended",
          "disputed", "resumed", "withdrawn", "superseded", "invalidated", "rejected"]
ACTIONS = ["see_existence", "view", "download", "print", "forward", "publish", "translate", "quote"]
PURPOSES = ["follow_up", "visit_preparation", "complaint_handling", "publication"]
CONDITIONS = ["redact_named_persons", "view_only", "no_onward_sharing", "no_quotation", "confidential_treatment",
              "mark_copies", "notify_state_of_access"]


class Maker:
    """Random cases: each field is other than its default with probability `wild`; `rng` decides everything."""

    def __init__(self, rng, wild):
        self.rng, self.wild = rng, wild

    def some(self, values, low=0):
        return self.rng.sample(values, self.rng.randint(low, min(3, len(values))))

    def pick(self, *values):
        return self.rng.choice(values)

    def record(self, **fields):
        return {key: make() for key, make in fields.items() if self.rng.random() < self.wild}

    def day(self):
        return self.rng.choice(DAYS)

    def day_or_null(self):
        return self.pick(None, self.day())

    def condition(self):
        kind = self.pick("plain", "plain", "list", "time")
        if kind == "plain":
            return self.rng.choice(CONDITIONS)
        if kind == "time":
            name = self.pick("retain_until", "embargo_until")
            return {"kind": name, "parameter": self.pick(self.day(), *(["published"] if name == "embargo_until" else []))}
        name, values = self.pick(
            ("parts_only", ["p1", "D1/p1", "D1/p2", "p3"]), ("language_only", ["en", "fr"]),
            ("purpose_limitation", PURPOSES), ("named_readers_only", ["o1", "o2"]),
        )
        return {"kind": name, "parameter": self.some(values, 1)}

    def provision(self):
        return self.record(
            effect=lambda: self.pick("permit", "deny"),
            scope=lambda: self.pick("all", "kind", "visit", "document", "part"),
            scope_ref=lambda: self.pick(None, "visit_report", "V1", "D1", "D1/p1", ["D1/p1", "D1/p2"], ["D2/p1", "V2"],
                                        ["state_response", "visit_report"]),
            time_scope=lambda: self.pick(None, "future", "all", "between"),
            adopted_from=lambda: self.pick(None, "2025-07-04", "2025-07-05"),
            adopted_to=lambda: self.pick(None, "2025-07-04", "2025-07-03"),
            grantees=lambda: self.some(ORGS),
            actions=lambda: self.some(ACTIONS),
            purposes=lambda: self.pick(None, self.some(PURPOSES)),
            languages=lambda: self.pick(None, ["en"], ["fr"], ["en", "fr"]),
            variants=lambda: self.pick(None, ["original"], ["redacted"]),
            valid_from=self.day_or_null, valid_to=self.day_or_null, embargo_until=self.day_or_null,
            embargo_event=lambda: self.pick(None, "published"), embargo_rule=lambda: self.pick("first", "last"),
        )

    def any_or(self, provision):
        if provision.get("effect") == "deny" and self.rng.random() < 0.5:
            provision["grantees"] = None
        return provision

    def event(self):
        return {
            "type": self.rng.choice(EVENTS), "at": self.day(), "by": self.pick("a", "b", "c", None),
            **self.record(by_state=lambda: self.pick(True, False), effective=self.day_or_null),
        }

    def instrument(self, name, others):
        granted = [{"type": "recorded", "at": "2024-03-01", "by": "a"}, {"type": "granted", "at": "2024-03-02", "by": "b"}]
        events = self.pick(granted, granted, [], [{"type": "refused", "at": "2024-03-02", "by": "b"}], granted[:1])
        return {
            "id": name,
            **self.record(
                state=lambda: self.rng.choice(STATES), authority_competent=lambda: self.pick(True, True, False),
                received_on=self.day, reply_by=self.day_or_null, amends=lambda: self.some(others),
                supersedes=lambda: self.some(others), provisions=lambda: [
                    self.any_or(self.provision()) for _ in range(self.rng.randint(0, 2))],
                conditions=lambda: [self.condition() for _ in range(self.rng.randint(0, 3))],
                undertaking=lambda: self.pick(None, "u1", "u2"),
                events=lambda: events + [self.event() for _ in range(self.rng.randint(0, 3))],
            ),
        }

    def part(self, name):
        return {
            "id": name,
            **self.record(
                states=lambda: self.some(STATES), language=lambda: self.pick("en", "fr"),
                variant=lambda: self.pick("original", "redacted"), personal_data=lambda: self.pick(True, False),
                published=lambda: self.pick(True, False, False), regime=lambda: self.pick(None, "R1", "R3", "R5"),
                recalled=lambda: self.pick(None, None, None, None, "everyone", "agreement"),
            ),
        }

    def request(self):
        return self.record(
            organisation=lambda: self.rng.choice(ORGS),
            organisation_kind=lambda: self.pick("mechanism", "npm", "court", "state", "audit", "public"),
            officer=lambda: self.pick("o1", "o2"), action=lambda: self.rng.choice(ACTIONS),
            purpose=lambda: self.rng.choice(PURPOSES), language=lambda: self.pick(None, "en", "fr"),
            variant=lambda: self.pick(None, "original", "redacted"), clearance=lambda: self.pick(1, 2, 3),
            active=lambda: self.pick(True, True, False), recused=lambda: self.pick(False, False, True),
        )

    def document(self):
        people = ["a", "b", None]
        return {
            "id": "D1",
            **self.record(
                kind=lambda: self.pick("visit_report", "state_response", "public_statement", "working_document",
                                       "reprisals_allegation", "annual_report", "urgent_appeal"),
                originators=lambda: self.pick(["un-spt"], ["coe-cpt", "un-spt"], self.some(ORGS)),
                deposited_by=lambda: self.pick(None, "state:XA", "coe-cpt"), addressed_to=lambda: self.some(ORGS),
                regime=lambda: self.pick("R1", "R2", "R3", "R5"),
                adopted_on=lambda: self.pick("2024-02-29", "2024-03-01", "2025-07-04", "2026-03-10"),
                visit=lambda: self.pick(None, "V1", "V2"), class_ordinal=lambda: self.pick(0, 2, 3),
                tier=lambda: self.pick("confidential", "confidential", "free", "alert", "evidence"),
                statutory_recipients=lambda: [
                    self.pick(o, {"organisation": o, "parts": self.pick(None, ["p1"], ["p2"])}) for o in self.some(ORGS)],
                override=lambda: self.pick(None, "opcat-16-4-report", "opcat-16-4-statement", "ecpt-10-2-statement"),
                person_recipients=lambda: self.some(ORGS),
                emergency=lambda: self.pick(None, {
                    "by": self.pick(*people), "confirmed_by": self.pick(*people), "to": self.some(ORGS),
                    "at": self.pick("2026-03-07T12:00:00Z", "2026-03-07T12:00:01Z", "2026-03-10", "2026-03-11")}),
                stopped=lambda: self.pick(True, False, False), held_until=self.day_or_null,
                parts=lambda: [self.part(f"p{n + 1}") for n in range(self.rng.randint(0, 3))],
            ),
        }

    def decision(self):
        return self.record(
            organisation=lambda: self.rng.choice(ORGS), effect=lambda: self.pick("permit", "permit", "deny"),
            grantee=lambda: self.pick(None, *ORGS), actions=lambda: self.some(ACTIONS),
            parts=lambda: self.pick(None, ["p1"], ["p2"]), kinds=lambda: self.pick(None, ["visit_report"], ["urgent_appeal"]),
            states=lambda: self.pick(None, ["XA"], ["XA", "XB"]), valid_from=self.day_or_null, valid_to=self.day_or_null,
        )

    def case(self):
        names = [f"I{n + 1}" for n in range(self.rng.randint(0, 4))]
        return {
            "id": "T", "expect": {"outcome": "PERMIT", "reason": "P_CONSENT"},
            "now": self.pick("2026-03-10T12:00:00Z", "2026-03-10T12:00:00Z", "2026-03-10", "2024-03-02"),
            **self.record(
                request=self.request, document=self.document,
                originator_decisions=lambda: [self.decision() for _ in range(self.rng.randint(1, 3))],
                undertakings_accepted=lambda: self.some(["u1", "u2"]),
                document_events=lambda: {"published": self.day()},
                person_consents=lambda: [
                    {"action": self.rng.choice(ACTIONS), "grantee": self.pick(None, *ORGS),
                     "part": self.pick("p1", "p2"), **self.record(withdrawn=lambda: self.pick(True, False, self.day()))}
                    for _ in range(self.rng.randint(0, 3))],
                successions=lambda: [
                    {"predecessor": pair[0], "successor": pair[1], "on": self.day(),
                     "mode": "continues" if pair[0] == pair[1] else self.pick("continues", "succeeds", "separates")}
                    for pair in self.some([("XA", "XB"), ("XA", "XC"), ("XB", "XC"), ("XC", "XD"), ("XA", "XA")])],
            ),
            **({"instruments": [self.instrument(name, names) for name in names]} if self.rng.random() < 0.9 else {}),
        }
