"""Another implementation of HPKE, in another language, opens what we seal and seals what we open: npm `hpke` in Node."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from exchange.sealing import envelope, manifest
from exchange.sealing.envelope import EnvelopePlace, SealTo
from exchange.sealing.manifest import Manifest
from exchange.sealing.unseal.content import unwrap_key
from keys.custody import LockKey
from keys.encoding import b64u, unb64u
from keys.seat_open import SealKey
from tests.programs import program

pytestmark = pytest.mark.full("Node 20 and npm")

SCRIPT = Path(__file__).parent / "node" / "envelope.mjs"
SEED, LOCK_SEED = bytes(range(32)), bytes(range(1, 33))
RECIPIENT, LOCK = SealKey(SEED), LockKey(LOCK_SEED)
CONTENT_KEY = bytes(range(2, 34))
PLACE = EnvelopePlace(bytes(range(16)), "coe-cpt", bytes(range(3, 35)), bytes(range(8)), "state:XA", 7, RECIPIENT.key_id)
FIELDS = {
    "report": b64u(PLACE.report),
    "owner": PLACE.owner,
    "commitment": b64u(PLACE.commitment),
    "part": b64u(PLACE.part),
    "organisation": PLACE.organisation,
    "epoch": PLACE.epoch,
    "key": b64u(PLACE.key_id),
}


def node(command: str, **values: str) -> dict[str, Any]:
    """Run the script; a machine without Node fails here, it does not skip."""
    request = json.dumps({"command": command, **FIELDS, **values})
    words = [program("node", package="nodejs"), str(SCRIPT)]
    done = subprocess.run(words, input=request, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_node_opens_what_python_seals() -> None:
    """Lock, envelope and manifest: each with an info string or context that the script builds from the values itself."""
    inner = envelope.wrap_key(CONTENT_KEY, PLACE, SealTo(RECIPIENT.public))
    locked = envelope.lock(inner, PLACE.report, PLACE.part, PLACE.organisation, SealTo(LOCK.public))
    # Long enough for a second chunk, so that numbering and the short last chunk are seen too.
    long = {"note": "é" * 4000, "places": ("x" * 200,) * 70}
    made = Manifest("p1", "Rapport de visite", "rapport – été.pdf", "application/pdf", 5, **long)  # type: ignore[arg-type]
    sealed = manifest.seal(made, CONTENT_KEY, PLACE.report, PLACE.part)
    opened = node(
        "open", seed=b64u(SEED), lockSeed=b64u(LOCK_SEED), locked=b64u(locked.sealed), manifest=b64u(sealed)
    )
    assert unb64u(opened["contentKey"]) == CONTENT_KEY
    assert unb64u(opened["envelopeHash"]) == envelope.envelope_hash(inner)
    assert len(sealed) > 16_384 + 56 + 16
    assert manifest.decode(unb64u(opened["manifest"])) == made


def test_python_opens_what_node_seals() -> None:
    """The other way round, with the same sizes."""
    made = node("seal", public=b64u(RECIPIENT.public), lockPublic=b64u(LOCK.public), contentKey=b64u(CONTENT_KEY))
    locked = unb64u(made["locked"], envelope.LOCKED_BYTES)
    inner = LOCK.open(locked, envelope.lock_info(PLACE.report, PLACE.part, PLACE.organisation))
    assert inner == unb64u(made["envelope"], envelope.ENVELOPE_BYTES)
    assert hashlib.sha256(inner).digest() == envelope.envelope_hash(inner)
    assert unwrap_key(inner, PLACE, RECIPIENT) == CONTENT_KEY
