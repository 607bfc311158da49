"""Drafts: whom they are meant for, part by part, and that their header names nobody but the makers."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from exchange.client import drafts
from exchange.client.deposit_plan import PartPlan, Plan
from exchange.client.drafts import Goes
from exchange.client.report_view import fetch
from exchange.client.sealing import Terms
from exchange.client.standing import Also
from keys.encoding import b64u
from tests.unit.client.fake_log import At, at
from tests.unit.client.fake_report import Report


@pytest.fixture
def here(tmp_path: Path) -> At:
    """A CPT officer."""
    return at(tmp_path / "home", "coe-cpt")


def also(*states: tuple[str, ...]) -> Also:
    """The SPT, by a standing decision that covers parts on these States."""
    return Also("un-spt", (), frozenset({"p1"}), frozenset(states))


def test_a_draft_names_nobody_but_its_makers() -> None:
    """Neither the addressees nor whom standing decisions add; without approval both."""
    plan = Plan((), ("npm-xa",), "visit_report", date(2026, 3, 1), needs_approval=True)
    terms = Terms(plan, "R1", "confidential", 2, (also(("XA",)),))
    assert terms.bodies("coe-cpt", ["XA"]) == ("coe-cpt",)
    assert replace(terms, plan=replace(plan, needs_approval=False)).bodies("coe-cpt", ["XA"]) == (
        "coe-cpt",
        "npm-xa",
        "un-spt",
    )


def test_another_plan_than_without_approval(tmp_path: Path) -> None:
    """So that the spool of one is never sent as the other."""
    file = tmp_path / "a.txt"
    file.write_text("x")
    plan = Plan((PartPlan("p1", file, ("XA",), "en"),), ("un-spt",), "visit_report", date(2026, 3, 1))
    changed = (plan, replace(plan, needs_approval=True), replace(plan, without=("npm-xa",)))
    assert len({each.fingerprint(bytes(16)) for each in changed}) == 3


def test_a_body_that_a_standing_decision_adds_gets_the_parts_it_covers(here: At, tmp_path: Path) -> None:
    """By their States, as the header says them; an addressee gets all."""
    report = Report(here, tmp_path)
    view = fetch(report.session, report.id)
    assert drafts.meant_for(view, ("npm-xa",), (also(("XA",)),)) == [
        Goes("npm-xa", (b64u(report.part),)),
        Goes("un-spt", (b64u(report.part),)),
    ]
    assert drafts.meant_for(view, (), (also(("XB",)),)) == []
