"""Password accounts and sessions: generic refusals after equal work, and sessions that end when they should."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exchange.accounts.errors import LoginNameInvalidError, LoginNameTakenError, PasswordTooWeakError, SignInFailedError
from exchange.accounts.passwords import Passwords, login_name
from exchange.accounts.services import Accounts
from exchange.audit.services import Audit
from exchange.db import Database
from exchange.web.services import Clock
from exchange.wiring import build
from tests import databases
from tests.web.support import CHEAP, FakeKeyDirectory, FakeOfficer, StillClock, make_config, prepare

PASSWORD = "quatre chevaux gris"


class Counting(Passwords):
    """Counts how often a password was checked, and against what."""

    def __init__(self) -> None:
        super().__init__(CHEAP)
        self.checked: list[bool] = []

    def check(self, stored: str | None, password: str) -> bool:
        """Note whether there was an account."""
        self.checked.append(stored is not None)
        return super().check(stored, password)


class World:
    """An Accounts service, and what it stands on."""

    def __init__(self, folder: Path) -> None:
        self.clock = StillClock()
        self.directory = FakeKeyDirectory()
        self.passwords = Counting()
        config = make_config(folder)
        self.instance = config.instance
        prepare(config, self.clock)
        built = build(config, {Clock: self.clock})
        self.database = built.get(Database)
        idle, longest = timedelta(minutes=30), timedelta(hours=8)
        self.accounts = Accounts(
            self.database, lambda: self.directory, self.passwords, built.get(Audit), idle, longest
        )

    def officer(self) -> FakeOfficer:
        """Return an officer with the account "anna"."""
        who = self.directory.enrol("coe-cpt")
        self.accounts.set_password(who.officer, "anna", PASSWORD)
        return who

    @property
    def now(self) -> datetime:
        """The present."""
        return self.clock.now()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a new world."""
    world = World(tmp_path)
    yield world
    world.database.dispose()


def test_sign_in_and_out(world: World) -> None:
    """Name and password give a session that knows its officer; signing out ends it."""
    who = world.officer()
    secret = world.accounts.sign_in(" Anna ", PASSWORD)
    found = world.accounts.session(secret)
    assert found is not None and (found.officer, found.organisation, found.login_name) == (who.officer, "coe-cpt", "anna")
    world.accounts.sign_out(secret)
    assert world.accounts.session(secret) is None
    world.accounts.sign_out(secret)


def test_every_refusal_is_the_same_after_the_same_work(world: World) -> None:
    """Unknown name, wrong password, officer who left: one message, one check of a password each."""
    who = world.officer()
    messages = set()
    for name, password in [("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("anna", "")]:
        with pytest.raises(SignInFailedError) as caught:
            world.accounts.sign_in(name, password)
        messages.add(str(caught.value))
    world.directory.leave(who)
    with pytest.raises(SignInFailedError) as caught:
        world.accounts.sign_in("anna", PASSWORD)
    messages.add(str(caught.value))
    assert len(messages) == 1
    assert world.passwords.checked == [True, False, False, True, True]


def test_a_check_against_nobody_costs_the_same_as_one_that_fails() -> None:
    """The stand-in for a missing account has the form and the cost of a real hash, and no password opens it."""
    passwords = Passwords(CHEAP)
    real = passwords.hash("anna", PASSWORD)
    assert passwords._nobody.split("$")[:4] == real.split("$")[:4]
    assert [len(part) for part in passwords._nobody.split("$")] == [len(part) for part in real.split("$")]
    assert passwords.check(None, PASSWORD) is False
    assert passwords.check(real, PASSWORD) is True
    assert passwords.check("damaged", PASSWORD) is False


def test_a_session_idles_out_and_ends_in_any_case(world: World) -> None:
    """Thirty minutes after its last use, and eight hours after its start."""
    world.officer()
    secret = world.accounts.sign_in("anna", PASSWORD)
    for _ in range(19):
        world.clock.forward(25 * 60)
        assert world.accounts.session(secret) is not None
    world.clock.forward(6 * 60)
    assert world.accounts.session(secret) is None, "eight hours are over"
    secret = world.accounts.sign_in("anna", PASSWORD)
    world.clock.forward(30 * 60)
    assert world.accounts.session(secret) is None, "thirty idle minutes are over"
    with world.database.unit_of_work(write=True) as uow:
        world.accounts.purge(uow)
        assert uow.session.connection().exec_driver_sql("select count(*) from web_sessions").scalar() == 0


def test_a_session_ends_with_its_officer_and_with_a_new_password(world: World) -> None:
    """No session outlives the access or the password it was opened with."""
    who = world.officer()
    secret = world.accounts.sign_in("anna", PASSWORD)
    world.accounts.set_password(who.officer, "anna", "cinq chevaux blancs")
    assert world.accounts.session(secret) is None
    with pytest.raises(SignInFailedError):
        world.accounts.sign_in("anna", PASSWORD)
    secret = world.accounts.sign_in("anna", "cinq chevaux blancs")
    world.directory.leave(who)
    assert world.accounts.session(secret) is None


def test_a_name_belongs_to_one_officer(world: World) -> None:
    """Another officer cannot take it, in any spelling; its owner may keep or change it."""
    who = world.officer()
    other = world.directory.enrol("un-spt")
    with pytest.raises(LoginNameTakenError):
        world.accounts.set_password(other.officer, "ANNA", PASSWORD)
    world.accounts.set_password(who.officer, "anna.b", PASSWORD)
    world.accounts.set_password(other.officer, "anna", PASSWORD)
    with world.database.unit_of_work() as uow:
        assert [world.accounts.name_of(uow, o.officer) for o in (who, other)] == ["anna.b", "anna"]


@pytest.mark.parametrize("name", ["", "ab", "a b c", "é" * 5, "-abc", "a" * 65, "a\nbc"])
def test_names_have_one_plain_form(name: str) -> None:
    """Anything else is refused before it is stored."""
    with pytest.raises(LoginNameInvalidError):
        login_name(name)


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 257, "my name is ANNA!!"])
def test_weak_passwords_are_refused(world: World, password: str) -> None:
    """Too short, too long, or holding the name."""
    who = world.directory.enrol("coe-cpt")
    with pytest.raises(PasswordTooWeakError) as caught:
        world.accounts.set_password(who.officer, "anna", password)
    assert not password or password not in str(caught.value)


def test_one_password_in_two_spellings(world: World) -> None:
    """An é typed as one character or two is the same password."""
    who = world.directory.enrol("coe-cpt")
    world.accounts.set_password(who.officer, "anna", "un été très chaud")
    assert world.accounts.session(world.accounts.sign_in("anna", "un été très chaud"))


def test_the_database_holds_no_secret(world: World) -> None:
    """Neither a password nor a session's secret is in any file."""
    world.officer()
    secret = world.accounts.sign_in("anna", PASSWORD)
    data = b"".join(databases.stored(world.instance).values())
    assert b"anna" in data and secret.encode() not in data and PASSWORD.encode() not in data
