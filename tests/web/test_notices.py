"""Notices by e-mail: asked for and confirmed, the same for everybody, once a day, and never about anything."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from exchange.accounts.services import Accounts
from exchange.logs.faults import Faults
from exchange.notices.mail import Mailer, SmtpMailer, read_server
from exchange.notices.models import NoticeAddress
from exchange.notices.services import Notices
from tests.smtp import Post, post_office
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import granted, instrument, permit, recorded
from tests.web.exchange_world import ExchangeWorld
from tests.web.fill import PASSWORD, Browser
from tests.web.report_maker import decision, registered, signed_determination, signed_recall

ADDRESS = "chen@body.example"
CODE = re.compile(r"^(?:Your code|Votre code) ?: ([A-Z0-9]{10})$", re.MULTILINE)


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server."""
    with post_office() as office:
        yield office


@dataclass
class Meanwhile(Faults):
    """At a point of its name, something happens once."""

    what: dict[str, Callable[[], object]] = field(default_factory=dict)

    def at(self, point: str) -> None:
        """Let it happen."""
        if point in self.what:
            self.what.pop(point)()


@pytest.fixture
def meanwhile() -> Meanwhile:
    """What happens at points."""
    return Meanwhile()


@pytest.fixture
def mailed(tmp_path: Path, post: Post, meanwhile: Meanwhile) -> Iterator[ExchangeWorld]:
    """A founded exchange that sends through it."""
    world = ExchangeWorld(tmp_path / "world")
    world.close()
    world.replace[Faults] = meanwhile
    mailer = SmtpMailer(read_server(f"smtp://127.0.0.1:{post.port}"), "notices@exchange.example", world.clock)
    world.replace[Mailer] = mailer
    world.open()
    yield world
    world.close()


def chen(world: ExchangeWorld) -> Person:
    """A member of the SPT."""
    return world.officers("un-spt")[0]


def ask(world: ExchangeWorld, person: Person, address: str = ADDRESS, language: str = "en") -> int:
    """Ask for notices and return the status."""
    body = {"address": address, "language": language}
    return int(world.put(person, "/account/notices", json=body).status_code)


def confirm(world: ExchangeWorld, person: Person, code: str) -> int:
    """Give a code back and return the status."""
    return int(world.post(person, "/account/notices/confirm", {"code": code}).status_code)


def code_in(post: Post) -> str:
    """The code in the newest message."""
    found = CODE.search(post.messages[-1].get_content())
    assert found is not None
    return found[1]


def begun(world: ExchangeWorld, post: Post, person: Person, address: str = ADDRESS) -> None:
    """Have a person receive notices."""
    assert ask(world, person, address) == 204
    assert confirm(world, person, code_in(post)) == 204
    post.messages.clear()


def morning(world: ExchangeWorld) -> int:
    """Go on to the next morning and send; return how many messages went."""
    world.clock.forward(24 * 3600)
    return world.services.get(Notices).send_due()


def arrive(world: ExchangeWorld, folder: Path) -> None:
    """A report arrives that the SPT may know of."""
    registered(world, folder)
    granted(world, instrument("XA", [permit("un-spt")]))


def test_nothing_goes_to_an_address_that_did_not_answer(mailed: ExchangeWorld, post: Post, tmp_path: Path) -> None:
    """Asked for, not confirmed: one code, and no notice ever."""
    assert ask(mailed, chen(mailed)) == 204
    arrive(mailed, tmp_path)
    assert morning(mailed) == 0 and len(post.messages) == 1
    assert post.messages[0]["To"] == ADDRESS
    shown = mailed.get(chen(mailed), "/account/notices").json
    assert shown == {"offered": True, "address": ADDRESS, "language": "en", "confirmed": False}


def test_what_arrives_is_told_once_in_the_morning(mailed: ExchangeWorld, post: Post, tmp_path: Path) -> None:
    """Not at the moment it arrives, not twice, not to who asked for nothing."""
    begun(mailed, post, chen(mailed))
    assert morning(mailed) == 0
    arrive(mailed, tmp_path)
    assert mailed.services.get(Notices).send_due() == 0
    assert morning(mailed) == 1
    assert mailed.services.get(Notices).send_due() == morning(mailed) == 0
    assert [message["To"] for message in post.messages] == [ADDRESS]


def test_every_notice_says_the_same(mailed: ExchangeWorld, post: Post, tmp_path: Path) -> None:
    """Whatever it is about: one subject, one text, no body, State, report or number in it; the hour is the same too."""
    spt, cpt = mailed.officers("un-spt")[0], mailed.officers("coe-cpt")
    begun(mailed, post, spt)
    begun(mailed, post, cpt[1], "ben@other.example")
    made = registered(mailed, tmp_path)
    granted(mailed, instrument("XA", [permit("un-spt")]))
    pending = signed_determination(made, "originator_decision", decision("coe-cpt", "permit", "npm-xa"), cpt[0])
    assert mailed.say(cpt[0], pending).status_code == 202
    assert morning(mailed) == 2
    one, other = sorted(post.messages, key=lambda message: str(message["To"]))
    assert one.get_content() == other.get_content() and one["Subject"] == other["Subject"] == "Notice"
    assert one["Date"] == other["Date"]
    said = one.as_string()
    for name in ("coe-cpt", "un-spt", "npm-xa", "XA", made.report, "CPT", "report on"):
        assert name not in said, name
    assert "http://localhost:8443" in said


def test_in_french_to_who_asked_in_french(mailed: ExchangeWorld, post: Post, tmp_path: Path) -> None:
    """The code and the notice."""
    assert ask(mailed, chen(mailed), language="fr") == 204
    assert confirm(mailed, chen(mailed), code_in(post).lower()) == 204
    arrive(mailed, tmp_path)
    assert morning(mailed) == 1
    assert post.messages[-1]["Subject"] == "Avis" and "volontairement" in post.messages[-1].get_content()


def test_what_a_state_owes_is_told_a_week_ahead(mailed: ExchangeWorld, post: Post) -> None:
    """A request with a day to answer by: its recorder is told from seven days before, once."""
    anna = mailed.officers("coe-cpt")[0]
    due = mailed.clock.now() + timedelta(days=10)
    asked = recorded(mailed, instrument("XA", [permit("un-spt")], reply_by=due.strftime("%Y-%m-%d")), anna)
    assert asked.say("requested", anna).status_code == 201
    begun(mailed, post, anna, "anna@body.example")
    sent = [morning(mailed) for _ in range(7)]
    assert sum(sent) == 1 and sent[:2] == [0, 0]


def test_a_recall_to_be_answered_is_told_to_who_is_asked(mailed: ExchangeWorld, post: Post, tmp_path: Path) -> None:
    """Not to the body that recalled."""
    anna = mailed.officers("coe-cpt")[0]
    made = registered(mailed, tmp_path)
    granted(mailed, instrument("XA", [permit("un-spt")]))
    begun(mailed, post, chen(mailed))
    mailed.clock.forward(700)
    begun(mailed, post, anna, "anna@body.example")
    assert mailed.say(anna, signed_recall(made, anna)).status_code == 201
    assert morning(mailed) == 1 and post.messages[0]["To"] == ADDRESS


def test_a_wrong_code_opens_nothing_and_wears_the_right_one_out(mailed: ExchangeWorld, post: Post) -> None:
    """Five wrong ones, and the right one is void; a day makes it void too."""
    assert ask(mailed, chen(mailed)) == 204
    code = code_in(post)
    assert [confirm(mailed, chen(mailed), "AAAAAAAAAA") for _ in range(5)] == [422] * 5
    assert confirm(mailed, chen(mailed), code) == 422
    mailed.clock.forward(700)
    assert ask(mailed, chen(mailed)) == 204
    mailed.clock.forward(24 * 3600)
    assert confirm(mailed, chen(mailed), code_in(post)) == 422


def test_codes_cannot_be_poured_over_somebody(mailed: ExchangeWorld, post: Post) -> None:
    """One in ten minutes."""
    assert ask(mailed, chen(mailed)) == 204
    assert ask(mailed, chen(mailed), "victim@other.example") == 429
    assert len(post.messages) == 1


def test_another_address_ends_the_former(mailed: ExchangeWorld, post: Post, tmp_path: Path) -> None:
    """From the asking on, so that a lost mailbox is told nothing more."""
    begun(mailed, post, chen(mailed))
    mailed.clock.forward(700)
    assert ask(mailed, chen(mailed), "new@body.example") == 204
    arrive(mailed, tmp_path)
    assert morning(mailed) == 0


def test_who_ends_them_or_leaves_is_forgotten(mailed: ExchangeWorld, post: Post, tmp_path: Path) -> None:
    """The row goes with the wish, and with the officer's access."""
    first, second = mailed.officers("un-spt")[:2]
    begun(mailed, post, first)
    begun(mailed, post, second, "second@body.example")
    assert mailed.client.delete("/api/v1/account/notices", headers=mailed.token(first)).status_code == 204
    mailed.submit(*mailed.founding.leave(second, size=mailed.size(), submit=True))
    arrive(mailed, tmp_path)
    assert morning(mailed) == 0 and post.messages == []
    with mailed.database.unit_of_work() as uow:
        assert uow.session.query(NoticeAddress).count() == 0


def test_a_mail_server_that_fails_is_asked_again_in_an_hour(mailed: ExchangeWorld, post: Post, tmp_path: Path) -> None:
    """Nothing is told twice, and nothing is lost."""
    begun(mailed, post, chen(mailed))
    arrive(mailed, tmp_path)
    post.refuses = True
    assert morning(mailed) == 0
    post.refuses = False
    assert mailed.services.get(Notices).send_due() == 0
    mailed.clock.forward(3600)
    assert mailed.services.get(Notices).send_due() == 1 and len(post.messages) == 1
    assert morning(mailed) == 0


def test_two_hosts_send_one(mailed: ExchangeWorld, post: Post, tmp_path: Path, meanwhile: Meanwhile) -> None:
    """While one has it in hand, the other finds nothing to do."""
    begun(mailed, post, chen(mailed))
    arrive(mailed, tmp_path)
    notices = mailed.services.get(Notices)
    counts: list[int] = []
    meanwhile.what["notices.send.mailed"] = lambda: counts.append(notices.send_due())
    assert morning(mailed) == 1
    assert counts == [0] and len(post.messages) == 1


def _break() -> None:
    raise OSError("broken")


@pytest.mark.parametrize("point", ["notices.ask.before-commit", "notices.confirm.before-commit", "notices.stop.before-commit"])
def test_what_breaks_before_the_commit_has_not_happened(
    mailed: ExchangeWorld, post: Post, meanwhile: Meanwhile, point: str
) -> None:
    """No wish, no entry, no code sent; the same again succeeds."""
    who = chen(mailed)
    steps = {
        "ask": lambda: ask(mailed, who),
        "confirm": lambda: confirm(mailed, who, code_in(post)),
        "stop": lambda: mailed.client.delete("/api/v1/account/notices", headers=mailed.token(who)).status_code,
    }
    for name, step in steps.items():
        if f".{name}." not in point:
            assert step() == 204
            continue
        before = mailed.get(who, "/account/notices").json, mailed.size(), len(post.messages)
        meanwhile.what[point] = _break
        assert step() == 500
        assert (mailed.get(who, "/account/notices").json, mailed.size(), len(post.messages)) == before
        assert step() == 204


def test_a_host_that_dies_after_the_mail_tells_twice_and_never_not_at_all(
    mailed: ExchangeWorld, post: Post, tmp_path: Path, meanwhile: Meanwhile
) -> None:
    """The next look is an hour later; the one after that finds it done."""
    begun(mailed, post, chen(mailed))
    arrive(mailed, tmp_path)
    meanwhile.what["notices.send.mailed"] = _break
    assert morning(mailed) == 0 and len(post.messages) == 1
    mailed.clock.forward(3600)
    assert mailed.services.get(Notices).send_due() == 1
    assert morning(mailed) == 0 and len(post.messages) == 2


def test_the_log_says_that_and_not_where(mailed: ExchangeWorld, post: Post) -> None:
    """Three acts with actor and body; the address is nowhere in the log."""
    begun(mailed, post, chen(mailed))
    assert mailed.client.delete("/api/v1/account/notices", headers=mailed.token(chen(mailed))).status_code == 204
    acts = [act for act in mailed.acts("audit-un") if act.startswith("accounts:notices")]
    assert acts == ["accounts:notices:ask", "accounts:notices:begin", "accounts:notices:end"]


def test_marks_tell_nothing_without_their_salt(mailed: ExchangeWorld, post: Post, tmp_path: Path) -> None:
    """The row holds no id, and two officers' marks of one thing differ."""
    first, second = mailed.officers("un-spt")[:2]
    arrive(mailed, tmp_path)
    begun(mailed, post, first)
    begun(mailed, post, second, "second@body.example")
    with mailed.database.unit_of_work() as uow:
        one, other = (uow.session.get_one(NoticeAddress, person.id).told for person in (first, second))
    assert one is not None and other is not None and len(one) == len(other) == 16 and one != other


def test_without_a_mail_server_it_is_not_offered(world: ExchangeWorld) -> None:
    """Said as it is, by a code of its own."""
    person = chen(world)
    assert world.get(person, "/account/notices").json["offered"] is False
    answer = world.put(person, "/account/notices", json={"address": ADDRESS, "language": "en"})
    assert (answer.status_code, answer.json["code"]) == (409, "mail_not_offered")


def test_the_page_asks_confirms_and_ends(mailed: ExchangeWorld, post: Post) -> None:
    """What a person does in a browser, errors said on the page."""
    mailed.services.get(Accounts).set_password(chen(mailed).id, "chen", PASSWORD)
    browser = Browser(mailed)
    browser.sign_in("chen")
    page = browser.page("/account/notices")
    assert page.title.startswith("Notices by e-mail")
    wrong = browser.send("/account/notices", "/account/notices", address="nowhere")
    assert wrong.status_code == 422 and "This is not an e-mail address." in wrong.text
    assert browser.send("/account/notices", "/account/notices", address=ADDRESS).status_code == 303
    assert browser.send("/account/notices/confirm", "/account/notices", code=code_in(post)).status_code == 303
    assert "once a day at most" in browser.get("/account/notices").text
    assert browser.send("/account/notices/stop", "/account/notices").status_code == 303
    assert ADDRESS not in browser.get("/account/notices").text
