"""The identity files of tests/vectors/identity, which every client runs: one file, one defect."""

import json
from pathlib import Path
from typing import Any

import pytest

from keys.encoding import b64u
from keys.errors import KeysError
from keys.identity import IdentityFile

FOLDER = Path(__file__).parents[2] / "vectors" / "identity"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def test_every_file_is_expected_and_every_expectation_has_its_file() -> None:
    """An empty folder, or a file nobody runs, would prove nothing."""
    files = {path.name for path in FOLDER.glob("*.json")} - {"expected.json"}
    assert files == set(EXPECTED["files"])
    assert len(files) > 15


@pytest.mark.parametrize("name", sorted(EXPECTED["files"]))
def test_the_file_opens_or_fails_with_its_code(name: str) -> None:
    """Good ones give the ids in expected.json."""
    case = EXPECTED["files"][name]
    try:
        officer = IdentityFile.parse((FOLDER / name).read_bytes()).unlock(case["passphrase"])
    except KeysError as error:
        assert error.code == case["code"]
        return
    assert case["code"] is None
    found = [b64u(value) for value in (officer.id, officer.sign.key_id, officer.seal.key_id)]
    assert found == [EXPECTED["officer"], EXPECTED["sign"], EXPECTED["seal"]]
