"""What happens between a release's decision and its entry: each thing that moves is seen, and decided on anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.access.decide import Access
from exchange.audit.services import Audit
from exchange.statements.determination import StandingScope
from tests.web.access_maker import Instrument, ask, check_permit, granted, instrument, permit, signed_request
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, decision, registered, signed_determination, signed_stop

PERMIT = "access:release:permit"
WITHHELD = "access:release:withhold"


class Meanwhile:
    """Does something once, after a decision was made in its reading unit and before the act stands in the queue."""

    def __init__(self, world: ExchangeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        self._act: Callable[[], Any] | None = None
        self.answer: Any = None
        self.looks = 0
        audit, access = world.services.get(Audit), world.services.get(Access)
        ready, look = audit.ready, access.look

        def readied(event: Any) -> Any:
            act, self._act = self._act, None
            if act is not None:
                self.answer = act()
            return ready(event)

        def looked(*arguments: Any) -> Any:
            self.looks += 1
            return look(*arguments)

        monkeypatch.setattr(audit, "ready", readied)
        monkeypatch.setattr(access, "look", looked)

    def does(self, act: Callable[[], Any]) -> None:
        """Do this when the next decision has been made."""
        self._act, self.looks = act, 0


@pytest.fixture
def made(world: ExchangeWorld, tmp_path: Path) -> Made:
    """A report of the CPT for the SPT."""
    return registered(world, tmp_path)


@pytest.fixture
def agreed(made: Made) -> Instrument:
    """The agreement of the State that it concerns."""
    return granted(made.world, instrument("XA", [permit("un-spt")]))


@pytest.fixture
def meanwhile(made: Made, agreed: Instrument, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """What is done in between."""
    return Meanwhile(made.world, monkeypatch)


def release(made: Made) -> Any:
    """An officer of the SPT asks for the first part."""
    return ask(made, made.world.officers("un-spt")[0], made.parts[0])


def check_withheld(made: Made, answer: Any, since: int) -> None:
    """It was refused, with one entry that says so and none that permits."""
    assert answer.status_code in (403, 404) and "envelope" not in answer.json
    acts = made.world.acts("audit-cpt", since)
    assert acts.count(WITHHELD) == 1 and PERMIT not in acts
    assert made.world.fsck() == []


def test_a_withdrawal_in_between_is_heard(made: Made, agreed: Instrument, meanwhile: Meanwhile) -> None:
    """The decision was a permit; the consent was withdrawn, and acknowledged, before its entry was written."""
    world, anna = made.world, made.officer
    world.token(anna), world.token(world.officers("un-spt")[0])
    size = world.size()
    meanwhile.does(lambda: world.say(anna, agreed.next("withdrawn", anna)))
    answer = release(made)
    assert meanwhile.answer.status_code == 201
    assert answer.json["code"] == "N_UNAVAILABLE" and meanwhile.looks == 2
    check_withheld(made, answer, size)
    assert world.read("audit-cpt").last(WITHHELD).index > meanwhile.answer.json["ticket"]["index"]


def test_a_stop_in_between_is_heard(made: Made, meanwhile: Meanwhile) -> None:
    """Its body stops the report after the decision."""
    size = made.world.size()
    meanwhile.does(lambda: made.world.say(made.officer, signed_stop(made, made.officer)))
    answer = release(made)
    assert meanwhile.answer.status_code == 201
    check_withheld(made, answer, size)


def test_a_standing_decision_in_between_is_heard(made: Made, meanwhile: Meanwhile) -> None:
    """The report's body decides about all its reports; no statement names this one."""
    size, no = made.world.size(), decision("coe-cpt", "deny", "un-spt")
    said = signed_determination(made, "originator_decision", no, made.officer, scope=StandingScope("coe-cpt"))
    meanwhile.does(lambda: made.world.say(made.officer, said))
    answer = release(made)
    assert meanwhile.answer.status_code == 201, meanwhile.answer.json
    check_withheld(made, answer, size)


def test_an_officer_who_leaves_in_between_is_refused(made: Made, meanwhile: Meanwhile) -> None:
    """The directory moved: the key was good when the decision was made."""
    world = made.world
    person, by = world.officers("un-spt")[:2]
    request = signed_request(made, person, made.parts[0])
    world.token(person)
    size = world.size()
    meanwhile.does(
        lambda: world.submit(*world.founding.leave(person, size=world.size(), signers=[by], submit=False))
    )
    answer = ask(made, person, made.parts[0], statement=request)
    assert (answer.status_code, answer.json["code"]) == (403, "N_ACCOUNT")
    check_withheld(made, answer, size)


def test_the_next_second_is_decided_on_anew(made: Made, meanwhile: Meanwhile) -> None:
    """What is in force depends on the instant: the same answer, looked at twice, with one entry."""
    size = made.world.size()
    made.world.token(made.world.officers("un-spt")[0])
    meanwhile.does(lambda: made.world.clock.forward(seconds=1))
    answer = release(made)
    assert answer.status_code == 200 and meanwhile.looks == 2
    assert made.world.acts("audit-cpt", size).count(PERMIT) == 1


def test_where_nothing_moved_nothing_is_decided_twice(made: Made, meanwhile: Meanwhile) -> None:
    """The work of a decision is not done again under the writer's turn."""
    reader = made.world.officers("un-spt")[0]
    meanwhile.does(lambda: None)
    answer = release(made)
    assert meanwhile.looks == 1
    check_permit(made, reader, made.parts[0], answer)
