"""What the server keeps after releases: nothing of the report's words, and nothing that says who opened what.

A row may name an officer, or a report; where one value set holds both, it is a statement kept lawfully (a header, a stop,
a lift), a report's own sender, or a sealed view.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from keys.encoding import b64u, unb64u
from tests import databases
from tests.unit.keys.directory_builder import Person
from tests.web.access_maker import ask, granted, instrument, permit, signed_receipt, signed_request
from tests.web.exchange_world import ExchangeWorld
from tests.web.report_maker import Made, part, registered, signed_stop

PLANTED = b"Cell 14 of the north wing was flooded. "


@pytest.fixture
def told(world: ExchangeWorld, tmp_path: Path) -> tuple[Made, Person]:
    """A report that was asked for in vain, opened, receipted, explained, listed and stopped."""
    made = registered(world, tmp_path, parts=[part(data=PLANTED * 2000)])
    chen = world.officers("un-spt")[0]
    ask(made, chen, made.parts[0])
    granted(world, instrument("XA", [permit("un-spt")]))
    request = signed_request(made, chen, made.parts[0])
    answer = ask(made, chen, made.parts[0], statement=request)
    assert answer.status_code == 200
    assert world.say(chen, signed_receipt(made, chen, made.parts[0], request, answer.json)).status_code == 201
    for path in ("", "/explain", "/access", f"/parts/{b64u(made.parts[0])}/pieces/0"):
        world.get(chen, f"/reports/{made.report}{path}")
    world.get(chen, "/reports?box=inbox")
    world.get(made.officer, f"/reports/{made.report}/access")
    world.say(made.officer, signed_stop(made, made.officer))
    world.client.get("/log/audit/1/checkpoint")
    return made, chen


def rows(world: ExchangeWorld) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of every table."""
    engine = world.database.engine
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f'select * from "{table}"')).mappings():
                yield table, dict(row)


def mentions(row: dict[str, Any], *spellings: bytes) -> bool:
    """Whether a value of a row holds one of these spellings."""
    values = [value.encode() if isinstance(value, str) else value for value in row.values()]
    return any(spelling in value for value in values if isinstance(value, bytes) for spelling in spellings)


def spellings_of(made: Made) -> tuple[bytes, ...]:
    """A report's id and its part's, as bytes and as text."""
    import uuid

    part_id = made.parts[0]
    return made.report.encode(), uuid.UUID(made.report).bytes, b64u(part_id).encode(), part_id


def test_no_row_says_who_opened_what(told: tuple[Made, Person]) -> None:
    """No row holds the reader and the report: neither ids, nor the reader's key, nor the hash of the request."""
    made, chen = told
    reader = (chen.officer, chen.id.encode(), chen.sign.key_id, b64u(chen.sign.key_id).encode())
    both = [
        (table, row)
        for table, row in rows(made.world)
        if mentions(row, *reader) and mentions(row, *spellings_of(made))
    ]
    assert both == []


def test_no_table_knows_of_requests_or_receipts(told: tuple[Made, Person]) -> None:
    """Neither label stands anywhere, and no statement of the reader's is kept."""
    made, chen = told
    found = {table for table, row in rows(made.world) if mentions(row, b"release-request", b"exchange/receipt")}
    assert found == set()
    signed = {table for table, row in rows(made.world) if mentions(row, b64u(chen.sign.key_id).encode())}
    assert "signed_statements" not in signed


def test_who_sent_and_stopped_is_known_only_by_what_they_signed(told: tuple[Made, Person]) -> None:
    """The sender and the report stand together in the report's own row and in the statements they signed."""
    made, _ = told
    sender = (made.officer.id.encode(), b64u(made.officer.sign.key_id).encode())
    tables = {
        table for table, row in rows(made.world) if mentions(row, *sender) and mentions(row, made.report.encode())
    }
    assert tables <= {"reports", "signed_statements", "uploads", "report_uploads"}


def test_no_byte_of_the_report_is_anywhere(told: tuple[Made, Person], tmp_path: Path, caplog: Any) -> None:
    """No planted word, title or file name in any file of the instance, nor in the log lines."""
    made, chen = told
    made.world.close()
    words = (PLANTED[:20], b"Visit report (en)", b"report-en.txt", b"Southtown")
    files = databases.stored(made.world.config.instance)
    assert len(files) > 5
    for name, data in files.items():
        assert not any(word in data for word in words), name
    assert made.report not in caplog.text and chen.id not in caplog.text


def test_the_public_log_names_nobody(told: tuple[Made, Person]) -> None:
    """In the files of the audit log no organisation, State, officer or report, as text or as bytes."""
    from exchange.audit.publisher import AuditPublisher

    made, chen = told
    made.world.clock.forward(3600)
    made.world.services.get(AuditPublisher).publish()
    public = made.world.config.instance / "logs" / "audit"
    data = b"".join(path.read_bytes() for path in sorted(public.rglob("*")) if path.is_file())
    assert len(data) > 1000
    names = [b"coe-cpt", b"un-spt", b"state:XA", b'"XA"', chen.officer, chen.id.encode(), unb64u(chen.id)]
    assert not any(name in data for name in (*names, *spellings_of(made)))
