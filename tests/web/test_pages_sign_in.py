"""The real pages around signing in: who gets in, what survives, what a stranger can learn or make happen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.accounts.services import Accounts
from keys.encoding import b64u
from tests.web.exchange_world import ExchangeWorld
from tests.web.fill import PASSWORD, Browser, signed_in
from tests.web.page_reader import read


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeWorld]:
    """A founded exchange with the account "anna" of the CPT."""
    world = ExchangeWorld(tmp_path_factory.mktemp("pages"))
    world.services.get(Accounts).set_password(world.officers("coe-cpt")[0].id, "anna", PASSWORD)
    yield world
    world.close()


def test_the_start_leads_to_signing_in_and_then_to_what_waits(world: ExchangeWorld) -> None:
    """Nobody signed in: the form. Afterwards: what waits for them."""
    browser = Browser(world)
    assert browser.get("/").headers["Location"] == "/sign-in"
    assert browser.sign_in("anna").headers["Location"] == "/"
    assert browser.page("/").title.startswith("Today")
    assert browser.get("/sign-in").headers["Location"] == "/"
    assert browser.page("/reports").title.startswith("What arrived")


@pytest.mark.parametrize(
    "path",
    ["/reports", "/reports/sent", "/reports/x", "/consents", "/consents/x", "/directory", "/account", "/account/notices"],
)
def test_every_page_of_members_asks_to_sign_in(world: ExchangeWorld, path: str) -> None:
    """A stranger is sent to the form, and after signing in to the page they wanted."""
    browser = Browser(world)
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")
    assert browser.sign_in("anna").headers["Location"] == path


def test_no_address_makes_signing_in_lead_elsewhere(world: ExchangeWorld) -> None:
    """What was wanted is remembered in the session; nothing in an address is heard."""
    browser = Browser(world)
    browser.get("/sign-in?next=https://elsewhere.example/&wanted=https://elsewhere.example/")
    assert browser.sign_in("anna").headers["Location"] == "/"
    browser = Browser(world)
    browser.get("//elsewhere.example/reports")
    assert browser.sign_in("anna").headers["Location"] == "/"


def test_every_failure_looks_alike(world: ExchangeWorld) -> None:
    """An unknown name, a wrong password, an ended access, an empty form: one status, one sentence, one page."""
    gone = world.officers("coe-cpt")[1]
    world.services.get(Accounts).set_password(gone.id, "gone", PASSWORD)
    world.submit(*world.founding.leave(gone, size=world.size(), submit=True))
    pages = []
    for name, password in (("nobody", PASSWORD), ("anna", "wrong"), ("gone", PASSWORD), ("anna", ""), ("", "")):
        browser = Browser(world)
        answer = browser.sign_in(name, password)
        page = read(answer.text)
        assert answer.status_code == 401
        pages.append(answer.text.replace(page.tokens[0], "T").replace(f'value="{name}"', 'value=""'))
        assert browser.get("/reports").status_code == 302
    assert len(set(pages)) == 1
    assert "Name and password do not go together" in read(pages[0]).text


def test_a_form_without_its_token_does_nothing(world: ExchangeWorld) -> None:
    """Signing in, out and the language: another site cannot send them."""
    browser = Browser(world)
    browser.get("/sign-in")
    for path in ("/sign-in", "/sign-out", "/language"):
        for token in (None, "", "x" * 43):
            fields = {"name": "anna", "password": PASSWORD, "language": "fr"}
            data = fields if token is None else {**fields, "csrf_token": token}
            answer = browser.client.post(path, data=data)
            assert answer.status_code == 400
            assert read(answer.text).headings == [(1, "The form has expired")]
    assert browser.get("/reports").status_code == 302
    assert browser.page("/sign-in").lang == "en"
    member = signed_in(world, "anna")
    assert member.client.post("/sign-out", data={"csrf_token": "x"}).status_code == 400
    assert member.get("/reports").status_code == 200


def test_forms_are_never_sent_by_get(world: ExchangeWorld) -> None:
    """A link cannot sign anybody out, nor put a password into an address."""
    member = signed_in(world, "anna")
    assert member.get("/sign-out").status_code == 405
    assert member.get("/language").status_code == 405
    assert member.get("/reports").status_code == 200


def test_a_planted_session_is_not_the_one_signed_in(world: ExchangeWorld) -> None:
    """Whoever set a browser's cookie before signs nobody in with it after (session fixation)."""
    attacker = Browser(world)
    attacker.get("/sign-in")
    planted = attacker.client.get_cookie("exchange")
    assert planted is not None
    victim = Browser(world)
    victim.client.set_cookie("exchange", planted.value)
    assert victim.sign_in("anna").status_code == 303
    after = victim.client.get_cookie("exchange")
    assert after is not None and after.value != planted.value
    assert attacker.get("/reports").status_code == 302
    assert victim.page("/account").tokens[0] != attacker.page("/sign-in").tokens[0]


def test_signing_out_ends_the_session_itself(world: ExchangeWorld) -> None:
    """A cookie that was copied before is worth nothing after, and another browser of the same person stays."""
    member, other = signed_in(world, "anna"), signed_in(world, "anna")
    copied = member.client.get_cookie("exchange")
    assert copied is not None
    answer = member.send("/sign-out", form_on="/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert member.get("/reports").status_code == 302
    member.client.set_cookie("exchange", copied.value)
    assert member.get("/reports").status_code == 302
    assert other.get("/reports").status_code == 200


def test_a_session_idles_out(tmp_path: Path) -> None:
    """After half an hour without a page, the form."""
    world = ExchangeWorld(tmp_path)
    world.services.get(Accounts).set_password(world.officers("coe-cpt")[0].id, "anna", PASSWORD)
    member = signed_in(world, "anna")
    world.clock.forward(1_799)
    assert member.get("/reports").status_code == 200
    world.clock.forward(1_801)
    assert member.get("/reports").status_code == 302
    world.close()


def test_the_cookie_is_closed(world: ExchangeWorld) -> None:
    """No script reads it, no other site sends it."""
    browser = Browser(world)
    cookie = browser.sign_in("anna").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_no_page_is_kept_by_a_browser_and_none_names_a_secret(world: ExchangeWorld) -> None:
    """Pages carry the closed headers; neither password nor session secret stands on one."""
    member = signed_in(world, "anna")
    with member.client.session_transaction() as session:
        secret = session["_user_id"]
    for path in ("/account", "/reports", "/verification", "/nope"):
        answer = member.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert secret not in answer.text and PASSWORD not in answer.text


def test_the_style_sheet_may_be_kept(world: ExchangeWorld) -> None:
    """What never changes under its address is fetched once: lines are slow."""
    page = Browser(world).page("/sign-in")
    sheet = next(where for where in page.loads if "exchange.css" in where)
    answer = Browser(world).get(sheet)
    assert answer.status_code == 200 and answer.mimetype == "text/css"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert len(answer.data) < 20_000
    assert "url(" not in answer.text and "@import" not in answer.text
    answer.close()


def test_the_account_page_says_who_is_signed_in(world: ExchangeWorld) -> None:
    """Name, body and number; and how to set a new password on one's own machine."""
    anna = world.officers("coe-cpt")[0]
    page = signed_in(world, "anna").page("/account")
    assert "anna" in page.text and "European Committee for the Prevention of Torture" in page.text
    assert "exchange account set-password --login-name NAME" in page.commands
    assert b64u(anna.officer) == anna.id


def test_too_many_attempts_are_told_on_the_form(tmp_path: Path) -> None:
    """The seventh guess a minute gets the form back, with a sentence and Retry-After."""
    from exchange import create_app
    from exchange.web.services import Clock
    from tests.web.support import make_config

    world = ExchangeWorld(tmp_path)
    world.services.get(Accounts).set_password(world.officers("coe-cpt")[0].id, "anna", PASSWORD)
    config = make_config(tmp_path, rate_limits=True)
    world.app = create_app(config, replace={Clock: world.clock}, background=False)
    browser = Browser(world)
    answers = [browser.sign_in("anna", "wrong") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 6 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert "wait" in read(answers[-1].text).text
    world.close()
