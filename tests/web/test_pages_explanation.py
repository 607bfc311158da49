"""The page that says why: to a report's own side for any body and moment, to everybody else no more than ever."""

from collections.abc import Iterator

import pytest

from exchange.reports.queries import Reports
from keys.encoding import format_time
from policies.reasons import OUTWARD, WITHHOLD_REASONS
from tests.web.fill import Filled, fill, signed_in
from tests.web.page_reader import Page

NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The filled exchange; these tests only look."""
    world = fill(tmp_path_factory.mktemp("explanations"))
    yield world
    world.close()


def page(world: Filled, name: str, report: str, query: str = "", language: str = "en") -> Page:
    """The page about a report (a name of `fill`, or an id) as one of the accounts sees it."""
    named = world.reports[report].report if report in world.reports else report
    return signed_in(world, name, language).page(f"/reports/{named}/explanation{query}")


def test_the_owner_is_told_gate_reason_step_and_paper(world: Filled) -> None:
    """For the national body nobody agreed: the State is to be asked. The authorisation that came nearest is linked."""
    found = page(world, "anna", "both", "?for=npm-xa")
    assert WITHHOLD_REASONS["W_SCOPE_RECIPIENT"].en in found.text
    assert "What would have to happen" in found.text
    assert "extends its agreement to this body" in found.text
    assert "ECPT art. 11; OPCAT art. 16" in found.text
    assert f"/consents/{world.instruments['in force']}" in found.links
    french = page(world, "anna", "both", "?for=npm-xa", language="fr")
    assert WITHHOLD_REASONS["W_SCOPE_RECIPIENT"].fr in french.text
    assert "Ce qui devrait arriver" in french.text


def test_a_past_moment_is_answered_with_what_was_known(world: Filled) -> None:
    """Before the agreement there was none; before the report there is nothing to explain; what is no moment is told."""
    report = world.reports["both"]
    with world.database.unit_of_work() as uow:
        registered = world.services.get(Reports).required(uow, report.report).registered
    moment = format_time(registered)[:-1]
    then = page(world, "anna", "both", f"?for=un-spt&at={moment}")
    assert WITHHOLD_REASONS["W_NO_CONSENT"].en in then.text
    assert "This report had not been transmitted yet" in page(world, "anna", "both", "?at=2020-01-01T00:00").text
    assert "This is not a moment" in page(world, "anna", "both", "?at=yesterday").text


def test_everybody_else_sees_one_page_whatever_there_is(world: Filled) -> None:
    """A recipient of what is withheld, and whoever names no report at all: the same words, no form, no more."""
    hidden = page(world, "dina", "both", "?for=un-spt&at=2026-03-02T00:00")
    nowhere = page(world, "dina", NOWHERE)
    assert hidden.text == nowhere.text
    assert OUTWARD["N_UNAVAILABLE"].en in hidden.text
    assert "Decided at" not in hidden.text and "What would have to happen" not in hidden.text
    assert signed_in(world, "dina").get("/reports/x/explanation").status_code == 404
