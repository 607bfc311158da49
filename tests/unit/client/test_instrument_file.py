"""Writing down a State's word: what widens must stand in the file; what narrows nothing may be left out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.client.errors import UsageError
from exchange.client.instrument_file import read, related
from exchange.client.report_errors import InstrumentFileError
from exchange.statements import instrument

PERMIT = {"effect": "permit", "scope": "all", "grantees": ["un-spt"], "actions": ["view"]}
PLAIN: dict[str, Any] = {"state": "XA", "kind": "standing", "received_on": "2026-03-05", "provisions": [PERMIT]}
ID = "AAAAAAAAAAAAAAAAAAAAAA"


def data(**change: Any) -> bytes:
    """A file as a person writes it."""
    return json.dumps({**PLAIN, **change}, indent=2).encode()


def test_what_may_be_left_out_takes_the_neutral_value() -> None:
    """No condition, no limit, no evidence, a note verbale; the result is a record in form."""
    body = read(data())
    assert body["conditions"] == [] and body["form"] == "note_verbale" and body["evidence"] is None
    assert body["provisions"][0]["purposes"] is None and body["provisions"][0]["time_scope"] is None
    assert instrument.check(body) == body


@pytest.mark.parametrize("name", ["state", "kind", "received_on", "provisions"])
def test_what_says_whose_word_it_is_must_stand_there(name: str) -> None:
    """The error names the field."""
    cut = {key: value for key, value in PLAIN.items() if key != name}
    with pytest.raises(InstrumentFileError) as caught:
        read(json.dumps(cut).encode())
    assert name in str(caught.value.values["detail"])


@pytest.mark.parametrize("name", ["effect", "scope", "grantees", "actions"])
def test_what_widens_a_provision_must_stand_there(name: str) -> None:
    """Nobody is permitted anything by a default."""
    with pytest.raises(InstrumentFileError) as caught:
        read(data(provisions=[{key: value for key, value in PERMIT.items() if key != name}]))
    assert name in str(caught.value.values["detail"])


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{", b'{"state": "XA", "state": "XB", "provisions": []}', b"\xff", data(events=[]), data(id=ID)],
)
def test_what_is_no_authorisation_is_refused(text: bytes) -> None:
    """Not JSON, a key twice, and what the exchange itself gives."""
    with pytest.raises(InstrumentFileError):
        read(text)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_only_this_error(text: bytes) -> None:
    """The parser never leaks another."""
    with pytest.raises(InstrumentFileError):
        read(text)


def test_replacing_and_limiting_stand_in_the_file_or_on_the_command_line() -> None:
    """Not in both; ids are checked."""
    body = read(data())
    assert related(body, [ID], [])["supersedes"] == [ID] and related(body, [], [ID])["amends"] == [ID]
    assert related(body, [], []) is body
    with pytest.raises(UsageError):
        related(read(data(supersedes=[ID])), [], [ID])
    with pytest.raises(UsageError):
        related(body, ["short"], [])
