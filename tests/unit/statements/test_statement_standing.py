"""Standing decisions: two officers make one that opens, one ends it, and no end ever lifts a denial."""

from dataclasses import replace
from typing import Any

import pytest

from exchange.statements import determination, standing
from exchange.statements.determination import Determination, StandingScope
from exchange.statements.determination_values import opens
from exchange.statements.errors import TooFewSignersError
from exchange.statements.standing import Standing
from keys.encoding import parse_time
from keys.errors import MalformedError
from tests.unit.statements.cast import BOOK, DECISION, DETERMINATION, key

KIND, STATE = "visit_report", "XA"


def link(effect: str, grantee: str | None = "un-spt", state: str = STATE, **changes: Any) -> Determination:
    """A standing decision of the CPT about visit reports on a State."""
    value = {**DECISION, "effect": effect, "grantee": grantee, "kinds": [KIND], "states": [state], **changes}
    return replace(DETERMINATION, scope=StandingScope("coe-cpt", (KIND,), (state,)), value=value)


def stands(*links: Determination, grantee: str = "un-spt") -> list[tuple[str, str | None]]:
    """Effect and grantee of what bears on a body, after these in their order."""
    listed = [(bytes([number]) * 32, values) for number, values in enumerate(links)]
    return [(each.effect, each.grantee) for each in standing.bearing_on("coe-cpt", listed, grantee)]


def signed(values: Determination, *names: str) -> int:
    statement = determination.build(values)
    for name in names:
        statement = statement.signed_by(key(name))
    return len(determination.verify(values, statement, BOOK))


def test_a_permit_takes_two_and_its_end_one() -> None:
    """What opens takes two, what closes one."""
    with pytest.raises(TooFewSignersError):
        signed(link("permit"), "anna")
    assert signed(link("permit"), "anna", "boris") == 2
    assert signed(link("end"), "anna") == 1
    assert not opens("originator_decision", link("end").value)


def test_an_end_is_for_standing_decisions_alone() -> None:
    """On one report there is a permit or a denial."""
    with pytest.raises(MalformedError):
        determination.build(replace(DETERMINATION, value={**DECISION, "effect": "end"}))


def test_an_end_takes_away_the_permit_and_no_denial() -> None:
    """One officer must not be able to open by ending a denial, whichever body it names."""
    assert stands(link("permit"), link("end")) == []
    assert stands(link("permit"), link("end", None)) == []
    assert stands(link("deny"), link("end")) == [("deny", "un-spt")]
    assert stands(link("deny", None), link("end")) == [("deny", None)]
    assert stands(link("deny", None), link("permit"), link("end")) == [("deny", None)]
    assert stands(link("permit"), link("end", "npm-xa")) == [("permit", "un-spt")]
    assert stands(link("permit"), link("end"), link("permit")) == [("permit", "un-spt")]


def test_a_denial_to_everyone_ends_permits_and_a_later_permit_lifts_it_for_one() -> None:
    """As on one report."""
    assert stands(link("permit"), link("deny", None)) == [("deny", None)]
    both = (link("deny", None), link("permit"))
    assert stands(*both) == [("permit", "un-spt")]
    assert stands(*both, grantee="npm-xa") == [("deny", None)]


def test_scopes_are_chains_of_their_own() -> None:
    """Ending one leaves the other; what they say together is for who reads them."""
    assert stands(link("permit"), link("permit", state="XB"), link("end")) == [("permit", "un-spt")]
    assert stands(link("permit"), link("deny", state="XB")) == [("permit", "un-spt"), ("deny", "un-spt")]


def only(values: Determination) -> Standing:
    """The one that stands."""
    (found,) = standing.in_force("coe-cpt", [(bytes(32), values)])
    return found


def test_a_permit_names_every_state_and_a_denial_any() -> None:
    """A part on two States goes only where both are named; one named is enough to keep it."""
    permit, deny = only(link("permit")), only(link("deny"))
    assert permit.permits(KIND, ["XA"]) and not permit.permits(KIND, ["XA", "XB"])
    assert not permit.permits("press_release", ["XA"]) and not permit.denies(KIND, ["XA"])
    assert deny.denies(KIND, ["XA", "XB"]) and not deny.denies(KIND, ["XB"]) and not deny.permits(KIND, ["XA"])


def test_less_than_viewing_and_downloading_sends_nothing() -> None:
    """A report that is transmitted may be viewed and downloaded: sending by a permit of less would widen it."""
    assert only(link("permit")).transmits
    assert not only(link("permit", actions=["view"])).transmits and not only(link("deny")).transmits


def test_approval_is_required_by_one_and_given_up_by_two() -> None:
    """The last word of the body counts; another body's says nothing about it."""
    on = Determination(DETERMINATION.link, StandingScope("coe-cpt"), None, "approval", True)
    off = replace(on, value=False)
    assert signed(on, "anna") == 1 and signed(off, "anna", "boris") == 2
    with pytest.raises(TooFewSignersError):
        signed(off, "anna")
    assert standing.approval_needed("coe-cpt", [on]) and not standing.approval_needed("coe-cpt", [on, off])
    assert not standing.approval_needed("un-spt", [on]) and not standing.approval_needed("coe-cpt", [link("permit")])


def test_others_statements_are_passed_over() -> None:
    """A decision on one report, another fact, another body's."""
    others = [
        (b"1" * 32, DETERMINATION),
        (b"2" * 32, replace(DETERMINATION, fact="publication", value=True)),
        (b"3" * 32, link("permit")),
    ]
    assert [each.statement for each in standing.in_force("coe-cpt", others)] == [b"3" * 32]
    assert standing.in_force("un-spt", others) == []


def test_a_period_includes_its_last_day() -> None:
    """From the first instant of one day, in UTC, to the last of another; times are taken as they are."""
    days = only(link("permit", valid_from="2026-03-05", valid_to="2026-03-10"))
    for instant, inside in (
        ("2026-03-04T23:59:59Z", False),
        ("2026-03-05T00:00:00Z", True),
        ("2026-03-10T23:59:59Z", True),
        ("2026-03-11T00:00:00Z", False),
    ):
        assert days.within(parse_time(instant)) is inside
    until = only(link("permit", valid_to="2026-03-10T12:00:00Z"))
    assert until.within(parse_time("2026-03-10T11:59:59Z")) and not until.within(parse_time("2026-03-10T12:00:00Z"))
    assert only(link("permit", valid_to="9999-12-31")).within(parse_time("2026-03-10T12:00:00Z"))
