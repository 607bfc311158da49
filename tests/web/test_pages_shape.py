"""Every page, for every account, in both languages: well made, in the right words, with commands that exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from exchange import create_app
from exchange.client.cli.main import main as cli
from exchange.statements import words as statement_words
from exchange.texts import LANGUAGES, catalogue, has
from keys.words import fingerprint_words
from policies import status, vocabulary
from tests import databases
from tests.web.exchange_world import ExchangeWorld
from tests.web.fill import ACCOUNTS, Browser, Filled, add_publications, fill, signed_in
from tests.web.page_reader import Page, read
from tests.web.support import make_config

# Words that mean detention or insult here, or that diplomats read otherwise; and where one stands inside a good term.
NEVER = {
    "en": "release|deposit|denied|deny|custody|officers?|organi[sz]ations?|instruments?|witness|revoked?|override|bypass"
    "|alert|detainee|receipt|reservation|free tier|staff|source|user",
    "fr": "libération|garde à vue|témoin|révoqué|dépôt|déposer|organisations?|instruments?|réserve|reçus?|dérogation"
    "|alerte|détenus?|officiers?|refusé|utilisateurs?",
}
GOOD = (
    "liaison officer",
    "acknowledgement of receipt",
    "press release",
    "accusé de réception",
    "Nom d'utilisateur",
    "Organisation des Nations Unies",
)
PAGES = ("/reports", "/reports/sent", "/consents", "/directory", "/verification", "/account", "/nope", "/reports/x")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The filled exchange."""
    world = fill(tmp_path_factory.mktemp("shape"))
    add_publications(world)
    yield world
    world.close()


@pytest.fixture(scope="module")
def pages(world: Filled) -> dict[tuple[str, str, str], Page]:
    """Every page by account ("" for nobody), language and path."""
    found = {}
    for language in LANGUAGES:
        public = [f"/publications/{each}" for each in world.publications.values()]
        for path in ("/sign-in", "/verification", "/nope", "/publications", *public):
            found["", language, path] = Browser(world, language).page(path)
        for name in ACCOUNTS:
            browser = signed_in(world, name, language)
            reports = [f"/reports/{made.report}" for made in world.reports.values()]
            consents = [f"/consents/{each}" for each in world.instruments.values()]
            for path in ("/publications", *public, *PAGES, *reports, *consents):
                found[name, language, path] = browser.page(path)
    return found


def test_every_page_is_well_made(pages: dict[tuple[str, str, str], Page]) -> None:
    """Closed elements, one h1 and headings in order, landmarks, labels, captions, scopes, nothing inline or from elsewhere."""
    wrong = {place: page.problems() for place, page in pages.items() if page.problems()}
    assert not wrong
    assert len(pages) > 100


def test_every_page_says_its_language_and_its_name(pages: dict[tuple[str, str, str], Page]) -> None:
    """`lang` is the language asked for; the title begins with what the page is."""
    for (_, language, path), page in pages.items():
        assert page.lang == language, path
        assert re.fullmatch(r"\S.* – (Confidential Report Exchange|Échange confidentiel de rapports)", page.title), path


def test_every_page_uses_the_words_of_the_field(pages: dict[tuple[str, str, str], Page]) -> None:
    """None of the words that mean something else here, outside commands and ids."""
    for (_, language, path), page in pages.items():
        text = page.text
        for term in GOOD:
            text = text.replace(term, "")
        found = re.findall(rf"\b(?:{NEVER[language]})\b", text, re.IGNORECASE)
        assert not found, (path, found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_of_pages_uses_the_words_of_the_field(language: str) -> None:
    """The same for every text, also those no page of this test shows."""
    for key, entry in catalogue(language).items():
        if key.startswith(("page.", "word.")):
            for text in [entry] if isinstance(entry, str) else entry.values():
                for term in GOOD:
                    text = text.replace(term, "")
                assert not re.search(rf"\b(?:{NEVER[language]})\b", text, re.IGNORECASE), (key, text)


def test_every_command_on_a_page_exists(pages: dict[tuple[str, str, str], Page]) -> None:
    """Group, command, arguments and options are those of the command line; values that people fill in are in capitals."""
    seen = {command for page in pages.values() for command in page.commands}
    assert len(seen) > 20
    for line in seen:
        program, *rest = shlex.split(line)
        assert program == "exchange"
        group: click.Command = cli
        context = click.Context(cli)
        while isinstance(group, click.Group):
            group = group.get_command(context, rest.pop(0)) or pytest.fail(f"no such command: {line}")
        options = {each for parameter in group.params for each in (*parameter.opts, *parameter.secondary_opts)}
        arguments = [parameter for parameter in group.params if isinstance(parameter, click.Argument)]
        named = [word for word in rest if word.startswith("-") and word in options]
        unknown = [word for word in rest if word.startswith("--") and word not in options]
        assert not unknown, line
        required = [p.opts for p in group.params if isinstance(p, click.Option) and p.required]
        assert all(set(opts) & set(named) for opts in required), line
        flags = {each for parameter in group.params if getattr(parameter, "is_flag", False) for each in parameter.opts}
        left = len(rest) - len(named) - sum(1 for word in named if word not in flags)
        assert sum(1 for each in arguments if each.required) <= left <= len(arguments), line


def test_the_language_switch_keeps_the_page(world: Filled) -> None:
    """The page asked for comes back in the other language, and the choice outlives it; another site's address is not heard."""
    browser = signed_in(world, "anna")
    path = f"/reports/{world.reports['both'].report}?purpose=publication"
    answer = browser.send("/language", form_on=path, language="fr", to=path)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert browser.page(path).lang == "fr" and browser.page("/consents").lang == "fr"
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x", "", "/a\r\nb"):
        answer = browser.send("/language", form_on="/account", language="en", to=elsewhere)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    browser.send("/language", form_on="/account", language="de", to="/account")
    assert browser.page("/account").lang == "en"


def test_the_switch_knows_where_it_stands(world: Filled) -> None:
    """The hidden address on each page is that page's own."""
    html = signed_in(world, "anna").get("/reports?after=").text
    assert '<input type="hidden" name="to" value="/reports?after=">' in html


def test_the_directory_shows_fingerprints_and_never_who_works_where(world: Filled) -> None:
    """Eleven words a body, its key generation, its audit office; no member's id."""
    browser = signed_in(world, "xavier")
    page, html = browser.page("/directory"), browser.get("/directory").text
    for body in world.founding.directory.organisations:
        assert " ".join(fingerprint_words(body.added)) in page.text
        for member in world.founding.directory.active_officers(body.id):
            assert world.founding.of(member).id not in html
    assert "Audit office CPT" in page.text and "hosts the exchange" in page.text
    assert [text for level, text in page.headings if level == 2][:2] == [
        "International and regional mechanisms", "National preventive mechanisms (NPM)",
    ]  # fmt: skip


def test_the_logs_page_is_public_and_honest(world: Filled) -> None:
    """Sizes, when signed, keys by name, how to verify; that independent confirmation is pending; nothing of who did what."""
    page = Browser(world).page("/verification")
    assert page.states == ["Recorded; independent confirmation pending"] * 2
    size = world.size("directory")
    assert f"Entries in public {size}" in page.text
    html = Browser(world).get("/verification").text
    for log in ("directory", "audit"):
        assert re.search(rf"exchange\.example/{log}/1\+[0-9a-f]{{8}}", html)
        assert f"/log/{log}/1/checkpoint" in page.links
        assert Browser(world).get(f"/log/{log}/1/checkpoint").status_code == 200
    assert "exchange audit verify --offline FOLDER" in page.commands


def test_an_address_that_is_none_gets_a_page(world: Filled) -> None:
    """A friendly page with its status, for strangers and members; programs go on getting problem documents."""
    answer = Browser(world).get("/nope")
    assert answer.status_code == 404 and answer.mimetype == "text/html"
    assert read(answer.text).headings == [(1, "Nothing here")]
    assert Browser(world).get("/log/nope/1/checkpoint").mimetype == "application/problem+json"


def test_what_fails_inside_gets_a_page_that_asks_nothing_of_what_failed(tmp_path: Path) -> None:
    """With the database gone, the error page still comes, without detail."""
    world = ExchangeWorld(tmp_path)

    def fail() -> str:
        raise RuntimeError("secret detail")

    world.app.add_url_rule("/fail", "fail", fail)
    databases.removed(world.config.instance)
    answer = Browser(world).get("/fail")
    # A file that was removed is still open; a server says that the database is gone, before the page is asked.
    assert answer.status_code == (503 if databases.on_postgresql() else 500)
    assert "secret detail" not in answer.text and not read(answer.text).problems()
    world.close()


def test_an_instance_that_is_not_prepared_says_so(tmp_path: Path) -> None:
    """Before `flask prepare` there are no sessions: the page comes all the same."""
    client = create_app(make_config(tmp_path), background=False).test_client()
    answer = client.get("/", headers={"Accept-Language": "fr", "Host": "localhost:8443"})
    assert answer.status_code == 503
    page = read(answer.text)
    assert page.headings == [(1, "Pas encore installé")] and not page.problems()


def test_every_word_of_the_closed_lists_is_told_in_words() -> None:
    """Kinds, actions, purposes, limitations, forms, events and statuses: a new one needs its words in both languages."""
    lists = {
        "kind": vocabulary.KINDS,
        "action": vocabulary.ACTIONS,
        "purpose": vocabulary.PURPOSES,
        "variant": vocabulary.VARIANTS,
        "tier": vocabulary.TIERS,
        "limitation": vocabulary.CONDITIONS,
        "form": statement_words.FORMS,
        "standing": vocabulary.INSTRUMENT_KINDS,
        "event": vocabulary.EVENT_TYPES,
        "embargo_rule": vocabulary.EMBARGO_RULES,
        "bodies": [kind for kind in vocabulary.ORGANISATION_KINDS if kind != "public"],
        "status": [*status.FINAL, status.NONE, status.RECORDED, status.PENDING, status.IN_FORCE, status.SUSPENDED],
    }
    missing = [f"{group}.{value}" for group, values in lists.items() for value in values if not has(f"word.{group}.{value}")]
    assert not missing
