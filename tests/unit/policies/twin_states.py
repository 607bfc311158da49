"""A slow twin of what one State answers, read straight off `docs/spec/consent.md` over plain JSON.

It shares no code with the room. Where the two disagree, one of the two readings of the rules is wrong. It does not follow
successions in a circle.
"""

from datetime import UTC, datetime

LADDER = ["see_existence", "view", "download", "print"]
WIDER = {"see_existence": LADDER, "view": LADDER[1:], "download": LADDER[2:], "print": LADDER[2:]}
LOWER = {"see_existence": LADDER[:1], "view": LADDER[:2], "download": LADDER, "print": LADDER}
LEVELS = ["authority", "status", "verified", "document", "part", "recipient", "action", "purpose", "language",
          "embargo", "expired"]


def when(text):
    """An instant of the complete format, in which every time but adoption is one."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def permits_action(named, action):
    return any(name in WIDER.get(action, [action]) for name in named)


def denies_action(named, action):
    return any(name in LOWER.get(action, [action]) for name in named)


def ok(values, value):
    return values is None or value in values


class TwinOfStates:
    def __init__(self, case, now):
        self.c, self.now = case, now
        self.r, self.d = case["request"], case["document"]

    # --- events -------------------------------------------------------------------------------------------------
    def acts(self, i, e):
        t = when(e["at"])
        if e["effective"] is not None:
            t = max(t, when(e["effective"]))
        if e["type"] in ("granted", "partially_granted"):
            t = max(t, when(i["received_on"]))
        return t

    def acting(self, i, at):
        found = [(self.acts(i, e), n, e) for n, e in enumerate(i["events"]) if when(e["at"]) <= self.now]
        return [e for t, n, e in sorted(found, key=lambda x: x[:2]) if t <= at]

    def raw_status(self, i, at, void=True):
        events = self.acting(i, at)
        if void and "invalidated" in [e["type"] for e in events]:
            return "invalidated"
        status = None
        for n, e in enumerate(events):
            kind, before = e["type"], [x["type"] for x in events[:n]]
            if kind in ("refused", "lapsed", "withdrawn", "superseded", "rejected"):
                return kind
            if kind in ("suspended", "disputed"):
                status = "suspended"
            if kind in ("requested", "deferred"):
                status = "pending"
            if kind in ("granted", "partially_granted") and set(before) <= {"recorded", "requested", "deferred"}:
                status = "in force"
            if kind == "resumed" and status == "suspended":
                since = []
                for x in reversed(events[: n + 1]):
                    if x["type"] in ("suspended", "disputed"):
                        break
                    if x["type"] == "resumed":
                        since.append(x)
                if any(x["by_state"] for x in since) or len({x["by"] for x in since if x["by"]}) >= 2:
                    status = "in force"
            status = status or "recorded"
        return status

    def verified(self, i, at):
        events = self.acting(i, at)
        for n, e in enumerate(events):
            if e["type"] in ("refused", "lapsed", "withdrawn", "superseded", "rejected"):
                events = events[:n]
                break
        recorders = [e["by"] for e in events if e["type"] == "recorded" and e["by"]]
        for e in events:
            if e["type"] in ("granted", "partially_granted"):
                if e["by_state"] or (e["by"] and recorders and e["by"] not in recorders):
                    return True
        return False

    def up(self, i, at):
        return self.raw_status(i, at) == "in force" and self.verified(i, at)

    def ended_by_two(self, i, kinds):
        for kind in kinds:
            these = [e for e in self.acting(i, self.now) if e["type"] == kind]
            if any(e["by_state"] for e in these) or len({e["by"] for e in these if e["by"]}) >= 2:
                return True
        return False

    # --- succession -----------------------------------------------------------------------------------------------
    def successors(self, s):
        heirs = [x["successor"] for x in self.c["successions"] if x["predecessor"] == s and when(x["on"]) <= self.now]
        if not heirs:
            return [s]
        return [leaf for h in heirs for leaf in ([s] if h == s else self.successors(h))]

    def paths(self, s, target, how, seen):
        """Every way in which `target`'s instruments come to `s`."""
        for x in self.c["successions"]:
            if x["successor"] != s or when(x["on"]) > self.now or x["predecessor"] in (s, *seen):
                continue
            adopted = datetime.fromisoformat(self.d["adopted_on"]).replace(tzinfo=UTC)
            step = how
            if x["mode"] == "succeeds":
                step = "suspended" if how != "absent" else how
            if x["mode"] == "separates":
                step = "absent" if how == "absent" or adopted >= when(x["on"]) else "suspended"
            if x["predecessor"] == target:
                yield step
            yield from self.paths(x["predecessor"], target, step, (*seen, x["predecessor"]))

    def view(self, s):
        mine = []
        for i in self.c["instruments"]:
            if i["state"] == s:
                mine.append((i, "stands"))
                continue
            ways = set(self.paths(s, i["state"], "stands", (s,)))
            how = "absent" if not ways else ways.pop() if len(ways) == 1 else "suspended"
            if how != "absent":
                mine.append((i, how))
        return mine

    # --- one State ------------------------------------------------------------------------------------------------
    def names(self, other, i):
        return i["id"] in other["supersedes"] and other["authority_competent"]

    def instants(self, i):
        return sorted({self.acts(i, e) for e in i["events"] if when(e["at"]) <= self.now})

    def superseded(self, i, view):
        """Replayed instant by instant: what is superseded at an earlier one is not in force at a later."""
        gone = set()
        for t in sorted({t for other, _ in view for t in self.instants(other) if t <= self.now}):
            up = [other for other, _ in view if other["id"] not in gone and self.up(other, t)]
            up = [other for other in up if self.raw_status(other, self.now) not in ("invalidated", "rejected")]
            gone |= {x["id"] for x, _ in view if any(self.names(other, x) for other in up)}
        return i["id"] in gone

    def silenced(self, i, view):
        return any(
            self.names(other, i) and how == "stands" and self.up(other, self.now) and not self.superseded(other, view)
            for other, how in view
        )

    def status_reason(self, i, how):
        status = self.raw_status(i, self.now)
        if how == "suspended" and status in ("recorded", "pending", "in force"):
            status = "suspended"
        if status == "pending":
            return "W_LAPSED" if i["reply_by"] and self.now >= when(i["reply_by"]) else "W_PENDING"
        return {"in force": None, "recorded": "W_UNVERIFIED", "invalidated": "W_INVALID_AUTHORITY"}.get(
            status, f"W_{str(status).upper()}"
        )

    def doc_ok(self, p, i, deny, refused):
        d, refs = self.d, p["scope_ref"]
        scope = {"all": True, "kind": d["kind"] in refs, "visit": d["visit"] in refs, "document": d["id"] in refs,
                 "part": any(ref.startswith(d["id"] + "/") for ref in refs)}[p["scope"]]
        time = p["time_scope"] or ("future" if p["effect"] == "permit" and p["scope"] in ("all", "kind") else "all")
        if refused and p["time_scope"] != "between":
            time = "all"
        day = d["adopted_on"]
        if time == "future" and not day >= i["received_on"][:10]:
            return False
        if time == "between":
            if (p["adopted_from"] and day < p["adopted_from"]) or (p["adopted_to"] and day > p["adopted_to"]):
                return False
        return scope

    def part_ok(self, p, part):
        return p["scope"] != "part" or f"{self.d['id']}/{part['id']}" in p["scope_ref"]

    def denied(self, p, i, part, refused):
        r = self.r
        return (
            self.doc_ok(p, i, True, refused)
            and self.part_ok(p, part)
            and ok(p["grantees"], r["organisation"])
            and denies_action(p["actions"], r["action"])
            and ok(p["purposes"], r["purpose"])
            and ok(p["languages"], part["language"])
            and ok(p["variants"], part["variant"])
            and (refused or p["valid_from"] is None or self.now >= when(p["valid_from"]))
            and (p["valid_to"] is None or self.now < when(p["valid_to"]))
        )

    def permit_level(self, p, i, how, part):
        """The level at which a permit misses, with its reason; None if it matches."""
        r, now = self.r, self.now
        conditions = [{"kind": x, "parameter": None} if isinstance(x, str) else x for x in i["conditions"]]

        def given(kind):
            return [x["parameter"] for x in conditions if x["kind"] == kind]

        if not i["authority_competent"]:
            return "authority", "W_INVALID_AUTHORITY"
        if self.status_reason(i, how):
            return "status", self.status_reason(i, how)
        if not self.verified(i, now):
            return "verified", "W_UNVERIFIED"
        if p is None or not self.doc_ok(p, i, False, False):
            return "document", "W_SCOPE_DOCUMENT"
        names = [part["id"], f"{self.d['id']}/{part['id']}"]
        if not self.part_ok(p, part) or not all(any(n in x for n in names) for x in given("parts_only")):
            return "part", "W_SCOPE_PART"
        if r["organisation"] not in p["grantees"] or not all(r["officer"] in x for x in given("named_readers_only")):
            return "recipient", "W_SCOPE_RECIPIENT"
        action = r["action"]
        if (
            not permits_action(p["actions"], action)
            or (given("view_only") and action not in ("see_existence", "view"))
            or (given("no_onward_sharing") and action in ("forward", "publish"))
            or (given("no_quotation") and action == "quote")
        ):
            return "action", "W_SCOPE_ACTION"
        if (
            not ok(p["purposes"], r["purpose"])
            or not all(r["purpose"] in x for x in given("purpose_limitation"))
            or (r["purpose"] == "complaint_handling" and p["purposes"] is None)
        ):
            return "purpose", "W_SCOPE_PURPOSE"
        if (
            not ok(p["languages"], part["language"])
            or not ok(p["variants"], part["variant"])
            or not all(part["language"] in x for x in given("language_only"))
            or (given("redact_named_persons") and part["variant"] != "redacted")
        ):
            return "language", "W_SCOPE_LANGUAGE"
        happened = self.c["document_events"]

        def over(until):
            if until[0].isdigit():
                return now >= when(until)
            return until in happened and now >= when(happened[until])

        own = [over(x) for x in (p["embargo_until"], p["embargo_event"]) if x is not None]
        if (
            (p["valid_from"] is not None and now < when(p["valid_from"]))
            or (own and not (any if p["embargo_rule"] == "first" else all)(own))
            or not all(over(x) for x in given("embargo_until"))
        ):
            return "embargo", "W_EMBARGO"
        if any(now >= when(x) for x in [*given("retain_until"), *([p["valid_to"]] if p["valid_to"] else [])]):
            return "expired", "W_EXPIRED"
        return None

    def end(self, p, i):
        ends = [when(x["parameter"]) for x in i["conditions"] if isinstance(x, dict) and x["kind"] == "retain_until"]
        ends += [when(p["valid_to"])] if p["valid_to"] else []
        ends += [t for t in self.instants(i) if t > self.now and not self.up(i, t)]
        return min(ends) if ends else None

    def one_state(self, s, part):
        view = self.view(s)
        permits, misses = [], []
        for i, how in view:
            status = self.raw_status(i, self.now)
            if status != "invalidated" and (status in (None, "superseded", "rejected") or self.superseded(i, view)):
                continue
            for p in i["provisions"] or [None]:
                if p is not None and p["effect"] == "deny":
                    continue
                if p is not None and self.r["action"] in LADDER and not set(p["actions"]) & set(LADDER):
                    continue
                level = self.permit_level(p, i, how, part)
                if level is None:
                    permits.append((p, i))
                else:
                    misses.append(level)
        for i, _how in view:
            if not self.acting(i, self.now) or not i["authority_competent"] or self.silenced(i, view):
                continue
            if any(i["id"] in other["amends"] + other["supersedes"] for _, other in permits):
                continue
            refused = self.raw_status(i, self.now, void=False) == "refused"
            refused = refused and not self.ended_by_two(i, ["invalidated"])
            live = not self.ended_by_two(i, ["withdrawn", "lapsed", "superseded", "rejected", "invalidated"])
            hits = refused and not i["provisions"]
            for p in i["provisions"]:
                hits = hits or (refused and self.denied(p, i, part, True))
                hits = hits or (live and p["effect"] == "deny" and self.denied(p, i, part, False))
            if hits:
                return "W_CONFLICT_DENY" if permits else "W_REFUSED", []
        if permits:
            return None, permits
        if not misses:
            return "W_NO_CONSENT", []
        best = max(LEVELS.index(level) for level, _ in misses)
        return next(reason for level, reason in misses if LEVELS.index(level) == best), []
