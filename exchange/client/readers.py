"""Who was given a report's key: from the owner's own views of the log, read whole and held to the signed tree.

The server keeps no list of readers. What stands here was decrypted on this machine from entries that the log has committed
to; a release without its entry would not open on its reader's machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.client.audit_reading import Reading, read_log
from exchange.client.report_acts import own_report, standing_stops
from exchange.client.report_errors import NotOwnerError
from exchange.client.session import Session
from exchange.ledger.record import Finding, Record
from exchange.ledger.vocabulary import RELEASE_PERMIT
from keys.encoding import format_time

RECEIPT: Final = "access:receipt:record"


@dataclass(frozen=True)
class Release:
    """One entry by which a body got the key of a part; `received`: when its officer acknowledged it, None if never."""

    index: int
    moment: datetime
    body: str
    officer: str
    part: str
    action: str
    purpose: str
    received: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "index": self.index,
            "time": format_time(self.moment),
            "body": self.body,
            "officer": self.officer,
            "part": self.part,
            "action": self.action,
            "purpose": self.purpose,
            "received": None if self.received is None else format_time(self.received),
        }


@dataclass(frozen=True)
class Readers:
    """Who got a key of a report up to entry `size` - 1 of the log in public, the owner itself included.

    `doubts`: what was found wrong with the owner's views; while there are any, nothing is proven. `stopped_at`: the entry of
    the last stop that stands, None where none does.
    """

    report: str
    owner: str
    releases: tuple[Release, ...]
    doubts: tuple[Finding, ...]
    size: int
    stopped_at: int | None

    @property
    def others(self) -> tuple[Release, ...]:
        """Releases to bodies other than the owner."""
        return tuple(release for release in self.releases if release.body != self.owner)

    @property
    def nobody(self) -> bool:
        """Whether it is proven that no other body has received a key, up to `size`."""
        return not self.others and not self.doubts


def readers(session: Session, report: str) -> Readers:
    """Return who got a report's key, from this body's own views; NotOwnerError for a body that is not its owner.

    Waits until the log in public covers the report's own entry and its last stop. Raises as `own_report` and `read_log`.
    """
    view = own_report(session, report)
    if view.header.owner != session.organisation:
        raise NotOwnerError("the releases to other bodies are not among this body's entries", owner=view.header.owner)
    standing = set(standing_stops(view))
    stops = [stored.ticket.index for stored in view.stops if stored.statement.hash in standing]
    reading = read_log(session, at_least=max([view.stored.ticket.index, *stops]) + 1)
    return Readers(
        report,
        view.header.owner,
        tuple(_releases(reading.records, report)),
        doubts(reading),
        reading.head.size,
        max(stops, default=None),
    )


def doubts(reading: Reading) -> tuple[Finding, ...]:
    """Return the findings that put a reading in doubt: all of them.

    Even a key that is merely not at hand leaves entries closed in which a release could stand.
    """
    return reading.findings


def _releases(records: Sequence[Record], report: str) -> list[Release]:
    of_report = [record for record in records if record.fields.get("report") == report]
    received = {
        (str(record.fields["request"]), record.fields["index"]): record.moment
        for record in of_report
        if record.act.tag == RECEIPT
    }
    return [
        Release(
            record.index,
            record.moment,
            str(record.fields["body"]),
            str(record.fields["actor"]),
            str(record.fields["part"]),
            str(record.fields["action"]),
            str(record.fields["purpose"]),
            received.get((str(record.fields["request"]), record.index)),
        )
        for record in of_report
        if record.act.tag == RELEASE_PERMIT
    ]
