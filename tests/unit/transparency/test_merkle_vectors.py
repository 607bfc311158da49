"""The verifiers judge every vector of transparency-dev/merkle as it says, the failing ones included."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from exchange.transparency.errors import ProofError
from exchange.transparency.paths import verify_consistency, verify_inclusion

VECTORS = Path(__file__).parents[2] / "vectors" / "merkle"


def load(kind: str) -> list[Any]:
    cases = json.loads((VECTORS / f"{kind}.json").read_text())
    if len(cases) != 98 or not any(case["wantErr"] for case in cases.values()):
        raise AssertionError(f"vectors are missing from {kind}.json")
    return [pytest.param(case, id=name) for name, case in cases.items()]


def hashes(case: dict[str, Any]) -> list[bytes]:
    return [b64decode(value) for value in case["proof"] or []]


@pytest.mark.parametrize("case", load("inclusion"))
def test_inclusion_vector(case: dict[str, Any]) -> None:
    """An inclusion proof is accepted exactly when the vector says so."""
    arguments = (b64decode(case["leafHash"]), case["leafIdx"], case["treeSize"], hashes(case), b64decode(case["root"]))
    if case["wantErr"]:
        with pytest.raises(ProofError):
            verify_inclusion(*arguments)
    else:
        verify_inclusion(*arguments)


@pytest.mark.parametrize("case", load("consistency"))
def test_consistency_vector(case: dict[str, Any]) -> None:
    """A consistency proof is accepted exactly when the vector says so."""
    arguments = (case["size1"], b64decode(case["root1"]), case["size2"], b64decode(case["root2"]), hashes(case))
    if case["wantErr"]:
        with pytest.raises(ProofError):
            verify_consistency(*arguments)
    else:
        verify_consistency(*arguments)
