"""Standing decisions, for any history of them: what one officer may sign never opens, and both readers agree."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exchange.reports.facts import ChainedDecision, DocumentFacts, EndedDecision
from exchange.statements import standing
from exchange.statements.determination import Determination, StandingScope
from exchange.statements.determination_values import END, ORIGINATOR_DECISION, opens
from exchange.statements.form import Link
from policies.facts import OriginatorDecision
from tests.unit.statements.cast import DECISION, EXCHANGE, NOW

BODIES = ("un-spt", "npm-xa", "npm-xb")
EFFECTS = st.sampled_from(["permit", "deny", "end"])
LINKS = st.tuples(EFFECTS, st.sampled_from([*BODIES, None]), st.sampled_from(["XA", "XB"])).filter(
    lambda link: link[0] != "permit" or link[1] is not None
)


def determined(effect: str, grantee: str | None, state: str) -> Determination:
    """A standing decision about visit reports on a State."""
    value = {**DECISION, "effect": effect, "grantee": grantee, "kinds": ["visit_report"], "states": [state]}
    scope = StandingScope("coe-cpt", ("visit_report",), (state,))
    return Determination(Link(NOW, EXCHANGE, None), scope, None, ORIGINATOR_DECISION, value)


def listed(history: list[Any]) -> list[tuple[bytes, Determination]]:
    return [(number.to_bytes(32, "big"), determined(*link)) for number, link in enumerate(history)]


def policy_reads(history: list[tuple[bytes, Determination]], grantee: str) -> list[str | None]:
    """What the server hands to policy, by the number of the statement."""
    decisions: list[ChainedDecision | EndedDecision] = []
    for hash, values in history:
        chain, value = values.chain("coe-cpt"), values.value
        if value["effect"] == END:
            decisions.append(EndedDecision(chain, value["grantee"]))
            continue
        shown = {name: value[name] for name in ("organisation", "effect", "grantee")}
        limits = {name: None for name in ("parts", "kinds", "states", "valid_from", "valid_to")}
        decisions.append(ChainedDecision(chain, OriginatorDecision(**shown, **limits, actions=("view",), ref=hash.hex())))
    facts = DocumentFacts.__new__(DocumentFacts)
    object.__setattr__(facts, "decisions", tuple(decisions))
    return [each.ref for each in facts.decisions_for(grantee)]


@given(st.lists(LINKS, max_size=12), st.sampled_from(BODIES))
def test_the_program_and_the_server_read_the_same(history: list[Any], grantee: str) -> None:
    """Whom the program seals to rests on the same decisions as whom the server lets read."""
    links = listed(history)
    bearing = standing.bearing_on("coe-cpt", links, grantee)
    assert [each.statement.hex() for each in bearing] == policy_reads(links, grantee)


@given(st.lists(LINKS, max_size=12), LINKS, st.sampled_from(BODIES), st.sampled_from(["XA", "XB"]))
def test_what_one_officer_signs_never_opens(history: list[Any], last: Any, grantee: str, state: str) -> None:
    """After a denial or an end a body is permitted nothing new, and is denied whatever it was denied before."""
    if opens(ORIGINATOR_DECISION, determined(*last).value):
        return

    def said(links: list[Any]) -> tuple[bool, bool]:
        bearing = standing.bearing_on("coe-cpt", listed(links), grantee)
        permitted = any(each.permits("visit_report", [state]) for each in bearing)
        return permitted, any(each.denies("visit_report", [state]) for each in bearing)

    before, after = said(history), said([*history, last])
    assert after[0] <= before[0] and before[1] <= after[1]
