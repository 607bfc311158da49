"""Whoever was shown a report at some moment is told of its recall, and nobody else: held against what was really answered.

Acts are drawn from a seed: agreements, withdrawals, suspensions, denials, stops, lifts, earlier recalls, later addressees,
days that pass. After each the bodies look whether the report is there; at the end it is recalled, and the notices compared.
"""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keys.statement import Statement
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import Instrument, deny, granted, instrument, permit, recorded
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import (
    Made,
    decision,
    registered,
    signed_determination,
    signed_grant,
    signed_lift,
    signed_recall,
    signed_stop,
)

BODIES = ("un-spt", "npm-xa")
ACTS = 9
SEEDS = range(16)


class Story:
    """One report and what happens to it, a minute or a day at a time."""

    def __init__(self, world: ExchangeWorld, folder: Path, seed: int) -> None:
        self.world, self.rng = world, random.Random(seed)
        self.anna, self.berta = world.officers("coe-cpt")[:2]
        self.people: dict[str, Person] = {body: world.officers(body)[0] for body in BODIES}
        self.named = {"un-spt"} if seed % 3 == 0 else set(BODIES)
        self.made: Made = registered(world, folder, recipients=tuple(sorted(self.named)))
        self.agreements: list[Instrument] = []
        self.closing: list[Statement] = []
        self.decided: bytes | None = None
        self.seen: set[str] = set()

    def scope(self) -> dict[str, object]:
        """An agreement about this report alone, from now, from tomorrow, or until tomorrow."""
        tomorrow = (self.world.clock.now() + timedelta(days=1)).date().isoformat()
        period = self.rng.choice(({}, {}, {"valid_from": tomorrow}, {"valid_to": self.world.clock.now().date().isoformat()}))
        return {"scope": "document", "scope_ref": self.made.report, **period}

    def bodies(self) -> list[str]:
        """One of the bodies, or both."""
        return self.rng.choice(([BODIES[0]], [BODIES[1]], list(BODIES)))

    def agree(self) -> None:
        """Two people record what the State agreed to."""
        body = instrument("XA", [permit(*self.bodies(), **self.scope())], kind="specific")
        self.agreements.append(granted(self.world, body, self.anna, self.berta))

    def record(self) -> None:
        """One person records it: nothing opens."""
        self.agreements.append(recorded(self.world, instrument("XA", [permit(*self.bodies(), **self.scope())])))

    def exclude(self) -> None:
        """The State excludes a body from this report."""
        terms = {"scope": "document", "scope_ref": self.made.report}
        granted(self.world, instrument("XA", [deny(self.rng.choice(BODIES), **terms)], kind="specific"))

    def end(self) -> None:
        """An agreement is withdrawn or suspended, now or from tomorrow on."""
        if self.agreements:
            made = self.agreements.pop(self.rng.randrange(len(self.agreements)))
            tomorrow = (self.world.clock.now() + timedelta(days=1)).date().isoformat()
            made.say(self.rng.choice(("withdrawn", "suspended")), self.berta, effective=self.rng.choice((None, tomorrow)))

    def stop(self) -> None:
        """The CPT stops it, or recalls it."""
        statement = self.rng.choice((signed_stop, signed_recall))(self.made, self.anna)
        assert self.world.say(self.anna, statement).status_code == 201
        self.closing.append(statement)

    def lift(self) -> None:
        """Two lift the last stop or recall."""
        if self.closing:
            lift = signed_lift(self.made, self.closing.pop(), self.anna, self.berta)
            assert self.world.say(self.anna, lift).status_code == 201

    def decide(self) -> None:
        """The CPT denies a body, or permits it again."""
        effect = self.rng.choice(("deny", "permit"))
        value = decision("coe-cpt", effect, self.rng.choice(BODIES))
        signers = (self.anna, self.berta) if effect == "permit" else (self.anna,)
        statement = signed_determination(self.made, "originator_decision", value, *signers, prev=self.decided)
        assert self.world.say(self.anna, statement).status_code == 201
        self.decided = statement.hash

    def name(self) -> None:
        """The CPT names the body that was left out."""
        for body in set(BODIES) - self.named:
            statement, beside = signed_grant(self.made, body, self.anna, self.berta)
            assert self.world.say(self.anna, statement, beside).status_code == 201
            self.named.add(body)

    def pass_time(self) -> None:
        """A day passes."""
        self.world.clock.forward(86_400)

    def look(self) -> None:
        """Every body looks whether the report is there for it."""
        for body, person in self.people.items():
            if self.world.get(person, f"/reports/{self.made.report}").status_code == 200 and body in self.named:
                self.seen.add(body)

    def goes_on(self) -> None:
        """Tell it: an act, a look; another second each time."""
        kinds: list[Callable[[], None]] = [
            self.agree, self.agree, self.record, self.exclude, self.end, self.stop, self.lift, self.lift, self.decide,
            self.name, self.pass_time,
        ]  # fmt: skip
        self.look()
        for _act in range(ACTS):
            self.world.clock.forward(self.rng.choice((1, 60)))
            self.rng.choice(kinds)()
            self.look()
        self.world.clock.forward(1)


def told(story: Story) -> set[str]:
    """The bodies that a recall of the whole report is told to, as the owner is shown, and as each finds it itself."""
    world = story.world
    statement = signed_recall(story.made, story.anna)
    assert world.say(story.anna, statement).status_code == 201
    items = world.get(story.anna, "/recalls", query_string={"report": story.made.report}).json["items"]
    shown = {each["organisation"] for each in items[0]["asked"]}
    for body, person in story.people.items():
        mine = world.get(person, "/recalls", query_string={"report": story.made.report}).json["items"]
        newest = [item["recall"]["hash"] for item in mine][:1] == [items[0]["recall"]["hash"]]
        assert newest == (body in shown)
    return shown


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[set[str], set[str]]]]:
    """Told one after the other on one exchange, each about a report of its own: who saw it, and who was told."""
    world = ExchangeWorld(tmp_path_factory.mktemp("reach"))
    found = []
    for seed in SEEDS:
        story = Story(world, tmp_path_factory.mktemp("story"), seed)
        story.goes_on()
        found.append((story.seen, told(story)))
    yield found
    world.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_told_is_who_saw_it(stories: list[tuple[set[str], set[str]]], seed: int) -> None:
    """Whatever happened in between, in whatever order."""
    seen, notified = stories[seed]
    assert notified == seen


def test_the_stories_are_of_every_kind(stories: list[tuple[set[str], set[str]]]) -> None:
    """Some end with nobody, some with one body, some with both: else the comparison would say little."""
    assert {len(seen) for seen, _told in stories} == {0, 1, 2}
