"""The pages of what is published, for anyone; and the owner's page of a report that was."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.fill import Browser, Filled, add_publications, fill, signed_in
from tests.web.publication_maker import COMMENTS, DATA


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The filled exchange, with a report that is published."""
    world = fill(tmp_path_factory.mktemp("published"))
    add_publications(world)
    yield world
    world.close()


def test_anyone_finds_what_is_published(world: Filled) -> None:
    """Without an account, in both languages: from the foot of the sign-in page to the list, the publication, and the file."""
    browser = Browser(world)
    assert "/publications" in browser.page("/sign-in").links
    listed = browser.page("/publications")
    path = f"/publications/{world.publications['standing']}"
    assert path in listed.links and "Withdrawn" in listed.text
    page = browser.page(path)
    assert "At the request of the State" in page.text and "The comments of the State" in page.text
    html = browser.get(path).text
    assert hashlib.sha256(DATA).hexdigest() in html and hashlib.sha256(COMMENTS).hexdigest() in html
    assert "sha256sum report-xa-en.txt" in html
    assert world.reports["published"].report not in html and "CPT (2026) 21" not in html
    (link,) = [each for each in page.links if each.endswith("/files/rendition")]
    answer = browser.get(link)
    assert answer.data == DATA
    answer.close()
    french = Browser(world, "fr").page(path)
    assert "À la demande de l'État" in french.text and "Comment vérifier un fichier" in french.text


def test_what_was_withdrawn_is_told_and_not_given(world: Filled) -> None:
    """Its SHA-256 stays; no link leads to its file."""
    page = Browser(world).page(f"/publications/{world.publications['withdrawn']}")
    assert "This publication was withdrawn" in page.text
    assert not [each for each in page.links if "/files/" in each]


def test_what_is_no_publication(world: Filled) -> None:
    """An id that is none, or in no form, is answered as anything that is not there."""
    for name in ("nothing", "A" * 43, "..%2f"):
        assert Browser(world).get(f"/publications/{name}").status_code == 404
    assert Browser(world).get("/publications?after=nothing").status_code == 404


def test_nothing_is_published_yet(tmp_path: Path) -> None:
    """The list says so."""
    world = fill(tmp_path)
    assert "Nothing has been published yet" in Browser(world).page("/publications").text
    world.close()


def test_the_owners_page_of_a_report(world: Filled) -> None:
    """What was published from it, and the commands to publish and to withdraw; an addressee's page has none of it."""
    path = f"/reports/{world.reports['published'].report}"
    page = signed_in(world, "anna").page(path)
    assert f"/publications/{world.publications['standing']}" in page.links
    report, standing = world.reports["published"].report, world.publications["standing"]
    assert f"exchange unpublish {report} {standing}" in page.commands
    assert not any(world.publications["withdrawn"] in command for command in page.commands)
    other = signed_in(world, "dina").page(path)
    assert not [command for command in other.commands if "publish" in command]


def test_a_member_finds_them_too(world: Filled) -> None:
    """In the navigation, also of a State's officer: what is published reaches a State as it reaches anyone."""
    assert "/publications" in signed_in(world, "anna").page("/reports").links
    assert "/publications" in signed_in(world, "xavier").page("/publications").links
