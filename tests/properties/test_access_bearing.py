"""A decision on the instruments that bear on a report, and on the one that comes nearest, is the one on the whole register.

Equal in every word: outcome, reasons, parts, ends, obligations, basis, and which instrument each State's answer names.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.access import nearest as nearest_module
from exchange.access.decide import purposes_alike
from exchange.access.facts import Bearing
from exchange.access.instruments import counted
from exchange.access.nearest import Nearest
from exchange.consents.models import ConsentEvent, ConsentInstrument
from exchange.consents.register import Registered, in_order, instrument_of
from exchange.consents.scopes import names_of, spoken_of
from policies import vocabulary as words
from policies.decision import decide
from policies.facts import Document, Facts, OriginatorDecision, Part, Request
from policies.provisions import Question, names_document

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OWNER, READER, STRANGER, STATE = "coe-cpt", "un-spt", "iachr", "state:XA"
# What provisions speak of: most of another document, D2, and some in a way that names nothing.
SCOPES = (
    ("all", None), ("kind", "visit_report"), ("kind", "note_verbale"), ("visit", "V1"), ("visit", "V2"),
    ("document", "D1"), ("document", "D2"), ("document", ["D2", "D1"]), ("document", None),
    ("part", "D1/p1"), ("part", "D2/p1"), ("part", ["D2/p1", "D1/p2"]), ("part", "p1"),
)  # fmt: skip
PROVISION = st.builds(
    lambda scope, effect, actions, more: {
        "scope": scope[0], "scope_ref": scope[1], "effect": effect, "actions": actions, "time_scope": "all",
        "adopted_from": None, "adopted_to": None, "grantees": [READER], "purposes": None, "languages": None,
        "variants": None, "valid_from": None, "valid_to": None, "embargo_until": None, "embargo_event": None,
        "embargo_rule": "last", **more,
    },
    st.sampled_from((*SCOPES, ("document", "D2"), ("document", "D2"))),
    st.sampled_from(["permit", "permit", "permit", "deny"]),
    st.sampled_from([["view"], ["view", "download"], ["quote"], ["quote"], ["see_existence"]]),
    st.sampled_from(
        [{}, {}, {}, {"grantees": ["npm-xa"]}, {"purposes": ["follow_up"]}, {"languages": ["fr"]}, {"time_scope": None},
         {"valid_to": "2026-01-01"}, {"valid_to": "2026-03-12"}]
    ),
)  # fmt: skip
EVENTS = ("granted", "refused", "suspended", "resumed", "withdrawn", "requested", "rejected", "invalidated")
EFFECTIVE = st.sampled_from([None, None, None, NOW + timedelta(days=1), NOW + timedelta(days=3)])
SPEAKERS = st.sampled_from([OWNER, OWNER, STRANGER, STATE])
LATER = st.one_of(
    st.sampled_from([[("granted", OWNER, None)], [("granted", OWNER, None)], [("granted", STATE, None)], []]),
    st.lists(st.tuples(st.sampled_from(EVENTS), SPEAKERS, EFFECTIVE), max_size=4),
)
INSTRUMENT = st.fixed_dictionaries(
    {
        "provisions": st.lists(PROVISION, min_size=1, max_size=2) | st.just([]),
        "events": LATER,
        "body": SPEAKERS,
        "competent": st.sampled_from([True, True, True, True, False]),
        "conditions": st.sampled_from(
            [[], [], ["view_only"], ["mark_copies"], [{"kind": "purpose_limitation", "parameter": ["deconfliction"]}]]
        ),
        "names": st.sampled_from([None, 0, 1, 2]),
        "how": st.sampled_from(["supersedes", "supersedes", "amends"]),
    }
)


def registered(number: int, drawn: Mapping[str, Any]) -> Registered:
    """The instrument of XA that was recorded as the `number`th; it may replace or limit one recorded before it."""
    named = [f"I{drawn['names']}"] if drawn["names"] is not None and drawn["names"] < number else []
    terms: dict[str, Any] = {
        "amends": named if drawn["how"] == "amends" else [],
        "authority_competent": drawn["competent"],
        "conditions": drawn["conditions"],
        "kind": "standing",
        "provisions": drawn["provisions"],
        "received_on": "2025-01-01",
        "reply_by": "2026-03-11",
        "state": "XA",
        "supersedes": named if drawn["how"] == "supersedes" else [],
        "undertaking": None,
    }
    said = [("recorded", drawn["body"], None), *drawn["events"]]
    rows = tuple(
        ConsentEvent(
            instrument=f"I{number}", number=n, type=event, at=NOW - timedelta(days=9) + timedelta(hours=number, minutes=n),
            effective=effective, by=f"{body} {n}", by_body=body, by_state=body == STATE,
            statement=bytes([number + 1, n]) * 16,
        )
        for n, (event, body, effective) in enumerate(said)
    )  # fmt: skip
    row = ConsentInstrument(
        id=f"I{number}", state="XA", version=number + 1, recorder=f"{drawn['body']} 0", recorder_body=drawn["body"],
        record=bytes([number + 1]) * 32, evidence=None,
    )  # fmt: skip
    return Registered(row, rows, instrument_of(row.id, terms, in_order(rows), None), terms)


REGISTERS = st.lists(INSTRUMENT, min_size=1, max_size=5).map(
    lambda drawn: [registered(number, each) for number, each in enumerate(drawn)]
)


@dataclass
class Held:
    """A register in memory that is asked as the one in the database is."""

    every: Sequence[Registered]
    asked: int = 0

    def versions(self, uow: Any, states: Collection[str]) -> dict[str, int]:
        """See Register."""
        return dict.fromkeys(states, len(self.every))

    def first_heard(
        self, uow: Any, after: Mapping[str, int], bodies: Collection[str], limit: int, known: datetime | None = None
    ) -> dict[str, list[tuple[int, str]]]:
        """See Register."""
        self.asked += 1
        heard = [
            (each.row.version, each.row.id)
            for each in self.every
            if each.row.recorder_body in bodies or any(e.by_state or e.type == "refused" for e in each.events)
        ]
        return {state: [each for each in heard if each[0] > version][:limit] for state, version in after.items()}

    def bearing(
        self,
        uow: Any,
        states: Collection[str],
        names: Collection[str],
        also: Collection[str] = (),
        known: datetime | None = None,
    ) -> list[Registered]:
        """See Register."""
        return list(Bearing(self.every).on(["XA"], frozenset(names) if states else frozenset(), frozenset(also)))


def document(kind: str, visit: str | None) -> Document:
    """The CPT's document D1 on XA in two languages."""
    parts = tuple(
        Part(
            id=name, states=("XA",), language=language, variant="original", personal_data=False, published=False, regime=None,
            recalled=None
        )
        for name, language in (("p1", "en"), ("p2", "fr"))
    )
    return Document(
        id="D1", kind=kind, originators=(OWNER,), deposited_by=OWNER, addressed_to=(READER,), regime="R1",
        adopted_on=date(2025, 7, 4), visit=visit, class_ordinal=2, tier="confidential", statutory_recipients=(),
        override=None, person_recipients=(), emergency=None, stopped=False, held_until=None, parts=parts,
    )  # fmt: skip


def facts(about: Document, heard: Sequence[Registered], action: str, purpose: str) -> Facts:
    """The facts of a request of the SPT's, as far as these instruments say them."""
    decision = OriginatorDecision(
        organisation=OWNER, effect="permit", grantee=READER, actions=words.ACTIONS, parts=None, kinds=None, states=None,
        valid_from=None, valid_to=None,
    )  # fmt: skip
    request = Request(
        organisation=READER, organisation_kind="mechanism", officer="o1", role="officer", action=action, purpose=purpose,
        language=None, variant=None, clearance=3, active=True, recused=False,
    )  # fmt: skip
    return Facts(
        request=request, document=about, originator_decisions=(decision,), instruments=counted(heard, (OWNER,), NOW),
        undertakings_accepted=(), document_events={}, person_consents=(), successions=(),
    )  # fmt: skip


def at(moment: datetime, *, write: bool = False) -> Any:
    """A unit of work at a moment."""
    return SimpleNamespace(now=moment, write=write)


PAIR = ("XA", frozenset({OWNER}))
DOCUMENTS = st.builds(document, st.sampled_from(["visit_report", "follow_up_response"]), st.sampled_from([None, "V1"]))


@settings(max_examples=600)
@given(REGISTERS, DOCUMENTS, st.sampled_from(words.ACTIONS), st.sampled_from(["follow_up", "complaint_handling"]))
def test_a_decision_on_what_bears_is_the_one_on_all(
    every: list[Registered], about: Document, action: str, purpose: str
) -> None:
    """Whatever stands in the register, however few of it are read at once."""
    held = Held(every)
    with patch.object(nearest_module, "_CHUNK", 2):
        found = Nearest(held).of(at(NOW), [PAIR])  # type: ignore[arg-type]
    bearing = held.bearing(None, ["XA"], names_of(about), found[PAIR])
    assert decide(facts(about, bearing, action, purpose), NOW) == decide(facts(about, every, action, purpose), NOW)


@given(REGISTERS, DOCUMENTS, st.lists(st.integers(0, 5), min_size=2, max_size=4))
def test_what_is_remembered_is_what_would_be_found(every: list[Registered], about: Document, days: list[int]) -> None:
    """At any later instant, and again at an earlier one, although events begin to act in between."""
    held = Held(every)
    kept = Nearest(held)  # type: ignore[arg-type]
    for day in days:
        moment = NOW + timedelta(days=day)
        assert kept.of(at(moment), [PAIR]) == Nearest(held).of(at(moment), [PAIR])  # type: ignore[arg-type]


@given(REGISTERS, DOCUMENTS)
def test_without_the_nearest_what_is_permitted_is_the_same(every: list[Registered], about: Document) -> None:
    """For lists that show no reasons: parts and ends, not why something is withheld."""
    bearing = Held(every).bearing(None, ["XA"], names_of(about))
    for action in ("see_existence", "view"):
        some, all_ = (decide(facts(about, heard, action, "follow_up"), NOW) for heard in (bearing, every))
        assert (some.outcome, some.parts, some.not_after) == (all_.outcome, all_.parts, all_.not_after)


@given(REGISTERS, DOCUMENTS, st.sampled_from(words.ACTIONS))
def test_purposes_that_nobody_names_are_decided_alike(every: list[Registered], about: Document, action: str) -> None:
    """Every purpose is in one group, and within a group the decision is the same in every word."""
    groups = purposes_alike(facts(about, every, action, "follow_up"))
    assert sorted(purpose for group in groups for purpose in group) == sorted(words.PURPOSES)
    for group in groups:
        first = decide(facts(about, every, action, group[0]), NOW)
        assert all(decide(facts(about, every, action, purpose), NOW) == first for purpose in group)


@given(REGISTERS, DOCUMENTS)
def test_what_speaks_of_a_document_is_found_by_name(every: list[Registered], about: Document) -> None:
    """A provision that names the document is found by one of the document's names."""
    for each in every:
        question = Question(facts(about, [], "view", "follow_up"), NOW)
        if any(names_document(provision, question) for provision in each.instrument.provisions):
            assert not names_of(about).isdisjoint(spoken_of(each.instrument))


def test_a_known_answer_asks_for_nothing_more() -> None:
    """While the State's register does not change nothing is looked for again; in a writing unit nothing is remembered."""
    drawn = {"provisions": [], "events": [("granted", OWNER, None)], "body": OWNER, "competent": True, "conditions": []}
    held = Held([registered(0, {**drawn, "names": None, "how": "amends"})])
    kept = Nearest(held)  # type: ignore[arg-type]
    kept.of(at(NOW, write=True), [PAIR])
    kept.of(at(NOW), [PAIR])
    assert held.asked == 2
    kept.of(at(NOW), [PAIR])
    kept.of(at(NOW, write=True), [PAIR])
    assert held.asked == 2
    held.every = [*held.every, registered(1, {**drawn, "names": None, "how": "amends"})]
    kept.of(at(NOW), [PAIR])
    assert held.asked == 3


def plain(number: int, scope: str, ref: str, **changes: Any) -> Registered:
    """An instrument that the CPT recorded and confirmed, with one permit."""
    provision = {
        "scope": scope, "scope_ref": ref, "effect": "permit", "actions": ["view"], "time_scope": "all", "adopted_from": None,
        "adopted_to": None, "grantees": [READER], "purposes": None, "languages": None, "variants": None,
        "valid_from": None, "valid_to": None, "embargo_until": None, "embargo_event": None, "embargo_rule": "last",
    }  # fmt: skip
    drawn = {
        "provisions": [{**provision, **changes.pop("provision", {})}], "events": [("granted", OWNER, None)], "body": OWNER,
        "competent": True, "conditions": [], "names": None, "how": "supersedes",
    }  # fmt: skip
    return registered(number, {**drawn, **changes})


WORLDS = {
    "nearest is of another document": [plain(0, "document", "D2"), plain(1, "document", "D3")],
    "nearest is not passed over": [plain(0, "document", "D2", provision={"actions": ["quote"]}), plain(1, "document", "D3")],
    "nearest is past a chunk": [*(plain(n, "document", "D2", events=[]) for n in range(3)), plain(3, "document", "D2")],
    "nearest is a refusal": [plain(0, "document", "D2", body=STRANGER, events=[("refused", STRANGER, None)])],
    "nearest is the state's own no": [
        plain(0, "document", "D2", events=[("refused", STATE, None), ("rejected", OWNER, None)])
    ],
    "replaced by what speaks of another": [
        plain(0, "document", "D2"), plain(1, "document", "D1"), plain(2, "document", "D2", names=1)
    ],
}  # fmt: skip


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("action", ["view", "quote"])
def test_registers_in_which_others_matter(world: str, action: str) -> None:
    """Each has an instrument of another document on which the answer turns: leaving it out would change what is told."""
    every, about = WORLDS[world], document("visit_report", None)
    held = Held(every)
    with patch.object(nearest_module, "_CHUNK", 2):
        found = Nearest(held).of(at(NOW), [PAIR])  # type: ignore[arg-type]
    bearing = held.bearing(None, ["XA"], names_of(about), found[PAIR])
    told = decide(facts(about, every, action, "follow_up"), NOW)
    assert decide(facts(about, bearing, action, "follow_up"), NOW) == told
    alone = [each for each in every if not names_of(about).isdisjoint(each.speaks_of)]
    if action == "view":
        assert decide(facts(about, alone, action, "follow_up"), NOW) != told
