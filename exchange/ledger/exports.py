"""Exports of what a body read from the log: CSV for people and spreadsheets, JSON lines for programs.

Columns and keys are stable: leaf, time, act, result, form, then every field of the vocabulary in its fixed order; new
ones come at the end. FHIR AuditEvent, OCSF and RFC 5424 are known names that this build refuses.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from exchange.ledger.errors import ExportFormatError
from exchange.ledger.record import Record
from exchange.ledger.values import FIELDS, Value
from keys.encoding import canonical, format_time

FORMATS: Final = ("csv", "jsonl")
LATER_FORMATS: Final = ("fhir", "ocsf", "syslog")

COLUMNS: Final = ("leaf", "time", "act", "result", "form", *(name for name in FIELDS if name != "act"))

# A spreadsheet takes a cell that begins so for a formula; an apostrophe in front makes it text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def export(records: Iterable[Record], form: str) -> Iterator[str]:
    """Yield the export line by line, each with its line end.

    Raises ExportFormatError, before anything is yielded, for a format this build does not make.
    """
    if form == "csv":
        return _csv(records)
    if form == "jsonl":
        return _json_lines(records)
    if form in LATER_FORMATS:
        raise ExportFormatError(f"export format '{form}' is not built yet")
    raise ExportFormatError(f"unknown export format '{form}'")


def row_of(record: Record) -> dict[str, Value]:
    """Return one record as column and value; a column without a value is null."""
    row: dict[str, Value] = dict.fromkeys(COLUMNS)
    row |= record.fields
    row["leaf"] = record.index
    row["time"] = format_time(record.moment)
    row["result"] = record.act.outcome
    row["form"] = "full" if record.full else "partial"
    return row


def _csv(records: Iterable[Record]) -> Iterator[str]:
    yield _csv_line(COLUMNS)
    for record in records:
        yield _csv_line(_cell(value) for value in row_of(record).values())


def _csv_line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def _json_lines(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        shown = {name: value for name, value in row_of(record).items() if value is not None}
        yield canonical(shown).decode("utf-8") + "\n"
