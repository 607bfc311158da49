"""Whatever callers do and whatever becomes of commits: indices are dense, and who was answered has exactly its entry."""

import hashlib
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from exchange.audit.events import Recorded
from exchange.db import OutcomeUnknownError, UnitOfWork
from exchange.logs.faults import Faults
from exchange.storage.errors import DiskFullError
from keys.encoding import b64u
from tests import databases
from tests.unit.audit.audit_maker import CPT, Instance, permit
from tests.unit.audit.writer_crowd import Commits, Crowd

# What one act does in its batch, and what becomes of one commit among the first few.
DEEDS = ("records", "refuses", "asks nonsense", "is interrupted")
ENDS = ("stands", "stands", "stands", "disk full", "unknown, stands", "unknown, undone")


class Refused(Exception):
    """What an act raises to refuse."""


class Ends(Faults):
    """Lets the batches of a run end as planned; those after the plan stand."""

    def __init__(self) -> None:
        self.plan: list[str] = []
        self.commits: Commits | None = None

    def at(self, point: str) -> None:
        """See Faults."""
        if point != "audit.record.before-views" or not self.plan:
            return
        end = self.plan.pop(0)
        if end == "disk full":
            raise DiskFullError("the disk has no room for the database")
        if end.startswith("unknown") and self.commits is not None:
            self.commits.happens = end.endswith("stands")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    deeds=st.lists(st.sampled_from(DEEDS), min_size=1, max_size=10),
    ends=st.lists(st.sampled_from(ENDS), max_size=3),
    most=st.integers(1, 4),
)
def test_who_was_answered_has_exactly_its_entry(deeds: list[str], ends: list[str], most: int) -> None:
    """Answered: once, where it was told. Of unknown outcome: once or not at all. Everybody else: not at all."""
    with TemporaryDirectory() as folder, databases.of_one_test():
        faults = Ends()
        instance = Instance(Path(folder), replace={Faults: faults})
        try:
            instance.bodies.everybody()
            instance.start()
            faults.commits, faults.plan = Commits(instance.database), list(ends)
            instance.audit.writer._most = most
            _check(instance, deeds, _run(instance, deeds))
        finally:
            instance.close()


def _run(instance: Instance, deeds: list[str]) -> dict[int, Any]:
    crowd = Crowd(instance)
    with crowd.queueing():
        for number, deed in enumerate(deeds):
            crowd.add(_settled(instance, number, deed))
    return crowd.got


def _settled(instance: Instance, number: int, deed: str) -> Any:
    def settled(uow: UnitOfWork) -> Any:
        if deed == "refuses":
            raise Refused
        if deed == "is interrupted":
            raise KeyboardInterrupt
        if deed == "asks nonsense":
            uow.session.execute(text("select nothing from no_such_table"))
        return instance.audit.prepare(permit(request=_mark(number)))

    return settled


def _mark(number: int) -> str:
    return b64u(hashlib.sha256(bytes([number])).digest())


def _check(instance: Instance, deeds: list[str], got: dict[int, Any]) -> None:
    assert sorted(got) == list(range(len(deeds)))
    assert instance.fsck() == []
    records, findings = instance.read(CPT)
    assert findings == []
    places = {record.index: record.entry.fields["request"] for record in records}
    times = Counter(places.values())
    for number, what in got.items():
        mark = _mark(number)
        if isinstance(what, Recorded):
            assert deeds[number] == "records" and times[mark] == 1 and places[what.index] == mark
        elif isinstance(what, OutcomeUnknownError):
            assert times[mark] <= 1
        else:
            assert times[mark] == 0
    answered = [number for number, what in sorted(got.items()) if isinstance(what, Recorded)]
    assert [got[number].index for number in answered] == sorted(got[number].index for number in answered)
