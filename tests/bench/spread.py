"""A large register: reports and agreements spread over many States, copied from real ones straight into the database.

Each State has one standing agreement to all visit reports; and of the reports every so-many-th has an agreement of its own
beside it. What is copied is made by the application first (`tests.bench.grown`), so lists and decisions read real rows.
"""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import insert

from exchange.tables import METADATA
from keys.encoding import b64u
from keys.statement import Statement
from tests import databases
from tests.bench.grown import Rows, copied
from tests.web.access_maker import Instrument
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made

_AT_ONCE: Final = 1000
_STATE: Final = "XA"


def codes(number: int) -> list[str]:
    """So many codes of States, none of which the exchange knows otherwise."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVW"
    return [one + two for one in letters for two in letters][:number]


@dataclass
class Spread:
    """Copies one report on XA, XA's agreement to it alone, and XA's standing one, so often, over so many States."""

    world: ExchangeWorld
    made: Made
    specific: Instrument
    standing: Instrument

    def grow(self, reports: int, agreements: int, states: Sequence[str]) -> None:
        """Add so many reports, the newest ones on States that differ, and so many agreements."""
        own = agreements - len(states)
        step = max(reports // max(own, 1), 1)
        versions = dict.fromkeys(states, 0)
        with databases.behind(self.world.config.database_url) as connection:
            rows = Rows(connection)
            (first,) = rows.of("reports", id=self.made.report)
            header = self.made.header  # parsed anew at each look
            place = 0
            for state in states:
                place += 1
                self._instrument(rows, self.standing, place, state, {}, versions)
            for number in range(1, reports + 1):
                place += 1
                state = states[number % len(states)]
                new = self._report(rows, header, number + first["number"], place, state)
                if number % step == 0 and own > 0:
                    own -= 1
                    place += 1
                    self._instrument(rows, self.specific, place, state, {self.made.report: new}, versions)
                if number % _AT_ONCE == 0:
                    rows.write()
            rows.write()
            heads = [{"state": state, "version": version} for state, version in versions.items()]
            connection.execute(insert(METADATA.tables["consent_heads"]), heads)
            if databases.on_postgresql():
                connection.exec_driver_sql("analyze")

    def _report(self, rows: Rows, made: Statement, number: int, place: int, state: str) -> str:
        old, new = self.made.report, str(uuid.uuid4())
        header = copied(made, {old: new})
        rows.statement(made.hash, header, place, {("report", old): ("report", new)})
        (report,) = rows.of("reports", id=old)
        rows.add("reports", {**report, "id": new, "number": number, "header": header.hash})
        for part in rows.of("report_parts", report=old):
            upload, about = secrets.token_urlsafe(16), f'"{_STATE}"'.encode()
            descriptor = part["descriptor"].replace(about, f'"{state}"'.encode())
            rows.add("uploads", {**rows.of("uploads", id=part["upload"])[0], "id": upload, "report": new})
            rows.add("report_parts", {**part, "report": new, "upload": upload, "descriptor": descriptor})
        for envelope in rows.of("report_envelopes", report=old):
            arrived = None if envelope["arrived"] is None else number
            rows.add("report_envelopes", {**envelope, "report": new, "statement": header.hash, "arrived": arrived})
        return new

    def _instrument(
        self, rows: Rows, made: Instrument, place: int, state: str, ids: Mapping[str, str], versions: dict[str, int]
    ) -> None:
        old, new = made.name, b64u(secrets.token_bytes(16))
        versions[state] += 1
        record = copied(made.record, {**ids, old: new, f'"state":"{_STATE}"': f'"state":"{state}"'})
        subjects = {("instrument", old): ("instrument", new), ("state", _STATE): ("state", state)}
        rows.statement(made.record.hash, record, place, subjects)
        (instrument,) = rows.of("consent_instruments", id=old)
        changed = {"id": new, "state": state, "version": versions[state], "record": record.hash}
        rows.add("consent_instruments", {**instrument, **changed})
        for scope in rows.of("consent_scopes", instrument=old):
            about = scope["about"]
            for before, after in ids.items():
                about = about.replace(before, after)
            rows.add("consent_scopes", {**scope, "state": state, "instrument": new, "about": about})
        for event in rows.of("consent_events", instrument=old):
            hash = record.hash if event["type"] == "recorded" else secrets.token_bytes(32)
            rows.add("consent_events", {**event, "instrument": new, "statement": hash})
