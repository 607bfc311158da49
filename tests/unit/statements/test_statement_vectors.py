"""The statements of tests/vectors/statements, which every client runs: one file, one defect."""

import json
from pathlib import Path
from typing import Any

import pytest

from exchange.statements import registry
from keys.encoding import unb64u
from keys.errors import KeysError

FOLDER = Path(__file__).parents[2] / "vectors" / "statements"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
PUBLIC = {unb64u(kid): unb64u(public) for kid, public in EXPECTED["keys"].items()}


def test_every_file_is_expected_and_every_expectation_has_its_file() -> None:
    """An empty folder, or a file nobody runs, would prove nothing."""
    files = {path.name for path in FOLDER.glob("*.jws")}
    assert files == set(EXPECTED["files"])
    assert len(files) > 20


@pytest.mark.parametrize("name", sorted(EXPECTED["files"]))
def test_the_file_verifies_or_fails_with_its_code(name: str) -> None:
    """Parsed by its label, then every signature verified."""
    text = (FOLDER / name).read_bytes()
    try:
        _, statement = registry.parse(text)
        statement.check_signatures(PUBLIC.get)
    except KeysError as error:
        assert error.code == EXPECTED["files"][name]
        return
    assert EXPECTED["files"][name] is None
    assert statement.text == text
    assert statement.hash == unb64u(EXPECTED["hash"])
