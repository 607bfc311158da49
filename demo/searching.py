"""A search of every byte the server holds for what it must not hold, in plain and in the usual encodings."""

import base64
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Stretches of the documents themselves, long enough that none appears by chance.
SAMPLE: Final = 24
SAMPLES: Final = 64


@dataclass(frozen=True)
class Planted:
    """What was planted: texts and contents that may stand nowhere, and names that may not stand in public audit files."""

    everywhere: list[str]
    contents: list[bytes]
    public_audit: list[str]
    officers: list[str]
    reports: list[str]


def search(instance: Path, log: bytes, planted: Planted) -> list[str]:
    """Return a sentence for each thing found where it must not be; nothing means that the search found nothing."""
    found = []
    needles = list(_needles(planted))
    for path in sorted(path for path in instance.rglob("*") if path.is_file()):
        data = path.read_bytes()
        found += [f"{path.relative_to(instance)} holds something planted" for needle in needles if needle in data]
    found += ["the server's log holds something planted" for needle in needles if needle in log]
    found += [f"the server's log names report {report}" for report in planted.reports if report.encode() in log]
    for path in sorted((instance / "logs" / "audit").rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        found += [
            f"{path.relative_to(instance)} names {name}" for name in planted.public_audit if _named(name) & _kept(data, name)
        ]
    found += _who_opened_what(instance / "exchange.sqlite", planted)
    return found


def _named(name: str) -> bool:
    return bool(name)


def _kept(data: bytes, name: str) -> bool:
    raw = name.encode()
    return raw in data or base64.urlsafe_b64decode(name + "==") in data if re.fullmatch(r"[\w-]{22}", name) else raw in data


def _needles(planted: Planted) -> Iterator[bytes]:
    for text in planted.everywhere:
        yield from _spellings(text.encode("utf-8"))
    for content in planted.contents:
        step = max(1, (len(content) - SAMPLE) // SAMPLES)
        for start in range(0, len(content) - SAMPLE, step):
            sample = content[start : start + SAMPLE]
            if len(set(sample)) > 6:
                yield sample


def _spellings(raw: bytes) -> Iterable[bytes]:
    """The bytes themselves, in hexadecimal, and in base64 from each of the three places a text can start at."""
    yield raw
    yield raw.hex().encode()
    if len(raw) >= 9:
        for shift in range(3):
            encoded = base64.urlsafe_b64encode(b"\0" * shift + raw)
            inner = encoded[4 if shift else 0 : len(encoded) - 4]
            yield inner
            yield inner.replace(b"-", b"+").replace(b"_", b"/")


def _who_opened_what(database: Path, planted: Planted) -> list[str]:
    """Look in every row of every table for an officer beside a report: only statements may say so, by their signer's key."""
    found = []
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            # Table names come from the schema itself.
            for row in connection.execute(f'select * from "{table}"'):  # noqa: S608
                cells = [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row]
                text = b"\0".join(cells)
                if any(o.encode() in text for o in planted.officers[2:3]) and any(r.encode() in text for r in planted.reports):
                    found.append(f"table {table} has a reader beside a report")
    return found
