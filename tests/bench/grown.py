"""A world with many times its data: real rows, made by the application, copied under other ids straight into the database.

A copied report is listed, decided on and opened by the same code as the one it was copied from; of a copied statement the
signatures alone are no longer good, which no list and no decision looks at. Entries are appended to the log as any leaf is.
"""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from exchange.audit.models import AuditViews
from exchange.logs.places import AUDIT
from exchange.logs.services import Logs
from exchange.tables import METADATA
from keys.encoding import b64u
from keys.statement import Statement, parse
from tests import databases
from tests.web.access_maker import Instrument
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made

_ROWS: Final = 500
_VIEWS: Final = bytes(4096)
Row = dict[str, Any]


@dataclass(frozen=True)
class Grower:
    """Copies a report, with the State's agreement to it alone, so many times; the copies are newer than what there is."""

    world: ExchangeWorld
    made: Made
    agreed: Instrument

    def reports(self, number: int) -> None:
        """Add so many reports of the same owner to the same readers, each agreed to by an instrument of its own."""
        with databases.behind(self.world.config.database_url) as connection:
            reports, head = METADATA.tables["reports"], METADATA.tables["consent_heads"]
            rows = Rows(connection)
            rows.numbers = connection.execute(select(func.max(reports.c.number))).scalar_one()
            rows.versions = connection.execute(select(func.max(head.c.version))).scalar_one()
            for start in range(1, number + 1, _ROWS):
                for place in range(start, min(start + _ROWS, number + 1)):
                    self._report(rows, place)
                rows.write()
            connection.execute(head.update().values(version=head.c.version + number))
            if databases.on_postgresql():
                connection.exec_driver_sql("analyze")

    def entries(self, number: int) -> None:
        """Add so many entries to the audit log, with their views."""
        logs = self.world.services.get(Logs)
        for start in range(0, number, _ROWS):
            leaves = [_leaf() for _ in range(start, min(start + _ROWS, number))]
            with self.world.database.unit_of_work(write=True) as uow:
                places = logs.append_many(uow, AUDIT, leaves)
                views = [{"n": 1, "index": index, "views": _VIEWS} for index in places]
                uow.session.execute(insert(AuditViews), views)

    def _report(self, rows: "Rows", place: int) -> None:
        """Add the rows of one report and of its instrument."""
        old, new = self.made.report, str(uuid.uuid4())
        header = copied(self.made.header, {old: new})
        rows.statement(self.made.header.hash, header, place, {("report", old): ("report", new)})
        (report,) = rows.of("reports", id=old)
        number = rows.numbers + place
        rows.add("reports", {**report, "id": new, "number": number, "header": header.hash})
        for part in rows.of("report_parts", report=old):
            upload = secrets.token_urlsafe(16)
            rows.add("uploads", {**rows.of("uploads", id=part["upload"])[0], "id": upload, "report": new})
            rows.add("report_parts", {**part, "report": new, "upload": upload})
        for envelope in rows.of("report_envelopes", report=old):
            arrived = None if envelope["arrived"] is None else number
            rows.add("report_envelopes", {**envelope, "report": new, "statement": header.hash, "arrived": arrived})
        self._instrument(rows, place, {old: new})

    def _instrument(self, rows: "Rows", place: int, ids: Mapping[str, str]) -> None:
        old, new = self.agreed.name, b64u(secrets.token_bytes(16))
        record = copied(self.agreed.record, {**ids, old: new})
        rows.statement(self.agreed.record.hash, record, place, {("instrument", old): ("instrument", new)})
        (instrument,) = rows.of("consent_instruments", id=old)
        version = rows.versions + place
        rows.add("consent_instruments", {**instrument, "id": new, "version": version, "record": record.hash})
        for scope in rows.of("consent_scopes", instrument=old):
            about = scope["about"].replace(*next(iter(ids.items())))
            rows.add("consent_scopes", {**scope, "instrument": new, "about": about})
        for event in rows.of("consent_events", instrument=old):
            hash = record.hash if event["type"] == "recorded" else secrets.token_bytes(32)
            rows.add("consent_events", {**event, "instrument": new, "statement": hash})


class Rows:
    """Rows read once, and rows to be written, by table; tables are written in the order in which they refer to others.

    `numbers`, `versions`: the last number of a report, and the version of the State's head, before anything was added.
    """

    numbers = 0
    versions = 0

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[tuple[str, str, object], list[Row]] = {}
        self._new: dict[str, list[Row]] = {}

    def of(self, table: str, **where: object) -> list[Row]:
        """The rows of a table with this value."""
        ((column, value),) = where.items()
        if (table, column, value) not in self._read:
            found = METADATA.tables[table]
            rows = self._connection.execute(select(found).where(found.c[column] == value)).mappings()
            self._read[table, column, value] = [dict(row) for row in rows]
        return self._read[table, column, value]

    def add(self, table: str, row: Row) -> None:
        """Have a row written."""
        self._new.setdefault(table, []).append(row)

    def statement(
        self, old: bytes, new: Statement, place: int, subjects: Mapping[tuple[str, str], tuple[str, str]]
    ) -> None:
        """Have a copy of a stored statement written under another text, with its subjects."""
        (row,) = self.of("signed_statement", hash=old)
        index = row["index"] + place
        ticket = row["ticket"].replace(b'"index":%d,' % row["index"], b'"index":%d,' % index)
        self.add("signed_statement", {**row, "hash": new.hash, "text": new.text, "index": index, "ticket": ticket})
        for subject in self.of("signed_statement_subject", hash=old):
            kind, id = subjects.get((subject["kind"], subject["subject"]), (subject["kind"], subject["subject"]))
            self.add("signed_statement_subject", {"kind": kind, "subject": id, "hash": new.hash})

    def write(self) -> None:
        """Write what was added."""
        for table in METADATA.sorted_tables:
            if rows := self._new.pop(table.name, None):
                self._connection.execute(insert(table), rows)


def copied(statement: Statement, ids: Mapping[str, str]) -> Statement:
    """The same statement about something else; its signatures are no longer good."""
    payload = statement.payload
    for old, new in ids.items():
        payload = payload.replace(old.encode(), new.encode())
    return parse(replace(statement, payload=payload).text)


def _leaf() -> bytes:
    """An entry's leaf as everybody sees it: a kind, a time, and two commitments that look random."""
    return b"\x01" + (1_772_442_000).to_bytes(8, "big") + secrets.token_bytes(64)
