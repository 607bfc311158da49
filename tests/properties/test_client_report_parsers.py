"""What a server answers about reports: whatever it is, it is read or refused with an error of ours, never with another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.client.deposit_plan import parse_part
from exchange.client.errors import ClientError
from exchange.client.release_check import ReleaseAnswer
from exchange.client.tickets import Stored
from exchange.ledger.errors import LedgerError
from exchange.transparency.merkle import EMPTY_ROOT, TreeHead
from keys.encoding import b64u
from keys.errors import KeysError

NOTHING = TreeHead(0, EMPTY_ROOT)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
HASH = st.binary(min_size=32, max_size=32).map(b64u)
ANSWER = st.fixed_dictionaries(
    {
        "n": st.integers(-1, 3) | JSON,
        "index": st.integers(-1, 2**60) | JSON,
        "time": st.just("2026-03-10T12:00:00Z") | st.text(max_size=24),
        "vw": HASH | JSON,
        "seed": HASH | JSON,
        "act": JSON,
        "values": st.lists(JSON, min_size=15, max_size=17),
        "envelope": st.binary(min_size=1167, max_size=1169).map(b64u),
        "size": st.integers(0, 9),
        "checkpoint": JSON,
        "inclusion": st.lists(HASH | JSON, max_size=3),
        "consistency": st.lists(HASH, max_size=3),
    }
)
STORED = st.fixed_dictionaries({"hash": HASH | JSON, "statement": st.text() | JSON, "ticket": JSON})


@given(JSON | ANSWER)
def test_a_release_answer_is_in_form_or_malformed(value: object) -> None:
    """What is read has the sizes that the later checks rely on."""
    try:
        found = ReleaseAnswer.read(value, NOTHING)
    except KeysError:
        return
    assert len(found.envelope) == 1_168 and len(found.values) == 16 and len(found.seed) == len(found.vw) == 32


@given(JSON | STORED)
def test_a_stored_statement_is_in_form_or_refused(value: object) -> None:
    """Neither the statement's parser nor the ticket's leaks another error."""
    with pytest.raises((KeysError, LedgerError, ClientError)):
        Stored.from_json(value)


@given(st.text(max_size=60))
def test_a_part_is_understood_or_wrong_usage(text: str) -> None:
    """What is understood names a file."""
    try:
        assert parse_part(text, 1).file is not None
    except ClientError as error:
        assert error.exit_code == 2
