"""Who was given a report's key: from the owner's own views of the log, read whole and held to the signed tree.

The server keeps no list of readers. What stands here was decrypted on this machine from entries that the log has committed
to; a release without its entry would not open on its reader's machine.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange.client import recalls
from exchange.client.audit_reading import Reading, read_log
from exchange.client.report_acts import own_report, standing_stops
from exchange.client.report_errors import NotOwnerError
from exchange.client.report_view import ReportView
from exchange.client.session import Session
from exchange.client.tickets import Stored
from exchange.ledger.record import Finding, Record
from exchange.ledger.vocabulary import RELEASE_PERMIT
from keys.encoding import b64u, format_time

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
    the last stop, or recall from everyone, that stands, None where none does.
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

    Waits until the log in public covers the report's own entry and its last stop. That no entry of ours is missing is
    believed only of a log in which our own acts on this report stand: a server that gave this body no keys for reading, or
    that invents a stop, would else be taken for one with nothing to tell. Raises as `own_report` and `read_log`.
    """
    view = own_report(session, report)
    if view.header.owner != session.organisation:
        raise NotOwnerError("the releases to other bodies are not among this body's entries", owner=view.header.owner)
    standing = set(standing_stops(view))
    stops = [stored.ticket.index for stored in view.stops if stored.statement.hash in standing]
    recalled = recalls.of_report(session, report)
    stops += [each.stored.ticket.index for each in recalled if each.closes_to_everyone]
    reading = read_log(session, at_least=max([view.stored.ticket.index, *stops]) + 1)
    return Readers(
        report,
        view.header.owner,
        tuple(_releases(reading, report)),
        (*doubts(reading), *_not_found(view, [each.stored for each in recalled], reading)),
        reading.head.size,
        max(stops, default=None),
    )


def doubts(reading: Reading) -> tuple[Finding, ...]:
    """Return the findings that put a reading in doubt: all of them.

    Even a key that is merely not at hand leaves entries closed in which a release could stand.
    """
    return reading.findings


def _not_found(view: ReportView, recalled: list[Stored], reading: Reading) -> list[Finding]:
    """Return a finding for each statement on the report that the server shows and whose entry was not among ours."""
    found = {(record.index, record.fields.get("statement")) for record in reading.records}
    shown = [view.stored, *view.grants, *view.stops, *view.lifts, *recalled]
    return [
        Finding(stored.ticket.index, "entry_missing")
        for stored in shown
        if stored.ticket.index < reading.head.size
        and (stored.ticket.index, b64u(stored.statement.hash)) not in found
    ]


def _releases(reading: Reading, report: str) -> list[Release]:
    of_report = [record for record in reading.records if record.fields.get("report") == report]
    # A receipt counts where the officer who was given the key signed it: the server cannot acknowledge for anyone.
    received = {
        _acknowledged(record, record.fields.get("index")): record.moment
        for record in of_report
        if record.act.tag == RECEIPT and record.index not in reading.unsigned
    }
    return [
        _release(record, received.get(_acknowledged(record, record.index)))
        for record in of_report
        if record.act.tag == RELEASE_PERMIT
    ]


def _acknowledged(record: Record, index: object) -> tuple[object, ...]:
    """What a release and its receipt have in common: who, for which body, which part, which request, which entry."""
    fields = record.fields
    return (*(fields.get(name) for name in ("actor", "body", "part", "request")), index)


def _release(record: Record, received: datetime | None) -> Release:
    # A view may leave out what it should say: that is a finding, and the release is shown all the same.
    body, officer, part, action, purpose = (
        str(record.fields.get(name, "")) for name in ("body", "actor", "part", "action", "purpose")
    )
    return Release(record.index, record.moment, body, officer, part, action, purpose, received)
