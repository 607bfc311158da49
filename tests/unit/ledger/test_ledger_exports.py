"""Exports: stable columns, RFC 4180, no cell that a spreadsheet would run, and formats to come refused by name."""

import csv
import io
import json

import pytest

from exchange.ledger.entry import Entry
from exchange.ledger.errors import ExportFormatError
from exchange.ledger.exports import COLUMNS, FORMATS, LATER_FORMATS, export
from exchange.ledger.record import Record
from exchange.ledger.vocabulary import ACTS, PARTIAL_FIELDS


def records_of(fields_for):
    """One record of every act, and a partial one."""
    whole = [
        Record(i, 1_773_144_000 + 60 * i, Entry.make(tag, fields_for(tag)), bytes(32), (1,))
        for i, tag in enumerate(ACTS)
    ]
    withheld = Entry.make("access:release:withhold", fields_for("access:release:withhold"))
    return [*whole, Record(99, 1_773_144_000, withheld.partial(PARTIAL_FIELDS), bytes(32), (3,))]


def test_csv_reads_back_with_the_same_values(fields_for):
    """Every line ends in CRLF, has every column, and a reader of RFC 4180 finds the values."""
    records = records_of(fields_for)
    lines = list(export(records, "csv"))
    assert all(line.endswith("\r\n") and line.count("\n") == 1 for line in lines)
    rows = list(csv.DictReader(io.StringIO("".join(lines), newline="")))
    assert len(rows) == len(records) and list(rows[0]) == list(COLUMNS)
    for row, record in zip(rows, records, strict=True):
        assert row["leaf"] == str(record.index) and row["act"] == record.act.tag
        assert row["result"] == record.act.outcome
        for name, value in record.fields.items():
            expected = str(value).lower() if isinstance(value, bool) else str(value)
            assert row[name].removeprefix("'") == expected
    assert rows[-1]["form"] == "partial" and rows[-1]["reason"] == "" and rows[-1]["code"] == "N_UNAVAILABLE"


def test_columns_begin_with_the_same_five_and_are_all_fields(fields_for):
    """The head of the table; what follows is pinned with the vocabulary."""
    assert COLUMNS[:7] == ("leaf", "time", "act", "result", "form", "actor", "body")
    assert len(set(COLUMNS)) == len(COLUMNS)


@pytest.mark.parametrize("first", ["-", "_"])
def test_no_cell_begins_like_a_formula(first, fields_for):
    """Ids are random base64url and may begin with a minus; a spreadsheet gets an apostrophe in front of it."""
    entry = Entry.make("accounts:session:end", {"actor": first + "A" * 21, "body": "un-spt"})
    line = list(export([Record(0, 60, entry, bytes(32), (1,))], "csv"))[1]
    cell = next(csv.reader([line.strip()]))[COLUMNS.index("actor")]
    assert cell == ("'" if first == "-" else "") + first + "A" * 21


def test_json_lines_hold_what_is_known_and_nothing_else(fields_for):
    """One object a line, canonical, without the columns that have no value."""
    records = records_of(fields_for)
    parsed = [json.loads(line) for line in export(records, "jsonl")]
    assert [item["leaf"] for item in parsed] == [record.index for record in records]
    assert parsed[-1].keys() == {"leaf", "time", "result", "form", *PARTIAL_FIELDS}
    assert parsed[0]["time"] == "2026-03-10T12:00:00Z"


@pytest.mark.parametrize("form", [*LATER_FORMATS, "xlsx", ""])
def test_other_formats_are_refused_before_a_line_is_written(form):
    """A typed refusal, also for the formats that are to come."""
    with pytest.raises(ExportFormatError):
        export([], form)
    assert form not in FORMATS
