"""What arrived, what was sent, and a report's page: each body sees what is its own to see, and nothing tells more."""

import re
from collections.abc import Iterator

import pytest

from policies.reasons import WITHHOLD_REASONS
from tests.web.fill import Filled, fill, signed_in
from tests.web.page_reader import Page, read

NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The filled exchange; these tests only look."""
    world = fill(tmp_path_factory.mktemp("reports"))
    yield world
    world.close()


def report_page(world: Filled, name: str, report: str, language: str = "en") -> Page:
    """The page of a report (a name of `fill`) as one of the accounts sees it."""
    return signed_in(world, name, language).page(f"/reports/{world.reports[report].report}")


def test_what_was_sent_says_for_each_body_what_it_can_open(world: Filled) -> None:
    """The French part can be opened by the SPT, the English not, neither by the NPM; the stopped report says so."""
    page = signed_in(world, "anna").page("/reports/sent")
    titles = [words for level, words in page.headings if level == 2]
    assert titles[:4] == [
        "Report on a visit, CPT (2026) 18",
        "Report on a visit, CPT (2026) 17",
        "Report on a visit, CPT/Inf (2026) 4",
        "Note verbale, NV 112/2026",
    ]
    assert "Stopped" in page.states
    assert [s for s in page.states if s.startswith("SPT")].count("SPT: can be opened") == 1
    assert "NPM XA: cannot be opened" in page.states


def test_what_arrived_lists_only_what_the_body_may_know_of(world: Filled) -> None:
    """The SPT sees the part that State XA agreed to; the English part and the other report are not there at all."""
    browser = signed_in(world, "chen")
    page = browser.page("/reports")
    assert [words for level, words in page.headings if level == 2] == ["Report on a visit, CPT/Inf (2026) 4"]
    assert page.states == ["Available"]
    assert "English" not in page.main
    assert world.reports["flight"].report not in browser.get("/reports").text


def test_nothing_arrived_is_said_and_not_counted(world: Filled) -> None:
    """The NPM was sent two reports it may not know of: its page is that of a body that was sent none."""
    page = signed_in(world, "dina").page("/reports")
    assert "Nothing has arrived that is available to you now." in page.text
    assert not page.states


def test_the_owners_page_has_the_matrix_with_exact_reasons(world: Filled) -> None:
    """For each addressee and part: yes or no, the sentence, until when, limitations, and the authorisation concerned."""
    page = report_page(world, "anna", "both")
    assert page.states.count("Can be opened") == 1 and page.states.count("Cannot be opened") == 3
    assert WITHHOLD_REASONS["W_SCOPE_LANGUAGE"].en in page.text
    assert "Until 31 December 2026 inclusive" in page.text
    assert "copies are to be marked; not to be passed on or published" in page.text
    assert f"/consents/{world.instruments['in force']}" in page.links


def test_the_matrix_answers_for_the_purpose_chosen(world: Filled) -> None:
    """The authorisation names two purposes: for another, nothing can be opened; a purpose that is none is not heard."""
    browser = signed_in(world, "anna")
    path = f"/reports/{world.reports['both'].report}"
    other = browser.page(f"{path}?purpose=publication")
    assert "Can be opened" not in other.states
    assert WITHHOLD_REASONS["W_SCOPE_PURPOSE"].en in other.text
    assert browser.page(f"{path}?purpose=<script>").states == browser.page(path).states


def test_looking_at_the_matrix_leaves_its_entry(world: Filled) -> None:
    """As through the API: the owner's page is entered in the log, a reader's page is not."""
    before = world.size()
    report_page(world, "anna", "both")
    assert "access:matrix:read" in world.acts("coe-cpt", before)
    before = world.size()
    report_page(world, "chen", "both")
    assert "access:matrix:read" not in world.acts("coe-cpt", before)


def test_a_reader_sees_its_own_state_and_how_to_open(world: Filled) -> None:
    """One part, what may be done with it and for which purposes, one command; no matrix, no reasons, nobody else."""
    page = report_page(world, "chen", "both")
    assert page.states == ["Available"]
    assert "You may: read, keep a copy and print, for: preparing a visit and follow-up." in page.text
    report = re.escape(world.reports["both"].report)
    (command,) = page.commands
    assert re.fullmatch(rf"exchange open {report} --part \S+ --action view --purpose follow_up -o FOLDER", command)
    for words in ("Who can open", "NPM", "English", "Addressee", "What has happened"):
        assert words not in page.main
    assert not any(sentence.en in page.text for sentence in WITHHOLD_REASONS.values())


def test_what_is_withheld_looks_like_what_does_not_exist(world: Filled) -> None:
    """Stopped, not agreed to, somebody else's, no such report, no id at all: byte for byte the same page."""
    browser = signed_in(world, "dina")
    names = ["both", "flight", "stopped", "evidence", "spt"]
    paths = [*(world.reports[name].report for name in names), NOWHERE, "nothing", NOWHERE.upper()]
    answers = [browser.get(f"/reports/{path}") for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    # The session's cookie is renewed by every answer, and says the second.
    headers = [[each for each in sorted(answer.headers) if each[0] != "Set-Cookie"] for answer in answers]
    assert all(each == headers[0] for each in headers)
    assert len({"Set-Cookie" in answer.headers for answer in answers}) == 1
    page = read(answers[0].text)
    assert page.headings == [(1, "Not available")]
    assert "Not available. You may ask the sender." in page.text
    assert "The sender knows what is needed. This page shows the same whatever the reason." in page.text


def test_a_stopped_report_says_when(world: Filled) -> None:
    """Its owner reads what happened, in order, and how two people lift the stop."""
    page = report_page(world, "anna", "stopped")
    assert "This report has been stopped." in page.text
    happened = page.text[page.text.index("What has happened") :]
    assert happened.index("Transmitted 2 March 2026") < happened.index("Stopped 2 March 2026")
    assert f"exchange lift {world.reports['stopped'].report}" in page.commands
    assert not any(command.startswith("exchange stop") for command in page.commands)


def test_a_state_is_offered_nothing_it_was_not_sent(world: Filled) -> None:
    """State XA may know of the report on a visit to it; no part was sealed to it, so the page offers no command."""
    page = report_page(world, "xavier", "both")
    assert set(page.states) == {"Not available"}
    assert not page.commands
    assert "Not available. You may ask the sender." in page.text


def test_a_page_after_another_keeps_to_the_list(world: Filled) -> None:
    """The place in a list is one of its own reports; any other is not available."""
    browser = signed_in(world, "chen")
    assert browser.get(f"/reports?after={world.reports['stopped'].report}").status_code == 404
    assert browser.get(f"/reports/sent?after={world.reports['spt'].report}").status_code == 200


def test_in_french(world: Filled) -> None:
    """The same page in French: names, sentences, dates, sizes."""
    page = report_page(world, "anna", "both", "fr")
    assert page.lang == "fr"
    assert "Jusqu'au 31 décembre 2026 inclus" in page.text
    assert "les copies doivent être marquées ; ni transmission à des tiers, ni publication" in page.text
    assert WITHHOLD_REASONS["W_SCOPE_LANGUAGE"].fr in page.text
    assert "Sous-Comité pour la prévention de la torture" in page.text
    assert "taille scellée 64,1 Kio" in page.text
