"""Recalls on the pages: before everything else where something is asked, also where the report is not available any more."""

from datetime import timedelta
from pathlib import Path

import pytest

from exchange.texts import LANGUAGES
from keys.statement import Statement
from tests.web.fill import Filled, fill, signed_in
from tests.web.page_reader import Page, read
from tests.web.report_maker import signed_answer, signed_lift, signed_recall


@pytest.fixture
def world(tmp_path: Path) -> Filled:
    """The filled exchange, in which the CPT has recalled a report that the SPT could read in French."""
    world = fill(tmp_path)
    made = world.reports["both"]
    recalled = signed_recall(made, made.officer, reply_by=world.clock.now().date() + timedelta(days=7))
    assert world.say(made.officer, recalled).status_code == 201
    world.recalled = recalled  # type: ignore[attr-defined]
    return world


def recalled_in(world: Filled) -> Statement:
    """The recall of the fixture."""
    found: Statement = world.recalled  # type: ignore[attr-defined]
    return found


def page(world: Filled, name: str, path: str = "", language: str = "en") -> Page:
    """The report's page, or another, as one of the accounts sees it; it is well made."""
    found = signed_in(world, name, language).page(path or f"/reports/{world.reports['both'].report}")
    assert found.problems() == []
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_asked_finds_it_on_the_first_page(world: Filled, language: str) -> None:
    """With the reason, the day, and the command; the report itself is in no list any more, and its page is the recall's."""
    report = world.reports["both"].report
    for path in ("/reports", f"/reports/{report}"):
        shown = page(world, "chen", path, language)
        assert f"exchange answer-recall {report} --answer destroyed" in shown.commands
        assert ("It was sent in error" if language == "en" else "Il a été transmis par erreur") in shown.text
    assert f"/reports/{report}" not in page(world, "chen", "/reports").links


def test_who_could_never_know_sees_what_there_is_of_no_report(world: Filled) -> None:
    """The NPM was named as well: its pages are those of a report that does not exist."""
    browser = signed_in(world, "dina")
    report = world.reports["both"].report
    here, nowhere = browser.get(f"/reports/{report}"), browser.get("/reports/00000000-0000-4000-8000-000000000000")
    assert here.status_code == nowhere.status_code == 404 and here.text == nowhere.text
    assert "Asked back" not in read(browser.get("/reports").text).text


def test_the_owner_sees_what_is_outstanding_and_what_was_answered(world: Filled) -> None:
    """Each body with its part; overdue after the day; answered; who was not told."""
    made, chen = world.reports["both"], world.officers("un-spt")[0]
    shown = page(world, "anna")
    assert "outstanding" in shown.states and "overdue" not in shown.states
    assert "Not told, since they could never know of it: NPM XA" in shown.text
    world.clock.forward(86_400 * 8)
    assert "overdue" in page(world, "anna").states
    english, french = made.parts
    for part_id in (english, french):  # the English part, too, was open until an earlier agreement was withdrawn
        answer = signed_answer(made, recalled_in(world), chen, part_id, "retained_archive")
        assert world.say(chen, answer).status_code == 201
    shown = page(world, "anna")
    assert "Retained under archive rules, access closed" in shown.text
    assert "outstanding" not in shown.states and "overdue" not in shown.states
    assert "Recall answered by" in shown.text
    mine = page(world, "chen")
    assert "Retained under archive rules" in mine.text and not any("answer-recall" in line for line in mine.commands)
    assert "Asked back" not in page(world, "chen", "/reports").text


def test_a_lifted_recall_asks_nothing(world: Filled) -> None:
    """The report is there again, and its page says that it had been recalled."""
    made = world.reports["both"]
    lift = signed_lift(made, recalled_in(world), *world.officers("coe-cpt")[:2])
    assert world.say(made.officer, lift).status_code == 201
    shown = page(world, "chen")
    assert "This recall was lifted" in shown.text and "Available" in shown.states
    assert "Recall lifted" in page(world, "anna").text
    assert "Asked back" not in page(world, "chen", "/reports").text
