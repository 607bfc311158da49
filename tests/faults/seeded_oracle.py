"""What may have been released, worked out from what people did and where in the log it stands; not from the server's rules.

Every permit and every refusal in the log is held to it: a permit needs a registered report, an envelope for its reader, a
consent in force and no stop, each with an entry before it and no end before it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exchange.ledger.record import Record
from exchange.ledger.vocabulary import RELEASE_PERMIT, RELEASE_WITHHOLD
from tests.faults.seeded_ledger import DONE, Deed
from tests.faults.seeded_plan import CLOSED, OPEN, STANDING, STOP
from tests.web.report_maker import Made

BEGINNING = -1


@dataclass
class Truth:
    """When each thing began, and when it ended, as indices of the audit log; what stood before the run began at -1."""

    registered: dict[str, int] = field(default_factory=lambda: {OPEN: BEGINNING, CLOSED: BEGINNING})
    granted: dict[str, int] = field(default_factory=lambda: {STANDING: BEGINNING})
    withdrawn: dict[str, int] = field(default_factory=dict)
    stopped: dict[str, tuple[str, int]] = field(default_factory=lambda: {STOP: (CLOSED, BEGINNING)})
    lifted: dict[str, int] = field(default_factory=dict)
    readers: dict[tuple[str, str], int] = field(default_factory=dict)
    denied: dict[str, int] = field(default_factory=dict)

    def why_not(self, report: str, body: str, index: int) -> str | None:
        """Return why an envelope of `report` must not go to `body` at `index`; None when it may."""
        if report not in self.registered or self.registered[report] > index:
            return "the report is not registered"
        if body != "un-spt" and self.readers.get((report, body), index) >= index:
            return "there is no envelope for this reader"
        if not any(began < index < self.withdrawn.get(name, index + 1) for name, began in self.granted.items()):
            return "no consent is in force"
        for name, (stopped, began) in self.stopped.items():
            if stopped == report and began < index < self.lifted.get(name, index + 1):
                return "the report is stopped"
        if body == "un-spt" and self.denied.get(report, index) < index:
            return "its originator has decided against it"
        return None


def truth_of(deeds: Sequence[Deed], makes: Mapping[int, str]) -> Truth:
    """Put together what was acknowledged; `makes`: the name of what each step makes."""
    truth = Truth()
    for deed in deeds:
        if deed.state != DONE:
            continue
        if deed.kind == "deposit":
            truth.registered[deed.about] = deed.index
        elif deed.kind == "confirm":
            truth.granted[deed.about] = deed.index
        elif deed.kind == "withdraw":
            truth.withdrawn[deed.about] = deed.index
        elif deed.kind == "stop":
            truth.stopped[makes[deed.step]] = (deed.about, deed.index)
        elif deed.kind == "lift":
            truth.lifted[deed.about] = deed.index
        elif deed.kind == "grant":
            truth.readers[deed.about, "npm-xa"] = deed.index
        elif deed.kind == "decide":
            truth.denied[deed.about] = deed.index
    return truth


def judge(records: Sequence[Record], truth: Truth, reports: Mapping[str, Made]) -> Iterator[str]:
    """Yield each release in the log that must not have been, and each refusal without a reason."""
    names = {made.report: name for name, made in reports.items()}
    for record in records:
        tag = record.act.tag
        if tag not in (RELEASE_PERMIT, RELEASE_WITHHOLD):
            continue
        name = names.get(str(record.fields["report"]), "?")
        why = truth.why_not(name, str(record.fields["body"]), record.index)
        if tag == RELEASE_PERMIT and why is not None:
            yield f"entry {record.index} releases '{name}' to {record.fields['body']}, and {why}"
        if tag == RELEASE_WITHHOLD and why is None:
            body, reason = record.fields["body"], record.fields["reason"]
            yield f"entry {record.index} refuses '{name}' to {body} ({reason}) without a reason"
