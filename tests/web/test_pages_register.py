"""The register of authorisations: who sees which, where each stands, and what it says, in sentences."""

from collections.abc import Iterator

import pytest

from policies import vocabulary as words
from tests.web.fill import PROVISION, Filled, fill, signed_in
from tests.web.page_reader import Page

DASH_DATE = "2026-12-31"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The filled exchange."""
    world = fill(tmp_path_factory.mktemp("register"))
    yield world
    world.close()


def page_of(world: Filled, instrument: str, name: str = "anna", language: str = "en") -> Page:
    """The page of an authorisation (a name of `fill`)."""
    return signed_in(world, name, language).page(f"/consents/{world.instruments[instrument]}")


def test_the_register_lists_each_state_with_where_everything_stands(world: Filled) -> None:
    """The CPT's own, by State, with a status worked out from events; Kosovo* carries its note."""
    page = signed_in(world, "anna").page("/consents")
    assert [text for level, text in page.headings if level == 2][:3] == ["Kosovo*", "State XA", "State XB"]
    assert set(page.states) == {
        "In force", "Recorded, not yet confirmed", "Agreement withdrawn", "Suspended", "Agreement not given",
    }  # fmt: skip
    assert "resolution 1244 (1999)" in page.text
    assert "resolution 1244" not in page_of(world, "in force").text


def test_a_state_sees_its_own_and_nobody_elses(world: Filled) -> None:
    """State XA sees what was recorded of its declarations and what it recorded itself; of State XB nothing."""
    page = signed_in(world, "xavier").page("/consents")
    assert [text for level, text in page.headings if level == 2][:1] == ["State XA"]
    assert "State XB" not in page.text and "Kosovo" not in page.text
    assert signed_in(world, "xavier").get(f"/consents/{world.instruments['refused']}").status_code == 404


@pytest.mark.parametrize("name", ["chen", "dina"])
def test_another_body_sees_none(world: Filled, name: str) -> None:
    """The SPT, which an authorisation names, and the NPM read nothing of it, and not that it exists."""
    browser = signed_in(world, name)
    assert "No authorisation is on record" in browser.page("/consents").text
    answers = [browser.get(f"/consents/{each}") for each in (*world.instruments.values(), "x")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


def test_an_authorisation_in_sentences(world: Filled) -> None:
    """What, to whom, permitted what, for which purposes, in which language, until when; limitations, history, evidence."""
    page = page_of(world, "in force")
    assert "The State agrees to the transmission of the report" in page.text
    assert f"/reports/{world.reports['evidence'].report}" in page.links
    for said in (
        "to Subcommittee on Prevention of Torture",
        "Permitted Read and keep a copy",
        "Purposes Preparing a visit and follow-up",
        "Languages French",
        "Documents adopted At any time",
        "Valid Until 31 December 2026 inclusive",
        "Copies are to be marked",
        "Not to be passed on or published",
        "Recorded 3 March 2026",
        "Confirmed: the State agrees 3 March 2026",
        "In force",
    ):
        assert said in page.text, said
    identifier = world.instruments["in force"]
    assert page.commands == [f"exchange consent suspend {identifier}", f"exchange consent withdraw {identifier}"]


def test_in_french(world: Filled) -> None:
    """The same in French, with the words of diplomatic notes."""
    page = page_of(world, "in force", language="fr")
    for said in (
        "L'État accepte la transmission des documents suivants",
        "Destinataire : Sous-Comité pour la prévention de la torture.",
        "Validité Jusqu'au 31 décembre 2026 inclus",
        "Confirmée : l'État est d'accord",
    ):
        assert said in page.text, said


@pytest.mark.parametrize(
    ("instrument", "status", "commands"),
    [
        ("waiting", "Recorded, not yet confirmed", ["confirm"]),
        ("withdrawn", "Agreement withdrawn", []),
        ("suspended", "Suspended", ["resume", "withdraw"]),
        ("refused", "Agreement not given", []),
    ],
)
def test_what_does_not_open_says_so_and_what_can_be_done(
    world: Filled, instrument: str, status: str, commands: list[str]
) -> None:
    """Each status with its sentence, a plain word that nothing opens now, and only the acts that may follow."""
    page = page_of(world, instrument)
    assert page.states[0] == status
    assert "It opens nothing now." in page.text
    identifier = world.instruments[instrument]
    assert page.commands == [f"exchange consent {act} {identifier}" for act in commands]


def test_a_standing_permit_says_that_it_covers_later_documents_only(world: Filled) -> None:
    """Where no time is given, by kind means from the day it was received on."""
    assert "Documents adopted On or after the day it was received" in page_of(world, "waiting").text


def test_what_is_not_agreed_to_is_called_that(world: Filled) -> None:
    """A provision that excludes: "does not agree", to any body, for every purpose; never "denied"."""
    page = page_of(world, "excluded")
    assert "The State does not agree to the transmission of all documents to any body." in page.text
    assert "Not permitted Read and keep a copy Purposes Every purpose" in page.text


def test_what_was_refused_excludes_what_it_asked_for(world: Filled) -> None:
    """Its permits are read as what the State does not agree to, as decisions read them: never as an agreement."""
    page = page_of(world, "refused")
    assert "The State does not agree to the transmission of report on a visit" in page.text
    assert "The State agrees" not in page.text


def test_one_that_was_replaced_says_so(world: Filled) -> None:
    """Once a later one that names it has stood, the earlier is replaced, and the later says what it replaces."""
    anna, boris = world.officers("coe-cpt")[:2]
    first = world.record("first", anna, state="XC")
    world.event("first", boris, "granted", first)
    second = world.record("second", anna, state="XC", supersedes=[world.instruments["first"]])
    assert page_of(world, "first").states[0] == "In force"
    world.event("second", boris, "granted", second)
    assert page_of(world, "first").states[0] == "Replaced by another"
    assert f"/consents/{world.instruments['first']}" in page_of(world, "second").links


def test_every_shape_of_a_term_has_words(world: Filled) -> None:
    """Each scope, action, purpose, variant, time scope, embargo and limitation is told in words, never in code."""
    anna = world.officers("coe-cpt")[0]
    everything = {
        **PROVISION,
        "actions": list(words.ACTIONS),
        "purposes": list(words.PURPOSES),
        "variants": list(words.VARIANTS),
        "languages": ["fr", "ar", "zh-hans"],
        "time_scope": "between",
        "adopted_from": "2025-01-01",
        "adopted_to": DASH_DATE,
        "embargo_until": "2026-06-01",
        "embargo_event": "response_received",
        "valid_from": "2026-01-01",
        "valid_to": "2030-01-01T12:00:00Z",
    }
    scopes = [{**PROVISION, "scope": scope, "scope_ref": "V1"} for scope in ("visit", "document", "part")]
    nothing = {**PROVISION, "scope": "visit", "scope_ref": None, "time_scope": "future"}
    conditions = [
        *words.CONDITIONS_PLAIN,
        {"kind": "parts_only", "parameter": ["D1/p1"]},
        {"kind": "language_only", "parameter": ["fr", "en"]},
        {"kind": "purpose_limitation", "parameter": ["follow_up"]},
        {"kind": "named_readers_only", "parameter": ["somebody"]},
        {"kind": "embargo_until", "parameter": "plenary_adoption"},
        {"kind": "embargo_until", "parameter": "2026-06-01"},
        {"kind": "retain_until", "parameter": DASH_DATE},
    ]
    over = {**PROVISION, "valid_to": "2026-01-01"}
    world.record("all", anna, state="XD", provisions=[everything, *scopes, nothing, over], conditions=conditions)
    for language in ("en", "fr"):
        page = page_of(world, "all", language=language)
        assert not page.problems()
        assert "_" not in page.main
    english = page_of(world, "all")
    for said in (
        "From 1 January 2025 until 31 December 2026 inclusive",
        "From 1 June 2026 and the response of the State has been received",
        "From 1 January 2026 until 1 January 2030, 12:00 UTC",
        "French, Arabic and Chinese",
        "no document (none is named)",
        "Its period is over",
        "Only these languages: French and English",
        "To be kept no longer than: until 31 December 2026 inclusive",
    ):
        assert said in english.text, said
