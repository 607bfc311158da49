"""What pages say of recalls: values ready to be shown, to the body that recalled or to one that is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from exchange.access.recalls import Shown
from exchange.statements import recall_answer
from keys.encoding import b64u


@dataclass(frozen=True)
class RowShown:
    """A body and a part it is asked about; `answer` is the word that counts, None while none was given."""

    organisation: str
    part: str
    answer: str | None
    at: datetime | None


@dataclass(frozen=True)
class RecallShown:
    """A recall as a page shows it. `own`: of a report of the reader's body; `open`: something is still to be answered."""

    report: str
    owner: str
    own: bool
    at: datetime
    part: str | None
    reason: str
    instrument: str | None
    reply_by: date | None
    overdue: bool
    lifted: datetime | None
    open: bool
    rows: tuple[RowShown, ...]
    untold: tuple[str, ...]

    @property
    def asks(self) -> bool:
        """Whether the reader's body is the one that is to answer."""
        return self.open and not self.own


def recalls_shown(found: Sequence[Shown], now: datetime) -> list[RecallShown]:
    """Return recalls as pages show them, in the order given; overdue from the day after the last one for an answer."""
    return [_shown(each, now.date()) for each in found]


def _shown(each: Shown, today: date) -> RecallShown:
    recalled, values = each.recalled, each.recalled.values
    rows = []
    for asked in each.asked:
        last = asked.answers[-1] if asked.answers else None
        said = None if last is None else recall_answer.read(last.statement).answer
        rows.append(RowShown(asked.organisation, b64u(asked.part), said, None if last is None else last.recorded))
    return RecallShown(
        report=values.report,
        owner=recalled.owner,
        own=each.own,
        at=recalled.stored.recorded,
        part=None if values.part is None else b64u(values.part),
        reason=values.reason,
        instrument=None if values.instrument is None else b64u(values.instrument),
        reply_by=values.reply_by,
        overdue=bool(each.open) and values.reply_by is not None and values.reply_by < today,
        lifted=None if recalled.lift is None else recalled.lift.recorded,
        open=bool(each.open),
        rows=tuple(rows),
        untold=tuple(sorted({body for body, _part in each.untold})),
    )
