"""Whatever stands in the register: a stranger's record opens nothing, and a State has no more than its closed list."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exchange.access.decide import CLOSED_LIST, judge
from exchange.access.instruments import counted
from exchange.consents.models import ConsentEvent, ConsentInstrument
from exchange.consents.register import Registered, in_order, instrument_of
from policies import vocabulary as words
from policies.decision import decide
from policies.facts import Document, Facts, Instrument, OriginatorDecision, Part, Request, StatutoryRecipient
from policies.status import REFUSED, acting, replay_without_invalidation

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OWNER, READER, STRANGER = "coe-cpt", "un-spt", "iachr"
BODIES = st.sampled_from([READER, "npm-xa", "state:XA"])
KINDS = (
    "visit_report",
    "annual_report",
    "public_statement",
    "note_verbale",
    "reprisals_allegation",
    "follow_up_response",
)

PROVISIONS = st.fixed_dictionaries(
    {
        "effect": st.sampled_from(words.EFFECTS),
        "scope": st.sampled_from(["all", "kind", "document"]),
        "scope_ref": st.sampled_from([None, "visit_report", "D1"]),
        "time_scope": st.sampled_from([None, "all", "future"]),
        "adopted_from": st.none(),
        "adopted_to": st.none(),
        "grantees": st.lists(BODIES, max_size=2, unique=True),
        "actions": st.lists(st.sampled_from(words.ACTIONS), min_size=1, max_size=3, unique=True),
        "purposes": st.sampled_from([None, ["follow_up"]]),
        "languages": st.sampled_from([None, ["fr"]]),
        "variants": st.none(),
        "valid_from": st.none(),
        "valid_to": st.sampled_from([None, "2026-01-01"]),
        "embargo_until": st.none(),
        "embargo_event": st.none(),
        "embargo_rule": st.just("last"),
    }
)
LATER = st.lists(st.sampled_from(["granted", "refused", "suspended", "withdrawn", "requested"]), max_size=4)


@st.composite
def registered(draw: st.DrawFn, number: int, body: str, others: tuple[str, ...]) -> Registered:
    """An instrument of XA that officers of `body` recorded, with whatever followed."""
    terms: dict[str, Any] = {
        "amends": draw(st.lists(st.sampled_from(others), max_size=1)) if others else [],
        "authority_competent": True,
        "conditions": draw(st.lists(st.sampled_from(["view_only", "mark_copies"]), max_size=1)),
        "kind": "standing",
        "provisions": draw(st.lists(PROVISIONS, max_size=3)),
        "received_on": "2025-01-01",
        "reply_by": None,
        "state": "XA",
        "supersedes": draw(st.lists(st.sampled_from(others), max_size=1)) if others else [],
        "undertaking": None,
    }
    name = f"I{number}"
    rows = tuple(
        ConsentEvent(
            instrument=name,
            number=n,
            type=event,
            at=NOW - timedelta(days=9) + timedelta(seconds=n // 2),
            effective=None,
            by=f"{body} {n}",
            by_body=body,
            by_state=False,
            statement=bytes([number, n]) * 16,
        )
        for n, event in enumerate(["recorded", *draw(LATER)])
    )
    row = ConsentInstrument(
        id=name, state="XA", recorder=f"{body} 0", recorder_body=body, record=bytes([number]) * 32, evidence=None
    )
    return Registered(row, rows, instrument_of(name, terms, in_order(rows), None), terms)


def one_part(name: str, language: str) -> Part:
    """A part on a visit to XA, in one language."""
    return Part(
        id=name, states=("XA",), language=language, variant="original", personal_data=False, published=False, regime=None,
            recalled=None
    )


def asked_by(reader: str, reader_kind: str) -> Request:
    """A request to view, by one officer."""
    return Request(
        organisation=reader,
        organisation_kind=reader_kind,
        officer="o1",
        role="officer",
        action="view",
        purpose="follow_up",
        language=None,
        variant=None,
        clearance=3,
        active=True,
        recused=False,
    )


def facts(
    instruments: tuple[Instrument, ...], reader: str = READER, reader_kind: str = "mechanism", **document: Any
) -> Facts:
    """The CPT's report on a visit to XA, transmitted to everybody, asked for by one."""
    values: dict[str, Any] = {
        "id": "D1",
        "kind": "visit_report",
        "originators": (OWNER,),
        "deposited_by": OWNER,
        "addressed_to": (reader,),
        "regime": "R1",
        "adopted_on": date(2025, 7, 4),
        "visit": None,
        "class_ordinal": 2,
        "tier": "confidential",
        "statutory_recipients": (),
        "override": None,
        "person_recipients": (),
        "emergency": None,
        "stopped": False,
        "held_until": None,
        "parts": (one_part("p1", "en"), one_part("p2", "fr")),
    }
    return Facts(
        request=asked_by(reader, reader_kind),
        document=Document(**{**values, **document}),
        originator_decisions=(
            OriginatorDecision(
                organisation=OWNER,
                effect="permit",
                grantee=reader,
                actions=words.ACTIONS,
                parts=None,
                kinds=None,
                states=None,
                valid_from=None,
                valid_to=None,
            ),
        ),
        instruments=instruments,
        undertakings_accepted=(),
        document_events={},
        person_consents=(),
        successions=(),
    )


@given(registered(1, OWNER, ()), registered(2, OWNER, ("I1",)), registered(3, STRANGER, ("I1", "I2")))
def test_a_strangers_record_never_opens(first: Registered, second: Registered, stranger: Registered) -> None:
    """What is permitted with it was permitted without it, whatever it permits, replaces or limits."""
    without = counted([first, second], (OWNER,), NOW)
    with_it = counted([first, second, stranger], (OWNER,), NOW)
    assert with_it[: len(without)] == without
    before, after = decide(facts(without), NOW), decide(facts(with_it), NOW)
    assert set(after.parts) <= set(before.parts)


@given(registered(1, STRANGER, ()))
def test_of_a_strangers_record_only_denials_matter(stranger: Registered) -> None:
    """Beside a full agreement it changes the answer only by denying, and a refusal of everything denies everything."""
    found = counted([stranger], (OWNER,), NOW)
    refused = replay_without_invalidation(acting(stranger.instrument, NOW)) == REFUSED
    if not refused and not any(p.effect == "deny" for p in stranger.instrument.provisions):
        assert found == ()
    for instrument in found:
        assert (instrument.supersedes, instrument.amends) == ((), ())
        assert refused or all(provision.effect == "deny" for provision in instrument.provisions)
        assert replace(instrument, provisions=(), conditions=(), undertaking=None, supersedes=(), amends=()) == replace(
            stranger.instrument, provisions=(), conditions=(), undertaking=None, supersedes=(), amends=()
        )


@given(
    registered(1, OWNER, ()),
    st.sampled_from(KINDS),
    st.sampled_from(words.TIERS),
    st.sampled_from(words.REGIMES),
    st.booleans(),
    st.sampled_from([None, *words.OVERRIDES]),
    st.booleans(),
    st.sampled_from(words.ACTIONS),
)
def test_a_state_has_no_more_than_its_closed_list(
    agreed: Registered,
    kind: str,
    tier: str,
    regime: str,
    published: bool,
    override: str | None,
    statutory: bool,
    action: str,
) -> None:
    """Published, free or agreed to: a State is permitted what the treaty sends it, by that reason, and nothing else."""
    made = facts(
        counted([agreed], (OWNER,), NOW), "state:XA", "state", kind=kind, tier=tier, regime=regime, override=override
    )
    parts = tuple(replace(part, published=published) for part in made.document.parts)
    recipients = (StatutoryRecipient(organisation="state:XA", parts=("p1",)),) if statutory else ()
    document = replace(made.document, parts=parts, statutory_recipients=recipients)
    asked = replace(made, document=document, request=replace(made.request, action=action))
    decision = judge(asked, NOW)
    assert {each.reason for each in decision.results if each.permitted} <= CLOSED_LIST
    assert set(decision.parts) <= ({"p1"} if statutory else set())
    if statutory and action in words.LADDER and tier != "alert" and kind != words.ALERT_KIND:
        assert decision.parts == ("p1",)
