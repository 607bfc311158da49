"""Whatever happens, in whatever order: asked about any past instant, an explanation is the one that was given then.

Through the whole application. Random histories of one report: agreements of two States recorded, confirmed, suspended, put
back, withdrawn, refused, some from a day that is to come; the report stopped and lifted, sent to another body, decided on by
its originator, published; officers joining and mandates; many of these in one second. Before the clock moves on, everything
is asked; when all of it has happened, everything is asked again about its instant.
"""

import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from keys.directory_officers import PrivateMandate
from keys.encoding import format_time, unb64u
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import Instrument, deny, granted, instrument, permit, signed_record
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import (
    Made,
    decision,
    part,
    registered,
    signed_determination,
    signed_grant,
    signed_lift,
    signed_stop,
)

BODIES = ("un-spt", "npm-xa")
QUESTIONS = (
    ("un-spt", "view", "follow_up"), ("un-spt", "forward", "follow_up"), ("npm-xa", "download", "complaint_handling"),
    ("state:XA", "view", "follow_up"),
)  # fmt: skip
EVENTS = ("granted", "suspended", "resumed", "withdrawn", "refused", "requested", "disputed", "deferred")


class History:
    """One report's history, made up by a seeded choice."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.world = ExchangeWorld(folder)
        parts = [part("p1"), part("p2", language="fr", states=["XA", "XB"])]
        self.made: Made = registered(self.world, folder / "machine", parts=parts, recipients=["un-spt"])
        self.pick = random.Random(seed)
        self.instruments: list[Instrument] = []
        self.stops: list[Any] = []
        self.chain: bytes | None = None
        self.asked: dict[tuple[str, tuple[str, str, str]], Any] = {}
        self.taken: set[str] = set()
        self.mandates = 0
        agreed = granted(self.world, instrument("XA", [permit(*BODIES)]))
        self.instruments.append(agreed)

    @property
    def anna(self) -> Person:
        """Who sent the report."""
        return self.made.officer

    @property
    def ben(self) -> Person:
        """The second officer of her body."""
        return self.world.officers("coe-cpt")[1]

    def live(self, steps: int) -> None:
        """Let so many things be tried, and ask about each second before it is over."""
        acts: list[tuple[str, Callable[[], Any]]] = [
            ("record", self.record), ("record", self.record), ("event", self.event), ("event", self.event),
            ("event", self.event), ("stop", self.stop), ("lift", self.lift), ("grant", self.grant),
            ("decide", self.decide), ("publish", self.publish), ("mandate", self.mandate),
        ]  # fmt: skip
        for _ in range(steps):
            for _ in range(self.pick.choice((1, 1, 1, 2, 3))):
                name, act = self.pick.choice(acts)
                answer = act()
                if answer is None or answer.status_code == 201:
                    self.taken.add(name)
            self.ask()
            self.world.clock.forward(self.pick.choice((1, 1, 60, 3600, 86_400)))

    def ask(self) -> None:
        """Ask every question about now."""
        moment = format_time(self.world.clock.now())
        for question in QUESTIONS:
            self.asked[moment, question] = self.explained(question)

    def explained(self, question: tuple[str, str, str], at: str | None = None) -> Any:
        """What the owner is told."""
        body, action, purpose = question
        query = {"for": body, "action": action, "purpose": purpose, **({} if at is None else {"at": at})}
        answer = self.world.get(self.anna, f"/reports/{self.made.report}/explain", query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def record(self) -> Any:
        state = self.pick.choice(("XA", "XA", "XB"))
        by = self.pick.choice((self.anna, self.anna, self.world.officers("un-spt")[0], self.world.officers("state:XA")[0]))
        scope = self.pick.choice(
            ({}, {"scope": "kind", "scope_ref": "visit_report"}, {"scope": "document", "scope_ref": self.made.report})
        )
        made = self.pick.choice((permit, permit, deny))(self.pick.choice(("un-spt", "npm-xa")), **scope)
        named = [each.name for each in self.instruments if self.pick.random() < 0.3]
        how = self.pick.choice(("supersedes", "amends"))
        statement = signed_record(self.world, instrument(state, [made], **{how: named[:1]}), by)
        answer = self.world.say(by, statement)
        if answer.status_code == 201:
            self.instruments.append(Instrument(self.world, statement_id(answer), statement, statement))
        return answer

    def event(self) -> Any:
        if not self.instruments:
            return None
        about = self.pick.choice(self.instruments)
        later = self.world.clock.now() + timedelta(days=self.pick.choice((1, 2)))
        effective = self.pick.choice((None, None, format_time(later)))
        people = (self.ben, self.ben, self.anna, self.world.officers("state:XA")[0])
        return about.say(self.pick.choice(EVENTS), self.pick.choice(people), effective=effective)

    def stop(self) -> Any:
        statement = signed_stop(self.made, self.anna)
        self.stops.append(statement)
        return self.world.say(self.anna, statement)

    def lift(self) -> Any:
        if not self.stops:
            return None
        return self.world.say(self.anna, signed_lift(self.made, self.stops.pop(), self.anna, self.ben))

    def grant(self) -> Any:
        return self.world.say(self.anna, *signed_grant(self.made, "npm-xa", self.anna, self.ben))

    def decide(self) -> Any:
        value = decision("coe-cpt", self.pick.choice(("deny", "permit")), "un-spt", actions=["view", "forward"])
        return self._determine("originator_decision", value)

    def publish(self) -> Any:
        return None if self.pick.random() < 0.9 else self._determine("tier_free", self.pick.choice((True, False)))

    def _determine(self, fact: str, value: Any) -> Any:
        prev = self.chain if fact == "originator_decision" else None
        statement = signed_determination(self.made, fact, value, self.anna, self.ben, prev=prev)
        answer = self.world.say(self.anna, statement)
        if answer.status_code == 201 and fact == "originator_decision":
            self.chain = statement.hash
        return answer

    def mandate(self) -> None:
        founding = self.world.founding
        founding.now = max(founding.now, self.world.clock.now())
        self.mandates += 1
        half = PrivateMandate("member", self.mandates)
        self.world.submit(founding.mandate(self.world.officers("un-spt")[1], private=half))


def statement_id(answer: Any) -> bytes:
    """The id of the instrument that was recorded."""
    return unb64u(answer.json["instrument"], 16)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32))
def test_a_past_instant_is_explained_as_it_was_then(seed: int) -> None:
    """Outcome, reasons, parts, basis, gates, next steps and evidence, word for word; and something was decided each way."""
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder), seed)
        try:
            history.live(8)
            for (moment, question), then in history.asked.items():
                assert history.explained(question, moment) == then, (moment, question)
        finally:
            history.world.close()
