"""The examples printed in the specification are what the code makes."""

import hashlib
import re
from pathlib import Path

from exchange.statements import stop
from exchange.statements.form import Stamp
from keys.encoding import parse_time
from keys.seat_open import SealKey
from keys.signing import SigningKey

SPEC = Path(__file__).parents[3] / "docs" / "spec"


def test_the_key_ids_of_the_suite_page() -> None:
    """Seeds of 0x01 and 0x03, as the table prints their keys and ids."""
    text = (SPEC / "suite.md").read_text(encoding="utf-8")
    sign, seal = SigningKey(b"\x01" * 32), SealKey(b"\x03" * 32)
    for due in (sign.public, sign.key_id, hashlib.sha256(seal.public).digest(), seal.key_id):
        assert f"`{due.hex()}`" in text


def test_the_statement_of_the_statements_page() -> None:
    """The text between the fences parses, is what `build` makes, verifies, and has the hash printed below it."""
    text = (SPEC / "statements.md").read_text(encoding="utf-8")
    printed = re.findall(r"^```\n(eyJ.*?\n)```$", text, re.DOTALL | re.MULTILINE)
    assert len(printed) == 1
    key = SigningKey(b"\x01" * 32)
    stamp = Stamp(parse_time("2026-03-10T12:00:00Z"), b"\x04" * 32, b"\x05" * 16)
    value = stop.Stop(stamp, "00010203-0405-4607-8809-0a0b0c0d0e0f", b"\x06" * 32)
    statement = stop.build(value).signed_by(key)
    assert statement.text == printed[0].encode()
    assert stop.parse(printed[0].encode())[0] == value
    assert f"`{statement.hash.hex()}`" in text
