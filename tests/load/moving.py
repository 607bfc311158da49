"""A report that is opened and closed again and again: agreement recorded, confirmed and withdrawn, stopped and lifted.

Every step is acknowledged before the next is sent, and goes into the report's timeline. Two keepers of the owner take part,
since whatever opens takes two.
"""

import time
from dataclasses import dataclass, field

from keys.statement import Statement
from tests.load.officer import Asked, Officer
from tests.load.papers import Report
from tests.load.timeline import CONSENT, STOP, Change, Release, Timeline


@dataclass
class Moving:
    """A report with its two keepers; `state` names the State whose agreement it needs, and no other report's."""

    report: Report
    keepers: tuple[Officer, Officer]
    timeline: Timeline
    records: list[Statement] = field(default_factory=list)
    last: Statement | None = None
    stopped: Statement | None = None

    @property
    def agreed(self) -> bool:
        """Whether an agreement stands."""
        return self.last is not None

    async def agree(self) -> None:
        """Record an agreement and confirm it."""
        first, second = self.keepers
        desk = first.floor.desk
        record = desk.record(first.person, self.report.states[0], self.report.readers, self.report.id)
        await first.say("consent record", record)
        granted = desk.event(second.person, record, record.hash, "granted")
        await self._say("consent confirm", second, granted, CONSENT, opens=True)
        self.records.append(record)
        self.last = granted

    async def withdraw(self, host: int | None = None) -> Change:
        """Withdraw the agreement."""
        if self.last is None:
            raise LookupError("no agreement stands")
        by = self.keepers[len(self.records) % 2]
        statement = by.floor.desk.event(by.person, self.records[-1], self.last.hash, "withdrawn")
        change = await self._say("consent withdraw", by, statement, CONSENT, opens=False, host=host)
        self.last = None
        return change

    async def stop(self, host: int | None = None) -> Change:
        """Stop the report, by one officer."""
        by = self.keepers[0]
        self.stopped = by.floor.desk.stop(by.person, self.report)
        return await self._say("stop", by, self.stopped, STOP, opens=False, host=host)

    async def lift(self) -> None:
        """Lift the stop, by two."""
        if self.stopped is None:
            raise LookupError("no stop stands")
        first, second = self.keepers
        statement = first.floor.desk.lift(self.report, self.stopped.hash).signed_by(first.person.sign)
        await first.say("lift", statement, due=(202,))
        await self._say("lift", second, statement.signed_by(second.person.sign), STOP, opens=True)
        self.stopped = None

    def note(self, asked: Asked) -> None:
        """Put a release request's outcome into the timeline."""
        self.timeline.releases.append(Release(asked.sent, asked.answered, asked.index))

    async def _say(
        self, act: str, by: Officer, statement: Statement, kind: str, *, opens: bool, host: int | None = None
    ) -> Change:
        await by.token()
        sent = time.monotonic()
        answer = await by.say(act, statement, host=host)
        change = Change(kind, opens, int(answer.json["ticket"]["index"]), sent, time.monotonic())
        self.timeline.changes.append(change)
        return change


def moving(report: Report, keepers: tuple[Officer, Officer]) -> Moving:
    """A deposited report that nobody has agreed to yet."""
    return Moving(report, keepers, Timeline(report.id))
